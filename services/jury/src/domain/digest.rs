//! What two people sign, as one SHA-256 in hex: what was prepared is what is confirmed.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{candidature::Candidature, ranking::Table};

/// SHA-256, hex, of parts joined so that no two lists of parts look alike.
#[must_use]
pub fn of<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// SHA-256 of a file, hex.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Digest of the decisions about to be signed, whatever order they come in.
#[must_use]
pub fn of_decisions<'a>(candidatures: impl IntoIterator<Item = &'a Candidature>) -> String {
    let mut lines: Vec<String> = candidatures
        .into_iter()
        .map(|c| {
            let (admissible, reason) = match c.decision.verdict() {
                None => ("undecided", ""),
                Some(v) => (if v.admissible { "admissible" } else { "rejected" }, v.reason.as_str()),
            };
            let found: Vec<String> = c
                .schools
                .iter()
                .filter_map(|a| {
                    a.determination.as_ref().map(|d| format!("{}={} {:?}", a.school, d.recevable, d.reason))
                })
                .collect();
            format!("{} {admissible} {reason:?} {} {}", c.dossier, c.recevable_schools().join(","), found.join(","))
        })
        .collect();
    lines.sort_unstable();
    of(lines.iter().map(String::as_str))
}

/// Digest of a sign-off's tables, as `AdmissionSigned.digest` carries it. One line per table in the order of
/// `AdmissionSigned.cells`: `<school>/<filiere>:<dossier>,<dossier>…\n`, dossiers as lowercase hyphenated UUIDs; SHA-256 of
/// those UTF-8 lines, hex.
#[must_use]
pub fn of_tables(tables: &[Table]) -> String {
    let mut hash = Sha256::new();
    for table in tables {
        let ids: Vec<String> = table.ranking().iter().map(Uuid::to_string).collect();
        hash.update(format!("{}:{}\n", table.cell(), ids.join(",")).as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::{admitted, id};

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(of(["ab", "c"]), of(["a", "bc"]));
        assert_ne!(of(["a"]), of(["a", ""]));
    }

    #[test]
    fn decisions_have_one_digest_in_any_order_and_another_when_one_changes() {
        let (a, b) = (admitted(1), admitted(2));
        assert_eq!(of_decisions([&a, &b]), of_decisions([&b, &a]));
        let mut c = b.clone();
        c.decision =
            crate::domain::Decision::Draft(crate::domain::Verdict { admissible: false, reason: String::new() });
        assert_ne!(of_decisions([&a, &b]), of_decisions([&a, &c]));
        assert_ne!(b.dossier, id(1));
    }
}
