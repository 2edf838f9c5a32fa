//! One dossier before the school that verifies it (R14): pieces beside the checklist, verdicts, corrections, notes, fee.

mod acts;
mod pieces;
mod view;

use axum::{extract::Query, response::IntoResponse as _};
use contracts::{intake as api, payments};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Code;
use uuid::Uuid;

use crate::{
    ui,
    web::{Fault, Form, Page, Path, Visit},
};

/// Which piece is in view.
#[derive(Debug, Default, Deserialize)]
pub struct Shown {
    #[serde(default)]
    piece: String,
}

/// What the page is made of.
struct Seen {
    dossier: api::SchoolDossier,
    /// Absent while payments has not heard of the clôture.
    fee: Option<payments::Fee>,
    alike: Vec<api::LookAlike>,
}

async fn look(visit: &Visit, id: Uuid) -> Result<Seen, Fault> {
    let (school, dossier_id) = (visit.school().to_owned(), id.to_string());
    let (mut intake, mut again, mut payments) = (visit.intake(), visit.intake(), visit.payments());
    let alike = api::LookAlikesRequest { dossier_id: dossier_id.clone(), school: school.clone(), ..Default::default() };
    let (dossier, alike, fee) = tokio::try_join!(
        intake.get_dossier_for_school(api::GetDossierForSchoolRequest { school, dossier_id: dossier_id.clone() }),
        again.look_alikes(alike),
        async {
            let asked = payments::GetFeeRequest { dossier_id: dossier_id.clone(), school: String::new() };
            match payments.get_fee(asked).await {
                Ok(fee) => Ok(Some(fee.into_inner())),
                Err(status) if status.code() == Code::NotFound => Ok(None),
                Err(status) => Err(status),
            }
        },
    )?;
    let groups = alike.into_inner().groups;
    let alike = groups.into_iter().flat_map(|g| g.dossiers).filter(|d| d.dossier_id != dossier_id).collect();
    Ok(Seen { dossier: dossier.into_inner(), fee, alike })
}

/// `GET /ecole/dossiers/{id}`
pub async fn page(visit: Visit, Path(id): Path<Uuid>, Query(shown): Query<Shown>) -> Page {
    let seen = look(&visit, id).await?;
    let held = visit.held.clone();
    let shown = if held.is_empty() { shown.piece } else { held.get("piece").to_owned() };
    Ok(show(&visit, &seen, &shown, &held, html! {}).into_response())
}

fn show(visit: &Visit, seen: &Seen, shown: &str, form: &Form, alert: Markup) -> Markup {
    let d = &seen.dossier;
    let identity = d.identity.clone().unwrap_or_default();
    let title = format!("{} {} {}", d.number, identity.family_name, identity.first_names);
    ui::page(visit, &title, &[], html! { (alert) (view::body(visit, seen, shown, form)) })
}

/// `POST /ecole/dossiers/{id}`: one act, then the page again.
pub async fn post(visit: Visit, Path(id): Path<Uuid>, form: Form) -> Page {
    match acts::act(&visit, id, &form).await? {
        acts::Done::Done(key) => {
            let here = format!("/ecole/dossiers/{id}");
            // The next piece without a verdict comes into view by itself.
            let keeps = matches!(form.get("geste"), acts::CORRECTION);
            let to = if keeps { format!("{here}?piece={}#vue", form.get("piece")) } else { here };
            Ok(visit.done(&to, key))
        }
        acts::Done::Refused(alert) => {
            let seen = look(&visit, id).await?;
            Ok(show(&visit, &seen, form.get("piece"), &form, alert).into_response())
        }
    }
}
