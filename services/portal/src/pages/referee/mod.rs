//! The person in charge of studies (R11): no account, the link they were sent is all their authority. It is a secret and
//! stands in no log; pages of this room send no referrer and are not kept.

use axum::{
    extract::Request,
    response::IntoResponse as _,
    routing::{get, post},
};
use contracts::intake::{self as api, Appreciation, deposit_fiche_request::Content};
use http::StatusCode;
use maud::{Markup, html};
use notice::Depositor;
use tonic::Status;

use crate::{
    pages::{
        dossier::send::{self, Broken},
        public::calendar,
    },
    ui::{self, Choice, Field, Tone},
    web::{Audience, Fault, Form, Measured, Page, Path, Routes, Visit},
};

/// The routes of this room.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().on(Audience::Anyone, "/recommandation/{lien}", "GET POST", get(page).post(answers)).on(
        Audience::Anyone,
        "/recommandation/{lien}/fichier",
        "POST",
        post(file),
    )
}

/// The appreciations, by their name in the form.
const APPRECIATIONS: [(&str, Appreciation); 4] = [
    ("tres-favorable", Appreciation::VeryFavourable),
    ("favorable", Appreciation::Favourable),
    ("reserve", Appreciation::Reserved),
    ("defavorable", Appreciation::Unfavourable),
];

/// Where a link leads; where the file of its form is posted.
fn address(link: &str) -> String {
    format!("/recommandation/{link}")
}

/// `GET /recommandation/{lien}`
pub async fn page(visit: Visit, Path(link): Path<String>) -> Page {
    show(&visit, &link, &Form::default(), html! {}, StatusCode::OK).await
}

/// Who asks, for what, until when, and the two ways to answer; or why the link leads nowhere.
async fn show(visit: &Visit, link: &str, form: &Form, alert: Markup, status: StatusCode) -> Page {
    let t = visit.t;
    let asked = match visit.intake().get_fiche_request(api::GetFicheRequestRequest { link: link.to_owned() }).await {
        Ok(reply) => reply.into_inner(),
        Err(refused) => return nowhere(visit, &refused),
    };
    let due = asked.due.and_then(|at| jiff::Timestamp::try_from(at).ok());
    let mut body = html! {
        (alert)
        p class="lead" { (t.with("referee-lead", [("referee", asked.referee_name.as_str().into())])) }
        (who(visit, &asked))
    };
    body = if due.is_some_and(|due| visit.now >= due) {
        html! { (body) (ui::alert(Tone::Warn, &t.get("referee-too-late"), html! { p { (t.get("referee-too-late-text")) } })) }
    } else {
        html! {
            (body)
            @if let Some(due) = due { p class="hint" { (t.with("referee-until", [("at", t.instant(due, &visit.app.session.zone).into())])) " " (calendar::left(visit, due)) } }
            p { (t.get("referee-confidential")) }
            (fiche(visit, link, form))
            (as_file(visit, link))
        }
    };
    Ok((status, ui::page(visit, &t.get("referee-title"), &[], body)).into_response())
}

fn who(visit: &Visit, asked: &api::FicheRequest) -> Markup {
    let t = visit.t;
    let mut facts = vec![(
        t.get("referee-candidate"),
        html! { strong { (asked.candidate_first_names) " " (asked.candidate_family_name) } },
    )];
    if let Some(title) = &asked.title {
        let diploma = visit.app.session.diploma(&title.diploma).map_or(title.diploma.as_str(), |d| t.label(&d.label));
        facts.push((
            t.get("referee-title-stated"),
            html! { (diploma) @if !title.mention.is_empty() { " – " (title.mention) } },
        ));
    }
    let schools: Vec<&str> = visit.app.session.schools.iter().map(|s| s.name.as_str()).collect();
    facts.push((t.get("referee-for"), html! { (t.get("home-title")) " (" (schools.join(", ")) ")" }));
    ui::facts(&facts)
}

fn fiche(visit: &Visit, link: &str, form: &Form) -> Markup {
    let t = visit.t;
    let choices: Vec<Choice<'_>> =
        APPRECIATIONS.iter().map(|(name, _)| Choice::new(name, t.get(&format!("referee-{name}")))).collect();
    let number = |name: &'static str, label: String, hint: String| {
        ui::field(
            visit,
            &Field {
                name,
                label: &label,
                value: form.get(name),
                kind: ui::Kind::Number,
                hint: &hint,
                max: 6,
                ..Field::default()
            },
        )
    };
    ui::card(
        &t.get("referee-fill"),
        ui::form(
            visit,
            &address(link),
            html! {
                (ui::field(visit, &Field { name: "connu", label: &t.get("referee-known"), value: form.get("connu"), hint: &t.get("referee-known-hint"), required: true, max: 500, ..Field::default() }))
                div class="grid" {
                    (number("rang", t.get("referee-rank"), t.get("referee-rank-hint")))
                    (number("effectif", t.get("referee-cohort"), t.get("referee-rank-hint")))
                }
                (ui::radios(visit, &Field { name: "avis", label: &t.get("referee-appreciation"), value: form.get("avis"), required: true, ..Field::default() }, &choices))
                (ui::textarea(visit, &Field { name: "commentaire", label: &t.get("referee-comment"), value: form.get("commentaire"), hint: &t.get("referee-comment-hint"), required: true, max: 5000, ..Field::default() }, 10))
                p class="hint" { (t.get("referee-once")) }
                div class="actions" { (ui::button(&t.get("referee-deposit"))) }
            },
        ),
    )
}

fn as_file(visit: &Visit, link: &str) -> Markup {
    let t = visit.t;
    let most = visit.app.session.pieces.iter().find(|p| p.by == Depositor::Referee).map_or(0, |p| p.max_bytes);
    ui::card(
        &t.get("referee-file"),
        ui::multipart(
            visit,
            &format!("{}/fichier", address(link)),
            html! {
                (ui::file(visit, &Field { name: "fichier", label: &t.get("piece-file"), hint: &t.with("referee-file-hint", [("size", t.size(most).into())]), required: true, ..Field::default() }, ".pdf,.jpg,.jpeg,.png"))
                p class="hint" { (t.get("referee-once")) }
                div class="actions" { (ui::button(&t.get("referee-deposit"))) }
            },
        ),
    )
}

/// A link that is unknown, used or revoked: said plainly, with what to do.
fn nowhere(visit: &Visit, status: &Status) -> Page {
    let alert = visit.refused(status)?;
    let code = Fault::from(status.clone()).status();
    let body = html! { (alert) p { (visit.t.get("referee-nowhere")) } };
    Ok((code, ui::page(visit, &visit.t.get("referee-title"), &[], body)).into_response())
}

/// What a form answers; a rank or a size that is no number is a fault of the form.
fn stated(form: &Form) -> Option<api::FicheAnswers> {
    let number = |name: &str| match form.get(name) {
        "" => Some(0),
        text => text.parse().ok(),
    };
    let appreciation =
        APPRECIATIONS.iter().find(|(name, _)| *name == form.get("avis")).map_or(Appreciation::Unspecified, |(_, a)| *a);
    Some(api::FicheAnswers {
        known_as: form.get("connu").to_owned(),
        rank: number("rang")?,
        cohort: number("effectif")?,
        appreciation: appreciation.into(),
        comment: form.get("commentaire").to_owned(),
    })
}

/// `POST /recommandation/{lien}`: the fiche as answers.
pub async fn answers(visit: Visit, Path(link): Path<String>, form: Form) -> Page {
    let t = visit.t;
    let Some(answers) = stated(&form) else {
        let alert = ui::alert(Tone::Bad, &t.get("refused-title"), html! { p { (t.get("referee-not-a-number")) } });
        return show(&visit, &link, &form, alert, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let request = api::DepositFicheRequest { link: link.clone(), content: Some(Content::Answers(answers)) };
    match visit.intake().deposit_fiche(request).await {
        Ok(reply) => Ok(receipt(&visit, reply.get_ref())),
        Err(status) => {
            let alert = visit.refused(&status)?;
            show(&visit, &link, &form, alert, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// `POST /recommandation/{lien}/fichier`: the fiche as a file, streamed on while it arrives.
pub async fn file(visit: Visit, Path(link): Path<String>, request: Request) -> Page {
    let mut file = Measured::begin(&visit, request).await?;
    let alert = match deposit(&visit, &link, &mut file).await {
        Ok(reply) => return Ok(receipt(&visit, &reply)),
        Err(Broken::Cut(fault)) => return Err(fault),
        Err(Broken::Refused(status)) => visit.refused(&status)?,
    };
    file.drain().await;
    show(&visit, &link, &Form::default(), alert, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn deposit(visit: &Visit, link: &str, file: &mut Measured) -> Result<api::FicheReceipt, Broken> {
    let begin = api::BeginFicheUploadRequest { link: link.to_owned(), size: file.size, name: file.name.clone() };
    let upload_id = visit.intake().begin_fiche_upload(begin).await.map_err(Broken::Refused)?.into_inner().upload_id;
    let sha256 = send::stream(visit, &upload_id, link, file).await?;
    let content = Content::File(api::FicheFile { upload_id, sha256 });
    let request = api::DepositFicheRequest { link: link.to_owned(), content: Some(content) };
    visit.intake().deposit_fiche(request).await.map(tonic::Response::into_inner).map_err(Broken::Refused)
}

/// That it arrived, and when: there is nothing left to do.
fn receipt(visit: &Visit, receipt: &api::FicheReceipt) -> axum::response::Response {
    let t = visit.t;
    let body = html! {
        (ui::alert(Tone::Good, &t.get("referee-done"), html! { p { (t.get("referee-done-text")) } }))
        (ui::facts(&[
            (t.get("referee-received"), html! { (visit.exact(receipt.deposited_at)) }),
            (t.get("receipt-digest"), html! { span class="mono" { (receipt.digest) } }),
        ]))
    };
    ui::page(visit, &t.get("referee-receipt"), &[], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, Tr};

    #[test]
    fn a_fiche_is_read_from_its_form() {
        let form = Form::parse("connu=Enseignant&rang=3&effectif=&avis=reserve&commentaire=Bien".as_bytes());
        let answers = stated(&form).unwrap();
        assert_eq!((answers.rank, answers.cohort, answers.appreciation()), (3, 0, Appreciation::Reserved));
        assert_eq!(stated(&Form::parse(b"rang=troisieme")), None);
        assert_eq!(stated(&Form::parse(b"rang=-1")), None);
        assert_eq!(stated(&Form::parse(b"avis=x")).unwrap().appreciation(), Appreciation::Unspecified);
    }

    #[test]
    fn every_appreciation_has_its_words() {
        for lang in Lang::ALL {
            for (name, _) in APPRECIATIONS {
                assert!(!Tr(lang).get(&format!("referee-{name}")).starts_with('['), "{name}");
            }
        }
    }
}
