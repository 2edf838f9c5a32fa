//! clamd's INSTREAM over TCP (clamd(8)): chunks with their length in front, an empty one at the end, one line back.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// How long clamd may take to be reached, to take a chunk, and to answer.
const REACHED: Duration = Duration::from_secs(3);
const TAKEN: Duration = Duration::from_secs(10);
const ANSWERED: Duration = Duration::from_secs(60);
/// Longest answer that is read: a signature's name and some words.
const LONGEST: u64 = 4096;

/// What clamd found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Clean,
    /// A signature, by its name.
    Infected(String),
}

/// Why nothing is known about a file.
#[derive(Debug, thiserror::Error)]
pub enum NotScanned {
    /// Nobody listens, or the connection broke.
    #[error("clamd cannot be reached: {0}")]
    Away(#[from] io::Error),
    /// It took too long.
    #[error("clamd took too long")]
    TooSlow,
    /// It answered something else, such as that the file is too large for its configuration.
    #[error("clamd answered {0:?}")]
    Refused(String),
}

impl From<tokio::time::error::Elapsed> for NotScanned {
    fn from(_: tokio::time::error::Elapsed) -> Self {
        Self::TooSlow
    }
}

/// A file on its way through clamd.
#[derive(Debug)]
pub struct Scan(TcpStream);

impl Scan {
    /// Begins a file at clamd's `host:port`.
    ///
    /// # Errors
    /// It is not reached.
    pub async fn begin(address: &str) -> Result<Self, NotScanned> {
        let mut stream = timeout(REACHED, TcpStream::connect(address)).await??;
        timeout(TAKEN, stream.write_all(b"zINSTREAM\0")).await??;
        Ok(Self(stream))
    }

    /// The next bytes of the file.
    ///
    /// # Errors
    /// The connection broke, or clamd takes no more: its answer then tells why.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), NotScanned> {
        // An empty chunk would end the file.
        for chunk in bytes.chunks(1 << 20) {
            let length = u32::try_from(chunk.len()).map_err(io::Error::other)?;
            timeout(TAKEN, self.0.write_all(&length.to_be_bytes())).await??;
            timeout(TAKEN, self.0.write_all(chunk)).await??;
        }
        Ok(())
    }

    /// Ends the file and reads what was found.
    ///
    /// # Errors
    /// No answer, or one that is no verdict.
    pub async fn finish(mut self) -> Result<Found, NotScanned> {
        timeout(TAKEN, self.0.write_all(&[0; 4])).await??;
        let mut answer = Vec::new();
        timeout(ANSWERED, self.0.take(LONGEST).read_to_end(&mut answer)).await??;
        verdict(&answer)
    }
}

/// `stream: OK`, `stream: NAME FOUND`; everything else is no verdict.
fn verdict(answer: &[u8]) -> Result<Found, NotScanned> {
    let answer = String::from_utf8_lossy(answer);
    let answer = answer.trim_end_matches(['\0', '\n']);
    let said = answer.strip_prefix("stream: ");
    match said {
        Some("OK") => Ok(Found::Clean),
        Some(said) if said.ends_with(" FOUND") => Ok(Found::Infected(said.trim_end_matches(" FOUND").to_owned())),
        _ => Err(NotScanned::Refused(answer.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_clean() {
        assert_eq!(verdict(b"stream: OK\0").unwrap(), Found::Clean);
        assert_eq!(verdict(b"stream: Eicar-Test FOUND\0").unwrap(), Found::Infected("Eicar-Test".into()));
        for other in [
            &b""[..],
            b"\0",
            b"OK",
            b"stream: ",
            b"stream: OKAY",
            b"INSTREAM size limit exceeded. ERROR\0",
            b"stream: x ERROR",
        ] {
            assert!(matches!(verdict(other), Err(NotScanned::Refused(_))), "{other:?}");
        }
    }
}
