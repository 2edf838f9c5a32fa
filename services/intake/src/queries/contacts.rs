//! Who a dossier belongs to, for those who write to candidates or match their payments; and who looks alike (R7).

use contracts::{intake as pb, roles};
use notice::keys;
use platform::{auth::Caller, calendar, refusal::Refusal};
use uuid::Uuid;

use super::Page;
use crate::{
    app::{App, id},
    domain::{
        names::{fold, words},
        text::Faults,
    },
    store::reading::{self, Contact, Named},
    wire,
};

/// Most ids in one question.
const MOST_IDS: usize = 500;

/// Most matches of a name: with more, the name tells nothing.
const MOST_MATCHES: i64 = 20;

fn contact(c: Contact) -> pb::Contact {
    pb::Contact {
        dossier_id: c.id.to_string(),
        number: u64::try_from(c.number).unwrap_or(0),
        family_name: c.family_name,
        first_names: c.first_names,
        email: c.email,
    }
}

fn parsed(ids: &[String]) -> Result<Vec<Uuid>, Refusal> {
    if ids.len() > MOST_IDS {
        return Err(Refusal::invalid("TOO_MANY_IDS").field("dossier_ids", format!("up to {MOST_IDS}")));
    }
    ids.iter().map(|text| id("dossier_ids", text)).collect()
}

/// Names for lists that bear ids alone: of closed dossiers that whoever asks may read; the others are left out. The jury:
/// all. People of a school: those it verifies; its staff also, once the admission results are published, whoever applied
/// there (before, that would tell of an order, R14, or prepare what is not out, R19).
///
/// # Errors
/// Another role or no school, a malformed id, or too many.
pub async fn names_of(app: &App, caller: &Caller, ids: &[String]) -> Result<Vec<pb::Name>, Refusal> {
    let jury = caller.require(&[roles::JURY, roles::JURY_PRESIDENT]).is_ok();
    let school = caller.unit.as_deref().filter(|_| !jury);
    if !jury {
        let all = [roles::JURY, roles::JURY_PRESIDENT, roles::STAFF, roles::PLANNER, roles::FINANCE];
        caller.require(&all)?;
        caller.require_unit(&all, school.unwrap_or_default())?;
    }
    let ids = parsed(ids)?;
    let mut conn = app.db.read().await?;
    let published = calendar::passed(&mut conn, keys::ADMISSION_RESULTS, caller.received_at).await?;
    let applied = published && caller.role == roles::STAFF;
    let name = |n: Named| pb::Name {
        dossier_id: n.id.to_string(),
        number: u64::try_from(n.number).unwrap_or(0),
        family_name: n.family_name,
        first_names: n.first_names,
        filiere: n.filiere,
    };
    Ok(reading::names(&mut conn, &ids, school, applied).await?.into_iter().map(name).collect())
}

/// Names and addresses; ids that no dossier bears are left out.
///
/// # Errors
/// Not a service, a malformed id, or too many.
pub async fn contact_of(app: &App, caller: &Caller, ids: &[String]) -> Result<Vec<pb::Contact>, Refusal> {
    caller.require(&[roles::SERVICE])?;
    let ids = parsed(ids)?;
    let mut conn = app.db.read().await?;
    Ok(reading::contacts(&mut conn, &ids).await?.into_iter().map(contact).collect())
}

/// Dossiers whose family name and first first-name occur in a text (R23).
///
/// # Errors
/// Not a service, or an unsound text.
pub async fn find_by_name(app: &App, caller: &Caller, text: &str) -> Result<Vec<pb::Contact>, Refusal> {
    caller.require(&[roles::SERVICE])?;
    let mut faults = Faults::default();
    let text = faults.line("text", text, 1, 200);
    let folded = fold(&faults.or(text)?);
    if folded.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = app.db.read().await?;
    Ok(reading::by_name(&mut conn, &folded, MOST_MATCHES).await?.into_iter().map(contact).collect())
}

/// Dossiers in whose name every word of a text occurs: the other way round.
///
/// # Errors
/// Not a service, or an unsound text.
pub async fn search_names(app: &App, caller: &Caller, text: &str) -> Result<Vec<pb::Contact>, Refusal> {
    caller.require(&[roles::SERVICE])?;
    let mut faults = Faults::default();
    let text = faults.line("text", text, 2, 200);
    let words = words(&faults.or(text)?);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut conn = app.db.read().await?;
    Ok(reading::by_words(&mut conn, &words, MOST_MATCHES).await?.into_iter().map(contact).collect())
}

/// Dossiers with the same name and birth date under two accounts (R7).
///
/// # Errors
/// Neither staff of the school named nor jury, a malformed id, or an unsound page.
pub async fn look_alikes(
    app: &App,
    caller: &Caller,
    school: &str,
    dossier: Option<Uuid>,
    page: Page,
) -> Result<pb::LookAlikesReply, Refusal> {
    let jury = caller.require(&[roles::JURY, roles::JURY_PRESIDENT]).is_ok();
    if !jury {
        caller.require_unit(&[roles::STAFF], school)?;
    }
    if !school.is_empty() && app.session.school(school).is_none() {
        let known = app.session.schools.iter().map(|s| s.id.clone());
        return Err(Refusal::invalid("SCHOOL_UNKNOWN")
            .field("school", "no such school in this session")
            .allowed(known));
    }
    let school = (!school.is_empty()).then_some(school);
    let mut conn = app.db.read().await?;
    let lines = reading::look_alikes(&mut conn, school, dossier, page.wanted()).await?;
    let mut groups: Vec<(u64, pb::LookAlikeGroup)> = Vec::new();
    for l in lines {
        if groups.last().is_none_or(|(group, _)| *group != l.group) {
            let group = pb::LookAlikeGroup {
                family_name: l.family_name.clone(),
                first_names: l.first_names.clone(),
                birth_date: l.birth_date.to_string(),
                dossiers: Vec::new(),
            };
            groups.push((l.group, group));
        }
        if let Some((_, group)) = groups.last_mut() {
            let state = wire::state_out(l.state).into();
            group.dossiers.push(pb::LookAlike { dossier_id: l.id.to_string(), number: l.number, state });
        }
    }
    let (groups, next_page_token) = page.cut(groups, |(group, _)| *group);
    Ok(pb::LookAlikesReply { groups: groups.into_iter().map(|(_, g)| g).collect(), next_page_token })
}
