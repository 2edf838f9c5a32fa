//! Who the candidate is. The e-mail is the account's, which was proven to be theirs: it is not typed again.

use axum::response::IntoResponse as _;
use contracts::intake as api;
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};

use super::{
    Mine, Refused, autosaved, country,
    frame::{self, Step},
    saved, to_start,
};
use crate::{
    store::accounts::by_id,
    ui::{self, Choice, Field, Kind},
    web::{Fault, Form, Page, Visit},
};

const STEP: Step = Step::Identity;

/// Fields of the form and of the contract.
const FIELDS: [(&str, &str); 7] = [
    ("nom", "family_name"),
    ("prenoms", "first_names"),
    ("naissance", "birth_date"),
    ("lieu", "birth_place"),
    ("nationalite", "nationality"),
    ("telephone", "phone"),
    ("adresse", "postal_address"),
];

/// The identity that a form states.
pub(super) fn stated(form: &Form, email: String) -> api::Identity {
    let text = |name: &str| form.get(name).to_owned();
    api::Identity {
        family_name: text("nom"),
        first_names: text("prenoms"),
        birth_date: text("naissance"),
        birth_place: text("lieu"),
        email,
        nationality: text("nationalite"),
        phone: text("telephone"),
        postal_address: text("adresse"),
    }
}

fn stored(identity: &api::Identity) -> Form {
    Form::of(
        [
            ("nom", &identity.family_name),
            ("prenoms", &identity.first_names),
            ("naissance", &identity.birth_date),
            ("lieu", &identity.birth_place),
            ("nationalite", &identity.nationality),
            ("telephone", &identity.phone),
            ("adresse", &identity.postal_address),
        ]
        .map(|(name, value)| (name, value.clone())),
    )
}

/// The account's address.
pub(super) async fn email(visit: &Visit) -> Result<String, Fault> {
    let account = by_id(&mut *visit.app.db.read().await?, visit.dossier()?).await?;
    Ok(account.ok_or(Fault::Forbidden)?.email)
}

/// Which field of the form intake means.
pub(super) fn name_of(path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or_default();
    FIELDS.iter().find(|(_, theirs)| *theirs == last).map_or("", |(ours, _)| ours).to_owned()
}

/// The fields.
pub(super) fn fields(visit: &Visit, form: &Form, email: &str, refused: Option<&Refused>) -> Markup {
    let t = visit.t;
    let countries: Vec<Choice<'_>> = std::iter::once(Choice::new("", t.get("titles-choose")))
        .chain(country::all(t.lang()).map(|(code, name)| Choice::new(code, name)))
        .collect();
    let line = |name: &'static str,
                label: String,
                hint: String,
                kind: Kind,
                required: bool,
                autocomplete: &'static str,
                max: usize| {
        ui::field(
            visit,
            &Field {
                name,
                label: &label,
                value: form.get(name),
                kind,
                hint: &hint,
                error: &Refused::on(refused, name),
                required,
                autocomplete,
                max,
            },
        )
    };
    let none = String::new;
    html! {
        (line("nom", t.get("identity-family"), t.get("identity-family-hint"), Kind::Text, true, "family-name", 100))
        (line("prenoms", t.get("identity-first"), t.get("identity-first-hint"), Kind::Text, true, "given-name", 100))
        (line("naissance", t.get("identity-birth"), none(), Kind::Date, true, "bday", 0))
        (line("lieu", t.get("identity-birth-place"), none(), Kind::Text, false, "", 100))
        (ui::select(visit, &Field { name: "nationalite", label: &t.get("identity-nationality"), value: form.get("nationalite"), error: &Refused::on(refused, "nationalite"), required: true, ..Field::default() }, &countries))
        (line("telephone", t.get("identity-phone"), none(), Kind::Tel, false, "tel", 30))
        (ui::textarea(visit, &Field { name: "adresse", label: &t.get("identity-address"), value: form.get("adresse"), error: &Refused::on(refused, "adresse"), max: 300, ..Field::default() }, 3))
        p { (t.get("identity-email")) " " strong { (email) } " " span class="hint" { (t.get("identity-email-hint")) } }
    }
}

/// `GET /candidat/dossier/identite`
pub async fn page(visit: Visit) -> Page {
    let Some(mine) = Mine::load(&visit).await? else { return to_start() };
    let held = (!visit.held.is_empty()).then(|| visit.held.clone());
    let form = held.unwrap_or_else(|| stored(&mine.dossier.identity.clone().unwrap_or_default()));
    Ok(show(&visit, &mine, &form, &email(&visit).await?, None).into_response())
}

fn show(visit: &Visit, mine: &Mine, form: &Form, email: &str, refused: Option<&Refused>) -> Markup {
    let t = visit.t;
    let body = if mine.editable(visit.now) {
        html! {
            (Refused::top(refused))
            form method="post" action=(STEP.path()) data-autosave data-saved=(t.get("autosave-saved")) data-failed=(t.get("autosave-failed")) {
                (ui::hidden("jeton", &visit.form_token))
                (fields(visit, form, email, refused))
                (frame::go_on(visit, STEP))
            }
        }
    } else {
        facts(visit, &mine.dossier.identity.clone().unwrap_or_default())
    };
    frame::page(visit, mine, STEP, &[], body)
}

/// The same to be read.
pub(super) fn facts(visit: &Visit, identity: &api::Identity) -> Markup {
    let t = visit.t;
    let birth = identity.birth_date.parse().map_or_else(|_| identity.birth_date.clone(), |date| t.date(date));
    ui::facts(&[
        (t.get("identity-family"), html! { (identity.family_name) }),
        (t.get("identity-first"), html! { (identity.first_names) }),
        (t.get("identity-birth"), html! { (birth) }),
        (t.get("identity-birth-place"), html! { (identity.birth_place) }),
        (t.get("identity-nationality"), html! { (country::name(t.lang(), &identity.nationality)) }),
        (t.get("identity-phone"), html! { (identity.phone) }),
        (t.get("identity-address"), html! { @for line in identity.postal_address.lines() { (line) br; } }),
        (t.get("email"), html! { (identity.email) }),
    ])
}

/// `POST /candidat/dossier/identite`
pub async fn post(visit: Visit, headers: HeaderMap, form: Form) -> Page {
    let email = email(&visit).await?;
    let request = api::UpdateFormRequest {
        dossier_id: visit.dossier()?.to_string(),
        identity: Some(stated(&form, email.clone())),
        ..Default::default()
    };
    match visit.intake().update_form(request).await {
        Ok(_) if autosaved(&headers) => Ok(saved()),
        Ok(_) => Ok(visit.done(STEP.next().path(), "saved")),
        Err(status) => {
            let refused = Refused::new(&visit, &status, name_of)?;
            let Some(mine) = Mine::load(&visit).await? else { return to_start() };
            let page = show(&visit, &mine, &form, &email, Some(&refused));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_comes_back_from_its_form() {
        let identity = api::Identity {
            family_name: "Lefèvre".into(),
            first_names: "Éloïse".into(),
            birth_date: "2004-02-29".into(),
            birth_place: "Lille".into(),
            email: "e@exemple.fr".into(),
            nationality: "FR".into(),
            phone: "01".into(),
            postal_address: "1 rue\n59000 Lille".into(),
        };
        assert_eq!(stated(&stored(&identity), identity.email.clone()), identity);
        assert_eq!(name_of("identity.birth_date"), "naissance");
    }
}
