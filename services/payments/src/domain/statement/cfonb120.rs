//! CFONB 120: the French banks' statement in records of 120 characters: 01 opening balance, 04 movement, 05 its
//! complement, 07 closing balance.

use jiff::civil::Date;

use super::{
    BankLine, Cents, Expected, Faults, MAX_LINES, MAX_TEXT, Statement, Unreadable, Wrong, latin1, quoted,
    reference_from_text, value,
};
use crate::domain::money::MAX_AMOUNT;

const LENGTH: usize = 120;

pub fn read(bytes: &[u8], expected: Expected<'_>) -> Result<Vec<Statement>, Unreadable> {
    let records = records(bytes)?;
    let mut faults = Faults::default();
    let mut reader = Reading { expected, open: None, done: Vec::new(), lines: 0 };
    for (number, record) in &records {
        let at = format!("line {number}");
        if let Err(what) = reader.record(record, &at, &mut faults) {
            faults.add(&at, what);
            if let Some(open) = &mut reader.open {
                open.faulty = true;
            }
        }
        if reader.lines > MAX_LINES {
            return Err(Unreadable::TooManyLines);
        }
    }
    let last = records.last().map_or(1, |(number, _)| *number);
    if reader.open.is_some() {
        faults.add(&format!("line {last}"), Wrong::Missing("record 07"));
    } else if reader.done.is_empty() && faults.0.is_empty() {
        faults.add("line 1", Wrong::Missing("record 01"));
    }
    faults.finish(reader.done)
}

/// Splits a file into its records, each with its line number: by line ends, or every 120 characters if there are none.
fn records(bytes: &[u8]) -> Result<Vec<(usize, Record)>, Unreadable> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // The format is single-byte; a file that went through a UTF-8 editor is read too.
    let text = std::str::from_utf8(bytes).map_or_else(|_| latin1(bytes), str::to_owned);
    if !text.contains('\n') {
        let all: Vec<char> = text.trim_end_matches(['\r', '\u{1a}']).chars().collect();
        return all.chunks(LENGTH).enumerate().map(|(i, c)| Ok((i + 1, Record::new(i + 1, c.to_vec())?))).collect();
    }
    text.lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_end_matches(['\r', '\u{1a}'])))
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| Ok((number, Record::new(number, line.chars().collect())?)))
        .collect()
}

/// One record of exactly 120 characters.
struct Record(Vec<char>);

impl Record {
    fn new(line: usize, mut chars: Vec<char>) -> Result<Self, Unreadable> {
        // Some tools cut trailing blanks; a record has its length for all that.
        while chars.len() > LENGTH && chars.last() == Some(&' ') {
            chars.pop();
        }
        if chars.len() != LENGTH {
            return Err(Unreadable::NotCfonb120 { line, found: chars.len() });
        }
        Ok(Self(chars))
    }

    /// Columns `from..=to`, counted from 1 as the CFONB prints them.
    fn columns(&self, from: usize, to: usize) -> String {
        self.0.get(from.saturating_sub(1)..to).unwrap_or_default().iter().collect()
    }

    fn trimmed(&self, from: usize, to: usize) -> String {
        self.columns(from, to).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Bank, branch and account number: the national identifier inside a French IBAN.
    fn account(&self) -> String {
        format!("{}{}{}", self.columns(3, 7), self.columns(12, 16), self.columns(22, 32))
    }

    fn date(&self) -> Result<Date, Wrong> {
        let text = self.columns(35, 40);
        let part = |range: std::ops::Range<usize>| text.get(range).and_then(|t| t.parse::<i16>().ok());
        let all_digits = text.bytes().all(|b| b.is_ascii_digit());
        let day_month_year = (part(0..2), part(2..4), part(4..6));
        let date = match day_month_year {
            // Two digits of a year: this format and these sessions are of this century.
            (Some(day), Some(month), Some(year)) if all_digits => {
                Date::new(2000 + year, i8::try_from(month).unwrap_or(0), i8::try_from(day).unwrap_or(0)).ok()
            }
            _ => None,
        };
        date.ok_or_else(|| value("the date (35-40)", &text, "a day as DDMMYY"))
    }

    /// Columns 91 to 104: thirteen digits and one that carries the sign, in cents of the session's currency.
    fn amount(&self, expected: Expected<'_>) -> Result<Cents, Wrong> {
        let currency = self.columns(17, 19);
        if currency != expected.currency {
            return Err(Wrong::Currency { found: quoted(&currency), expected: expected.currency.to_owned() });
        }
        let text = self.columns(91, 104);
        let refuse = || value("the amount (91-104)", &text, "13 digits and a signed last one, in whole cents");
        let decimals = self.columns(20, 20).parse::<u32>();
        let decimals = match decimals {
            Ok(decimals) if decimals <= 9 => decimals,
            _ => return Err(value("the number of decimals (20)", &self.columns(20, 20), "a digit")),
        };
        let mut digits = text.clone();
        let last = digits.pop().ok_or_else(refuse)?;
        let (digit, negative) = overpunched(last).ok_or_else(refuse)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let units = digits.parse::<i64>().ok().and_then(|d| d.checked_mul(10)).and_then(|d| d.checked_add(digit));
        let units = units.ok_or_else(refuse)?;
        let cents = if decimals <= 2 {
            units.checked_mul(10i64.pow(2 - decimals)).ok_or_else(refuse)?
        } else {
            let unit = 10i64.pow(decimals - 2);
            if units % unit != 0 {
                return Err(refuse());
            }
            units / unit
        };
        if cents > MAX_AMOUNT {
            return Err(refuse());
        }
        Ok(Cents::new(if negative { -cents } else { cents }))
    }
}

/// The last character of an amount: its digit, and whether the amount is a debit.
fn overpunched(c: char) -> Option<(i64, bool)> {
    let at = |first: char, c: char| i64::from(u32::from(c)) - i64::from(u32::from(first));
    match c {
        '{' => Some((0, false)),
        'A'..='I' => Some((1 + at('A', c), false)),
        '}' => Some((0, true)),
        'J'..='R' => Some((1 + at('J', c), true)),
        _ => None,
    }
}

/// A statement whose 07 has not come yet.
struct Open {
    account: String,
    opening_date: Date,
    opening: Cents,
    total: Cents,
    lines: Vec<BankLine>,
    /// References and labels of the last movement, until its complements are read.
    pending: Option<Pending>,
    /// The last movement could not be read: its complements are no fault of their own.
    astray: bool,
    faulty: bool,
}

struct Pending {
    line: BankLine,
    number: String,
    texts: Vec<String>,
}

impl Open {
    /// The last movement is complete: no further 05 belongs to it.
    fn flush(&mut self, faults: &mut Faults) {
        let Some(Pending { mut line, number, texts }) = self.pending.take() else { return };
        line.remittance = texts.join(" ");
        if line.remittance.chars().count() > MAX_TEXT {
            faults.add(&line.location, Wrong::TooLong("the remittance text", MAX_TEXT));
            return;
        }
        // Entry numbers start again every so often: the payer's own reference keeps two of them apart.
        let number = if number.trim_matches(['0', ' ']).is_empty() { String::new() } else { number };
        line.bank_reference = [number.as_str(), line.end_to_end.as_str()].join(" ").trim().to_owned();
        if line.bank_reference.is_empty() {
            line.bank_reference = reference_from_text(&line.remittance, &line.counterparty);
        }
        if line.cents != Cents::ZERO {
            self.lines.push(line);
        }
    }
}

struct Reading<'a> {
    expected: Expected<'a>,
    open: Option<Open>,
    done: Vec<Statement>,
    lines: usize,
}

impl Reading<'_> {
    fn record(&mut self, record: &Record, at: &str, faults: &mut Faults) -> Result<(), Wrong> {
        let code = record.columns(1, 2);
        match (code.as_str(), &mut self.open) {
            ("01", None) => self.opens(record),
            ("04", Some(open)) => {
                open.flush(faults);
                self.lines += 1;
                movement(open, record, at, self.expected)
            }
            ("05", Some(open)) => complement(open, record),
            ("07", Some(open)) => {
                open.flush(faults);
                self.closes(record, at, faults)
            }
            ("01", Some(_)) => Err(Wrong::Order { found: "record 01".into(), after: "record 01 without its 07" }),
            ("04" | "05" | "07", None) => Err(Wrong::Order { found: format!("record {code}"), after: "no record 01" }),
            _ => Err(value("the record code (1-2)", &code, "01, 04, 05 or 07")),
        }
    }

    fn opens(&mut self, record: &Record) -> Result<(), Wrong> {
        let account = record.account();
        let open = Open {
            account,
            opening_date: Date::ZERO,
            opening: Cents::ZERO,
            total: Cents::ZERO,
            lines: Vec::new(),
            pending: None,
            astray: false,
            faulty: false,
        };
        // Open whatever is wrong with it, so that the records that follow are read too.
        let open = self.open.insert(open);
        let of_school = national_account(self.expected.iban);
        if Some(open.account.as_str()) != of_school {
            let found = quoted(&open.account);
            return Err(Wrong::Account { found, expected: of_school.unwrap_or(self.expected.iban).to_owned() });
        }
        open.opening_date = record.date()?;
        open.opening = record.amount(self.expected)?;
        Ok(())
    }

    fn closes(&mut self, record: &Record, at: &str, faults: &mut Faults) -> Result<(), Wrong> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let (closing_date, closing) = (record.date()?, record.amount(self.expected)?);
        same_account(&open, record)?;
        let computed = open.opening + open.total;
        if closing != computed && !open.faulty {
            faults.add(at, Wrong::Total { what: "the closing balance", stated: closing, computed });
        }
        self.done.push(Statement {
            iban: self.expected.iban.to_owned(),
            opening_date: open.opening_date,
            opening: open.opening,
            closing_date,
            closing,
            lines: open.lines,
        });
        Ok(())
    }
}

/// Bank, branch and account inside a French or Monegasque IBAN, whose national part is laid out as the format's.
fn national_account(iban: &str) -> Option<&str> {
    (matches!(iban.get(..2), Some("FR" | "MC")) && iban.len() == 27).then(|| iban.get(4..25)).flatten()
}

fn same_account(open: &Open, record: &Record) -> Result<(), Wrong> {
    let account = record.account();
    if account == open.account {
        Ok(())
    } else {
        Err(Wrong::Account { found: quoted(&account), expected: open.account.clone() })
    }
}

fn movement(open: &mut Open, record: &Record, at: &str, expected: Expected<'_>) -> Result<(), Wrong> {
    open.astray = true;
    same_account(open, record)?;
    let cents = record.amount(expected)?;
    let booked_on = record.date()?;
    open.total = open.total + cents;
    // The number of the entry, and what the bank puts into the reference zone.
    let number = [record.trimmed(82, 88), record.trimmed(105, 120)].join(" ").trim().to_owned();
    let line = BankLine {
        location: at.to_owned(),
        booked_on,
        cents,
        // A reason of rejection: the bank undoes an earlier movement.
        reversal: !record.columns(41, 42).trim_matches(['0', ' ']).is_empty(),
        counterparty: String::new(),
        remittance: String::new(),
        bank_reference: String::new(),
        end_to_end: String::new(),
    };
    let texts = vec![record.trimmed(49, 79), record.trimmed(105, 120)].into_iter().filter(|t| !t.is_empty()).collect();
    open.pending = Some(Pending { line, number, texts });
    open.astray = false;
    Ok(())
}

fn complement(open: &mut Open, record: &Record) -> Result<(), Wrong> {
    same_account(open, record)?;
    let Some(pending) = &mut open.pending else {
        if open.astray {
            return Ok(());
        }
        return Err(Wrong::Order { found: "record 05".into(), after: "no record 04" });
    };
    let text = record.trimmed(49, 118);
    match record.columns(46, 48).as_str() {
        // Who pays, who is paid.
        "NPY" if pending.line.cents > Cents::ZERO => pending.line.counterparty = text,
        "NBE" if pending.line.cents < Cents::ZERO => pending.line.counterparty = text,
        // The payer's own reference: 35 characters, then its kind.
        "RCN" => {
            let reference = record.trimmed(49, 83);
            if reference != "NOTPROVIDED" {
                pending.line.end_to_end = reference;
            }
        }
        _ => pending.texts.extend((!text.is_empty()).then_some(text)),
    }
    Ok(())
}
