//! A mail's pages set as plain text and as HTML.

use maud::{DOCTYPE, html};

use super::{Page, texts::Lang};

/// Between two languages.
const RULE: &str = "----------------------------------------";

pub(super) fn text(pages: &[Page]) -> String {
    let one = |page: &Page| {
        let colon = if page.lang == Lang::Fr { "\u{a0}:" } else { ":" };
        let mut blocks = vec![page.greeting.clone()];
        blocks.extend(page.paragraphs.iter().cloned());
        if !page.items.is_empty() {
            blocks.push(page.items.iter().map(|item| format!("  - {item}")).collect::<Vec<_>>().join("\n"));
        }
        blocks.push(format!("{}{colon}\n{}", page.action, page.link));
        blocks.push(format!("{}\n{}", page.closing, page.automatic));
        blocks.join("\n\n")
    };
    pages.iter().map(one).collect::<Vec<_>>().join(&format!("\n\n{RULE}\n\n")) + "\n"
}

pub(super) fn html(title: &str, pages: &[Page]) -> String {
    let lang = pages.first().map_or("fr", |page| page.lang.tag());
    // Mail readers know no style sheets worth the name: the few rules stand where they apply.
    html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
            }
            body style="margin:0 auto;max-width:38em;padding:1em;font-family:sans-serif;line-height:1.5;color:#1a1a1a;background:#ffffff" {
                @for (n, page) in pages.iter().enumerate() {
                    @if n > 0 { hr; }
                    div lang=(page.lang.tag()) {
                        h1 style="font-size:1.2em" { (page.subject) }
                        p { (page.greeting) }
                        @for paragraph in &page.paragraphs { p { (paragraph) } }
                        @if !page.items.is_empty() { ul { @for item in &page.items { li { (item) } } } }
                        p { a href=(page.link) style="color:#003d82" { (page.action) } }
                        p style="color:#4a4a4a;font-size:0.9em" { (page.closing) br; (page.automatic) }
                    }
                }
            }
        }
    }
    .into_string()
}
