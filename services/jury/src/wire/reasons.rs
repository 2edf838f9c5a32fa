//! What is wrong or missing, as reasons that the portal has sentences for. Dossiers, schools, filières and exams travel by
//! their id.

use contracts::machinery::Reason;

use crate::{
    commands::{BatchFault, EntryFault, RowFault},
    domain::{CsvFault, Incomplete, MarkInvalid, NamedBadly, RankingFault, Refused},
};

/// What a candidature does not allow.
pub fn candidature(refused: &Refused) -> Reason {
    let reason = |code| Reason::new(code, refused);
    match refused {
        Refused::NotApplied { dossier, school, .. } => {
            reason("NOT_APPLIED").with("dossier", dossier).with("school", school)
        }
        Refused::ClosedByTables { dossier, school } => {
            reason("CLOSED_BY_TABLES").with("dossier", dossier).with("school", school)
        }
        Refused::Signed { dossier } => reason("ADMISSIBILITY_SIGNED").with("dossier", dossier),
        Refused::NotSigned { dossier } => reason("ADMISSIBILITY_NOT_SIGNED").with("dossier", dossier),
        Refused::Undecided { dossier } => reason("UNDECIDED").with("dossier", dossier),
        Refused::Undetermined { dossier, schools } => {
            reason("UNDETERMINED").with("dossier", dossier).with("schools", schools.join(","))
        }
        Refused::NotRecevableAnywhere { dossier } => reason("NOT_RECEVABLE_ANYWHERE").with("dossier", dossier),
        Refused::Annulled { dossier } => reason("ANNULLED").with("dossier", dossier),
        Refused::NothingToCorrect { dossier } => reason("NOTHING_TO_CORRECT").with("dossier", dossier),
        Refused::NotAdmissible { dossier } => reason("NOT_ADMISSIBLE").with("dossier", dossier),
        Refused::UnknownExam { exam, exams } => {
            reason("UNKNOWN_EXAM").with("given", exam).with("exams", exams.join(","))
        }
        Refused::ResultExists { dossier, exam } => reason("RESULT_EXISTS").with("dossier", dossier).with("exam", exam),
    }
}

/// What keeps a dossier off a table.
pub fn ranking(fault: &RankingFault) -> Reason {
    let reason = |code| Reason::new(code, fault);
    match fault {
        RankingFault::Duplicate { dossier, first } => {
            reason("RANKED_TWICE").with("dossier", dossier).with("first", first)
        }
        RankingFault::NoCandidature { dossier } => reason("NO_CANDIDATURE").with("dossier", dossier),
        RankingFault::OtherFiliere { dossier, filiere } => {
            reason("OTHER_FILIERE").with("dossier", dossier).with("filiere", filiere)
        }
        RankingFault::Annulled { dossier } => reason("ANNULLED").with("dossier", dossier),
        RankingFault::NotAdmissible { dossier } => reason("NOT_ADMISSIBLE").with("dossier", dossier),
        RankingFault::NotApplied { dossier, school } => {
            reason("NOT_APPLIED").with("dossier", dossier).with("school", school)
        }
        RankingFault::NotRecevable { dossier, school } => {
            reason("NOT_RECEVABLE").with("dossier", dossier).with("school", school)
        }
        RankingFault::Eliminated { dossier, exam } => reason("ELIMINATED").with("dossier", dossier).with("exam", exam),
        RankingFault::ResultMissing { dossier, exam } => {
            reason("RESULT_MISSING").with("dossier", dossier).with("exam", exam)
        }
    }
}

/// What is missing for the admission.
pub fn incomplete(fault: &Incomplete) -> Reason {
    match fault {
        Incomplete::NoTable { cell, rankable } => Reason::new("NO_TABLE", fault)
            .with("school", &cell.school)
            .with("filiere", &cell.filiere)
            .with("n", rankable),
        Incomplete::NoResult { dossier, exam } => {
            Reason::new("RESULT_MISSING", fault).with("dossier", dossier).with("exam", exam)
        }
        Incomplete::Fault { fault, .. } => ranking(fault),
    }
}

fn named(fault: &NamedBadly) -> Reason {
    let code = match fault {
        NamedBadly::Neither => "DOSSIER_NOT_NAMED",
        NamedBadly::Both => "ID_AND_NUMBER",
        NamedBadly::NoId => "INVALID_ID",
    };
    Reason::new(code, fault)
}

fn mark(fault: &MarkInvalid) -> Reason {
    match fault {
        MarkInvalid::Malformed { text } => Reason::new("MARK_MALFORMED", fault).with("given", text),
        MarkInvalid::AboveScale { given, highest } => {
            Reason::new("MARK_ABOVE_SCALE", fault).with("given", given).with("highest", highest)
        }
    }
}

/// What is wrong with a row of results.
pub fn row(fault: &RowFault) -> Reason {
    match fault {
        RowFault::Named(fault) => named(fault),
        RowFault::Mark(fault) => mark(fault),
        RowFault::MarkAndAbsent => Reason::new("MARK_AND_ABSENT", fault),
        RowFault::Correction { most } => Reason::new("CORRECTION_REASON_INVALID", fault).with("most", most),
        RowFault::NoCandidature { given } => Reason::new("NO_SUCH_CANDIDATURE", fault).with("given", given),
        RowFault::NotPublished => Reason::new("ADMISSIBILITY_NOT_PUBLISHED", fault),
        RowFault::Candidature(refused) => candidature(refused),
    }
}

/// What is wrong with an entry of a merit list.
pub fn entry(fault: &EntryFault) -> Reason {
    match fault {
        EntryFault::Named(fault) => named(fault),
        EntryFault::UnknownNumber { number } => Reason::new("UNKNOWN_NUMBER", fault).with("number", number),
        EntryFault::NoScore => Reason::new("SCORE_INVALID", fault),
        EntryFault::Ranking(fault) => ranking(fault),
    }
}

/// What is wrong with a decision among many.
pub fn batch(fault: &BatchFault) -> Reason {
    match fault {
        BatchFault::UnknownOrTwice { dossier } => Reason::new("UNKNOWN_OR_TWICE", fault).with("dossier", dossier),
        BatchFault::Candidature(refused) => candidature(refused),
    }
}

/// What is wrong with another route's list.
pub fn csv(fault: &CsvFault) -> Reason {
    let reason = |code| Reason::new(code, fault);
    match fault {
        CsvFault::NotUtf8 => reason("CSV_NOT_UTF8"),
        CsvFault::Empty => reason("CSV_EMPTY"),
        CsvFault::NoColumn { column } => reason("CSV_NO_COLUMN").with("column", column),
        CsvFault::Quote { line } => reason("CSV_QUOTE").with("line", line),
        CsvFault::Fields { line, fields, expected } => {
            reason("CSV_FIELDS").with("line", line).with("fields", fields).with("expected", expected)
        }
        CsvFault::NoName { line, column } => reason("CSV_NO_NAME").with("line", line).with("column", column),
        CsvFault::LongName { line, column } => reason("CSV_LONG_NAME").with("line", line).with("column", column),
        CsvFault::TooLong { most } => reason("CSV_TOO_LONG").with("most", most),
    }
}
