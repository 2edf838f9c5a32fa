//! Lists as files: CSV for any program, XLSX for a spreadsheet, and no cell that a spreadsheet would run.
//!
//! Names, remittance texts and reasons are typed by strangers. A text that a spreadsheet could take for a formula gets an
//! apostrophe in front, in both formats: a workbook's text cells are harmless until somebody saves them as CSV.

use axum::response::{IntoResponse as _, Response};
use contracts::Timestamp as WireInstant;
use http::{HeaderValue, header};
use jiff::Timestamp;
use maud::{Markup, html};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::{
    i18n::Lang,
    web::{Fault, Form, Page, Visit},
};

/// Most rows of one file. A list that has more is refused rather than cut off unseen.
pub const MOST_ROWS: usize = 100_000;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, wherever it comes from: made harmless on the way out.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Cents of the session's currency, shown as units with two decimals.
    Cents(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        // Beyond what a spreadsheet counts exactly it is a text.
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string()), Self::Number)
    }
}

/// A list on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Name of the file without its ending; ASCII, and nothing personal.
    pub name: String,
    /// Headings.
    pub columns: Vec<String>,
    /// Rows, each as wide as the headings.
    pub rows: Vec<Vec<Value>>,
}

/// An instant as spreadsheets sort it, in the session's zone: `2026-03-20 23:00:00`; nothing for none.
#[must_use]
pub fn instant(visit: &Visit, at: impl Into<Option<WireInstant>>) -> Value {
    let at = at.into().and_then(|at| Timestamp::try_from(at).ok());
    at.map(|at| at.to_zoned(visit.app.session.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
        .into()
}

/// Links to the files that stand beside a page: `{path}.csv` and `{path}.xlsx`.
#[must_use]
pub fn links(visit: &Visit, path: &str) -> Markup {
    links_of(visit, path, &Form::default())
}

/// The same for what the page shows under `filters`.
#[must_use]
pub fn links_of(visit: &Visit, path: &str, filters: &Form) -> Markup {
    let t = visit.t;
    let query = if filters.is_empty() { String::new() } else { format!("?{}", filters.encoded()) };
    html! {
        p class="exports" {
            (t.get("exports-label")) " "
            a href={ (path) ".csv" (query) } download { (t.get("exports-csv")) } " · "
            a href={ (path) ".xlsx" (query) } download { (t.get("exports-xlsx")) }
        }
    }
}

/// Everything of a list that is answered page by page. `ask` gets a page's token and answers its rows and the next token,
/// empty after the last.
///
/// # Errors
/// What `ask` answers, and [`Fault::TooLarge`] beyond [`MOST_ROWS`].
pub async fn all<T, F>(mut ask: impl FnMut(String) -> F) -> Result<Vec<T>, Fault>
where
    F: Future<Output = Result<(Vec<T>, String), Fault>>,
{
    let (mut rows, mut token) = (Vec::new(), String::new());
    loop {
        let (page, next) = ask(token).await?;
        rows.extend(page);
        if rows.len() > MOST_ROWS {
            return Err(Fault::TooLarge);
        }
        if next.is_empty() {
            return Ok(rows);
        }
        token = next;
    }
}

/// Answers with the file that the address asks for by its ending.
///
/// # Errors
/// The file could not be made.
pub async fn answer(visit: &Visit, export: Export) -> Page {
    if export.rows.len() > MOST_ROWS {
        return Err(Fault::TooLarge);
    }
    let xlsx = visit.path.ends_with(".xlsx");
    let (ending, kind) = if xlsx {
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    } else {
        ("csv", "text/csv; charset=utf-8")
    };
    let disposition = format!("attachment; filename=\"{}.{ending}\"", export.name);
    let lang = visit.t.lang();
    // A workbook of a whole school takes a moment of one core: not on the thread that answers everyone.
    let made = tokio::task::spawn_blocking(move || {
        if xlsx { workbook(&export).map_err(Fault::internal) } else { text(&export, lang).map_err(Fault::internal) }
    });
    let bytes = made.await.map_err(Fault::internal)??;
    let mut response: Response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(Fault::internal)?);
    Ok(response)
}

/// A text that no spreadsheet runs: CSV has no types, and programs guess a formula from the first character (OWASP's
/// list, with the full-width forms that some of them fold).
fn harmless(text: &str) -> String {
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.trim_start_matches(' ').starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn units(cents: i64, point: char) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}{point}{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

/// CSV (RFC 4180), UTF-8 with a byte order mark, every text quoted. French spreadsheets part cells by `;` and decimals by
/// a comma.
fn text(export: &Export, lang: Lang) -> Result<Vec<u8>, csv::Error> {
    let (delimiter, point) = if lang == Lang::Fr { (b';', ',') } else { (b',', '.') };
    let mut out = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    out.write_record(export.columns.iter().map(|c| harmless(c)))?;
    for row in &export.rows {
        out.write_record(row.iter().map(|value| match value {
            Value::Text(text) => harmless(text),
            Value::Number(number) => number.to_string(),
            Value::Cents(cents) => units(*cents, point),
        }))?;
    }
    out.into_inner().map_err(|e| e.into_error().into())
}

fn workbook(export: &Export) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let (heading, money) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    let sheet = workbook.add_worksheet();
    for (column, title) in (0u16..).zip(&export.columns) {
        sheet.write_string_with_format(0, column, harmless(title), &heading)?;
    }
    for (line, row) in (1u32..).zip(&export.rows) {
        for (column, value) in (0u16..).zip(row) {
            match value {
                Value::Text(text) => sheet.write_string(line, column, harmless(text))?,
                // Exact up to 2^53: numbers of dossiers, ranks and amounts of one session are far below.
                #[expect(clippy::cast_precision_loss, reason = "a workbook knows no other numbers")]
                Value::Number(number) => sheet.write_number(line, column, *number as f64)?,
                #[expect(clippy::cast_precision_loss, reason = "the same; the workbook shows two decimals")]
                Value::Cents(cents) => sheet.write_number_with_format(line, column, *cents as f64 / 100.0, &money)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn sample() -> Export {
        Export {
            name: "liste".into(),
            columns: vec!["Nom".into(), "Numéro".into(), "Montant".into()],
            rows: vec![
                vec!["=HYPERLINK(\"http://x\")".into(), 7u32.into(), Value::Cents(-7605)],
                vec!["Ngo \"Bé\"; a,\nb".into(), 8u64.into(), Value::Cents(7600)],
            ],
        }
    }

    #[test]
    fn no_text_is_taken_for_a_formula() {
        for text in ["=1+1", "+33 6", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1", "＋1", "＠x"] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "Dupont", "a=b", "É", "1-2", "'=1"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn csv_has_a_mark_a_heading_and_every_row_in_the_habits_of_its_language() {
        let french = text(&sample(), Lang::Fr).unwrap();
        let english = String::from_utf8(text(&sample(), Lang::En).unwrap()).unwrap();
        let rest = french.strip_prefix(b"\xef\xbb\xbf").expect("a byte order mark");
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(rest);
        assert_eq!(reader.headers().unwrap(), vec!["Nom", "Numéro", "Montant"]);
        let rows: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
        assert_eq!(rows, [["'=HYPERLINK(\"http://x\")", "7", "-76,05"], ["Ngo \"Bé\"; a,\nb", "8", "76,00"]]);
        assert!(english.contains("\"8\",\"76.00\"\r\n"), "{english}");
    }

    /// The cells of the one sheet, as they stand in the file.
    fn cells(bytes: Vec<u8>) -> (String, String) {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut read = |name: &str| {
            let mut text = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        (read("xl/worksheets/sheet1.xml"), read("xl/sharedStrings.xml"))
    }

    #[test]
    fn a_workbook_holds_texts_as_texts_and_numbers_as_numbers() {
        let (sheet, strings) = cells(workbook(&sample()).unwrap());
        assert!(!sheet.contains("<f>"), "no formula: {sheet}");
        assert!(strings.contains("<t>'=HYPERLINK(\"http://x\")</t>"), "{strings}");
        assert!(sheet.contains("<v>7</v>") && sheet.contains("<v>-76.05</v>"), "{sheet}");
        assert!(strings.contains("<t>Montant</t>"));
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_last_page_and_never_cut_off() {
        let pages = all(|token| async move {
            let next = match token.as_str() {
                "" => "b",
                "b" => "c",
                _ => "",
            };
            Ok((vec![token], next.to_owned()))
        });
        assert_eq!(pages.await.unwrap(), ["", "b", "c"]);
        let endless = all(|_| async { Ok((vec![0u8; 40_000], "again".to_owned())) });
        assert!(matches!(endless.await, Err(Fault::TooLarge)));
    }
}
