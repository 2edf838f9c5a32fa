//! Event → a mail in the outbox of mails, in the transaction of the event.

use contracts::{Fact as _, intake, integration, jury, payments, scheduling};
use jiff::Timestamp;
use notice::keys;
use platform::{
    calendar,
    clock::Clock,
    db::Tx,
    inbox::{Envelope, HandleError, Listener},
};
use uuid::Uuid;

use crate::{
    domain::{Kind, hear},
    store::{self, About, NewMail},
    wire,
};

/// Hears what mails are about.
pub struct Facts {
    /// When a mail is asked for.
    pub clock: Clock,
}

fn uuid(text: &str) -> Result<Uuid, HandleError> {
    text.parse().map_err(|_| HandleError::reject(format!("`{text}` is not a UUID")))
}

fn instant(at: Option<contracts::Timestamp>, event: &Envelope) -> Result<Timestamp, HandleError> {
    at.map_or(Ok(event.time), |at| Timestamp::try_from(at).map_err(HandleError::reject))
}

/// A mail about `dossier` for this event: its version is the cause, so that another fact of the kind is another mail and
/// the same one heard again is none.
fn mail(kind: Kind, dossier: Uuid, event: &Envelope, at: Timestamp, about: About) -> NewMail {
    NewMail { kind, dossier: Some(dossier), cause: format!("{}@{}", event.kind, event.version), at, about }
}

#[tonic::async_trait]
impl Listener for Facts {
    fn subjects(&self) -> Vec<String> {
        vec![
            intake::DossierOpened::subject(),
            intake::DossierClosed::subject(),
            intake::DossierNotClosed::subject(),
            intake::DossierAbandoned::subject(),
            intake::DossierVerified::subject(),
            payments::FeeChanged::subject(),
            jury::AdmissibilityPublished::subject(),
            jury::CandidatureAnnulled::subject(),
            scheduling::ConvocationSet::subject(),
            integration::SituationChanged::subject(),
        ]
    }

    async fn handle(&self, tx: &mut Tx, event: &Envelope) -> Result<(), HandleError> {
        let mails: Vec<NewMail> = match event.source.as_str() {
            intake::DossierOpened::SERVICE => of_dossier(tx, event).await?.into_iter().collect(),
            payments::FeeChanged::SERVICE => of_fee(tx, event).await?.into_iter().collect(),
            jury::AdmissibilityPublished::SERVICE => of_jury(tx, event).await?,
            scheduling::ConvocationSet::SERVICE => of_convocation(tx, event).await?.into_iter().collect(),
            _ => of_situation(tx, event).await?.into_iter().collect(),
        };
        store::queue(tx, &mails, self.clock.now()).await?;
        Ok(())
    }
}

async fn of_dossier(tx: &mut Tx, event: &Envelope) -> Result<Option<NewMail>, HandleError> {
    if event.is::<intake::DossierAbandoned>() {
        // Given up and erased: there is nobody left to tell.
        let fact: intake::DossierAbandoned = event.decode()?;
        store::state(tx, uuid(&fact.dossier_id)?, "abandoned").await?;
        return Ok(None);
    }
    let (kind, dossier, at, about, state) = if event.is::<intake::DossierOpened>() {
        let fact: intake::DossierOpened = event.decode()?;
        (Kind::DossierOpened, fact.dossier_id, fact.opened_at, About::default(), Some("open"))
    } else if event.is::<intake::DossierClosed>() {
        let fact: intake::DossierClosed = event.decode()?;
        (Kind::DossierClosed, fact.dossier_id, fact.closed_at, About::default(), Some("closed"))
    } else if event.is::<intake::DossierNotClosed>() {
        let fact: intake::DossierNotClosed = event.decode()?;
        (Kind::DossierNotClosed, fact.dossier_id, fact.at, About::default(), Some("not_closed"))
    } else {
        let fact: intake::DossierVerified = event.decode()?;
        if fact.verdict() != intake::Verdict::CorrectionRequested {
            return Ok(None);
        }
        let about = About { school: Some(fact.school), ..About::default() };
        (Kind::CorrectionRequested, fact.dossier_id, fact.at, about, None)
    };
    let (dossier, at) = (uuid(&dossier)?, instant(at, event)?);
    if let Some(state) = state {
        store::state(tx, dossier, state).await?;
    }
    Ok(Some(mail(kind, dossier, event, at, about)))
}

async fn of_fee(tx: &mut Tx, event: &Envelope) -> Result<Option<NewMail>, HandleError> {
    let fact: payments::FeeChanged = event.decode()?;
    let dossier = uuid(&fact.dossier_id)?;
    let now = store::Fee { status: fact.status().as_str_name().to_owned(), received: fact.received_cents };
    let Some(before) = store::fee(tx, dossier, event.version, &now).await? else { return Ok(None) };
    let known = |fee: &store::Fee| (wire::fee(&fee.status), fee.received);
    let Some(kind) = hear::fee(known(&before), known(&now)) else { return Ok(None) };
    let about = About {
        due_cents: Some(fact.due_cents),
        received_cents: Some(fact.received_cents),
        school: Some(fact.payee_school.clone()).filter(|school| !school.is_empty()),
        period: None,
    };
    Ok(Some(mail(kind, dossier, event, instant(fact.at, event)?, about)))
}

async fn of_jury(tx: &mut Tx, event: &Envelope) -> Result<Vec<NewMail>, HandleError> {
    if event.is::<jury::CandidatureAnnulled>() {
        let fact: jury::CandidatureAnnulled = event.decode()?;
        let dossier = uuid(&fact.dossier_id)?;
        store::annulled(tx, dossier).await?;
        return Ok(vec![mail(Kind::Annulled, dossier, event, instant(fact.at, event)?, About::default())]);
    }
    let fact: jury::AdmissibilityPublished = event.decode()?;
    let (dossier, at) = (uuid(&fact.dossier_id)?, instant(fact.published_at, event)?);
    let orals = store::published(tx, dossier, at).await?;
    // A convocation that was heard of before its result, and set after it.
    let mut mails = vec![mail(Kind::ResultPublished, dossier, event, at, About::default())];
    mails.extend(convocation(dossier, orals));
    Ok(mails)
}

async fn of_convocation(tx: &mut Tx, event: &Envelope) -> Result<Option<NewMail>, HandleError> {
    let fact: scheduling::ConvocationSet = event.decode()?;
    let dossier = uuid(&fact.dossier_id)?;
    let results = calendar::instant_of(tx.conn(), keys::ADMISSIBILITY_RESULTS).await?;
    if !hear::convocation_may_be_told(event.time, results) {
        return Ok(None);
    }
    Ok(convocation(dossier, store::convocation(tx, dossier, event.version, event.time).await?))
}

/// The same cause from whichever of the two facts is heard last.
fn convocation(
    dossier: Uuid,
    (published, version, set): (Option<Timestamp>, u64, Option<Timestamp>),
) -> Option<NewMail> {
    let at = set.filter(|_| hear::convocation_is_news(set, published))?;
    let (kind, cause) = (Kind::ConvocationChanged, format!("convocation@{version}"));
    Some(NewMail { kind, dossier: Some(dossier), cause, at, about: About::default() })
}

async fn of_situation(tx: &mut Tx, event: &Envelope) -> Result<Option<NewMail>, HandleError> {
    let fact: integration::SituationChanged = event.decode()?;
    let dossier = uuid(&fact.dossier_id)?;
    let state = fact.state().as_str_name().to_owned();
    let now = store::Situation { state, period: fact.period, school: fact.school.clone() };
    let Some(before) = store::situation(tx, dossier, event.version, &now).await? else { return Ok(None) };
    let known = |of: &store::Situation| (wire::situation(&of.state), of.period);
    let (was, is) = (known(&before), known(&now));
    let Some(kind) = hear::situation((was.0, was.1, &before.school), (is.0, is.1, &now.school)) else {
        return Ok(None);
    };
    let about = About { period: Some(fact.period), ..About::default() };
    Ok(Some(mail(kind, dossier, event, instant(fact.at, event)?, about)))
}
