//! Shares of reading: who sets them, who gets what, and what a conflict of interest does.

use contracts::jury as api;
use notice::keys;
use platform::auth::Caller;

use crate::house::{House, ask, candidate, id, member, president, secretary, staff};

fn readers(of: &[&str]) -> api::SetReadersRequest {
    let reader = |subject: &&str| api::ReaderEntry { subject: (*subject).into(), label: format!("M. {subject}") };
    api::SetReadersRequest { readers: of.iter().map(reader).collect() }
}

const TWO_EACH: api::AssignSharesRequest = api::AssignSharesRequest { readers_per_dossier: 0 };

fn conflict(n: u128, reason: &str) -> api::DeclareConflictRequest {
    api::DeclareConflictRequest { dossier_id: id(n), reason: reason.into() }
}

async fn house(name: &str, dossiers: u128) -> (House, jiff::Timestamp) {
    let house = House::open(name).await;
    for n in 1..=dossiers {
        house.closed(n, &["albi"], &[]).await;
    }
    let at = house.instant(keys::ADMISSIBILITY_COMMISSION);
    (house, at)
}

/// Numbers of the dossiers that this caller's filters show.
async fn listed(house: &House, who: Caller, mine: bool, without_my_opinion: bool) -> Vec<u64> {
    let request =
        api::ListCandidaturesRequest { mine_only: mine, without_my_opinion, page_size: 500, ..Default::default() };
    let reply = ask!(house, list_candidatures, request, who).unwrap();
    reply.candidatures.iter().map(|c| c.number).collect()
}

async fn readers_of(house: &House, n: u128, at: jiff::Timestamp) -> Vec<String> {
    let one = ask!(house, get_candidature, api::GetCandidatureRequest { dossier_id: id(n) }, member(at)).unwrap();
    one.readers.into_iter().map(|reader| reader.subject).collect()
}

#[tokio::test]
async fn dossiers_go_round_and_an_assignment_stays_when_others_come() {
    let (house, at) = house("shares", 6).await;
    let few = ask!(house, assign_shares, TWO_EACH, president(at)).unwrap_err();
    assert_eq!((few.reason.as_str(), few.metadata["readers"].as_str()), ("TOO_FEW_READERS", "0"));
    let set = ask!(house, set_readers, readers(&["member", "secretary", "reader"]), president(at)).unwrap();
    assert!(!set.already_applied);
    assert!(
        ask!(house, set_readers, readers(&["reader", "member", "secretary"]), president(at)).unwrap().already_applied
    );
    let assigned = ask!(house, assign_shares, TWO_EACH, president(at)).unwrap();
    assert_eq!((assigned.assigned, assigned.already_applied, assigned.short_dossier_ids.len()), (12, false, 0));
    let shares = ask!(house, list_readers, api::ListReadersRequest {}, member(at)).unwrap();
    let counts: Vec<_> = shares.readers.iter().map(|r| (r.label.as_str(), r.assigned)).collect();
    assert_eq!(counts, [("M. member", 4), ("M. reader", 4), ("M. secretary", 4)]);
    assert_eq!((shares.readers_per_dossier, shares.short_of_readers), (2, 0));

    let mut before = Vec::new();
    for n in 1..=6 {
        before.push(readers_of(&house, n, at).await);
    }
    assert!(ask!(house, assign_shares, TWO_EACH, president(at)).unwrap().already_applied);
    for n in 7..=9 {
        house.closed(n, &["ales"], &[]).await;
    }
    assert_eq!(ask!(house, list_readers, api::ListReadersRequest {}, member(at)).unwrap().short_of_readers, 3);
    assert_eq!(ask!(house, assign_shares, TWO_EACH, president(at)).unwrap().assigned, 6);
    for n in 1..=6 {
        assert_eq!(readers_of(&house, n, at).await, before[usize::try_from(n).unwrap() - 1], "dossier {n}");
    }

    // Each finds their own share, and in it what they still have to read; everyone reads everything all the same.
    let mine = listed(&house, member(at), true, false).await;
    assert_eq!((mine.len(), listed(&house, member(at), false, false).await.len()), (6, 9));
    let first = u128::from(mine[0]);
    let opinion = api::RecordOpinionRequest { dossier_id: id(first), favourable: true, text: "solide".into() };
    ask!(house, record_opinion, opinion, member(at)).unwrap();
    assert_eq!(listed(&house, member(at), true, true).await, mine[1..]);
    assert_eq!(listed(&house, secretary(at), false, true).await.len(), 9, "an opinion is its author's");
    let one =
        ask!(house, get_candidature, api::GetCandidatureRequest { dossier_id: id(first) }, secretary(at)).unwrap();
    let given: Vec<_> = one.readers.iter().map(|r| (r.subject == "member", r.opinion_given)).collect();
    assert!(given.contains(&(true, true)) && given.contains(&(false, false)), "{given:?}");
}

#[tokio::test]
async fn a_conflict_takes_the_dossier_out_of_the_share_for_good() {
    let (house, at) = house("conflict", 4).await;
    ask!(house, set_readers, readers(&["member", "secretary", "reader"]), president(at)).unwrap();
    ask!(house, assign_shares, TWO_EACH, president(at)).unwrap();
    let mine = u128::from(listed(&house, member(at), true, false).await[0]);
    let before = readers_of(&house, mine, at).await;
    let declared = ask!(house, declare_conflict, conflict(mine, "un neveu"), member(at)).unwrap();
    let stands_in = ["secretary", "reader"].into_iter().find(|r| !before.contains(&(*r).to_owned())).unwrap();
    assert_eq!((declared.was_assigned, declared.replaced_by.as_str()), (true, stands_in));
    assert!(!readers_of(&house, mine, at).await.contains(&"member".to_owned()));
    assert!(ask!(house, declare_conflict, conflict(mine, "un neveu"), member(at)).unwrap().already_applied);
    let one = ask!(house, get_candidature, api::GetCandidatureRequest { dossier_id: id(mine) }, president(at)).unwrap();
    let shown: Vec<_> = one.conflicts.iter().map(|c| (c.label.as_str(), c.reason.as_str())).collect();
    assert_eq!(shown, [("M. member", "un neveu")]);

    // Nobody is left: the dossier goes short, and says so.
    let short = ask!(house, declare_conflict, conflict(mine, "un élève"), secretary(at)).unwrap();
    assert!(short.was_assigned && short.replaced_by.is_empty());
    let again = ask!(house, assign_shares, TWO_EACH, president(at)).unwrap();
    assert_eq!((again.assigned, again.short_dossier_ids), (0, vec![id(mine)]));
    assert_eq!(ask!(house, declare_conflict, conflict(99, "?"), member(at)).unwrap_err().reason, "NO_CANDIDATURE");
    assert_eq!(ask!(house, declare_conflict, conflict(mine, " "), member(at)).unwrap_err().reason, "INVALID_TEXT");
    // Against our own mistakes: the database gives it to nobody with a conflict either.
    let insert = format!("insert into shares values ('{}', 'member', now())", id(mine));
    let refused = house.sql(&insert).await.unwrap_err();
    assert!(refused.to_string().contains("declared a conflict"), "{refused}");
    // Why is nothing for the log that operators read.
    let log = house.sql("select string_agg(details, ' ') from platform.audit").await.unwrap();
    assert!(log.contains(&id(mine)) && !log.contains("neveu") && !log.contains("M. member"), "{log}");
}

#[tokio::test]
async fn who_stops_reading_leaves_what_they_gave_no_opinion_on() {
    let (house, at) = house("retired", 4).await;
    ask!(house, set_readers, readers(&["member", "secretary"]), president(at)).unwrap();
    ask!(house, assign_shares, TWO_EACH, president(at)).unwrap();
    let opinion = api::RecordOpinionRequest { dossier_id: id(1), favourable: true, text: "solide".into() };
    ask!(house, record_opinion, opinion, member(at)).unwrap();
    let set = ask!(house, set_readers, readers(&["secretary", "reader"]), president(at)).unwrap();
    assert_eq!(set.unassigned, 3);
    assert_eq!(ask!(house, assign_shares, TWO_EACH, president(at)).unwrap().assigned, 3);
    assert_eq!(readers_of(&house, 1, at).await, ["member", "secretary"], "read is read");
    assert_eq!(readers_of(&house, 2, at).await, ["reader", "secretary"]);
    let shares = ask!(house, list_readers, api::ListReadersRequest {}, member(at)).unwrap().readers;
    assert_eq!(shares.iter().map(|r| (r.assigned, r.opinions)).collect::<Vec<_>>(), [(3, 0), (4, 0)]);
}

#[tokio::test]
async fn only_the_president_distributes_and_only_the_jury_looks() {
    let (house, at) = house("shares_roles", 1).await;
    for who in [secretary(at), staff("albi", at), candidate(1, at)] {
        let set = ask!(house, set_readers, readers(&["member"]), who.clone()).unwrap_err();
        let assign = ask!(house, assign_shares, TWO_EACH, who).unwrap_err();
        assert_eq!((set.reason.as_str(), assign.reason.as_str()), ("ROLE_NOT_ALLOWED", "ROLE_NOT_ALLOWED"));
    }
    for who in [staff("albi", at), candidate(1, at)] {
        let list = ask!(house, list_readers, api::ListReadersRequest {}, who.clone()).unwrap_err();
        let declare = ask!(house, declare_conflict, conflict(1, "moi"), who).unwrap_err();
        assert_eq!((list.reason.as_str(), declare.reason.as_str()), ("ROLE_NOT_ALLOWED", "ROLE_NOT_ALLOWED"));
    }
    let mut bad = readers(&["member", "member", ""]);
    bad.readers[0].label = "x".repeat(81);
    let bad = ask!(house, set_readers, bad, president(at)).unwrap_err();
    let fields: Vec<&str> = bad.fields.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(bad.reason, "READERS_INVALID");
    assert_eq!(fields, ["readers[0].label", "readers[1].subject", "readers[2].subject"]);
    let eleven = api::AssignSharesRequest { readers_per_dossier: 11 };
    assert_eq!(ask!(house, assign_shares, eleven, president(at)).unwrap_err().reason, "INVALID_COUNT");
}
