//! A posted form: names and values, in the order in which they were sent.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::Fault;

/// Name of the hidden field that proves that a form is ours.
pub const TOKEN: &str = "jeton";

/// Fields that are never kept, not even for their owner.
const SECRETS: [&str; 3] = ["mot-de-passe", "code", "secret"];

/// Stands in a held form whose file has to be chosen again.
pub const FILE_AGAIN: &str = "fichier-a-choisir";

/// What a form held. Read only after its token was checked ([`super::guard`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`. A browser sends line breaks as CR LF; we keep LF.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(body);
        Self(pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }

    /// From pairs, for pages that show stored values the same way as posted ones.
    #[must_use]
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// The first value of a field, trimmed; empty if it was not sent.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value of a field as it was sent: for passwords.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str())
    }

    /// Every value of a field, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.trim())
    }

    /// A checkbox is ticked, or a button of that name was pressed.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// Nothing was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every pair.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What of it may be kept: neither its token nor a secret.
    #[must_use]
    pub fn kept(&self) -> Self {
        let keeps = |name: &String| name != TOKEN && !SECRETS.contains(&name.as_str());
        Self(self.0.iter().filter(|(name, _)| keeps(name)).cloned().collect())
    }

    /// It holds a password or a code.
    #[must_use]
    pub fn secret(&self) -> bool {
        SECRETS.iter().any(|name| self.has(name))
    }

    /// With one more field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.into(), value.replace("\r\n", "\n")));
        self
    }

    /// Without a field.
    #[must_use]
    pub fn without(mut self, field: &str) -> Self {
        self.0.retain(|(name, _)| name != field);
        self
    }

    /// The same without its token, as an address or a database keeps it.
    #[must_use]
    pub fn encoded(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.0.iter().filter(|(name, _)| name != TOKEN) {
            out.append_pair(name, value);
        }
        out.finish()
    }
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        parts.extensions.get::<Self>().cloned().ok_or(Fault::BadRequest)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Form {
    type Rejection = Fault;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Fault> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_in_order_and_comes_back_without_its_token() {
        let form = Form::parse(b"jeton=t&ecole=b&ecole=a&texte=+a%0D%0Ab+&ok=");
        assert_eq!(form.all("ecole").collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!((form.get("texte"), form.raw("texte")), ("a\nb", " a\nb "));
        assert!(form.has("ok") && !form.has("ko") && form.get("ko").is_empty());
        assert_eq!(Form::parse(form.encoded().as_bytes()).pairs().count(), 4);
    }

    #[test]
    fn no_password_and_no_token_is_kept() {
        let form = Form::parse(b"jeton=t&mot-de-passe=x&code=1&secret=s&nom=Ana");
        assert!(form.secret() && !form.kept().secret());
        assert_eq!(form.kept().pairs().collect::<Vec<_>>(), [("nom", "Ana")]);
        assert_eq!(form.without("nom").with("ecole", "a").get("ecole"), "a");
    }
}
