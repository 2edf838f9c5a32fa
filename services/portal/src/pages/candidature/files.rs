//! Documents that are typeset on demand: the convocation and receipts of answers (R25, R30).

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Response};
use contracts::{
    intake::{Dossier, GetDossierRequest},
    integration,
    scheduling::Convocation,
};
use documents::{Actor, Answer, AnswerReceipt, Candidate, Contact, DocumentError, Documents, Exam, Language, Venue};
use http::{HeaderValue, header};
use jiff::{Timestamp, Zoned};

use super::{convocation::exams, receipt::Given, words::Words};
use crate::{
    i18n::Lang,
    place::instant,
    web::{Fault, Visit},
};

/// Media type of a PDF.
pub const PDF: &str = "application/pdf";

/// A file to keep.
pub fn attached(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Typesets where blocking is allowed.
async fn typeset(
    visit: &Visit,
    set: impl FnOnce(&Documents, Language) -> Result<Vec<u8>, DocumentError> + Send + 'static,
) -> Result<Vec<u8>, Fault> {
    let documents = visit.app.documents.clone();
    let language = if visit.t.lang() == Lang::Fr { Language::French } else { Language::English };
    tokio::task::spawn_blocking(move || set(&documents, language))
        .await
        .map_err(Fault::internal)?
        .map_err(Fault::internal)
}

/// The convocation as PDF.
pub async fn convocation(visit: &Visit, convocation: &Convocation) -> Result<Vec<u8>, Fault> {
    let w = Words::of(visit);
    let school =
        w.session.school(&convocation.school).ok_or_else(|| Fault::internal("a convening school is unknown"))?;
    let exams = exams(w, convocation).into_iter().filter_map(|(_, label, slot)| {
        Some(Exam {
            label: label.to_owned(),
            begins_at: zoned(w, instant(slot.begins_at)?),
            ends_at: zoned(w, instant(slot.ends_at)?),
            room: Some(slot.room.clone()).filter(|room| !room.is_empty()),
            panel: None,
        })
    });
    let venue = if convocation.remote {
        Venue::Remote { link: convocation.link.clone() }
    } else {
        Venue::OnSite { address: convocation.address.lines().map(str::to_owned).collect() }
    };
    let document = documents::Convocation {
        session: w.session.title.clone(),
        candidate: candidate(&dossier(visit).await?)?,
        school: school.name.clone(),
        venue,
        exams: exams.collect(),
        bring: Vec::new(),
        contact: Contact { office: school.office.clone(), phones: school.phone.clone(), mail: school.mail.clone() },
        issued_at: zoned(w, visit.now),
    };
    typeset(visit, move |documents, language| documents.convocation(&document, language)).await
}

/// The receipt of an answer as PDF. `labels`: what the candidate calls each mandate.
pub async fn answer(visit: &Visit, given: &Given, labels: &BTreeMap<String, String>) -> Result<Vec<u8>, Fault> {
    let w = Words::of(visit);
    let entry = &given.entry;
    let (Some(answer), Some(received), Some(effect)) =
        (answer_of(entry.answer()), instant(entry.at), given.takes_effect)
    else {
        return Err(Fault::NotFound);
    };
    let receipt = AnswerReceipt {
        session: w.session.title.clone(),
        candidate: candidate(&dossier(visit).await?)?,
        answer,
        school: Some(w.school(&entry.school).to_owned()).filter(|name| !name.is_empty()),
        period: entry.period,
        received_at: zoned(w, received),
        takes_effect_at: zoned(w, effect),
        gives_up: entry.gives_up.iter().map(|id| w.school(id).to_owned()).collect(),
        actor: if entry.by_mandate {
            Actor::Mandate { name: labels.get(&entry.actor).cloned().unwrap_or_default() }
        } else {
            Actor::Candidate
        },
        seal: None,
    };
    typeset(visit, move |documents, language| documents.answer_receipt(&receipt, language)).await
}

const fn answer_of(answer: integration::Answer) -> Option<Answer> {
    Some(match answer {
        integration::Answer::OuiDefinitif => Answer::OuiDefinitif,
        integration::Answer::OuiMais => Answer::OuiMais,
        integration::Answer::NonMais => Answer::NonMais,
        integration::Answer::Attente => Answer::Attente,
        integration::Answer::Non => Answer::Non,
        integration::Answer::Unspecified => return None,
    })
}

async fn dossier(visit: &Visit) -> Result<Dossier, Fault> {
    let asked = GetDossierRequest { dossier_id: visit.dossier()?.to_string() };
    Ok(visit.intake().get_dossier(asked).await?.into_inner())
}

fn candidate(dossier: &Dossier) -> Result<Candidate, Fault> {
    let identity = dossier.identity.clone().unwrap_or_default();
    Ok(Candidate {
        number: dossier.number.to_string(),
        birth_date: identity.birth_date.parse().map_err(|_| Fault::internal("a birth date cannot be read"))?,
        family_name: identity.family_name,
        first_names: identity.first_names,
    })
}

fn zoned(w: Words<'_>, at: Timestamp) -> Zoned {
    at.to_zoned(w.session.zone.clone())
}
