//! Milestones, periods and orals, and the one order they all stand in (R2, R4, R5).

use jiff::civil::Date;

use super::{
    Names,
    reader::{At, Node, Report, all},
    schools::label,
    time::{self, Instant, Reader},
};
use crate::{
    calendar::{Milestones, Transition},
    dossier::Fee,
    keys,
    orals::{Exam, OralDays, Orals},
    session::Period,
};

/// What the dates of the file make together.
pub(super) struct Calendar {
    pub(super) milestones: Milestones,
    pub(super) periods: Vec<Period>,
    pub(super) transitions: Vec<Transition>,
}

/// `[milestones]` and `[[periods]]`, checked to be in the procedure's order.
pub(super) fn calendar(root: &Node<'_>, times: &Reader<'_>, fee: Option<&(Fee, At<()>)>) -> Option<Calendar> {
    let milestones = root.node("milestones");
    let read = |key| milestones.as_ref().and_then(|m| times.milestone(m, key));
    let platform_opens = read(keys::PLATFORM_OPENS);
    let deposits_close = read(keys::DEPOSITS_CLOSE);
    let admissibility_commission = read(keys::ADMISSIBILITY_COMMISSION);
    let admissibility_results = read(keys::ADMISSIBILITY_RESULTS);
    let admission_commission = read(keys::ADMISSION_COMMISSION);
    let admission_results = read(keys::ADMISSION_RESULTS);
    let titles_due = read(keys::TITLES_DUE);
    let periods = periods(root, times);

    // Derived, so that it moves with what it is derived from.
    let fees_listed = fee.zip(admissibility_commission.as_ref()).and_then(|((fee, place), (commission, _))| {
        let local = commission.local.checked_sub(fee.listed_before.0).map_err(|e| e.to_string());
        let zone = times.zone.as_ref()?;
        match local.and_then(|local| Ok((local, time::instant(local, &zone.0, &zone.1)?))) {
            Ok(value) => Some(At { value, offset: place.offset, path: place.path.clone() }),
            Err(why) => {
                place.problem(times.report, why);
                None
            }
        }
    });

    let mut chain: Vec<(String, &Instant)> = Vec::new();
    chain.extend(
        [
            (keys::PLATFORM_OPENS, platform_opens.as_ref().map(|m| &m.1)),
            (keys::DEPOSITS_CLOSE, deposits_close.as_ref().map(|m| &m.1)),
            (keys::FEES_LISTED, fees_listed.as_ref()),
            (keys::ADMISSIBILITY_COMMISSION, admissibility_commission.as_ref().map(|m| &m.1)),
            (keys::ADMISSIBILITY_RESULTS, admissibility_results.as_ref().map(|m| &m.1)),
            (keys::ADMISSION_COMMISSION, admission_commission.as_ref().map(|m| &m.1)),
            (keys::ADMISSION_RESULTS, admission_results.as_ref().map(|m| &m.1)),
        ]
        .into_iter()
        .filter_map(|(key, instant)| Some((key.to_owned(), instant?))),
    );
    for (period, opens, closes) in periods.iter().flatten() {
        chain.push((keys::period_opens(period.number), opens));
        chain.push((keys::period_closes(period.number), closes));
    }
    chain.extend(titles_due.as_ref().map(|m| (keys::TITLES_DUE.to_owned(), &m.1)));
    in_order(times.report, &chain);

    let transitions = chain.into_iter().map(|(key, i)| Transition { key, local: i.value.0, at: i.value.1 }).collect();
    fees_listed?;
    Some(Calendar {
        transitions,
        milestones: Milestones {
            platform_opens: platform_opens?.0,
            deposits_close: deposits_close?.0,
            admissibility_commission: admissibility_commission?.0,
            admissibility_results: admissibility_results?.0,
            admission_commission: admission_commission?.0,
            admission_results: admission_results?.0,
            titles_due: titles_due?.0,
        },
        periods: periods?.into_iter().map(|p| p.0).collect(),
    })
}

/// Each date at or after the one before it; what opens and what closes the same window, strictly.
fn in_order(report: &Report<'_>, chain: &[(String, &Instant)]) {
    for pair in chain.windows(2) {
        let [(before, earlier), (after, later)] = pair else { continue };
        let (a, b) = (earlier.value.1, later.value.1);
        // Two milestones of one instant fire in this order, except where that would leave a window empty.
        let strict = after == keys::DEPOSITS_CLOSE || keys::closed_period(after).is_some();
        if a < b || (a == b && !strict) {
            continue;
        }
        let overlap = keys::closed_period(before).zip(keys::opened_period(after));
        let message = match overlap {
            Some((p, q)) => format!(
                "period {q} opens at {} and overlaps period {p}, which closes at {}",
                later.value.0, earlier.value.0
            ),
            None => {
                let wanted = if strict { "after" } else { "at or after" };
                format!("`{after}` ({}) must be {wanted} `{before}` ({})", later.value.0, earlier.value.0)
            }
        };
        later.problem(report, message);
    }
}

/// `[[periods]]`, numbered from 1 in the file's order.
fn periods(root: &Node<'_>, times: &Reader<'_>) -> Option<Vec<(Period, Instant, Instant)>> {
    let nodes = root.some_nodes("periods");
    let mut expected = 0_u32;
    let periods = all(nodes.iter().map(|node| {
        expected += 1;
        let number = node.integer("number", 1..1000).and_then(|n| {
            if n.value != i64::from(expected) {
                n.problem(times.report, format!("periods are numbered in order from 1: expected {expected}"));
                return None;
            }
            Some(expected)
        });
        let (opens, closes, source) = (times.at(node, "opens"), times.at(node, "closes"), node.source());
        let (opens, closes) = (opens?, closes?);
        let period = Period { number: number?, opens: opens.value.1, closes: closes.value.1, source: source? };
        Some((period, opens, closes))
    }))?;
    if periods.is_empty() { None } else { Some(periods) }
}

/// `[orals]`.
pub(super) fn orals(root: &Node<'_>, report: &Report<'_>, names: &Names, calendar: Option<&Calendar>) -> Option<Orals> {
    let node = root.node("orals")?;
    let source = node.source();
    let (interview, english) = (exam(&node, "interview"), exam(&node, "english"));
    let panel_members = node.count("panel_members", 1..21);
    let gap_minutes = node.count("gap_minutes", 0..481);
    let highest = node.text("highest_mark").and_then(|m| m.check(report, |m| hundredths(m)));
    let eliminating = node.text("eliminating_mark").and_then(|m| m.check(report, |m| hundredths(m)));
    if let (Some(highest), Some(eliminating)) = (&highest, &eliminating)
        && eliminating.value >= highest.value
    {
        eliminating.problem(report, "must be below `highest_mark`");
    }
    let days = all(node.some_nodes("days").iter().map(|n| days(n, report, names, calendar)))?;
    for id in names.schools.ids() {
        match days.iter().filter(|d| d.school == *id).count() {
            1 => {}
            0 => node.problem(format!("the school `{id}` has no days for its orals")),
            _ => node.problem(format!("the school `{id}` has its days twice")),
        }
    }
    Some(Orals {
        interview: interview?,
        english: english?,
        panel_members: panel_members?,
        gap_minutes: gap_minutes?,
        eliminating_hundredths: eliminating?.value,
        highest_hundredths: highest?.value,
        days,
        source: source?,
    })
}

fn exam(parent: &Node<'_>, key: &'static str) -> Option<Exam> {
    let node = parent.node(key)?;
    let (label, minutes, source) = (label(&node, "label"), node.count("minutes", 1..481), node.source());
    Some(Exam { label: label?, minutes: minutes?, source: source? })
}

/// The days of one school, ascending, between the admissibility results and the admission commission.
fn days(node: &Node<'_>, report: &Report<'_>, names: &Names, calendar: Option<&Calendar>) -> Option<OralDays> {
    let school = node.text("school").and_then(|s| names.schools.known(report, s));
    let source = node.source();
    let days = all(node.datetimes("days")?.into_iter().map(|d| d.check(report, time::date)))?;
    let mut previous: Option<Date> = None;
    for day in &days {
        if previous.is_some_and(|p| p >= day.value) {
            day.problem(report, format!("{} must be after the day before it in the list", day.value));
        }
        previous = Some(day.value);
        let Some(m) = calendar.map(|c| &c.milestones) else { continue };
        let (first, last) = (m.admissibility_results.local.date(), m.admission_commission.local.date());
        if day.value < first || day.value > last {
            let message = format!(
                "orals on {} are not between the admissibility results ({first}) and the admission commission ({last})",
                day.value
            );
            day.problem(report, message);
        }
    }
    Some(OralDays { school: school?, days: days.into_iter().map(|d| d.value).collect(), source: source? })
}

/// A mark with at most two decimals, "4.00" as 400.
fn hundredths(mark: &str) -> Result<u32, String> {
    let (units, decimals) = mark.split_once('.').unwrap_or((mark, "0"));
    let digits = |t: &str| !t.is_empty() && t.len() <= 4 && t.bytes().all(|b| b.is_ascii_digit());
    let parsed = || {
        if !digits(units) || !digits(decimals) || decimals.len() > 2 {
            return None;
        }
        let tenth = if decimals.len() == 1 { 10 } else { 1 };
        Some(units.parse::<u32>().ok()? * 100 + decimals.parse::<u32>().ok()? * tenth)
    };
    parsed().ok_or_else(|| format!("`{mark}` is not a mark with at most two decimals, e.g. \"4.00\""))
}
