//! Wire → command → wire, nothing else.

use contracts::{
    notifier::{
        GetMailboxMessageRequest, ListMailboxReply, ListMailboxRequest, ListMailsReply, ListMailsRequest,
        ListSubscribersReply, ListSubscribersRequest, MailState, MailboxMessage, ReportBounceReply,
        ReportBounceRequest, RetryMailReply, RetryMailRequest, notifier_server::Notifier,
    },
    roles,
};
use platform::{auth::Caller, refusal::Refusal};
use tonic::{Request, Response, Status};

use crate::{
    app::{App, id},
    commands::desk,
    domain::Kind,
    store, subscribers,
    transport::Transport,
    wire,
};

/// The one service that shows the demo's mailbox.
const PORTAL: &str = "portal";
/// Mails or entries per page, when none are asked for and at most.
const PAGE: (u32, u32) = (50, 200);

/// The gRPC service.
pub struct Grpc(
    /// The service's hands.
    pub App,
);

type Answer<T> = Result<Response<T>, Status>;

fn page(size: u32, token: &str) -> Result<(i64, i64), Refusal> {
    let size = match size {
        0 => PAGE.0,
        n if n <= PAGE.1 => n,
        n => {
            return Err(Refusal::invalid("PAGE_TOO_LARGE").field("page_size", format!("{n} asked, at most {}", PAGE.1)));
        }
    };
    let before = match token {
        "" => i64::MAX,
        text => text.parse().ok().filter(|place: &i64| *place > 0).ok_or_else(|| {
            Refusal::invalid("PAGE_TOKEN_INVALID").field("page_token", "is not the token of an earlier reply")
        })?,
    };
    Ok((i64::from(size), before))
}

/// The token of the next page, if this one is full.
fn next(size: i64, places: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator) -> String {
    let full = i64::try_from(places.len()).unwrap_or(i64::MAX) >= size;
    places.last().filter(|_| full).map(|place| place.to_string()).unwrap_or_default()
}

impl Grpc {
    fn mailbox(&self, caller: &Caller) -> Result<(), Refusal> {
        caller.require(&[roles::SERVICE])?;
        if caller.subject != PORTAL {
            let why = "the mailbox is shown by the portal alone";
            return Err(Refusal::denied("SERVICE_NOT_ALLOWED", "caller", why).allowed([PORTAL]));
        }
        match &*self.0.transport {
            Transport::Mailbox(_) => Ok(()),
            Transport::Smtp(_) => Err(Refusal::precondition("NO_MAILBOX", "transport", "mail leaves by SMTP here")),
        }
    }
}

#[tonic::async_trait]
impl Notifier for Grpc {
    async fn list_mails(&self, request: Request<ListMailsRequest>) -> Answer<ListMailsReply> {
        Caller::of(&request)?.require(&[roles::OPERATOR])?;
        let asked = request.into_inner();
        if !asked.kind.is_empty() && Kind::of(&asked.kind).is_none() {
            let refused = Refusal::invalid("KIND_UNKNOWN").field("kind", "no mail is of that kind");
            return Err(refused.allowed(Kind::ALL.iter().map(|kind| kind.word())).into());
        }
        if MailState::try_from(asked.state).is_err() {
            let states = ["PENDING", "SENT", "BOUNCED", "GIVEN_UP", "MOOT"];
            return Err(Refusal::invalid("STATE_UNKNOWN")
                .field("state", "is no state of a mail")
                .allowed(states)
                .into());
        }
        let (size, before) = page(asked.page_size, &asked.page_token)?;
        let mut conn = self.0.db.read().await.map_err(Refusal::from)?;
        let state = wire::state_word(asked.state());
        let rows = store::list(&mut conn, state, &asked.kind, before, size).await.map_err(Refusal::from)?;
        let counts = store::counts(&mut conn).await.map_err(Refusal::from)?;
        Ok(Response::new(ListMailsReply {
            next_page_token: next(size, rows.iter().map(|row| row.arrival)),
            mails: rows.into_iter().map(wire::mail).collect(),
            pending: counts.pending,
            sent: counts.sent,
            bounced: counts.bounced,
            given_up: counts.given_up,
        }))
    }

    async fn retry_mail(&self, request: Request<RetryMailRequest>) -> Answer<RetryMailReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::OPERATOR])?;
        desk::retry(&self.0, &caller, id("mail_id", &request.into_inner().mail_id)?).await?;
        Ok(Response::new(RetryMailReply { state: MailState::Pending.into() }))
    }

    async fn report_bounce(&self, request: Request<ReportBounceRequest>) -> Answer<ReportBounceReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::OPERATOR, roles::SERVICE])?;
        let asked = request.into_inner();
        let already_applied = desk::bounce(&self.0, &caller, id("mail_id", &asked.mail_id)?, &asked.reason).await?;
        Ok(Response::new(ReportBounceReply { already_applied }))
    }

    async fn list_subscribers(&self, request: Request<ListSubscribersRequest>) -> Answer<ListSubscribersReply> {
        Caller::of(&request)?.require(&[roles::OPERATOR])?;
        Ok(Response::new(ListSubscribersReply { subscribers: subscribers::list(&self.0.broker).await? }))
    }

    async fn list_mailbox(&self, request: Request<ListMailboxRequest>) -> Answer<ListMailboxReply> {
        self.mailbox(&Caller::of(&request)?)?;
        let asked = request.into_inner();
        let (size, before) = page(asked.page_size, &asked.page_token)?;
        let mut conn = self.0.db.read().await.map_err(Refusal::from)?;
        let entries = store::entries(&mut conn, &asked.to, before, size).await.map_err(Refusal::from)?;
        Ok(Response::new(ListMailboxReply {
            next_page_token: next(size, entries.iter().map(|entry| entry.arrival)),
            entries: entries.into_iter().map(wire::entry).collect(),
        }))
    }

    async fn get_mailbox_message(&self, request: Request<GetMailboxMessageRequest>) -> Answer<MailboxMessage> {
        self.mailbox(&Caller::of(&request)?)?;
        let mail = id("mail_id", &request.into_inner().mail_id)?;
        let mut conn = self.0.db.read().await.map_err(Refusal::from)?;
        let found = store::message(&mut conn, mail).await.map_err(Refusal::from)?;
        let found = found.ok_or_else(|| {
            Refusal::not_found("MAIL_UNKNOWN", mail.to_string(), "no mail of that id is in the mailbox")
        })?;
        let (text, html) = (found.text, found.html);
        Ok(Response::new(MailboxMessage { entry: Some(wire::entry(found.entry)), text, html }))
    }
}
