//! People of the house in the demo, who have a password in the configuration. Elsewhere they come from their provider.

use jiff::Timestamp;

use super::{Denied, open_session};
use crate::{
    app::App,
    domain::{grant::Grant, session::Kind, throttle::Door},
    secret,
    store::tries,
};

/// Someone of the demo's staff by name and password: the cookie. All their entries are their grants.
///
/// # Errors
/// No such name, not the password, too many tries; [`Denied::Wrong`] where there is no demo.
pub async fn demo_staff(
    app: &App,
    subject: &str,
    password: &str,
    from: &str,
    now: Timestamp,
) -> Result<String, Denied> {
    if !tries::count(&mut *app.db.read().await?, Door::Address, from, now).await? {
        return Err(Denied::TooMany(Door::Address));
    }
    let demo = app.settings.demo.as_ref().ok_or(Denied::Wrong)?;
    let theirs: Vec<_> =
        demo.staff.iter().filter(|s| s.subject == subject && secret::same(s.password.expose(), password)).collect();
    let first = theirs.first().ok_or(Denied::Wrong)?;
    let grants = theirs.iter().map(|s| Grant { role: s.role.clone(), school: s.school.clone() }).collect();
    open_session(app, Kind::Staff, subject, &first.name, grants, now).await
}
