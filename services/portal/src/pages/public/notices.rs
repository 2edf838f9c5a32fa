//! What the platform says about itself: accessibility and personal data.

use axum::response::IntoResponse as _;
use maud::html;

use crate::{
    ui::{self, Column},
    web::{Page, Visit},
};

/// Paragraphs and sections of the statement of accessibility, in order.
const ACCESSIBILITY: [&str; 5] = ["state", "checked", "not-checked", "limits", "report"];
/// What is kept: for what, how long.
const KEPT: [&str; 7] = ["account", "dossier", "referee", "jury", "fee", "answers", "traces"];
/// Sections that follow.
const RIGHTS: [&str; 4] = ["seen-by", "cookies", "rights", "contact"];

/// `GET /accessibilite`
pub async fn accessibility(visit: Visit) -> Page {
    let t = visit.t;
    let body = html! {
        p class="lead" { (t.get("accessibility-lead")) }
        @for part in ACCESSIBILITY {
            h2 { (t.get(&format!("accessibility-{part}"))) }
            p { (t.get(&format!("accessibility-{part}-text"))) }
        }
        (mails(&visit))
    };
    Ok(ui::page(&visit, &t.get("nav-accessibility"), &[], body).into_response())
}

/// `GET /confidentialite`
pub async fn privacy(visit: Visit) -> Page {
    let t = visit.t;
    let rows: Vec<_> = KEPT
        .iter()
        .map(|kept| {
            let text = |part: &str| html! { (t.get(&format!("privacy-{kept}{part}"))) };
            vec![text(""), text("-what"), text("-why"), text("-how-long")]
        })
        .collect();
    let columns = [
        Column::new(t.get("privacy-which")),
        Column::new(t.get("privacy-what")),
        Column::new(t.get("privacy-why")),
        Column::new(t.get("privacy-how-long")),
    ];
    let body = html! {
        p class="lead" { (t.get("privacy-lead")) }
        (ui::table(&t.get("privacy-caption"), &columns, &rows, ""))
        @for part in RIGHTS {
            h2 { (t.get(&format!("privacy-{part}"))) }
            p { (t.get(&format!("privacy-{part}-text"))) }
        }
        (mails(&visit))
    };
    Ok(ui::page(&visit, &t.get("nav-privacy"), &[], body).into_response())
}

/// Whom to write to.
fn mails(visit: &Visit) -> maud::Markup {
    html! { ul { @for s in &visit.app.session.schools { li { (s.name) ": " a href={ "mailto:" (s.mail) } { (s.mail) } } } } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, Tr};

    #[test]
    fn every_part_has_its_text_in_both_languages() {
        let keys = ACCESSIBILITY
            .iter()
            .flat_map(|p| ["", "-text"].map(|end| format!("accessibility-{p}{end}")))
            .chain(KEPT.iter().flat_map(|p| ["", "-what", "-why", "-how-long"].map(|end| format!("privacy-{p}{end}"))))
            .chain(RIGHTS.iter().flat_map(|p| ["", "-text"].map(|end| format!("privacy-{p}{end}"))));
        for key in keys {
            for lang in Lang::ALL {
                let text = Tr(lang).get(&key);
                assert!(!text.starts_with('['), "{text}");
            }
        }
    }
}
