//! A school's finance clerks: balance, statements, lines to match, accounts, ledger (R20 to R23).

mod account;
mod balance;
mod ledger;
mod statements;
mod unmatched;

use axum::{extract::DefaultBodyLimit, routing::get};
use contracts::{payments::AccountFound, roles};
use maud::{Markup, html};

use super::{fees, labels, piece};
use crate::{
    ui,
    web::{Audience, Routes, Visit, upload},
};

const FINANCE: Audience = Audience::Roles(&[roles::FINANCE]);
/// A statement with the fields around it.
const LARGEST_UPLOAD: usize = upload::LARGEST_LIST + (64 << 10);

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    let statements = get(statements::page).post(statements::preview).layer(DefaultBodyLimit::max(LARGEST_UPLOAD));
    Routes::default()
        .on(FINANCE, "/finance", "GET", get(balance::page))
        .on(FINANCE, "/finance/solde.csv", "GET", get(balance::pockets_export))
        .on(FINANCE, "/finance/solde.xlsx", "GET", get(balance::pockets_export))
        .on(FINANCE, "/finance/mouvements.csv", "GET", get(balance::moved_export))
        .on(FINANCE, "/finance/mouvements.xlsx", "GET", get(balance::moved_export))
        .on(FINANCE, "/finance/releves/lignes.csv", "GET", get(statements::lines_export))
        .on(FINANCE, "/finance/releves/lignes.xlsx", "GET", get(statements::lines_export))
        .on(FINANCE, "/finance/comptes/{dossier}/journal.csv", "GET", get(ledger::account_export))
        .on(FINANCE, "/finance/comptes/{dossier}/journal.xlsx", "GET", get(ledger::account_export))
        .on(FINANCE, "/finance/releves", "GET POST", statements)
        .on(FINANCE, "/finance/releves/importer", "GET POST", get(statements::again).post(statements::confirm))
        .on(FINANCE, "/finance/rapprochement", "GET", get(unmatched::page))
        .on(FINANCE, "/finance/rapprochement.csv", "GET", get(unmatched::export))
        .on(FINANCE, "/finance/rapprochement.xlsx", "GET", get(unmatched::export))
        .on(FINANCE, "/finance/rapprochement/{line}", "GET POST", get(unmatched::one).post(unmatched::post))
        .on(FINANCE, "/finance/comptes", "GET POST", get(fees::page).post(fees::search))
        .on(FINANCE, "/finance/comptes/liste.csv", "GET", get(fees::export))
        .on(FINANCE, "/finance/comptes/liste.xlsx", "GET", get(fees::export))
        .on(FINANCE, "/finance/comptes/{dossier}", "GET POST", get(account::page).post(account::post))
        .on(FINANCE, "/finance/dossiers/{dossier}/pieces/{piece}", "GET", get(piece::inline))
        .on(FINANCE, "/finance/impayes", "GET", get(fees::unsettled))
        .on(FINANCE, "/finance/liste-impayes.csv", "GET", get(fees::unsettled_export))
        .on(FINANCE, "/finance/liste-impayes.xlsx", "GET", get(fees::unsettled_export))
        .on(FINANCE, "/finance/journal", "GET", get(ledger::page))
        .on(FINANCE, "/finance/journal.csv", "GET", get(ledger::export))
        .on(FINANCE, "/finance/journal.xlsx", "GET", get(ledger::export))
}

/// Who an account found is, and what is owed on it.
fn found(visit: &Visit, a: &AccountFound) -> Markup {
    let t = visit.t;
    html! {
        a href={ "/finance/comptes/" (a.dossier_id) } { (a.number) " – " (a.family_name) " " (a.first_names) }
        " " code { (a.reference) } " " (labels::badge(t, a.status())) " "
        (t.with("found-outstanding", [("amount", visit.money(a.outstanding_cents).into())])) " "
        @for sign in a.found_by() { (ui::badge(labels::Labelled::tone(sign), &t.get(labels::found_by(sign)))) " " }
    }
}
