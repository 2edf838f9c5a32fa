//! The school's books: ledger, balance, bank statements (R23).

use contracts::payments as wire;
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

use crate::{
    api::{
        Call, Trouble,
        cursor::{Cursor, Limit, Page},
        input::{None_, params},
        operation::Operations,
        scope::Scope,
        types::{At, Id, words},
    },
    web::upload::LARGEST_LIST,
};

pub fn operations() -> Operations {
    let read = Some(Scope::BooksRead);
    let file = || {
        RefOr::<Schema>::from(
            ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).content_media_type(FILE),
        )
    };
    Operations::default().list("listLedger", "/ledger", read, ledger).get("getBalance", "/balance", read, balance).act(
        ("importStatement", "/statements", Some(Scope::StatementsWrite)),
        (vec![(FILE, file())], Vec::new()),
        LARGEST_LIST,
        |bytes| Ok(bytes.to_vec()),
        import,
    )
}

const FILE: &str = "application/octet-stream";

words! {
    /// A pocket of the school's money; `bank` and `counter` are outside.
    Pocket of wire::Pocket { Bank, Counter, Queue, Unknown, Account, Refunds, }
    /// What happened, or would happen, to a line of a statement.
    Outcome of wire::LineOutcome {
        Settles, Short, Over, Double, OtherSchool, Returned, RefundSent, RefundCameBack, PaidOut, Queued,
        QueuedUnknownReference, QueuedAmbiguous, AlreadyImported, Unknown, Returning,
    }
    /// In which format a statement was written.
    Format of wire::StatementFormat { Camt053, Cfonb120, }
}

/// One double entry: money moves from one pocket to another.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    sequence: u64,
    at: Option<At>,
    from: Option<Pocket>,
    to: Option<Pocket>,
    /// Negative when a debit of the bank is booked.
    cents: i64,
    dossier_id: Option<String>,
    line_id: Option<String>,
    /// Means, reason or receipt.
    note: String,
    /// What it adds to the school's balance.
    balance_effect_cents: i64,
}

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Which {
    #[param(inline, required = false)]
    cursor: Option<Cursor>,
    #[serde(default)]
    #[param(inline, required = false)]
    limit: Limit,
    /// Only those of this dossier.
    #[param(inline, required = false)]
    dossier_id: Option<Id>,
}
params!(Which);

async fn ledger(call: Call, _: None_, which: Which) -> Result<Page<Entry>, Trouble> {
    let place = which.cursor.map(|c| c.place(&call)).transpose()?.unwrap_or_else(|| "0".into());
    let asked = wire::LedgerRequest {
        school: call.school(),
        after: place.parse().map_err(|_| Trouble::of("CURSOR_UNKNOWN"))?,
        limit: which.limit.0,
        dossier_id: which.dossier_id.map(|id| id.to_string()).unwrap_or_default(),
    };
    let ledger = call.payments().ledger(asked).await?.into_inner();
    let next = ledger.entries.last().filter(|_| !ledger.last_page).map(|e| e.sequence.to_string()).unwrap_or_default();
    let items = ledger.entries.into_iter().map(|e| Entry {
        at: At::of(e.at),
        from: Pocket::of(e.from()),
        to: Pocket::of(e.to()),
        dossier_id: Some(e.dossier_id).filter(|id| !id.is_empty()),
        line_id: Some(e.line_id).filter(|id| !id.is_empty()),
        sequence: e.sequence,
        cents: e.cents,
        note: e.note,
        balance_effect_cents: e.balance_effect_cents,
    });
    Ok(Page::of(&call, items.collect(), &next))
}

/// Of which instant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Until {
    /// What was entered before it; absent: everything.
    #[param(inline, required = false)]
    until: Option<At>,
}
params!(Until);

/// Where the school's money stands.
#[derive(Debug, Serialize, ToSchema)]
struct Balance {
    bank_cents: i64,
    other_means_cents: i64,
    /// Accounts of candidates who owe this school.
    accounts_cents: i64,
    /// Accounts of candidates who owe another school (R22).
    other_school_cents: i64,
    queue_cents: i64,
    unknown_cents: i64,
    refunds_cents: i64,
    lines: u32,
    closing_cents: i64,
    /// What came in is what is there.
    adds_up: bool,
}

async fn balance(call: Call, _: None_, at: Until) -> Result<Balance, Trouble> {
    let until = at.until.map(|at| at.0.into());
    let b =
        call.payments().balance(wire::BalanceRequest { school: call.school(), until, since: None }).await?.into_inner();
    Ok(Balance {
        bank_cents: b.bank_cents,
        other_means_cents: b.other_means_cents,
        accounts_cents: b.accounts_cents,
        other_school_cents: b.other_school_cents,
        queue_cents: b.queue_cents,
        unknown_cents: b.unknown_cents,
        refunds_cents: b.refunds_cents,
        lines: b.lines,
        closing_cents: b.closing_cents,
        adds_up: b.adds_up,
    })
}

/// How a statement is imported.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct How {
    /// Tells what an import would do, and changes nothing.
    #[serde(default)]
    #[param(required = false)]
    preview: bool,
}
params!(How);

/// What became of a statement.
#[derive(Debug, Serialize, ToSchema)]
struct Imported {
    format: Option<Format>,
    preview: bool,
    new_lines: u32,
    known_lines: u32,
    new_cents: i64,
    placed_cents: i64,
    queued_cents: i64,
    lines: Vec<Line>,
}

/// A line of a statement.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
    /// Null in a preview of a new line.
    line_id: Option<String>,
    /// Where in the file.
    location: String,
    /// `YYYY-MM-DD`.
    booked_on: String,
    /// Negative: went out.
    cents: i64,
    outcome: Option<Outcome>,
    /// Whose account it is on, if any.
    dossier_id: Option<String>,
}

async fn import(call: Call, _: None_, how: How, content: Vec<u8>, _: String) -> Result<Imported, Trouble> {
    let asked = wire::ImportStatementRequest {
        school: call.school(),
        content,
        format: wire::StatementFormat::Unspecified.into(),
        preview: how.preview,
        file_name: format!("system/{}", call.token.id),
    };
    let told = call.payments().import_statement(asked).await?.into_inner();
    let totals = told.totals.unwrap_or_default();
    Ok(Imported {
        format: Format::of(told.format()),
        preview: told.preview,
        new_lines: totals.new_lines,
        known_lines: totals.known_lines,
        new_cents: totals.new_cents,
        placed_cents: totals.placed_cents,
        queued_cents: totals.queued_cents,
        lines: told.lines.into_iter().map(Line::from).collect(),
    })
}

impl From<wire::ImportedLine> for Line {
    fn from(l: wire::ImportedLine) -> Self {
        Self {
            outcome: Outcome::of(l.outcome()),
            line_id: Some(l.line_id).filter(|id| !id.is_empty()),
            dossier_id: Some(l.dossier_id).filter(|id| !id.is_empty()),
            location: l.location,
            booked_on: l.booked_on,
            cents: l.cents,
        }
    }
}
