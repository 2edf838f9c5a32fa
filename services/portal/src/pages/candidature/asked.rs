//! What the services answer about one candidature, asked side by side, and never before its instant (R19).

use contracts::{
    intake::{DossierState, GetDossierRequest, MissingRequest},
    integration::GetSituationRequest,
    jury::{GetAdmissibilityRequest, GetResultRequest},
    payments::GetFeeRequest,
    roles,
    scheduling::GetConvocationRequest,
};
use jiff::Timestamp;
use notice::keys;
use platform::{calendar, refusal::Refusal};
use tonic::{Code, Response, Status};

use crate::{
    place::{Dates, Known},
    web::{Fault, Visit},
};

/// The session's instants as they stand now; as printed until the calendar has been heard.
pub async fn dates(visit: &Visit) -> Result<Dates, Fault> {
    let first_period = keys::period_opens(1);
    let wanted = [
        keys::PLATFORM_OPENS,
        keys::DEPOSITS_CLOSE,
        keys::FEES_LISTED,
        keys::ADMISSIBILITY_RESULTS,
        keys::ADMISSION_RESULTS,
        &first_period,
        keys::TITLES_DUE,
    ];
    let known = instants(visit, &wanted.map(str::to_owned)).await?;
    let [opens, deposits_close, fees_listed, admissibility, admission, first_period, titles_due] =
        wanted.map(|key| known(key).unwrap_or(Timestamp::MAX));
    Ok(Dates { opens, deposits_close, fees_listed, admissibility, admission, first_period, titles_due })
}

/// Looks up transitions.
pub async fn instants<'a>(
    visit: &'a Visit,
    keys: &[String],
) -> Result<impl Fn(&str) -> Option<Timestamp> + use<'a>, Fault> {
    let known = calendar::instants(&mut *visit.app.db.read().await?, keys).await?;
    Ok(move |key: &str| known.get(key).copied().or_else(|| visit.app.session.instant(key)))
}

/// Everything that decides where the candidate stands. Nothing is asked before it can have been published: an instant
/// never moves earlier (R5).
pub async fn known(visit: &Visit, dates: &Dates) -> Result<Known, Fault> {
    let mandate = visit.role() == roles::MANDATE;
    let id = visit.dossier()?.to_string();
    let now = visit.now;
    let (dossier, fee, admissibility, convocation, result, situation) = tokio::join!(
        when(!mandate, async { visit.intake().get_dossier(GetDossierRequest { dossier_id: id.clone() }).await }),
        when(now < dates.admission, async {
            let asked = GetFeeRequest { dossier_id: id.clone(), school: String::new() };
            visit.payments().get_fee(asked).await
        }),
        when(now >= dates.admissibility, async {
            visit.jury().get_admissibility(GetAdmissibilityRequest { dossier_id: id.clone() }).await
        }),
        when(now >= dates.admissibility, async {
            visit.scheduling().get_convocation(GetConvocationRequest { dossier_id: id.clone() }).await
        }),
        when(now >= dates.admission, async {
            visit.jury().get_result(GetResultRequest { dossier_id: id.clone() }).await
        }),
        when(now >= dates.first_period, async {
            visit.integration().get_situation(GetSituationRequest { dossier_id: id.clone() }).await
        }),
    );
    let dossier = dossier?;
    let missing = match &dossier {
        Some(dossier) if dossier.state() == DossierState::Open => {
            let asked = visit.intake().missing(MissingRequest { dossier_id: id.clone() }).await;
            present(asked)?.unwrap_or_default().things
        }
        _ => Vec::new(),
    };
    Ok(Known {
        mandate,
        dossier,
        missing,
        // What is owed is said besides: the page does not hang on it.
        fee: fee.unwrap_or_default(),
        admissibility: admissibility?,
        convocation: convocation?.and_then(|reply| reply.convocation),
        result: result?,
        situation: situation?,
    })
}

/// Asks when it is time to.
pub async fn when<T>(due: bool, asking: impl Future<Output = Result<Response<T>, Status>>) -> Result<Option<T>, Fault> {
    if due { present(asking.await) } else { Ok(None) }
}

/// An answer; none where there is nothing, or nothing yet: which of the two, the page does not tell either.
pub fn present<T>(answer: Result<Response<T>, Status>) -> Result<Option<T>, Fault> {
    match answer {
        Ok(reply) => Ok(Some(reply.into_inner())),
        Err(status) => match Refusal::from_status(&status) {
            Some(refused) if matches!(refused.code, Code::NotFound | Code::FailedPrecondition) => Ok(None),
            _ => Err(status.into()),
        },
    }
}
