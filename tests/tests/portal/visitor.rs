//! Somebody with a browser that has no scripts: keeps cookies, follows one link at a time, sends the forms it was shown.

use std::collections::BTreeMap;

use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};

/// What came back.
#[derive(Debug, Clone)]
pub struct Seen {
    pub status: StatusCode,
    /// Where a redirect leads; empty otherwise.
    pub to: String,
    pub body: String,
}

impl Seen {
    /// The page's words, without tags and with single spaces.
    pub fn words(&self) -> String {
        let mut out = String::new();
        let mut inside = false;
        for c in self.body.chars() {
            match c {
                '<' => inside = true,
                '>' => {
                    inside = false;
                    out.push(' ');
                }
                c if !inside => out.push(c),
                _ => {}
            }
        }
        let plain = out.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&");
        plain.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// A visitor.
#[derive(Debug, Clone)]
pub struct Visitor {
    base: String,
    client: Client,
    cookies: BTreeMap<String, String>,
    /// Token of the forms on the last page that had any.
    token: String,
}

impl Visitor {
    pub fn new(base: &str) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().unwrap();
        Self { base: base.into(), client, cookies: BTreeMap::new(), token: String::new() }
    }

    pub async fn get(&mut self, path: &str) -> Seen {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// Sends a form with the token of the last page.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token.clone();
        self.post_as(path, &token, fields).await
    }

    /// Sends a form with a token of one's own making.
    pub async fn post_as(&mut self, path: &str, token: &str, fields: &[(&str, &str)]) -> Seen {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("jeton", token).extend_pairs(fields);
        self.send(request.body(body.finish())).await
    }

    /// A request with this visitor's cookies. The cookies are `Secure`, which a client over http keeps to itself.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.client.request(method, format!("{}{path}", self.base)).header(COOKIE, cookies.join("; "))
    }

    pub async fn send(&mut self, request: RequestBuilder) -> Seen {
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("Secure; HttpOnly; SameSite=Lax") && text.starts_with("__Host-"), "{text}");
            let (name, value) = text.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        let status = answer.status();
        let to = answer.headers().get(LOCATION).map_or("", |l| l.to_str().unwrap()).to_owned();
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        if let Some(token) = body.split("name=\"jeton\" value=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            token.clone_into(&mut self.token);
        }
        Seen { status, to, body }
    }

    /// Signs in at the demo's door.
    pub async fn enter(&mut self, kind: &str, who: &str) {
        self.get("/demo").await;
        let seen = self.post("/demo/entrer", &[("genre", kind), ("qui", who)]).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.words());
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// The cookie of the session, as it lies in the browser.
    pub fn session(&self) -> Option<&str> {
        self.cookies.get("__Host-admis").map(String::as_str)
    }
}
