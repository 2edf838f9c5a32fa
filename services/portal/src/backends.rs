//! The services behind the pages, asked on behalf of whoever is signed in.
//!
//! Every call bears a token that this edge signs for one person, with the instant at which their request was received
//! (R3). What that person may do is decided by the service that is asked, never here.

use contracts::{
    eligibility::eligibility_client::EligibilityClient, intake::intake_client::IntakeClient,
    integration::integration_client::IntegrationClient, jury::jury_client::JuryClient,
    machinery::operations_client::OperationsClient, notifier::notifier_client::NotifierClient,
    payments::payments_client::PaymentsClient, scheduler::scheduler_client::SchedulerClient,
    scheduling::scheduling_client::SchedulingClient,
};
use jiff::Timestamp;
use platform::{
    Context, StartError,
    auth::{Caller, Claims, Issuer},
    peers::{Balanced, PeerChannel},
    telemetry,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
};

/// A channel that asks on behalf of one person.
pub type Asked = InterceptedService<Balanced, Bearer>;

/// The largest message taken or sent: a bank statement, a whole school's list.
const LARGEST: usize = 32 << 20;

/// Attaches one person's token and the current trace.
#[derive(Clone, Debug)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(header) = &self.0 {
            request.metadata_mut().insert("authorization", header.clone());
        }
        if let Some(trace) = telemetry::current_traceparent().and_then(|trace| trace.parse().ok()) {
            request.metadata_mut().insert("traceparent", trace);
        }
        Ok(request)
    }
}

/// Names of the services an operator looks into, in the order of the map.
pub const SERVICES: [&str; 9] =
    ["scheduler", "intake", "eligibility", "payments", "jury", "scheduling", "integration", "notifier", "portal"];

/// Channels to every service, and what signs the tokens.
#[derive(Clone)]
pub struct Backends {
    intake: Balanced,
    eligibility: Balanced,
    payments: Balanced,
    jury: Balanced,
    scheduling: Balanced,
    integration: Balanced,
    scheduler: Balanced,
    notifier: Balanced,
    portal: Balanced,
    issuer: Issuer,
    audience: String,
    intake_as_us: PeerChannel,
    integration_as_us: PeerChannel,
    notifier_as_us: PeerChannel,
}

impl Backends {
    /// From `[peers]`.
    ///
    /// # Errors
    /// A service is not named there.
    pub fn new(ctx: &Context) -> Result<Self, StartError> {
        Ok(Self {
            intake: ctx.plain_peer("intake")?,
            eligibility: ctx.plain_peer("eligibility")?,
            payments: ctx.plain_peer("payments")?,
            jury: ctx.plain_peer("jury")?,
            scheduling: ctx.plain_peer("scheduling")?,
            integration: ctx.plain_peer("integration")?,
            scheduler: ctx.plain_peer("scheduler")?,
            notifier: ctx.plain_peer("notifier")?,
            portal: ctx.plain_peer("portal")?,
            issuer: ctx.issuer.clone(),
            audience: ctx.config.auth.audience.clone(),
            intake_as_us: ctx.peer("intake")?,
            integration_as_us: ctx.peer("integration")?,
            notifier_as_us: ctx.peer("notifier")?,
        })
    }

    /// The token of somebody whose request was received at `at`; none for somebody who is not signed in.
    #[must_use]
    pub fn bearer(&self, caller: Option<&Caller>, at: Timestamp) -> Bearer {
        let token = caller.and_then(|caller| {
            let claims = Claims::of(caller, &self.audience, at).received_at(at);
            let signed = self.issuer.sign(&claims).inspect_err(|error| tracing::error!(%error, "no token"));
            let mut header: MetadataValue<Ascii> = format!("Bearer {}", signed.ok()?).parse().ok()?;
            header.set_sensitive(true);
            Some(header)
        });
        Bearer(token)
    }

    /// Intake as this service itself: names for pages whose list another service has cleared.
    #[must_use]
    pub fn intake_as_us(&self) -> IntakeClient<PeerChannel> {
        IntakeClient::new(self.intake_as_us.clone())
    }

    /// Integration as this service itself: whose code a mandate is (R36).
    #[must_use]
    pub fn integration_as_us(&self) -> IntegrationClient<PeerChannel> {
        IntegrationClient::new(self.integration_as_us.clone())
    }

    /// Notifier as this service itself: the demo's mailbox.
    #[must_use]
    pub fn notifier_as_us(&self) -> NotifierClient<PeerChannel> {
        NotifierClient::new(self.notifier_as_us.clone())
    }

    /// What an operator asks of any service, by its name.
    #[must_use]
    pub fn operations(&self, service: &str, bearer: Bearer) -> Option<OperationsClient<Asked>> {
        Some(OperationsClient::new(InterceptedService::new(self.channel(service)?, bearer)))
    }

    /// The plain channel to a service.
    #[must_use]
    pub fn channel(&self, service: &str) -> Option<Balanced> {
        Some(match service {
            "intake" => self.intake.clone(),
            "eligibility" => self.eligibility.clone(),
            "payments" => self.payments.clone(),
            "jury" => self.jury.clone(),
            "scheduling" => self.scheduling.clone(),
            "integration" => self.integration.clone(),
            "scheduler" => self.scheduler.clone(),
            "notifier" => self.notifier.clone(),
            "portal" => self.portal.clone(),
            _ => return None,
        })
    }
}

macro_rules! clients {
    ($($name:ident: $client:ident;)*) => {
        impl Backends {$(
            #[doc = concat!("Asks ", stringify!($name), " with somebody's token.")]
            #[must_use]
            pub fn $name(&self, bearer: Bearer) -> $client<Asked> {
                $client::new(InterceptedService::new(self.$name.clone(), bearer))
                    .max_decoding_message_size(LARGEST)
                    .max_encoding_message_size(LARGEST)
            }
        )*}

        impl crate::web::Visit {$(
            #[doc = concat!("Asks ", stringify!($name), " as whoever is looking.")]
            #[must_use]
            pub fn $name(&self) -> $client<Asked> {
                self.app.backends.$name(self.bearer())
            }
        )*}

        impl crate::api::Call {$(
            #[doc = concat!("Asks ", stringify!($name), " as the system that asks.")]
            #[must_use]
            pub fn $name(&self) -> $client<Asked> {
                self.app.backends.$name(self.bearer())
            }
        )*}
    };
}

clients! {
    intake: IntakeClient;
    eligibility: EligibilityClient;
    payments: PaymentsClient;
    jury: JuryClient;
    scheduling: SchedulingClient;
    integration: IntegrationClient;
    scheduler: SchedulerClient;
    notifier: NotifierClient;
}
