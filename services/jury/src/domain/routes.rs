//! Other routes' lists (R15), as CSV text.

use thiserror::Error;

/// One person of another route's list. It is compared and forgotten: only matches are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct RouteLine {
    /// Line of the file, from 1; the header is line 1.
    pub line: u32,
    /// Family name as written.
    pub family_name: String,
    /// Given names as written.
    pub given_name: String,
}

impl std::fmt::Debug for RouteLine {
    /// Without the name: it would reach a log.
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "RouteLine({})", self.line)
    }
}

/// What is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CsvFault {
    /// Not UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// No header line.
    #[error("the file is empty")]
    Empty,
    /// A column is missing from the header.
    #[error("the header names no column {column:?}")]
    NoColumn {
        /// Which.
        column: &'static str,
    },
    /// A quote is never closed, or text follows a closing quote.
    #[error("line {line}: a quote is not closed, or text follows a closing quote")]
    Quote {
        /// Where.
        line: u32,
    },
    /// A line has not the header's number of fields.
    #[error("line {line} has {fields} fields, the header {expected}")]
    Fields {
        /// Where.
        line: u32,
        /// Found.
        fields: usize,
        /// Expected.
        expected: usize,
    },
    /// A name is missing.
    #[error("line {line} has no {column}")]
    NoName {
        /// Where.
        line: u32,
        /// Which.
        column: &'static str,
    },
    /// A name longer than any.
    #[error("line {line}: {column} has more than 100 characters")]
    LongName {
        /// Where.
        line: u32,
        /// Which.
        column: &'static str,
    },
    /// More lines than a list of candidates has.
    #[error("the file has more than {most} lines")]
    TooLong {
        /// How many are read.
        most: usize,
    },
}

/// The most lines one file may have: each is looked up.
pub const MOST_LINES: usize = 5000;
const FAMILY: &str = "family_name";
const GIVEN: &str = "given_name";

/// Reads the file: a header naming `family_name` and `given_name` in any order among other columns, fields separated
/// by `;` or `,` (whichever the header has more of), RFC 4180 quotes. A field holds no line break.
///
/// # Errors
/// Every fault of the file.
pub fn parse(bytes: &[u8]) -> Result<Vec<RouteLine>, Vec<CsvFault>> {
    let text = std::str::from_utf8(bytes).map_err(|_| vec![CsvFault::NotUtf8])?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = text.lines().zip(1_u32..).filter(|(row, _)| !row.trim().is_empty());
    let Some((header, _)) = rows.next() else { return Err(vec![CsvFault::Empty]) };
    let separator = if header.matches(';').count() >= header.matches(',').count() { ';' } else { ',' };
    let header = fields(header, separator).ok_or_else(|| vec![CsvFault::Quote { line: 1 }])?;
    let column = |name: &'static str| header.iter().position(|h| h.trim().eq_ignore_ascii_case(name));
    let (Some(family), Some(given)) = (column(FAMILY), column(GIVEN)) else {
        let missing = [FAMILY, GIVEN].into_iter().filter(|c| column(c).is_none());
        return Err(missing.map(|column| CsvFault::NoColumn { column }).collect());
    };
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    for (row, line) in rows {
        if lines.len() == MOST_LINES {
            faults.push(CsvFault::TooLong { most: MOST_LINES });
            break;
        }
        let Some(row) = fields(row, separator) else {
            faults.push(CsvFault::Quote { line });
            continue;
        };
        if row.len() != header.len() {
            faults.push(CsvFault::Fields { line, fields: row.len(), expected: header.len() });
            continue;
        }
        for (at, column) in [(family, FAMILY), (given, GIVEN)] {
            if row[at].trim().is_empty() {
                faults.push(CsvFault::NoName { line, column });
            } else if row[at].trim().chars().count() > 100 {
                faults.push(CsvFault::LongName { line, column });
            }
        }
        let name = |at: usize| row[at].trim().to_owned();
        lines.push(RouteLine { line, family_name: name(family), given_name: name(given) });
    }
    if faults.is_empty() { Ok(lines) } else { Err(faults) }
}

fn fields(row: &str, separator: char) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = row.chars().peekable();
    loop {
        let mut field = String::new();
        if rest.next_if_eq(&'"').is_some() {
            loop {
                match rest.next()? {
                    '"' if rest.next_if_eq(&'"').is_some() => field.push('"'),
                    '"' => break,
                    c => field.push(c),
                }
            }
            if rest.peek().is_some_and(|c| *c != separator) {
                return None;
            }
        } else {
            while let Some(c) = rest.next_if(|c| *c != separator) {
                field.push(c);
            }
        }
        fields.push(field);
        if rest.next().is_none() {
            return Some(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_list_with_quotes_and_other_columns_is_read() {
        let csv =
            "\u{feff}Given_Name;rank;family_name\r\nJean;1;Dupont\r\n\r\n\"Anne \"\"Lou\"\"; Marie\";2;Le Bras\r\n";
        let lines = parse(csv.as_bytes()).unwrap();
        let read: Vec<_> = lines.iter().map(|l| (l.line, l.family_name.as_str(), l.given_name.as_str())).collect();
        assert_eq!(read, [(2, "Dupont", "Jean"), (4, "Le Bras", "Anne \"Lou\"; Marie")]);
    }

    #[test]
    fn every_fault_is_named() {
        assert_eq!(parse(b"\xff"), Err(vec![CsvFault::NotUtf8]));
        assert_eq!(parse(b" \n"), Err(vec![CsvFault::Empty]));
        assert_eq!(
            parse(b"nom,prenom\n"),
            Err(vec![CsvFault::NoColumn { column: FAMILY }, CsvFault::NoColumn { column: GIVEN }])
        );
        let faults = parse(b"family_name,given_name\nA\n,B\n\"C,D\nE,F\n").unwrap_err();
        assert_eq!(
            faults,
            vec![
                CsvFault::Fields { line: 2, fields: 1, expected: 2 },
                CsvFault::NoName { line: 3, column: FAMILY },
                CsvFault::Quote { line: 4 },
            ]
        );
    }

    #[test]
    fn a_line_never_prints_its_name() {
        let line = RouteLine { line: 2, family_name: "Dupont".into(), given_name: "Jean".into() };
        assert_eq!(format!("{line:?}"), "RouteLine(2)");
    }

    proptest! {
        #[test]
        fn no_file_breaks_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(lines) = parse(&bytes) {
                prop_assert!(lines.len() <= 200);
            }
        }

        #[test]
        fn what_is_quoted_comes_back(name in "[^\r\n]{1,20}") {
            prop_assume!(!name.trim().is_empty());
            let csv = format!("family_name;given_name\n\"{}\";x\n", name.replace('"', "\"\""));
            let lines = parse(csv.as_bytes()).unwrap();
            prop_assert_eq!(&lines[0].family_name, name.trim());
        }
    }
}
