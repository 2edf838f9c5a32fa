//! A real mail server: it takes, puts off, refuses, hangs, breaks off. Each mail once, as far as that can be.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use notifier::{
    commands::{send, take_accounts, take_invitations},
    letters::Letter,
    store,
    transport::{Failure, Parcel, Transport},
};
use uuid::Uuid;

use crate::{
    taken::invite,
    world::{World, dossier, smtp, world_with},
};

const MARCH: &str = "2026-03-02T10:00:00Z";

/// The server, ended with this.
struct Server {
    child: Child,
    dir: tempfile::TempDir,
    port: u16,
}

impl Server {
    async fn start() -> Self {
        Self::with(&[]).await
    }

    async fn with(more: &[PathBuf]) -> Self {
        let more = more.to_vec();
        tokio::task::spawn_blocking(move || {
            let wheels = engines::wheels(include_str!("wheels.txt")).unwrap();
            let dir = tempfile::tempdir().unwrap();
            let mut child = Command::new("python3")
                .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py"))
                .arg(dir.path())
                .args(more)
                .env("PYTHONPATH", wheels)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let port = line.trim().parse().unwrap_or_else(|_| panic!("the mail server did not start: {line:?}"));
            Self { child, dir, port }
        })
        .await
        .unwrap()
    }

    /// What it took, oldest first.
    fn mails(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "mail"))
            .collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _may_have_ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Header of that name, unfolded.
fn header(mail: &str, name: &str) -> String {
    let head = mail.replace("\r\n", "\n").replace("\n ", " ");
    let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
    found.unwrap_or_else(|| panic!("no {name} in {mail}"))
}

async fn only(world: &World) -> store::Page {
    let mut conn = world.app.db.read().await.unwrap();
    let mut rows = store::list(&mut conn, "", "", i64::MAX, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

/// A world with one dossier's welcome to send to `address`.
async fn welcome(name: &'static str, server: &Server, address: &str, more: &str) -> World {
    let world = world_with(name, MARCH, &smtp(server.port, more)).await;
    world.calendar().await;
    world.contact(1, address);
    world.opened(1).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_taken_with_both_parts_and_its_own_message_id() {
    let server = Server::start().await;
    let world =
        welcome("smtp_taken", &server, "jeanne@example.org", "tls = 'none'\nreply_to = 'help@example.org'").await;
    world.work().await;
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.tries, row.last_error.as_str()), ("sent", 1, ""));
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(header(mail, "Message-ID"), format!("<{}@portal.test>", row.id));
    assert_eq!(header(mail, "Date"), "Mon, 02 Mar 2026 10:00:00 +0000");
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(mail, "Reply-To"), "help@example.org");
    assert!(header(mail, "From").contains("no-reply@portal.test"));
    assert!(header(mail, "Content-Type").starts_with("multipart/alternative"));
    let (plain, html) =
        (mail.find("text/plain; charset=utf-8").unwrap(), mail.find("text/html; charset=utf-8").unwrap());
    assert!(plain < html, "the richer part last (RFC 2046)");
    assert!(mail.is_ascii(), "nothing depends on 8BITMIME");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_passes_is_tried_again_and_not_before_its_time() {
    let server = Server::start().await;
    let world = welcome("smtp_grey", &server, "grey@example.org", "tls = 'none'").await;
    world.work().await;
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.tries, row.last_error.as_str()), ("pending", 1, "451"));
    let next = row.next_try_at.unwrap();
    let wait = next.duration_since(world.clock.now());
    assert!(wait >= SignedDuration::from_secs(30) && wait <= SignedDuration::from_mins(1), "{wait}");
    world.advance(next - SignedDuration::from_millis(1)).await;
    assert_eq!(only(&world).await.tries, 1);
    world.advance(next).await;
    assert_eq!((only(&world).await.state.as_str(), server.mails().len()), ("sent", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_passes_is_given_up_and_a_person_may_start_it_over() {
    let server = Server::start().await;
    let world = welcome("smtp_full", &server, "full@example.org", "tls = 'none'").await;
    // The close is later than four days from now; what counts is the mail.
    let mut tries = 0;
    while only(&world).await.state == "pending" {
        world.work().await;
        tries += 1;
        assert!(tries < 100, "it is never given up");
        if let Some(next) = only(&world).await.next_try_at {
            world.clock.advance(next).unwrap();
        }
    }
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.last_error.as_str()), ("given_up", "452"));
    let took = world.clock.now().duration_since(row.asked_at);
    assert!(took > SignedDuration::from_hours(3 * 24) && took <= SignedDuration::from_hours(4 * 24), "{took}");
    assert!(row.tries > 20, "{}", row.tries);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_good_is_a_bounce_and_names_no_address() {
    let server = Server::start().await;
    for (name, address, code) in
        [("smtp_unknown", "unknown@example.org", "550"), ("smtp_spam", "spam@example.org", "554")]
    {
        let world = welcome(name, &server, address, "tls = 'none'").await;
        world.work().await;
        world.later(SignedDuration::from_hours(12)).await;
        let row = only(&world).await;
        assert_eq!((row.state.as_str(), row.tries, row.last_error.as_str()), ("bounced", 1, code));
    }
    let world = welcome("smtp_noaddress", &server, "no address", "tls = 'none'").await;
    world.work().await;
    assert_eq!(only(&world).await.state, "bounced");
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_has_against_us_is_no_bounce() {
    let server = Server::start().await;
    let settings = smtp(server.port, "tls = 'none'").replace("<no-reply@", "<unwelcome@");
    let world = world_with("smtp_unwelcome", MARCH, &settings).await;
    world.calendar().await;
    world.contact(1, "jeanne@example.org");
    world.opened(1).await;
    world.work().await;
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.last_error.as_str()), ("pending", "550"));

    // Nobody listens there.
    let world = world_with("smtp_nobody", MARCH, &smtp(1, "tls = 'none'")).await;
    world.calendar().await;
    world.contact(1, "jeanne@example.org");
    world.opened(1).await;
    world.work().await;
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.last_error.as_str()), ("pending", "connection"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_holds_up_nobody_else_and_one_that_breaks_off_is_asked_again() {
    let server = Server::start().await;
    let world = welcome("smtp_hang", &server, "hang@example.org", "tls = 'none'").await;
    for n in 2..=6 {
        world.contact(n, &format!("c{n}@example.org"));
        world.opened(n).await;
    }
    world.contact(7, "cut@example.org");
    world.opened(7).await;
    let began = Instant::now();
    world.work().await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let mut conn = world.app.db.read().await.unwrap();
    let rows = store::list(&mut conn, "", "", i64::MAX, 10).await.unwrap();
    let of = |n: u128| rows.iter().find(|row| row.dossier == Some(dossier(n))).unwrap();
    assert_eq!((of(1).state.as_str(), of(1).last_error.as_str()), ("pending", "timeout"));
    assert_eq!(of(7).state, "pending");
    assert!((2..=6).all(|n| of(n).state == "sent"));
    drop(conn);
    world.contact(1, "jeanne@example.org");
    world.later(SignedDuration::from_mins(1)).await;
    assert_eq!(world.states("dossier_opened").await, ["sent"; 7]);
    let readers: BTreeSet<String> = server.mails().iter().map(|mail| header(mail, "To")).collect();
    assert_eq!((server.mails().len(), readers.len()), (7, 7), "none twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_window_in_which_a_mail_may_leave_twice_shows() {
    // The server takes it and breaks off before it says so; or it says so, and we die before that is stored.
    let server = Server::start().await;
    let world = welcome("smtp_mute", &server, "mute@example.org", "tls = 'none'").await;
    world.work().await;
    world.later(SignedDuration::from_mins(1)).await;
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.tries), ("sent", 2), "the tries tell of the first");
    let ids: Vec<String> = server.mails().iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!(ids, vec![format!("<{}@portal.test>", row.id); 2], "two copies of one mail, known as such by its id");

    let world = welcome("smtp_died", &server, "jeanne@example.org", "tls = 'none'").await;
    let mut tx = world.app.db.begin("claim").await.unwrap();
    let claimed = store::claim(&mut tx, false, 10, world.app.lease(), world.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let letter = Letter { subject: "s".into(), text: "t".into(), html: "h".into() };
    let parcel =
        Parcel { id: claimed[0].id, name: "", address: "jeanne@example.org", letter: &letter, at: world.clock.now() };
    world.app.transport.send(parcel).await.unwrap();
    world.later(SignedDuration::from_hours(1)).await;
    assert_eq!(
        server.mails().len(),
        3,
        "while the claim lasts nobody else sends it, whatever the session's clock says"
    );
    world.sql("update mails set leased_until = clock_timestamp() - interval '1 millisecond'").await;
    world.work().await;
    let row = only(&world).await;
    assert_eq!((row.state.as_str(), row.tries), ("sent", 2));
    let ids: Vec<String> = server.mails().iter().skip(2).map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!(ids, vec![format!("<{}@portal.test>", row.id); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_send_each_mail_once() {
    let server = Server::start().await;
    let settings = smtp(server.port, "tls = 'none'\nconnections = 8");
    let world = world_with("smtp_replicas", MARCH, &settings).await;
    world.calendar().await;
    let other = world.replica(&settings).await;
    for n in 1..=80 {
        // Slow enough that both are at it.
        world.contact(n, &format!("{}@example{n}.org", if n % 4 == 0 { "slow" } else { "quick" }));
        world.opened(n).await;
    }
    let drain = |app: notifier::app::App| async move {
        let mut sent = 0;
        loop {
            let n = send::round(&app, false).await.unwrap();
            if n == 0 {
                return sent;
            }
            sent += n;
        }
    };
    let (a, b) = tokio::join!(drain(world.app.clone()), drain(other));
    assert!(a > 0 && b > 0 && a + b == 80, "{a} and {b}");
    let readers: BTreeSet<String> = server.mails().iter().map(|mail| header(mail, "To")).collect();
    assert_eq!((server.mails().len(), readers.len()), (80, 80));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_bounces_reaches_intake_and_an_account_mail_is_offered_no_more() {
    let server = Server::start().await;
    let world = world_with("smtp_invitation", MARCH, &smtp(server.port, "tls = 'none'")).await;
    world.calendar().await;
    invite(&world, "gone", "unknown@example.org");
    invite(&world, "full", "full@example.org");
    invite(&world, "well", "prof@example.org");
    // Intake is away when it is to hear of it: told in a later round.
    world.stand.facts().away.push("ReportBounce");
    let _either_way = take_invitations::round(&world.app).await;
    world.stand.facts().away.clear();
    assert_eq!(take_invitations::round(&world.app).await.unwrap(), 1, "one is put off, and whoever polls waits longer");
    assert_eq!(world.stand.facts().bounced, [("gone".to_owned(), "550".to_owned())]);
    assert_eq!(world.stand.facts().confirmed, ["well"]);
    assert_eq!(server.mails().len(), 1);

    let mail = contracts::portal::AccountMail {
        mail_id: "m".into(),
        kind: contracts::portal::AccountMailKind::Changed.into(),
        email: "unknown@example.org".into(),
        language: "fr".into(),
        ..Default::default()
    };
    world.stand.facts().account_mails.insert("m".into(), mail);
    take_accounts::round(&world.app).await.unwrap();
    assert_eq!(world.stand.facts().accounts_confirmed, [("m".to_owned(), true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_a_server_that_cannot_secure_the_connection() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (clear, secured) = (Server::start().await, Server::with(&[certificate.clone(), key]).await);
    let send = |port: u16, more: String| async move {
        let settings = toml::from_str::<notifier::settings::Settings>(&smtp(port, &more)).unwrap();
        let settings = settings.check(platform::config::Environment::Demo).unwrap();
        let notifier::settings::Transport::Smtp(smtp) = &settings.transport else { panic!("smtp") };
        let transport = notifier::transport::Smtp::open(smtp, &settings.portal_url).unwrap();
        let letter = Letter { subject: "s".into(), text: "t".into(), html: "h".into() };
        let at = MARCH.parse().unwrap();
        let parcel = Parcel { id: Uuid::new_v4(), name: "A", address: "a@example.org", letter: &letter, at };
        Transport::Smtp(Box::new(transport)).send(parcel).await
    };
    let ours = format!("ca_file = '{}'", certificate.display());
    assert_eq!(send(clear.port, ours.clone()).await, Err(Failure::Later("connection".into())), "no STARTTLS there");
    assert_eq!(send(secured.port, String::new()).await, Err(Failure::Later("connection".into())), "not our authority");
    assert_eq!(send(secured.port, ours).await, Ok(()));
    assert_eq!((clear.mails().len(), secured.mails().len()), (0, 1));
}
