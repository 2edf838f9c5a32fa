//! Intake, integration and the portal, as far as notifier asks them.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    marker::PhantomData,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll},
};

use contracts::{intake as i, integration as g, portal as p};
use futures::future::BoxFuture;
use platform::refusal::Refusal;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::NamedService,
    transport::{Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;

/// What they know and what they were told.
#[derive(Default)]
pub struct Facts {
    pub contacts: BTreeMap<String, i::Contact>,
    pub missing: BTreeMap<String, Vec<i::MissingThing>>,
    /// Waiting to be sent, by id.
    pub invitations: BTreeMap<String, i::Invitation>,
    pub confirmed: Vec<String>,
    pub bounced: Vec<(String, String)>,
    /// Per period; one that is absent is not published.
    pub silent: BTreeMap<u32, g::NotLoggedInReply>,
    pub closed_periods: Vec<u32>,
    pub account_mails: BTreeMap<String, p::AccountMail>,
    pub accounts_confirmed: Vec<(String, bool)>,
    /// Counts the links that were minted.
    pub minted: u64,
    /// These calls are answered UNAVAILABLE, by the end of their path.
    pub away: Vec<&'static str>,
}

#[derive(Clone, Default)]
pub struct Stand(Arc<Mutex<Facts>>);

impl Stand {
    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap()
    }

    /// Answers on the address returned.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder()
            .add_service(Named::<Intake>(self.clone(), PhantomData))
            .add_service(Named::<Integration>(self.clone(), PhantomData))
            .add_service(Named::<Portal>(self.clone(), PhantomData));
        tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
        format!("http://{address}")
    }

    fn contact_of(&self, asked: &i::ContactOfRequest) -> i::ContactOfReply {
        let facts = self.facts();
        i::ContactOfReply {
            contacts: asked.dossier_ids.iter().filter_map(|id| facts.contacts.get(id).cloned()).collect(),
        }
    }

    fn take(&self) -> i::TakeInvitationsReply {
        let mut facts = self.facts();
        let waiting: Vec<i::Invitation> = facts.invitations.values().cloned().collect();
        let minted = |mut invitation: i::Invitation| {
            facts.minted += 1;
            invitation.link = format!("{:064x}", facts.minted);
            invitation
        };
        i::TakeInvitationsReply { invitations: waiting.into_iter().map(minted).collect() }
    }

    fn not_logged_in(&self, period: u32) -> Result<g::NotLoggedInReply, Status> {
        let facts = self.facts();
        if facts.closed_periods.contains(&period) {
            return Err(Refusal::precondition("PERIOD_CLOSED", "period", "it has closed").into());
        }
        let refused = || Refusal::precondition("NOT_YET_PUBLISHED", "period", "not yet").into();
        facts.silent.get(&period).cloned().ok_or_else(refused)
    }

    fn accounts(&self) -> p::TakeAccountMailsReply {
        p::TakeAccountMailsReply { mails: self.facts().account_mails.values().cloned().collect() }
    }
}

struct Intake;
struct Integration;
struct Portal;

pub struct Named<N>(Stand, PhantomData<fn() -> N>);

impl<N> Clone for Named<N> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

macro_rules! named {
    ($($who:ty = $name:literal),*) => {$(
        impl NamedService for Named<$who> {
            const NAME: &'static str = $name;
        }
    )*};
}
named!(
    Intake = "admissions.intake.v1.Intake",
    Integration = "admissions.integration.v1.Integration",
    Portal = "admissions.portal.v1.Accounts"
);

/// Answers one call: `answer!(request, Asked => Reply, |asked| …)`.
macro_rules! answer {
    ($request:ident, $asked:ty => $reply:ty, $f:expr) => {{
        let f = $f;
        let service = tower::service_fn(move |request: Request<$asked>| {
            let reply: Result<$reply, Status> = f(request.into_inner());
            std::future::ready(reply.map(Response::new))
        });
        tonic::server::Grpc::new(ProstCodec::<$reply, $asked>::default()).unary(service, $request).await
    }};
}

impl<N> tower::Service<http::Request<Body>> for Named<N> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let stand = self.0.clone();
        Box::pin(async move {
            let call = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            if stand.facts().away.contains(&call.as_str()) {
                return Ok(Status::unavailable("away").into_http());
            }
            Ok(match call.as_str() {
                "ContactOf" => answer!(request, i::ContactOfRequest => i::ContactOfReply, |asked| {
                    Ok(stand.contact_of(&asked))
                }),
                "Missing" => answer!(request, i::MissingRequest => i::MissingReply, |asked: i::MissingRequest| {
                    let things = stand.facts().missing.get(&asked.dossier_id).cloned().unwrap_or_default();
                    Ok(i::MissingReply { things })
                }),
                "TakeInvitations" => {
                    answer!(request, i::TakeInvitationsRequest => i::TakeInvitationsReply, |_| Ok(stand.take()))
                }
                "ConfirmInvitationSent" => answer!(
                    request,
                    i::ConfirmInvitationSentRequest => i::ConfirmInvitationSentReply,
                    |asked: i::ConfirmInvitationSentRequest| {
                        let mut facts = stand.facts();
                        facts.invitations.remove(&asked.invitation_id);
                        facts.confirmed.push(asked.invitation_id);
                        Ok(i::ConfirmInvitationSentReply::default())
                    }
                ),
                "ReportBounce" => {
                    answer!(request, i::ReportBounceRequest => i::ReportBounceReply, |asked: i::ReportBounceRequest| {
                        let mut facts = stand.facts();
                        facts.invitations.remove(&asked.invitation_id);
                        facts.bounced.push((asked.invitation_id, asked.reason));
                        Ok(i::ReportBounceReply::default())
                    })
                }
                "NotLoggedIn" => {
                    answer!(request, g::NotLoggedInRequest => g::NotLoggedInReply, |asked: g::NotLoggedInRequest| {
                        stand.not_logged_in(asked.period)
                    })
                }
                "TakeAccountMails" => {
                    answer!(request, p::TakeAccountMailsRequest => p::TakeAccountMailsReply, |_| Ok(stand.accounts()))
                }
                "ConfirmAccountMailSent" => answer!(
                    request,
                    p::ConfirmAccountMailSentRequest => p::ConfirmAccountMailSentReply,
                    |asked: p::ConfirmAccountMailSentRequest| {
                        let mut facts = stand.facts();
                        facts.account_mails.remove(&asked.mail_id);
                        facts.accounts_confirmed.push((asked.mail_id, asked.undeliverable));
                        Ok(p::ConfirmAccountMailSentReply::default())
                    }
                ),
                other => Status::unimplemented(other.to_owned()).into_http(),
            })
        })
    }
}
