//! What travels: canonical JSON out, and tomorrow's messages in.

use std::collections::BTreeSet;

use contracts::{
    Fact, Published, Timestamp, intake,
    integration::{Answer, SituationChanged, State},
    jury, machinery, payments, published,
};

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

#[test]
fn a_fact_is_canonical_proto3_json() {
    let fact = payments::FeeChanged {
        dossier_id: "d".into(),
        status: payments::FeeStatus::Settled.into(),
        payee_school: "s".into(),
        due_cents: 7600,
        received_cents: 7600,
        at: at(1_774_047_600),
    };
    // lowerCamelCase names, enumerations by name, 64-bit integers as strings, instants in UTC with a Z.
    assert_eq!(
        serde_json::to_string(&fact).ok().as_deref(),
        Some(
            r#"{"dossierId":"d","status":"FEE_STATUS_SETTLED","payeeSchool":"s","dueCents":"7600","receivedCents":"7600","at":"2026-03-20T23:00:00Z"}"#
        )
    );
}

#[test]
fn a_reader_of_today_understands_what_it_knows_of_tomorrows_event() {
    let tomorrow = r#"{"dossierId":"d","state":"STATE_ON_THE_MOON","school":"s","answer":"ANSWER_OUI_MAIS",
        "period":2,"orbit":{"height":400,"crew":["x"]},"at":"2026-06-04T12:00:00Z"}"#;
    let read: SituationChanged = serde_json::from_str(tomorrow).expect("today's reader");
    assert_eq!((read.dossier_id.as_str(), read.school.as_str(), read.period), ("d", "s", 2));
    assert_eq!(read.answer(), Answer::OuiMais);
    assert_eq!(read.state(), State::Unspecified, "a state nobody knows today is none of today's");
}

#[test]
fn both_spellings_of_a_name_are_read() {
    let snake: intake::DossierOpened = serde_json::from_str(r#"{"dossier_id":"d","number":"7"}"#).expect("snake");
    let camel: intake::DossierOpened = serde_json::from_str(r#"{"dossierId":"d","number":7}"#).expect("camel");
    assert_eq!(snake, camel);
}

#[test]
fn embargoed_facts_travel_apart() {
    assert_eq!(jury::TableSigned::subject(), "facts.v1.embargo.jury.table_signed");
    assert_eq!(jury::AdmissibilityPublished::subject(), "facts.v1.jury.admissibility_published");
    assert_eq!(machinery::CalendarChanged::subject(), "facts.v1.scheduler.calendar_changed");
    let embargoed: BTreeSet<String> = [
        jury::AdmissibilityDecided::subject(),
        jury::AdmissibilityPublicationConfirmed::subject(),
        jury::AdmissionSigned::subject(),
        jury::AdmissionPublicationConfirmed::subject(),
        intake::PreferencesReleased::subject(),
        contracts::scheduling::ConvocationSet::subject(),
        contracts::scheduling::ConvocationImpossible::subject(),
        contracts::integration::PeriodComputed::subject(),
    ]
    .into();
    assert!(embargoed.iter().all(|s| s.starts_with("facts.v1.embargo.")), "{embargoed:?}");
}

#[test]
fn a_published_fact_goes_to_its_school_alone() {
    let fact =
        published::SeatProposed { dossier_id: "d".into(), school: "far-away".into(), filiere: "X".into(), period: 1 };
    assert_eq!(fact.subject(), "admissions.v1.far-away.seat_proposed");
}

#[test]
fn a_closed_dossier_has_no_room_for_an_order() {
    // R14: the message could not carry the candidate's order if it wanted to: one school is named, the rest is a set.
    let fields: BTreeSet<String> = serde_json::to_value(intake::DossierClosed {
        dossier_id: "d".into(),
        number: 1,
        filiere: "f".into(),
        schools: vec!["s".into()],
        first_school: "s".into(),
        digest: "x".into(),
        title: Some(intake::Title::default()),
        closed_at: at(0),
        fee_claim: 1,
        other_route_declared: true,
    })
    .ok()
    .and_then(|v| v.as_object().map(|o| o.keys().cloned().collect()))
    .unwrap_or_default();
    let known = [
        "closedAt",
        "digest",
        "dossierId",
        "feeClaim",
        "filiere",
        "firstSchool",
        "number",
        "otherRouteDeclared",
        "schools",
        "title",
    ];
    assert_eq!(fields, known.map(String::from).into());
}
