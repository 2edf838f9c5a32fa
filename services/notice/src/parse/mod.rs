//! From the text of a session file to a [`Session`], or to everything that is wrong with it.
//!
//! Each section reads as much as it can and reports what it cannot; nothing stops at the first fault. A `Session`
//! comes out only of a file in which every section could be read.

mod money;
mod names;
mod procedure;
mod reader;
mod schools;
mod time;
mod titles;

use toml::de::DeTable;

use crate::{
    problem::{Problem, Warning},
    session::Session,
};
use names::Declared;
use reader::{Node, Report};

/// What came of a text.
pub(crate) struct Parsed {
    pub(crate) session: Option<Session>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
}

/// Reads a session file.
pub(crate) fn session(text: &str) -> Parsed {
    let report = Report::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    // A tree with syntax errors is a guess: what else it says would mislead.
    if !errors.is_empty() {
        for error in errors {
            report.problem(error.span().map_or(0, |s| s.start), "", error.message().trim().to_owned());
        }
        let (problems, warnings) = report.into_parts();
        return Parsed { session: None, problems, warnings };
    }
    let span = document.span();
    let session = read(&Node::new(document.get_ref(), span, String::new(), &report), &report);
    let (problems, warnings) = report.into_parts();
    Parsed { session, problems, warnings }
}

/// Ids that later sections may name.
struct Names {
    schools: Declared,
    filieres: Declared,
    diplomas: Declared,
    pieces: Declared,
}

fn read(root: &Node<'_>, report: &Report<'_>) -> Option<Session> {
    let mut names = Names {
        schools: Declared::new("school"),
        filieres: Declared::new("filière"),
        diplomas: Declared::new("diploma"),
        pieces: Declared::new("piece"),
    };
    let head = schools::head(root, report);
    let zone = head.as_ref().and_then(|h| h.zone.clone());
    let schools = schools::schools(root, report, &mut names);
    let local_recruitment = schools::local_recruitment(root, report, &names);
    let filieres = titles::filieres(root, report, &mut names);
    let tables = titles::tables(root, report, &names);
    let diplomas = titles::diplomas(root, report, &mut names, tables.as_deref());
    let seats = titles::seats(root, report, &names);
    let times = time::Reader { report, zone };
    let pieces = money::pieces(root, report, &mut names);
    let fee = money::fee(root, report, &names);
    let calendar = procedure::calendar(root, &times, fee.as_ref());
    let orals = procedure::orals(root, report, &names, calendar.as_ref());

    let head = head?;
    let (zone, zone_name) = head.zone?;
    let (seats, seat_places) = seats?;
    let calendar = calendar?;
    let session = Session {
        id: head.id?,
        title: head.title?,
        zone,
        zone_name,
        currency: head.currency?,
        sites: head.sites?,
        source: head.source?,
        schools: schools?,
        filieres: filieres?,
        diplomas: diplomas?,
        tables: tables?,
        seats,
        milestones: calendar.milestones,
        periods: calendar.periods,
        fee: fee?.0,
        pieces: pieces?,
        orals: orals?,
        local_recruitment: local_recruitment?,
        transitions: calendar.transitions,
    };
    titles::seats_where_open(&session, report, &seat_places);
    Some(session)
}
