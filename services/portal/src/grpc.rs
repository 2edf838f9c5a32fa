//! `admissions.portal.v1.Accounts`: mail that accounts wait for, for notifier alone.

use contracts::{
    portal::{
        AccountMail, AccountMailKind, ConfirmAccountMailSentReply, ConfirmAccountMailSentRequest,
        TakeAccountMailsReply, TakeAccountMailsRequest, accounts_server::Accounts,
    },
    roles,
};
use platform::{auth::Caller, refusal::Refusal};
use tonic::{Request, Response, Status};

use crate::{
    app::App,
    secret,
    store::mails::{self, MailKind},
};

/// Mails per question when none or more are asked for.
const MOST: u32 = 100;
const USUAL: u32 = 20;

/// The gRPC service.
pub struct Grpc(pub App);

fn notifier_only(caller: &Caller) -> Result<(), Refusal> {
    caller.require(&[roles::SERVICE])?;
    if caller.subject == "notifier" {
        return Ok(());
    }
    Err(Refusal::denied("SUBJECT_NOT_ALLOWED", "caller", "mail of accounts is for notifier alone")
        .allowed(["notifier"]))
}

fn wire(kind: MailKind) -> AccountMailKind {
    match kind {
        MailKind::Verify => AccountMailKind::Verify,
        MailKind::Reset => AccountMailKind::Reset,
        MailKind::Exists => AccountMailKind::Exists,
        MailKind::Changed => AccountMailKind::Changed,
    }
}

/// Where the link of a mail leads: a page that asks before it does anything, since mail programs follow links too.
fn page(kind: MailKind) -> &'static str {
    if kind == MailKind::Reset { "/compte/mot-de-passe" } else { "/compte/verifier" }
}

#[tonic::async_trait]
impl Accounts for Grpc {
    async fn take_account_mails(
        &self,
        request: Request<TakeAccountMailsRequest>,
    ) -> Result<Response<TakeAccountMailsReply>, Status> {
        let caller = Caller::of(&request)?;
        notifier_only(&caller)?;
        let asked = request.into_inner().limit;
        let limit = if asked == 0 { USUAL } else { asked.min(MOST) };
        let mut tx = self.0.db.begin("take_account_mails").await.map_err(Refusal::from)?;
        let waiting = mails::waiting(tx.conn(), i64::from(limit), caller.received_at).await.map_err(Refusal::from)?;
        let mut taken = Vec::new();
        for mail in waiting {
            let link = if mail.kind.links() {
                let token = secret::token();
                mails::mint(tx.conn(), mail.id, &secret::digest(&token)).await.map_err(Refusal::from)?;
                format!("{}{}/{token}", self.0.settings.public_url, page(mail.kind))
            } else {
                String::new()
            };
            taken.push(AccountMail {
                mail_id: mail.id.to_string(),
                kind: wire(mail.kind).into(),
                email: mail.email,
                language: mail.lang.tag().into(),
                link,
                until: Some(mail.until.into()),
            });
        }
        tx.commit().await.map_err(Refusal::from)?;
        Ok(Response::new(TakeAccountMailsReply { mails: taken }))
    }

    async fn confirm_account_mail_sent(
        &self,
        request: Request<ConfirmAccountMailSentRequest>,
    ) -> Result<Response<ConfirmAccountMailSentReply>, Status> {
        let caller = Caller::of(&request)?;
        notifier_only(&caller)?;
        let id = request.into_inner().mail_id;
        let mail = id.parse().map_err(|_| Refusal::invalid("ID_MALFORMED").field("mail_id", "is not a UUID"))?;
        let mut conn = self.0.db.read().await.map_err(Refusal::from)?;
        match mails::sent(&mut conn, mail, caller.received_at).await.map_err(Refusal::from)? {
            Some(newly) => Ok(Response::new(ConfirmAccountMailSentReply { already_applied: !newly })),
            None => Err(Refusal::not_found("MAIL_UNKNOWN", format!("mail/{id}"), "there is no such mail").into()),
        }
    }
}
