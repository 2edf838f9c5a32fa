//! The bank: statements as it would send them, camt.053 XML and CFONB 120.

use std::fmt::Write as _;

use jiff::civil::Date;

/// One line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Day on which it was booked.
    pub booked: Date,
    /// Signed cents: positive came in, negative went out.
    pub cents: i64,
    /// Who paid, or was paid.
    pub counterparty: String,
    /// What they wrote.
    pub remittance: String,
    /// The bank's own reference: no two lines of an account share one.
    pub reference: String,
    /// The bank took an earlier payment back.
    pub reversal: bool,
}

/// A statement of one account.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// IBAN of the account.
    pub iban: &'a str,
    /// ISO 4217.
    pub currency: &'a str,
    /// Balance before the first line, cents.
    pub opening: i64,
    /// Its lines.
    pub lines: &'a [Line],
    /// First and last day.
    pub days: (Date, Date),
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Statement<'_> {
    fn closing(&self) -> i64 {
        self.opening + self.lines.iter().map(|l| l.cents).sum::<i64>()
    }

    /// As camt.053.001.08.
    #[must_use]
    pub fn camt053(&self) -> String {
        let sign = |cents: i64| if cents < 0 { "DBIT" } else { "CRDT" };
        let balance = |code: &str, cents: i64, day: Date| {
            format!(
                "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"{}\">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>\n",
                self.currency,
                decimal(cents),
                sign(cents)
            )
        };
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\n\
             <GrpHdr><MsgId>ST-{last}</MsgId><CreDtTm>{last}T20:00:00</CreDtTm></GrpHdr>\n<Stmt><Id>{first}-{last}</Id>\n\
             <Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{ccy}</Ccy></Acct>\n",
            first = self.days.0,
            last = self.days.1,
            iban = self.iban,
            ccy = self.currency
        );
        xml += &balance("OPBD", self.opening, self.days.0);
        xml += &balance("CLBD", self.closing(), self.days.1);
        for line in self.lines {
            let party = if line.cents < 0 { "Cdtr" } else { "Dbtr" };
            let reversal = if line.reversal { "<RvslInd>true</RvslInd>" } else { "" };
            let _ = writeln!(
                xml,
                "<Ntry><Amt Ccy=\"{ccy}\">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{reversal}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>\
                 <AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef></Refs>\
                 <Amt Ccy=\"{ccy}\">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><RltdPties><{party}><Pty><Nm>{who}</Nm></Pty></{party}></RltdPties>\
                 <RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
                ccy = self.currency,
                amount = decimal(line.cents),
                sign = sign(line.cents),
                day = line.booked,
                reference = line.reference,
                who = escape(&line.counterparty),
                text = escape(&line.remittance)
            );
        }
        xml + "</Stmt></BkToCstmrStmt></Document>\n"
    }

    /// As CFONB 120: fixed-width lines of 120 characters, the sign and last digit of an amount in one overpunched letter.
    #[must_use]
    pub fn cfonb120(&self) -> String {
        // A French IBAN holds bank, branch and account: FRkk BBBB BGGG GGCC CCCC CCCC CKK.
        let part = |from: usize, to: usize| self.iban.get(from..to).unwrap_or_default().to_owned();
        let (bank, branch, account) = (part(4, 9), part(9, 14), part(14, 25));
        let mut text = String::new();
        let balance = |kind: &str, day: Date, cents: i64| {
            record(&[
                (1, kind),
                (3, &bank),
                (12, &branch),
                (17, self.currency),
                (20, "2"),
                (22, &account),
                (35, &short(day)),
                (91, &overpunch(cents)),
            ])
        };
        text += &balance("01", self.days.0, self.opening);
        for line in self.lines {
            let operation = match (line.cents < 0, line.reversal) {
                (_, true) => "06",
                (true, false) => "21",
                (false, false) => "18",
            };
            // Columns 41–42 give the reason of a rejection; blank for an ordinary movement.
            let reason = if line.reversal { "01" } else { "" };
            let label: String = ascii(&line.counterparty).chars().take(31).collect();
            // Positions as in the standard: operation code 33–34, dates 35–40 and 43–48, label 49–79, entry number 82–88.
            let number: String = line.reference.chars().rev().take(7).collect::<Vec<_>>().into_iter().rev().collect();
            text += &record(&[
                (1, "04"),
                (3, &bank),
                (12, &branch),
                (17, self.currency),
                (20, "2"),
                (22, &account),
                (33, operation),
                (35, &short(line.booked)),
                (41, reason),
                (43, &short(line.booked)),
                (49, &label),
                (82, &number),
                (91, &overpunch(line.cents)),
            ]);
            let mut details = vec![("NPY", ascii(&line.counterparty)), ("RCN", ascii(&line.reference))];
            let remittance: Vec<char> = ascii(&line.remittance).chars().collect();
            details.extend(remittance.chunks(70).map(|chunk| ("LCC", chunk.iter().collect())));
            for (qualifier, value) in details {
                let value: String = value.chars().take(70).collect();
                text += &record(&[
                    (1, "05"),
                    (3, &bank),
                    (12, &branch),
                    (17, self.currency),
                    (20, "2"),
                    (22, &account),
                    (33, operation),
                    (35, &short(line.booked)),
                    (46, qualifier),
                    (49, &value),
                ]);
            }
        }
        text + &balance("07", self.days.1, self.closing())
    }
}

fn short(day: Date) -> String {
    format!("{:02}{:02}{:02}", day.day(), day.month(), day.year() % 100)
}

/// One line of 120 characters with each value at its position, the first being 1.
fn record(parts: &[(usize, &str)]) -> String {
    let mut line = vec![' '; 120];
    for (at, value) in parts {
        for (i, c) in value.chars().enumerate() {
            if let Some(cell) = line.get_mut(at - 1 + i) {
                *cell = c;
            }
        }
    }
    line.into_iter().collect::<String>() + "\n"
}

/// Fourteen characters, the last one carrying digit and sign: `{ A…I` are +0…+9, `} J…R` are -0…-9.
fn overpunch(cents: i64) -> String {
    let digits = format!("{:014}", cents.abs());
    let (head, last) = digits.split_at(13);
    let last = last.parse::<usize>().unwrap_or(0);
    let letters = if cents < 0 { "}JKLMNOPQR" } else { "{ABCDEFGHI" };
    format!("{head}{}", letters.chars().nth(last).unwrap_or('{'))
}

/// What the interbank system leaves of a text.
fn ascii(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            'à' | 'â' | 'ä' | 'À' => "A".chars().collect::<Vec<_>>(),
            'ç' | 'Ç' => vec!['C'],
            'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' => vec!['E'],
            'î' | 'ï' | 'Î' => vec!['I'],
            'ô' | 'ö' | 'Ô' => vec!['O'],
            'ù' | 'û' | 'ü' | 'Ü' => vec!['U'],
            'œ' | 'Œ' => vec!['O', 'E'],
            c if c.is_ascii() => vec![c.to_ascii_uppercase()],
            _ => vec![' '],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_overpunched_as_the_standard_prints_them() {
        assert_eq!(overpunch(7600), "0000000000760{");
        assert_eq!(overpunch(-7601), "0000000000760J");
        assert_eq!(overpunch(9), "0000000000000I");
    }

    #[test]
    fn every_cfonb_line_is_120_characters() {
        let lines = [Line {
            booked: Date::constant(2026, 3, 2),
            cents: 7600,
            counterparty: "Bœuf-Élan".into(),
            remittance: "ADM-000123-K ".repeat(12),
            reference: "R1".into(),
            reversal: false,
        }];
        let statement = Statement {
            iban: "FR7610071420000000100289731",
            currency: "EUR",
            opening: 0,
            lines: &lines,
            days: (Date::constant(2026, 3, 1), Date::constant(2026, 3, 3)),
        };
        assert!(statement.cfonb120().lines().all(|l| l.chars().count() == 120));
        assert_eq!(statement.cfonb120().lines().count(), 2 + 1 + 2 + 3);
    }
}
