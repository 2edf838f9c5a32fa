//! `integration allocate < FILE`: the jury's what-if tool for one filière, without database or broker.
//!
//! Input: `{"capacities":{school:seats},"preferences":{candidate:[school, …]},"rankings":{school:[candidate, …]}}`.
//! Output, on one line, every map sorted by key: `{"proposals":{candidate:school},"last_called":{school:position}}`.
//! Who gets nothing is absent from `proposals`; `last_called` names every school, 0 where nobody was called. A table of
//! candidates who did not ask, an unknown name, a duplicate or an impossible number of seats is refused, every fault
//! named at once: a JSON array on standard error, exit 2.

mod json;
mod read;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, Read, Write},
    process::ExitCode,
};

use serde::Serialize;

use crate::domain::{
    allocation::allocate,
    market::{Lists, Market},
};
use read::Question;

/// Exit status for an input that is refused.
const REFUSED: u8 = 2;

#[derive(Serialize)]
struct Answer<'a> {
    proposals: BTreeMap<&'a str, &'a str>,
    last_called: BTreeMap<&'a str, u32>,
}

/// Reads a question from `input`, writes its answer to `output`, or every fault of it to `errors`. `arguments` are those
/// after the command; it takes none.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    mut input: impl Read,
    mut output: impl Write,
    mut errors: impl Write,
) -> ExitCode {
    let unasked = |argument| format!("allocate takes its question from standard input, and no argument {argument:?}");
    let unasked: Vec<String> = arguments.into_iter().map(unasked).collect();
    let mut text = Vec::new();
    let answered = if unasked.is_empty() {
        match input.read_to_end(&mut text) {
            Ok(_) => answer(&text),
            Err(error) => Err(vec![format!("standard input cannot be read: {error}")]),
        }
    } else {
        // A file named here would be waited for on a terminal.
        Err(unasked)
    };
    let (written, code) = match answered {
        Ok(line) => (writeln!(output, "{line}").and_then(|()| output.flush()), ExitCode::SUCCESS),
        Err(faults) => (refuse(&mut errors, &faults), ExitCode::from(REFUSED)),
    };
    // A reader that has gone away is told by the exit status; there is nowhere left to say it.
    written.map_or(ExitCode::FAILURE, |()| code)
}

fn refuse(errors: &mut impl Write, faults: &[String]) -> io::Result<()> {
    writeln!(errors, "{}", serde_json::to_string(faults)?)
}

/// The answer as one line of JSON, or every fault of the question.
///
/// # Errors
/// Each fault, in words, in the order of the input.
pub fn answer(text: &[u8]) -> Result<String, Vec<String>> {
    let document = json::parse(text).map_err(|fault| vec![fault])?;
    let question = Question::read(&document)?;
    let tables: Lists = question.tables.iter().map(|table| table.iter().copied()).collect();
    let wishes: Lists = question.wishes.iter().map(|wishes| wishes.iter().copied()).collect();
    let capacities = question.capacities.clone();
    let market = Market::new(capacities, &wishes, tables).map_err(|malformed| vec![malformed.to_string()])?;
    let matching = allocate(&market);
    let proposals = question.candidates.iter().enumerate().filter_map(|(index, candidate)| {
        let school = matching.programme_of(index)?;
        Some((*candidate, question.schools[school as usize]))
    });
    let last_called = question.schools.iter().enumerate().map(|(index, school)| (*school, matching.last_called(index)));
    let answer = Answer { proposals: proposals.collect(), last_called: last_called.collect() };
    serde_json::to_string(&answer).map_err(|error| vec![error.to_string()])
}
