//! One candidate's account (R20 to R23): what is owed, what came, and what a clerk records.

use axum::response::IntoResponse as _;
use contracts::payments::{
    AccountFound, DecideExemptionRequest, Fee, FindAccountsRequest, GetFeeRequest, LedgerEntry, LedgerReply,
    LedgerRequest, ListFeesRequest, ListedFee, RecordOtherMeansRequest, RecordRefundRequest, UnmatchLineRequest,
};
use maud::{Markup, html};
use tonic::Status;
use uuid::Uuid;

use super::ledger;
use crate::{
    domain::typed,
    exports,
    pages::{labels, piece},
    ui::{self, Choice, Field, Kind, Tone},
    web::{Fault, Form, Page, Path, Visit},
};

const OTHER_MEANS: &str = "autre-moyen";
const REFUND: &str = "rembourser";
const EXEMPTION: &str = "exoneration";
const UNMATCH: &str = "retirer";
/// Most entries of one account on its page.
const ENTRIES: u32 = 1000;

struct Seen {
    fee: Fee,
    listed: ListedFee,
    who: Option<AccountFound>,
    ledger: LedgerReply,
}

async fn look(visit: &Visit, id: Uuid) -> Result<Seen, Fault> {
    let (school, dossier_id) = (visit.school().to_owned(), id.to_string());
    let asked = GetFeeRequest { dossier_id: dossier_id.clone(), school: String::new() };
    let fee = visit.payments().get_fee(asked).await?.into_inner();
    let (mut one, mut two, mut three) = (visit.payments(), visit.payments(), visit.payments());
    let text = fee.reference.clone();
    let ledger = LedgerRequest { school: school.clone(), after: 0, limit: ENTRIES, dossier_id: dossier_id.clone() };
    let (listed, found, ledger) = tokio::join!(
        one.list_fees(ListFeesRequest { school: school.clone(), text: text.clone(), ..ListFeesRequest::default() }),
        two.find_accounts(FindAccountsRequest { school, text }),
        three.ledger(ledger),
    );
    let listed = listed?.into_inner().fees.into_iter().find(|f| f.dossier_id == dossier_id).unwrap_or_default();
    // The name is intake's: without it the account is still its reference.
    let found = found.map(|found| found.into_inner().accounts).unwrap_or_default();
    let who = found.into_iter().find(|a| a.dossier_id == dossier_id);
    Ok(Seen { fee, listed, who, ledger: ledger?.into_inner() })
}

/// `GET /finance/comptes/{dossier}`
pub async fn page(visit: Visit, Path(id): Path<Uuid>) -> Page {
    let seen = look(&visit, id).await?;
    Ok(show(&visit, &seen, &visit.held, html! {}).into_response())
}

fn show(visit: &Visit, seen: &Seen, form: &Form, alert: Markup) -> Markup {
    let (t, fee, listed) = (visit.t, &seen.fee, &seen.listed);
    let here = format!("/finance/comptes/{}", fee.dossier_id);
    let title = match &seen.who {
        Some(a) => format!("{} – {} {}", a.number, a.family_name, a.first_names),
        None => fee.reference.clone(),
    };
    let mine = fee.payee_school == visit.school();
    let body = html! {
        p { a href="/finance/comptes" { (t.get("fees-back")) } }
        (alert)
        (ui::facts(&[
            (t.get("queue-state"), labels::badge(t, fee.status())),
            (t.get("school-fee-reference"), html! { code { (fee.reference) } }),
            (t.get("fees-payee"), html! { (visit.school_name(&fee.payee_school)) }),
            (t.get("fee-due-amount"), html! { (visit.money(fee.due_cents)) }),
            (t.get("school-fee-received"), html! { (visit.money(fee.received_cents)) }),
            (t.get("fees-held-here"), html! { (visit.money(listed.held_cents)) }),
            (t.get("fees-refunds-ordered"), html! { (visit.money(listed.refunds_ordered_cents)) }),
            (t.get("fees-held-elsewhere"), html! { @for h in &fee.held_elsewhere { (visit.school_name(&h.school)) " " (visit.money(h.cents)) " " } @if fee.held_elsewhere.is_empty() { (visit.money(0)) } }),
        ]))
        (exports::links(visit, &format!("{here}/journal")))
        (ledger::table(visit, &seen.ledger, None))
        @for entry in lines(&seen.ledger.entries) { (unmatch(visit, &here, entry, form)) }
        div class="grid" {
            @if mine { (other_means(visit, &here, form)) }
            @if listed.held_cents > 0 { (refund(visit, &here, listed.held_cents, form)) }
            @if mine && !listed.attestation_piece_id.is_empty() { (exemption(visit, &here, seen, form)) }
        }
    };
    ui::page(visit, &title, &[], body)
}

/// Entries whose line stands on this account: the last movement of each line decides.
fn lines(entries: &[LedgerEntry]) -> Vec<&LedgerEntry> {
    let mut last: Vec<&LedgerEntry> = Vec::new();
    for entry in entries.iter().filter(|e| !e.line_id.is_empty()) {
        last.retain(|e| e.line_id != entry.line_id);
        last.push(entry);
    }
    last.retain(|e| e.balance_effect_cents != 0 && e.cents != 0);
    last
}

fn unmatch(visit: &Visit, here: &str, entry: &LedgerEntry, form: &Form) -> Markup {
    let t = visit.t;
    let mine = form.get("ligne") == entry.line_id;
    let reason = format!("motif-{}", entry.line_id);
    html! {
        details open[mine] {
            summary { (t.with("unmatch-title", [("amount", visit.money(entry.cents).into()), ("at", visit.instant(entry.at).into())])) }
            (ui::form(visit, here, html! {
                (ui::hidden("geste", UNMATCH)) (ui::hidden("ligne", &entry.line_id))
                p { (t.get("unmatch-lead")) }
                (ui::field(visit, &Field { name: &reason, label: &t.get("reason"), value: if mine { form.get(&reason) } else { "" }, required: true, max: 200, ..Field::default() }))
                div class="actions" { button class="second" { (t.get("unmatch-button")) } }
            }))
        }
    }
}

fn value<'a>(form: &'a Form, act: &str, name: &str) -> &'a str {
    if form.get("geste") == act { form.get(name) } else { "" }
}

fn other_means(visit: &Visit, here: &str, form: &Form) -> Markup {
    let t = visit.t;
    let v = |name: &str| value(form, OTHER_MEANS, name);
    ui::card(
        &t.get("means-title"),
        ui::form(
            visit,
            here,
            html! {
                (ui::hidden("geste", OTHER_MEANS))
                (ui::field(visit, &Field { name: "montant", label: &t.get("amount"), hint: &t.get("amount-hint"), value: v("montant"), kind: Kind::Number, required: true, max: 20, ..Field::default() }))
                (ui::field(visit, &Field { name: "moyen", label: &t.get("means"), hint: &t.get("means-hint"), value: v("moyen"), required: true, max: 100, ..Field::default() }))
                (ui::field(visit, &Field { name: "recu", label: &t.get("means-receipt"), hint: &t.get("receipt-hint"), value: v("recu"), required: true, max: 100, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("go-on"))) }
            },
        ),
    )
}

fn refund(visit: &Visit, here: &str, held: i64, form: &Form) -> Markup {
    let t = visit.t;
    let v = |name: &str| value(form, REFUND, name);
    ui::card(
        &t.get("refund-title"),
        ui::form(
            visit,
            here,
            html! {
                (ui::hidden("geste", REFUND))
                p { (t.with("refund-lead", [("held", visit.money(held).into())])) }
                (ui::field(visit, &Field { name: "somme", label: &t.get("amount"), hint: &t.get("amount-hint"), value: v("somme"), kind: Kind::Number, required: true, max: 20, ..Field::default() }))
                (ui::field(visit, &Field { name: "motif-remboursement", label: &t.get("reason"), value: v("motif-remboursement"), required: true, max: 200, ..Field::default() }))
                (ui::field(visit, &Field { name: "ordre", label: &t.get("refund-receipt"), hint: &t.get("receipt-hint"), value: v("ordre"), required: true, max: 100, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("go-on"))) }
            },
        ),
    )
}

fn exemption(visit: &Visit, here: &str, seen: &Seen, form: &Form) -> Markup {
    let t = visit.t;
    let choices = [("accorder", "exemption-accept"), ("refuser", "exemption-refuse")]
        .map(|(value, key)| Choice::new(value, t.get(key)));
    let attestation = piece::address("finance", &seen.fee.dossier_id, &seen.listed.attestation_piece_id);
    ui::card(
        &t.get("exemption-title"),
        html! {
            @if seen.listed.exemption_waiting { p { (ui::badge(Tone::Warn, &t.get("fees-to-decide"))) } }
            iframe class="piece" src={ (attestation) "#navpanes=0&view=FitH" } title=(t.get("exemption-attestation")) {}
            p { a href=(attestation) target="_blank" rel="noopener" { (t.get("piece-open-alone")) } }
            (ui::form(visit, here, html! {
                (ui::hidden("geste", EXEMPTION))
                (ui::radios(visit, &Field { name: "decision", label: &t.get("exemption-decision"), value: value(form, EXEMPTION, "decision"), required: true, ..Field::default() }, &choices))
                (ui::field(visit, &Field { name: "motif-exoneration", label: &t.get("reason"), hint: &t.get("exemption-reason-hint"), value: value(form, EXEMPTION, "motif-exoneration"), max: 200, ..Field::default() }))
                div class="actions" { (ui::button(&t.get("exemption-button"))) }
            }))
        },
    )
}

/// What is recorded for good is shown once more before it is.
fn confirmation(visit: &Visit, id: Uuid, form: &Form, cents: i64, lead: &str) -> Markup {
    let t = visit.t;
    let here = format!("/finance/comptes/{id}");
    let fields = form.pairs().filter(|(name, _)| !matches!(*name, "jeton" | "confirme"));
    let body = html! {
        (ui::alert(Tone::Warn, lead, html! { p { strong { (visit.money(cents)) } } p { (t.get("confirm-for-good")) } }))
        (ui::form(visit, &here, html! {
            @for (name, value) in fields { (ui::hidden(name, value)) }
            (ui::hidden("confirme", "oui"))
            div class="actions" { (ui::button(&t.get("confirm-button"))) a href=(here) { (t.get("cancel")) } }
        }))
    };
    ui::page(visit, &t.get("confirm-title"), &[], body)
}

/// `POST /finance/comptes/{dossier}`
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    let (t, dossier_id, sure) = (visit.t, id.to_string(), form.has("confirme"));
    let cents = |name: &str| typed::cents(form.get(name), &visit.app.session.currency);
    let (answered, key): (Result<(), Status>, _) = match form.get("geste") {
        OTHER_MEANS => {
            let Ok(cents) = cents("montant") else { return unclear(&visit, id, &form).await };
            if !sure {
                return Ok(confirmation(&visit, id, &form, cents, &t.get("means-confirm")).into_response());
            }
            let (means, receipt) = (form.get("moyen").to_owned(), form.get("recu").to_owned());
            let asked = RecordOtherMeansRequest { dossier_id, cents, means, receipt };
            (visit.payments().record_other_means(asked).await.map(drop), "means-recorded")
        }
        REFUND => {
            let Ok(cents) = cents("somme") else { return unclear(&visit, id, &form).await };
            if !sure {
                return Ok(confirmation(&visit, id, &form, cents, &t.get("refund-confirm")).into_response());
            }
            let (reason, receipt) = (form.get("motif-remboursement").to_owned(), form.get("ordre").to_owned());
            let asked = RecordRefundRequest { dossier_id, cents, reason, receipt };
            (visit.payments().record_refund(asked).await.map(drop), "refund-ordered")
        }
        EXEMPTION => {
            let accept = match form.get("decision") {
                "accorder" => true,
                "refuser" => false,
                _ => return Err(Fault::BadRequest),
            };
            let reason = form.get("motif-exoneration").to_owned();
            let asked = DecideExemptionRequest { dossier_id, accept, reason };
            (visit.payments().decide_exemption(asked).await.map(drop), "exemption-decided")
        }
        UNMATCH => {
            let line_id = form.get("ligne").to_owned();
            let reason = form.get(&format!("motif-{line_id}")).to_owned();
            (visit.payments().unmatch_line(UnmatchLineRequest { line_id, reason }).await.map(drop), "line-unmatched")
        }
        _ => return Err(Fault::BadRequest),
    };
    match answered {
        Ok(()) if key == "line-unmatched" => Ok(visit.done("/finance/rapprochement", key)),
        Ok(()) => Ok(visit.done(&format!("/finance/comptes/{id}"), key)),
        Err(status) => {
            let alert = visit.refused(&status)?;
            let seen = look(&visit, id).await?;
            Ok(show(&visit, &seen, &form, alert).into_response())
        }
    }
}

/// An amount that cannot be read: nothing was asked of anybody.
async fn unclear(visit: &Visit, id: Uuid, form: &Form) -> Page {
    let t = visit.t;
    let alert = ui::alert(Tone::Bad, &t.get("refused-title"), html! { p { (t.get("amount-unclear")) } });
    let seen = look(visit, id).await?;
    Ok(show(visit, &seen, form, alert).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_still_stand_on_the_account_can_be_taken_off() {
        let entry = |sequence, line: &str, effect| LedgerEntry {
            sequence,
            line_id: line.into(),
            cents: 7600,
            balance_effect_cents: effect,
            ..LedgerEntry::default()
        };
        // In a dossier's ledger an entry's effect is what it adds to the account.
        let entries = [
            entry(1, "a", 7600),
            entry(2, "b", 7600),
            entry(3, "", 500),
            entry(4, "a", -7600),
            entry(5, "b", 0),
            entry(6, "a", 7600),
        ];
        let left: Vec<u64> = lines(&entries).iter().map(|e| e.sequence).collect();
        assert_eq!(left, [6]);
    }
}
