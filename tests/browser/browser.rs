//! Chromium with its driver: one process of each per test, gone with it.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use engines::Ports;
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities as _, WebDriver};

/// Longest wait for a page or a word on it, on a machine that others use too.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How a browser is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setup {
    /// As narrow as a small phone: 360 pixels.
    pub phone: bool,
    /// Runs no scripts of a page.
    pub scriptless: bool,
    /// Language the browser asks for; French if none.
    pub english: bool,
}

/// A browser.
pub struct Browser {
    pub driver: WebDriver,
    pub base: String,
    pub scriptless: bool,
    /// Where files go that it downloads.
    pub downloads: PathBuf,
    process: Child,
    _ports: Ports,
    _profile: TempDir,
}

impl Browser {
    pub async fn open(base: &str, setup: Setup) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // A port of ours: of those it chooses by itself it may find the IPv6 half free and the other taken.
        let mut ports = Ports::reserve().unwrap();
        let port = ports.take();
        let log = profile.path().join("driver.log");
        let mut process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&log).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver: apt-get install chromium chromium-driver");
        let until = Instant::now() + PATIENCE;
        loop {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            if said.contains("started successfully") {
                break;
            }
            let ended = process.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "chromedriver does not start, {ended:?}: {said}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut chrome = ChromeCapabilities::new();
        let lang = if setup.english { "en-GB" } else { "fr-FR" };
        let profile_dir = format!("--user-data-dir={}", profile.path().join("profile").display());
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding",
            "--disable-background-timer-throttling",
            "--disable-dev-shm-usage",
            "--window-size=1200,900",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            &profile_dir,
            &format!("--lang={lang}"),
        ] {
            chrome.add_arg(argument).unwrap();
        }
        let downloads = profile.path().join("downloads");
        let mut preferences = json!({ "intl.accept_languages": lang, "download": { "default_directory": &downloads } });
        if setup.scriptless {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        chrome.add_experimental_option("prefs", preferences).unwrap();
        if setup.phone {
            let metrics = json!({ "deviceMetrics": { "width": 360, "height": 780, "pixelRatio": 1.0 } });
            chrome.add_experimental_option("mobileEmulation", metrics).unwrap();
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), chrome).await.expect("a browser");
        driver.set_page_load_timeout(PATIENCE).await.unwrap();
        driver.set_script_timeout(PATIENCE).await.unwrap();
        Self {
            driver,
            base: base.to_owned(),
            scriptless: setup.scriptless,
            downloads,
            process,
            _ports: ports,
            _profile: profile,
        }
    }

    /// Ends the browser, then its driver.
    pub async fn close(mut self) {
        let _gone_already = self.driver.clone().quit().await;
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Drop for Browser {
    /// A test that failed never closed its browser, which outlives its driver.
    fn drop(&mut self) {
        for child in children(self.process.id()) {
            let _ended = Command::new("kill").args(["-9", &child.to_string()]).status();
        }
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Processes that a process started.
fn children(parent: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let parent_of = |id: &u32| {
        // "id (name) state parent …": the name may hold spaces and brackets, so from its end.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    ids.filter(|id| parent_of(id) == Some(parent)).collect()
}
