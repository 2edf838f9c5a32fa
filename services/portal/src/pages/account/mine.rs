//! The account's own page, and closing it.

use axum::response::IntoResponse as _;
use contracts::{
    intake::{AbandonDossierRequest, DossierState},
    integration::{Answer, Situation},
};
use maud::{Markup, html};

use super::denied;
use crate::{
    accounts,
    i18n::Tr,
    pages::candidature::asked,
    place::{self, Known},
    store::accounts::by_id,
    ui::{self, Field, Kind, Tone},
    web::{Client, Fault, Form, Page, Visit},
};

/// `GET /compte`
pub async fn page(visit: Visit) -> Page {
    let t = visit.t;
    let account = by_id(&mut *visit.app.db.read().await?, visit.dossier()?).await?.ok_or(Fault::Forbidden)?;
    let factor = if account.totp_secret.is_some() {
        ui::badge(Tone::Good, &t.get("factor-state-on"))
    } else {
        ui::badge(Tone::Info, &t.get("factor-state-off"))
    };
    let body = html! {
        (ui::facts(&[(t.get("email"), html! { (account.email) }), (t.get("factor-title"), factor)]))
        ul {
            li { a href="/compte/double-facteur" { (t.get("factor-title")) } }
            li { a href="/compte/mot-de-passe" { (t.get("reset-title")) } }
            li { a href="/compte/mes-donnees.zip" download { (t.get("data-title")) } " – " (t.get("data-text")) }
            li { a href="/compte/fermer" { (t.get("close-title")) } }
        }
    };
    Ok(ui::page(&visit, &t.get("account-title"), &[], body).into_response())
}

/// What closing the account means for the candidature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaves {
    /// An open dossier: it is given up first.
    OpenDossier,
    /// A candidature in the running: it remains, and a NON is possible now.
    Candidature,
    /// The same before the first proposals: nobody hears a NON yet.
    Early,
    /// Nothing that closing the account could harm.
    Nothing,
}

impl Leaves {
    fn of(known: &Known) -> Self {
        let open = known.dossier.as_ref().is_some_and(|dossier| dossier.state() == DossierState::Open);
        let allows_non = |s: &Situation| s.allowed.iter().any(|allowed| allowed.answer() == Answer::Non);
        if open {
            Self::OpenDossier
        } else if known.situation.as_ref().is_some_and(allows_non) {
            Self::Candidature
        } else if place::in_the_running(known) && known.situation.is_none() {
            Self::Early
        } else {
            Self::Nothing
        }
    }
}

async fn leaves(visit: &Visit) -> Result<Leaves, Fault> {
    let dates = asked::dates(visit).await?;
    Ok(Leaves::of(&asked::known(visit, &dates).await?))
}

/// `GET /compte/fermer`
pub async fn close_page(visit: Visit) -> Page {
    let leaves = leaves(&visit).await?;
    Ok(close_show(&visit, leaves, html! {}).into_response())
}

fn close_show(visit: &Visit, leaves: Leaves, alert: Markup) -> Markup {
    let t = visit.t;
    let body = html! {
        (alert)
        p class="lead" { (t.get("close-lead")) }
        (close_view(t, leaves))
        (ui::form(visit, "/compte/fermer", html! {
            (ui::field(visit, &Field { name: "mot-de-passe", label: &t.get("password"), kind: Kind::Password, required: true, autocomplete: "current-password", ..Field::default() }))
            @if leaves == Leaves::OpenDossier {
                (ui::checkbox(&Field { name: "abandonner", label: &t.get("close-abandon"), required: true, ..Field::default() }, false))
            }
            div class="actions" { button class="danger" { (t.get("close-button")) } a href="/compte" { (t.get("cancel")) } }
        }))
    };
    ui::page(visit, &t.get("close-title"), &[], body)
}

fn close_view(t: Tr, leaves: Leaves) -> Markup {
    match leaves {
        Leaves::OpenDossier => {
            ui::alert(Tone::Warn, &t.get("close-open-title"), html! { p { (t.get("close-open-text")) } })
        }
        Leaves::Candidature => ui::alert(
            Tone::Warn,
            &t.get("close-candidature-title"),
            html! {
                p { (t.get("close-candidature-text")) }
                p { a href="/candidat/proposition/non" { (t.get("close-answer-non")) } }
            },
        ),
        Leaves::Early => {
            ui::alert(Tone::Warn, &t.get("close-candidature-title"), html! { p { (t.get("close-early-text")) } })
        }
        Leaves::Nothing => html! {},
    }
}

/// `POST /compte/fermer`: an open dossier is given up first, so that nothing is left of it but its number.
pub async fn close(visit: Visit, Client(from): Client, form: Form) -> Page {
    let account = visit.dossier()?;
    let leaves = leaves(&visit).await?;
    if let Err(refused) = accounts::prove(&visit.app, account, form.raw("mot-de-passe"), &from, visit.now).await {
        let alert = denied(&visit, refused)?;
        return Ok(close_show(&visit, leaves, alert).into_response());
    }
    if leaves == Leaves::OpenDossier {
        if !form.has("abandonner") {
            // Begun since the page was shown: nobody has agreed to lose it.
            return Ok(close_show(&visit, leaves, html! {}).into_response());
        }
        let asked = AbandonDossierRequest { dossier_id: account.to_string() };
        if let Err(status) = visit.intake().abandon_dossier(asked).await {
            let alert = visit.refused(&status)?;
            return Ok(close_show(&visit, leaves, alert).into_response());
        }
    }
    match accounts::close(&visit.app, account, visit.now).await {
        Ok(()) => Ok(visit.done("/", "account-closed")),
        Err(refused) => {
            let alert = denied(&visit, refused)?;
            Ok(close_show(&visit, leaves, alert).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use contracts::{intake::Dossier, integration::AllowedAnswer};

    use super::*;
    use crate::i18n::Lang;

    fn known(state: DossierState) -> Known {
        Known { dossier: Some(Dossier { state: state.into(), ..Dossier::default() }), ..Known::default() }
    }

    #[test]
    fn closing_says_what_becomes_of_the_candidature() {
        assert_eq!(Leaves::of(&Known::default()), Leaves::Nothing);
        assert_eq!(Leaves::of(&known(DossierState::Open)), Leaves::OpenDossier);
        assert_eq!(Leaves::of(&known(DossierState::NotClosed)), Leaves::Nothing);
        let closed = known(DossierState::Closed);
        assert_eq!(Leaves::of(&closed), Leaves::Early);
        let non = AllowedAnswer { answer: Answer::Non.into(), ..AllowedAnswer::default() };
        let with = |allowed| Some(Situation { allowed, ..Situation::default() });
        assert_eq!(Leaves::of(&Known { situation: with(vec![non]), ..closed.clone() }), Leaves::Candidature);
        assert_eq!(Leaves::of(&Known { situation: with(vec![]), ..closed }), Leaves::Nothing);
    }

    #[test]
    fn each_warning_is_said_in_both_languages_and_a_candidature_is_offered_the_non() {
        for lang in Lang::ALL {
            for leaves in [Leaves::OpenDossier, Leaves::Candidature, Leaves::Early] {
                let page = close_view(Tr(lang), leaves).into_string();
                assert!(!page.contains('['), "{page}");
                assert_eq!(page.contains("/candidat/proposition/non"), leaves == Leaves::Candidature);
            }
            assert_eq!(close_view(Tr(lang), Leaves::Nothing).into_string(), "");
        }
    }
}
