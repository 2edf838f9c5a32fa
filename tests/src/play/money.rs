//! The fee (R20 to R23): transfers of every kind, two statements per school, imported twice, and a clerk's desk.

use contracts::{payments as api, roles};
use jiff::{SignedDuration, Timestamp, civil::Date};
use notice::{School, keys};

use super::{Stage, candidate};
use crate::{
    bank::{Line, Statement},
    cast::{Candidate, Money},
    failure::Failure,
    must, refused,
    world::Who,
};

pub async fn play(stage: &Stage<'_>) -> Result<(), Failure> {
    let world = stage.world;
    let closes = stage.instant(keys::DEPOSITS_CLOSE)?;
    let listed = stage.instant(keys::FEES_LISTED)?;
    let first = closes + SignedDuration::from_hours(48);
    world.advance_and_settle(first).await?;
    let payers: Vec<&Candidate> =
        stage.cast.iter().filter(|c| stage.story().closed.contains_key(&c.id.to_string())).collect();
    stage.progress.act("fees", payers.len());
    stage.each(payers.iter().copied(), |who| pay(stage, who, first)).await?;
    strangers(stage, day(stage, first));
    for (i, school) in stage.session().schools.iter().enumerate() {
        import(stage, school, i, 0, first).await?;
    }
    world.settle().await?;
    desk(stage, &payers).await?;
    let second = listed - SignedDuration::from_hours(2);
    world.advance_and_settle(second).await?;
    let before: std::collections::BTreeMap<String, usize> =
        stage.story().lines.iter().map(|(school, lines)| (school.clone(), lines.len())).collect();
    stage.each(payers.iter().copied(), |who| follow_up(stage, who, second)).await?;
    for (i, school) in stage.session().schools.iter().enumerate() {
        let from = before.get(&school.id).copied().unwrap_or(0);
        import(stage, school, i + 1, from, second).await?;
    }
    world.settle().await?;
    world.advance_and_settle(listed).await?;
    let unsettled = must!(
        world.payments,
        &super::secretary(),
        list_unsettled,
        api::ListUnsettledRequest { school: String::new() }
    )?;
    let never = payers.iter().filter(|c| c.money == Money::Never).map(|c| c.id.to_string());
    for id in never {
        if !unsettled.fees.iter().any(|f| f.dossier_id == id) {
            return Err(Failure::unexpected("jury", "list of unsettled fees", id, "not on it"));
        }
    }
    Ok(())
}

fn day(stage: &Stage<'_>, at: Timestamp) -> Date {
    at.to_zoned(stage.session().zone.clone()).date()
}

fn payee(stage: &Stage<'_>, who: &Candidate) -> String {
    stage.story().orders.get(&who.id.to_string()).and_then(|o| o.first().cloned()).unwrap_or_default()
}

fn book(stage: &Stage<'_>, school: &str, line: Line) {
    let mut story = stage.story();
    let lines = story.lines.entry(school.to_owned()).or_default();
    lines.push(line);
}

async fn pay(stage: &Stage<'_>, who: &Candidate, at: Timestamp) -> Result<(), Failure> {
    let world = stage.world;
    let school = payee(stage, who);
    let fee = must!(
        world.payments,
        &candidate(who),
        get_fee,
        api::GetFeeRequest { dossier_id: who.id.to_string(), school: school.clone() }
    )?;
    let due = stage.session().fee.cents;
    if fee.payee_school != school || (fee.due_cents != due && who.money != Money::Exempt) {
        return Err(Failure::unexpected(&who.label, "fee", format!("{due} to {school}"), format!("{fee:?}")));
    }
    let line = |cents: i64, remittance: &str, part: &str| Line {
        booked: day(stage, at),
        cents,
        counterparty: format!("{} {}", who.family, who.first),
        remittance: remittance.to_owned(),
        reference: format!("{}{part}", who.label.replace("c-", "TRF")),
        reversal: false,
    };
    let own = fee.reference.clone();
    match who.money {
        Money::OwnReference | Money::Returned => book(stage, &school, line(due, &format!("Frais {own}"), "A")),
        Money::NoticeReference => {
            book(stage, &school, line(due, &stage.session().fee.printed_reference(&who.family, &who.first), "A"))
        }
        Money::Short => book(stage, &school, line(due - 1000, &own, "A")),
        Money::Over => book(stage, &school, line(due + 500, &own, "A")),
        Money::Double => {
            book(stage, &school, line(due, &own, "A"));
            book(stage, &school, line(due, &own, "B"));
        }
        Money::OtherSchool => {
            let other = stage.session().schools.iter().find(|s| s.id != school).map_or(school, |s| s.id.clone());
            book(stage, &other, line(due, &own, "A"));
        }
        Money::Anonymous => {
            let mut line = line(due, "admission", "A");
            line.counterparty = "COMPTE JOINT".into();
            book(stage, &school, line);
        }
        Money::Counter => {
            let request = api::RecordOtherMeansRequest {
                dossier_id: who.id.to_string(),
                cents: due,
                means: "chèque".into(),
                receipt: who.label.clone(),
            };
            must!(world.payments, &Who::at(roles::FINANCE, &school), record_other_means, request)?;
            *stage.story().counter.entry(school).or_default() += due;
        }
        Money::Late | Money::Never | Money::Exempt | Money::ExemptionRefused => {}
    }
    Ok(())
}

/// Money that is no fee at all, at each school.
fn strangers(stage: &Stage<'_>, booked: Date) {
    for school in &stage.session().schools {
        let line = |reference: &str, cents| Line {
            booked,
            cents,
            counterparty: "FOURNISSEUR SA".into(),
            remittance: "facture 4411".into(),
            reference: reference.into(),
            reversal: false,
        };
        book(stage, &school.id, line("STRAY1", 12_345));
        book(stage, &school.id, line("STRAY2", 777));
    }
}

/// Imports what was booked since line `from`: refused when broken, previewed, imported, imported again.
async fn import(stage: &Stage<'_>, school: &School, variant: usize, from: usize, at: Timestamp) -> Result<(), Failure> {
    let world = stage.world;
    let clerk = Who::at(roles::FINANCE, &school.id);
    let lines: Vec<Line> = {
        let mut story = stage.story();
        let all = story.lines.entry(school.id.clone()).or_default();
        // What the candidates booked side by side, in the order a bank would send it.
        if let Some(new) = all.get_mut(from..) {
            new.sort_by(|a, b| a.reference.cmp(&b.reference));
        }
        all.get(from..).unwrap_or_default().to_vec()
    };
    let opening: i64 =
        stage.story().lines.get(&school.id).map_or(0, |all| all.iter().take(from).map(|l| l.cents).sum());
    let statement = Statement {
        iban: &school.account.iban,
        currency: &stage.session().currency,
        opening,
        lines: &lines,
        days: (day(stage, at), day(stage, at)),
    };
    let french = school.account.iban.starts_with("FR") && variant % 2 == 1;
    let text = if french { statement.cfonb120() } else { statement.camt053() };
    let request = |content: Vec<u8>, preview: bool| api::ImportStatementRequest {
        school: school.id.clone(),
        content,
        format: 0,
        preview,
        file_name: "releve".into(),
    };
    // One amount wrong: the totals no longer add up.
    let broken = if french { wrong_opening(&text) } else { text.replacen("<Amt Ccy=\"", "<Amt Ccy=\"X", 1) };
    refused!(
        world.payments,
        &clerk,
        import_statement,
        request(broken.into_bytes(), false),
        "STATEMENT_INVALID" | "STATEMENT_UNREADABLE"
    )?;
    refused!(
        world.payments,
        &clerk,
        import_statement,
        request(b"%PDF-1.4 not a statement".to_vec(), false),
        "STATEMENT_INVALID" | "STATEMENT_UNREADABLE" | "FORMAT_UNKNOWN"
    )?;
    let preview = must!(world.payments, &clerk, import_statement, request(text.clone().into_bytes(), true))?;
    let done = must!(world.payments, &clerk, import_statement, request(text.clone().into_bytes(), false))?;
    let again = must!(world.payments, &clerk, import_statement, request(text.into_bytes(), false))?;
    let count = |reply: &api::ImportStatementReply| reply.totals.map(|t| (t.lines, t.new_lines));
    let expected = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    // A repeated call of a client that lost the first answer finds the lines known already; that is right too.
    let first_ok = count(&done).is_some_and(|(all, new)| all == expected && (new == expected || new == 0));
    if count(&preview).map(|c| c.0) != Some(expected) || !first_ok || count(&again) != Some((expected, 0)) {
        let got = format!("preview {:?}, import {:?}, again {:?}", preview.totals, done.totals, again.totals);
        return Err(Failure::unexpected(&clerk.label, "import", format!("{expected} lines, once"), got));
    }
    Ok(())
}

/// The same statement with another last digit in its opening balance (CFONB 120, character 104 of the first line).
fn wrong_opening(text: &str) -> String {
    let change = |(i, c): (usize, char)| match (i, c) {
        (103, 'A') => 'B',
        (103, _) => 'A',
        (_, c) => c,
    };
    text.chars().enumerate().map(change).collect()
}

/// What a person at each school decides: exemptions, lines that match nobody.
async fn desk(stage: &Stage<'_>, payers: &[&Candidate]) -> Result<(), Failure> {
    let world = stage.world;
    for who in payers {
        let school = payee(stage, who);
        let decide = |accept: bool| api::DecideExemptionRequest {
            dossier_id: who.id.to_string(),
            accept,
            reason: if accept { String::new() } else { "Attestation d'une autre année".into() },
        };
        match who.money {
            Money::Exempt => {
                must!(world.payments, &Who::at(roles::STAFF, &school), decide_exemption, decide(true)).map(drop)?
            }
            Money::ExemptionRefused => {
                must!(world.payments, &Who::at(roles::STAFF, &school), decide_exemption, decide(false)).map(drop)?
            }
            _ => {}
        }
    }
    for school in &stage.session().schools {
        let clerk = Who::at(roles::FINANCE, &school.id);
        let mut anonymous =
            payers.iter().filter(|c| c.money == Money::Anonymous && payee(stage, c) == school.id).collect::<Vec<_>>();
        anonymous.sort_by(|a, b| a.label.cmp(&b.label));
        let waiting = must!(
            world.payments,
            &clerk,
            list_unmatched,
            api::ListUnmatchedRequest {
                school: school.id.clone(),
                include_unknown: false,
                after: String::new(),
                limit: 500,
                line_id: String::new(),
            }
        )?;
        for line in waiting.lines {
            let reference = line.bank_reference.clone();
            let owner = anonymous.iter().find(|c| reference.contains(&c.label.replace("c-", "TRF")));
            if let Some(owner) = owner {
                must!(
                    world.payments,
                    &clerk,
                    match_line,
                    api::MatchLineRequest { line_id: line.line_id, dossier_id: owner.id.to_string() }
                )?;
            } else if reference.contains("STRAY1") {
                must!(
                    world.payments,
                    &clerk,
                    mark_unknown,
                    api::MarkUnknownRequest { line_id: line.line_id, reason: "facture".into() }
                )?;
            }
        }
    }
    Ok(())
}

/// Before the list is drawn: late transfers arrive, the bank takes some back, refused exemptions are paid.
async fn follow_up(stage: &Stage<'_>, who: &Candidate, at: Timestamp) -> Result<(), Failure> {
    let world = stage.world;
    let school = payee(stage, who);
    let due = stage.session().fee.cents;
    if !matches!(who.money, Money::Late | Money::Returned | Money::ExemptionRefused) {
        return Ok(());
    }
    let fee = must!(
        world.payments,
        &candidate(who),
        get_fee,
        api::GetFeeRequest { dossier_id: who.id.to_string(), school: school.clone() }
    )?;
    let returned = who.money == Money::Returned;
    book(
        stage,
        &school,
        Line {
            booked: day(stage, at),
            cents: if returned { -due } else { due },
            counterparty: format!("{} {}", who.family, who.first),
            remittance: if returned { format!("Retour {}", fee.reference) } else { fee.reference },
            reference: format!("{}Z", who.label.replace("c-", "TRF")),
            reversal: returned,
        },
    );
    Ok(())
}
