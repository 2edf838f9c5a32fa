//! Receipts, convocations and minutes as PDF that everyone can read: tagged (PDF/UA-1), in French or English, with the
//! fonts inside.
//!
//! A pure library. It reads no file and no clock: an instant comes with its zone ([`jiff::Zoned`]), and the same input
//! gives the same bytes. What people typed reaches the templates as data and is never read as markup.

mod answer;
mod convocation;
mod drawable;
mod minutes;
mod moment;
mod parts;
mod qr;
mod receipt;
mod world;

use std::fmt;
use std::sync::Arc;

use jiff::Zoned;
use serde::Serialize;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::{World, WorldExt};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

pub use answer::{Actor, Answer, AnswerReceipt};
pub use convocation::{Contact, Convocation, Exam, Venue};
pub use minutes::{
    Act, Annulment, Correction, Decided, Decision, Determination, Minutes, Named, Outcome, Publication, SeatTransfer,
    SignOff, Signatory, Supernumerary, Table,
};
pub use parts::{Candidate, Seal};
pub use receipt::{Piece, Receipt};

use drawable::Drawable;
use world::Press;

/// The language of a document: its words, its dates, and what a screen reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Language {
    /// As spoken in France.
    #[serde(rename = "fr")]
    French,
    /// As spoken in Great Britain.
    #[serde(rename = "en")]
    English,
}

impl Language {
    fn code(self) -> &'static str {
        match self {
            Language::French => "fr",
            Language::English => "en",
        }
    }
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The document would say nothing: what is named must hold at least one entry.
    #[error("a document needs at least one of: {0}")]
    Empty(&'static str),
    /// The address to verify at is too long for a QR code.
    #[error("the address of verification has {bytes} bytes: too long for a QR code")]
    AddressTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The instant a document is dated by is outside what a PDF can hold.
    #[error("a PDF cannot be dated {0}")]
    Date(jiff::civil::DateTime),
    /// The data could not be handed to the template.
    #[error("the data cannot be handed to the template")]
    Data(#[from] serde_json::Error),
    /// The template failed on this data, or the result would not be an accessible PDF: a mistake of ours.
    #[error("typesetting failed at {}", places(.0))]
    Typesetting(Vec<Fault>),
}

/// One fault found in typesetting.
pub struct Fault {
    /// Template and line.
    pub place: String,
    /// What is wrong. May quote what people typed: not for logs, and so not in `Debug`.
    pub message: String,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault").field("place", &self.place).finish_non_exhaustive()
    }
}

fn places(faults: &[Fault]) -> String {
    faults.iter().map(|fault| fault.place.as_str()).collect::<Vec<_>>().join(", ")
}

/// Makes the documents. Cheap to clone and to share between threads.
///
/// Typesetting is CPU work, tens of milliseconds a page: call it where blocking is allowed (`spawn_blocking`).
#[derive(Clone)]
pub struct Documents(Arc<Press>, Arc<Drawable>);

impl Default for Documents {
    fn default() -> Self {
        Self::new()
    }
}

impl Documents {
    /// Reads fonts and templates, once.
    pub fn new() -> Self {
        let press = Press::new();
        let drawable = Drawable::new(&press.book, press.fonts.len());
        Self(Arc::new(press), Arc::new(drawable))
    }

    /// The receipt of a clôture (R12), for the candidate: it names the order of schools.
    pub fn receipt(&self, receipt: &Receipt, language: Language) -> Result<Vec<u8>, DocumentError> {
        let page = Page {
            template: "receipt.typ",
            language,
            about: format!("{}/{}", receipt.session, receipt.candidate.number),
            at: &receipt.closed_at,
            verify_at: Some(&receipt.seal.verify_at),
        };
        self.set(page, receipt)
    }

    /// The convocation to the orals (R25).
    pub fn convocation(&self, convocation: &Convocation, language: Language) -> Result<Vec<u8>, DocumentError> {
        if convocation.exams.is_empty() {
            return Err(DocumentError::Empty("exams"));
        }
        let page = Page {
            template: "convocation.typ",
            language,
            about: format!("{}/{}", convocation.session, convocation.candidate.number),
            at: &convocation.issued_at,
            verify_at: None,
        };
        self.set(page, &convocation.page())
    }

    /// The jury's procès-verbal (R18, R27). Under embargo until the results are published (R19).
    pub fn minutes(&self, minutes: &Minutes, language: Language) -> Result<Vec<u8>, DocumentError> {
        let signed = minutes.signed()?;
        let page = Page {
            template: "minutes.typ",
            language,
            about: format!("{}/{}", minutes.session, signed.digest),
            at: minutes.latest(signed),
            verify_at: None,
        };
        self.set(page, minutes)
    }

    /// The receipt of an answer in an integration period (R30).
    pub fn answer_receipt(&self, receipt: &AnswerReceipt, language: Language) -> Result<Vec<u8>, DocumentError> {
        let page = Page {
            template: "answer.typ",
            language,
            about: format!("{}/{}", receipt.session, receipt.candidate.number),
            at: &receipt.received_at,
            verify_at: receipt.seal.as_ref().map(|seal| seal.verify_at.as_str()),
        };
        self.set(page, receipt)
    }

    fn set(&self, page: Page<'_>, data: &impl Serialize) -> Result<Vec<u8>, DocumentError> {
        let mut data = serde_json::to_value(data)?;
        let escaped = self.1.make(&mut data);
        let envelope = Envelope { language: page.language, escaped, qr: page.verify_at.is_some(), data };
        let mut files = vec![("data.json", serde_json::to_vec(&envelope)?)];
        if let Some(address) = page.verify_at {
            files.push(("qr.svg", qr::svg(address)?));
        }
        let options = page.options()?;
        let Some(sheet) = self.0.sheet(page.template, files) else {
            return Err(DocumentError::Typesetting(vec![Fault {
                place: page.template.to_owned(),
                message: String::new(),
            }]));
        };
        let compiled = typst::compile(&sheet);
        let pdf = compiled.output.and_then(|document| typst_pdf::pdf(&document, &options));
        // Typst remembers what it computed, for editors. We keep nothing of a person.
        typst::comemo::evict(0);
        let faults = |found: &[SourceDiagnostic]| found.iter().map(|fault| explain(&sheet, fault)).collect::<Vec<_>>();
        debug_assert!(compiled.warnings.is_empty(), "{}", places(&faults(&compiled.warnings)));
        pdf.map_err(|errors| DocumentError::Typesetting(faults(&errors)))
    }
}

fn explain(sheet: &world::Sheet<'_>, fault: &SourceDiagnostic) -> Fault {
    let place = fault.span.id().and_then(|id| {
        let source = sheet.source(id).ok()?;
        let line = source.lines().byte_to_line(sheet.range(fault.span)?.start)?;
        Some(format!("{}:{}", id.vpath().get_without_slash(), line + 1))
    });
    Fault { place: place.unwrap_or_else(|| "export".to_owned()), message: fault.message.to_string() }
}

/// What is around a document's data.
struct Page<'a> {
    template: &'static str,
    language: Language,
    /// What the document is about; with template, instant and language, its lasting identity.
    about: String,
    /// What the document is dated by.
    at: &'a Zoned,
    /// What its QR code holds.
    verify_at: Option<&'a str>,
}

impl Page<'_> {
    fn options(&self) -> Result<PdfOptions, DocumentError> {
        let at = self.at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        let field = |field: i8| u8::try_from(field).ok();
        let date = || {
            let (month, day) = (field(at.month())?, field(at.day())?);
            Datetime::from_ymd_hms(
                at.year().into(),
                month,
                day,
                field(at.hour())?,
                field(at.minute())?,
                field(at.second())?,
            )
        };
        let standards = PdfStandards::new(&[PdfStandard::Ua_1]).unwrap_or_default();
        Ok(PdfOptions {
            ident: Smart::Custom(format!("{} {} {} {}", self.template, self.about, self.at, self.language.code())),
            creator: Smart::Custom(Some("Admis".to_owned())),
            timestamp: Some(Timestamp::new_utc(date().ok_or(DocumentError::Date(at))?)),
            page_ranges: None,
            standards,
            tagged: true,
            pretty: false,
        })
    }
}

/// What a template reads as `data.json`.
#[derive(Serialize)]
struct Envelope {
    language: Language,
    /// Some character is written as its code point.
    escaped: bool,
    /// There is a `qr.svg`.
    qr: bool,
    data: serde_json::Value,
}
