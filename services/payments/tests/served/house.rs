//! Starts the executable and talks to it.

use std::{
    collections::BTreeMap,
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use contracts::{
    intake::{Contact, FindByNameReply, FindByNameRequest},
    machinery::{PendingRequest, operations_client::OperationsClient},
    payments::payments_client::PaymentsClient,
    roles,
};
use engines::Postgres;
use futures::future::BoxFuture;
use jiff::Timestamp;
use platform::auth::{Caller, Claims, Issuer, KeyPair};
use tonic::{
    Request, Response, Status,
    body::Body,
    server::NamedService,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;

/// Longest wait for anything, on a machine that tests share.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub fn now() -> Timestamp {
    "2026-03-10T10:00:00Z".parse().unwrap()
}

pub struct House {
    dir: tempfile::TempDir,
    people: Issuer,
    child: Option<Child>,
}

impl House {
    /// A configuration with a database, keys and the address of intake; nothing runs yet.
    pub fn new(nats: &str, intake: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (people, own) = (KeyPair::generate(false).unwrap(), KeyPair::generate(false).unwrap());
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("own.key", &own.private);
        write("jwks.json", &KeyPair::jwks(&[people.jwk.clone(), own.jwk.clone()]));
        write("session.toml", include_str!("../../../../infra/sessions/2026.toml"));
        write("clock", &now().to_string());
        let database = Postgres::shared().unwrap().create_database("payments_served").unwrap();
        let config = format!(
            "environment = \"demo\"\nlisten = \"127.0.0.1:0\"\naddress_file = \"DIR/address\"\n\
             session_file = \"DIR/session.toml\"\n[database]\nurl = \"{database}\"\npool = 6\n[nats]\nurl = \"{nats}\"\n\
             [auth]\njwks_file = \"DIR/jwks.json\"\nsigning_key_file = \"DIR/own.key\"\n\
             [clock]\nmode = \"simulated\"\nstart_file = \"DIR/clock\"\n[peers]\nintake = \"{intake}\"\n[service]\n"
        );
        write("config.toml", &config.replace("DIR", &dir.path().display().to_string()));
        Self { people: people.issuer().unwrap(), dir, child: None }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    pub async fn start(&mut self) {
        let _absent_at_first = std::fs::remove_file(self.file("address"));
        let log = File::options().create(true).append(true).open(self.file("log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_payments"))
            .args(["serve", "--config"])
            .arg(self.file("config.toml"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let until = Instant::now() + PATIENCE;
        while !self.file("address").exists() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < until, "did not start: {ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _may_have_ended = child.kill();
            let _reaped = child.wait();
        }
    }

    fn channel(&self) -> Channel {
        let address = std::fs::read_to_string(self.file("address")).unwrap();
        Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }

    pub fn client(&self) -> PaymentsClient<Channel> {
        PaymentsClient::new(self.channel())
    }

    fn by<T>(&self, caller: &Caller, message: T) -> Request<T> {
        let token = self.people.sign(&Claims::of(caller, "services", now())).unwrap();
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    }

    /// `message` as Albi's finance clerk would send it.
    pub fn clerk<T>(&self, message: T) -> Request<T> {
        let caller = Caller { subject: "clerk".into(), role: roles::FINANCE.into(), ..Caller::anonymous(now()) };
        self.by(&Caller { unit: Some("albi".into()), ..caller }, message)
    }

    /// Waits until everything heard is handled and everything told is published, seen twice in a row.
    pub async fn settled(&self) {
        let until = Instant::now() + PATIENCE;
        let mut last = None;
        loop {
            let operator = Caller { subject: "op".into(), role: roles::OPERATOR.into(), ..Caller::anonymous(now()) };
            let pending = OperationsClient::new(self.channel()).pending(self.by(&operator, PendingRequest {})).await;
            if let Ok(pending) = pending.map(Response::into_inner) {
                assert_eq!(pending.set_aside, 0, "{pending:?}\n{}", self.log());
                let idle = pending.outbox_unpublished + pending.consumer_pending + pending.consumer_ack_pending == 0;
                if idle && last == Some(pending) {
                    return;
                }
                last = Some(pending);
            }
            assert!(Instant::now() < until, "never settles: {last:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Intake, as far as payments asks it: who bears a name. Answers on the address returned.
pub async fn intake(names: BTreeMap<String, String>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Server::builder().add_service(Register(names)).serve_with_incoming(TcpIncoming::from(listener)));
    format!("http://{address}")
}

#[derive(Clone)]
struct Register(BTreeMap<String, String>);

impl NamedService for Register {
    const NAME: &'static str = "admissions.intake.v1.Intake";
}

impl tower::Service<http::Request<Body>> for Register {
    type Response = http::Response<Body>;
    type Error = std::convert::Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Self::Error>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let names = self.0.clone();
        Box::pin(async move {
            if !request.uri().path().ends_with("/FindByName") {
                return Ok(Status::unimplemented("only names are asked for").into_http());
            }
            let find = tower::service_fn(move |request: Request<FindByNameRequest>| {
                let text = request.into_inner().text;
                let bears = |(name, id): (&String, &String)| {
                    let contact = Contact { dossier_id: id.clone(), family_name: name.clone(), ..Default::default() };
                    text.split(' ').any(|word| word == name.as_str()).then_some(contact)
                };
                let contacts = names.iter().filter_map(bears).collect();
                std::future::ready(Ok::<_, Status>(Response::new(FindByNameReply { contacts })))
            });
            let codec = ProstCodec::<FindByNameReply, FindByNameRequest>::default();
            Ok(tonic::server::Grpc::new(codec).unary(find, request).await)
        })
    }
}

/// A camt.053 of Albi's account with these credits: cents, text, the bank's reference.
pub fn camt(credits: &[(i64, String, String)]) -> Vec<u8> {
    let amount =
        |cents: i64| format!("<Amt Ccy=\"EUR\">{}.{:02}</Amt><CdtDbtInd>CRDT</CdtDbtInd>", cents / 100, cents % 100);
    let balance = |code: &str, cents: i64| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{}<Dt><Dt>2026-03-10</Dt></Dt></Bal>",
            amount(cents)
        )
    };
    let lines: String = credits
        .iter()
        .map(|(cents, text, reference)| {
            format!(
                "<Ntry>{}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>\
                 <NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
                amount(*cents)
            )
        })
        .collect();
    let total = credits.iter().map(|(cents, ..)| cents).sum();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt>\
         <Acct><Id><IBAN>FR7610071420000000100289731</IBAN></Id></Acct>{}{}{lines}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", 0),
        balance("CLBD", total),
    )
    .into_bytes()
}
