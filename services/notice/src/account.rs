//! Shapes of bank identifiers.

/// Removes the spaces people write in an IBAN and checks it: two letters, two check digits, 11 to 30 more characters,
/// and the checksum of ISO 13616 (modulo 97 is 1).
pub(crate) fn iban(text: &str) -> Result<String, String> {
    let compact: String = text.chars().filter(|c| *c != ' ').collect();
    let bytes = compact.as_bytes();
    let shaped = (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !shaped {
        return Err(format!("`{text}` is not an IBAN: two letters, two digits, then 11 to 30 letters and digits"));
    }
    let remainder = bytes[4..].iter().chain(&bytes[..4]).fold(0_u32, |acc, b| match b {
        b'0'..=b'9' => (acc * 10 + u32::from(b - b'0')) % 97,
        _ => (acc * 100 + u32::from(b - b'A') + 10) % 97,
    });
    if remainder == 1 {
        Ok(compact)
    } else {
        Err(format!("the IBAN `{text}` has a wrong checksum: it leaves {remainder} modulo 97 instead of 1"))
    }
}

/// Checks the shape of a BIC (ISO 9362): four letters, a country, a place, and a branch or none.
pub(crate) fn bic(text: &str) -> Result<String, String> {
    let bytes = text.as_bytes();
    let shaped = matches!(bytes.len(), 8 | 11)
        && bytes[..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if shaped {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is not a BIC: six letters, then 2 or 5 characters"))
    }
}
