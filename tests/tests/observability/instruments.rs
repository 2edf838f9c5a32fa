//! The list of metrics (`infra/observability/README.md`) is the list of instruments in the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{Expr, ExprMethodCall, Lit, visit::Visit};

use crate::{files, read, root};

const LIST: &str = "infra/observability/README.md";

/// One metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instrument {
    pub name: String,
    /// "counter", "gauge" or "histogram".
    pub kind: String,
    /// As UCUM writes it; `{…}` is a count of something.
    pub unit: String,
    /// The folder below `services/` that makes it.
    pub told_by: String,
}

impl Instrument {
    /// Its names in Prometheus, as the collector's exporter translates them: dots become underscores, a unit becomes a
    /// suffix unless it is a count, a counter ends in `_total`, a histogram is three series.
    pub fn in_prometheus(&self) -> Vec<String> {
        let unit = match self.unit.as_str() {
            "s" => "_seconds",
            "By" => "_bytes",
            annotation if annotation.starts_with('{') => "",
            other => panic!("{}: how is the unit {other:?} translated?", self.name),
        };
        let name = format!("{}{unit}", self.name.replace('.', "_"));
        match self.kind.as_str() {
            "counter" => vec![format!("{name}_total")],
            "histogram" => ["_bucket", "_count", "_sum"].map(|part| format!("{name}{part}")).to_vec(),
            _ => vec![name],
        }
    }
}

/// Finds `meter.f64_gauge("name").with_unit("s")….build()`.
#[derive(Default)]
struct Builders(Vec<(String, String, BTreeMap<String, String>)>);

impl<'ast> Visit<'ast> for Builders {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "build" {
            let mut settings = BTreeMap::new();
            let mut at: &Expr = &call.receiver;
            while let Expr::MethodCall(inner) = at {
                let method = inner.method.to_string();
                let text = match inner.args.first() {
                    Some(Expr::Lit(literal)) => match &literal.lit {
                        Lit::Str(text) => text.value(),
                        _ => String::new(),
                    },
                    _ => String::new(),
                };
                match method.split_once('_') {
                    Some(("u64" | "i64" | "f64", kind)) => {
                        self.0.push((text, kind.to_owned(), settings.clone()));
                        break;
                    }
                    _ => settings.insert(method, text),
                };
                at = &inner.receiver;
            }
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

/// Every instrument of the services, and what one of them lacks.
fn made() -> (BTreeSet<Instrument>, Vec<String>) {
    let (mut made, mut lacking) = (BTreeSet::new(), Vec::new());
    for file in files(&root().join("services"), ".rs") {
        let relative = file.strip_prefix(root().join("services")).unwrap().to_path_buf();
        let parts: Vec<String> = relative.iter().map(|p| p.to_string_lossy().into_owned()).collect();
        if parts.get(1).is_none_or(|folder| folder != "src") {
            continue;
        }
        let (instruments, missing) = of(&file, &parts[0]);
        made.extend(instruments);
        lacking.extend(missing);
    }
    (made, lacking)
}

fn of(file: &Path, told_by: &str) -> (Vec<Instrument>, Vec<String>) {
    let source = std::fs::read_to_string(file).unwrap();
    let mut builders = Builders::default();
    builders.visit_file(&syn::parse_file(&source).unwrap());
    // What is built where it cannot be seen is not on the list either.
    let named = ["_counter(", "_gauge(", "_histogram("].iter().map(|make| source.matches(make).count()).sum::<usize>();
    let mut lacking = Vec::new();
    if named != builders.0.len() {
        lacking.push(format!("{}: an instrument is not built in one expression", file.display()));
    }
    let mut found = Vec::new();
    for (name, kind, settings) in builders.0 {
        let set = |what: &str| settings.get(what).cloned().unwrap_or_default();
        if set("with_unit").is_empty() || set("with_description").is_empty() {
            lacking.push(format!("{name}: no unit or no description"));
        }
        // The library's own boundaries are made for milliseconds.
        if kind == "histogram" && !settings.contains_key("with_boundaries") {
            lacking.push(format!("{name}: no boundaries"));
        }
        found.push(Instrument { name, kind, unit: set("with_unit"), told_by: told_by.to_owned() });
    }
    (found, lacking)
}

/// The rows of the list: `| name | Prometheus | kind | unit | labels | told by | what |`.
fn rows() -> Vec<Vec<String>> {
    let page = read(LIST);
    let (_, list) = page.split_once("\n## Metrics\n").expect("a section of metrics");
    let list = list.split("\n## ").next().unwrap_or_default();
    let rows = list.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|c| c.trim().to_owned()).collect();
        assert_eq!(cells.len(), 7, "{line}");
        cells
    });
    rows.collect()
}

/// The list.
pub fn listed() -> BTreeSet<Instrument> {
    let rows = rows().into_iter().map(|cells| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('`', "")).collect();
        let told_by = if cells[5] == "every service" { "platform".to_owned() } else { cells[5].clone() };
        let row = Instrument { name: cells[0].clone(), kind: cells[2].clone(), unit: cells[3].clone(), told_by };
        let shown = row.in_prometheus()[0].trim_end_matches("_bucket").to_owned();
        assert_eq!(cells[1], shown, "{}: its name in Prometheus", row.name);
        row
    });
    rows.collect()
}

#[test]
fn the_list_of_metrics_is_what_the_services_measure() {
    let (made, lacking) = made();
    assert_eq!(lacking, Vec::<String>::new());
    let listed = listed();
    assert!(listed.len() > 10, "{listed:?}");
    assert_eq!(made, listed, "left the sources, right {LIST}");
}

#[test]
fn no_label_could_name_a_person() {
    let mut labels = BTreeSet::new();
    for cells in rows() {
        labels.extend(cells[4].split('`').skip(1).step_by(2).map(str::to_owned));
    }
    // A new label is a decision: its values are few, and none is an identifier.
    let known = [
        "event",
        "expected_service",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "kind",
        "outcome",
        "rpc.method",
        "rpc.response.status_code",
        "state",
        "stream",
        "transaction",
        "window",
    ];
    assert_eq!(labels, known.map(str::to_owned).into());
    let mut used = BTreeSet::new();
    for file in files(&root().join("services"), ".rs").iter().filter(|f| f.to_string_lossy().contains("/src/")) {
        let source = std::fs::read_to_string(file).unwrap();
        let pairs = source.split("KeyValue::new(").skip(1);
        used.extend(pairs.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next().map(str::to_owned)));
    }
    // Those of the process itself, which are set once for all it measures.
    let resource = ["service.namespace", "service.instance.id", "deployment.environment.name"].map(str::to_owned);
    used.retain(|label| !resource.contains(label));
    assert_eq!(used, labels, "left the sources, right {LIST}");
}
