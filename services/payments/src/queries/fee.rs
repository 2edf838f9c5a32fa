//! The fee of one candidate: what is owed, to whom, how to pay it, where it stands (R20–R22).

use contracts::{payments as wire_api, roles};
use platform::{auth::Caller, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::App,
    domain::{
        account::{Entry, standing},
        epc::{self, Transfer},
        money::Cents,
        reference::Reference,
    },
    refusals,
    store::{self, Account},
    wire,
};

/// The fee for whoever may see it: the candidate or their mandate; staff and finance of the payee from clôture on (until
/// then it is only a first choice, R14), or of a school that holds money of theirs.
///
/// # Errors
/// `DOSSIER_UNKNOWN` also for people of other schools; `SCHOOL_UNKNOWN`.
pub async fn get_fee(app: &App, caller: &Caller, dossier: Uuid, school: &str) -> Result<wire_api::Fee, Refusal> {
    caller.require(&[roles::CANDIDATE, roles::MANDATE, roles::STAFF, roles::FINANCE])?;
    let own = matches!(caller.role.as_str(), roles::CANDIDATE | roles::MANDATE);
    if own {
        caller.require_own(dossier)?;
    }
    let school = if school.is_empty() { None } else { Some(app.school("school", school)?.id.clone()) };
    let found = store::accounts(&mut *app.db.read().await?, &[dossier]).await?;
    let account = found.into_iter().next().ok_or_else(|| refusals::unknown_dossier(dossier))?;
    let stands = store::standing_of(&account, app.fee());
    let concerned = caller.unit.as_ref().is_some_and(|unit| {
        (stands.closed && stands.payee.as_ref() == Some(unit)) || stands.held_by(unit) != Cents::ZERO
    });
    if !own && !concerned {
        return Err(refusals::unknown_dossier(dossier));
    }
    // The candidate's order may have changed since they declared: the page shows the school that is first now.
    let school = school.filter(|_| own);
    fee(app, &account, school.as_deref())
}

/// The fee of an account, as if owed to `school` while clôture has not fixed the payee.
///
/// # Errors
/// The account's number bears no reference, or its payee is no school: neither was ever stored.
pub fn fee(app: &App, account: &Account, school: Option<&str>) -> Result<wire_api::Fee, Refusal> {
    let mut stands = store::standing_of(account, app.fee());
    let closed = stands.closed;
    if let Some(school) = school.filter(|_| !closed) {
        let as_if = [account.history.clone(), vec![Entry::Closed { school: school.to_owned(), claim: None }]].concat();
        stands = standing(app.fee(), &as_if);
    }
    let reference = Reference::of(account.number).map_err(Refusal::internal)?.to_string();
    let payee = stands.payee.as_deref().map(|id| app.session.school(id)).map(|s| s.ok_or("unknown payee"));
    let payee = payee.transpose().map_err(Refusal::internal)?;
    let bank = payee.map(|s| &s.account);
    let epc_payload = bank
        .filter(|_| app.session.currency == "EUR" && stands.outstanding() > Cents::ZERO)
        .map(|bank| {
            epc::payload(&Transfer {
                bic: &bank.bic,
                name: &bank.holder,
                iban: &bank.iban,
                amount: stands.outstanding(),
                remittance: &reference,
            })
        })
        .transpose()
        .map_err(Refusal::internal)?;
    Ok(wire_api::Fee {
        dossier_id: account.dossier.to_string(),
        status: wire::status(stands.status).into(),
        payee_school: payee.map(|s| s.id.clone()).unwrap_or_default(),
        payee_fixed: closed,
        due_cents: stands.due.get(),
        received_cents: stands.received().get(),
        held_elsewhere: stands
            .elsewhere()
            .map(|(school, cents)| wire_api::Holding { school: school.clone(), cents: cents.get() })
            .collect(),
        currency: app.session.currency.clone(),
        reference,
        notice_reference: app.session.fee.reference.clone(),
        iban: bank.map(|b| b.iban.clone()).unwrap_or_default(),
        bic: bank.map(|b| b.bic.clone()).unwrap_or_default(),
        account_holder: bank.map(|b| b.holder.clone()).unwrap_or_default(),
        epc_payload: epc_payload.unwrap_or_default(),
        version: account.version,
    })
}
