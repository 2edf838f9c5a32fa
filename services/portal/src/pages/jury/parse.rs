//! Lists from a spreadsheet, as a file or pasted: marks and merit, by dossier number.

use contracts::jury::{MarkRow, Merit};

/// A line that says nothing we can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// From 1.
    pub line: u64,
    /// Key of the text that says what is wrong.
    pub why: &'static str,
    /// What stood there.
    pub given: String,
}

/// What was read, each with its line, and what was not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Read<T> {
    pub rows: Vec<(u64, T)>,
    pub unread: Vec<Unread>,
}

/// A file as text. Spreadsheets write a byte-order mark; what is no UTF-8 keeps its digits.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

/// A mark as people write it: decimal comma or point; "abs" for an absence.
pub fn mark(given: &str) -> (String, bool) {
    let given = given.trim();
    let absent = ["abs", "abs.", "absent", "absente", "absence"].iter().any(|word| given.eq_ignore_ascii_case(word));
    if absent { (String::new(), true) } else { (given.replace(',', "."), false) }
}

/// Fields of every line that holds something. Pasted cells are separated by tabs, files by semicolons or commas.
fn lines(text: &str) -> Vec<(u64, Vec<String>)> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = [b'\t', b';'].into_iter().find(|d| first.as_bytes().contains(d)).unwrap_or(b',');
    // Line by line, so that a fault is told by the line it stands on; no number holds a line break.
    let fields = |line: &str| {
        let mut reader = csv::ReaderBuilder::new();
        let mut reader =
            reader.delimiter(delimiter).has_headers(false).trim(csv::Trim::All).from_reader(line.as_bytes());
        let record = reader.records().next()?.ok()?;
        Some(record.iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let read = (1..).zip(text.lines()).filter_map(|(number, line)| Some((number, fields(line)?)));
    read.filter(|(_, fields)| fields.iter().any(|f| !f.is_empty())).collect()
}

/// Whether a cell holds a mark rather than a word.
fn is_mark(given: &str) -> bool {
    let (mark, absent) = mark(given);
    absent || mark.parse::<f64>().is_ok()
}

/// The number of a line; `None` for a heading, which only the first line can be, and only if it holds no mark.
fn number(place: usize, line: u64, fields: &[String]) -> Result<Option<u64>, Unread> {
    let given = fields.first().map(String::as_str).unwrap_or_default();
    match given.parse::<u64>() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ if place == 0 && !fields.iter().skip(1).any(|field| is_mark(field)) => Ok(None),
        _ => Err(Unread { line, why: "parse-not-a-number", given: given.to_owned() }),
    }
}

/// `number;mark of the first exam;mark of the second…;name`, in the order of `exams`. An empty cell says nothing; the
/// name is for whoever fills the sheet in.
pub fn marks(text: &str, exams: &[&str], correction_reason: &str) -> Read<MarkRow> {
    let mut read = Read { rows: Vec::new(), unread: Vec::new() };
    for (place, (line, fields)) in lines(text).into_iter().enumerate() {
        let number = match number(place, line, &fields) {
            Ok(Some(number)) => number,
            Ok(None) => continue,
            Err(unread) => {
                read.unread.push(unread);
                continue;
            }
        };
        // A name that is a mark is none: most likely a decimal comma that parted a cell in two.
        let name = fields.get(exams.len() + 1).filter(|name| is_mark(name));
        let extra = fields.get(exams.len() + 2..).and_then(|rest| rest.iter().find(|f| !f.is_empty()));
        if let Some(extra) = extra.or(name) {
            read.unread.push(Unread { line, why: "parse-too-many-columns", given: extra.clone() });
            continue;
        }
        for (exam, given) in exams.iter().zip(&fields[1..]).filter(|(_, given)| !given.is_empty()) {
            let (mark, absent) = mark(given);
            let correction_reason = correction_reason.to_owned();
            let row = MarkRow { number, exam: (*exam).into(), mark, absent, correction_reason, ..MarkRow::default() };
            read.rows.push((line, row));
        }
    }
    read
}

/// `number;score;tie_break`; the last may be left out.
pub fn merit(text: &str) -> Read<Merit> {
    let mut read = Read { rows: Vec::new(), unread: Vec::new() };
    for (place, (line, fields)) in lines(text).into_iter().enumerate() {
        let number = match number(place, line, &fields) {
            Ok(Some(number)) => number,
            Ok(None) => continue,
            Err(unread) => {
                read.unread.push(unread);
                continue;
            }
        };
        if let Some(extra) = fields.iter().skip(3).find(|f| !f.is_empty()) {
            read.unread.push(Unread { line, why: "parse-too-many-columns", given: extra.clone() });
            continue;
        }
        let broken = fields.get(2).map(String::as_str).unwrap_or_default();
        let tie_break = match broken {
            "" => Some(0),
            given => given.parse().ok().filter(|n: &u32| *n > 0),
        };
        match tie_break {
            None => read.unread.push(Unread { line, why: "parse-not-a-tie-break", given: broken.to_owned() }),
            Some(tie_break) => {
                let score = fields.get(1).map(|s| s.replace(',', ".")).unwrap_or_default();
                read.rows.push((line, Merit { number, score, tie_break, ..Merit::default() }));
            }
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_from_a_spreadsheet() {
        let given = "numéro;entretien;anglais\n12;14,5;ABS\n\n7;;8\nx;1;2\n9;1;2;Durand;3\n";
        let read = marks(given, &["interview", "english"], "");
        let shown: Vec<_> =
            read.rows.iter().map(|(line, r)| (*line, r.number, r.exam.as_str(), r.mark.as_str(), r.absent)).collect();
        assert_eq!(
            shown,
            [(2, 12, "interview", "14.5", false), (2, 12, "english", "", true), (4, 7, "english", "8", false)]
        );
        let unread: Vec<_> = read.unread.iter().map(|u| (u.line, u.why, u.given.as_str())).collect();
        assert_eq!(unread, [(5, "parse-not-a-number", "x"), (6, "parse-too-many-columns", "3")]);
    }

    #[test]
    fn no_line_of_marks_passes_for_a_heading_and_no_half_of_a_mark_for_a_name() {
        let unread = |read: Vec<Unread>| read.into_iter().map(|u| (u.line, u.why, u.given)).collect::<Vec<_>>();
        let exams = ["interview", "english"];
        let first = marks("O12;14;15\n13;10;11", &exams, "");
        assert_eq!(unread(first.unread), [(1, "parse-not-a-number", "O12".to_owned())]);
        assert_eq!(first.rows.len(), 2);
        let parted = marks("12,14,5,13", &exams, "");
        assert_eq!(unread(parted.unread), [(1, "parse-too-many-columns", "13".to_owned())]);
        assert!(parted.rows.is_empty());
        let surplus = merit("#12;15,25\n13;14,75;;extra");
        let told = [(1, "parse-not-a-number", "#12".to_owned()), (2, "parse-too-many-columns", "extra".to_owned())];
        assert_eq!(unread(surplus.unread), told);
        assert!(surplus.rows.is_empty());
    }

    #[test]
    fn merit_is_read_with_its_tie_breaks() {
        let read = merit("12\t15,25\t\n7\t15,25\t2\n8\t1\tx");
        let shown: Vec<_> = read.rows.iter().map(|(_, m)| (m.number, m.score.as_str(), m.tie_break)).collect();
        assert_eq!(shown, [(12, "15.25", 0), (7, "15.25", 2)]);
        assert_eq!(read.unread, [Unread { line: 3, why: "parse-not-a-tie-break", given: "x".into() }]);
        assert_eq!(merit("12,15.25,1").rows[0].1.score, "15.25");
        assert_eq!(text(b"\xef\xbb\xbf1;2\r\n"), "1;2\n");
    }
}
