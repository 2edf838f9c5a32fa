//! Refusals as callers read them: one stable reason each, documented in service.proto.

use contracts::machinery::Reason;
use notice::keys;
use platform::refusal::Refusal;
use tonic::Status;

use super::{merit, reasons};
use crate::{
    commands::{EntryFault, Refused, RowFault},
    domain::{ActRefused, AdmissionRefused, MarkInvalid, PeopleRefused, Refused as Candidature, TransferRefused},
    store::StoreError,
};

/// Faults named in one refusal: it travels in headers, whose size is limited. `ListMissing` names all.
pub const MOST_FAULTS: usize = 40;

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        let why = refused.to_string();
        match refused {
            Refused::Candidature(refused) => candidature(&refused),
            Refused::Act(refused) => act(&refused),
            Refused::Admission(refused) => admission(&refused),
            Refused::Transfer(refused) => transfer(refused),
            Refused::Mark(MarkInvalid::AboveScale { highest, .. }) => {
                Self::invalid("MARK_INVALID").field("mark", why).with("highest", highest.to_string())
            }
            Refused::Mark(MarkInvalid::Malformed { .. }) => Self::invalid("MARK_INVALID").field("mark", why),
            Refused::Csv(faults) => {
                fields("CSV_INVALID", why, faults.into_iter().map(|f| ("csv".into(), reasons::csv(&f))))
            }
            Refused::Ranking(faults) => {
                let named = faults.into_iter().map(|(line, f)| (format!("dossier_ids[{line}]"), reasons::ranking(&f)));
                fields("RANKING_INVALID", why, named)
            }
            Refused::Ties(groups) => {
                let named = groups.into_iter().map(|group| {
                    let ids: Vec<String> = group.dossiers.iter().take(8).map(ToString::to_string).collect();
                    let tied = Reason::new("TIED", ids.join(" ")).with("score", group.score);
                    (format!("entries[score={}]", group.score), tied.with("dossiers", ids.join(",")))
                });
                fields("TIES", why, named)
            }
            Refused::Batch(faults) => {
                let named = faults.into_iter().map(|(line, f)| (format!("decisions[{line}]"), reasons::batch(&f)));
                fields("BATCH_INVALID", why, named)
            }
            Refused::Merit(faults) => {
                let place = |entry: usize, fault: &EntryFault| format!("entries[{entry}].{}", merit::field(fault));
                let named = faults.into_iter().map(|(entry, f)| (place(entry, &f), reasons::entry(&f)));
                fields("MERIT_INVALID", why, named)
            }
            Refused::Rows(faults) => {
                let place = |line: usize, fault: &RowFault| match fault.field() {
                    Some(field) => format!("rows[{line}].{field}"),
                    None => format!("rows[{line}]"),
                };
                let named = faults.into_iter().map(|(line, f)| (place(line, &f), reasons::row(&f)));
                fields("BATCH_INVALID", why, named)
            }
            Refused::Incomplete(faults) => preconditions(
                "INCOMPLETE",
                why,
                faults.into_iter().map(|f| ("admission".into(), reasons::incomplete(&f))),
            ),
            Refused::Unready(faults) => {
                let named =
                    faults.into_iter().map(|f| (format!("dossier/{}", dossier_of(&f)), reasons::candidature(&f)));
                preconditions("UNDECIDED", why, named)
            }
            Refused::NoCandidature { dossier } => Self::not_found("NO_CANDIDATURE", format!("dossier/{dossier}"), why),
            Refused::UnknownCell { existing, .. } => {
                Self::invalid("UNKNOWN_CELL").field("school", why).allowed(existing)
            }
            Refused::BeforeCommission { key, opens_at } => {
                let refusal = Self::precondition("BEFORE_COMMISSION", key, why);
                match opens_at {
                    Some(at) => refusal.with("opens_at", at.to_string()),
                    None => refusal,
                }
            }
            Refused::CalendarUnknown => Self::retry_later("CALENDAR_UNKNOWN", "calendar", why),
            Refused::NothingToSign => Self::precondition("NOTHING_TO_SIGN", "admissibility", why),
            Refused::NotAllSigned { .. } => Self::precondition("NOT_SIGNED", "admissibility", why),
            Refused::NotPublished => not_published(),
            Refused::Ranked { dossier, .. } => Self::precondition("RANKED", format!("dossier/{dossier}"), why),
            Refused::NotOnTable { dossier, .. } => {
                Self::precondition("NOT_ON_TABLE", format!("dossier/{dossier}"), why)
            }
            Refused::AlreadyGranted { dossier, .. } => {
                Self::already_exists("ALREADY_GRANTED", format!("dossier/{dossier}"), why)
            }
            Refused::NoOpeningLeft => Self::precondition("NO_OPENING_LEFT", "periods", why),
            Refused::TooFewReaders { readers, .. } => {
                Self::precondition("TOO_FEW_READERS", "readers", why).with("readers", readers.to_string())
            }
            Refused::NoAct => Self::not_found("NO_ACT", "act", why),
            Refused::RequestReused { request } => {
                Self::already_exists("REQUEST_REUSED", format!("request/{request}"), why)
            }
            Refused::Store(error) => error.into(),
        }
    }
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        Refusal::from(refused).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Db(error) => error.into(),
            StoreError::Alien { .. } => Self::internal(error),
        }
    }
}

/// The one answer before the instant (R19): it depends on nothing but the question.
pub(crate) fn not_published() -> Refusal {
    Refusal::precondition("NOT_PUBLISHED", "results", "the results are not published yet")
}

fn fields(reason: &'static str, why: String, faults: impl ExactSizeIterator<Item = (String, Reason)>) -> Refusal {
    let refusal = Refusal::invalid(reason).with("faults", faults.len().to_string()).message(why);
    faults.take(MOST_FAULTS).fold(refusal, |refusal, (field, why)| refusal.because(field, why))
}

fn preconditions(
    reason: &'static str,
    why: String,
    faults: impl ExactSizeIterator<Item = (String, Reason)>,
) -> Refusal {
    let refusal = Refusal::failed(reason).with("faults", faults.len().to_string()).message(why);
    faults.take(MOST_FAULTS).fold(refusal, |refusal, (subject, why)| refusal.because(subject, why))
}

const fn dossier_of(refused: &Candidature) -> uuid::Uuid {
    match refused {
        Candidature::NotApplied { dossier, .. }
        | Candidature::ClosedByTables { dossier, .. }
        | Candidature::Signed { dossier }
        | Candidature::NotSigned { dossier }
        | Candidature::Undecided { dossier }
        | Candidature::Undetermined { dossier, .. }
        | Candidature::NotRecevableAnywhere { dossier }
        | Candidature::Annulled { dossier }
        | Candidature::NothingToCorrect { dossier }
        | Candidature::NotAdmissible { dossier }
        | Candidature::ResultExists { dossier, .. } => *dossier,
        Candidature::UnknownExam { .. } => uuid::Uuid::nil(),
    }
}

fn candidature(refused: &Candidature) -> Refusal {
    let why = refused.to_string();
    let subject = format!("dossier/{}", dossier_of(refused));
    let reason = match refused {
        Candidature::UnknownExam { exams, .. } => {
            return Refusal::invalid("UNKNOWN_EXAM").field("exam", why).allowed(exams);
        }
        Candidature::NotApplied { applied, .. } => {
            return Refusal::precondition("NOT_APPLIED", subject, why).allowed(applied);
        }
        Candidature::ClosedByTables { .. } => "CLOSED_BY_TABLES",
        Candidature::Signed { .. } => "ADMISSIBILITY_SIGNED",
        Candidature::NotSigned { .. } => "NOT_SIGNED",
        Candidature::Undecided { .. } | Candidature::Undetermined { .. } => "UNDECIDED",
        Candidature::NotRecevableAnywhere { .. } => "NOT_RECEVABLE_ANYWHERE",
        Candidature::Annulled { .. } => "ANNULLED",
        Candidature::NothingToCorrect { .. } => "NOTHING_TO_CORRECT",
        Candidature::NotAdmissible { .. } => "NOT_ADMISSIBLE",
        Candidature::ResultExists { .. } => "MARK_EXISTS",
    };
    Refusal::precondition(reason, subject, why)
}

fn act(refused: &ActRefused) -> Refusal {
    let why = refused.to_string();
    let reason = match refused {
        ActRefused::People(PeopleRefused::SamePerson { .. }) => return Refusal::denied("SAME_PERSON", "act", why),
        ActRefused::People(PeopleRefused::NoPresident { .. }) => return Refusal::denied("NO_PRESIDENT", "act", why),
        ActRefused::NotYours { .. } => return Refusal::denied("NOT_YOURS", "act", why),
        ActRefused::AlreadyConfirmed { .. } => "ALREADY_CONFIRMED",
        ActRefused::Replaced => "ACT_REPLACED",
        ActRefused::Withdrawn => "ACT_WITHDRAWN",
        ActRefused::DigestMismatch { .. } => "DIGEST_MISMATCH",
        ActRefused::ChangedSincePrepared { .. } => "CHANGED_SINCE_PREPARED",
    };
    Refusal::precondition(reason, "act", why)
}

fn admission(refused: &AdmissionRefused) -> Refusal {
    let why = refused.to_string();
    match refused {
        AdmissionRefused::AlreadySigned { signature } => {
            Refusal::precondition("ADMISSION_SIGNED", "admission", why).with("signature", signature.to_string())
        }
        AdmissionRefused::NotSigned => Refusal::precondition("NOT_SIGNED", "admission", why),
        AdmissionRefused::AlreadyReleased { .. } => {
            Refusal::precondition("ALREADY_CONFIRMED", keys::ADMISSION_RESULTS, why)
        }
        AdmissionRefused::NothingToCorrect => Refusal::precondition("NOTHING_TO_CORRECT", "admission", why),
    }
}

fn transfer(refused: TransferRefused) -> Refusal {
    let why = refused.to_string();
    match refused {
        TransferRefused::UnknownCell { existing, .. } => {
            Refusal::invalid("UNKNOWN_CELL").field("filiere", why).allowed(existing)
        }
        TransferRefused::SameFiliere { .. } => Refusal::invalid("SAME_FILIERE").field("to_filiere", why),
        TransferRefused::NoSeats => Refusal::invalid("NO_SEATS").field("count", why),
        TransferRefused::NotComputed => Refusal::precondition("NOT_COMPUTED", "periods", why),
        TransferRefused::NotEmpty { filiere, empty, .. } => {
            Refusal::precondition("NOT_EMPTY", filiere, why).allowed([empty.to_string()])
        }
        TransferRefused::NoOpeningLeft => Refusal::precondition("NO_OPENING_LEFT", "periods", why),
    }
}
