//! Whose could it be: suggestions for a line that waits, and accounts for what a person types.

use std::sync::atomic::Ordering;

use contracts::{
    payments::{
        AccountFound, FeeStatus, FindAccountsRequest, FoundBy, SuggestMatchesRequest, payments_server::Payments as _,
    },
    roles,
};

use crate::world::*;

fn ask(line: &str) -> SuggestMatchesRequest {
    SuggestMatchesRequest { line_id: line.into() }
}

fn find(school: &str, text: &str) -> FindAccountsRequest {
    FindAccountsRequest { school: school.into(), text: text.into() }
}

/// Numbers and reasons.
fn told(accounts: &[AccountFound]) -> Vec<(u64, Vec<FoundBy>)> {
    accounts.iter().map(|a| (a.number, a.found_by().collect())).collect()
}

/// Lines waiting at a school, by what the payer wrote.
async fn line(w: &World, text: &str) -> String {
    w.unmatched("albi").await.lines.into_iter().find(|l| l.remittance == text).unwrap().line_id
}

async fn suggested(w: &World, text: &str) -> Vec<AccountFound> {
    answer(w.grpc.suggest_matches(clerk("albi", ask(&line(w, text).await))).await).accounts
}

/// 11 and 12 of Albi, 13 of Alès, 14 not closed; 12 has paid 60 euros of 76.
async fn some(name: &str) -> World {
    let w = world(name).await;
    w.candidature(11, "albi").await;
    w.candidature(12, "albi").await;
    w.candidature(13, "ales").await;
    w.opened(14).await;
    w.claimed(14, contracts::intake::FeeClaim::Transfer, "albi").await;
    w.name("Dupont Anne", 11);
    w.name("Dupont Anne", 13);
    w.name("Roux Marc", 12);
    w.name("Roux Ada", 14);
    w.import("albi", &camt(ALBI, "EUR", &[pay(6000, &reference(12), "F0")])).await;
    w
}

#[tokio::test]
async fn a_waiting_line_gets_suggestions_with_what_speaks_for_each() {
    use FoundBy::{Amount, Name, Number, Payee, Reference, ReferenceMistyped};
    let w = some("suggest").await;
    let mistyped = reference(11).replace("000011", "000017");
    let both = format!("{} {}", reference(11), reference(13));
    let lines = [
        pay(7600, &mistyped, "F1"),
        pay(7600, "DUPONT ANNE admission sur titre 2026", "F2"),
        pay(1600, "le reste", "F3"),
        pay(7600, "dossier 14", "F4"),
        pay(7600, &both, "F5"),
        pay(7600, "merci", "F6"),
        Pay { who: "M MARC ROUX MARC".into(), ..pay(7600, "loyer", "F7") },
        pay(-6000, "retour 12", "F8"),
    ];
    w.import("albi", &camt(ALBI, "EUR", &lines)).await;
    w.search().await;
    let before = w.traces().await;

    let first = suggested(&w, &mistyped).await;
    assert_eq!(told(&first)[0], (11, vec![ReferenceMistyped, Amount, Payee]));
    let shown = &first[0];
    assert_eq!((shown.family_name.as_str(), shown.first_names.as_str()), ("Dupont", "Anne"));
    assert_eq!((shown.status(), shown.due_cents, shown.outstanding_cents), (FeeStatus::Declared, 7600, 7600));
    assert_eq!(
        (shown.reference.as_str(), shown.payee_school.as_str(), shown.held_cents),
        (reference(11).as_str(), "albi", 0)
    );

    // Homonyms: who owes this school goes first, and whom the other owes is not told (R14).
    let homonyms = suggested(&w, "DUPONT ANNE admission sur titre 2026").await;
    assert_eq!(told(&homonyms), [(11, vec![Name, Amount, Payee]), (13, vec![Name, Amount])]);
    assert_eq!(homonyms[1].payee_school, "");
    assert_eq!(told(&suggested(&w, "le reste").await), [(12, vec![Amount, Payee])]);
    assert_eq!(told(&suggested(&w, "dossier 14").await), [(14, vec![Number, Amount])], "not closed: no payee");
    assert_eq!(
        told(&suggested(&w, &both).await)[..2],
        [(11, vec![Reference, Number, Amount, Payee]), (13, vec![Reference, Number, Amount])]
    );
    assert_eq!(told(&suggested(&w, "merci").await), [], "everyone owes the fee");
    assert_eq!(told(&suggested(&w, "loyer").await), [(12, vec![Name, Payee])]);
    assert_eq!(told(&suggested(&w, "retour 12").await), [(12, vec![Number, Amount, Payee])], "could be taken back");
    assert_eq!(w.traces().await, before, "nothing is decided");

    let waiting = line(&w, "merci").await;
    assert_eq!(refusal(w.grpc.suggest_matches(clerk("ales", ask(&waiting))).await).reason, "LINE_UNKNOWN");
    let nowhere = dossier(99).to_string();
    assert_eq!(refusal(w.grpc.suggest_matches(clerk("albi", ask(&nowhere))).await).reason, "LINE_UNKNOWN");
    for role in [roles::STAFF, roles::CANDIDATE, roles::JURY, roles::OPERATOR, roles::SERVICE] {
        let refused = refusal(w.grpc.suggest_matches(by(role, "x", Some("albi"), ask(&waiting))).await);
        assert_eq!(refused.reason, "ROLE_NOT_ALLOWED", "{role}");
    }
    w.names.down.store(true, Ordering::Relaxed);
    let named = line(&w, "loyer").await;
    assert_eq!(refusal(w.grpc.suggest_matches(clerk("albi", ask(&named))).await).reason, "INTAKE_UNAVAILABLE");
}

#[tokio::test]
async fn an_account_is_found_by_reference_number_or_name() {
    use FoundBy::{Name, Number, Payee, Reference, ReferenceMistyped};
    let w = some("find").await;
    let found = |school: &'static str, text: String| {
        let request = clerk(school, find(school, &text));
        let w = &w;
        async move { told(&answer(w.grpc.find_accounts(request).await).accounts) }
    };
    for (text, expected) in [
        (reference(11), vec![(11, vec![Reference, Number, Payee])]),
        (reference(12).to_lowercase().replace('-', " "), vec![(12, vec![Reference, Number, Payee])]),
        ("12".into(), vec![(12, vec![Number, Payee])]),
        ("000013".into(), vec![(13, vec![Number])]),
        ("dupont".into(), vec![(11, vec![Name, Payee]), (13, vec![Name])]),
        ("anne DUPONT".into(), vec![(11, vec![Name, Payee]), (13, vec![Name])]),
        ("roux marc".into(), vec![(12, vec![Name, Payee])]),
        ("nobody".into(), vec![]),
        ("99".into(), vec![]),
        ("x".into(), vec![]),
    ] {
        assert_eq!(found("albi", text.clone()).await, expected, "{text}");
    }
    let slip = found("albi", reference(11).replace("000011", "000071")).await;
    assert_eq!(slip[0], (11, vec![ReferenceMistyped, Payee]));
    assert_eq!(found("ales", "13".into()).await, [(13, vec![Number, Payee])]);

    for (role, unit, request, reason) in [
        (roles::FINANCE, Some("ales"), find("albi", "12"), "UNIT_NOT_ALLOWED"),
        (roles::STAFF, Some("albi"), find("albi", "12"), "ROLE_NOT_ALLOWED"),
        (roles::CANDIDATE, None, find("albi", "12"), "ROLE_NOT_ALLOWED"),
        (roles::JURY, None, find("albi", "12"), "ROLE_NOT_ALLOWED"),
        (roles::FINANCE, Some("albi"), find("albi", " "), "TEXT_MALFORMED"),
        (roles::FINANCE, Some("albi"), find("albi", &"x".repeat(201)), "TEXT_MALFORMED"),
        (roles::FINANCE, Some("eton"), find("eton", "12"), "SCHOOL_UNKNOWN"),
    ] {
        assert_eq!(refusal(w.grpc.find_accounts(by(role, "x", unit, request)).await).reason, reason, "{role}");
    }
    w.names.down.store(true, Ordering::Relaxed);
    let down = w.grpc.find_accounts(clerk("albi", find("albi", "dupont"))).await;
    assert_eq!(refusal(down).reason, "INTAKE_UNAVAILABLE");
    assert_eq!(found("albi", "99".into()).await, [], "where no name is needed none is asked for");
}
