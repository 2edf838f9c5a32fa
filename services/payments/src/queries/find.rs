//! Whose could it be: accounts for a line that waits, or for what a person typed. Nothing is decided, and names only pass
//! through, asked of intake while no transaction is open.

use std::collections::{BTreeSet, HashMap};

use contracts::{payments as wire_api, roles};
use platform::{auth::Caller, inbox::BoxError, refusal::Refusal};
use uuid::Uuid;

use crate::{
    app::{App, text},
    domain::{
        matching,
        money::Cents,
        reference::Reference,
        suggesting::{self, FoundBy, Suggestions},
    },
    names::MAX_SEARCHED,
    refusals,
    store::{self, Account},
    wire,
};

/// Most suggestions for a line.
const MOST_SUGGESTED: usize = 10;
/// Most accounts for a search.
const MOST_FOUND: usize = 20;

fn unavailable(error: BoxError) -> Refusal {
    tracing::warn!(%error, "intake could not be asked for names");
    Refusal::retry_later("INTAKE_UNAVAILABLE", "intake", "the names could not be asked for; try again")
}

/// Accounts for a line of the caller's school, the likeliest first.
///
/// # Errors
/// Not finance, `LINE_UNKNOWN`, or intake does not answer.
pub async fn suggest_matches(app: &App, caller: &Caller, line: Uuid) -> Result<Vec<wire_api::AccountFound>, Refusal> {
    caller.require(&[roles::FINANCE])?;
    let stored = store::line(&mut *app.db.read().await?, line).await?;
    let own = |l: &store::StoredLine| caller.unit.as_deref() == Some(l.line.school.as_str());
    let stored = stored.filter(own).ok_or_else(|| refusals::unknown_line(line))?;
    let (school, cents) = (stored.line.school.as_str(), stored.line.cents);
    let mut found = Suggestions::default();
    for text in matching::name_texts(&stored.remittance, &stored.counterparty, MAX_SEARCHED) {
        for dossier in app.names.bearing(&text).await.map_err(unavailable)? {
            found.add(dossier, FoundBy::Name);
        }
    }
    let written = format!("{}\n{}", stored.remittance, stored.end_to_end);
    by_numbers(app, &written, &mut found).await?;
    if cents > Cents::ZERO && cents != app.fee() {
        // Nearly everyone owes the fee; another amount says something by itself.
        let most = i64::try_from(MOST_SUGGESTED).unwrap_or(i64::MAX);
        for dossier in store::owing(&mut *app.db.read().await?, school, cents, most).await? {
            found.add(dossier, FoundBy::Amount);
        }
    }
    shown(app, school, found, Some(cents), MOST_SUGGESTED).await
}

/// Accounts for a reference, a dossier number, or words of a name.
///
/// # Errors
/// Not the school's finance, an unsound text, or intake does not answer.
pub async fn find_accounts(
    app: &App,
    caller: &Caller,
    school: &str,
    wanted: &str,
) -> Result<Vec<wire_api::AccountFound>, Refusal> {
    let school = app.of_finance(caller, school)?;
    let wanted = text("text", wanted, MAX_SEARCHED)?;
    let mut found = Suggestions::default();
    if wanted.chars().filter(|c| c.is_alphabetic()).count() > 1 {
        for dossier in app.names.with_words(&wanted).await.map_err(unavailable)? {
            found.add(dossier, FoundBy::Name);
        }
    }
    by_numbers(app, &wanted, &mut found).await?;
    shown(app, &school.id, found, None, MOST_FOUND).await
}

/// What references and numbers in a text speak for.
async fn by_numbers(app: &App, text: &str, found: &mut Suggestions<Uuid>) -> Result<(), Refusal> {
    let references = |all: Vec<Reference>, by| all.into_iter().map(move |r| (r.number(), by));
    let spoken: Vec<(u64, FoundBy)> = references(Reference::find_all(text), FoundBy::Reference)
        .chain(references(Reference::find_mistyped(text), FoundBy::ReferenceMistyped))
        .chain(suggesting::numbers(text, &app.session.fee.reference).into_iter().map(|n| (n, FoundBy::Number)))
        .collect();
    let numbers: Vec<u64> = spoken.iter().map(|(number, _)| *number).collect();
    let dossiers = store::by_numbers(&mut *app.db.read().await?, &numbers).await?;
    for (number, by) in spoken {
        if let Some(dossier) = dossiers.get(&number) {
            found.add(*dossier, by);
        }
    }
    Ok(())
}

/// The accounts found, ranked, as the school may see them.
async fn shown(
    app: &App,
    school: &str,
    mut found: Suggestions<Uuid>,
    cents: Option<Cents>,
    most: usize,
) -> Result<Vec<wire_api::AccountFound>, Refusal> {
    let ids: Vec<Uuid> = found.dossiers().collect();
    let accounts = store::accounts(&mut *app.db.read().await?, &ids).await?;
    let accounts: HashMap<Uuid, Account> = accounts.into_iter().map(|a| (a.dossier, a)).collect();
    for account in accounts.values() {
        let standing = store::standing_of(account, app.fee());
        for by in suggesting::by_standing(&standing, school, cents) {
            found.add(account.dossier, by);
        }
    }
    let ranked = found.ranked(|dossier| accounts.get(&dossier).map_or(u64::MAX, |a| a.number), most);
    let ids: Vec<Uuid> = ranked.iter().map(|(dossier, _)| *dossier).collect();
    let mut names = if ids.is_empty() { HashMap::new() } else { app.names.of(&ids).await.map_err(unavailable)? };
    let account = |(dossier, by): (Uuid, BTreeSet<FoundBy>)| {
        // Someone whose opening has not been heard of yet has no account to put anything on.
        let account = accounts.get(&dossier)?;
        let name = names.remove(&dossier).unwrap_or_default();
        Some(account_found(app, school, account, name, &by))
    };
    ranked.into_iter().filter_map(account).collect()
}

fn account_found(
    app: &App,
    school: &str,
    account: &Account,
    name: crate::names::Name,
    by: &BTreeSet<FoundBy>,
) -> Result<wire_api::AccountFound, Refusal> {
    let stands = store::standing_of(account, app.fee());
    let held = stands.held_by(school);
    let theirs = stands.payee.as_deref() == Some(school) || held != Cents::ZERO;
    Ok(wire_api::AccountFound {
        dossier_id: account.dossier.to_string(),
        number: account.number,
        reference: Reference::of(account.number).map_err(Refusal::internal)?.to_string(),
        family_name: name.family,
        first_names: name.first,
        status: wire::status(stands.status).into(),
        due_cents: stands.due.get(),
        outstanding_cents: stands.outstanding().get(),
        held_cents: held.get(),
        payee_school: stands.payee.clone().filter(|_| stands.closed && theirs).unwrap_or_default(),
        found_by: by.iter().map(|by| wire::found_by(*by).into()).collect(),
    })
}
