//! One piece that is asked for: what it may be, what was deposited, how to deposit it.

use contracts::intake::{self as api, PieceVerdict, Purpose};
use maud::{Markup, html};
use notice::{Format, Piece};

use crate::{
    i18n::Tr,
    ui::{self, Field, Tone},
    web::Visit,
};

/// Where a deposit comes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// The page of pieces.
    Pieces,
    /// The page of the fiche.
    Fiche,
    /// The page of the fee.
    Fee,
}

impl Back {
    /// Its name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pieces => "pieces",
            Self::Fiche => "fiche",
            Self::Fee => "frais",
        }
    }

    /// By its name; the pieces for any other.
    pub fn of(name: &str) -> Self {
        [Self::Fiche, Self::Fee].into_iter().find(|b| b.name() == name).unwrap_or(Self::Pieces)
    }

    /// The page.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Pieces => "/candidat/dossier/pieces",
            Self::Fiche => "/candidat/dossier/fiche",
            Self::Fee => "/candidat/dossier/frais",
        }
    }
}

/// What is asked for.
pub struct Slot<'a> {
    /// The piece of the session file.
    pub piece: &'a Piece,
    /// For what a file is deposited now; `None` when none can be.
    pub purpose: Option<Purpose>,
    /// The correction it answers.
    pub correction: &'a str,
    /// Where to come back to.
    pub back: Back,
}

/// The heading, what may be deposited, what was, and the form for more.
pub fn show(visit: &Visit, slot: &Slot<'_>, pieces: &[api::Piece], note: Markup) -> Markup {
    let t = visit.t;
    let deposited: Vec<&api::Piece> = pieces.iter().filter(|p| p.piece == slot.piece.id).collect();
    html! {
        section class="card" {
            h2 { (t.label(&slot.piece.label)) }
            (note)
            @if deposited.is_empty() { p class="empty" { (t.get("piece-none")) } } @else {
                ul class="files" { @for p in deposited { li { (file(visit, slot, p)) } } }
            }
            @if let Some(purpose) = slot.purpose { (deposit(visit, slot, purpose)) }
        }
    }
}

fn file(visit: &Visit, slot: &Slot<'_>, piece: &api::Piece) -> Markup {
    let t = visit.t;
    let said = [("size", t.size(piece.size).into()), ("at", visit.instant(piece.deposited_at).into())];
    html! {
        a href={ "/candidat/dossier/piece/" (piece.piece_id) } { (piece.name) } " "
        span class="hint" { (t.with("piece-deposited", said)) } " "
        @match piece.verdict() {
            PieceVerdict::Ok => (ui::badge(Tone::Good, &t.get("piece-ok"))),
            PieceVerdict::Unreadable => (ui::badge(Tone::Bad, &t.get("piece-unreadable"))),
            PieceVerdict::Unspecified => {}
        }
        @if slot.purpose == Some(Purpose::Piece) {
            a href={ "/candidat/dossier/pieces/retirer?piece=" (piece.piece_id) "&retour=" (slot.back.name()) }
                aria-label=(t.with("piece-remove-name", [("name", piece.name.as_str().into())])) { (t.get("piece-remove")) }
        }
    }
}

/// The form: a plain one, which `upload.js` turns into an upload in chunks that survives a cut.
fn deposit(visit: &Visit, slot: &Slot<'_>, purpose: Purpose) -> Markup {
    let t = visit.t;
    let piece = slot.piece;
    let accept: Vec<&str> = piece.formats.iter().map(|f| extensions(*f)).collect();
    let id = if slot.correction.is_empty() {
        format!("fichier-{}", piece.id)
    } else {
        format!("fichier-{}", slot.correction)
    };
    let hint = t
        .with("piece-hint", [("formats", formats(t, &piece.formats).into()), ("size", t.size(piece.max_bytes).into())]);
    let words = serde_json::json!({
        "reading": t.get("upload-reading"), "sending": t.get("upload-sending"), "cut": t.get("upload-cut"),
        "failed": t.get("upload-failed"), "large": t.with("upload-large", [("size", t.size(piece.max_bytes).into())]),
    });
    html! {
        form method="post" action="/candidat/dossier/pieces" enctype="multipart/form-data"
            data-upload="/candidat/dossier/envoi" data-most=(piece.max_bytes) data-words=(words) data-back=(slot.back.path()) {
            (ui::hidden("jeton", &visit.form_token))
            (ui::hidden("piece", &piece.id))
            (ui::hidden("but", but(purpose)))
            (ui::hidden("correction", slot.correction))
            (ui::hidden("retour", slot.back.name()))
            (ui::file(visit, &Field { name: &id, label: &t.get("piece-file"), hint: &hint, ..Field::default() }, &accept.join(",")))
            div class="actions" { (ui::button(&t.get("piece-send"))) }
        }
    }
}

/// A purpose in a form.
pub const fn but(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Late => "suite",
        Purpose::Correction => "correction",
        _ => "dossier",
    }
}

/// The purpose that a form names.
pub fn purpose(but: &str) -> Purpose {
    match but {
        "suite" => Purpose::Late,
        "correction" => Purpose::Correction,
        _ => Purpose::Piece,
    }
}

const fn extensions(format: Format) -> &'static str {
    match format {
        Format::Pdf => ".pdf,application/pdf",
        Format::Jpeg => ".jpg,.jpeg,image/jpeg",
        Format::Png => ".png,image/png",
    }
}

/// "PDF, JPEG ou PNG".
fn formats(t: Tr, formats: &[Format]) -> String {
    let names: Vec<&str> = formats
        .iter()
        .map(|f| match f {
            Format::Pdf => "PDF",
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
        })
        .collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {} {last}", rest.join(", "), t.get("missing-or")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn what_a_form_says_of_itself_comes_back() {
        for p in [Purpose::Piece, Purpose::Late, Purpose::Correction] {
            assert_eq!(purpose(but(p)), p);
        }
        for b in [Back::Pieces, Back::Fiche, Back::Fee] {
            assert_eq!(Back::of(b.name()), b);
        }
        assert_eq!(Back::of("https://evil.example"), Back::Pieces);
    }

    #[test]
    fn formats_are_a_phrase() {
        assert_eq!(formats(Tr(Lang::Fr), &[Format::Pdf, Format::Jpeg, Format::Png]), "PDF, JPEG ou PNG");
        assert_eq!(formats(Tr(Lang::En), &[Format::Pdf]), "PDF");
    }
}
