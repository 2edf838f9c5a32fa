//! Lists with one definition: the page's table, and the files beside it.
//!
//! A file takes each cell's text. What has a value of its own says so in the table too, as HTML has it: an instant in
//! `<time>`, an amount in `<data>`; a file then holds that value, to be sorted and summed.

use maud::Markup;

use crate::{
    exports::{self, Export, Value},
    ui::{self, Column},
    web::{Form, Page, Visit},
};

/// A list.
#[derive(Debug, Clone)]
pub struct List {
    /// Name of its files without ending; ASCII, and nothing personal.
    pub name: String,
    /// Caption of its table.
    pub caption: String,
    /// What is said when there are no rows.
    pub empty: String,
    /// Headings; those of what can be done stand in no file.
    pub columns: Vec<Column>,
    /// Rows as shown, each as wide as the headings.
    pub rows: Vec<Vec<Markup>>,
}

impl List {
    /// Links to its files, `{path}.csv` and `{path}.xlsx`, and its table.
    #[must_use]
    pub fn shown(&self, visit: &Visit, path: &str) -> Markup {
        self.shown_of(visit, path, &Form::default())
    }

    /// The same for what the page shows under `filters`.
    #[must_use]
    pub fn shown_of(&self, visit: &Visit, path: &str, filters: &Form) -> Markup {
        maud::html! {
            (exports::links_of(visit, path, filters))
            (ui::table(&self.caption, &self.columns, &self.rows, &self.empty))
        }
    }

    /// The file that the address asks for by its ending.
    ///
    /// # Errors
    /// It is too long, or could not be made.
    pub async fn file(self, visit: &Visit) -> Page {
        exports::answer(visit, self.export(visit)).await
    }

    fn export(self, visit: &Visit) -> Export {
        let kept: Vec<bool> = self.columns.iter().map(|column| !column.act).collect();
        let row = |row: Vec<Markup>| {
            let cells = row.into_iter().zip(&self.columns).filter(|(_, column)| !column.act);
            cells.map(|(cell, column)| value(visit, &cell.into_string(), column.number)).collect()
        };
        let rows = self.rows.into_iter().map(row).collect();
        let titles = self.columns.iter().zip(kept).filter(|(_, kept)| *kept);
        Export { name: self.name, columns: titles.map(|(column, _)| column.title.clone()).collect(), rows }
    }
}

/// What a file holds of a cell.
fn value(visit: &Visit, cell: &str, number: bool) -> Value {
    if let Some(at) = whole(cell, "<time datetime=\"", "</time>").and_then(|at| at.parse::<jiff::Timestamp>().ok()) {
        return exports::instant(visit, contracts::Timestamp::from(at));
    }
    if let Some(cents) = whole(cell, "<data value=\"", "</data>").and_then(|cents| cents.parse().ok()) {
        return Value::Cents(cents);
    }
    let text = text(cell);
    match text.parse() {
        Ok(count) if number => Value::Number(count),
        _ => Value::Text(text),
    }
}

/// The attribute of an element that is all of a cell.
fn whole<'a>(cell: &'a str, opens: &str, closes: &str) -> Option<&'a str> {
    let inside = cell.strip_prefix(opens)?.strip_suffix(closes)?;
    let (attribute, rest) = inside.split_once('"')?;
    (!rest.contains(closes)).then_some(attribute)
}

/// The text of our own markup, in which `<` always begins a tag. What stands on lines of its own is parted by semicolons.
fn text(markup: &str) -> String {
    let mut parts = vec![String::new()];
    let mut rest = markup;
    while let Some((before, tag)) = rest.split_once('<') {
        push(&mut parts, before);
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if matches!(name, "li" | "br" | "p" | "summary" | "pre" | "div") {
            parts.push(String::new());
        }
        rest = after;
    }
    push(&mut parts, rest);
    let parts = parts.iter().map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ; ")
}

fn push(parts: &mut [String], escaped: &str) {
    let plain = escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    if let Some(last) = parts.last_mut() {
        last.push_str(&plain);
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn a_cell_is_its_text_and_what_it_says_is_never_markup() {
        let cell = html! { a href="/x" { "A & B <i>" } " " span class="badge" { "signé" } };
        assert_eq!(text(&cell.into_string()), "A & B <i> signé");
        let list = html! { ul { li { "un" } li { "deux" } } br; "trois" };
        assert_eq!(text(&list.into_string()), "un ; deux ; trois");
        assert_eq!(text("&amp;lt;"), "&lt;", "what was typed as an entity stays as typed");
    }

    #[test]
    fn an_element_that_is_the_whole_cell_gives_its_value() {
        let at = html! { time datetime="2026-03-20T23:00:00Z" { "21 mars" } }.into_string();
        assert_eq!(whole(&at, "<time datetime=\"", "</time>"), Some("2026-03-20T23:00:00Z"));
        assert_eq!(whole(&format!("{at} {at}"), "<time datetime=\"", "</time>"), None);
        assert_eq!(whole("Anne, <time", "<time datetime=\"", "</time>"), None);
        assert_eq!(text(&at), "21 mars");
    }
}
