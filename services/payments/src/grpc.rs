//! Wire → command → wire, nothing else.

use std::collections::HashMap;

use contracts::{
    payments::{
        BalanceReply, BalanceRequest, DecideExemptionRequest, Fee, FindAccountsReply, FindAccountsRequest,
        GetFeeRequest, ImportStatementReply, ImportStatementRequest, ImportTotals, ImportedLine, LedgerReply,
        LedgerRequest, LineOutcome, ListFeesReply, ListFeesRequest, ListUnmatchedReply, ListUnmatchedRequest,
        ListUnsettledReply, ListUnsettledRequest, MarkUnknownRequest, MatchLineRequest, PlaceLineReply,
        RecordOtherMeansRequest, RecordRefundRequest, ReturnLineRequest, Statement, SuggestMatchesReply,
        SuggestMatchesRequest, UnmatchLineRequest, UnmatchedLine, UnsettledFee, payments_server::Payments,
    },
    roles,
};
use notice::keys;
use platform::{auth::Caller, calendar, refusal::Refusal};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    app::{App, id, in_microseconds, text},
    commands::{
        Placed,
        decide_exemption::decide_exemption,
        import_statement::{ImportStatement, Imported, Report, import_statement},
        mark_unknown::mark_unknown,
        match_line::match_line,
        record_other_means::record_other_means,
        record_refund::record_refund,
        return_line::return_line,
        under_receipt::Recorded,
        unmatch_line::unmatch_line,
    },
    domain::{line::State, money::Cents, reference::Reference},
    queries, store, wire,
};

/// Longest reason, means or receipt, in characters.
const MAX_NOTE: usize = 500;
const MAX_RECEIPT: usize = 80;

/// The gRPC service.
pub struct Grpc(
    /// The service's hands.
    pub App,
);

type Answer<T> = Result<Response<T>, Status>;

fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    Caller::of(request).map(in_microseconds)
}

fn instant(field: &'static str, at: Option<contracts::Timestamp>) -> Result<Option<jiff::Timestamp>, Refusal> {
    let read =
        |at| jiff::Timestamp::try_from(at).map_err(|_| Refusal::invalid("SPAN_INVALID").field(field, "no instant"));
    at.map(read).transpose()
}

fn page(field: &'static str, asked: u32, default: u32, most: u32) -> Result<u32, Refusal> {
    match asked {
        0 => Ok(default),
        n if n <= most => Ok(n),
        _ => Err(Refusal::invalid("LIMIT_TOO_LARGE").field(field, format!("at most {most}"))),
    }
}

impl Grpc {
    fn placed(&self, placed: &Placed) -> Result<PlaceLineReply, Refusal> {
        let outcome = placed.outcome.map_or_else(|| wire::state(&placed.state), wire::outcome);
        let fee = placed.account.as_ref().map(|account| queries::fee(&self.0, account, None)).transpose()?;
        Ok(PlaceLineReply {
            line_id: placed.line.to_string(),
            outcome: outcome.into(),
            fee,
            already_applied: placed.already_applied,
        })
    }
}

fn imported(line: Imported, numbers: &HashMap<Uuid, u64>) -> ImportedLine {
    let outcome = match line.outcome {
        _ if line.known => LineOutcome::AlreadyImported,
        Some(outcome) => wire::outcome(outcome),
        None => wire::state(&line.state),
    };
    let dossier = match line.state {
        State::Placed { dossier, .. } => Some(dossier),
        State::Queued(_) | State::Unknown | State::SentBack => None,
    };
    let reference = dossier.and_then(|d| numbers.get(&d)).and_then(|n| Reference::of(*n).ok());
    ImportedLine {
        line_id: line.id.map(|id| id.to_string()).unwrap_or_default(),
        location: line.told.location,
        counterparty: line.told.counterparty,
        remittance: line.told.remittance,
        bank_reference: line.told.bank_reference,
        reversal: line.told.reversal,
        booked_on: line.told.booked_on.to_string(),
        cents: line.told.cents.get(),
        outcome: outcome.into(),
        dossier_id: dossier.map(|d| d.to_string()).unwrap_or_default(),
        reference: reference.map(|r| r.to_string()).unwrap_or_default(),
    }
}

fn report(report: Report, preview: bool) -> ImportStatementReply {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let sum = |wanted: &dyn Fn(&Imported) -> bool| {
        report.lines.iter().filter(|l| wanted(l)).map(|l| l.told.cents).sum::<Cents>().get()
    };
    let known = report.lines.iter().filter(|l| l.known).count();
    let totals = ImportTotals {
        lines: count(report.lines.len()),
        new_lines: count(report.lines.len() - known),
        known_lines: count(known),
        cents: sum(&|_| true),
        new_cents: sum(&|l| !l.known),
        placed_cents: sum(&|l| !l.known && matches!(l.state, State::Placed { .. })),
        queued_cents: sum(&|l| !l.known && matches!(l.state, State::Queued(_))),
    };
    let statements = report.statements.into_iter().map(|s| Statement {
        iban: s.iban,
        opening_date: s.opening_date.to_string(),
        closing_date: s.closing_date.to_string(),
        opening_cents: s.opening.get(),
        closing_cents: s.closing.get(),
    });
    ImportStatementReply {
        format: wire::format(report.format).into(),
        statements: statements.collect(),
        lines: report.lines.into_iter().map(|line| imported(line, &report.numbers)).collect(),
        totals: Some(totals),
        preview,
    }
}

#[tonic::async_trait]
impl Payments for Grpc {
    async fn get_fee(&self, request: Request<GetFeeRequest>) -> Answer<Fee> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let dossier = id("dossier_id", &asked.dossier_id)?;
        Ok(Response::new(queries::get_fee(&self.0, &caller, dossier, &asked.school).await?))
    }

    async fn list_fees(&self, request: Request<ListFeesRequest>) -> Answer<ListFeesReply> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let size = page("page_size", asked.page_size, 100, 500)?;
        Ok(Response::new(queries::list_fees(&self.0, &caller, &asked, size).await?))
    }

    async fn find_accounts(&self, request: Request<FindAccountsRequest>) -> Answer<FindAccountsReply> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let accounts = queries::find_accounts(&self.0, &caller, &asked.school, &asked.text).await?;
        Ok(Response::new(FindAccountsReply { accounts }))
    }

    async fn suggest_matches(&self, request: Request<SuggestMatchesRequest>) -> Answer<SuggestMatchesReply> {
        let caller = caller(&request)?;
        let line = id("line_id", &request.into_inner().line_id)?;
        Ok(Response::new(SuggestMatchesReply { accounts: queries::suggest_matches(&self.0, &caller, line).await? }))
    }

    async fn import_statement(&self, request: Request<ImportStatementRequest>) -> Answer<ImportStatementReply> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        self.0.of_finance(&caller, &asked.school)?;
        let format = wire::format_asked(asked.format());
        let cmd = ImportStatement {
            school: asked.school,
            content: asked.content,
            format,
            preview: asked.preview,
            file_name: asked.file_name.chars().take(MAX_NOTE).collect(),
        };
        let done = import_statement(&self.0, &caller, cmd).await?;
        Ok(Response::new(report(done, asked.preview)))
    }

    async fn list_unmatched(&self, request: Request<ListUnmatchedRequest>) -> Answer<ListUnmatchedReply> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let school = self.0.of_finance(&caller, &asked.school)?;
        let after = if asked.after.is_empty() { None } else { Some(id("after", &asked.after)?) };
        let only = if asked.line_id.is_empty() { None } else { Some(id("line_id", &asked.line_id)?) };
        let limit = page("limit", asked.limit, 100, 500)?;
        let mut conn = self.0.db.read().await?;
        let lines = store::waiting(&mut conn, &school.id, asked.include_unknown, after, only, limit.into()).await?;
        let (waiting, cents, search_pending) = store::waiting_totals(&mut conn, &school.id).await?;
        let lines = lines.into_iter().map(|line| UnmatchedLine {
            line_id: line.id.to_string(),
            booked_on: line.booked_on.to_string(),
            cents: line.cents.get(),
            counterparty: line.counterparty,
            remittance: line.remittance,
            bank_reference: line.bank_reference,
            outcome: wire::state(&line.state).into(),
            reversal: line.reversal,
            imported_at: Some(line.imported_at.into()),
        });
        Ok(Response::new(ListUnmatchedReply {
            lines: lines.collect(),
            waiting,
            waiting_cents: cents.get(),
            search_pending,
        }))
    }

    async fn match_line(&self, request: Request<MatchLineRequest>) -> Answer<PlaceLineReply> {
        let caller = caller(&request)?;
        caller.require(&[roles::FINANCE])?;
        let asked = request.into_inner();
        let (line, dossier) = (id("line_id", &asked.line_id)?, id("dossier_id", &asked.dossier_id)?);
        let placed = match_line(&self.0, &caller, line, dossier).await?;
        Ok(Response::new(self.placed(&placed)?))
    }

    async fn unmatch_line(&self, request: Request<UnmatchLineRequest>) -> Answer<PlaceLineReply> {
        let caller = caller(&request)?;
        caller.require(&[roles::FINANCE])?;
        let asked = request.into_inner();
        let reason = text("reason", &asked.reason, MAX_NOTE)?;
        let placed = unmatch_line(&self.0, &caller, id("line_id", &asked.line_id)?, &reason).await?;
        Ok(Response::new(self.placed(&placed)?))
    }

    async fn mark_unknown(&self, request: Request<MarkUnknownRequest>) -> Answer<PlaceLineReply> {
        let caller = caller(&request)?;
        caller.require(&[roles::FINANCE])?;
        let asked = request.into_inner();
        let reason = text("reason", &asked.reason, MAX_NOTE)?;
        let placed = mark_unknown(&self.0, &caller, id("line_id", &asked.line_id)?, &reason).await?;
        Ok(Response::new(self.placed(&placed)?))
    }

    async fn return_line(&self, request: Request<ReturnLineRequest>) -> Answer<PlaceLineReply> {
        let caller = caller(&request)?;
        caller.require(&[roles::FINANCE])?;
        let asked = request.into_inner();
        let reason = text("reason", &asked.reason, MAX_NOTE)?;
        let placed = return_line(&self.0, &caller, id("line_id", &asked.line_id)?, &reason).await?;
        Ok(Response::new(self.placed(&placed)?))
    }

    async fn record_other_means(&self, request: Request<RecordOtherMeansRequest>) -> Answer<Fee> {
        let caller = caller(&request)?;
        caller.require(&[roles::FINANCE])?;
        let asked = request.into_inner();
        let dossier = id("dossier_id", &asked.dossier_id)?;
        let (means, receipt) = (text("means", &asked.means, MAX_NOTE)?, text("receipt", &asked.receipt, MAX_RECEIPT)?);
        let said = Recorded { dossier, cents: Cents::new(asked.cents), note: &means, receipt: &receipt };
        let account = record_other_means(&self.0, &caller, said).await?;
        Ok(Response::new(queries::fee(&self.0, &account, None)?))
    }

    async fn decide_exemption(&self, request: Request<DecideExemptionRequest>) -> Answer<Fee> {
        let caller = caller(&request)?;
        caller.require(&[roles::STAFF, roles::FINANCE])?;
        let asked = request.into_inner();
        let dossier = id("dossier_id", &asked.dossier_id)?;
        // Whether a reason is needed is the domain's word; its shape is checked here.
        let reason =
            if asked.reason.trim().is_empty() { String::new() } else { text("reason", &asked.reason, MAX_NOTE)? };
        let account = decide_exemption(&self.0, &caller, dossier, asked.accept, &reason).await?;
        Ok(Response::new(queries::fee(&self.0, &account, None)?))
    }

    async fn record_refund(&self, request: Request<RecordRefundRequest>) -> Answer<Fee> {
        let caller = caller(&request)?;
        caller.require(&[roles::FINANCE])?;
        let asked = request.into_inner();
        let dossier = id("dossier_id", &asked.dossier_id)?;
        let (reason, receipt) =
            (text("reason", &asked.reason, MAX_NOTE)?, text("receipt", &asked.receipt, MAX_RECEIPT)?);
        let said = Recorded { dossier, cents: Cents::new(asked.cents), note: &reason, receipt: &receipt };
        let account = record_refund(&self.0, &caller, said).await?;
        Ok(Response::new(queries::fee(&self.0, &account, None)?))
    }

    async fn ledger(&self, request: Request<LedgerRequest>) -> Answer<LedgerReply> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let dossier = if asked.dossier_id.is_empty() { None } else { Some(id("dossier_id", &asked.dossier_id)?) };
        let part = (asked.after, page("limit", asked.limit, 200, 1000)?);
        Ok(Response::new(queries::ledger(&self.0, &caller, &asked.school, dossier, part).await?))
    }

    async fn balance(&self, request: Request<BalanceRequest>) -> Answer<BalanceReply> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let span = (instant("since", asked.since)?, instant("until", asked.until)?);
        Ok(Response::new(queries::balance(&self.0, &caller, &asked.school, span).await?))
    }

    async fn list_unsettled(&self, request: Request<ListUnsettledRequest>) -> Answer<ListUnsettledReply> {
        let caller = caller(&request)?;
        caller.require(&[roles::JURY, roles::JURY_PRESIDENT, roles::STAFF, roles::FINANCE])?;
        let asked = request.into_inner().school;
        let school = match (caller.role.as_str(), asked.as_str()) {
            (roles::JURY | roles::JURY_PRESIDENT, "") => None,
            (roles::JURY | roles::JURY_PRESIDENT, asked) => Some(self.0.school("school", asked)?),
            (_, asked) => {
                let own = caller.unit.clone().unwrap_or_default();
                let asked = if asked.is_empty() { own.as_str() } else { asked };
                caller.require_unit(&[roles::STAFF, roles::FINANCE], asked)?;
                Some(self.0.school("school", asked)?)
            }
        };
        let mut conn = self.0.db.read().await?;
        let Some(listed_at) = store::listed_at(&mut conn).await? else {
            let due = calendar::instant_of(&mut conn, keys::FEES_LISTED).await?;
            let refused = Refusal::precondition("NOT_LISTED_YET", keys::FEES_LISTED, "the list is not drawn up yet");
            return Err(due.map_or(refused.clone(), |due| refused.with("listed_from", due.to_string())).into());
        };
        let rows = store::list_unsettled(&mut conn, school.map(|s| s.id.as_str())).await?;
        let fees = rows.into_iter().map(|row| UnsettledFee {
            dossier_id: row.dossier.to_string(),
            school: row.school,
            status: wire::status(row.status).into(),
            due_cents: row.due.get(),
            received_cents: row.received.get(),
            held_elsewhere_cents: row.elsewhere.get(),
            status_now: wire::status(row.status_now).into(),
        });
        Ok(Response::new(ListUnsettledReply { listed_at: Some(listed_at.into()), fees: fees.collect() }))
    }
}
