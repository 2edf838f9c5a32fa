//! The service on a database of its own, without a broker: events are handed over, calls are made as a server would.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use contracts::{
    Fact, intake,
    payments::{
        BalanceReply, BalanceRequest, Fee, FeeStatus, GetFeeRequest, ImportStatementReply, ImportStatementRequest,
        LedgerEntry, LedgerRequest, LineQueued, ListUnmatchedReply, ListUnmatchedRequest,
        payments_server::Payments as _,
    },
    roles,
};
use engines::Postgres;
use jiff::Timestamp;
use notice::Session;
use payments::{
    Payments,
    app::App,
    commands::place_by_name,
    domain::text::canonical,
    grpc::Grpc,
    listen,
    names::{Name, Names},
};
use platform::{
    Service as _,
    auth::Caller,
    db::Db,
    inbox::{BoxError, Envelope, HandleError, Listener as _},
    refusal::{Decoded, Refusal},
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub const SESSION: &str = include_str!("../../../../infra/sessions/2026.toml");
pub const ALBI: &str = "FR7610071420000000100289731";
pub const ALES: &str = "FR7610071300000000100828534";

/// What intake would answer.
#[derive(Default)]
pub struct Register {
    names: Mutex<BTreeMap<String, Vec<Uuid>>>,
    /// It does not answer.
    pub down: AtomicBool,
}

impl Register {
    fn found(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<Uuid>, BoxError> {
        if self.down.load(Ordering::Relaxed) {
            return Err("no answer".into());
        }
        let names = self.names.lock().unwrap();
        Ok(names.iter().filter(|(name, _)| wanted(&canonical(name))).flat_map(|(_, ids)| ids.clone()).collect())
    }
}

#[tonic::async_trait]
impl Names for Register {
    async fn bearing(&self, text: &str) -> Result<Vec<Uuid>, BoxError> {
        let text = canonical(text);
        self.found(|name| text.contains(name))
    }

    async fn with_words(&self, text: &str) -> Result<Vec<Uuid>, BoxError> {
        self.found(|name| text.split_whitespace().all(|word| name.contains(&canonical(word))))
    }

    async fn of(&self, dossiers: &[Uuid]) -> Result<HashMap<Uuid, Name>, BoxError> {
        self.found(|_| false)?;
        let names = self.names.lock().unwrap();
        let parted = |name: &String| {
            let (family, first) = name.split_once(' ').unwrap();
            Name { family: family.into(), first: first.into() }
        };
        let all = names.iter().flat_map(|(name, ids)| ids.iter().map(move |id| (*id, parted(name))));
        Ok(all.filter(|(id, _)| dossiers.contains(id)).collect())
    }
}

pub struct World {
    pub db: Db,
    pub app: App,
    pub grpc: Grpc,
    pub names: Arc<Register>,
    dossiers: listen::Dossiers,
}

pub fn at() -> Timestamp {
    "2026-03-10T10:00:00Z".parse().unwrap()
}

pub fn dossier(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub async fn world(name: &str) -> World {
    world_of(name, SESSION).await
}

pub async fn world_of(name: &str, session: &str) -> World {
    let url = Postgres::shared().unwrap().create_database(&format!("payments_{name}")).unwrap();
    let db = Db::open(url.parse().unwrap(), 8, Payments::NAME, Payments::migrations()).await.unwrap();
    let session = Arc::new(Session::parse(session).unwrap().0);
    let names = Arc::new(Register::default());
    let app = App { db: db.clone(), session, names: names.clone() };
    World { grpc: Grpc(app.clone()), dossiers: listen::Dossiers(app.clone()), db, app, names }
}

pub fn by<T>(role: &str, subject: &str, unit: Option<&str>, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Caller {
        subject: subject.into(),
        role: role.into(),
        unit: unit.map(Into::into),
        ..Caller::anonymous(at())
    });
    request
}

/// The same request, received at another instant.
pub fn received<T>(mut request: Request<T>, at: Timestamp) -> Request<T> {
    request.extensions_mut().get_mut::<Caller>().unwrap().received_at = at;
    request
}

/// As a finance clerk of the school.
pub fn clerk<T>(school: &str, message: T) -> Request<T> {
    by(roles::FINANCE, "clerk", Some(school), message)
}

pub fn refusal<T: std::fmt::Debug>(answer: Result<Response<T>, Status>) -> Decoded {
    Refusal::from_status(&answer.unwrap_err()).expect("a refusal of ours")
}

pub fn answer<T>(answer: Result<Response<T>, Status>) -> T {
    answer.unwrap().into_inner()
}

impl World {
    pub async fn hear<F: Fact>(&self, fact: &F) -> Result<(), HandleError> {
        let event = Envelope {
            id: Uuid::new_v4(),
            kind: format!("{}.{}", F::SERVICE, F::NAME),
            subject: F::subject(),
            source: F::SERVICE.into(),
            time: at(),
            aggregate: fact.aggregate(),
            version: 1,
            traceparent: None,
            data: serde_json::to_vec(fact).unwrap().into(),
        };
        let mut tx = self.db.begin("hear").await.unwrap();
        self.dossiers.handle(&mut tx, &event).await?;
        tx.commit().await.unwrap();
        Ok(())
    }

    pub async fn opened(&self, n: u128) {
        let number = u64::try_from(n).unwrap();
        let fact = intake::DossierOpened { dossier_id: dossier(n).to_string(), number, opened_at: Some(at().into()) };
        self.hear(&fact).await.unwrap();
    }

    /// Asked for the exemption on this attestation.
    pub async fn exemption(&self, n: u128, school: &str, attestation: &str) {
        let fact = intake::FeeClaimed {
            dossier_id: dossier(n).to_string(),
            claim: intake::FeeClaim::Exemption.into(),
            payee_school: school.into(),
            claimed_at: Some(at().into()),
            attestation_piece_id: attestation.into(),
        };
        self.hear(&fact).await.unwrap();
    }

    pub async fn claimed(&self, n: u128, claim: intake::FeeClaim, school: &str) {
        let fact = intake::FeeClaimed {
            dossier_id: dossier(n).to_string(),
            claim: claim.into(),
            payee_school: school.into(),
            claimed_at: Some(at().into()),
            ..Default::default()
        };
        self.hear(&fact).await.unwrap();
    }

    pub async fn closed(&self, n: u128, school: &str) {
        let fact = intake::DossierClosed {
            dossier_id: dossier(n).to_string(),
            number: u64::try_from(n).unwrap(),
            first_school: school.into(),
            closed_at: Some(at().into()),
            fee_claim: intake::FeeClaim::Transfer.into(),
            ..Default::default()
        };
        self.hear(&fact).await.unwrap();
    }

    /// Opened, a transfer declared, closed.
    pub async fn candidature(&self, n: u128, school: &str) {
        self.opened(n).await;
        self.claimed(n, intake::FeeClaim::Transfer, school).await;
        self.closed(n, school).await;
    }

    pub fn name(&self, name: &str, n: u128) {
        self.names.names.lock().unwrap().entry(name.to_owned()).or_default().push(dossier(n));
    }

    pub async fn fee(&self, n: u128) -> Fee {
        let id = dossier(n).to_string();
        let request = GetFeeRequest { dossier_id: id.clone(), school: String::new() };
        answer(self.grpc.get_fee(by(roles::CANDIDATE, &id, None, request)).await)
    }

    pub async fn status(&self, n: u128) -> FeeStatus {
        self.fee(n).await.status()
    }

    pub async fn try_import(&self, school: &str, content: &[u8]) -> Result<Response<ImportStatementReply>, Status> {
        let request = ImportStatementRequest { school: school.into(), content: content.to_vec(), ..Default::default() };
        self.grpc.import_statement(clerk(school, request)).await
    }

    pub async fn import(&self, school: &str, content: &[u8]) -> ImportStatementReply {
        answer(self.try_import(school, content).await)
    }

    /// Makes every search by name that was told and not made, as the consumer would.
    pub async fn search(&self) {
        let rows: Vec<String> = {
            let mut conn = self.db.read().await.unwrap();
            sqlx::query_scalar("select payload from platform.outbox where subject = $1 order by seq")
                .bind(LineQueued::subject())
                .fetch_all(&mut *conn)
                .await
                .unwrap()
        };
        for row in rows {
            let fact: LineQueued = serde_json::from_str(&row).unwrap();
            let line = fact.line_id.parse().unwrap();
            let Some(found) = place_by_name::search(&self.app, line).await.unwrap() else { continue };
            let mut tx = self.db.begin("search").await.unwrap();
            place_by_name::place_by_name(&self.app, &mut tx, line, &found, at()).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    pub async fn unmatched(&self, school: &str) -> ListUnmatchedReply {
        let request = ListUnmatchedRequest { school: school.into(), ..Default::default() };
        answer(self.grpc.list_unmatched(clerk(school, request)).await)
    }

    pub async fn balance(&self, school: &str) -> BalanceReply {
        let reply = answer(
            self.grpc.balance(clerk(school, BalanceRequest { school: school.into(), ..Default::default() })).await,
        );
        assert!(reply.adds_up, "{reply:?}");
        reply
    }

    pub async fn balance_of(&self, school: &str, since: Option<Timestamp>, until: Option<Timestamp>) -> BalanceReply {
        let request =
            BalanceRequest { school: school.into(), since: since.map(Into::into), until: until.map(Into::into) };
        let reply = answer(self.grpc.balance(clerk(school, request)).await);
        assert!(reply.adds_up, "{reply:?}");
        reply
    }

    /// The whole ledger, read page by page; every page's closing balance must be the next one's opening.
    pub async fn ledger(&self, school: &str, limit: u32) -> (Vec<LedgerEntry>, i64) {
        let (mut all, mut after, mut carried) = (Vec::new(), 0, 0);
        loop {
            let request = LedgerRequest { school: school.into(), after, limit, ..Default::default() };
            let page = answer(self.grpc.ledger(clerk(school, request)).await);
            assert_eq!(page.opening_cents, carried);
            let effects: i64 = page.entries.iter().map(|e| e.balance_effect_cents).sum();
            assert_eq!(page.closing_cents, page.opening_cents + effects);
            carried = page.closing_cents;
            after = page.entries.last().map_or(after, |e| e.sequence);
            all.extend(page.entries);
            if page.last_page {
                return (all, carried);
            }
        }
    }

    /// Rows of every table that an act could change.
    pub async fn traces(&self) -> Vec<i64> {
        let mut conn = self.db.read().await.unwrap();
        let mut counts = Vec::new();
        for table in ["lines", "entries", "accounts", "platform.outbox", "platform.audit"] {
            let count = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
            counts.push(sqlx::query_scalar(count).fetch_one(&mut *conn).await.unwrap());
        }
        counts
    }

    pub async fn told(&self, stream: &str) -> Vec<String> {
        let mut conn = self.db.read().await.unwrap();
        sqlx::query_scalar("select payload from platform.outbox where stream = $1 order by seq")
            .bind(stream)
            .fetch_all(&mut *conn)
            .await
            .unwrap()
    }
}

/// A transfer, or what undoes one.
#[derive(Clone, Debug, Default)]
pub struct Pay {
    pub cents: i64,
    pub text: String,
    pub who: String,
    pub reference: String,
    pub end_to_end: String,
    pub reversal: bool,
}

pub fn pay(cents: i64, text: &str, reference: &str) -> Pay {
    Pay { cents, text: text.into(), who: "X".into(), reference: reference.into(), ..Pay::default() }
}

/// A camt.053 of these movements.
pub fn camt(iban: &str, currency: &str, moves: &[Pay]) -> Vec<u8> {
    let decimal = |cents: i64| format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100);
    let sign = |cents: i64| if cents < 0 { "DBIT" } else { "CRDT" };
    let amount =
        |cents: i64| format!("<Amt Ccy=\"{currency}\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>", decimal(cents), sign(cents));
    let balance = |code: &str, cents: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{}<Dt><Dt>2026-03-10</Dt></Dt></Bal>",
            amount(cents)
        )
    };
    let total: i64 = moves.iter().map(|m| m.cents).sum();
    let mut xml = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{}{}",
        balance("OPBD", 1000),
        balance("CLBD", 1000 + total)
    );
    for m in moves {
        let party = if m.cents < 0 { "Cdtr" } else { "Dbtr" };
        xml += &format!(
            "<Ntry>{}<RvslInd>{}</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt><AcctSvcrRef>{}</AcctSvcrRef>\
             <NtryDtls><TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs><RltdPties><{party}><Pty><Nm>{}</Nm></Pty></{party}></RltdPties>\
             <RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
            amount(m.cents),
            m.reversal,
            m.reference,
            m.end_to_end,
            m.who,
            m.text
        );
    }
    (xml + "</Stmt></BkToCstmrStmt></Document>").into_bytes()
}

/// The platform's reference of a dossier.
pub fn reference(n: u128) -> String {
    payments::domain::reference::Reference::of(u64::try_from(n).unwrap()).unwrap().to_string()
}
