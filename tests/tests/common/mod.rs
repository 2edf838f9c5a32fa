//! A browser without pages: follows no redirect by itself, keeps cookies, and hands back what it got.

#![allow(clippy::expect_used, clippy::panic, dead_code, reason = "a test says what it expected, each uses a part")]

use campaign::world::World;
use reqwest::{
    Client, Method, RequestBuilder, Url,
    header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE},
    redirect::Policy,
};

/// Somebody's browser.
pub struct Agent {
    http: Client,
    jar: Vec<Cookie>,
}

struct Cookie {
    authority: String,
    path: String,
    name: String,
    value: String,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// Where it leads, absolute.
    pub location: Option<String>,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The address it leads to.
    #[track_caller]
    pub fn leads_to(&self) -> &str {
        self.location.as_deref().unwrap_or_else(|| panic!("{} leads nowhere: {}", self.status, self.body))
    }

    /// The value of a hidden field.
    #[track_caller]
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let at = self.body.find(&mark).unwrap_or_else(|| panic!("no field {name} in {}", self.body)) + mark.len();
        self.body[at..].split('"').next().unwrap_or_default().to_owned()
    }
}

impl Agent {
    pub fn new() -> Self {
        let http = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { http, jar: Vec::new() }
    }

    pub async fn get(&mut self, url: &str) -> Answer {
        let url: Url = url.parse().expect("an address");
        self.send(self.http.get(url.clone()), &url).await
    }

    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Answer {
        let url: Url = url.parse().expect("an address");
        self.send(self.http.post(url.clone()).form(form), &url).await
    }

    async fn send(&mut self, request: RequestBuilder, url: &Url) -> Answer {
        let theirs = self.jar.iter().filter(|c| c.authority == url.authority() && url.path().starts_with(&c.path));
        let cookies: Vec<String> = theirs.map(|c| format!("{}={}", c.name, c.value)).collect();
        let request = request.header(COOKIE, cookies.join("; "));
        let response = request.send().await.unwrap_or_else(|e| panic!("{url}: {e}"));
        for cookie in response.headers().get_all(SET_COOKIE) {
            self.keep(url, cookie.to_str().expect("a cookie in ASCII"));
        }
        answer(url, response).await
    }

    fn keep(&mut self, url: &Url, cookie: &str) {
        let mut parts = cookie.split(';').map(|part| part.trim().split_once('=').unwrap_or((part.trim(), "")));
        let (name, value) = parts.next().expect("a cookie has a name");
        let attributes: Vec<(String, &str)> = parts.map(|(n, v)| (n.to_lowercase(), v)).collect();
        let attribute = |name: &str| attributes.iter().find(|(n, _)| n == name).map(|(_, v)| *v);
        let path = attribute("path").unwrap_or("/").to_owned();
        let authority = url.authority().to_owned();
        self.jar.retain(|c| (c.name.as_str(), &c.path, &c.authority) != (name, &path, &authority));
        if attribute("max-age") != Some("0") && !value.is_empty() {
            self.jar.push(Cookie { authority, path, name: name.into(), value: value.into() });
        }
    }
}

async fn answer(url: &Url, response: reqwest::Response) -> Answer {
    let headers = response.headers().clone();
    let location = headers.get(LOCATION).and_then(|v| v.to_str().ok());
    Answer {
        status: response.status().as_u16(),
        location: location.map(|to| url.join(to).expect("an address").to_string()),
        body: String::from_utf8_lossy(&response.bytes().await.expect("a body")).into_owned(),
        headers,
    }
}

/// Another system, which bears a token or none.
pub struct System {
    http: Client,
    base: String,
    pub token: Option<String>,
}

impl System {
    pub fn new(world: &World, token: Option<&str>) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { http, base: format!("{}/api/v1", world.portal_url), token: token.map(str::to_owned) }
    }

    /// A request to a path of the API.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// A command under a key.
    pub async fn post(&self, path: &str, key: &str, json: &str) -> Answer {
        let request = self.request(Method::POST, path).header("Idempotency-Key", key);
        self.send(request.header("content-type", "application/json").body(json.to_owned())).await
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let url: Url = self.base.parse().expect("an address");
        answer(&url, request.send().await.unwrap_or_else(|e| panic!("{e}"))).await
    }
}

/// Somebody of a school's staff or finance in the demo, signed in by name and password.
pub async fn signed_in(world: &World, subject: &str) -> Agent {
    let mut agent = Agent::new();
    let door = format!("{}/connexion/personnel", world.portal_url);
    let form = agent.get(&door).await.hidden("jeton");
    let password = format!("demo-{subject}");
    let answer = agent.post(&door, &[("jeton", &form), ("identifiant", subject), ("mot-de-passe", &password)]).await;
    assert_eq!(answer.status, 303, "{subject} signs in: {}", answer.body);
    agent
}

/// A token made on a school's page.
pub async fn token(world: &World, subject: &str, scopes: &[&str]) -> String {
    let mut agent = signed_in(world, subject).await;
    let page = format!("{}/ecole/api", world.portal_url);
    let form = agent.get(&page).await.hidden("jeton");
    let mut fields = vec![("jeton", form.as_str()), ("nom", "Scolarité")];
    fields.extend(scopes.iter().map(|scope| (*scope, "oui")));
    let made = agent.post(&page, &fields).await;
    let shown = made.body.split("id=\"jeton-api\">").nth(1).and_then(|rest| rest.split('<').next());
    let token = shown.unwrap_or_else(|| panic!("no token: {}", made.body)).to_owned();
    let again = agent.get(&page).await.body;
    assert!(again.contains("Scolarité") && !again.contains(&token), "a token is shown once");
    token
}
