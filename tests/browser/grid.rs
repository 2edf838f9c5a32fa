//! The planner's grid by hand: a slot dragged to where it may go, and to where a rule forbids it.

use serde_json::Value;

use crate::browser::Browser;

/// One interview dragged to another day than its candidate's other exam, which R24 forbids, then to a place that is
/// possible.
pub async fn by_hand(planner: &Browser) {
    // Both days in sight, as on a planner's screen.
    planner.driver.set_window_rect(0, 0, 1600, 3000).await.unwrap();
    planner.go("/oraux").await;
    let taken =
        planner.script("return document.querySelector('td.taken[data-exam=entretien]')?.dataset.dossier;").await;
    let dossier = taken.as_str().expect("an interview in the grid").to_owned();
    let (day, at) = stands(planner, &dossier).await;
    let free = "return [...document.querySelectorAll('td.free[data-exam=entretien]')].map(c => [c.closest('table').dataset.day, c.dataset.at, c.dataset.panel]);";
    let free = triples(&planner.script(free).await);
    planner.go(&format!("/oraux/candidats/{dossier}?epreuve=entretien")).await;
    let possible = "return [...document.querySelectorAll('#place option')].map(o => new URLSearchParams(o.value)).map(p => [p.get('autre'), p.get('a'), p.get('jury')]);";
    let possible = triples(&planner.script(possible).await);
    // Some are possible only if the other exam moves along, which a drag does not ask for.
    let fits = |cell: &&[String; 3]| possible.iter().any(|p| p[0].is_empty() && p[1..] == cell[1..]);
    let allowed = free.iter().find(fits).unwrap_or_else(|| panic!("nothing of {possible:?} is free in {free:?}"));
    let other_day = free.iter().find(|cell| cell[0] != day).unwrap_or_else(|| panic!("no other day in {free:?}"));
    assert!(!fits(&other_day), "{other_day:?} is among what is possible: {possible:?}");

    let_go(planner, &dossier, other_day).await;
    planner.write("motif-glisse", "Salle prise").await;
    planner.click("#deplacement form button:not([type=button])").await;
    planner.until("Cette place enfreint une règle ; rien n’a bougé").await;
    assert_eq!(stands(planner, &dossier).await, (day.clone(), at.clone()), "a refused move moves something");
    let_go(planner, &dossier, allowed).await;
    planner.click("#deplacement [data-close]").await;
    assert_eq!(stands(planner, &dossier).await, (day, at), "a move that was called off moves something");
    let_go(planner, &dossier, allowed).await;
    planner.write("motif-glisse", "Salle prise").await;
    planner.click("#deplacement form button:not([type=button])").await;
    planner.until("L’épreuve est déplacée").await;
    assert_eq!(stands(planner, &dossier).await, (allowed[0].clone(), allowed[1].clone()));
}

/// Lets the interview go in a free place of the grid, which asks why.
async fn let_go(planner: &Browser, dossier: &str, [_, at, panel]: &[String; 3]) {
    planner.go("/oraux").await;
    let slot = format!("td[data-dossier='{dossier}'][data-exam=entretien]");
    planner.drag(&slot, &format!("td.free[data-exam=entretien][data-at='{at}'][data-panel='{panel}']")).await;
    planner.present("#deplacement[open]").await;
}

/// Day and instant of a candidate's interview, as the grid shows it.
async fn stands(planner: &Browser, dossier: &str) -> (String, String) {
    planner.go("/oraux").await;
    let place = format!(
        "const c = document.querySelector(\"td[data-dossier='{dossier}'][data-exam=entretien]\"); return [[c.closest('table').dataset.day, c.closest('tr').querySelector('time').dateTime, '']];"
    );
    let [[day, at, _]] = triples(&planner.script(&place).await).try_into().expect("one place");
    (day, at)
}

fn triples(value: &Value) -> Vec<[String; 3]> {
    serde_json::from_value(value.clone()).unwrap_or_else(|e| panic!("{e}: {value}"))
}
