//! A bank statement is read, its new lines are entered, and what names a dossier is placed (R23).

use std::collections::{BTreeSet, HashMap, HashSet};

use contracts::payments as events;
use jiff::civil::Date;
use platform::{audit, auth::Caller, db::Tx, outbox, refusal::Refusal};
use serde_json::json;
use uuid::Uuid;

use super::place;
use crate::{
    app::App,
    domain::{
        line::{self, BankLine, Line, LineKey, Outcome, State, Why},
        matching::{self, ByReference, Earlier},
        money::Cents,
        reference::Reference,
        statement::{self, Expected, Format, Statement},
    },
    store::{self, Account, NewEntry, NewLine},
};

/// A statement to import.
#[derive(Debug, Clone)]
pub struct ImportStatement {
    /// The school whose account it must be of.
    pub school: String,
    /// The file.
    pub content: Vec<u8>,
    /// `None`: told from the content.
    pub format: Option<Format>,
    /// Changes nothing.
    pub preview: bool,
    /// For the audit log.
    pub file_name: String,
}

/// One line of an import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its id; of a preview's new line there is none.
    pub id: Option<Uuid>,
    /// As the bank tells it.
    pub told: BankLine,
    /// Where it is.
    pub state: State<Uuid>,
    /// What it did to a fee; `None` when it is on no account.
    pub outcome: Option<Outcome>,
    /// It was known already; `state` is then where it has been since.
    pub known: bool,
}

/// What an import did, or would do.
#[derive(Debug, Clone)]
pub struct Report {
    /// The format.
    pub format: Format,
    /// The statements of the file, without their lines.
    pub statements: Vec<Statement>,
    /// All lines, in the file's order.
    pub lines: Vec<Imported>,
    /// Numbers of the dossiers they are placed on.
    pub numbers: HashMap<Uuid, u64>,
}

/// Reads and imports.
///
/// # Errors
/// `FORMAT_UNKNOWN`, `STATEMENT_TOO_LARGE`, `STATEMENT_UNREADABLE`, or `STATEMENT_INVALID` with every fault: nothing of
/// such a file is taken.
pub async fn import_statement(app: &App, caller: &Caller, cmd: ImportStatement) -> Result<Report, Refusal> {
    let ImportStatement { school, content, format, preview, file_name } = cmd;
    let expected = app.school("school", &school)?;
    let (iban, currency) = (expected.account.iban.clone(), app.session.currency.clone());
    let read = tokio::task::spawn_blocking(move || {
        statement::read(&content, format, Expected { iban: &iban, currency: &currency })
    });
    let (format, mut statements) = read.await.map_err(Refusal::internal)??;
    let told: Vec<BankLine> = statements.iter_mut().flat_map(|s| std::mem::take(&mut s.lines)).collect();
    let keys = line::keys(&told);

    let mut tx = app.db.begin(if preview { "preview_statement" } else { "import_statement" }).await?;
    store::lock_school(&mut tx, &school).await?;
    let mut known = store::known(tx.conn(), &school, &keys).await?;
    known_in_other_format(&mut tx, &school, format, &told, &mut known).await?;
    let mut desk = Desk::open(app, &mut tx, &school, &told, &known).await?;
    let mut lines = Vec::with_capacity(told.len());
    for ((told, key), known) in told.into_iter().zip(keys).zip(known) {
        lines.push(match known {
            Some((id, state)) => Imported { id: Some(id), told, state, outcome: None, known: true },
            None => desk.take(told, key)?,
        });
    }
    let placed = |l: &Imported| match l.state {
        State::Placed { dossier, .. } => Some(dossier),
        State::Queued(_) | State::Unknown | State::SentBack => None,
    };
    let on: Vec<Uuid> = lines.iter().filter_map(placed).collect();
    let numbers = store::numbers(tx.conn(), &on).await?;
    if preview {
        for line in lines.iter_mut().filter(|l| !l.known) {
            line.id = None;
        }
        tx.rollback().await?;
        return Ok(Report { format, statements, lines, numbers });
    }
    let at = caller.received_at;
    desk.store(&mut tx, caller, format).await?;
    let new: Vec<&Imported> = lines.iter().filter(|l| !l.known).collect();
    let details = json!({
        "school": school,
        "file": file_name,
        "lines": lines.len(),
        "new": new.len(),
        "new_cents": new.iter().map(|l| l.told.cents).sum::<Cents>().get(),
    });
    audit::append(&mut tx, at, &caller.subject, "statement_imported", details).await?;
    tx.commit().await?;
    Ok(Report { format, statements, lines, numbers })
}

/// Finds among the lines that another format told those of this file that their identity did not find. Each is taken once,
/// so that a second transfer of the same day and text is a new line.
async fn known_in_other_format(
    tx: &mut Tx,
    school: &str,
    format: Format,
    told: &[BankLine],
    known: &mut [Option<(Uuid, State<Uuid>)>],
) -> Result<(), Refusal> {
    let days: BTreeSet<Date> = told.iter().map(|l| l.booked_on).collect();
    let days: Vec<Date> = days.into_iter().collect();
    let taken: HashSet<Uuid> = known.iter().flatten().map(|(id, _)| *id).collect();
    let mut others = store::of_other_format(tx.conn(), school, format, &days).await?;
    others.retain(|(id, ..)| !taken.contains(id));
    for (told, known) in told.iter().zip(known).filter(|(_, known)| known.is_none()) {
        let same = others.iter().position(|(.., other)| line::same_in_other_format(told, other));
        *known = same.map(|at| others.remove(at)).map(|(id, state, _)| (id, state));
    }
    Ok(())
}

/// An earlier line that a reversal may point to.
struct Undoable {
    dossier: Uuid,
    cents: Cents,
    end_to_end: String,
    bank_reference: String,
}

/// What an import works on: everything read and locked at its start, everything to be stored at its end.
struct Desk {
    school: String,
    fee: Cents,
    dossiers: HashMap<u64, Uuid>,
    accounts: HashMap<Uuid, Account>,
    undoable: Vec<Undoable>,
    lines: Vec<NewLine>,
    entries: Vec<NewEntry>,
    touched: HashSet<Uuid>,
}

impl Desk {
    async fn open(
        app: &App,
        tx: &mut Tx,
        school: &str,
        told: &[BankLine],
        known: &[Option<(Uuid, State<Uuid>)>],
    ) -> Result<Self, Refusal> {
        let new: Vec<&BankLine> = told.iter().zip(known).filter(|(_, k)| k.is_none()).map(|(l, _)| l).collect();
        let numbers: HashSet<u64> = new.iter().flat_map(|l| matching::references(l)).map(Reference::number).collect();
        let numbers: Vec<u64> = numbers.into_iter().collect();
        let dossiers = store::by_numbers(tx.conn(), &numbers).await?;
        let references: HashSet<String> = new
            .iter()
            .filter(|l| l.reversal)
            .flat_map(|l| [l.end_to_end.clone(), l.bank_reference.clone()])
            .filter(|r| !r.is_empty())
            .collect();
        let references: Vec<String> = references.into_iter().collect();
        let undoable: Vec<Undoable> = store::undone(tx.conn(), school, &references)
            .await?
            .into_iter()
            .map(|(dossier, cents, end_to_end, bank_reference)| Undoable { dossier, cents, end_to_end, bank_reference })
            .collect();
        let concerned: HashSet<Uuid> = dossiers.values().copied().chain(undoable.iter().map(|u| u.dossier)).collect();
        let concerned: Vec<Uuid> = concerned.into_iter().collect();
        Ok(Self {
            school: school.to_owned(),
            fee: app.fee(),
            dossiers,
            accounts: store::lock(tx, &concerned).await?,
            undoable,
            lines: Vec::new(),
            entries: Vec::new(),
            touched: HashSet::new(),
        })
    }

    /// Takes one new line.
    fn take(&mut self, told: BankLine, key: LineKey) -> Result<Imported, Refusal> {
        let id = Uuid::new_v4();
        let (line, movement) = Line::import(self.school.clone(), &told);
        self.entries.push(NewEntry::of_line(id, None, movement, ""));
        let found = matching::references(&told);
        let mut whose = matching::by_reference(&found, |r| self.dossiers.get(&r.number()).copied());
        if let ByReference::Queue(Why::NoReference) = whose
            && told.reversal
        {
            let earlier = self.undoable.iter().map(|u| Earlier {
                dossier: u.dossier,
                cents: u.cents,
                end_to_end: &u.end_to_end,
                bank_reference: &u.bank_reference,
            });
            if let Some(dossier) = matching::undone(&told, earlier) {
                whose = ByReference::One(dossier);
            }
        }
        let whose = match whose {
            ByReference::One(dossier) => self.accounts.get_mut(&dossier).ok_or(Why::UnknownReference),
            ByReference::Queue(why) => Err(why),
        };
        let (line, outcome) = match whose {
            Ok(account) => {
                let (line, entries, outcome) = place(id, line, account, self.fee)?;
                self.entries.extend(entries);
                self.touched.insert(account.dossier);
                self.undoable.push(Undoable {
                    dossier: account.dossier,
                    cents: told.cents,
                    end_to_end: told.end_to_end.clone(),
                    bank_reference: told.bank_reference.clone(),
                });
                (line, Some(outcome))
            }
            Err(why) => (line.queued_because(why), None),
        };
        // Only money that came in, and says nothing of a reference, is looked for by name.
        let to_search = line.state == State::Queued(Why::NoReference) && told.cents > Cents::ZERO && !told.reversal;
        let state = line.state;
        self.lines.push(NewLine { id, told: told.clone(), key, line, to_search });
        Ok(Imported { id: Some(id), told, state, outcome, known: false })
    }

    async fn store(mut self, tx: &mut Tx, caller: &Caller, format: Format) -> Result<(), Refusal> {
        let at = caller.received_at;
        store::insert(tx, at, format, &self.lines).await?;
        store::enter(tx, at, &caller.subject, &self.entries).await?;
        let mut touched: Vec<Uuid> = self.touched.into_iter().collect();
        touched.sort();
        for dossier in touched {
            if let Some(account) = self.accounts.get_mut(&dossier) {
                store::tell(tx, account, self.fee, at).await?;
            }
        }
        for line in self.lines.iter().filter(|l| l.to_search) {
            let fact =
                events::LineQueued { line_id: line.id.to_string(), school: self.school.clone(), at: Some(at.into()) };
            outbox::append(tx, &fact, 1, at).await?;
        }
        Ok(())
    }
}
