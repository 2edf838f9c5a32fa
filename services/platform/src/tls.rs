//! Certificates from mounted PEM files.
//!
//! A renewed certificate needs no restart: the server's half is read again when the files change, the client's half at
//! every new connection.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
    time::{Duration, Instant, SystemTime},
};

use futures::future::BoxFuture;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_rustls::{
    TlsAcceptor, TlsConnector, client,
    rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
        server::WebPkiClientVerifier,
    },
    server::TlsStream,
};
use tokio_util::{either::Either, sync::CancellationToken};

use crate::{config::Tls, inbox::BoxError, service::StartError};

/// How often the files' change times are looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A handshake that takes longer is someone who will not finish it.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// The server's TLS settings, as the files say now.
pub struct Reloading {
    files: Tls,
    look_every: Duration,
    state: RwLock<State>,
}

struct State {
    current: Arc<ServerConfig>,
    seen: Vec<Option<SystemTime>>,
    looked: Instant,
}

impl Reloading {
    /// Reads the files of `tls`, now and whenever they change. A later version that does not fit together (a new
    /// certificate whose key is not there yet) is logged and the one in force stays.
    ///
    /// # Errors
    /// A file cannot be read, or certificate and key do not belong together.
    pub fn load(tls: &Tls) -> Result<Self, StartError> {
        let seen = change_times(tls);
        let state = State { current: Arc::new(read(tls)?), seen, looked: Instant::now() };
        Ok(Self { files: tls.clone(), look_every: LOOK_EVERY, state: RwLock::new(state) })
    }

    fn current(&self) -> Arc<ServerConfig> {
        {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            if state.looked.elapsed() < self.look_every {
                return Arc::clone(&state.current);
            }
        }
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.looked = Instant::now();
        let now = change_times(&self.files);
        if now != state.seen {
            match read(&self.files) {
                Ok(config) => {
                    tracing::info!("certificates changed and were read again");
                    state.current = Arc::new(config);
                    state.seen = now;
                }
                Err(error) => tracing::error!(%error, "certificates changed but do not fit; the old ones stay"),
            }
        }
        Arc::clone(&state.current)
    }

    /// Accepts connections until `stop`, each with the certificate of that moment; a slow handshake holds up nobody.
    pub(crate) fn accept(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> mpsc::Receiver<Result<TlsStream<TcpStream>, std::io::Error>> {
        let (ready, incoming) = mpsc::channel(64);
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => return,
                    accepted = listener.accept() => accepted,
                };
                let Ok((socket, _)) = accepted else {
                    // Out of descriptors, most likely: wait for some to be given back.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let _best_effort = socket.set_nodelay(true);
                let acceptor = TlsAcceptor::from(self.current());
                let ready = ready.clone();
                tokio::spawn(async move {
                    match tokio::time::timeout(HANDSHAKE, acceptor.accept(socket)).await {
                        Ok(Ok(stream)) => {
                            let _closing = ready.send(Ok(stream)).await;
                        }
                        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                        Err(_) => tracing::debug!("TLS handshake took too long"),
                    }
                });
            }
        });
        incoming
    }
}

/// What a peer has to prove, and what we prove to it.
#[derive(Clone)]
pub(crate) struct Secure {
    files: Arc<Tls>,
    name: ServerName<'static>,
}

impl Secure {
    /// `host`: the name that the peer's certificate must bear.
    ///
    /// # Errors
    /// A file cannot be read, certificate and key do not belong together, or the name is none.
    pub(crate) fn new(files: &Tls, host: &str) -> Result<Self, StartError> {
        read_client(files)?;
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        Ok(Self { files: Arc::new(files.clone()), name: name.map_err(|e| StartError::from_source(host, e))? })
    }
}

/// Opens connections to one process of a peer; over TLS each with the authority and the certificate that the files hold at
/// that moment.
#[derive(Clone)]
pub(crate) struct Connector {
    at: SocketAddr,
    secure: Option<Secure>,
}

impl Connector {
    pub(crate) fn new(at: SocketAddr, secure: Option<Secure>) -> Self {
        Self { at, secure }
    }

    async fn connect(self) -> Result<Connection, BoxError> {
        let socket = TcpStream::connect(self.at).await?;
        socket.set_nodelay(true)?;
        let Some(Secure { files, name }) = self.secure else { return Ok(TokioIo::new(Either::Left(socket))) };
        let connector = TlsConnector::from(Arc::new(read_client(&files)?));
        let stream = tokio::time::timeout(HANDSHAKE, connector.connect(name, socket)).await??;
        Ok(TokioIo::new(Either::Right(stream)))
    }
}

type Connection = TokioIo<Either<TcpStream, client::TlsStream<TcpStream>>>;

impl tower::Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().connect())
    }
}

fn read_client(tls: &Tls) -> Result<ClientConfig, StartError> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| StartError::from_source("TLS", e))?
        .with_root_certificates(roots(&tls.ca_file)?)
        .with_client_auth_cert(certificates(&tls.cert_file)?, key(tls)?)
        .map_err(|e| StartError::from_source(tls.cert_file.display().to_string(), e))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

fn read(tls: &Tls) -> Result<ServerConfig, StartError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| StartError::from_source("TLS", e))?;
    let builder = match &tls.client_ca_file {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let roots = roots(file)?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .map_err(|e| StartError::from_source(file.display().to_string(), e))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(certificates(&tls.cert_file)?, key(tls)?)
        .map_err(|e| StartError::from_source(tls.cert_file.display().to_string(), e))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

fn key(tls: &Tls) -> Result<PrivateKeyDer<'static>, StartError> {
    PrivateKeyDer::from_pem_slice(&bytes(&tls.key_file)?)
        .map_err(|e| StartError::from_source(tls.key_file.display().to_string(), e))
}

fn roots(file: &Path) -> Result<RootCertStore, StartError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(file)? {
        roots.add(certificate).map_err(|e| StartError::from_source(file.display().to_string(), e))?;
    }
    Ok(roots)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, StartError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes(file)?).collect();
    let read = read.map_err(|e| StartError::from_source(file.display().to_string(), e))?;
    if read.is_empty() {
        return Err(StartError::new(format!("{}: no certificate in it", file.display())));
    }
    Ok(read)
}

fn bytes(file: &Path) -> Result<Vec<u8>, StartError> {
    std::fs::read(file).map_err(|e| StartError::from_source(file.display().to_string(), e))
}

fn change_times(tls: &Tls) -> Vec<Option<SystemTime>> {
    let files: [Option<&PathBuf>; 3] = [Some(&tls.cert_file), Some(&tls.key_file), tls.client_ca_file.as_ref()];
    files.into_iter().flatten().map(|file| std::fs::metadata(file).and_then(|m| m.modified()).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_certificate_is_served_once_its_key_is_there_too() {
        let dir = tempfile::tempdir().unwrap();
        let tls = Tls {
            cert_file: dir.path().join("cert.pem"),
            key_file: dir.path().join("cert.key"),
            ca_file: dir.path().join("ca.pem"),
            client_ca_file: None,
        };
        // File systems may keep change times by the millisecond or worse.
        let mut tick = SystemTime::UNIX_EPOCH;
        let mut write = |file: &Path, text: &str| {
            std::fs::write(file, text).unwrap();
            tick += Duration::from_secs(1);
            std::fs::File::options().write(true).open(file).unwrap().set_modified(tick).unwrap();
        };
        let make = || {
            let key = rcgen::KeyPair::generate().unwrap();
            let cert = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
            (cert.pem(), key.serialize_pem())
        };
        let (cert, key) = make();
        assert!(Reloading::load(&tls).is_err(), "there are no files yet");
        write(&tls.cert_file, &cert);
        write(&tls.key_file, &key);
        let mut reloading = Reloading::load(&tls).unwrap();
        reloading.look_every = Duration::ZERO;
        let first = reloading.current();
        assert!(Arc::ptr_eq(&first, &reloading.current()), "nothing changed");
        let (cert, key) = make();
        write(&tls.cert_file, &cert);
        assert!(Arc::ptr_eq(&first, &reloading.current()), "the new certificate's key is not there yet");
        write(&tls.key_file, &key);
        let second = reloading.current();
        assert!(!Arc::ptr_eq(&first, &second), "both are there");
        assert!(Arc::ptr_eq(&second, &reloading.current()));
    }
}
