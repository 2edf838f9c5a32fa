//! The protocol itself, spoken by hand: what the server says to a user's publication or subscription, and nothing a
//! client library might make of it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    time::Duration,
};

pub struct Raw {
    reader: BufReader<TcpStream>,
    sids: u32,
}

impl Raw {
    /// Connects; the server's refusal if it does.
    pub fn connect(url: &str, user: Option<(&str, &str)>) -> Result<Self, String> {
        let address = url.trim_start_matches("nats://");
        let stream = TcpStream::connect(address).map_err(|e| e.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).map_err(|e| e.to_string())?;
        let mut raw = Self { reader: BufReader::new(stream), sids: 0 };
        raw.line()?;
        let who =
            user.map(|(user, password)| format!(",\"user\":\"{user}\",\"pass\":\"{password}\"")).unwrap_or_default();
        raw.send(&format!("CONNECT {{\"verbose\":false,\"pedantic\":false,\"headers\":true{who}}}\r\n"))?;
        match raw.settle()? {
            None => Ok(raw),
            Some(refused) => Err(refused),
        }
    }

    /// What the server says against it, if anything. Answers of the streams are not waited for.
    pub fn try_it(&mut self, verb: &str, subject: &str) -> Result<Option<String>, String> {
        self.sids += 1;
        let sid = self.sids;
        match verb {
            // A body that no request can be read from: what is allowed has no effect.
            "publish" => self.send(&format!("PUB {subject} 1\r\n!\r\n"))?,
            _ => self.send(&format!("SUB {subject} {sid}\r\n"))?,
        }
        let said = self.settle()?;
        if verb != "publish" {
            self.send(&format!("UNSUB {sid}\r\n"))?;
        }
        Ok(said)
    }

    /// The server answers in order: whatever it has against what was sent comes before its PONG.
    fn settle(&mut self) -> Result<Option<String>, String> {
        self.send("PING\r\n")?;
        let mut error = None;
        loop {
            let line = self.line()?;
            if line.starts_with("PONG") {
                return Ok(error);
            } else if let Some(text) = line.strip_prefix("-ERR ") {
                error = Some(text.trim().to_owned());
                if text.contains("Authorization") {
                    return Ok(error);
                }
            } else if line.starts_with("PING") {
                self.send("PONG\r\n")?;
            }
        }
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).map_err(|e| e.to_string())?;
        if read == 0 { Err("the server closed the connection".into()) } else { Ok(line) }
    }

    fn send(&mut self, text: &str) -> Result<(), String> {
        self.reader.get_mut().write_all(text.as_bytes()).map_err(|e| e.to_string())
    }
}
