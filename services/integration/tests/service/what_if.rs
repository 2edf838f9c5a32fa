//! The jury's what-if on real orders and standings: what it shows, to whom, from when on, and that it changes nothing.

use contracts::{
    intake,
    integration::{self as api, Answer},
    jury,
};
use notice::keys;
use platform::{auth::Caller, refusal::Decoded};

use super::house::{HOUR, House, ask, candidate, id, number, operator, president, staff, usual_tables};

async fn what_if(house: &House, asked: api::WhatIfRequest, who: Caller) -> Result<api::WhatIfReply, Decoded> {
    ask!(house, what_if, asked, who)
}

fn asked(seats: &[(&str, u32)], tables: &[(&str, &[u128])]) -> api::WhatIfRequest {
    api::WhatIfRequest {
        filiere: "L3".into(),
        seats: seats
            .iter()
            .map(|(school, seats)| api::SchoolSeats { school: (*school).into(), seats: *seats })
            .collect(),
        tables: tables
            .iter()
            .map(|(school, table)| api::DraftTable {
                school: (*school).into(),
                dossier_ids: table.iter().map(|n| id(*n)).collect(),
            })
            .collect(),
    }
}

/// School, seats, empty seats, and who would have one, by rank.
type School<'a> = (&'a str, u32, u32, Vec<(u128, u32)>);

fn seen(reply: &api::WhatIfReply) -> Vec<School<'_>> {
    let people =
        |school: &api::WhatIfSchool| school.proposals.iter().map(|p| (number(&p.dossier_id), p.rank)).collect();
    reply.schools.iter().map(|s| (s.school.as_str(), s.seats, s.empty, people(s))).collect()
}

#[tokio::test]
async fn before_the_first_opening_it_is_what_will_be_proposed() {
    let house = House::eve("what_if").await;
    let at = house.instant(keys::ADMISSION_COMMISSION) + HOUR * 2;
    let before = house.sql("select string_agg(p::text, '' order by number) from period p");
    let reply = what_if(&house, asked(&[], &[]), president(at)).await.unwrap();
    assert_eq!((reply.period, reply.signature, reply.before_close), (1, 1, false));
    assert_eq!(
        seen(&reply),
        [("albi", 1, 0, vec![(1, 1)]), ("ales", 1, 0, vec![(2, 1)]), ("nord-europe", 1, 0, vec![(4, 1)])]
    );
    // Two seats at albi leave ales to 3, and other tables give other people.
    let more = what_if(&house, asked(&[("albi", 2), ("nord-europe", 3)], &[]), president(at)).await.unwrap();
    assert_eq!(
        seen(&more),
        [("albi", 2, 0, vec![(1, 1), (2, 2)]), ("ales", 1, 0, vec![(3, 3)]), ("nord-europe", 3, 2, vec![(4, 1)])]
    );
    assert_eq!(more.schools.iter().map(|s| s.last_called).collect::<Vec<_>>(), [2, 3, 1]);
    let other = what_if(&house, asked(&[], &[("albi", &[2, 1, 3])]), president(at)).await.unwrap();
    assert_eq!(seen(&other)[0], ("albi", 1, 0, vec![(2, 1)]));
    assert_eq!(other.signature, 1, "the other tables are signed ones");
    let all = what_if(&house, asked(&[], &usual_tables()), president(at)).await.unwrap();
    assert_eq!((all.signature, seen(&all)), (0, seen(&reply)));

    assert_eq!(house.sql("select string_agg(p::text, '' order by number) from period p"), before);
    house.open_period(1).await;
    let proposed: Vec<_> = house.placed(1).await;
    assert_eq!(proposed, [(1, "albi".into()), (2, "ales".into()), (4, "nord-europe".into())]);
}

#[tokio::test]
async fn later_openings_start_from_what_is_held_and_answered() {
    let house = House::eve("what_if_later").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    house.answer(2, Answer::OuiMais, day).await.unwrap();
    house.answer(1, Answer::Non, day).await.unwrap();
    // The period is open: 3 and 4 have said nothing yet, and keep what they have.
    let open = what_if(&house, asked(&[], &[]), president(day)).await.unwrap();
    assert_eq!((open.period, open.before_close), (2, true));
    assert_eq!(
        seen(&open),
        [("albi", 1, 0, vec![(2, 2)]), ("ales", 1, 0, vec![(3, 3)]), ("nord-europe", 1, 0, vec![(4, 1)])]
    );
    let released: Vec<_> =
        open.released.iter().map(|r| (number(&r.dossier_id), r.school.as_str(), r.proposed.as_str())).collect();
    assert_eq!(released, [(2, "ales", "albi")]);
    let new: Vec<bool> = open.schools.iter().flat_map(|s| &s.proposals).map(|p| p.new).collect();
    assert_eq!(new, [true, true, false]);

    // What is answered counts: with OUI DÉFINITIF 2 stays at ales, and albi goes to 3.
    house.answer(2, Answer::OuiDefinitif, day + HOUR).await.unwrap();
    let settled = what_if(&house, asked(&[], &[]), president(day + HOUR)).await.unwrap();
    assert_eq!(seen(&settled)[..2], [("albi", 1, 0, vec![(3, 3)]), ("ales", 1, 0, vec![(2, 1)])]);
    assert!(settled.released.is_empty());
    house.answer(2, Answer::OuiMais, day + HOUR * 2).await.unwrap();

    house.login(3, day).await;
    house.close_period(1).await;
    let night = house.closes(1) + HOUR;
    let closed = what_if(&house, asked(&[], &[]), president(night)).await.unwrap();
    assert_eq!((closed.period, closed.before_close), (2, false));
    assert_eq!(seen(&closed)[2], ("nord-europe", 1, 1, Vec::new()), "4 was silent");
    house.open_period(2).await;
    assert_eq!(house.placed(2).await, [(2, "albi".into()), (3, "ales".into())]);
    for period in 2..=4 {
        if period > 2 {
            house.open_period(period).await;
        }
        house.close_period(period).await;
    }
    let over = what_if(&house, asked(&[], &[]), president(house.closes(4))).await.unwrap_err();
    assert_eq!(over.reason, "NO_OPENING_LEFT");
}

#[tokio::test]
async fn it_says_what_is_missing_and_what_is_wrong() {
    let house = House::open("what_if_missing").await;
    let at = house.instant(keys::ADMISSION_COMMISSION) + HOUR;
    for n in [1, 2] {
        let closed = intake::DossierClosed {
            dossier_id: id(n),
            filiere: if n == 2 { "M1".into() } else { "L3".into() },
            closed_at: Some(at.into()),
            ..Default::default()
        };
        house.hear(&closed, 1).await;
    }
    let unsigned = what_if(&house, asked(&[], &[("albi", &[1])]), president(at)).await.unwrap_err();
    // The orders of schools stay with intake until the commission (R14).
    assert_eq!((unsigned.reason.as_str(), unsigned.metadata["missing"].as_str()), ("PREFERENCES_MISSING", "1"));
    let released =
        intake::PreferencesReleased { dossier_id: id(1), filiere: "L3".into(), schools: vec!["albi".into()] };
    house.hear(&released, 2).await;
    let tables = what_if(&house, asked(&[], &[("albi", &[1])]), president(at)).await.unwrap_err();
    assert_eq!((tables.reason.as_str(), tables.metadata["schools"].as_str()), ("TABLES_MISSING", "ales,nord-europe"));
    let none: &[u128] = &[];
    let drafts = asked(&[], &[("albi", &[1]), ("ales", none), ("nord-europe", none)]);
    let reply = what_if(&house, drafts.clone(), president(at)).await.unwrap();
    assert_eq!((reply.signature, seen(&reply)[0].3.clone()), (0, vec![(1, 1)]));

    let faulty = asked(&[], &[("albi", &[1, 1, 2, 9])]);
    let faulty = what_if(&house, faulty, president(at)).await.unwrap_err();
    let fields: Vec<&str> = faulty.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(faulty.reason, "TABLE_INVALID");
    assert_eq!(fields, ["tables[0].dossier_ids[1]", "tables[0].dossier_ids[2]", "tables[0].dossier_ids[3]"]);
    let mut no_id = asked(&[], &[("albi", &[1])]);
    no_id.tables[0].dossier_ids[0] = "1".into();
    for (asked, reason) in [
        (no_id, "TABLE_INVALID"),
        (api::WhatIfRequest { filiere: "CPGE".into(), ..Default::default() }, "UNKNOWN_FILIERE"),
        (asked(&[("paris", 1)], &[]), "UNKNOWN_SCHOOL"),
        (asked(&[("albi", 1), ("albi", 2)], &[]), "SCHOOL_TWICE"),
        (asked(&[], &[("albi", none), ("albi", none)]), "SCHOOL_TWICE"),
    ] {
        assert_eq!(what_if(&house, asked, president(at)).await.unwrap_err().reason, reason);
    }
    for who in [staff("albi", at), candidate(1, at), operator(at)] {
        assert_eq!(what_if(&house, drafts.clone(), who).await.unwrap_err().reason, "ROLE_NOT_ALLOWED");
    }
    // What was signed and has not arrived is missing too.
    house.hear(&house.admission_signed(1, &[("albi", &[1]), ("ales", none), ("nord-europe", none)]), 1).await;
    let signed =
        jury::TableSigned { school: "albi".into(), filiere: "L3".into(), signature: 1, dossier_ids: vec![id(1)] };
    house.hear(&signed, 1).await;
    let missing = what_if(&house, asked(&[], &[]), president(at)).await.unwrap_err();
    assert_eq!((missing.reason.as_str(), missing.metadata["schools"].as_str()), ("TABLES_MISSING", "ales,nord-europe"));
}
