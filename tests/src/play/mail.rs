//! Mail as its readers see it: in the demo's mailbox.

use std::time::{Duration, Instant};

use contracts::{notifier as api, roles};

use crate::{
    failure::Failure,
    must,
    world::{Who, World},
};

/// How long a reader waits for a mail; real time, generous because machines are shared.
const PATIENCE: Duration = Duration::from_secs(120);
/// What stands before the token of a fiche's link.
const FICHE: &str = "/recommandation/";

/// The token of the link in the newest mail to a referee, once `count` mails have arrived there (R11).
///
/// # Errors
/// They do not arrive, or the newest has no link.
pub async fn fiche_link(world: &World, address: &str, count: usize) -> Result<String, Failure> {
    let portal = Who::role(roles::SERVICE, "portal");
    let began = Instant::now();
    let newest = loop {
        let list = api::ListMailboxRequest { to: address.to_owned(), ..Default::default() };
        let entries = must!(world.notifier, &portal, list_mailbox, list)?.entries;
        if let Some(newest) = entries.first().filter(|_| entries.len() >= count) {
            break newest.mail_id.clone();
        }
        if began.elapsed() > PATIENCE {
            let (what, seconds) = (format!("invitation {count} to {address}"), PATIENCE.as_secs());
            return Err(Failure::Silent { what, seconds, last: format!("{} mails", entries.len()) });
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let get = api::GetMailboxMessageRequest { mail_id: newest };
    let text = must!(world.notifier, &portal, get_mailbox_message, get)?.text;
    let token =
        text.split(FICHE).nth(1).map(|rest| rest.chars().take_while(char::is_ascii_hexdigit).collect::<String>());
    token.ok_or_else(|| Failure::unexpected(address, "invitation", "a link", "none"))
}
