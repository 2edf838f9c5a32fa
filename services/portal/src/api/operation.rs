//! One operation: what the guard, the router and the document need to know of it, from the types of its handler.

use std::future::Future;

use axum::{extract::Request, response::Response};
use futures::future::BoxFuture;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::{
    PartialSchema as _, ToSchema,
    openapi::{
        RefOr,
        path::Parameter,
        schema::{AdditionalProperties, Ref, Schema},
    },
};

use super::{
    answer,
    call::Call,
    cursor::{self, Page},
    idempotency, input,
    input::Params,
    scope::Scope,
    trouble::Trouble,
};

/// How it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Changes something, under an idempotency key.
    Post,
}

impl Verb {
    /// The HTTP method.
    #[must_use]
    pub const fn method(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// Media types of a request's or an answer's body, each with its schema.
pub type Bodies = Vec<(&'static str, RefOr<Schema>)>;

type Run = Box<dyn Fn(Call, Request) -> BoxFuture<'static, Result<Response, Trouble>> + Send + Sync>;

/// One line of the table.
pub struct Operation {
    /// Its name, for the document and for generated clients.
    pub id: &'static str,
    /// How it is asked.
    pub verb: Verb,
    /// Below [`super::PREFIX`], with placeholders.
    pub path: &'static str,
    /// What a token needs; nothing: any token.
    pub scope: Option<Scope>,
    /// Parameters of path and query.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub takes: Bodies,
    /// What comes back.
    pub gives: Bodies,
    /// It answers page by page.
    pub paged: bool,
    /// Schemas that are referred to.
    pub schemas: Vec<(String, RefOr<Schema>)>,
    run: Run,
}

impl Operation {
    /// Carries it out; the guard has passed.
    pub(super) fn run(&self, call: Call, request: Request) -> BoxFuture<'static, Result<Response, Trouble>> {
        (self.run)(call, request)
    }

    /// Key of what people read of it.
    #[must_use]
    pub fn key(&self) -> String {
        let mut key = String::from("api-op");
        for c in self.id.chars() {
            if c.is_ascii_uppercase() || key.len() == "api-op".len() {
                key.push('-');
            }
            key.push(c.to_ascii_lowercase());
        }
        key
    }
}

/// The table while it is written.
#[derive(Default)]
pub struct Operations(Vec<Operation>);

/// The schema of a body by its name, and what it stands on.
fn named<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) -> RefOr<Schema> {
    let name = T::name().into_owned();
    schemas.push((name.clone(), T::schema()));
    T::schemas(schemas);
    RefOr::Ref(Ref::from_schema_name(name))
}

/// A body holds what its schema names and nothing else: its type denies it (`deny_unknown_fields`), and the document says
/// so of each of its kinds.
fn strict(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
        RefOr::T(Schema::OneOf(kinds)) => kinds.items.iter_mut().for_each(strict),
        _ => {}
    }
}

const JSON: &str = "application/json";

impl Operations {
    fn add<P: Params, Q: Params>(mut self, mut one: Operation) -> Self {
        one.parameters = P::described().into_iter().chain(Q::described()).collect();
        self.0.push(one);
        self
    }

    fn line(id: &'static str, verb: Verb, path: &'static str, scope: Option<Scope>, run: Run) -> Operation {
        Operation {
            id,
            verb,
            path,
            scope,
            parameters: Vec::new(),
            takes: Vec::new(),
            gives: Vec::new(),
            paged: false,
            schemas: Vec::new(),
            run,
        }
    }

    /// A read: `run` gets the parameters of path and query.
    #[must_use]
    pub fn get<P, Q, R, F, A>(self, id: &'static str, path: &'static str, scope: Option<Scope>, run: F) -> Self
    where
        P: Params,
        Q: Params,
        R: Serialize + ToSchema + Send + Sync,
        F: Fn(Call, P, Q) -> A + Copy + Send + Sync + 'static,
        A: Future<Output = Result<R, Trouble>> + Send + 'static,
    {
        let answered: Run = Box::new(move |call, request| {
            Box::pin(async move {
                let (mut parts, _) = request.into_parts();
                let (path, query) = (input::path(&mut parts).await?, input::query(&mut parts).await?);
                answer::read(&run(call, path, query).await?, &parts.headers)
            })
        });
        let mut one = Self::line(id, Verb::Get, path, scope, answered);
        one.gives = vec![(JSON, named::<R>(&mut one.schemas))];
        self.add::<P, Q>(one)
    }

    /// A list, page by page.
    #[must_use]
    pub fn list<P, Q, T, F, A>(self, id: &'static str, path: &'static str, scope: Option<Scope>, run: F) -> Self
    where
        P: Params,
        Q: Params,
        T: Serialize + ToSchema + Send,
        Page<T>: ToSchema,
        F: Fn(Call, P, Q) -> A + Copy + Send + Sync + 'static,
        A: Future<Output = Result<Page<T>, Trouble>> + Send + 'static,
    {
        let answered: Run = Box::new(move |call, request| {
            Box::pin(async move {
                let (mut parts, _) = request.into_parts();
                let base = format!("{}{}", call.app.settings.public_url, parts.uri.path());
                let (path, query) = (input::path(&mut parts).await?, input::query(&mut parts).await?);
                let page = run(call, path, query).await?;
                let mut response = answer::read(&page, &parts.headers)?;
                cursor::link(&mut response, &base, parts.uri.query().unwrap_or_default(), page.next.as_deref());
                Ok(response)
            })
        });
        let mut one = Self::line(id, Verb::Get, path, scope, answered);
        // Its own name would be that of every page.
        let name = format!("PageOf{}", T::name());
        one.schemas.push((name.clone(), Page::<T>::schema()));
        named::<T>(&mut one.schemas);
        one.gives = vec![(JSON, RefOr::Ref(Ref::from_schema_name(name)))];
        one.paged = true;
        self.add::<P, Q>(one)
    }

    /// A read that answers bytes of these media types by itself.
    #[must_use]
    pub fn file<P, F, A>(
        self,
        id: &'static str,
        path: &'static str,
        scope: Option<Scope>,
        gives: Bodies,
        run: F,
    ) -> Self
    where
        P: Params,
        F: Fn(Call, P, http::HeaderMap) -> A + Copy + Send + Sync + 'static,
        A: Future<Output = Result<Response, Trouble>> + Send + 'static,
    {
        let answered: Run = Box::new(move |call, request| {
            Box::pin(async move {
                let (mut parts, _) = request.into_parts();
                let path = input::path(&mut parts).await?;
                input::query::<input::None_>(&mut parts).await?;
                run(call, path, parts.headers).await
            })
        });
        let mut one = Self::line(id, Verb::Get, path, scope, answered);
        one.gives = gives;
        self.add::<P, input::None_>(one)
    }

    /// An act with a JSON body, once per idempotency key.
    #[must_use]
    pub fn post<P, B, R, F, A>(self, id: &'static str, path: &'static str, scope: Option<Scope>, run: F) -> Self
    where
        P: Params,
        B: DeserializeOwned + ToSchema + Send + 'static,
        R: Serialize + ToSchema + Send + Sync,
        F: Fn(Call, P, B, String) -> A + Copy + Send + Sync + 'static,
        A: Future<Output = Result<R, Trouble>> + Send + 'static,
    {
        let mut schemas = Vec::new();
        let takes = vec![(JSON, named::<B>(&mut schemas))];
        schemas.iter_mut().take(1).for_each(|(_, schema)| strict(schema));
        let read = |bytes: &[u8]| input::json::<B>(bytes);
        self.act::<P, input::None_, B, R, _, _>(
            (id, path, scope),
            (takes, schemas),
            input::LARGEST_JSON,
            read,
            move |call, path, _, body, key| run(call, path, body, key),
        )
    }

    /// An act whose body is read by `read`, once per idempotency key.
    #[must_use]
    pub fn act<P, Q, B, R, F, A>(
        self,
        (id, path, scope): (&'static str, &'static str, Option<Scope>),
        (takes, schemas): (Bodies, Vec<(String, RefOr<Schema>)>),
        largest: usize,
        read: fn(&[u8]) -> Result<B, Trouble>,
        run: F,
    ) -> Self
    where
        P: Params,
        Q: Params,
        B: Send + 'static,
        R: Serialize + ToSchema + Send + Sync,
        F: Fn(Call, P, Q, B, String) -> A + Copy + Send + Sync + 'static,
        A: Future<Output = Result<R, Trouble>> + Send + 'static,
    {
        let kind = takes.first().map(|(kind, _)| *kind);
        let answered: Run = Box::new(move |call, request| {
            Box::pin(async move {
                let (mut parts, body) = request.into_parts();
                let key = input::key(&parts.headers)?;
                let (path, query) = (input::path(&mut parts).await?, input::query(&mut parts).await?);
                let asked = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
                let bytes = match kind {
                    Some(kind) => input::bytes(Request::from_parts(parts, body), kind, largest).await?,
                    None => bytes::Bytes::new(),
                };
                let body = read(&bytes)?;
                let done = run(call.clone(), path, query, body, key.clone());
                idempotency::once(&call, &key, (&asked, &bytes), done).await
            })
        });
        let mut one = Self::line(id, Verb::Post, path, scope, answered);
        one.takes = takes;
        one.schemas = schemas;
        one.gives = vec![(JSON, named::<R>(&mut one.schemas))];
        self.add::<P, Q>(one)
    }

    /// All of another room's operations.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// The table.
    #[must_use]
    pub fn done(self) -> Vec<Operation> {
        self.0
    }
}
