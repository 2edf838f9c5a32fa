//! The sender's round: claims mails whose turn has come, asks once for all of them what they need, sends each.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    intake::{Contact, ContactOfRequest, MissingRequest},
    integration::NotLoggedInRequest,
};
use futures::StreamExt as _;
use jiff::Timestamp;
use notice::keys;
use platform::{calendar, refusal::Refusal};
use uuid::Uuid;

use super::{
    RoundError,
    post::{self, Reader},
};
use crate::{
    app::App,
    domain::{
        Kind,
        needed::{Known, Verdict, judge},
    },
    letters::{Details, texts::Lang},
    store::{self, Claimed, Heard, Outcome},
    wire,
};

/// Sends what can be sent now: of the mails for those who are silent in a period, or of all others. Apart, so that mail
/// which needs intake alone leaves while integration is away. Gives how many mails were claimed.
///
/// # Errors
/// The database, or another service, was away: what was claimed is given back untried.
pub async fn round(app: &App, silent: bool) -> Result<usize, RoundError> {
    if !app.knows_the_calendar().await? {
        return Ok(0);
    }
    let limit = i64::try_from(app.claims()).unwrap_or(i64::MAX);
    let mut tx = app.db.begin("claim_mails").await?;
    let claimed = store::claim(&mut tx, silent, limit, app.lease(), app.clock.now()).await?;
    tx.commit().await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let known = match Answers::ask(app, &claimed).await {
        Ok(known) => known,
        Err(error) => {
            let mut tx = app.db.begin("release_mails").await?;
            store::release(&mut tx, &claimed).await?;
            tx.commit().await?;
            return Err(error);
        }
    };
    let count = claimed.len();
    let known = &known;
    // Each to its end, whatever becomes of the others: a try cut off in the middle may have reached its reader.
    let tried: Vec<Result<(), RoundError>> = futures::stream::iter(claimed)
        .map(|mail| async move { one(app, &mail, known).await })
        .buffer_unordered(app.transport.at_once())
        .collect()
        .await;
    tried.into_iter().collect::<Result<(), _>>()?;
    Ok(count)
}

/// What the claimed mails need to know, asked once.
struct Answers {
    contacts: BTreeMap<Uuid, Contact>,
    heard: BTreeMap<Uuid, Heard>,
    instants: BTreeMap<String, Timestamp>,
    silent: BTreeMap<u32, Silence>,
}

impl Answers {
    async fn ask(app: &App, mails: &[Claimed]) -> Result<Self, RoundError> {
        let dossiers: BTreeSet<Uuid> = mails.iter().filter_map(|mail| mail.dossier).collect();
        let dossiers: Vec<Uuid> = dossiers.into_iter().collect();
        let periods: BTreeSet<u32> =
            mails.iter().filter(|mail| mail.kind.of_a_period()).filter_map(|mail| mail.about.period).collect();
        let mut wanted = vec![keys::DEPOSITS_CLOSE.to_owned(), keys::ADMISSIBILITY_RESULTS.to_owned()];
        wanted.extend(periods.iter().map(|period| keys::period_closes(*period)));
        let mut conn = app.db.read().await?;
        let heard = store::states(&mut conn, &dossiers).await?;
        let instants = calendar::instants(&mut conn, &wanted).await?;
        drop(conn);
        let request = ContactOfRequest { dossier_ids: dossiers.iter().map(ToString::to_string).collect() };
        let reply = app.intake.clone().contact_of(request).await.map_err(RoundError::peer("intake"))?;
        let contacts = reply.into_inner().contacts.into_iter().filter_map(|c| Some((c.dossier_id.parse().ok()?, c)));
        let mut silent = BTreeMap::new();
        let asked = mails.iter().filter(|mail| mail.kind.for_the_silent()).filter_map(|mail| mail.about.period);
        for period in asked.collect::<BTreeSet<u32>>() {
            silent.insert(period, silence(app, period).await?.unwrap_or_default());
        }
        Ok(Self { contacts: contacts.collect(), heard, instants, silent })
    }

    fn closes(&self, mail: &Claimed) -> Option<Timestamp> {
        let key = match mail.about.period.filter(|_| mail.kind.of_a_period()) {
            Some(period) => keys::period_closes(period),
            None => keys::DEPOSITS_CLOSE.to_owned(),
        };
        self.instants.get(&key).copied()
    }

    fn of(&self, mail: &Claimed) -> Known {
        let heard = mail.dossier.and_then(|id| self.heard.get(&id)).copied().unwrap_or_default();
        let silent = mail.about.period.and_then(|period| self.silent.get(&period));
        let among = |who: &BTreeSet<Uuid>| mail.dossier.is_some_and(|id| who.contains(&id));
        Known {
            open: heard.open,
            abandoned: heard.abandoned,
            annulled: heard.annulled,
            closes: self.closes(mail),
            results: self.instants.get(keys::ADMISSIBILITY_RESULTS).copied(),
            not_logged_in: silent.is_some_and(|silent| among(&silent.not_logged_in)),
            not_answered: silent.is_some_and(|silent| among(&silent.not_answered)),
        }
    }
}

/// Who has not been seen in a period, and who has not answered in it (R35). Nobody once it has closed; `None` while it is
/// not published.
pub(super) async fn silence(app: &App, period: u32) -> Result<Option<Silence>, RoundError> {
    let request = NotLoggedInRequest { school: String::new(), period };
    let reply = match app.integration.clone().not_logged_in(request).await {
        Ok(reply) => reply.into_inner(),
        Err(status) => {
            return match Refusal::from_status(&status).map(|refusal| refusal.reason).as_deref() {
                Some("PERIOD_CLOSED") => Ok(Some(Silence::default())),
                Some("NOT_YET_PUBLISHED") => Ok(None),
                _ => Err(RoundError::peer("integration")(status)),
            };
        }
    };
    let ids = |of: Vec<String>| of.iter().filter_map(|id| id.parse().ok()).collect();
    Ok(Some(Silence { not_logged_in: ids(reply.not_logged_in), not_answered: ids(reply.not_answered) }))
}

/// Who is silent in a period.
#[derive(Debug, Default)]
pub(super) struct Silence {
    pub not_logged_in: BTreeSet<Uuid>,
    pub not_answered: BTreeSet<Uuid>,
}

async fn one(app: &App, mail: &Claimed, known: &Answers) -> Result<(), RoundError> {
    let now = app.clock.now();
    match judge(mail.kind, known.of(mail), now) {
        Verdict::Moot => return Ok(post::settle(app, mail, &Outcome::Moot, now).await?),
        Verdict::NotBefore(instant) => {
            let mut tx = app.db.begin("postpone_mail").await?;
            store::postpone(&mut tx, mail, instant).await?;
            return Ok(tx.commit().await?);
        }
        Verdict::Send => {}
    }
    let contact = mail.dossier.and_then(|id| known.contacts.get(&id));
    let Some((dossier, contact)) = mail.dossier.zip(contact) else {
        return Ok(post::settle(app, mail, &Outcome::GivenUp("no contact".into()), now).await?);
    };
    let mut missing = None;
    if mail.kind == Kind::DepositReminder {
        let request = MissingRequest { dossier_id: dossier.to_string() };
        match app.intake.clone().missing(request).await {
            Ok(reply) => missing = Some(wire::missing(reply.into_inner().things)),
            Err(status) => {
                let error = RoundError::peer("intake")(status);
                if !error.passes() {
                    return Ok(post::later(app, mail, "intake refused".into()).await?);
                }
                let mut tx = app.db.begin("release_mails").await?;
                store::release(&mut tx, std::slice::from_ref(mail)).await?;
                tx.commit().await?;
                return Err(error);
            }
        }
    }
    let name = format!("{} {}", contact.first_names, contact.family_name);
    let details = Details {
        name: Some(name.clone()),
        number: Some(contact.number),
        at: Some(mail.at),
        deadline: known.closes(mail),
        period: mail.about.period,
        school: mail.about.school.clone(),
        due_cents: mail.about.due_cents,
        received_cents: mail.about.received_cents,
        missing,
        link: app.home(),
        candidate: None,
    };
    let reader = Reader { name, address: contact.email.clone() };
    post::post(app, mail, &reader, &Lang::ALL, &details, now).await?;
    Ok(())
}
