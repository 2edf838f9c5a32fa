//! What a person does with a page: reads it, fills in what bears a label, presses what bears a text.

use std::{path::Path, time::Instant};

use serde_json::Value;
use thirtyfour::{By, Key, WebElement};

use crate::browser::{Browser, PATIENCE};

impl Browser {
    pub async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    /// Path of the page, with its query.
    pub async fn path(&self) -> String {
        self.driver.current_url().await.unwrap().as_str().trim_start_matches(&self.base).to_owned()
    }

    /// Waits until the browser is on another page than those that begin so.
    async fn leave(&self, page: &str) {
        let until = Instant::now() + PATIENCE;
        while self.path().await.starts_with(page) {
            assert!(Instant::now() < until, "still on {page}: {}", self.words().await);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// The words on the page, as they are seen.
    pub async fn words(&self) -> String {
        let body = self.driver.find(By::Tag("body")).await.unwrap();
        body.text().await.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until the page says something.
    pub async fn until(&self, word: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            // Between two pages there is no body to read.
            let words = match self.driver.find(By::Tag("body")).await {
                Ok(body) => body.text().await.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
                Err(_) => String::new(),
            };
            if words.contains(word) {
                return words;
            }
            assert!(Instant::now() < until, "the page {} does not say {word:?}: {words}", self.path().await);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Presses a button or follows a link that bears this text, and waits for another page.
    pub async fn press(&self, text: &str) {
        let quoted = xpath_text(text);
        let what = format!(
            "(//main//button[contains(normalize-space(.), {quoted})] | //main//a[contains(normalize-space(.), {quoted})] | //button[contains(normalize-space(.), {quoted})] | //a[contains(normalize-space(.), {quoted})])[1]"
        );
        let element = match self.driver.find(By::XPath(what)).await {
            Ok(element) => element,
            Err(_) => panic!("nothing to press that says {text:?} on {}: {}", self.path().await, self.words().await),
        };
        element.scroll_into_view().await.unwrap();
        self.tap(&element).await;
    }

    /// Types into the control of an id, in place of what it held.
    pub async fn write(&self, id: &str, text: &str) {
        let control = self.present(&format!("[id='{id}']")).await;
        control.scroll_into_view().await.unwrap();
        control.clear().await.unwrap();
        control.send_keys(text).await.unwrap();
    }

    /// Sets a control whose value is chosen rather than typed: a date, an option.
    pub async fn set(&self, id: &str, value: &str) {
        self.present(&format!("[id='{id}']")).await;
        let script = "const e = document.getElementById(arguments[0]); e.value = arguments[1]; e.dispatchEvent(new Event('input', { bubbles: true })); e.dispatchEvent(new Event('change', { bubbles: true })); return e.value;";
        let set = self.driver.execute(script, vec![Value::from(id), Value::from(value)]).await.unwrap().json().clone();
        assert_eq!(set.as_str(), Some(value), "{id} does not take {value}");
    }

    /// What a control holds.
    pub async fn value(&self, id: &str) -> String {
        self.present(&format!("[id='{id}']")).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Chooses a file in the control of an id and sends its form.
    pub async fn upload(&self, id: &str, file: &Path) {
        let control = self.present(&format!("[id='{id}']")).await;
        control.send_keys(file.to_str().unwrap()).await.unwrap();
        let button = format!("//form[.//*[@id='{id}']]//button");
        let button = self.driver.find(By::XPath(button)).await.unwrap();
        button.scroll_into_view().await.unwrap();
        self.tap(&button).await;
    }

    /// Waits until a selector finds something.
    pub async fn present(&self, css: &str) -> WebElement {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Ok(found) = self.driver.find(By::Css(css)).await {
                return found;
            }
            assert!(Instant::now() < until, "no {css} on {}: {}", self.path().await, self.words().await);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// The first characters of what an address of ours answers to whoever is signed in here.
    pub async fn fetched(&self, path: &str) -> String {
        let fetch = "const done = arguments[arguments.length - 1]; fetch(arguments[0]).then(r => r.text()).then(t => done(t.slice(0, 200)), e => done('error: ' + e));";
        let text = self.driver.execute_async(fetch, vec![Value::from(path)]).await.unwrap();
        text.json().as_str().unwrap_or_default().to_owned()
    }

    /// Presses an element: with the pointer, or by key where scripts are off, since ChromeDriver waits for a timer of the
    /// page before it clicks.
    async fn tap(&self, element: &WebElement) {
        if !self.scriptless {
            return element.click().await.unwrap();
        }
        let kind = element.attr("type").await.unwrap().unwrap_or_default();
        if matches!(kind.as_str(), "radio" | "checkbox") {
            return element.send_keys(Key::Space + "").await.unwrap();
        }
        element.send_keys(Key::Enter + "").await.unwrap();
        // A click would wait for the page that follows; a key does not.
        let until = Instant::now() + PATIENCE;
        while element.tag_name().await.is_ok() {
            assert!(Instant::now() < until, "nothing follows on {}", self.path().await);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// Presses what a selector finds.
    pub async fn click(&self, css: &str) {
        let element = match self.driver.find(By::Css(css)).await {
            Ok(element) => element,
            Err(_) => panic!("no {css} on {}: {}", self.path().await, self.words().await),
        };
        element.scroll_into_view().await.unwrap();
        self.tap(&element).await;
    }

    /// Sends the form that does one thing, by its button in sight.
    pub async fn send(&self, act: &str) {
        self.send_with("geste", act).await;
    }

    /// Sends the form that carries this value unseen, by its button in sight.
    pub async fn send_with(&self, field: &str, value: &str) {
        let button = format!(
            "(//main//form[input[@name='{field}'][@value='{value}']]//button[not(@aria-hidden) and not(@type='button')])[1]"
        );
        let found = self.driver.find(By::XPath(button)).await;
        let Ok(button) = found else {
            panic!("no form with {field}={value} on {}: {}", self.path().await, self.words().await)
        };
        button.scroll_into_view().await.unwrap();
        self.tap(&button).await;
    }

    /// Folds open what holds more.
    pub async fn unfold(&self) {
        self.script("document.querySelectorAll('main details').forEach(d => d.open = true);").await;
    }

    /// Addresses that the page's links lead to and that begin so, in their order.
    pub async fn links(&self, begin: &str) -> Vec<String> {
        let all = self.script("return [...document.querySelectorAll('main a[href]')].map(a => a.pathname);").await;
        let all = all.as_array().into_iter().flatten().filter_map(Value::as_str);
        all.filter(|href| href.starts_with(begin)).map(str::to_owned).collect()
    }

    /// Moves the focus with the keyboard alone until it rests on something whose text begins so.
    pub async fn tab_to(&self, text: &str) {
        for _ in 0..120 {
            self.keys(Key::Tab).await;
            if self.focused().await.starts_with(text) {
                // What has the focus must be seen to have it.
                let outline = self.script("return getComputedStyle(document.activeElement).outlineStyle").await;
                assert_ne!(outline.as_str(), Some("none"), "the focus on {text:?} cannot be seen");
                return;
            }
        }
        panic!("the keyboard does not reach {text:?} on {}", self.path().await);
    }

    /// Signs in at the demo's door.
    pub async fn enter(&self, kind: &str, who: &str) {
        self.go("/demo").await;
        let page =
            |token: &str| format!("/demo{}", if token.is_empty() { String::new() } else { format!("?page={token}") });
        let mut token = String::new();
        loop {
            self.go(&page(&token)).await;
            let form =
                format!("//form[input[@name='genre'][@value='{kind}']][input[@name='qui'][@value='{who}']]//button");
            if let Ok(button) = self.driver.find(By::XPath(form)).await {
                button.scroll_into_view().await.unwrap();
                self.tap(&button).await;
                return self.leave("/demo").await;
            }
            let next = self
                .driver
                .find(By::Css("a[rel=next]"))
                .await
                .unwrap_or_else(|_| panic!("nobody called {who} at the door"));
            next.attr("href").await.unwrap().unwrap().split("page=").nth(1).unwrap_or_default().clone_into(&mut token);
        }
    }

    pub async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::<Value>::new()).await.unwrap().json().clone()
    }

    /// Violations that axe-core reports on this page: rule, and where.
    pub async fn axe(&self) -> (Vec<String>, u64) {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(axe).expect("axe-core: npm ci in tests/browser");
        self.driver.execute(source, Vec::<Value>::new()).await.unwrap();
        let run = "const done = arguments[arguments.length - 1]; axe.run(document, { runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'] }).then(done, e => done({ error: String(e) }));";
        let result = self.driver.execute_async(run, Vec::<Value>::new()).await.unwrap().json().clone();
        let violations = result["violations"].as_array().unwrap_or_else(|| panic!("axe: {result}"));
        let looked = result["passes"].as_array().map_or(0, Vec::len) + violations.len();
        let told = violations.iter().map(|v| {
            let nodes: Vec<&str> =
                v["nodes"].as_array().into_iter().flatten().filter_map(|n| n["html"].as_str()).take(3).collect();
            format!("{}: {} {nodes:?}", v["id"].as_str().unwrap_or_default(), v["help"].as_str().unwrap_or_default())
        });
        (told.collect(), looked as u64)
    }

    /// The page as it was sent, asked for once more.
    pub async fn sent_html(&self) -> String {
        let fetch = "const done = arguments[arguments.length - 1]; fetch(location.href).then(r => r.text()).then(done, e => done('error: ' + e));";
        let html = self.driver.execute_async(fetch, Vec::<Value>::new()).await.unwrap();
        html.json().as_str().unwrap_or_default().to_owned()
    }

    /// Bytes that this view moved over the network, and addresses that are not ours.
    pub async fn weight(&self) -> (u64, Vec<String>) {
        let script = "return [performance.getEntriesByType('navigation')[0].transferSize + performance.getEntriesByType('resource').reduce((a, r) => a + r.transferSize, 0), performance.getEntriesByType('resource').map(r => r.name)];";
        let value = self.script(script).await;
        let others = value[1].as_array().into_iter().flatten().filter_map(Value::as_str);
        let others =
            others.filter(|name| !name.starts_with(&self.base) && !name.starts_with("data:")).map(str::to_owned);
        (value[0].as_f64().unwrap_or_default() as u64, others.collect())
    }

    /// How far the page is wider than its window, in pixels.
    pub async fn overflow(&self) -> i64 {
        let value =
            self.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth;").await;
        value.as_i64().unwrap_or_default()
    }

    pub async fn picture(&self, file: &Path) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        self.driver.screenshot(file).await.unwrap();
    }

    /// Presses keys on whatever has the focus.
    pub async fn keys(&self, key: Key) {
        self.driver.action_chain().send_keys(key).perform().await.unwrap();
    }

    /// The text of whatever has the focus.
    pub async fn focused(&self) -> String {
        let value = self.script("const e = document.activeElement; return (e.innerText || e.value || e.getAttribute('aria-label') || e.id || e.tagName).trim();").await;
        value.as_str().unwrap_or_default().to_owned()
    }
}

/// A text as an XPath literal.
fn xpath_text(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

/// A browser signed in at the demo's door.
pub async fn in_demo(base: &str, kind: &str, who: &str) -> Browser {
    let browser = Browser::open(base, crate::browser::Setup::default()).await;
    browser.enter(kind, who).await;
    browser
}
