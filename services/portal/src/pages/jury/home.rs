//! Where the session's jury stands, and what waits for somebody.

use axum::response::IntoResponse as _;
use contracts::{
    jury::{Candidature, ListActsRequest, ListCandidaturesRequest, Progress},
    roles,
};
use jiff::Timestamp;
use maud::{Markup, html};
use notice::keys;

use super::{Embargo, acts, candidatures, due, embargo_of, people, words};
use crate::{
    i18n::Tr,
    lists::List,
    pages::{candidature::asked::instants, names::Names},
    ui::{self, Column, Tone},
    web::{Fault, Page, Visit},
};

/// `GET /jury`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let (mut jury, mut about_acts) = (visit.jury(), visit.jury());
    let waiting = ListActsRequest { prepared_only: true, page_size: 100, ..ListActsRequest::default() };
    let (progress, waiting, unsettled, people, dates) = tokio::try_join!(
        async { Ok::<_, Fault>(jury.get_progress(contracts::jury::GetProgressRequest {}).await?.into_inner()) },
        async { Ok::<_, Fault>(about_acts.list_acts(waiting).await?.into_inner().acts) },
        candidatures(&visit, unsettled()),
        people(&visit),
        dates(&visit),
    )?;
    let subjects = waiting.iter().map(|act| act.subject.as_str()).filter(|s| acts::is_dossier(s));
    let ids = unsettled.iter().map(|c| c.dossier_id.as_str());
    let names = Names::of(&visit, ids.chain(subjects)).await?;
    let fees_listed = visit.instant(due(&visit, keys::FEES_LISTED).await?.map(contracts::Timestamp::from));
    let body = html! {
        (embargo_of(&visit, &progress, Embargo::Next).await?)
        (stages(t, &progress))
        div class="grid" {
            (ui::card(&t.get("jury-dates"), html! {
                @if dates.is_empty() { p class="empty" { (t.get("jury-no-dates")) } }
                ul { @for (key, at) in &dates { li { (t.get(key)) " – " (t.instant(*at, &visit.app.session.zone)) } } }
            }))
            (ui::card(&t.get("jury-elsewhere"), html! {
                ul {
                    li { a href="/jury/dossiers?part=mienne" { (t.get("jury-my-share")) } }
                    li { a href="/jury/autres-voies" { (t.get("jury-other-routes")) } }
                    li { a href="/jury/proces-verbaux" { (t.get("jury-minutes")) } }
                    @if visit.role() == roles::JURY_PRESIDENT {
                        li { a href="/jury/lecteurs" { (t.get("nav-readers")) } }
                        li { a href="/jury/periodes" { (t.get("nav-periods")) } }
                    }
                }
            }))
        }
        h2 { (t.get("jury-waiting-acts")) }
        (acts::list(&visit, &t.get("jury-waiting-acts"), &waiting, &names, &people).shown_of(&visit, acts::PATH, &acts::waiting()))
        h2 { (t.get("jury-fees-unsettled")) }
        p { (t.with("jury-fees-unsettled-text", [("at", fees_listed.into())])) }
        (fees(&visit, &unsettled, &names).shown(&visit, "/jury/frais"))
    };
    Ok(ui::page(&visit, &t.get("nav-jury"), &[], body).into_response())
}

fn unsettled() -> ListCandidaturesRequest {
    ListCandidaturesRequest { fee_unsettled_only: true, ..ListCandidaturesRequest::default() }
}

fn fees(visit: &Visit, unsettled: &[Candidature], names: &Names) -> List {
    let t = visit.t;
    let row = |c: &Candidature| {
        vec![
            names.link(&c.dossier_id, "/jury/dossiers"),
            html! { (visit.filiere_name(&c.filiere)) },
            html! { (visit.school_name(&c.first_school)) },
            words::fee_badge(t, &c.fee),
        ]
    };
    let columns =
        ["jury-candidate", "jury-filiere", "jury-first-school", "jury-fee"].map(|key| Column::new(t.get(key)));
    List {
        name: "frais".into(),
        caption: t.get("jury-fees-unsettled"),
        empty: t.get("jury-fees-all-settled"),
        columns: columns.into(),
        rows: unsettled.iter().filter(|c| !c.annulled).map(row).collect(),
    }
}

/// `GET /jury/frais.csv`, `.xlsx`
pub async fn fees_export(visit: Visit) -> Page {
    let unsettled = candidatures(&visit, unsettled()).await?;
    let names = Names::of(&visit, unsettled.iter().map(|c| c.dossier_id.as_str())).await?;
    fees(&visit, &unsettled, &names).file(&visit).await
}

/// What is done and what is not, stage by stage.
fn stages(t: Tr, p: &Progress) -> Markup {
    let done = |yes: bool| {
        if yes { ui::badge(Tone::Good, &t.get("jury-done")) } else { ui::badge(Tone::Info, &t.get("jury-to-do")) }
    };
    let number = |n: u32| html! { (n) };
    html! {
        div class="grid" {
            (ui::card(&t.get("nav-admissibility"), html! {
                (ui::facts(&[
                    (t.get("jury-candidatures"), number(p.candidatures)),
                    (t.get("jury-count-undecided"), html! { a href="/jury/admissibilite?decision=aucune" { (p.undecided) } }),
                    (t.get("jury-count-drafted"), number(p.drafted)),
                    (t.get("jury-count-signed"), number(p.signed)),
                    (t.get("jury-count-annulled"), number(p.annulled)),
                    (t.get("jury-publication-confirmed"), done(p.admissibility_confirmed)),
                    (t.get("jury-published"), done(p.admissibility_published)),
                ]))
                p { a href="/jury/admissibilite" { (t.get("jury-go-admissibility")) } }
            }))
            (ui::card(&t.get("jury-admission"), html! {
                (ui::facts(&[
                    (t.get("jury-tables-signed"), done(p.admission_signature > 0)),
                    (t.get("jury-signature"), html! { @if p.admission_signature > 0 { (p.admission_signature) " " span class="mono" { (p.admission_digest) } } @else { "–" } }),
                    (t.get("jury-publication-confirmed"), done(p.admission_confirmed)),
                ]))
                p { a href="/jury/classement" { (t.get("jury-go-ranking")) } }
            }))
        }
    }
}

/// What comes next, at most five, by key of its text.
async fn dates(visit: &Visit) -> Result<Vec<(&'static str, Timestamp)>, Fault> {
    const KEYS: [(&str, &str); 7] = [
        (keys::DEPOSITS_CLOSE, "jury-date-deposits-close"),
        (keys::FEES_LISTED, "jury-date-fees-listed"),
        (keys::ADMISSIBILITY_COMMISSION, "jury-date-admissibility-commission"),
        (keys::ADMISSIBILITY_RESULTS, "jury-date-admissibility-results"),
        (keys::ADMISSION_COMMISSION, "jury-date-admission-commission"),
        (keys::ADMISSION_RESULTS, "jury-date-admission-results"),
        (keys::TITLES_DUE, "jury-date-titles-due"),
    ];
    let known = instants(visit, &KEYS.map(|(key, _)| key.to_owned())).await?;
    let dated = KEYS.into_iter().filter_map(|(key, text)| Some((text, known(key)?)));
    let mut ahead: Vec<_> = dated.filter(|(_, at)| *at > visit.now).collect();
    ahead.sort_by_key(|(_, at)| *at);
    ahead.truncate(5);
    Ok(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn progress_says_what_is_done() {
        let p = Progress { candidatures: 7, undecided: 3, admissibility_confirmed: true, ..Progress::default() };
        let fr = stages(Tr(Lang::Fr), &p).into_string();
        assert!(fr.contains("<dd><a href=\"/jury/admissibilite?decision=aucune\">3</a></dd>"), "{fr}");
        assert_eq!(fr.matches("badge good").count(), 1, "{fr}");
        assert!(!stages(Tr(Lang::En), &p).into_string().contains('['));
    }
}
