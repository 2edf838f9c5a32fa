//! A mail server, spoken to step by step, so that what it says of a reader is told from what it says of us.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use jiff::Timestamp;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
    },
};

use super::{Failure, Parcel};
use crate::settings;

/// A connection that waited longer is closed rather than used again.
const IDLE: Duration = Duration::from_secs(20);
/// Ways to sign in that we know.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// The mail server.
pub struct Smtp {
    settings: settings::Smtp,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    /// What a Message-ID ends with.
    domain: String,
    idle: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl Smtp {
    /// Prepares to speak to the server; nothing is connected yet.
    ///
    /// # Errors
    /// A setting cannot be used.
    pub fn open(settings: &settings::Smtp, portal_url: &str) -> Result<Self, String> {
        let tls = match settings.tls {
            settings::Tls::None => None,
            settings::Tls::Required | settings::Tls::Implicit => {
                let mut builder = TlsParameters::builder(settings.host.clone());
                if let Some(file) = &settings.ca_file {
                    let pem = std::fs::read(file).map_err(|e| format!("transport.ca_file {}: {e}", file.display()))?;
                    let certificate = Certificate::from_pem(&pem).map_err(|e| format!("transport.ca_file: {e}"))?;
                    builder = builder.add_root_certificate(certificate);
                }
                Some(builder.build().map_err(|e| format!("transport.tls: {e}"))?)
            }
        };
        let mailbox = |key: &str, text: &str| text.parse::<Mailbox>().map_err(|e| format!("transport.{key}: {e}"));
        let authority = portal_url.split("://").nth(1).unwrap_or_default();
        Ok(Self {
            tls,
            credentials: settings
                .user
                .clone()
                .zip(settings.password.as_ref())
                .map(|(user, password)| Credentials::new(user, password.expose().to_owned())),
            from: mailbox("from", &settings.from)?,
            reply_to: settings.reply_to.as_deref().map(|text| mailbox("reply_to", text)).transpose()?,
            domain: authority.split(['/', ':']).next().unwrap_or("localhost").to_owned(),
            settings: settings.clone(),
            idle: Mutex::default(),
        })
    }

    pub(super) fn timeout(&self) -> Duration {
        self.settings.timeout.get()
    }

    pub(super) fn connections(&self) -> usize {
        self.settings.connections
    }

    pub(super) async fn send(&self, parcel: Parcel<'_>) -> Result<(), Failure> {
        let (message, to) = self.message(parcel)?;
        match tokio::time::timeout(self.timeout(), self.deliver(&message, to)).await {
            Ok(delivered) => delivered,
            Err(_) => Err(Failure::Later("timeout".into())),
        }
    }

    fn message(&self, parcel: Parcel<'_>) -> Result<(Vec<u8>, Address), Failure> {
        let address: Address = parcel.address.parse().map_err(|_| Failure::Refused("the address is not one".into()))?;
        let name = Some(parcel.name.to_owned()).filter(|name| !name.is_empty());
        let date = SystemTime::from(Timestamp::from_second(parcel.at.as_second()).unwrap_or(parcel.at));
        let auto = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.into());
        let mut builder = Message::builder()
            .message_id(Some(format!("<{}@{}>", parcel.id, self.domain)))
            .date(date)
            .from(self.from.clone())
            .to(Mailbox::new(name, address.clone()))
            .subject(parcel.letter.subject.clone())
            // No machine should answer (RFC 3834).
            .raw_header(auto("Auto-Submitted", "auto-generated"))
            .raw_header(auto("X-Auto-Response-Suppress", "All"));
        if let Some(reply_to) = &self.reply_to {
            builder = builder.reply_to(reply_to.clone());
        }
        let both = MultiPart::alternative_plain_html(parcel.letter.text.clone(), parcel.letter.html.clone());
        let message = builder.multipart(both).map_err(|_| Failure::Refused("no mail can be made of it".into()))?;
        Ok((message.formatted(), address))
    }

    async fn deliver(&self, message: &[u8], to: Address) -> Result<(), Failure> {
        let mut connection = self.connection().await.map_err(|e| later(&e))?;
        let mut options = Vec::new();
        if !to.to_string().is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Failure::Refused("the mail server takes no such address (SMTPUTF8)".into()));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        let from = Some(self.from.email.clone());
        let sent = async {
            // What it says of us is ours to mend; what it says of the reader or of this mail is final.
            connection.command(Mail::new(from, options)).await.map_err(|e| later(&e))?;
            connection.command(Rcpt::new(to, Vec::new())).await.map_err(|e| refused(&e))?;
            connection.command(Data).await.map_err(|e| refused(&e))?;
            // From the last byte on until it answers, nobody but the server knows whether it took the mail: a connection
            // that dies here is tried again, under the same Message-ID.
            connection.message(message).await.map_err(|e| refused(&e))
        };
        match sent.await {
            Ok(_) => {
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < self.settings.connections {
                    idle.push((connection, Instant::now()));
                }
                Ok(())
            }
            Err(failure) => {
                connection.abort().await;
                Err(failure)
            }
        }
    }

    /// One that is open already, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some((mut connection, since)) = kept else { break };
            if since.elapsed() < IDLE && connection.test_connected().await {
                return Ok(connection);
            }
            connection.abort().await;
        }
        let us = ClientId::Domain(self.domain.clone());
        let server = (self.settings.host.as_str(), self.settings.port);
        let from_start = self.tls.clone().filter(|_| self.settings.tls == settings::Tls::Implicit);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout()), &us, from_start, None).await?;
        if let (settings::Tls::Required, Some(tls)) = (self.settings.tls, &self.tls) {
            connection.starttls(tls.clone(), &us).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn code(error: &Error) -> String {
    match error.status() {
        Some(code) => code.to_string(),
        None if error.is_timeout() => "timeout".into(),
        None if error.is_tls() => "tls".into(),
        None => "connection".into(),
    }
}

fn later(error: &Error) -> Failure {
    Failure::Later(code(error))
}

fn refused(error: &Error) -> Failure {
    // 530 to 538 are about signing in: ours to mend as well.
    let ours = error.status().is_some_and(|code| code.to_string().starts_with("53"));
    if error.is_permanent() && !ours { Failure::Refused(code(error)) } else { later(error) }
}
