//! The fee (R20–R22): what is owed to whom, how to pay it, and what the candidate says of it.

use axum::response::IntoResponse as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use contracts::{
    intake::{self as api, FeeClaim, Purpose},
    payments::{Fee, FeeStatus, GetFeeRequest},
};
use http::StatusCode;
use maud::{Markup, html};
use qrcode::{EcLevel, QrCode, render::svg::Color};
use tonic::Code;

use super::{
    Mine,
    frame::{self, Step},
    slot::{self, Back, Slot},
    to_start,
};
use crate::{
    i18n::Tr,
    ui::{self, Tone},
    web::{Fault, Form, Page, Visit},
};

const STEP: Step = Step::Fee;

/// `GET /candidat/dossier/frais`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    Ok(show(&visit, &mine, html! {}).await?.into_response())
}

/// The fee of this dossier; nothing before a school of choice 1 is known, or while payments has not heard of the dossier.
async fn fee(visit: &Visit, mine: &Mine) -> Result<Option<Fee>, Fault> {
    let d = &mine.dossier;
    let school = d.order.first().map(|s| s.school.clone()).unwrap_or_default();
    if school.is_empty() {
        return Ok(None);
    }
    match visit.payments().get_fee(GetFeeRequest { dossier_id: d.dossier_id.clone(), school }).await {
        Ok(reply) => Ok(Some(reply.into_inner())),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// The page; also where a refused deposit comes back to.
pub async fn show(visit: &Visit, mine: &Mine, alert: Markup) -> Result<Markup, Fault> {
    let t = visit.t;
    let d = &mine.dossier;
    let editable = mine.editable(visit.now);
    let body = match fee(visit, mine).await? {
        None => html! {
            (alert)
            p { (t.with("fee-what", [("fee", visit.money(visit.app.session.fee.cents).into())])) }
            @if !d.order.is_empty() { p { (t.get("fee-not-yet")) } }
            @else if editable { p { (t.get("fee-order-first")) } (ui::go(Step::Order.path(), &Step::Order.name(t))) }
        },
        Some(fee) => html! {
            (alert)
            (standing(visit, &fee))
            @if fee.due_cents > fee.received_cents { (transfer(visit, mine, &fee)) }
            @if editable { (claims(visit, d)) }
            @if editable { div class="actions" { (ui::go(STEP.next().path(), &t.get("order-go-on"))) } }
        },
    };
    Ok(frame::page(visit, mine, STEP, &["js/upload.js"], body))
}

/// Where it stands, in words.
fn standing(visit: &Visit, fee: &Fee) -> Markup {
    let t = visit.t;
    let (tone, text) = status(t, fee.status());
    html! {
        (ui::facts(&[
            (t.get("fee-payee"), html! { (visit.school_name(&fee.payee_school)) @if !fee.payee_fixed { " " span class="hint" { (t.get("fee-payee-open")) } } }),
            (t.get("fee-due"), html! { (visit.money(fee.due_cents)) }),
            (t.get("fee-received"), html! { (visit.money(fee.received_cents)) }),
            (t.get("fee-state"), ui::badge(tone, &text)),
        ]))
        @if !fee.held_elsewhere.is_empty() {
            (ui::alert(Tone::Warn, &t.get("fee-elsewhere"), html! {
                ul { @for h in &fee.held_elsewhere { li { (visit.school_name(&h.school)) ": " (visit.money(h.cents)) } } }
                p { (t.get("fee-elsewhere-text")) }
            }))
        }
    }
}

/// A status in words.
fn status(t: Tr, status: FeeStatus) -> (Tone, String) {
    match status {
        FeeStatus::Declared => (Tone::Info, t.get("fee-status-declared")),
        FeeStatus::Settled => (Tone::Good, t.get("fee-status-settled")),
        FeeStatus::Exempt => (Tone::Good, t.get("fee-status-exempt")),
        FeeStatus::ExemptionRequested => (Tone::Info, t.get("fee-status-exemption-requested")),
        FeeStatus::ExemptionRefused => (Tone::Bad, t.get("fee-status-exemption-refused")),
        FeeStatus::Short => (Tone::Warn, t.get("fee-status-short")),
        FeeStatus::Over => (Tone::Info, t.get("fee-status-over")),
        FeeStatus::Refunded => (Tone::Info, t.get("fee-status-refunded")),
        FeeStatus::NotOwed => (Tone::Info, t.get("fee-status-not-owed")),
        FeeStatus::Due | FeeStatus::Unspecified => (Tone::Warn, t.get("fee-status-due")),
    }
}

/// How to pay: account, references, and the same as a code that banking apps read (R21).
fn transfer(visit: &Visit, mine: &Mine, fee: &Fee) -> Markup {
    let t = visit.t;
    let identity = mine.dossier.identity.clone().unwrap_or_default();
    // "Prénom": the first of them, by which a transfer is matched.
    let first = identity.first_names.split([',', ' ']).next().unwrap_or_default();
    let printed = visit.app.session.fee.printed_reference(&identity.family_name, first);
    let left = visit.money(fee.due_cents - fee.received_cents);
    let iban = visit.app.session.school(&fee.payee_school).map(|s| s.account.printed_iban());
    html! {
        section class="card" {
            h2 { (t.get("fee-transfer")) }
            (ui::facts(&[
                (t.get("fee-amount"), html! { strong { (left) } }),
                (t.get("fee-holder"), html! { (fee.account_holder) }),
                ("IBAN".to_owned(), html! { span class="mono" { (iban.as_deref().unwrap_or(&fee.iban)) } }),
                ("BIC".to_owned(), html! { span class="mono" { (fee.bic) } }),
                (t.get("fee-reference"), html! { strong class="mono" { (fee.reference) } }),
                (t.get("fee-printed"), html! { (printed) }),
            ]))
            p { (t.get("fee-reference-text")) }
            @if let Some(code) = qr(&fee.epc_payload) {
                h3 { (t.get("fee-qr")) }
                p { (t.get("fee-qr-text")) }
                img class="qr" src=(code) width="220" height="220" alt=(t.with("fee-qr-alt", [("amount", left.into()), ("reference", fee.reference.as_str().into())]));
            }
        }
    }
}

/// The EPC payload as a drawing; nothing when there is none.
fn qr(payload: &str) -> Option<String> {
    // EPC069-12 asks for level M.
    let code = QrCode::with_error_correction_level(payload, EcLevel::M).ok().filter(|_| !payload.is_empty())?;
    let drawing = code.render::<Color<'_>>().module_dimensions(1, 1).quiet_zone(true).build();
    Some(format!("data:image/svg+xml;base64,{}", STANDARD.encode(drawing)))
}

/// What the candidate can say of it, once or again, until the clôture.
fn claims(visit: &Visit, d: &api::Dossier) -> Markup {
    let t = visit.t;
    let claim = d.fee.as_ref().map_or(FeeClaim::Unspecified, api::ClaimFeeReply::claim);
    let exemption = &visit.app.session.fee.exemption_piece;
    let attestations: Vec<&api::Piece> = d.pieces.iter().filter(|p| &p.piece == exemption).collect();
    html! {
        section class="card" {
            h2 { (t.get("fee-declare")) }
            @if claim == FeeClaim::Transfer {
                p { (ui::badge(Tone::Good, &t.get("fee-declared"))) " " (visit.instant(d.fee.as_ref().and_then(|f| f.claimed_at))) }
            } @else {
                p { (t.get("fee-declare-text")) }
                (ui::form(visit, STEP.path(), html! {
                    (ui::hidden("geste", "virement"))
                    div class="actions" { (ui::button(&t.get("fee-declare-button"))) }
                }))
            }
        }
        @if let Some(piece) = visit.app.session.piece(exemption) {
            p { (t.get("fee-exemption-text")) }
            (slot::show(visit, &Slot { piece, purpose: Some(Purpose::Piece), correction: "", back: Back::Fee }, &d.pieces, html! {
                @if claim == FeeClaim::Exemption { p { (ui::badge(Tone::Good, &t.get("fee-exemption-asked"))) } }
            }))
            @if claim != FeeClaim::Exemption && let Some(attestation) = attestations.last() {
                (ui::form(visit, STEP.path(), html! {
                    (ui::hidden("geste", "exoneration"))
                    (ui::hidden("attestation", &attestation.piece_id))
                    div class="actions" { (ui::button(&t.with("fee-exemption-button", [("name", attestation.name.as_str().into())]))) }
                }))
            }
        }
    }
}

/// `POST /candidat/dossier/frais`
pub async fn post(visit: Visit, form: Form) -> Page {
    let claim = if form.get("geste") == "exoneration" { FeeClaim::Exemption } else { FeeClaim::Transfer };
    let request = api::ClaimFeeRequest {
        dossier_id: visit.dossier()?.to_string(),
        claim: claim.into(),
        attestation_piece_id: form.get("attestation").to_owned(),
    };
    match visit.intake().claim_fee(request).await {
        Ok(_) => Ok(visit.done(STEP.path(), "fee-claimed")),
        Err(status) => {
            let alert = visit.refused(&status)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&visit, &mine, alert).await?).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_status_has_its_words() {
        for lang in Lang::ALL {
            let mut texts: Vec<String> =
                (0..=10).filter_map(|n| FeeStatus::try_from(n).ok()).map(|s| status(Tr(lang), s).1).collect();
            assert!(texts.iter().all(|text| !text.starts_with('[')), "{texts:?}");
            texts.sort();
            texts.dedup();
            assert_eq!(texts.len(), 10, "eleven values, of which UNSPECIFIED reads as DUE");
        }
    }

    #[test]
    fn a_code_is_drawn_only_for_something_to_pay() {
        assert_eq!(qr(""), None);
        let code =
            qr("BCD\n002\n1\nSCT\nTRPUFRP1\nMINES\nFR7610071420000000100289731\nEUR76.00\n\n\nADM-000123-K").unwrap();
        let svg = STANDARD.decode(code.rsplit(',').next().unwrap()).unwrap();
        assert!(String::from_utf8(svg).unwrap().contains("<svg"));
    }
}
