//! A form whose last part is a file, streamed on while it arrives: its size is known before its bytes are.
//!
//! Whoever takes the bytes wants to be told their number first. A browser states the length of the whole request and ends
//! it with the closing boundary (HTML, multipart/form-data encoding), so that what lies between is the file.

use axum::{
    body::{Body, BodyDataStream},
    extract::{FromRequest as _, Multipart, Request},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::header;

use super::{FILE_AGAIN, Fault, Form, Visit, form::TOKEN, guard::stale};
use crate::secret;

/// Longest beginning of a request: every field before the file.
const LONGEST_HEAD: usize = 64 << 10;
/// The most that is read away of a file that was refused, so that its sender can read why.
const LONGEST_DRAIN: u64 = 64 << 20;
/// Largest piece handed on at once; intake takes up to a mebibyte.
const LARGEST_CHUNK: usize = 256 << 10;

/// A form with a file that is arriving.
pub struct Measured {
    /// Fields before the file; their token was checked.
    pub form: Form,
    /// Name of the file as the browser gives it; empty when none was chosen.
    pub name: String,
    /// Bytes of the file.
    pub size: u64,
    left: u64,
    held: BytesMut,
    body: BodyDataStream,
    tail: Vec<u8>,
}

impl Measured {
    /// Reads up to the file. The token must stand before it, and the file last.
    ///
    /// # Errors
    /// Not a form of ours, without a length, or without a file.
    pub async fn begin(visit: &Visit, request: Request) -> Result<Self, Fault> {
        let (kind, length) = (header_of(&request, &header::CONTENT_TYPE), header_of(&request, &header::CONTENT_LENGTH));
        let length: u64 = length.parse().map_err(|_| Fault::BadRequest)?;
        let tail = format!("\r\n--{}--\r\n", boundary(&kind).ok_or(Fault::BadRequest)?).into_bytes();
        let mut body = request.into_body().into_data_stream();
        let mut held = BytesMut::new();
        let head = loop {
            if let Some(end) = end_of_head(&held) {
                break held.split_to(end).freeze();
            }
            let chunk = body.next().await.and_then(Result::ok).filter(|_| held.len() < LONGEST_HEAD);
            held.extend_from_slice(&chunk.ok_or(Fault::BadRequest)?);
        };
        let around = (head.len() + tail.len()) as u64;
        let size = length.checked_sub(around).ok_or(Fault::BadRequest)?;
        let (form, name) = fields(&kind, &head, &tail).await?;
        if !secret::same(form.raw(TOKEN), &visit.form_token) {
            let known = visit.grant().is_some();
            return Err(if known { stale(visit, &form.with(FILE_AGAIN, "oui")).await } else { Fault::FormToken });
        }
        Ok(Self { form, name, size, left: size, held, body, tail })
    }

    /// The next bytes of the file; nothing once all of it was read.
    ///
    /// # Errors
    /// The connection broke, or the file was not the last part after all.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        while self.held.is_empty() {
            match self.body.next().await {
                Some(Ok(chunk)) => self.held.extend_from_slice(&chunk),
                Some(Err(_)) => return Err(Fault::BadRequest),
                None => break,
            }
        }
        if self.left == 0 {
            while let Some(chunk) = self.body.next().await {
                self.held.extend_from_slice(&chunk.map_err(|_| Fault::BadRequest)?);
            }
            return if self.held == self.tail { Ok(None) } else { Err(Fault::BadRequest) };
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(LARGEST_CHUNK).min(self.held.len());
        if most == 0 {
            return Err(Fault::BadRequest);
        }
        self.left -= most as u64;
        Ok(Some(self.held.split_to(most).freeze()))
    }

    /// Reads the rest away: a browser that is still sending would not read the answer.
    pub async fn drain(&mut self) {
        let mut read = 0;
        while read < LONGEST_DRAIN {
            match self.body.next().await {
                Some(Ok(chunk)) => read += chunk.len() as u64,
                _ => return,
            }
        }
    }
}

fn header_of(request: &Request, name: &header::HeaderName) -> String {
    request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

fn boundary(kind: &str) -> Option<&str> {
    let parameters = kind.strip_prefix("multipart/form-data")?;
    let boundary = parameters.split(';').find_map(|p| p.trim().strip_prefix("boundary="))?.trim_matches('"');
    (!boundary.is_empty()).then_some(boundary)
}

/// Where the file begins: behind the headers of the part that has a file name.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let at = find(bytes, b"; filename=")?;
    Some(at + find(bytes.get(at..)?, b"\r\n\r\n")? + 4)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The fields, read as a form whose file is empty.
async fn fields(kind: &str, head: &[u8], tail: &[u8]) -> Result<(Form, String), Fault> {
    let request = Request::builder().header(header::CONTENT_TYPE, kind).body(Body::from([head, tail].concat()));
    let request = request.map_err(|_| Fault::BadRequest)?;
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| Fault::BadRequest)?;
    let mut pairs = Vec::new();
    while let Some(field) = parts.next_field().await.map_err(|_| Fault::BadRequest)? {
        if let Some(name) = field.file_name() {
            let name = name.to_owned();
            return Ok((Form::of(pairs), name));
        }
        let name = field.name().unwrap_or_default().to_owned();
        pairs.push((name, field.text().await.map_err(|_| Fault::BadRequest)?));
    }
    Err(Fault::BadRequest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=----b";
    const HEAD: &str = "------b\r\nContent-Disposition: form-data; name=\"jeton\"\r\n\r\nt\r\n------b\r\nContent-Disposition: form-data; name=\"fichier\"; filename=\"relev\u{e9}.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";

    fn arriving(size: u64, chunks: Vec<&'static str>) -> Measured {
        let stream = futures::stream::iter(chunks.into_iter().map(|c| Ok::<_, std::io::Error>(Bytes::from(c))));
        Measured {
            form: Form::default(),
            name: String::new(),
            size,
            left: size,
            held: BytesMut::new(),
            body: Body::from_stream(stream).into_data_stream(),
            tail: b"\r\n------b--\r\n".to_vec(),
        }
    }

    async fn all(mut file: Measured) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        while let Some(chunk) = file.next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    #[tokio::test]
    async fn fields_stand_before_the_file() {
        let end = end_of_head(HEAD.as_bytes()).unwrap();
        assert_eq!(end, HEAD.len());
        assert_eq!(end_of_head(&HEAD.as_bytes()[..HEAD.len() - 1]), None);
        let (form, name) = fields(KIND, HEAD.as_bytes(), b"\r\n------b--\r\n").await.unwrap();
        assert_eq!((form.get("jeton"), name.as_str()), ("t", "relev\u{e9}.pdf"));
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=\"x y\""), Some("x y"));
        assert_eq!(boundary("text/plain; boundary=x"), None);
    }

    #[tokio::test]
    async fn the_file_is_what_lies_before_the_closing_boundary() {
        assert_eq!(all(arriving(5, vec!["ab", "cde\r\n---", "---b--\r\n"])).await.unwrap(), b"abcde");
        // A file may hold what looks like a boundary: its size counts.
        assert_eq!(all(arriving(10, vec!["\r\n------b-", "-", "\r\n------b--\r\n"])).await.unwrap_err().status(), 400);
        assert_eq!(all(arriving(11, vec!["\r\n------b-x", "\r\n------b--\r\n"])).await.unwrap(), b"\r\n------b-x");
        // Cut short, or another part behind it.
        assert!(all(arriving(5, vec!["ab"])).await.is_err());
        assert!(
            all(arriving(
                2,
                vec!["ab\r\n------b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n------b--\r\n"]
            ))
            .await
            .is_err()
        );
    }
}
