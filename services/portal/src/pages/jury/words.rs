//! Words of the jury's lists, as badges.

use contracts::{
    intake::Verdict,
    jury::{self as api, ActKind, ActState, DecisionState, Standing},
    payments::FeeStatus,
};
use maud::{Markup, html};

use crate::{
    i18n::Tr,
    pages::labels,
    ui::{self, Choice, Tone},
    web::Visit,
};

/// Where a decision stands, and what it is.
pub fn decision(t: Tr, c: &api::Candidature) -> Markup {
    let tone = match (c.annulled, c.decision(), c.admissible) {
        (true, ..) | (_, DecisionState::Signed, false) => Tone::Bad,
        (_, DecisionState::Signed, true) => Tone::Good,
        (_, DecisionState::Draft, _) => Tone::Warn,
        _ => Tone::Info,
    };
    ui::badge(tone, &decision_text(t, c))
}

/// The same in words alone.
pub fn decision_text(t: Tr, c: &api::Candidature) -> String {
    let what = if c.admissible { t.get("jury-admissible") } else { t.get("jury-not-admissible") };
    match (c.annulled, c.decision()) {
        (true, _) => t.get("jury-annulled"),
        (_, DecisionState::Signed) => what,
        (_, DecisionState::Draft) => t.with("jury-draft-of", [("what", what.into())]),
        _ => t.get("jury-undecided"),
    }
}

/// Key of a school's standing.
pub const fn standing(standing: Standing) -> (&'static str, Tone) {
    match standing {
        Standing::Recevable => ("jury-standing-recevable", Tone::Good),
        Standing::NotRecevable => ("jury-standing-not-recevable", Tone::Bad),
        _ => ("jury-standing-undetermined", Tone::Warn),
    }
}

/// A school's standing as a badge.
pub fn standing_badge(t: Tr, s: Standing) -> Markup {
    let (key, tone) = standing(s);
    ui::badge(tone, &t.get(key))
}

/// Key of the kind of an act.
pub const fn kind(kind: ActKind) -> &'static str {
    match kind {
        ActKind::Admissibility => "act-admissibility",
        ActKind::AdmissibilityPublication => "act-admissibility-publication",
        ActKind::AdmissibilityCorrection => "act-admissibility-correction",
        ActKind::MarkCorrection => "act-mark-correction",
        ActKind::Admission => "act-admission",
        ActKind::AdmissionPublication => "act-admission-publication",
        ActKind::TableCorrection => "act-table-correction",
        ActKind::Supernumerary => "act-supernumerary",
        ActKind::Annulment => "act-annulment",
        ActKind::Unspecified => "act-unknown",
    }
}

/// Where an act stands.
pub fn act_state(t: Tr, state: ActState) -> Markup {
    match state {
        ActState::Prepared => ui::badge(Tone::Warn, &t.get("act-state-prepared")),
        ActState::Confirmed => ui::badge(Tone::Good, &t.get("act-state-confirmed")),
        ActState::Replaced => ui::badge(Tone::Info, &t.get("act-state-replaced")),
        _ => ui::badge(Tone::Info, &t.get("act-state-withdrawn")),
    }
}

/// A result of an exam.
pub fn result(t: Tr, result: &api::ExamResult) -> Markup {
    let what = if result.absent { t.get("jury-exam-absent") } else { mark(t, &result.mark) };
    html! { (what) @if result.eliminates { " " (ui::badge(Tone::Bad, &t.get("jury-exam-eliminates"))) } }
}

/// A decimal as people of the language write it.
pub fn mark(t: Tr, mark: &str) -> String {
    if t.lang() == crate::i18n::Lang::Fr { mark.replace('.', ",") } else { mark.to_owned() }
}

/// Where a fee stands, by the word that the jury heard of; nothing heard is said as that.
pub fn fee_of(word: &str) -> FeeStatus {
    FeeStatus::from_str_name(&format!("FEE_STATUS_{word}")).unwrap_or_default()
}

/// The same as a badge.
pub fn fee_badge(t: Tr, word: &str) -> Markup {
    labels::badge(t, fee_of(word))
}

/// What the school that verifies found, by the word that the jury heard of.
pub fn verification_of(word: &str) -> Verdict {
    Verdict::from_str_name(&format!("VERDICT_{word}")).unwrap_or_default()
}

/// The same as a badge.
pub fn verification(t: Tr, word: &str) -> Markup {
    labels::badge(t, verification_of(word))
}

/// Filières to choose from; with an empty first choice.
pub fn filieres<'a>(visit: &'a Visit, any: Option<String>) -> Vec<Choice<'a>> {
    let all = visit.app.session.filieres.iter().map(|f| Choice::new(&f.id, visit.t.label(&f.label)));
    any.map(|text| Choice::new("", text)).into_iter().chain(all).collect()
}

/// Schools to choose from.
pub fn schools<'a>(visit: &'a Visit, any: Option<String>) -> Vec<Choice<'a>> {
    let all = visit.app.session.schools.iter().map(|s| Choice::new(&s.id, s.name.as_str()));
    any.map(|text| Choice::new("", text)).into_iter().chain(all).collect()
}

/// Why an entry of a merit list cannot stand; a word of `MeritFault.reason`.
pub fn merit_fault(reason: &str) -> &'static str {
    match reason {
        "INVALID_ID" => "merit-invalid-id",
        "UNKNOWN_NUMBER" => "merit-unknown-number",
        "ID_AND_NUMBER" => "merit-id-and-number",
        "SCORE_INVALID" => "merit-score-invalid",
        "DUPLICATE" => "merit-duplicate",
        "NO_CANDIDATURE" => "merit-no-candidature",
        "OTHER_FILIERE" => "merit-other-filiere",
        "ANNULLED" => "merit-annulled",
        "NOT_ADMISSIBLE" => "merit-not-admissible",
        "NOT_APPLIED" => "merit-not-applied",
        "NOT_RECEVABLE" => "merit-not-recevable",
        "ELIMINATED" => "merit-eliminated",
        "RESULT_MISSING" => "merit-result-missing",
        _ => "merit-other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn every_word_has_its_text_in_both_languages() {
        let kinds = (0..=9).map(|n| kind(ActKind::try_from(n).unwrap()));
        let standings = (0..=3).map(|n| standing(Standing::try_from(n).unwrap()).0);
        let merit = ["INVALID_ID", "UNKNOWN_NUMBER", "ID_AND_NUMBER", "SCORE_INVALID", "DUPLICATE", "NO_CANDIDATURE"];
        let more = ["OTHER_FILIERE", "ANNULLED", "NOT_ADMISSIBLE", "NOT_APPLIED", "NOT_RECEVABLE", "ELIMINATED"];
        let faults = merit.into_iter().chain(more).chain(["RESULT_MISSING", ""]).map(merit_fault);
        let keys: Vec<&str> = kinds.chain(standings).chain(faults).collect();
        assert_eq!(keys.len(), 10 + 4 + 14);
        for (key, lang) in keys.iter().flat_map(|key| Lang::ALL.map(|lang| (key, lang))) {
            assert!(!Tr(lang).get(key).starts_with('['), "{key}");
        }
        let (t, heard) = (Tr(Lang::Fr), |word| fee_badge(Tr(Lang::Fr), word).into_string());
        assert_eq!(heard("SETTLED"), labels::badge(t, FeeStatus::Settled).into_string());
        assert_eq!(heard(""), labels::badge(t, FeeStatus::Unspecified).into_string());
        assert_eq!(verification(t, "COMPLETE").into_string(), labels::badge(t, Verdict::Complete).into_string());
        assert_eq!((mark(Tr(Lang::Fr), "12.50"), mark(Tr(Lang::En), "12.50")), ("12,50".into(), "12.50".into()));
    }
}
