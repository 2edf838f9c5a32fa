//! Corrected tables, seats kept for people wronged, seats moved, candidatures annulled (R28, R33).

use contracts::{
    intake,
    integration::{Answer, State},
    jury,
};
use integration::store;

use super::house::{HOUR, House, id, table_signed};

/// Period 1 with 1 at albi, 2 holding ales by OUI MAIS and 3 waiting; closed.
async fn after_period_1(name: &str) -> House {
    let house = House::eve(name).await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    house.answer(1, Answer::OuiDefinitif, day).await.unwrap();
    house.answer(2, Answer::OuiMais, day).await.unwrap();
    house.login(3, day).await;
    house.close_period(1).await;
    house
}

#[tokio::test]
async fn a_corrected_table_takes_nobody_s_seat_and_a_supernumerary_one_makes_good() {
    let house = after_period_1("corrected").await;
    // 3 should have been first at ales, and 2 not on it at all.
    house.sign(2, &[("albi", &[1, 2, 3]), ("ales", &[3, 1]), ("nord-europe", &[4])]).await;
    let digest = house.periods().await[1].outputs_digest.clone();
    let granted =
        jury::SupernumeraryGranted { dossier_id: id(3), school: "ales".into(), filiere: "L3".into(), from_period: 2 };
    house.hear(&granted, 1).await;
    let status = house.periods().await.remove(1);
    assert_ne!(status.outputs_digest, digest, "computed anew before the opening");
    assert!(status.checked, "{:?}", status.objections);
    house.open_period(2).await;
    assert_eq!(house.placed(2).await, [(1, "albi".into()), (2, "ales".into()), (3, "ales".into())]);
    let ales = house.results(2).await.cells.into_iter().find(|cell| cell.school == "ales" && cell.filiere == "L3");
    let ales = ales.unwrap();
    assert_eq!((ales.seats, ales.taken, ales.last_called), (2, 2, 0), "neither was called by rank");
    assert_eq!(house.state(2, house.opens(2)).await, (State::Holding, "ales".into()));
}

#[tokio::test]
async fn a_supernumerary_seat_brings_back_who_was_eliminated() {
    let house = after_period_1("brought_back").await;
    assert_eq!(house.state(4, house.closes(1)).await.0, State::Eliminated);
    let school = "nord-europe".to_owned();
    house
        .hear(&jury::SupernumeraryGranted { dossier_id: id(4), school, filiere: "L3".into(), from_period: 2 }, 1)
        .await;
    assert_eq!(house.state(4, house.closes(1)).await.0, State::Eliminated, "not before the opening");
    house.open_period(2).await;
    assert_eq!(house.state(4, house.opens(2)).await, (State::Proposed, "nord-europe".into()));
}

#[tokio::test]
async fn seats_count_from_their_period_on_and_never_fall_below_those_held() {
    let house = after_period_1("seats").await;
    house.seats("albi", 2, 2, 2).await;
    house.seats("ales", 0, 3, 2).await;
    house.open_period(2).await;
    // 2 moves up to the second seat of albi, 3 gets the one that leaves at ales: it counts until period 3.
    assert_eq!(house.placed(2).await, [(1, "albi".into()), (2, "albi".into()), (3, "ales".into())]);
    let day = house.opens(2) + HOUR;
    house.answer(2, Answer::OuiDefinitif, day).await.unwrap();
    house.answer(3, Answer::OuiDefinitif, day).await.unwrap();
    house.close_period(2).await;
    house.open_period(3).await;
    assert_eq!(house.placed(3).await, [(1, "albi".into()), (2, "albi".into()), (3, "ales".into())]);
}

#[tokio::test]
async fn an_annulled_candidature_frees_its_seat_for_the_next_computation() {
    let house = after_period_1("annulled").await;
    let before = house.periods().await[1].outputs_digest.clone();
    let annulled = jury::CandidatureAnnulled { dossier_id: id(1), at: Some((house.closes(1) + HOUR).into()) };
    house.hear(&annulled, 1).await;
    assert_ne!(house.periods().await[1].outputs_digest, before);
    assert_eq!(house.state(1, house.closes(1) + HOUR).await.0, State::Annulled);
    let released = house.told("admissions.v1.albi.seat_released").await;
    assert_eq!((released.len(), released[0].0.as_str()), (1, id(1).as_str()));
    house.open_period(2).await;
    assert_eq!(house.placed(2).await, [(2, "albi".into()), (3, "ales".into())]);
    // A supernumerary seat does not bring back who was annulled.
    let granted =
        jury::SupernumeraryGranted { dossier_id: id(1), school: "albi".into(), filiere: "L3".into(), from_period: 3 };
    house.hear(&granted, 1).await;
    house.close_period(2).await;
    house.open_period(3).await;
    assert!(house.placed(3).await.iter().all(|(n, _)| *n != 1));
}

/// R38: the correction is signed, its tables are on their way. What it corrects is not what goes out meanwhile.
#[tokio::test]
async fn a_correction_whose_tables_have_not_arrived_holds_the_opening_back() {
    let house = after_period_1("on_its_way").await;
    let tables: [(&str, &[u128]); 3] = [("albi", &[1, 2, 3]), ("ales", &[2, 3]), ("nord-europe", &[4])];
    house.hear(&house.admission_signed(2, &tables), 2).await;
    house.open_period(2).await;
    let status = house.periods().await.remove(1);
    assert_eq!((status.held_back.as_str(), status.opened_at), ("NOT_COMPUTED", None));
    assert_eq!(status.missing_tables, ["albi/L3", "ales/L3", "nord-europe/L3"]);
    for (school, table) in tables {
        house.hear(&table_signed(2, school, table), 2).await;
    }
    let status = house.periods().await.remove(1);
    assert_eq!((status.held_back.as_str(), status.signature, status.opened_at.is_some()), ("", 2, true));
}

#[tokio::test]
async fn whoever_was_annulled_is_not_told_that_an_earlier_answer_stands() {
    let house = House::eve("annulled_repeats").await;
    house.open_period(1).await;
    let day = house.opens(1) + HOUR;
    house.answer(1, Answer::OuiDefinitif, day).await.unwrap();
    assert!(house.answer(1, Answer::OuiDefinitif, day).await.unwrap().already_applied);
    house.hear(&jury::CandidatureAnnulled { dossier_id: id(1), at: Some(day.into()) }, 1).await;
    let again = house.answer(1, Answer::OuiDefinitif, day + HOUR).await.unwrap_err();
    assert_eq!(again.reason, "NO_LONGER_IN_THE_RUNNING");
}

/// An order of schools arrives while a period is being computed: one waits for the other, and neither is a victim.
#[tokio::test]
async fn an_order_that_arrives_during_a_computation_waits_for_it() {
    let house = House::open("order_waits").await;
    let filiere = || "L3".to_owned();
    let closed_at = Some((house.opens(1) - HOUR).into());
    let closed = intake::DossierClosed { dossier_id: id(1), filiere: filiere(), closed_at, ..Default::default() };
    house.hear(&closed, 1).await;
    let released =
        intake::PreferencesReleased { dossier_id: id(1), filiere: filiere(), schools: vec!["albi".to_owned()] };
    let mut computing = house.db.begin("computing").await.unwrap();
    store::lock_round(&mut computing).await.unwrap();
    let computes = async {
        let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
                       and database = (select oid from pg_database where datname = current_database())";
        while house.sql(waiting) == "0" {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        sqlx::query("set local lock_timeout = '3s'").execute(computing.conn()).await.unwrap();
        let all = store::all_for_update(&mut computing).await;
        computing.commit().await.unwrap();
        all.unwrap().len()
    };
    let ((), found) = tokio::join!(house.hear(&released, 2), computes);
    assert_eq!(found, 1);
    assert_eq!(house.sql("select count(*) from choice"), "1");
}
