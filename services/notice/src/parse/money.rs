//! Pieces and the fee.

use super::{
    Names,
    reader::{At, Node, Report, all},
    schools::label,
};
use crate::dossier::{Depositor, Due, Fee, Format, Piece};

/// `[[pieces]]`.
pub(super) fn pieces(root: &Node<'_>, report: &Report<'_>, names: &mut Names) -> Option<Vec<Piece>> {
    let nodes = root.some_nodes("pieces");
    let pieces = all(nodes.iter().map(|node| {
        let id = names.pieces.declare(report, node.text("id"));
        let label = label(node, "label");
        let due = node.choice(
            "due",
            &[("closing", Due::Closing), ("titles", Due::Titles), ("closing-if-exempt", Due::ClosingIfExempt)],
        );
        let filieres = node.texts("filieres").and_then(|f| names.filieres.known_once(report, f));
        let group = node.optional_text("group");
        let by = node.choice("by", &[("candidate", Depositor::Candidate), ("referee", Depositor::Referee)]);
        let formats = node.choices("formats", &[("pdf", Format::Pdf), ("jpeg", Format::Jpeg), ("png", Format::Png)]);
        // The bounds only catch slips: a kilobyte holds no scan, a gigabyte is no piece.
        let max = node.integer("max_bytes", 1024..1_073_741_825).and_then(|n| u64::try_from(n.value).ok());
        let source = node.source();
        Some(Piece {
            id: id?,
            label: label?,
            due: due?,
            filieres: filieres?,
            group: group?.map(|g| g.value),
            by: by?,
            formats: formats?,
            max_bytes: max?,
            source: source?,
        })
    }))?;
    for (i, piece) in pieces.iter().enumerate() {
        // A group is an alternative: with another due date or for other people it would not be one.
        let Some(group) = &piece.group else { continue };
        let others: Vec<_> = pieces.iter().filter(|p| p.group.as_ref() == Some(group)).collect();
        if others.len() < 2 {
            nodes[i].problem(format!("the group `{group}` has one piece only, so it is no alternative"));
        } else if others.iter().any(|p| p.due != piece.due || p.filieres != piece.filieres) {
            nodes[i].problem(format!("the pieces of group `{group}` differ in `due` or `filieres`"));
        }
    }
    if pieces.is_empty() { None } else { Some(pieces) }
}

/// `[fee]`, and where its delay stands.
pub(super) fn fee(root: &Node<'_>, report: &Report<'_>, names: &Names) -> Option<(Fee, At<()>)> {
    let node = root.node("fee")?;
    let cents = node.text("amount").and_then(|a| a.check(report, |a| cents(a)));
    let reference = node.text("reference").and_then(|r| {
        r.check(report, |r| {
            let named = r.contains("{nom}") && r.contains("{prenom}");
            named.then(|| r.clone()).ok_or("expected `{nom}` and `{prenom}` where the names go")
        })
    });
    let exemption = node.text("exemption_piece").and_then(|p| names.pieces.known(report, p));
    let listed = node.text("listed_before").and_then(|l| {
        l.check(report, |l| match l.parse::<jiff::Span>() {
            Ok(span) if !span.is_negative() => Ok(span),
            _ => Err(format!("`{l}` is not a length of time, e.g. \"3 days\"")),
        })
    });
    let source = node.source();
    let listed = listed?;
    let place = At { value: (), offset: listed.offset, path: listed.path.clone() };
    let fee = Fee {
        cents: cents?.value,
        reference: reference?.value,
        exemption_piece: exemption?,
        listed_before: listed.value.fieldwise(),
        source: source?,
    };
    Some((fee, place))
}

/// "76.00" as 7600.
fn cents(amount: &str) -> Result<i64, String> {
    let parsed = amount.split_once('.').and_then(|(units, cents)| {
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(units) || !digits(cents) || cents.len() != 2 {
            return None;
        }
        units.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents.parse().ok()?)
    });
    match parsed {
        Some(cents) if (1..=1_000_000).contains(&cents) => Ok(cents),
        Some(_) => Err(format!("`{amount}` is outside 0.01 to 10000.00")),
        None => Err(format!("`{amount}` is not an amount with two decimals, e.g. \"76.00\"")),
    }
}
