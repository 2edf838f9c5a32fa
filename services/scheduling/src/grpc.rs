//! Wire to command and back.

use std::sync::Arc;

use contracts::{
    roles,
    scheduling::{
        DefineDayReply, DefineDayRequest, DefinePanelReply, DefinePanelRequest, DefineRoomReply, DefineRoomRequest,
        GetConvocationReply, GetConvocationRequest, ListPossibleSlotsReply, ListPossibleSlotsRequest,
        ListScheduleReply, ListScheduleRequest, MoveSlotReply, MoveSlotRequest, PlanReply, PlanRequest,
        RecordExaminerAbsenceReply, RecordExaminerAbsenceRequest, SetRemoteReply, SetRemoteRequest,
        StateConstraintReply, StateConstraintRequest, WithdrawExaminerAbsenceReply, WithdrawExaminerAbsenceRequest,
        WithdrawPanelReply, WithdrawPanelRequest, scheduling_server::Scheduling,
    },
};
use notice::Session;
use platform::{auth::Caller, db::Db, refusal::Refusal};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    commands::{self, Act, Refused},
    domain::{Absence, Convocation, Move, Span},
    queries::{self, Reader, Shown},
    store, wire,
};

/// The gRPC service.
pub struct Grpc {
    db: Db,
    session: Arc<Session>,
}

type Answer<T> = Result<Response<T>, Status>;

impl Grpc {
    /// Answers from `db` and `session`.
    #[must_use]
    pub const fn new(db: Db, session: Arc<Session>) -> Self {
        Self { db, session }
    }

    /// Lets a planner of `school` act on it, or one of `others`, who are of no school.
    fn allow(&self, caller: &Caller, school: &str, others: &[&str]) -> Result<(), Refusal> {
        self.allow_of(&[roles::PLANNER], caller, school, others)
    }

    /// Who reads the schedule of `school`: its planners, the jury, its staff.
    fn reader(&self, caller: &Caller, school: &str) -> Result<Reader, Refusal> {
        let (own, jury) = ([roles::PLANNER, roles::STAFF], [roles::JURY, roles::JURY_PRESIDENT]);
        self.allow_of(&own, caller, school, &jury)?;
        Ok(match caller.role.as_str() {
            roles::PLANNER => Reader::Planner,
            roles::STAFF => Reader::Staff,
            _ => Reader::Jury,
        })
    }

    fn allow_of(&self, own: &[&str], caller: &Caller, school: &str, others: &[&str]) -> Result<(), Refusal> {
        caller.require(&[own, others].concat())?;
        if own.contains(&caller.role.as_str()) {
            caller.require_unit(own, school)?;
        }
        if self.session.school(school).is_none() {
            let schools = self.session.schools.iter().map(|s| s.id.as_str());
            return Err(Refusal::invalid("UNKNOWN_SCHOOL").field("school", "no such school").allowed(schools));
        }
        Ok(())
    }

    async fn shown(&self, school: &str, convocation: Convocation) -> Result<Shown, Refusal> {
        let mut conn = self.db.read().await?;
        let dossier = convocation.dossier();
        let known = store::known(&mut conn, Some(school), Some(dossier)).await?.pop();
        let remote = store::school_remote(&mut conn, school).await?;
        let stored = known.and_then(|k| Shown::of(&k, &remote));
        stored.ok_or_else(|| wire::refusal(Refused::NoSlot))
    }
}

/// The subject, whether the caller's own or of whom they act for, may ask about `dossier`.
fn own(caller: &Caller, dossier: Uuid) -> Result<(), Refusal> {
    caller.require(&[roles::CANDIDATE, roles::MANDATE])?;
    caller.require_own(dossier)
}

#[tonic::async_trait]
impl Scheduling for Grpc {
    async fn define_panel(&self, request: Request<DefinePanelRequest>) -> Answer<DefinePanelReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let name = wire::name("panel", &asked.panel)?;
        let exam = wire::exam("exam", asked.exam)?;
        let examiners = asked.examiners.iter().map(|e| wire::name("examiners", e)).collect::<Result<Vec<_>, _>>()?;
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("define_panel").await?;
        commands::define_panel(&mut tx, &self.session, act, &name, exam, &examiners).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(DefinePanelReply {}))
    }

    async fn define_room(&self, request: Request<DefineRoomRequest>) -> Answer<DefineRoomReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let room = wire::name("room", &asked.room)?;
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("define_room").await?;
        commands::define_room(&mut tx, act, &room).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(DefineRoomReply {}))
    }

    async fn define_day(&self, request: Request<DefineDayRequest>) -> Answer<DefineDayReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let (zone, date) = (&self.session.zone, wire::day(&asked.day)?);
        let hours = wire::hours("hours", zone, date, asked.hours.as_ref())?;
        let lunch = wire::hours("lunch", zone, date, asked.lunch.as_ref())?;
        let breaks = asked.breaks.iter().map(|b| wire::hours("breaks", zone, date, Some(b)));
        let breaks = breaks.collect::<Result<Vec<_>, _>>()?;
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("define_day").await?;
        let defined = commands::define_day(&mut tx, &self.session, act, date, hours, lunch, breaks).await;
        defined.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(DefineDayReply {}))
    }

    async fn record_examiner_absence(
        &self,
        request: Request<RecordExaminerAbsenceRequest>,
    ) -> Answer<RecordExaminerAbsenceReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let examiner = wire::name("examiner", &asked.examiner)?;
        let reason = wire::sentence("reason", &asked.reason)?;
        let during = Span::new(wire::instant("from", asked.from)?, wire::instant("to", asked.to)?);
        let absence = commands::RecordAbsence { examiner: &examiner, during, reason: &reason };
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("record_absence").await?;
        let affected = commands::record_absence(&mut tx, &self.session, act, &absence).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(RecordExaminerAbsenceReply { affected: wire::affected(affected) }))
    }

    async fn withdraw_examiner_absence(
        &self,
        request: Request<WithdrawExaminerAbsenceRequest>,
    ) -> Answer<WithdrawExaminerAbsenceReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let during = Span::new(wire::instant("from", asked.from)?, wire::instant("to", asked.to)?);
        let absence = Absence { examiner: wire::name("examiner", &asked.examiner)?, during };
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("withdraw_absence").await?;
        let withdrawn = commands::withdraw_absence(&mut tx, act, &absence).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(WithdrawExaminerAbsenceReply { withdrawn }))
    }

    async fn withdraw_panel(&self, request: Request<WithdrawPanelRequest>) -> Answer<WithdrawPanelReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let panel = wire::name("panel", &asked.panel)?;
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("withdraw_panel").await?;
        let withdrawn = commands::withdraw_panel(&mut tx, act, &panel).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(WithdrawPanelReply { withdrawn }))
    }

    async fn plan(&self, request: Request<PlanRequest>) -> Answer<PlanReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[])?;
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("plan_orals").await?;
        let planned = commands::plan_orals(&mut tx, &self.session, act).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(wire::planned(planned)))
    }

    async fn move_slot(&self, request: Request<MoveSlotRequest>) -> Answer<MoveSlotReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::PLANNER])?;
        let asked = request.into_inner();
        // A planner moves slots of the own school; a dossier of another is as good as unknown.
        let school = caller.unit.clone().unwrap_or_default();
        self.allow(&caller, &school, &[])?;
        let exam = wire::exam("exam", asked.exam)?;
        let given = |text: String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let mut moves = vec![Move {
            exam,
            begins_at: wire::instant("begins_at", asked.begins_at)?,
            panel: given(asked.panel),
            room: given(asked.room),
        }];
        if asked.other_begins_at.is_some() {
            moves.push(Move {
                exam: exam.other(),
                begins_at: wire::instant("other_begins_at", asked.other_begins_at)?,
                panel: given(asked.other_panel),
                room: given(asked.other_room),
            });
        }
        let reason = wire::sentence("reason", &asked.reason)?;
        let order = commands::MoveSlot { dossier: wire::dossier_id(&asked.dossier_id)?, moves, reason: &reason };
        let act = Act { school: &school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("move_slot").await?;
        let moved = commands::move_slot(&mut tx, &self.session, act, &order).await.map_err(wire::refusal)?;
        tx.commit().await?;
        let shown = self.shown(&school, moved).await?;
        Ok(Response::new(MoveSlotReply { convocation: Some(wire::convocation(&self.session, &shown)) }))
    }

    async fn set_remote(&self, request: Request<SetRemoteRequest>) -> Answer<SetRemoteReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        self.allow(&caller, &asked.school, &[roles::JURY_PRESIDENT])?;
        let dossier = if asked.dossier_id.is_empty() { None } else { Some(wire::dossier_id(&asked.dossier_id)?) };
        let link = wire::link(asked.remote, &asked.link)?;
        let order = commands::SetRemote { dossier, remote: asked.remote, link: &link };
        let act = Act { school: &asked.school, actor: &caller.subject, at: caller.received_at };
        let mut tx = self.db.begin("set_remote").await?;
        let changed = commands::set_remote(&mut tx, &self.session, act, order).await.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(SetRemoteReply { changed: u32::try_from(changed).unwrap_or(u32::MAX) }))
    }

    async fn list_schedule(&self, request: Request<ListScheduleRequest>) -> Answer<ListScheduleReply> {
        let caller = Caller::of(&request)?;
        let school = request.into_inner().school;
        let reader = self.reader(&caller, &school)?;
        let mut conn = self.db.read().await?;
        let schedule = queries::schedule(&mut conn, &self.session, &school, reader, caller.received_at).await;
        let schedule = schedule.map_err(wire::refusal)?;
        Ok(Response::new(wire::schedule(&self.session, &school, schedule)))
    }

    async fn list_possible_slots(&self, request: Request<ListPossibleSlotsRequest>) -> Answer<ListPossibleSlotsReply> {
        let caller = Caller::of(&request)?;
        caller.require(&[roles::PLANNER])?;
        let asked = request.into_inner();
        // As for a move: a dossier of another school is as good as unknown.
        let school = caller.unit.clone().unwrap_or_default();
        self.allow(&caller, &school, &[])?;
        let exam = (wire::dossier_id(&asked.dossier_id)?, wire::exam("exam", asked.exam)?);
        let day = if asked.day.is_empty() { None } else { Some(wire::day(&asked.day)?) };
        let mut conn = self.db.read().await?;
        let places = queries::possible_slots(&mut conn, &self.session, &school, exam, day).await;
        Ok(Response::new(wire::places(places.map_err(wire::refusal)?)))
    }

    async fn get_convocation(&self, request: Request<GetConvocationRequest>) -> Answer<GetConvocationReply> {
        let caller = Caller::of(&request)?;
        let dossier = wire::dossier_id(&request.get_ref().dossier_id)?;
        own(&caller, dossier)?;
        let mut conn = self.db.read().await?;
        let shown = queries::convocation(&mut conn, dossier, caller.received_at).await?;
        let shown = shown.ok_or_else(|| wire::refusal(Refused::NoConvocation))?;
        Ok(Response::new(GetConvocationReply { convocation: Some(wire::convocation(&self.session, &shown)) }))
    }

    async fn state_constraint(&self, request: Request<StateConstraintRequest>) -> Answer<StateConstraintReply> {
        let caller = Caller::of(&request)?;
        let asked = request.into_inner();
        let dossier = wire::dossier_id(&asked.dossier_id)?;
        own(&caller, dossier)?;
        let reason = wire::sentence("reason", &asked.reason)?;
        let mut tx = self.db.begin("state_constraint").await?;
        let stated = commands::state_constraint(&mut tx, dossier, &reason, caller.received_at).await;
        let stated_at = stated.map_err(wire::refusal)?;
        tx.commit().await?;
        Ok(Response::new(StateConstraintReply { stated_at: Some(stated_at.into()) }))
    }
}
