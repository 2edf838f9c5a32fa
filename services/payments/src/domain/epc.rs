//! The text of an EPC QR code (European Payments Council, EPC069-12, version 2): what a banking app scans to prepare a
//! SEPA credit transfer (R21).

use super::money::{Cents, MAX_AMOUNT};

/// Longest payload the guideline allows, in bytes.
pub const MAX_BYTES: usize = 331;
/// Longest unstructured remittance text, in characters.
pub const MAX_REMITTANCE: usize = 140;
/// Longest name of the beneficiary, in characters.
pub const MAX_NAME: usize = 70;

/// A transfer to prepare. Amounts are euro cents: the code exists for SEPA, in euros, only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer<'a> {
    /// BIC of the beneficiary's bank; may be empty in version 2.
    pub bic: &'a str,
    /// Holder of the account; cut at 70 characters.
    pub name: &'a str,
    /// IBAN; spaces are dropped.
    pub iban: &'a str,
    /// 0.01 to 999,999,999.99 EUR.
    pub amount: Cents,
    /// Unstructured remittance information, at most 140 characters.
    pub remittance: &'a str,
}

/// Why no code can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// The guideline allows 0.01 to 999999999.99.
    #[error("{0} EUR cannot be transferred")]
    Amount(Cents),
    /// Longer than the guideline allows.
    #[error("the remittance text has {given} characters, {MAX_REMITTANCE} at most are allowed")]
    Remittance {
        /// Its length in characters.
        given: usize,
    },
    /// A line break inside an element would start another element.
    #[error("`{0}` holds a line break")]
    LineBreak(&'static str),
    /// Longer than the guideline allows.
    #[error("the payload has {given} bytes, {MAX_BYTES} at most are allowed")]
    TooLong {
        /// Its length in bytes.
        given: usize,
    },
}

/// The payload, elements separated by line feeds, trailing empty elements left out.
///
/// # Errors
/// [`NoCode`] names what the guideline does not allow.
pub fn payload(transfer: &Transfer<'_>) -> Result<String, NoCode> {
    if transfer.amount <= Cents::ZERO || transfer.amount.get() > MAX_AMOUNT {
        return Err(NoCode::Amount(transfer.amount));
    }
    let given = transfer.remittance.chars().count();
    if given > MAX_REMITTANCE {
        return Err(NoCode::Remittance { given });
    }
    for (what, text) in
        [("bic", transfer.bic), ("name", transfer.name), ("iban", transfer.iban), ("remittance", transfer.remittance)]
    {
        if text.contains(['\n', '\r']) {
            return Err(NoCode::LineBreak(what));
        }
    }
    let name: String = transfer.name.chars().take(MAX_NAME).collect();
    let iban: String = transfer.iban.split_whitespace().collect();
    let amount = format!("EUR{}", transfer.amount);
    // Service tag, version, character set (1: UTF-8), identification, …, purpose, structured reference, text.
    let elements =
        ["BCD", "002", "1", "SCT", transfer.bic, name.trim_end(), &iban, &amount, "", "", transfer.remittance];
    let payload = elements.join("\n");
    let payload = payload.trim_end_matches('\n');
    if payload.len() > MAX_BYTES {
        return Err(NoCode::TooLong { given: payload.len() });
    }
    Ok(payload.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    const FEE: Transfer<'_> = Transfer {
        bic: "TRPUFRP1",
        name: "Agence comptable",
        iban: "FR76 1007 1590 0000 0010 2433 444",
        amount: Cents::new(7600),
        remittance: "ADM-000001-2",
    };

    #[test]
    fn the_payload_is_the_guidelines() {
        assert_eq!(
            payload(&FEE).unwrap(),
            "BCD\n002\n1\nSCT\nTRPUFRP1\nAgence comptable\nFR7610071590000000102433444\nEUR76.00\n\n\nADM-000001-2"
        );
        let bare = payload(&Transfer { bic: "", remittance: "", amount: Cents::new(1), ..FEE }).unwrap();
        assert!(bare.ends_with("\nEUR0.01"), "{bare}");
    }

    #[test]
    fn what_the_guideline_forbids_is_refused() {
        assert_eq!(payload(&Transfer { amount: Cents::ZERO, ..FEE }), Err(NoCode::Amount(Cents::ZERO)));
        let long = "x".repeat(141);
        assert_eq!(payload(&Transfer { remittance: &long, ..FEE }), Err(NoCode::Remittance { given: 141 }));
        assert_eq!(payload(&Transfer { remittance: "a\nEUR1.00", ..FEE }), Err(NoCode::LineBreak("remittance")));
        let wide = "€".repeat(140);
        assert!(matches!(payload(&Transfer { remittance: &wide, ..FEE }), Err(NoCode::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn a_payload_always_fits_and_keeps_its_places(name in any::<String>(), remittance in any::<String>(), cents: i64) {
            let transfer = Transfer { name: &name, remittance: &remittance, amount: Cents::new(cents), ..FEE };
            if let Ok(payload) = payload(&transfer) {
                prop_assert!(payload.len() <= MAX_BYTES);
                let elements: Vec<_> = payload.split('\n').collect();
                prop_assert_eq!(elements[6], "FR7610071590000000102433444");
                prop_assert_eq!(elements[7], format!("EUR{}", Cents::new(cents)));
            }
        }
    }
}
