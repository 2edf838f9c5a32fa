//! Keys of the words for what services answer in enumerations: one place, held by a test in both languages.

use contracts::{
    intake::{Appreciation, PieceVerdict, Verdict},
    integration::{Answer, EliminationReason, State, TitlePieceState},
    payments::{FeeStatus, FoundBy, LineOutcome, Pocket},
};

use crate::{i18n::Tr, ui::Tone};

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident: $kind:ident { $($variant:ident => $key:literal $tone:ident,)* })*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub const fn $name(value: $kind) -> &'static str {
                match value { $($kind::$variant => $key,)* }
            }
        )*

        /// Fields that services check one by one, and the label each has in its form.
const FIELDS: [(&str, &str); 11] = [
    ("exam", "planner-exam"),
    ("from", "planner-from"),
    ("to", "planner-to"),
    ("begins_at", "planner-slot"),
    ("other_begins_at", "planner-slot"),
    ("panel", "planner-panel"),
    ("examiner", "planner-examiner"),
    ("examiners", "planner-examiners"),
    ("room", "planner-room"),
    ("link", "planner-link"),
    ("reason", "planner-reason"),
];

/// Name and label of the field that a refusal's path ends with; the name alone where no form labels it.
pub fn field(t: Tr, path: &str) -> (&str, String) {
    let last = path.rsplit('.').next().unwrap_or_default();
    let name = last.split('[').next().unwrap_or_default();
    let label = FIELDS.iter().find(|(field, _)| *field == name).map(|(_, key)| t.get(key));
    (name, label.unwrap_or_else(|| name.to_owned()))
}

#[cfg(test)]
        const KEYS: &[&str] = &[$($($key,)*)*];

        $(impl Labelled for $kind {
            fn key(self) -> &'static str {
                $name(self)
            }
            fn tone(self) -> Tone {
                match self { $(Self::$variant => Tone::$tone,)* }
            }
        })*
    };
}

/// Something with a word and a tone.
pub trait Labelled: Copy {
    /// Key of its word.
    fn key(self) -> &'static str;
    /// How the word is meant.
    fn tone(self) -> Tone;
}

/// The word as a badge in its tone.
#[must_use]
pub fn badge(t: crate::i18n::Tr, value: impl Labelled) -> maud::Markup {
    crate::ui::badge(value.tone(), &t.get(value.key()))
}

labels! {
    /// A school's verdict on a dossier (R14).
    verdict: Verdict {
        Unspecified => "verdict-none" Info,
        Complete => "verdict-complete" Good,
        CorrectionRequested => "verdict-correction" Warn,
        Incomplete => "verdict-incomplete" Bad,
    }
    /// A verdict on one piece (R14).
    piece_verdict: PieceVerdict {
        Unspecified => "piece-verdict-none" Info,
        Ok => "piece-verdict-ok" Good,
        Unreadable => "piece-verdict-unreadable" Bad,
    }
    /// What the person in charge of studies thinks (R11).
    appreciation: Appreciation {
        Unspecified => "appreciation-none" Info,
        VeryFavourable => "appreciation-very-favourable" Good,
        Favourable => "appreciation-favourable" Good,
        Reserved => "appreciation-reserved" Warn,
        Unfavourable => "appreciation-unfavourable" Bad,
    }
    /// Where a fee stands (R22).
    fee_status: FeeStatus {
        Unspecified => "fee-unknown" Info,
        Due => "school-fee-due" Warn,
        Declared => "school-fee-declared" Info,
        Settled => "fee-settled" Good,
        Exempt => "fee-exempt" Good,
        ExemptionRequested => "fee-exemption-requested" Info,
        ExemptionRefused => "fee-exemption-refused" Warn,
        Short => "fee-short" Warn,
        Over => "fee-over" Warn,
        Refunded => "fee-refunded" Info,
        NotOwed => "fee-not-owed" Info,
    }
    /// Where a candidate stands in the integration (R29).
    state: State {
        Unspecified => "integration-unknown" Info,
        NotRetained => "integration-not-retained" Info,
        Waiting => "integration-waiting" Info,
        Proposed => "integration-proposed" Warn,
        Holding => "integration-holding" Good,
        Accepted => "integration-accepted" Good,
        Resigned => "integration-resigned" Info,
        Eliminated => "integration-eliminated" Bad,
        Annulled => "integration-annulled" Bad,
        Admitted => "integration-admitted" Good,
        Lapsed => "integration-lapsed" Bad,
    }
    /// An answer of the notice (R30): its words stay French.
    answer: Answer {
        Unspecified => "answer-none" Warn,
        OuiDefinitif => "reply-oui-definitif" Good,
        OuiMais => "reply-oui-mais" Good,
        NonMais => "reply-non-mais" Info,
        Attente => "reply-attente" Info,
        Non => "reply-non" Info,
    }
    /// Why a candidate was eliminated in the integration (R31).
    elimination: EliminationReason {
        Unspecified => "elimination-unknown" Bad,
        NoLogin => "elimination-no-login" Bad,
        NoAnswer => "elimination-no-answer" Bad,
    }
    /// Where a title piece stands (R34).
    title_state: TitlePieceState {
        Unspecified => "title-unknown" Info,
        Missing => "title-piece-missing" Warn,
        Deposited => "title-piece-deposited" Info,
        Accepted => "title-piece-accepted" Good,
        Refused => "title-piece-refused" Bad,
    }
    /// What happens, or happened, to a line of a statement (R23).
    outcome: LineOutcome {
        Unspecified => "outcome-unknown-outcome" Info,
        Settles => "outcome-settles" Good,
        Short => "outcome-short" Warn,
        Over => "outcome-over" Warn,
        Double => "outcome-double" Warn,
        OtherSchool => "outcome-other-school" Warn,
        Returned => "outcome-returned" Bad,
        RefundSent => "outcome-refund-sent" Good,
        RefundCameBack => "outcome-refund-came-back" Warn,
        PaidOut => "outcome-paid-out" Warn,
        Queued => "outcome-queued" Info,
        QueuedUnknownReference => "outcome-queued-unknown-reference" Info,
        QueuedAmbiguous => "outcome-queued-ambiguous" Info,
        AlreadyImported => "outcome-already-imported" Info,
        Unknown => "outcome-unknown" Info,
        Returning => "outcome-returning" Info,
    }
    /// Why an account may be meant (R23).
    found_by: FoundBy {
        Unspecified => "found-by-something" Info,
        Reference => "found-by-reference" Good,
        ReferenceMistyped => "found-by-reference-mistyped" Warn,
        Name => "found-by-name" Info,
        Number => "found-by-number" Info,
        Amount => "found-by-amount" Good,
        Payee => "found-by-payee" Info,
    }
    /// Where a school's money lies.
    pocket: Pocket {
        Unspecified => "pocket-unknown-pocket" Info,
        Bank => "pocket-bank" Info,
        Counter => "pocket-counter" Info,
        Queue => "pocket-queue" Warn,
        Unknown => "pocket-unknown" Info,
        Account => "pocket-account" Info,
        Refunds => "pocket-refunds" Info,
    }
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentArgs;

    use super::*;
    use crate::i18n::{Lang, Tr};

    #[test]
    fn every_word_exists_in_both_languages() {
        for lang in Lang::ALL {
            for key in KEYS {
                let text = Tr(lang).find(key, &FluentArgs::new());
                assert!(text.is_some_and(|text| !text.is_empty()), "{key} in {lang:?}");
            }
        }
    }

    #[test]
    fn a_refused_field_is_named_as_in_its_form_with_what_was_given_and_what_is_allowed() {
        for lang in Lang::ALL {
            let t = Tr(lang);
            for (path, key) in FIELDS {
                let (name, label) = field(t, path);
                assert_eq!((name, label.as_str()), (path, t.get(key).as_str()));
                assert!(!label.starts_with('['), "{path}: {label}");
                let args = FluentArgs::from_iter([
                    ("name", name.to_owned()),
                    ("field", label.clone()),
                    ("given", "2345".to_owned()),
                    ("most", "2000".to_owned()),
                ]);
                let said = |reason: &str| t.find(&format!("refusal-{reason}"), &args).unwrap_or_default();
                for reason in ["FIELD_REQUIRED", "FIELD_TOO_LONG", "FIELD_INVALID"] {
                    assert!(said(reason).contains(&label) && !said(reason).contains('{'), "{}", said(reason));
                }
                assert!(said("FIELD_TOO_LONG").contains("2345") && said("FIELD_TOO_LONG").contains("2000"));
            }
            assert!(
                t.find("refusal-FIELD_INVALID", &FluentArgs::from_iter([("name", "link"), ("field", "x")]))
                    .is_some_and(|s| s.contains("https://"))
            );
            assert_eq!(field(t, "a.panels[3].room").0, "room");
            assert_eq!(field(t, "unheard_of").1, "unheard_of");
        }
    }
}
