//! Domain to contracts and back.

use contracts::{eligibility as proto, intake};
use platform::refusal::Refusal;
use uuid::Uuid;

use crate::{
    commands::Determination,
    domain::{Assessment, Recevabilite, SchoolRecevabilite, Title, TitleRefused},
    queries::Recevabilites,
};

/// The word under which it is stored.
pub const fn recevabilite_word(recevabilite: Recevabilite) -> &'static str {
    match recevabilite {
        Recevabilite::Open => "open",
        Recevabilite::Closed => "closed",
        Recevabilite::ForJury => "for_jury",
    }
}

/// What a stored word means; the column admits no other.
pub fn recevabilite_of(word: &str) -> Recevabilite {
    match word {
        "open" => Recevabilite::Open,
        "closed" => Recevabilite::Closed,
        _ => Recevabilite::ForJury,
    }
}

pub fn title(title: proto::Title) -> Title {
    Title { diploma: title.diploma, mention: title.mention, equivalent_to: title.equivalent_to }
}

pub fn stated_title(title: intake::Title) -> Title {
    Title { diploma: title.diploma, mention: title.mention, equivalent_to: title.equivalent_to }
}

pub fn school(said: &SchoolRecevabilite) -> proto::SchoolRecevabilite {
    let recevabilite = match said.recevabilite {
        Recevabilite::Open => proto::Recevabilite::Open,
        Recevabilite::Closed => proto::Recevabilite::Closed,
        Recevabilite::ForJury => proto::Recevabilite::ForJury,
    };
    proto::SchoolRecevabilite {
        school: said.school.clone(),
        recevabilite: recevabilite.into(),
        table: said.table.clone(),
        row: said.row.clone(),
    }
}

pub fn schools(assessment: &Assessment) -> Vec<proto::SchoolRecevabilite> {
    assessment.schools.iter().map(school).collect()
}

pub fn recevabilite_assessed(dossier: Uuid, assessment: &Assessment) -> proto::RecevabiliteAssessed {
    proto::RecevabiliteAssessed {
        dossier_id: dossier.to_string(),
        filiere: assessment.filiere.clone(),
        schools: schools(assessment),
    }
}

pub fn recevabilite_reply(dossier: Uuid, known: Recevabilites) -> proto::GetRecevabiliteReply {
    let Recevabilites { assessment, assessed_at, determinations } = known;
    let determination =
        |d: Determination| proto::JuryDetermination { school: d.school, recevable: d.recevable, reason: d.reason };
    proto::GetRecevabiliteReply {
        dossier_id: dossier.to_string(),
        schools: schools(&assessment),
        filiere: assessment.filiere,
        determinations: determinations.into_iter().map(determination).collect(),
        assessed_at: Some(assessed_at.into()),
    }
}

pub fn diploma(session: &notice::Session, diploma: &notice::Diploma) -> proto::Diploma {
    use notice::{DiplomaKind, UnlistedMention};
    let (kind, equivalence_possible) = match &diploma.kind {
        DiplomaKind::Listed { unlisted, .. } => (proto::DiplomaKind::Listed, *unlisted == UnlistedMention::Equivalence),
        DiplomaKind::Unlisted { .. } => (proto::DiplomaKind::Unlisted, true),
        DiplomaKind::Foreign { .. } => (proto::DiplomaKind::Foreign, true),
    };
    let rows = crate::domain::rows(session, &diploma.id);
    let row = |(mention, said): (String, Vec<SchoolRecevabilite>)| proto::Row {
        mention,
        schools: said.iter().map(school).collect(),
    };
    proto::Diploma {
        id: diploma.id.clone(),
        label_fr: diploma.label.fr.clone(),
        label_en: diploma.label.en.clone(),
        filiere: diploma.filiere.clone(),
        kind: kind.into(),
        equivalence_possible,
        rows: rows.into_iter().map(row).collect(),
    }
}

pub fn refusal(refused: &TitleRefused) -> Refusal {
    let why = refused.to_string();
    match refused {
        TitleRefused::UnknownDiploma { allowed, .. } => {
            Refusal::invalid("UNKNOWN_DIPLOMA").field("title.diploma", why).allowed(allowed)
        }
        TitleRefused::MentionRequired { allowed } => {
            Refusal::invalid("MENTION_REQUIRED").field("title.mention", why).allowed(allowed)
        }
        TitleRefused::MentionRefused { allowed, table, .. } => {
            Refusal::invalid("MENTION_REFUSED").field("title.mention", why).allowed(allowed).with("table", table)
        }
        TitleRefused::EquivalenceRequired { allowed, table } => {
            let refusal = Refusal::invalid("EQUIVALENCE_REQUIRED").field("title.equivalent_to", why);
            refusal.allowed(allowed).with("table", table)
        }
        TitleRefused::UnknownEquivalence { allowed, table, .. } => {
            let refusal = Refusal::invalid("UNKNOWN_EQUIVALENCE").field("title.equivalent_to", why);
            refusal.allowed(allowed).with("table", table)
        }
        TitleRefused::EquivalenceNotNeeded { table, .. } => {
            let refusal = Refusal::invalid("EQUIVALENCE_NOT_NEEDED").field("title.equivalent_to", why);
            refusal.allowed([""]).with("table", table)
        }
        TitleRefused::NoTable { .. } => Refusal::internal(why),
    }
}
