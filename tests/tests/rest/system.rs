//! Another system: gets its token as a school's staff make it, and asks with it.

use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
    redirect::Policy,
};
use serde_json::Value;

use crate::visitor::Visitor;

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The code of a problem that is told as one.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status.as_u16(), "{self:?}");
        for member in ["type", "title", "detail"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {self:?}");
        }
        self.body["code"].as_str().expect("a code")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// Which scopes, as the boxes of the page.
pub const STAFF: [&str; 8] = [
    "dossiers:read",
    "dossiers:write",
    "pieces:read",
    "fees:read",
    "exemptions:write",
    "convocations:read",
    "admissions:read",
    "admissions:write",
];
pub const FINANCE: [&str; 5] = ["fees:read", "fees:write", "exemptions:write", "books:read", "statements:write"];

/// A system with a token.
#[derive(Debug, Clone)]
pub struct System {
    base: String,
    client: Client,
    pub token: String,
}

impl System {
    pub fn new(base: &str, token: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
        Self { base: base.into(), client, token: token.into() }
    }

    /// One whose token somebody of `role` at `school` makes on their page.
    pub async fn of(base: &str, role: &str, school: &str, scopes: &[&str]) -> Self {
        let mut maker = Visitor::new(base);
        maker.enter("personnel", &format!("{role}@{school}")).await;
        let room = if role == "finance" { "/finance/api" } else { "/ecole/api" };
        let token = made(&mut maker, room, scopes, "30").await;
        Self::new(base, &token)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, &format!("/api/v1{path}"))).await
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> Reply {
        let request = self.request(Method::POST, &format!("/api/v1{path}")).header("Idempotency-Key", key);
        self.send(request.header(CONTENT_TYPE, "application/json").body(body.to_string())).await
    }

    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status(), answer.headers().clone());
        assert!(!headers.contains_key("set-cookie"), "the API has no cookies");
        let bytes = answer.bytes().await.expect("a body");
        Reply { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) }
    }
}

/// Makes a token on the page that the maker's role has for it, and reads it where it is shown.
pub async fn made(maker: &mut Visitor, room: &str, scopes: &[&str], days: &str) -> String {
    let page = maker.get(room).await;
    let form = page.body.split("name=\"demande\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let form = form.unwrap_or_else(|| panic!("no form: {}", page.words())).to_owned();
    let mut fields = vec![("demande", form.as_str()), ("nom", "Scolarité"), ("jours", days)];
    fields.extend(scopes.iter().map(|scope| (*scope, "oui")));
    let shown = maker.post(room, &fields).await;
    let token = shown.body.split("<code>").filter_map(|rest| rest.split('<').next()).find(|t| t.starts_with("admis_"));
    let token = token.unwrap_or_else(|| panic!("no token: {}", shown.words())).to_owned();
    // The same form again makes nothing and shows nothing.
    let again = maker.post(room, &fields).await;
    assert!(!again.body.contains("admis_"), "shown twice");
    assert!(!maker.get(room).await.body.contains(&token), "shown later");
    token
}
