//! How a mail leaves.

mod mailbox;
mod smtp;

use std::time::Duration;

use jiff::Timestamp;
use platform::db::{Db, DbError};
use uuid::Uuid;

pub use smtp::Smtp;

use crate::{letters::Letter, settings};

/// A mail ready to leave.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// Its id: the same at every try, and so is the Message-ID made of it.
    pub id: Uuid,
    /// The reader's name; may be empty.
    pub name: &'a str,
    /// The reader's address.
    pub address: &'a str,
    /// What it says.
    pub letter: &'a Letter,
    /// Its date.
    pub at: Timestamp,
}

/// Why a mail did not leave. In codes: what a server says may quote an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Its reader's mail server refuses it for good, or there is no such address.
    Refused(String),
    /// Something is wrong now that may pass: greylisting, a full disk, a server that is away, our own settings.
    Later(String),
}

impl From<DbError> for Failure {
    fn from(_: DbError) -> Self {
        Self::Later("database".into())
    }
}

/// Where mail goes.
pub enum Transport {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// Into the demo's mailbox.
    Mailbox(Db),
}

impl Transport {
    /// As the settings say.
    ///
    /// # Errors
    /// They cannot be used.
    pub fn open(settings: &settings::Settings, db: &Db) -> Result<Self, String> {
        Ok(match &settings.transport {
            settings::Transport::Mailbox => Self::Mailbox(db.clone()),
            settings::Transport::Smtp(smtp) => Self::Smtp(Box::new(Smtp::open(smtp, &settings.portal_url)?)),
        })
    }

    /// Sends one mail. `Ok` means that responsibility for it has passed on.
    ///
    /// # Errors
    /// It did not, as far as is known.
    pub async fn send(&self, parcel: Parcel<'_>) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.send(parcel).await,
            Self::Mailbox(db) => mailbox::send(db, parcel).await,
        }
    }

    /// The longest one mail may take.
    #[must_use]
    pub fn longest(&self) -> Duration {
        match self {
            Self::Smtp(smtp) => smtp.timeout(),
            // What is put in twice is in there once: a short claim costs nothing.
            Self::Mailbox(_) => Duration::from_millis(250),
        }
    }

    /// Mails at once.
    #[must_use]
    pub fn at_once(&self) -> usize {
        match self {
            Self::Smtp(smtp) => smtp.connections(),
            Self::Mailbox(_) => 4,
        }
    }
}
