//! Alerts, their pages, the dashboards, and the metrics that all of them name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::{files, instruments, promql, read, root};

const RULES: &str = "infra/observability/prometheus/rules.yml";
const TESTS: &str = "infra/observability/prometheus/rules.test.yml";

/// What a page of `infra/runbooks` says, in this order.
const PARTS: [&str; 4] = ["What it means for people", "First look", "What to do", "When to wake whom"];

#[derive(Deserialize)]
struct Rules {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: String,
    expr: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

fn rules() -> Vec<Rule> {
    let rules: Rules = serde_saphyr::from_str(&read(RULES)).unwrap();
    rules.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// Names that Prometheus has, by the list.
fn known() -> BTreeSet<String> {
    instruments::listed().iter().flat_map(instruments::Instrument::in_prometheus).collect()
}

fn unknown(where_: &str, expression: &str) -> Vec<String> {
    let named = promql::metrics(expression);
    assert!(!named.is_empty(), "{where_}: {expression} asks for nothing");
    named.difference(&known()).map(|metric| format!("{where_}: {metric}")).collect()
}

#[test]
fn every_metric_that_an_alert_asks_for_is_measured() {
    let strangers: Vec<String> = rules().iter().flat_map(|rule| unknown(&rule.alert, &rule.expr)).collect();
    assert_eq!(strangers, Vec::<String>::new());
    assert_eq!(unknown("planted", "max(platform_outbox_agee_seconds)").len(), 1);
}

#[test]
fn every_alert_has_its_page_its_severity_and_its_test_and_no_page_is_left_over() {
    let rules = rules();
    assert!(rules.len() > 10);
    let alerts: BTreeSet<String> = rules.iter().map(|rule| rule.alert.clone()).collect();
    for rule in &rules {
        let page = format!("infra/runbooks/{}.md", rule.alert);
        assert_eq!(rule.annotations.get("runbook"), Some(&page), "{}", rule.alert);
        assert!(rule.annotations.contains_key("summary"), "{}", rule.alert);
        let severity = rule.labels.get("severity").map(String::as_str);
        assert!(matches!(severity, Some("page" | "ticket")), "{}: {severity:?}", rule.alert);
        let text = read(&page);
        assert!(text.starts_with(&format!("# {}\n", rule.alert)), "{page}: its first line names the alert");
        let parts: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(parts, PARTS, "{page}");
        assert!(text.lines().count() < 60, "{page}: a page is read at night");
    }
    let pages: BTreeSet<String> = files(&root().join("infra/runbooks"), ".md")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, alerts, "left the pages, right the alerts");

    let tested = read(TESTS);
    let fired: BTreeSet<String> =
        tested.split("alertname=\"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect();
    assert_eq!(fired, alerts, "left what fires in {TESTS}, right the alerts");
}

#[test]
fn a_page_names_commands_pages_and_files_that_exist() {
    let routes: String = files(&root().join("services/portal/src/pages"), ".rs")
        .iter()
        .map(|f| std::fs::read_to_string(f).unwrap())
        .collect();
    let workloads =
        ["intake", "eligibility", "jury", "scheduling", "payments", "integration", "scheduler", "portal", "notifier"];
    let mut wrong = Vec::new();
    let pages = [files(&root().join("infra/runbooks"), ".md"), files(&root().join("infra/guide"), ".md")].concat();
    assert!(pages.len() > 20);
    for page in pages {
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        let text = std::fs::read_to_string(&page).unwrap();
        for code in text.split('`').skip(1).step_by(2) {
            if code.starts_with("/exploitation") && !routes.contains(&format!("\"{code}\"")) {
                wrong.push(format!("{name}: no page {code} in the portal"));
            }
        }
        for rest in text.split("deployment/").skip(1) {
            let workload: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
            if !workload.is_empty() && !workloads.contains(&workload.as_str()) {
                wrong.push(format!("{name}: no deployment {workload}"));
            }
        }
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            // The installation is described by its own page, beside this one.
            let there = page.parent().unwrap().join(link);
            if !link.is_empty() && !link.contains("://") && !there.exists() && !there.ends_with("../README.md") {
                wrong.push(format!("{name}: no {link}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Expressions of a dashboard, wherever they stand in it.
fn expressions(of: &Value, into: &mut Vec<String>) {
    match of {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "expr" => into.push(text.clone()),
                    other => expressions(other, into),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| expressions(one, into)),
        _ => {}
    }
}

#[test]
fn a_dashboard_shows_what_is_measured_and_every_panel_says_what() {
    let boards = files(&root().join("infra/observability/grafana/dashboards"), ".json");
    assert!(boards.len() >= 2);
    let mut shown = BTreeSet::new();
    for board in boards {
        let name = board.file_name().unwrap().to_string_lossy().into_owned();
        let json: Value = serde_json::from_str(&std::fs::read_to_string(&board).unwrap()).unwrap();
        let mut all = Vec::new();
        expressions(&json, &mut all);
        assert!(!all.is_empty(), "{name}");
        for expression in &all {
            assert_eq!(unknown(&name, expression), Vec::<String>::new());
            shown.extend(promql::metrics(expression));
        }
        let panels = json["panels"].as_array().unwrap();
        let mut ids = BTreeSet::new();
        for panel in panels {
            let title = panel["title"].as_str().unwrap_or_default();
            assert!(!title.is_empty() && ids.insert(panel["id"].as_u64().unwrap()), "{name}: {panel}");
            assert!(panel["description"].as_str().is_some_and(|text| text.len() > 20), "{name}: {title}");
        }
    }
    // What is on no dashboard and in no alert is measured for nobody.
    for rule in rules() {
        shown.extend(promql::metrics(&rule.expr));
    }
    let unseen: Vec<String> = instruments::listed()
        .iter()
        .filter(|i| i.in_prometheus().iter().all(|name| !shown.contains(name)))
        .map(|i| i.name.clone())
        .collect();
    assert_eq!(unseen, Vec::<String>::new(), "on no dashboard and in no alert");
}
