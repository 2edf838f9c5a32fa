//! What the services answer and the streams hold, once everything is at rest.

use std::{collections::BTreeMap, time::Duration};

use contracts::{
    intake, integration, jury,
    machinery::{
        ListSetAsideRequest, SetAsideMessage, VerifyAuditReply, VerifyAuditRequest, operations_client::OperationsClient,
    },
    notifier, payments, roles, scheduling, subjects,
};
use futures::StreamExt;
use jiff::Timestamp;

use crate::{
    failure::Failure,
    must,
    play::{Stage, candidate, candidatures, secretary},
    world::{SERVICES, Who, World},
};

/// One message of a stream.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its subject.
    pub subject: String,
    /// Event id.
    pub id: String,
    /// Aggregate.
    pub aggregate: String,
    /// The aggregate's version.
    pub version: u64,
    /// When it happened.
    pub time: Timestamp,
    /// Canonical JSON.
    pub data: String,
}

impl Message {
    /// The last token of the subject.
    #[must_use]
    pub fn name(&self) -> &str {
        self.subject.rsplit('.').next().unwrap_or_default()
    }
}

/// All of it.
#[derive(Debug, Default)]
pub struct Seen {
    /// Every dossier intake knows, by id.
    pub dossiers: BTreeMap<String, intake::DossierSummary>,
    /// Every candidature the jury knows, by dossier id.
    pub candidatures: BTreeMap<String, jury::Candidature>,
    /// The fee of every closed dossier.
    pub fees: BTreeMap<String, payments::Fee>,
    /// Balance and whole ledger, per school.
    pub books: BTreeMap<String, (payments::BalanceReply, Vec<payments::LedgerEntry>)>,
    /// Lines waiting, per school.
    pub waiting: BTreeMap<String, u32>,
    /// The orals, per school.
    pub schedules: BTreeMap<String, scheduling::ListScheduleReply>,
    /// What each period brought, from the first.
    pub periods: Vec<integration::PeriodResultsReply>,
    /// Each period computed again.
    pub recomputed: Vec<integration::RecomputeReply>,
    /// Who integrates.
    pub finals: Vec<integration::FinalEntry>,
    /// The private stream, in order.
    pub facts: Vec<Message>,
    /// The public stream, in order.
    pub published: Vec<Message>,
    /// The audit chain of each service.
    pub audits: BTreeMap<&'static str, VerifyAuditReply>,
    /// What each service set aside.
    pub set_aside: BTreeMap<&'static str, Vec<SetAsideMessage>>,
    /// Every mail, latest first.
    pub mails: Vec<notifier::Mail>,
}

impl Seen {
    /// Asks everyone.
    ///
    /// # Errors
    /// When someone does not answer.
    pub async fn gather(stage: &Stage<'_>) -> Result<Self, Failure> {
        let world = stage.world;
        let mut seen = Self::default();
        let operator = Who::role(roles::OPERATOR, "operator");
        let mut token = String::new();
        loop {
            let page = must!(
                world.intake,
                &operator,
                list_dossiers,
                intake::ListDossiersRequest { page_size: 500, page_token: token }
            )?;
            seen.dossiers.extend(page.dossiers.into_iter().map(|d| (d.dossier_id.clone(), d)));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        seen.candidatures = candidatures(world).await?.into_iter().map(|c| (c.dossier_id.clone(), c)).collect();
        for who in stage.cast.iter().filter(|c| seen.candidatures.contains_key(&c.id.to_string())) {
            let fee = must!(
                world.payments,
                &candidate(who),
                get_fee,
                payments::GetFeeRequest { dossier_id: who.id.to_string(), school: String::new() }
            )?;
            seen.fees.insert(who.id.to_string(), fee);
        }
        for school in &stage.session().schools {
            seen.of_school(world, &school.id).await?;
        }
        for period in 1..=u32::try_from(stage.session().periods.len()).unwrap_or(0) {
            seen.periods.push(must!(
                world.integration,
                &secretary(),
                period_results,
                integration::PeriodResultsRequest { period }
            )?);
            seen.recomputed.push(must!(
                world.integration,
                &secretary(),
                recompute,
                integration::RecomputeRequest { period }
            )?);
        }
        seen.finals = must!(
            world.integration,
            &secretary(),
            final_list,
            integration::FinalListRequest { school: String::new() }
        )?
        .entries;
        let mut token = String::new();
        loop {
            let list = notifier::ListMailsRequest { page_size: 200, page_token: token, ..Default::default() };
            let page = must!(world.notifier, &operator, list_mails, list)?;
            seen.mails.extend(page.mails);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        seen.facts = read(world, subjects::FACTS).await?;
        seen.published = read(world, subjects::ADMISSIONS).await?;
        for service in SERVICES {
            let audit = world.ask(&operator, VerifyAuditRequest {}, |request| {
                let mut client = OperationsClient::new(world.channel(service));
                async move { client.verify_audit(request).await }
            });
            seen.audits.insert(service, audit.await.map_err(|s| Failure::refused(service, "verify_audit", &s))?);
            let aside = world.ask(&operator, ListSetAsideRequest {}, |request| {
                let mut client = OperationsClient::new(world.channel(service));
                async move { client.list_set_aside(request).await }
            });
            seen.set_aside
                .insert(service, aside.await.map_err(|s| Failure::refused(service, "list_set_aside", &s))?.messages);
        }
        Ok(seen)
    }

    async fn of_school(&mut self, world: &World, school: &str) -> Result<(), Failure> {
        let clerk = Who::at(roles::FINANCE, school);
        let balance = must!(
            world.payments,
            &clerk,
            balance,
            payments::BalanceRequest { school: school.into(), ..Default::default() }
        )?;
        let mut entries: Vec<payments::LedgerEntry> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |e| e.sequence);
            let page = must!(
                world.payments,
                &clerk,
                ledger,
                payments::LedgerRequest { school: school.into(), after, limit: 1000, ..Default::default() }
            )?;
            entries.extend(page.entries);
            if page.last_page {
                break;
            }
        }
        self.books.insert(school.into(), (balance, entries));
        let request = payments::ListUnmatchedRequest {
            school: school.into(),
            include_unknown: false,
            after: String::new(),
            limit: 1,
            line_id: String::new(),
        };
        self.waiting.insert(school.into(), must!(world.payments, &clerk, list_unmatched, request)?.waiting);
        let planner = Who::at(roles::PLANNER, school);
        let schedule = must!(
            world.scheduling,
            &planner,
            list_schedule,
            scheduling::ListScheduleRequest { school: school.into() }
        )?;
        self.schedules.insert(school.into(), schedule);
        Ok(())
    }

    /// The facts of one kind, in order.
    #[must_use]
    pub fn facts_of<F: contracts::Fact>(&self) -> Vec<(&Message, F)> {
        let subject = F::subject();
        self.facts
            .iter()
            .filter(|m| m.subject == subject)
            .filter_map(|m| serde_json::from_str(&m.data).ok().map(|f| (m, f)))
            .collect()
    }

    /// Each candidate's last known situation, from the events alone.
    #[must_use]
    pub fn situations(&self) -> BTreeMap<String, integration::SituationChanged> {
        self.facts_of::<integration::SituationChanged>().into_iter().map(|(_, s)| (s.dossier_id.clone(), s)).collect()
    }
}

/// Reads a whole stream, as a subscriber would.
async fn read(world: &World, name: &str) -> Result<Vec<Message>, Failure> {
    let broken = |e: &dyn std::fmt::Display| Failure::Streams(format!("{name}: {e}"));
    let client = world.broker.reader().await?;
    let jetstream = async_nats::jetstream::new(client);
    let mut stream = jetstream.get_stream(name).await.map_err(|e| broken(&e))?;
    let total = stream.info().await.map_err(|e| broken(&e))?.state.messages;
    let config = async_nats::jetstream::consumer::pull::OrderedConfig::default();
    let consumer = stream.create_consumer(config).await.map_err(|e| broken(&e))?;
    let mut messages = consumer.messages().await.map_err(|e| broken(&e))?;
    let mut all = Vec::new();
    while (all.len() as u64) < total {
        let next = tokio::time::timeout(Duration::from_secs(60), messages.next()).await.map_err(|e| broken(&e))?;
        let Some(message) = next.transpose().map_err(|e| broken(&e))? else { break };
        let header = |key: &str| {
            message.headers.as_ref().and_then(|h| h.get(key)).map(|v| v.as_str().to_owned()).unwrap_or_default()
        };
        all.push(Message {
            subject: message.subject.to_string(),
            id: header("ce-id"),
            aggregate: header("ce-subject"),
            version: header("ce-aggregateversion").parse().unwrap_or(0),
            time: header("ce-time").parse().unwrap_or_default(),
            data: String::from_utf8_lossy(&message.payload).into_owned(),
        });
    }
    Ok(all)
}
