//! The fees of a school, as its staff and its finance read them.

use std::collections::HashMap;

use contracts::{payments as wire_api, roles};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{money::Cents, reference::Reference},
    store::{self, Account, Filter},
    wire,
};

/// Every fee that concerns the school, by number: owed to it from clôture on, or of whom it holds money.
///
/// # Errors
/// Neither staff nor finance of the school, or an unsound page.
pub async fn list_fees(
    app: &App,
    caller: &Caller,
    asked: &wire_api::ListFeesRequest,
    size: u32,
) -> Result<wire_api::ListFeesReply, Refusal> {
    let readers = [roles::STAFF, roles::FINANCE];
    caller.require(&readers)?;
    let school = app.school("school", &asked.school)?.id.as_str();
    caller.require_unit(&readers, school)?;
    let after = if asked.page_token.is_empty() { Ok(0) } else { asked.page_token.parse::<u32>().map(u64::from) };
    let after = after.map_err(|_| Refusal::invalid("PAGE_TOKEN_INVALID").field("page_token", "not one of ours"))?;
    let filter = Filter {
        statuses: asked.statuses().filter_map(wire::status_asked).collect(),
        exemption_waiting: asked.exemption_waiting_only,
        numbers: numbers(&asked.text),
    };
    let mut conn = app.db.read().await?;
    let (counts, exemptions_waiting) = store::count_fees(&mut conn, school, &filter).await?;
    let mut page = store::fees_of(&mut conn, school, &filter, (after, i64::from(size) + 1)).await?;
    let more = page.len() > size as usize;
    page.truncate(size as usize);
    let ids: Vec<Uuid> = page.iter().map(|(dossier, _)| *dossier).collect();
    let accounts = store::accounts(&mut conn, &ids).await?;
    let by_id: HashMap<Uuid, &Account> = accounts.iter().map(|a| (a.dossier, a)).collect();
    let fees: Vec<wire_api::ListedFee> = page
        .iter()
        .filter_map(|(dossier, attestation)| {
            by_id.get(dossier).map(|account| listed(app, school, account, *attestation))
        })
        .collect::<Result<_, _>>()?;
    Ok(wire_api::ListFeesReply {
        next_page_token: fees.last().filter(|_| more).map(|f| f.number.to_string()).unwrap_or_default(),
        fees,
        counts: counts
            .into_iter()
            .map(|(status, fees)| wire_api::FeeCount { status: wire::status(status).into(), fees })
            .collect(),
        exemptions_waiting,
    })
}

/// The numbers that a search means: those of the references in it, or itself. Anything else is nobody's.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let of_references: Vec<u64> = Reference::find_all(text).into_iter().map(Reference::number).collect();
    let itself = text.parse().ok().filter(|n| Reference::of(*n).is_ok());
    Some(if of_references.is_empty() { itself.into_iter().collect() } else { of_references })
}

fn listed(
    app: &App,
    school: &str,
    account: &Account,
    attestation: Option<Uuid>,
) -> Result<wire_api::ListedFee, Refusal> {
    let stands = store::standing_of(account, app.fee());
    let holding = |(school, cents): (&String, Cents)| wire_api::Holding { school: school.clone(), cents: cents.get() };
    Ok(wire_api::ListedFee {
        dossier_id: account.dossier.to_string(),
        number: account.number,
        reference: Reference::of(account.number).map_err(Refusal::internal)?.to_string(),
        status: wire::status(stands.status).into(),
        due_cents: stands.due.get(),
        received_cents: stands.received().get(),
        held_cents: stands.held_by(school).get(),
        refunds_ordered_cents: stands.refunds_ordered.get(school).copied().unwrap_or_default().get(),
        held_elsewhere: stands.elsewhere().map(holding).collect(),
        payee_school: stands.payee.clone().filter(|_| stands.closed).unwrap_or_default(),
        exemption_waiting: stands.exemption_waiting,
        attestation_piece_id: attestation
            .filter(|_| stands.exemption_asked)
            .map(|id| id.to_string())
            .unwrap_or_default(),
    })
}
