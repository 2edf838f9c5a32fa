//! What others hand over: invitations and account mail. Their links are in the mail and nowhere else.

use contracts::{
    intake::Invitation,
    portal::{AccountMail, AccountMailKind},
};
use notifier::commands::{take_accounts, take_invitations};

use crate::world::{World, dossier, world};

const MARCH: &str = "2026-03-02T10:00:00Z";

pub fn invite(world: &World, id: &str, email: &str) {
    let invitation = Invitation {
        invitation_id: id.into(),
        dossier_id: dossier(1).to_string(),
        referee_name: "Camille Durand".into(),
        referee_email: email.into(),
        candidate_family_name: "Martin".into(),
        candidate_first_names: "Jeanne".into(),
        link: String::new(),
    };
    world.stand.facts().invitations.insert(id.into(), invitation);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_leaves_once_and_its_link_is_only_in_it() {
    let world = world("invitation", MARCH).await;
    world.calendar().await;
    invite(&world, "one", "prof@example.org");
    // It left, and intake was away when it was to hear of it.
    world.stand.facts().away.push("ConfirmInvitationSent");
    assert!(take_invitations::round(&world.app).await.unwrap_err().passes());
    world.stand.facts().away.clear();
    assert_eq!(take_invitations::round(&world.app).await.unwrap(), 0);
    assert_eq!(world.stand.facts().confirmed, ["one"]);
    assert_eq!(take_invitations::round(&world.app).await.unwrap(), 0);
    let mailbox = world.mailbox().await;
    assert_eq!(mailbox.len(), 1, "sent once, though it was handed over twice");
    assert!(
        mailbox[0].text.contains(&format!("http://portal.test/recommandation/{:064x}\n", 1)),
        "{}",
        mailbox[0].text
    );
    assert!(mailbox[0].entry.subject.starts_with("Jeanne Martin vous demande"));
    let mut conn = world.app.db.read().await.unwrap();
    let row: String = sqlx::query_scalar("select mails::text from mails").fetch_one(&mut *conn).await.unwrap();
    assert!(!row.contains("0000000001)") && !row.contains(&format!("{:064x}", 1)) && !row.contains('@'), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_take_the_same_invitation_and_one_sends_it() {
    let world = world("both_take", MARCH).await;
    world.calendar().await;
    let other = world.replica(crate::world::MAILBOX).await;
    for n in 0..10 {
        invite(&world, &format!("i{n}"), &format!("prof{n}@example.org"));
    }
    let (a, b) = tokio::join!(take_invitations::round(&world.app), take_invitations::round(&other));
    a.unwrap();
    b.unwrap();
    take_invitations::round(&world.app).await.unwrap();
    assert_eq!(world.mailbox().await.len(), 10);
    let mut conn = world.app.db.read().await.unwrap();
    let tries: i64 = sqlx::query_scalar("select sum(tries)::bigint from mails").fetch_one(&mut *conn).await.unwrap();
    assert_eq!(tries, 10, "each was tried by one of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn account_mail_is_in_the_language_asked_for_and_the_portal_may_be_away() {
    let world = world("accounts", MARCH).await;
    world.stand.facts().away.push("TakeAccountMails");
    assert!(take_accounts::round(&world.app).await.unwrap_err().passes());
    world.stand.facts().away.clear();
    let kinds = [AccountMailKind::Verify, AccountMailKind::Reset, AccountMailKind::Exists, AccountMailKind::Changed];
    for (n, kind) in kinds.into_iter().enumerate() {
        let bears_link = matches!(kind, AccountMailKind::Verify | AccountMailKind::Reset);
        let mail = AccountMail {
            mail_id: format!("m{n}"),
            kind: kind.into(),
            email: format!("a{n}@example.org"),
            language: if n % 2 == 0 { "en" } else { "fr" }.into(),
            link: if bears_link { format!("http://portal.test/account/secret{n}") } else { String::new() },
            until: bears_link.then(|| world.clock.now().into()),
        };
        world.stand.facts().account_mails.insert(mail.mail_id.clone(), mail);
    }
    assert_eq!(take_accounts::round(&world.app).await.unwrap(), 0);
    assert_eq!(take_accounts::round(&world.app).await.unwrap(), 0);
    let confirmed: Vec<(String, bool)> = (0..4).map(|n| (format!("m{n}"), false)).collect();
    assert_eq!(world.stand.facts().accounts_confirmed, confirmed);
    let mailbox = world.mailbox().await;
    let subjects: Vec<&str> = mailbox.iter().map(|m| m.entry.subject.as_str()).collect();
    let expected = [
        "Confirm your address",
        "Choisir un nouveau mot de passe",
        "You already have an account",
        "Votre compte a été modifié",
    ];
    assert_eq!(subjects, expected);
    assert!(mailbox[0].text.contains("\nhttp://portal.test/account/secret0\n"));
    assert!(mailbox[2].text.contains("\nhttp://portal.test/\n"));
}
