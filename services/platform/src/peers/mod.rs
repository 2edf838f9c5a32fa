//! Calls to other services: a channel per name that follows its processes, with our token and trace.

mod balance;

pub use balance::Balanced;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use contracts::roles;
use http::Uri;
use jiff::{SignedDuration, Timestamp};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::Endpoint,
};

use crate::{
    auth::{Caller, Claims, Issuer},
    clock::Clock,
    config::Config,
    inbox::BoxError,
    refusal::Refusal,
    service::StartError,
    telemetry, tls,
};

/// A token with less life left than this is replaced before it is used again.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_secs(120);

/// A channel that authenticates as this service and carries the trace on.
pub type PeerChannel = InterceptedService<Balanced, Attach>;

/// The channels to every peer of the configuration.
#[derive(Clone)]
pub struct Peers {
    channels: Arc<BTreeMap<String, Balanced>>,
    attach: Attach,
}

impl Peers {
    /// Prepares a channel for each of `[peers]`, whose processes are followed from now on. Called inside the runtime.
    ///
    /// # Errors
    /// An address or the certificates cannot be used.
    pub fn new(service: &'static str, config: &Config, issuer: &Issuer, clock: &Clock) -> Result<Self, StartError> {
        let attach = Attach::new(service, issuer.clone(), config.auth.audience.clone(), clock.clone());
        let mut channels = BTreeMap::new();
        for (name, addresses) in &config.peers {
            let fault = |e: BoxError| StartError::from_source(format!("peers.{name}"), e);
            let channel = channel(name, addresses.all(), config).map_err(fault)?;
            channels.insert(name.clone(), channel);
        }
        Ok(Self { channels: Arc::new(channels), attach })
    }

    /// The channel to `name`.
    ///
    /// # Errors
    /// The configuration has no such peer.
    pub fn get(&self, name: &str) -> Result<PeerChannel, StartError> {
        Ok(InterceptedService::new(self.plain(name)?, self.attach.clone()))
    }

    /// The channel to `name` without our token: for an edge, which calls on behalf of the people it has signed in.
    ///
    /// # Errors
    /// The configuration has no such peer.
    pub fn plain(&self, name: &str) -> Result<Balanced, StartError> {
        let known = || self.channels.keys().cloned().collect::<Vec<_>>().join(", ");
        self.channels
            .get(name)
            .cloned()
            .ok_or_else(|| StartError::new(format!("[peers] names no `{name}`; it names: {}", known())))
    }
}

/// A channel to every process behind the addresses of one peer.
fn channel(name: &str, addresses: &[String], config: &Config) -> Result<Balanced, BoxError> {
    let first: Uri = addresses.first().ok_or("no address")?.parse()?;
    let secure = match &config.tls {
        Some(certificates) if first.scheme_str() == Some("https") => {
            Some(tls::Secure::new(certificates, first.host().unwrap_or_default())?)
        }
        _ => None,
    };
    let places = addresses.iter().map(|address| place(&address.parse()?)).collect::<Result<_, BoxError>>()?;
    // Our own connector opens the sockets, so that each goes to its process, and reads its certificates anew: to tonic
    // every address is in the clear.
    let endpoint = Endpoint::from_shared(addresses.first().ok_or("no address")?.replacen("https://", "http://", 1))?
        .origin(first)
        .connect_timeout(Duration::from_secs(2))
        .timeout(config.limits.peer_timeout.get())
        .http2_keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(5));
    let open = move |at| endpoint.connect_with_connector_lazy(tls::Connector::new(at, secure.clone()));
    Ok(Balanced::new(name, places, open))
}

/// `host:port` of an address.
fn place(address: &Uri) -> Result<String, BoxError> {
    let usual = if address.scheme_str() == Some("https") { 443 } else { 80 };
    let host = address.host().ok_or("an address without a host")?;
    Ok(format!("{host}:{}", address.port_u16().unwrap_or(usual)))
}

/// Attaches our token and the current trace to a call.
#[derive(Clone)]
pub struct Attach(Arc<Signer>);

struct Signer {
    us: Caller,
    issuer: Issuer,
    audience: String,
    clock: Clock,
    token: Mutex<Option<Token>>,
}

struct Token {
    header: MetadataValue<Ascii>,
    issued: Timestamp,
    expires: Timestamp,
}

impl Attach {
    /// Signs as `service`, in role `service`.
    #[must_use]
    pub fn new(service: &str, issuer: Issuer, audience: String, clock: Clock) -> Self {
        let us =
            Caller { subject: service.into(), role: roles::SERVICE.into(), ..Caller::anonymous(Timestamp::UNIX_EPOCH) };
        Self(Arc::new(Signer { us, issuer, audience, clock, token: Mutex::new(None) }))
    }
}

impl Signer {
    /// A token good now; a signature is made every three minutes, not for every call.
    fn header(&self) -> Result<MetadataValue<Ascii>, Refusal> {
        let now = self.clock.now();
        let mut held = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = &*held
            && token.issued <= now
            && token.expires.duration_since(now) > RENEW_BEFORE
        {
            return Ok(token.header.clone());
        }
        let claims = Claims::of(&self.us, &self.audience, now);
        let text = self.issuer.sign(&claims).map_err(Refusal::internal)?;
        let mut header: MetadataValue<Ascii> = format!("Bearer {text}").parse().map_err(Refusal::internal)?;
        header.set_sensitive(true);
        let expires = Timestamp::from_second(claims.exp).map_err(Refusal::internal)?;
        *held = Some(Token { header: header.clone(), issued: now, expires });
        Ok(header)
    }
}

impl Interceptor for Attach {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let header = self.0.header()?;
        request.metadata_mut().insert("authorization", header);
        if let Some(trace) = telemetry::current_traceparent().and_then(|trace| trace.parse().ok()) {
            request.metadata_mut().insert("traceparent", trace);
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{KeyPair, KeySet, Verifier};

    #[test]
    fn a_token_is_good_whenever_it_is_sent_and_is_not_made_for_every_call() {
        let pair = KeyPair::from_seed(&[4; 32], false).unwrap();
        let verifier = Verifier::new(KeySet::fixed(std::slice::from_ref(&pair.jwk)).unwrap(), "services");
        let clock = Clock::simulated(Timestamp::UNIX_EPOCH);
        let mut attach = Attach::new("us", pair.issuer().unwrap(), "services".into(), clock.clone());
        let mut sent = Vec::new();
        for second in [0, 60, 179, 181, 100_000] {
            clock.advance(Timestamp::from_second(second).unwrap()).unwrap();
            let request = attach.call(Request::new(())).unwrap();
            let header = request.metadata().get("authorization").unwrap().clone();
            let caller = verifier.caller(Some(header.as_bytes()), clock.now()).unwrap();
            assert_eq!((caller.subject.as_str(), caller.role.as_str()), ("us", "service"), "at {second} s");
            assert!(header.is_sensitive(), "it stays out of debug output");
            sent.push(header);
        }
        assert_eq!(sent[0], sent[1]);
        assert_eq!(sent[1], sent[2]);
        assert_ne!(sent[2], sent[3], "renewed two minutes before it dies");
    }
}
