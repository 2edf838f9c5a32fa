//! ISO 20022 bank-to-customer statement, `camt.053.001.02` to `.13`.

use jiff::civil::Date;

use super::{
    BankLine, Cents, Expected, Faults, MAX_LINES, MAX_REFERENCE, MAX_TEXT, Statement, Unreadable, Wrong, quoted,
    reference_from_text, value,
    xml::{self, Node},
};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.";
const VERSIONS: std::ops::RangeInclusive<u32> = 2..=13;

pub fn read(bytes: &[u8], expected: Expected<'_>) -> Result<Vec<Statement>, Unreadable> {
    let root = xml::read(bytes)?;
    let namespace =
        root.attributes.iter().find(|(n, v)| (&**n == "xmlns" || n.starts_with("xmlns:")) && v.contains("camt."));
    let namespace = namespace.map_or("", |(_, v)| v);
    let version = namespace.strip_prefix(NAMESPACE).and_then(|v| v.parse().ok());
    if &*root.name != "Document" || !version.is_some_and(|v| VERSIONS.contains(&v)) {
        let what = if namespace.is_empty() { &root.name } else { namespace };
        return Err(Unreadable::NotCamt053(quoted(what)));
    }
    let mut faults = Faults::default();
    let Some(message) = root.child("BkToCstmrStmt") else {
        faults.add("file", Wrong::Missing("BkToCstmrStmt"));
        return faults.finish(Vec::new());
    };
    let mut statements = Vec::new();
    let mut lines = 0;
    for (i, node) in message.all("Stmt").enumerate() {
        let at = format!("Stmt[{}]", i + 1);
        if let Some(statement) = statement(node, &at, expected, &mut faults) {
            lines += statement.lines.len();
            if lines > MAX_LINES {
                return Err(Unreadable::TooManyLines);
            }
            statements.push(statement);
        }
    }
    if message.child("Stmt").is_none() {
        faults.add("file", Wrong::Missing("Stmt"));
    }
    faults.finish(statements)
}

fn statement(node: &Node, at: &str, expected: Expected<'_>, faults: &mut Faults) -> Option<Statement> {
    let iban: String = match node.text_at(&["Acct", "Id", "IBAN"]) {
        Some(iban) => iban.split_whitespace().collect::<String>().to_ascii_uppercase(),
        None => {
            faults.add(at, Wrong::Missing("Acct/Id/IBAN"));
            return None;
        }
    };
    if iban != expected.iban {
        faults.add(at, Wrong::Account { found: quoted(&iban), expected: expected.iban.to_owned() });
        return None;
    }
    if let Some(found) = node.text_at(&["Acct", "Ccy"])
        && found != expected.currency
    {
        faults.add(at, Wrong::Currency { found: quoted(found), expected: expected.currency.to_owned() });
    }

    let mut lines = Vec::new();
    let mut sums = Sums::default();
    for (i, entry) in node.all("Ntry").enumerate() {
        let at = format!("{at}/Ntry[{}]", i + 1);
        read_entry(entry, &at, expected, faults, &mut sums, &mut lines);
    }
    check_summary(node, at, &sums, faults);

    // OPBD is the opening balance; PRCD, the closing one of the previous statement, is the same thing.
    let opening = ["OPBD", "PRCD"].iter().find_map(|code| balance(node, code));
    let closing = balance(node, "CLBD");
    let opening = match opening {
        Some(node) => read_balance(node, at, expected, faults),
        None => {
            faults.add(at, Wrong::Missing("Bal with Cd OPBD"));
            None
        }
    };
    let closing = match closing {
        Some(node) => read_balance(node, at, expected, faults),
        None => {
            faults.add(at, Wrong::Missing("Bal with Cd CLBD"));
            None
        }
    };
    let ((opening, opening_date), (closing, closing_date)) = (opening?, closing?);
    if opening + sums.net() != closing && !sums.faulty {
        faults.add(at, Wrong::Total { what: "the closing balance", stated: closing, computed: opening + sums.net() });
    }
    Some(Statement { iban, opening_date, opening, closing_date, closing, lines })
}

/// What the booked entries of a statement make.
#[derive(Default)]
struct Sums {
    credits: (u64, Cents),
    debits: (u64, Cents),
    /// Entries of any status: what NbOfNtries counts.
    entries: u64,
    /// An entry could not be read: totals mean nothing then.
    faulty: bool,
}

impl Sums {
    fn net(&self) -> Cents {
        self.credits.1 - self.debits.1
    }
}

fn balance<'a>(statement: &'a Node, code: &str) -> Option<&'a Node> {
    statement.children.iter().find(|n| &*n.name == "Bal" && n.text_at(&["Tp", "CdOrPrtry", "Cd"]) == Some(code))
}

fn read_balance(node: &Node, at: &str, expected: Expected<'_>, faults: &mut Faults) -> Option<(Cents, Date)> {
    let at = format!("{at}/Bal {}", node.text_at(&["Tp", "CdOrPrtry", "Cd"]).unwrap_or_default());
    let amount = faults.take(&at, amount(node, expected));
    let sign = faults.take(&at, sign(node));
    let date = faults.take(&at, date(node, "Dt"));
    let (amount, credit, date) = (amount?, sign?, date?);
    Some((if credit { amount } else { -amount }, date))
}

fn read_entry(
    entry: &Node,
    at: &str,
    expected: Expected<'_>,
    faults: &mut Faults,
    sums: &mut Sums,
    lines: &mut Vec<BankLine>,
) {
    sums.entries += 1;
    // Version 2 has the code as text, later ones in Cd. Only booked entries are in the balances.
    let status = entry.text_at(&["Sts", "Cd"]).or_else(|| entry.text_at(&["Sts"]));
    match status {
        Some("BOOK") => {}
        Some("PDNG" | "INFO" | "FUTR") => return,
        Some(other) => {
            faults.add(at, value("Sts", other, "BOOK, PDNG, INFO or FUTR"));
            sums.faulty = true;
            return;
        }
        None => {
            faults.add(at, Wrong::Missing("Sts"));
            sums.faulty = true;
            return;
        }
    }
    let amount = faults.take(at, amount(entry, expected));
    let credit = faults.take(at, sign(entry));
    let booked_on = faults.take(at, date(entry, "BookgDt"));
    let reversal = faults.take(at, indicator(entry, "RvslInd"));
    let (Some(amount), Some(credit), Some(booked_on), Some(reversal)) = (amount, credit, booked_on, reversal) else {
        sums.faulty = true;
        return;
    };
    let sum = if credit { &mut sums.credits } else { &mut sums.debits };
    *sum = (sum.0 + 1, sum.1 + amount);
    let signed = if credit { amount } else { -amount };

    let details: Vec<&Node> = entry.all("NtryDtls").flat_map(|d| d.all("TxDtls")).collect();
    let base = Booking { entry, booked_on, reversal };
    let mut push = |line: Option<BankLine>| lines.extend(line.filter(|l| l.cents != Cents::ZERO));
    match details.as_slice() {
        [] => push(base.line(None, at, signed, faults)),
        [only] => {
            if let Some(stated) = faults.take(at, detail_amount(only, credit, expected)).flatten()
                && stated != signed
            {
                faults.add(at, Wrong::Total { what: "Amt of the entry", stated: signed, computed: stated });
            }
            push(base.line(Some(only), at, signed, faults));
        }
        several => {
            let mut total = Cents::ZERO;
            for (i, detail) in several.iter().enumerate() {
                let at = format!("{at}/TxDtls[{}]", i + 1);
                match faults.take(&at, detail_amount(detail, credit, expected)) {
                    Some(Some(cents)) => {
                        total = total + cents;
                        push(base.line(Some(detail), &at, cents, faults));
                    }
                    Some(None) => {
                        faults.add(&at, Wrong::Missing("Amt"));
                        return;
                    }
                    None => return,
                }
            }
            if total != signed {
                faults.add(at, Wrong::Total { what: "Amt of the entry", stated: signed, computed: total });
            }
        }
    }
}

/// What every line of an entry shares.
struct Booking<'a> {
    entry: &'a Node,
    booked_on: Date,
    reversal: bool,
}

impl Booking<'_> {
    fn line(&self, detail: Option<&Node>, at: &str, cents: Cents, faults: &mut Faults) -> Option<BankLine> {
        let refs = |name: &str| detail.and_then(|d| d.text_at(&["Refs", name])).filter(|r| *r != "NOTPROVIDED");
        let mut remittance = Vec::new();
        if let Some(info) = detail.and_then(|d| d.child("RmtInf")) {
            remittance.extend(info.all("Ustrd").map(Node::text));
            for structured in info.all("Strd") {
                remittance.extend(structured.text_at(&["CdtrRefInf", "Ref"]));
                remittance.extend(structured.all("AddtlRmtInf").map(Node::text));
            }
        }
        if remittance.iter().all(|t| t.is_empty()) {
            remittance.extend(detail.and_then(|d| d.text_at(&["AddtlTxInf"])));
            remittance.extend(self.entry.text_at(&["AddtlNtryInf"]));
        }
        let remittance = remittance.join(" ").trim().to_owned();
        let (party, ultimate) = if cents > Cents::ZERO { ("Dbtr", "UltmtDbtr") } else { ("Cdtr", "UltmtCdtr") };
        // Version 8 put `Pty` between the party and its name.
        let name = |party: &str| {
            let parties = detail?.child("RltdPties")?;
            parties.text_at(&[party, "Nm"]).or_else(|| parties.text_at(&[party, "Pty", "Nm"]))
        };
        let counterparty = name(party).or_else(|| name(ultimate)).unwrap_or_default().to_owned();
        for (what, text) in [("RmtInf", &remittance), ("Nm", &counterparty)] {
            if text.chars().count() > MAX_TEXT {
                faults.add(at, Wrong::TooLong(what, MAX_TEXT));
                return None;
            }
        }
        let end_to_end = refs("EndToEndId").unwrap_or_default().to_owned();
        // NtryRef is left out on purpose: banks number entries per file with it.
        let bank_reference = refs("AcctSvcrRef")
            .or_else(|| self.entry.text_at(&["AcctSvcrRef"]))
            .or_else(|| refs("TxId"))
            .or_else(|| refs("EndToEndId"))
            .map_or_else(|| reference_from_text(&remittance, &counterparty), str::to_owned);
        for (what, text) in [("EndToEndId", &end_to_end), ("AcctSvcrRef", &bank_reference)] {
            if text.chars().count() > MAX_REFERENCE {
                faults.add(at, Wrong::TooLong(what, MAX_REFERENCE));
                return None;
            }
        }
        let returned = detail.is_some_and(|d| d.child("RtrInf").is_some());
        Some(BankLine {
            location: at.to_owned(),
            booked_on: self.booked_on,
            cents,
            reversal: self.reversal || returned,
            counterparty,
            remittance,
            bank_reference,
            end_to_end,
        })
    }
}

fn amount(node: &Node, expected: Expected<'_>) -> Result<Cents, Wrong> {
    let amount = node.child("Amt").ok_or(Wrong::Missing("Amt"))?;
    let currency = amount.attribute("Ccy").ok_or(Wrong::Missing("Amt/@Ccy"))?;
    if currency != expected.currency {
        return Err(Wrong::Currency { found: quoted(currency), expected: expected.currency.to_owned() });
    }
    Cents::parse_decimal(amount.text()).map_err(|_| value("Amt", amount.text(), "an amount with at most two decimals"))
}

/// The signed amount of one transaction, if it states one in the session's currency: `Amt` since version 3,
/// `AmtDtls/TxAmt/Amt` in version 2. A transfer that was ordered in another currency states that one elsewhere.
fn detail_amount(detail: &Node, entry_is_credit: bool, expected: Expected<'_>) -> Result<Option<Cents>, Wrong> {
    let holder = if detail.child("Amt").is_some() { Some(detail) } else { detail.at(&["AmtDtls", "TxAmt"]) };
    let Some(holder) = holder.filter(|h| h.child("Amt").is_some_and(|a| a.attribute("Ccy") == Some(expected.currency)))
    else {
        return Ok(None);
    };
    let cents = amount(holder, expected)?;
    let credit = if detail.child("CdtDbtInd").is_some() { sign(detail)? } else { entry_is_credit };
    Ok(Some(if credit { cents } else { -cents }))
}

fn sign(node: &Node) -> Result<bool, Wrong> {
    match node.text_at(&["CdtDbtInd"]).ok_or(Wrong::Missing("CdtDbtInd"))? {
        "CRDT" => Ok(true),
        "DBIT" => Ok(false),
        other => Err(value("CdtDbtInd", other, "CRDT or DBIT")),
    }
}

fn indicator(node: &Node, name: &'static str) -> Result<bool, Wrong> {
    match node.text_at(&[name]) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => Err(value(name, other, "true or false")),
    }
}

/// The date in `name`, given as `Dt` or as the first ten characters of `DtTm`.
fn date(node: &Node, name: &'static str) -> Result<Date, Wrong> {
    let text = node.text_at(&[name, "Dt"]).or_else(|| node.text_at(&[name, "DtTm"])).ok_or(Wrong::Missing(name))?;
    // A date may carry an offset in XML Schema; the day printed is what counts.
    let day = text.get(..10).unwrap_or(text);
    day.parse().map_err(|_| value(name, text, "a date such as 2026-03-20"))
}

/// The totals that a bank may add, if it does.
fn check_summary(statement: &Node, at: &str, sums: &Sums, faults: &mut Faults) {
    let Some(summary) = statement.child("TxsSummry").filter(|_| !sums.faulty) else { return };
    let both = (sums.credits.0 + sums.debits.0, sums.credits.1 + sums.debits.1);
    let totals = [
        ("TtlNtries", "TxsSummry/TtlNtries", both),
        ("TtlCdtNtries", "TxsSummry/TtlCdtNtries", sums.credits),
        ("TtlDbtNtries", "TxsSummry/TtlDbtNtries", sums.debits),
    ];
    for (name, what, (count, sum)) in totals {
        let Some(total) = summary.child(name) else { continue };
        if let Some(text) = total.text_at(&["Sum"]) {
            match Cents::parse_decimal(text) {
                Ok(stated) if stated == sum => {}
                Ok(stated) => faults.add(at, Wrong::Total { what, stated, computed: sum }),
                Err(_) => faults.add(at, value(what, text, "an amount with at most two decimals")),
            }
        }
        if let Some(text) = total.text_at(&["NbOfNtries"]) {
            match text.parse::<u64>() {
                // Banks differ on whether entries that are not booked count.
                Ok(stated) if stated == count || (name == "TtlNtries" && stated == sums.entries) => {}
                Ok(stated) => faults.add(at, Wrong::Count { what, stated, computed: count }),
                Err(_) => faults.add(at, value(what, text, "a number")),
            }
        }
    }
}
