//! The session and its calendar: what a system needs to know before it asks anything.

use contracts::scheduler::{CalendarEntry, GetCalendarRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{Call, Trouble, input::None_, operation::Operations, types::At};

pub fn operations() -> Operations {
    Operations::default().get("getSession", "/session", None, session).get("getCalendar", "/calendar", None, calendar)
}

/// The session, and which part of it a token opens.
#[derive(Debug, Serialize, ToSchema)]
struct Session {
    /// Its id, e.g. "2026".
    session: String,
    /// IANA zone in which people read its instants.
    zone: String,
    /// ISO 4217.
    currency: String,
    /// The fee, in cents of that.
    fee_cents: i64,
    schools: Vec<School>,
    filieres: Vec<Filiere>,
    pieces: Vec<PieceKind>,
    /// The token that asks.
    token: Bearer,
}

/// A school.
#[derive(Debug, Serialize, ToSchema)]
struct School {
    id: String,
    name: String,
}

/// A filière.
#[derive(Debug, Serialize, ToSchema)]
struct Filiere {
    id: String,
    label: Label,
}

/// A piece that a dossier may need.
#[derive(Debug, Serialize, ToSchema)]
struct PieceKind {
    id: String,
    label: Label,
}

/// A label of the notice.
#[derive(Debug, Serialize, ToSchema)]
struct Label {
    fr: String,
    en: String,
}

/// What a token opens.
#[derive(Debug, Serialize, ToSchema)]
struct Bearer {
    /// School it is limited to.
    school: String,
    scopes: Vec<String>,
    expires_at: At,
}

fn label(of: &notice::Label) -> Label {
    Label { fr: of.fr.clone(), en: of.en.clone() }
}

async fn session(call: Call, _: None_, _: None_) -> Result<Session, Trouble> {
    let s = &call.app.session;
    Ok(Session {
        session: s.id.clone(),
        zone: s.zone_name.clone(),
        currency: s.currency.clone(),
        fee_cents: s.fee.cents,
        schools: s.schools.iter().map(|s| School { id: s.id.clone(), name: s.name.clone() }).collect(),
        filieres: s.filieres.iter().map(|f| Filiere { id: f.id.clone(), label: label(&f.label) }).collect(),
        pieces: s.pieces.iter().map(|p| PieceKind { id: p.id.clone(), label: label(&p.label) }).collect(),
        token: Bearer {
            school: call.school(),
            scopes: call.token.scopes.clone(),
            expires_at: At(call.token.expires_at),
        },
    })
}

/// The calendar as it stands.
#[derive(Debug, Serialize, ToSchema)]
struct Calendar {
    /// Grows by one with each change.
    version: u64,
    /// By due instant.
    transitions: Vec<Transition>,
}

/// An instant at which something begins or ends for everyone.
#[derive(Debug, Serialize, ToSchema)]
struct Transition {
    /// Stable name, e.g. "deposits_close" or "period_2_opens".
    key: String,
    due_at: Option<At>,
    /// Absent while pending.
    fired_at: Option<At>,
    /// The printed instant, when it was moved.
    printed_at: Option<At>,
}

impl From<CalendarEntry> for Transition {
    fn from(e: CalendarEntry) -> Self {
        Self { key: e.key, due_at: At::of(e.due_at), fired_at: At::of(e.fired_at), printed_at: At::of(e.printed_at) }
    }
}

async fn calendar(call: Call, _: None_, _: None_) -> Result<Calendar, Trouble> {
    let calendar = call.scheduler().get_calendar(GetCalendarRequest {}).await?.into_inner();
    let transitions = calendar.transitions.into_iter().map(Transition::from).collect();
    Ok(Calendar { version: calendar.version, transitions })
}
