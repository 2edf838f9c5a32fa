//! Invitations, links and fiches (R11).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use platform::db::{DbError, Tx};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    corrupt, digest,
    dossiers::{value, word},
};
use crate::domain::{
    dossier::Fiche,
    referee::{Appreciation, FicheAnswers, InvitationState, Referee},
};

/// One invitation.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// For which dossier.
    pub dossier: Uuid,
    /// From 1 per dossier.
    pub number: u32,
    /// Who was invited.
    pub referee: Referee,
    /// Where it stands.
    pub state: InvitationState,
    /// When.
    pub invited_at: Timestamp,
}

/// Words of [`Appreciation`] as stored.
const APPRECIATIONS: [(Appreciation, &str); 4] = [
    (Appreciation::VeryFavourable, "very_favourable"),
    (Appreciation::Favourable, "favourable"),
    (Appreciation::Reserved, "reserved"),
    (Appreciation::Unfavourable, "unfavourable"),
];

#[derive(Serialize, Deserialize)]
struct AnswersRow {
    known_as: String,
    rank: u32,
    cohort: u32,
    appreciation: String,
    comment: String,
}

struct Row {
    id: Uuid,
    dossier_id: Uuid,
    number: i32,
    name: String,
    email: String,
    capacity: String,
    state: String,
    ended_at: Option<jiff_sqlx::Timestamp>,
    bounce: Option<String>,
    invited_at: jiff_sqlx::Timestamp,
}

impl Row {
    fn invitation(self) -> Result<Invitation, DbError> {
        let state = match (self.state.as_str(), self.ended_at) {
            ("pending", _) => InvitationState::Pending,
            ("sent", _) => InvitationState::Sent,
            ("bounced", _) => InvitationState::Bounced(self.bounce.unwrap_or_default()),
            ("used", Some(at)) => InvitationState::Used { at: at.to_jiff() },
            ("revoked", Some(at)) => InvitationState::Revoked { at: at.to_jiff() },
            _ => return Err(corrupt("invitation", &self.state)),
        };
        Ok(Invitation {
            id: self.id,
            dossier: self.dossier_id,
            number: u32::try_from(self.number).unwrap_or(0),
            referee: Referee { name: self.name, email: self.email, capacity: self.capacity },
            state,
            invited_at: self.invited_at.to_jiff(),
        })
    }
}

/// The dossier's last invitation.
///
/// # Errors
/// The database does not answer.
pub async fn last(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<Invitation>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "select id, dossier_id, number, name, email, capacity, state, ended_at, bounce, invited_at from invitations
         where dossier_id = $1 order by number desc limit 1",
        dossier,
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::invitation).transpose()
}

/// Locks an invitation until `tx` ends.
///
/// # Errors
/// The database does not answer.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Invitation>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "select id, dossier_id, number, name, email, capacity, state, ended_at, bounce, invited_at from invitations
         where id = $1 for no key update",
        id,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::invitation).transpose()
}

/// The invitation behind a link.
///
/// # Errors
/// The database does not answer.
pub async fn by_link(conn: &mut PgConnection, fingerprint: &[u8; 32]) -> Result<Option<Invitation>, DbError> {
    let row = sqlx::query_as!(
        Row,
        "select i.id, i.dossier_id, i.number, i.name, i.email, i.capacity, i.state, i.ended_at, i.bounce, i.invited_at
         from invitation_tokens t join invitations i on i.id = t.invitation_id where t.fingerprint = $1",
        &fingerprint[..],
    )
    .fetch_optional(conn)
    .await?;
    row.map(Row::invitation).transpose()
}

/// Adds an invitation.
///
/// # Errors
/// The database does not answer, or another is open.
pub async fn insert(tx: &mut Tx, i: &Invitation) -> Result<(), DbError> {
    sqlx::query!(
        "insert into invitations (id, dossier_id, number, name, email, capacity, invited_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        i.id,
        i.dossier,
        i32::try_from(i.number).unwrap_or(i32::MAX),
        i.referee.name,
        i.referee.email,
        i.referee.capacity,
        i.invited_at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes where an invitation stands.
///
/// # Errors
/// The database does not answer.
pub async fn set_state(tx: &mut Tx, id: Uuid, state: &InvitationState) -> Result<(), DbError> {
    let (word, ended_at, bounce) = match state {
        InvitationState::Pending => ("pending", None, None),
        InvitationState::Sent => ("sent", None, None),
        InvitationState::Bounced(why) => ("bounced", None, Some(why.as_str())),
        InvitationState::Used { at } => ("used", Some(*at), None),
        InvitationState::Revoked { at } => ("revoked", Some(*at), None),
    };
    sqlx::query!(
        "update invitations set state = $2, ended_at = $3, bounce = coalesce($4, bounce) where id = $1",
        id,
        word,
        ended_at.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        bounce,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One invitation to send.
#[derive(Debug, Clone)]
pub struct ToSend {
    /// The invitation.
    pub id: Uuid,
    /// For which dossier.
    pub dossier: Uuid,
    /// Who is invited.
    pub name: String,
    /// Where.
    pub email: String,
    /// Who asks.
    pub family_name: String,
    /// Who asks.
    pub first_names: String,
}

/// Invitations of open dossiers that wait to be sent, the oldest first.
///
/// # Errors
/// The database does not answer.
pub async fn to_send(tx: &mut Tx, dossier: Option<Uuid>, limit: i64) -> Result<Vec<ToSend>, DbError> {
    let rows = sqlx::query_as!(
        ToSend,
        "select i.id, i.dossier_id as dossier, i.name, i.email, d.family_name, d.first_names
         from invitations i join dossiers d on d.id = i.dossier_id
         where i.state = 'pending' and d.state = 'open' and ($1::uuid is null or d.id = $1)
         order by i.invited_at, i.id limit $2",
        dossier,
        limit,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Makes links known by their fingerprints.
///
/// # Errors
/// The database does not answer.
pub async fn add_links(tx: &mut Tx, links: &[(Uuid, [u8; 32])], at: Timestamp) -> Result<(), DbError> {
    let ids: Vec<Uuid> = links.iter().map(|(id, _)| *id).collect();
    let fingerprints: Vec<Vec<u8>> = links.iter().map(|(_, f)| f.to_vec()).collect();
    sqlx::query!(
        "insert into invitation_tokens (fingerprint, invitation_id, minted_at)
         select f, i, $3 from unnest($1::bytea[], $2::uuid[]) as t (f, i)",
        &fingerprints,
        &ids,
        at.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was deposited as a fiche.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FicheContent {
    /// A file, which is this piece.
    File(Uuid),
    /// Answers.
    Answers(FicheAnswers),
}

/// Keeps the fiche.
///
/// # Errors
/// The database does not answer, or there is one already.
pub async fn insert_fiche(
    tx: &mut Tx,
    dossier: Uuid,
    invitation: Uuid,
    fiche: &Fiche,
    content: &FicheContent,
) -> Result<(), DbError> {
    let (piece, answers) = match content {
        FicheContent::File(piece) => (Some(*piece), None),
        FicheContent::Answers(a) => {
            let row = AnswersRow {
                known_as: a.known_as.clone(),
                rank: a.rank,
                cohort: a.cohort,
                appreciation: word(&APPRECIATIONS, a.appreciation).to_owned(),
                comment: a.comment.clone(),
            };
            (None, Some(serde_json::to_value(row)?))
        }
    };
    sqlx::query!(
        "insert into fiches (dossier_id, invitation_id, deposited_at, digest, piece_id, answers)
         values ($1, $2, $3, $4, $5, $6)",
        dossier,
        invitation,
        fiche.deposited_at.to_sqlx() as _,
        &fiche.digest[..],
        piece,
        answers,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The fiche and its content.
///
/// # Errors
/// The database does not answer.
pub async fn fiche(conn: &mut PgConnection, dossier: Uuid) -> Result<Option<(Fiche, FicheContent)>, DbError> {
    let row = sqlx::query!("select deposited_at, digest, piece_id, answers from fiches where dossier_id = $1", dossier)
        .fetch_optional(conn)
        .await?;
    let Some(r) = row else { return Ok(None) };
    let content = match (r.piece_id, r.answers) {
        (Some(piece), _) => FicheContent::File(piece),
        (None, Some(answers)) => {
            let a: AnswersRow = serde_json::from_value(answers)?;
            FicheContent::Answers(FicheAnswers {
                appreciation: value(&APPRECIATIONS, "appreciation", &a.appreciation)?,
                known_as: a.known_as,
                rank: a.rank,
                cohort: a.cohort,
                comment: a.comment,
            })
        }
        (None, None) => return Err(corrupt("fiche", "empty")),
    };
    Ok(Some((Fiche { deposited_at: r.deposited_at.to_jiff(), digest: digest(&r.digest)? }, content)))
}
