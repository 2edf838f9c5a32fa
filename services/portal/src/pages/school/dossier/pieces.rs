//! Pieces beside the checklist: what the notice asks for (R10), what is there, and the one in view with its verdict.

use contracts::intake::{Correction, Piece, PieceVerdict, Purpose, SchoolDossier};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use notice::Due;

use super::acts;
use crate::{
    domain::typed,
    pages::{labels, piece},
    ui::{self, Choice, Field, Kind, Tone},
    web::{Form, Visit},
};

/// How long a candidate usually gets for a correction.
const USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The piece in view: the one asked for, else the first without a verdict, else the first.
pub(super) fn shown<'a>(d: &'a SchoolDossier, asked: &str) -> Option<&'a Piece> {
    let asked = d.pieces.iter().find(|p| p.piece_id == asked);
    let next = || d.pieces.iter().find(|p| p.verdict() == PieceVerdict::Unspecified);
    asked.or_else(next).or_else(|| d.pieces.first())
}

fn open(c: &Correction, now: Timestamp) -> bool {
    let until = c.until.and_then(|until| Timestamp::try_from(until).ok());
    c.deposited_piece_id.is_empty() && until.is_some_and(|until| until > now)
}

/// Everything the notice asks of this filière, with what was deposited for it.
pub(super) fn checklist(visit: &Visit, d: &SchoolDossier, current: Option<&Piece>) -> Markup {
    let (t, session) = (visit.t, &visit.app.session);
    let wanted: Vec<&notice::Piece> = session.pieces_for(&d.filiere).collect();
    let there = |id: &str| d.pieces.iter().filter(|p| p.piece == id).collect::<Vec<_>>();
    // One piece of a group is enough: its others are not missing.
    let met = |w: &notice::Piece| {
        w.group.as_ref().is_some_and(|g| wanted.iter().any(|o| o.group.as_ref() == Some(g) && !there(&o.id).is_empty()))
            || (w.group.is_some() && d.fiche.is_some())
    };
    let others = d.pieces.iter().filter(|p| wanted.iter().all(|w| w.id != p.piece));
    html! {
        ol class="checklist" {
            @for w in &wanted {
                @let pieces = there(&w.id);
                @if !pieces.is_empty() {
                    li { span class="what" { (t.label(&w.label)) } @for p in pieces { (line(visit, d, p, current)) } }
                } @else if w.due == Due::Closing && !met(w) {
                    li { span class="what" { (t.label(&w.label)) } " " (ui::badge(Tone::Bad, &t.get("piece-absent"))) }
                } @else if w.due == Due::Titles {
                    li { span class="what" { (t.label(&w.label)) } " " (ui::badge(Tone::Info, &t.get("piece-may-follow"))) }
                }
            }
            @for p in others { li { span class="what" { (visit.piece_name(&p.piece)) } (line(visit, d, p, current)) } }
        }
    }
}

fn line(visit: &Visit, d: &SchoolDossier, p: &Piece, current: Option<&Piece>) -> Markup {
    let t = visit.t;
    let here = current.is_some_and(|c| c.piece_id == p.piece_id);
    html! {
        p class="deposit" {
            a href={ "/ecole/dossiers/" (d.dossier_id) "?piece=" (p.piece_id) "#vue" } aria-current=[here.then_some("true")] {
                (t.with("school-piece-deposited", [("at", visit.instant(p.deposited_at).into()), ("size", t.size(p.size).into())]))
            }
            " " (labels::badge(t, p.verdict()))
            @if p.purpose() == Purpose::Correction { " " (ui::badge(Tone::Info, &t.get("piece-correction"))) }
            @if p.purpose() == Purpose::Late { " " (ui::badge(Tone::Info, &t.get("piece-late"))) }
            @if d.corrections.iter().any(|c| c.piece_id == p.piece_id && open(c, visit.now)) { " " (ui::badge(Tone::Warn, &t.get("piece-correction-open"))) }
        }
    }
}

/// The piece itself in a frame, its verdict and the request for another one.
pub(super) fn view(visit: &Visit, d: &SchoolDossier, p: &Piece, form: &Form) -> Markup {
    let t = visit.t;
    let here = format!("/ecole/dossiers/{}", d.dossier_id);
    let source = piece::address("ecole", &d.dossier_id, &p.piece_id);
    let name = visit.piece_name(&p.piece);
    let checked = p.checked_at.map(|at| {
        t.with("piece-checked-at", [("at", visit.instant(at).into()), ("who", p.checked_by.as_str().into())])
    });
    html! {
        section class="card" id="vue" {
            h2 { (name) }
            iframe class="piece" src={ (source) "#navpanes=0&view=FitH" } title=(t.with("piece-frame", [("piece", name.into())])) {}
            p { a href=(source) target="_blank" rel="noopener" { (t.get("piece-open-alone")) } }
            p { (labels::badge(t, p.verdict())) @if let Some(checked) = checked { " " span class="hint" { (checked) } } }
            (ui::form(visit, &here, html! {
                (ui::hidden("geste", acts::PIECE)) (ui::hidden("piece", &p.piece_id))
                div class="actions" {
                    button name="avis-piece" value="lisible" { (t.get("piece-is-ok")) }
                    button class="second" name="avis-piece" value="illisible" { (t.get("piece-is-unreadable")) }
                }
            }))
            @if !asked(visit, d, p).is_empty() { h3 { (t.get("school-correction-asked")) } ul { @for a in asked(visit, d, p) { li { (a) } } } }
            @if may_be_corrected(visit, d, p) { (request(visit, &here, p, form)) }
        }
    }
}

fn asked(visit: &Visit, d: &SchoolDossier, p: &Piece) -> Vec<String> {
    let corrections = d.corrections.iter().filter(|c| c.piece_id == p.piece_id);
    let words = |c: &Correction| {
        let key = match (c.deposited_piece_id.is_empty(), open(c, visit.now)) {
            (false, _) => "correction-answered",
            (true, true) => "correction-waiting",
            (true, false) => "correction-over",
        };
        let until = visit.instant(c.until);
        visit.t.with(key, [("until", until.into()), ("reason", c.reason.as_str().into())])
    };
    corrections.map(words).collect()
}

/// The fiche is the referee's (R11), and one correction at a time is open on a piece.
fn may_be_corrected(visit: &Visit, d: &SchoolDossier, p: &Piece) -> bool {
    let theirs = visit.app.session.piece(&p.piece).is_some_and(|w| w.by == notice::Depositor::Candidate);
    theirs && d.annulled_at.is_none() && !d.corrections.iter().any(|c| c.piece_id == p.piece_id && open(c, visit.now))
}

fn request(visit: &Visit, here: &str, p: &Piece, form: &Form) -> Markup {
    let t = visit.t;
    let mine = form.get("geste") == acts::CORRECTION && form.get("piece") == p.piece_id;
    let usual = typed::local(visit.now + USUAL, &visit.app.session.zone);
    let until = if mine { form.get("jusqu-a") } else { &usual };
    let reason = if mine { form.get("motif") } else { "" };
    html! {
        details open[mine] {
            summary { (t.get("correction-title")) }
            (ui::form(visit, here, html! {
                (ui::hidden("geste", acts::CORRECTION)) (ui::hidden("piece", &p.piece_id))
                p class="hint" { (t.get("correction-lead")) }
                (ui::field(visit, &Field { name: "jusqu-a", label: &t.get("school-correction-until"), value: until, kind: Kind::DateTime, required: true, ..Field::default() }))
                (ui::textarea(visit, &Field { name: "motif", label: &t.get("correction-reason"), hint: &t.get("correction-reason-hint"), value: reason, required: true, max: 500, ..Field::default() }, 3))
                div class="actions" { (ui::button(&t.get("correction-button"))) }
            }))
        }
    }
}

/// The verdict on the dossier as a whole.
pub(super) fn verdict(visit: &Visit, d: &SchoolDossier, form: &Form) -> Markup {
    let t = visit.t;
    let mine = form.get("geste") == acts::VERDICT;
    let choices =
        [("complet", "verdict-complete"), ("correction", "verdict-correction"), ("incomplet", "verdict-incomplete")]
            .map(|(value, key)| Choice::new(value, t.get(key)));
    html! {
        p {
            (labels::badge(t, d.verdict()))
            @if d.verdict_at.is_some() { " " span class="hint" { (visit.instant(d.verdict_at)) } }
        }
        @if !d.verdict_note.is_empty() { p { (d.verdict_note) } }
        (ui::form(visit, &format!("/ecole/dossiers/{}", d.dossier_id), html! {
            (ui::hidden("geste", acts::VERDICT))
            (ui::radios(visit, &Field { name: "avis-dossier", label: &t.get("verdict-label"), value: if mine { form.get("avis-dossier") } else { "" }, required: true, ..Field::default() }, &choices))
            (ui::textarea(visit, &Field { name: "remarque", label: &t.get("verdict-note"), value: if mine { form.get("remarque") } else { "" }, max: 1000, ..Field::default() }, 2))
            div class="actions" { (ui::button(&t.get("verdict-button"))) }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(id: &str, verdict: PieceVerdict) -> Piece {
        Piece { piece_id: id.into(), verdict: verdict.into(), ..Piece::default() }
    }

    #[test]
    fn the_first_piece_without_a_verdict_comes_into_view() {
        let d = SchoolDossier {
            pieces: vec![
                piece("a", PieceVerdict::Ok),
                piece("b", PieceVerdict::Unspecified),
                piece("c", PieceVerdict::Ok),
            ],
            ..SchoolDossier::default()
        };
        let id = |asked: &str| shown(&d, asked).map(|p| p.piece_id.clone());
        assert_eq!((id("c").as_deref(), id("").as_deref(), id("zz").as_deref()), (Some("c"), Some("b"), Some("b")));
        assert!(shown(&SchoolDossier::default(), "").is_none());
        let all = SchoolDossier { pieces: vec![piece("a", PieceVerdict::Ok)], ..SchoolDossier::default() };
        assert_eq!(shown(&all, "").map(|p| p.piece_id.as_str()), Some("a"));
    }

    #[test]
    fn a_correction_is_open_until_its_instant_and_until_it_is_answered() {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(100);
        let c = Correction { until: Some(at.into()), ..Correction::default() };
        assert!(open(&c, at - SignedDuration::from_millis(1)) && !open(&c, at));
        let answered = Correction { deposited_piece_id: "p".into(), ..c };
        assert!(!open(&answered, Timestamp::UNIX_EPOCH));
    }
}
