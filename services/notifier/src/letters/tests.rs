//! Every template in every language: same parts, same values, same links; and a sample of each, as it reads.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::*;

const PORTAL: &str = "https://admissions.example.org/";

fn session() -> Session {
    Session::parse(include_str!("../../../../infra/sessions/2026.toml")).unwrap().0
}

/// What is known when a mail of `kind` is made, and no more: a template that wants anything else cannot be written.
fn sample(kind: Kind) -> Details {
    let at = |text: &str| Some(text.parse().unwrap());
    let of_candidate = || Details {
        name: Some("Jeanne <Martin>".into()),
        number: Some(42),
        at: at("2026-03-12T09:30:05Z"),
        link: PORTAL.into(),
        ..Details::default()
    };
    let of_period = || Details { period: Some(1), deadline: at("2026-06-03T21:00:00Z"), ..of_candidate() };
    let fee = |received| Details { due_cents: Some(7600), received_cents: Some(received), ..of_candidate() };
    let piece =
        |ids: &[&str]| Missing { what: "piece".into(), any_of: ids.iter().map(|id| (*id).to_owned()).collect() };
    let other = |what: &str| Missing { what: what.into(), any_of: Vec::new() };
    match kind {
        Kind::DossierOpened => Details { deadline: at("2026-03-20T22:00:00Z"), ..of_candidate() },
        Kind::DepositReminder => Details {
            deadline: at("2026-03-20T22:00:00Z"),
            missing: Some(vec![
                piece(&["motivation_letter"]),
                piece(&["fiche_appreciation", "fiche_poursuite_etudes"]),
                other("fee"),
            ]),
            ..of_candidate()
        },
        Kind::CorrectionRequested => {
            let school = session().schools.first().map(|school| school.id.clone());
            Details { school, ..of_candidate() }
        }
        Kind::FeeSettled => fee(7600),
        Kind::FeeShort => fee(5000),
        Kind::ExemptionRefused => fee(0),
        Kind::PeriodOpened | Kind::PeriodLogIn | Kind::PeriodAnswer | Kind::ProposalMade | Kind::Eliminated => {
            of_period()
        }
        Kind::RefereeInvitation => Details {
            name: Some("Camille Durand".into()),
            candidate: Some("Jeanne Martin".into()),
            deadline: at("2026-03-20T22:00:00Z"),
            link: format!("{PORTAL}recommandation/0123456789abcdef"),
            ..Details::default()
        },
        Kind::AccountVerify | Kind::AccountReset => {
            let link = format!("{PORTAL}account/0123456789abcdef");
            Details { deadline: at("2026-02-01T11:00:00Z"), link, ..Details::default() }
        }
        Kind::AccountExists | Kind::AccountChanged => Details { link: PORTAL.into(), ..Details::default() },
        _ => of_candidate(),
    }
}

/// Placeholders of each part of each message, as the file writes them.
fn placeholders(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::<String, BTreeSet<String>>::new();
    let (mut message, mut part) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if let Some((key, _)) = line.split_once(" = ") {
            match key.trim_start().strip_prefix('.') {
                Some(attribute) => part = format!("{message}.{attribute}"),
                None => {
                    message = key.to_owned();
                    part.clone_from(&message);
                }
            }
        }
        let values = line.split("{ $").skip(1).filter_map(|rest| rest.split(" }").next()).map(str::to_owned);
        found.entry(part.clone()).or_default().extend(values);
    }
    found
}

#[test]
fn both_languages_have_the_same_parts_with_the_same_values() {
    let mut parts = 0;
    for [fr, en] in texts::FILES {
        let (fr, en) = (placeholders(fr), placeholders(en));
        assert_eq!(fr, en);
        parts += fr.len();
    }
    assert!(parts > 80, "only {parts} parts read");
    texts::check().unwrap();
}

#[test]
fn no_template_is_without_a_mail() {
    let kinds: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind.word().replace('_', "-")).collect();
    let [[frame, _], templates @ ..] = texts::FILES;
    for [fr, _] in templates {
        for part in placeholders(fr).keys() {
            let message = part.split('.').next().unwrap_or_default();
            assert!(kinds.contains(message), "{message} is no mail's template");
        }
    }
    assert!(placeholders(frame).keys().all(|part| !kinds.contains(part)));
}

#[test]
fn every_mail_in_every_language_has_its_values_and_its_link_in_both_parts() {
    let session = session();
    for kind in Kind::ALL {
        let details = sample(*kind);
        for languages in [&Lang::ALL[..], &[Lang::Fr], &[Lang::En]] {
            let letter =
                write(*kind, languages, &details, &session, PORTAL).unwrap_or_else(|e| panic!("{kind:?}: {e}"));
            for text in [&letter.subject, &letter.text, &letter.html] {
                assert!(!text.contains("{ $") && !text.contains("Jeanne <Martin> <"), "{kind:?}: {text}");
            }
            assert_eq!(letter.text.matches(&format!("\n{}\n", details.link)).count(), languages.len(), "{kind:?}");
            let href = format!("<a href=\"{}\"", details.link);
            assert_eq!(letter.html.matches(&href).count(), languages.len(), "{kind:?}");
            assert!(!letter.text.contains('<') || letter.text.contains("Jeanne <Martin>"), "{kind:?}: text, not HTML");
            for number in details.number.iter().map(u64::to_string) {
                let shown = |text: &str| text.matches(&number).count();
                assert_eq!(shown(&letter.text) > 0, shown(&letter.html) > 0, "{kind:?}");
            }
        }
    }
}

#[test]
fn what_a_person_wrote_is_text_and_a_subject_is_one_line() {
    let mut details = sample(Kind::RefereeInvitation);
    details.candidate = Some("Jean\r\nBcc: all@example.org <script>".into());
    let letter = write(Kind::RefereeInvitation, &Lang::ALL, &details, &session(), PORTAL).unwrap();
    assert!(!letter.subject.contains(['\r', '\n']), "{}", letter.subject);
    assert!(!letter.html.contains("<script>") && letter.html.contains("&lt;script&gt;"));
}

#[test]
fn a_reminder_lists_what_is_missing_or_says_that_nothing_is() {
    let mut details = sample(Kind::DepositReminder);
    let write = |details: &Details| write(Kind::DepositReminder, &Lang::ALL, details, &session(), PORTAL).unwrap().text;
    let listed = write(&details);
    assert_eq!(listed.matches("\n  - ").count(), 6, "{listed}");
    details.missing = Some(Vec::new());
    assert!(write(&details).contains("all that remains is to close the dossier"));
}

#[test]
fn a_result_is_never_in_a_mail() {
    let session = session();
    for kind in [Kind::ResultPublished, Kind::AdmissionResults, Kind::Admitted, Kind::Lapsed, Kind::Eliminated] {
        let letter = write(kind, &Lang::ALL, &sample(kind), &session, PORTAL).unwrap();
        let text = format!("{} {}", letter.subject, letter.text).to_lowercase();
        for word in
            ["admissible", "non retenu", "félicitations", "congratulations", "définitif", "éliminé", "eliminated"]
        {
            assert!(!text.contains(word), "{kind:?} says {word}");
        }
    }
}

#[test]
fn a_value_that_is_not_there_is_an_error_and_not_an_empty_place() {
    let details = Details { number: None, ..sample(Kind::DossierClosed) };
    assert!(write(Kind::DossierClosed, &[Lang::Fr], &details, &session(), PORTAL).is_err());
}

/// The samples in `samples/` are what the templates give today; `ADMIS_SAMPLES=write` writes them.
#[test]
fn the_samples_are_current() {
    let session = session();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut stale = Vec::new();
    for kind in Kind::ALL {
        let letter = write(*kind, &Lang::ALL, &sample(*kind), &session, PORTAL).unwrap();
        let text = format!("{}\n\n{}", letter.subject, letter.text);
        let file = dir.join(format!("{}.txt", kind.word()));
        if std::env::var("ADMIS_SAMPLES").is_ok_and(|how| how == "write") {
            std::fs::create_dir_all(&dir).unwrap();
            std::fs::write(&file, &text).unwrap();
        }
        if std::fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            stale.push(kind.word());
        }
    }
    assert!(stale.is_empty(), "run `ADMIS_SAMPLES=write cargo test -p notifier samples`: {stale:?}");
}
