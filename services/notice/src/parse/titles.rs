//! Filières, diplomas, the tables that open them, and the seats.

use super::{
    Names,
    reader::{At, Node, Report, all},
    schools::label,
};
use crate::{
    session::{Diploma, DiplomaKind, Filiere, Session, UnlistedMention},
    tables::{Row, RowRef, SeatRow, Seats, Table},
};

/// `[[filieres]]`.
pub(super) fn filieres(root: &Node<'_>, report: &Report<'_>, names: &mut Names) -> Option<Vec<Filiere>> {
    let nodes = root.some_nodes("filieres");
    let filieres = all(nodes.iter().map(|node| {
        let id = names.filieres.declare(report, node.text("id"));
        let (label, year, source) = (label(node, "label"), node.count("cycle_year", 1..10), node.source());
        Some(Filiere { id: id?, label: label?, cycle_year: year?, source: source? })
    }))?;
    if filieres.is_empty() { None } else { Some(filieres) }
}

/// `[[tables]]`.
pub(super) fn tables(root: &Node<'_>, report: &Report<'_>, names: &Names) -> Option<Vec<Table>> {
    let nodes = root.some_nodes("tables");
    let mut numbers = Vec::new();
    let tables = all(nodes.iter().map(|node| {
        let number = node.integer("number", 1..1000).and_then(|n| {
            if numbers.contains(&n.value) {
                n.problem(report, format!("the table {} is declared twice", n.value));
                return None;
            }
            numbers.push(n.value);
            u32::try_from(n.value).ok()
        });
        let (title, source) = (node.text("title"), node.source());
        let columns = node.texts("columns").and_then(|c| names.schools.known_once(report, c));
        // Rows are read even if the columns are wrong, unless their width is unknown.
        let rows = columns.as_ref().and_then(|c| node.rows("rows", c.len(), Node::yes_or_no));
        if columns.is_none() {
            node.has("rows");
        }
        let mut labels: Vec<String> = Vec::new();
        let rows = all(rows?.into_iter().map(|(label, open)| {
            if labels.contains(&label.value) {
                label.problem(report, format!("the row `{}` stands here twice", label.value));
                return None;
            }
            labels.push(label.value.clone());
            Some(Row { label: label.value, open })
        }));
        Some(Table { number: number?, title: title?.value, source: source?, columns: columns?, rows: rows? })
    }))?;
    if tables.is_empty() { None } else { Some(tables) }
}

/// `[[diplomas]]`. References to tables are checked if those could be read.
pub(super) fn diplomas(
    root: &Node<'_>,
    report: &Report<'_>,
    names: &mut Names,
    tables: Option<&[Table]>,
) -> Option<Vec<Diploma>> {
    let nodes = root.some_nodes("diplomas");
    let mut listed: Vec<(String, String)> = Vec::new();
    let diplomas = all(nodes.iter().map(|node| {
        let id = names.diplomas.declare(report, node.text("id"));
        let (label, source) = (label(node, "label"), node.source());
        let kind = node.choice("kind", &[("listed", 0_u8), ("unlisted", 1), ("foreign", 2)])?;
        let (kind, filiere) = if kind == 0 {
            let filiere = node.text("filiere").and_then(|f| names.filieres.known(report, f));
            let title = title_row(node, report, tables);
            let mentions = node.integer("mentions", 1..1000).and_then(|n| known_table(n, report, tables));
            let choices = [("refused", UnlistedMention::Refused), ("equivalence", UnlistedMention::Equivalence)];
            let unlisted = node.choice("unlisted_mention", &choices);
            if let (Some(id), Some(filiere)) = (&id, &filiere) {
                listed.push((id.clone(), filiere.clone()));
            }
            (DiplomaKind::Listed { title: title?, mentions: mentions?, unlisted: unlisted? }, filiere?)
        } else {
            let equivalent_to = node.text("equivalent_to")?;
            let Some((_, filiere)) = listed.iter().find(|(id, _)| *id == equivalent_to.value) else {
                let known: Vec<_> = listed.iter().map(|l| l.0.as_str()).collect();
                let known = known.join(", ");
                let message =
                    format!("no listed diploma `{}` is declared above (declared: {known})", equivalent_to.value);
                equivalent_to.problem(report, message);
                return None;
            };
            let equivalent_to = equivalent_to.value;
            let kind = if kind == 1 {
                DiplomaKind::Unlisted { equivalent_to }
            } else {
                DiplomaKind::Foreign { equivalent_to }
            };
            (kind, filiere.clone())
        };
        Some(Diploma { id: id?, label: label?, kind, filiere, source: source? })
    }))?;
    if diplomas.is_empty() { None } else { Some(diplomas) }
}

fn known_table(number: At<i64>, report: &Report<'_>, tables: Option<&[Table]>) -> Option<u32> {
    let n = u32::try_from(number.value).ok()?;
    if tables.is_some_and(|tables| tables.iter().all(|t| t.number != n)) {
        number.problem(report, format!("no table {n} is declared"));
        return None;
    }
    Some(n)
}

/// `title = { table = 4, row = "BUT 3" }`, which may be absent.
fn title_row(node: &Node<'_>, report: &Report<'_>, tables: Option<&[Table]>) -> Option<Option<RowRef>> {
    if !node.has("title") {
        return Some(None);
    }
    let node = node.node("title")?;
    let (table, row) = (node.integer("table", 1..1000), node.text("row"));
    let (table, row) = (known_table(table?, report, tables)?, row?);
    let found = tables.and_then(|tables| tables.iter().find(|t| t.number == table));
    if found.is_some_and(|t| t.row(&row.value).is_none()) {
        row.problem(report, format!("the table {table} has no row `{}`", row.value));
        return None;
    }
    Some(Some(RowRef { table, row: row.value }))
}

/// Where the cells of the seats stand: school, filière, offset.
pub(super) type SeatPlaces = Vec<(String, String, usize)>;

/// `[seats]`. Printed totals that do not add up are warnings: the cells are the rule (R6).
pub(super) fn seats(root: &Node<'_>, report: &Report<'_>, names: &Names) -> Option<(Seats, SeatPlaces)> {
    let node = root.node("seats")?;
    let source = node.source();
    let columns = node.texts("columns").and_then(|c| names.filieres.known_once(report, c));
    let Some(columns) = columns else {
        node.has("rows");
        node.has("printed_totals");
        return None;
    };
    // Each row ends with its printed total.
    let read = node.rows("rows", columns.len() + 1, Node::seats);
    let totals = if node.has("printed_totals") { node.integers("printed_totals").map(Some) } else { Some(None) };
    let read = read?;
    let (mut rows, mut places, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    let source = source?;
    for (label, mut cells) in read {
        let total = cells.pop()?;
        let sum: u32 = cells.iter().map(|c| c.value).sum();
        if sum != total.value {
            let message = format!(
                "{source}: the printed total of row `{}` is {}, its cells add up to {sum}; the cells are the rule",
                label.value, total.value
            );
            report.warning(total.offset, message);
        }
        for (cell, filiere) in cells.iter().zip(&columns) {
            places.push((label.value.clone(), filiere.clone(), cell.offset));
        }
        labels.push(label);
        rows.push(SeatRow {
            school: String::new(),
            cells: cells.iter().map(|c| c.value).collect(),
            printed_total: total.value,
        });
    }
    let schools = names.schools.known_once(report, labels)?;
    for (row, school) in rows.iter_mut().zip(&schools) {
        row.school.clone_from(school);
    }
    for missing in names.schools.ids().iter().filter(|id| !schools.contains(id)) {
        node.problem(format!("the school `{missing}` has no row"));
    }
    for missing in names.filieres.ids().iter().filter(|id| !columns.contains(id)) {
        node.problem(format!("the filière `{missing}` has no column"));
    }
    let printed_totals = printed_totals(&node, report, &source, &columns, &rows, totals?)?;
    Some((Seats { source, columns, rows, printed_totals }, places))
}

#[expect(clippy::option_option, reason = "absent is not wrong")]
fn printed_totals(
    node: &Node<'_>,
    report: &Report<'_>,
    source: &str,
    columns: &[String],
    rows: &[SeatRow],
    totals: Option<Vec<At<u32>>>,
) -> Option<Option<Vec<u32>>> {
    let Some(totals) = totals else { return Some(None) };
    if totals.len() != columns.len() + 1 {
        let wanted = columns.len() + 1;
        node.problem(format!("`printed_totals` has {} values, expected {wanted}: each column, then all", totals.len()));
        return None;
    }
    for (i, total) in totals.iter().enumerate() {
        let (what, sum): (String, u32) = match columns.get(i) {
            Some(column) => (format!("column `{column}`"), rows.iter().filter_map(|r| r.cells.get(i)).sum()),
            None => ("the whole table".to_owned(), rows.iter().flat_map(|r| &r.cells).sum()),
        };
        if total.value != sum {
            let message = format!(
                "{source}: the printed total of {what} is {}, its cells add up to {sum}; the cells are the rule",
                total.value
            );
            report.warning(total.offset, message);
        }
    }
    Some(Some(totals.into_iter().map(|t| t.value).collect()))
}

/// Seats where the tables close every title of the filière are a fault; open titles without a seat, a warning.
pub(super) fn seats_where_open(session: &Session, report: &Report<'_>, places: &SeatPlaces) {
    for (school, filiere, offset) in places {
        let (open, seats) = (session.filiere_open(filiere, school), session.seats(school, filiere));
        if seats > 0 && !open {
            let message =
                format!("{seats} seats at `{school}` in `{filiere}`, but the tables close every title of it there");
            report.problem(*offset, "seats.rows", message);
        } else if seats == 0 && open {
            let source = &session.seats.source;
            report
                .warning(*offset, format!("{source}: no seat at `{school}` in `{filiere}`, though the tables open it"));
        }
    }
}
