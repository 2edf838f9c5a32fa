//! The machinery of pages: who is looking, what a form holds, what a fault shows.
//!
//! A request passes [`enter`] (shed, stamp, language, session), then the [`guard`] of its route (audience, form token,
//! log-in), then its handler, which gets a [`Visit`] and, if one was posted, a [`Form`].

pub mod assets;
mod client;
mod enter;
mod fault;
mod form;
mod guard;
mod log_in;
pub(crate) mod measure;
mod measured;
mod path;
mod reasons;
mod routes;
mod server;
pub mod upload;
mod visit;

pub use client::Client;
pub(crate) use enter::{COOKIE, Front, HELD, protect};
pub use fault::{Fault, Page};
pub use form::{FILE_AGAIN, Form};
pub use guard::Audience;
pub use measured::Measured;
pub use path::Path;
pub(crate) use reasons::Sentences;
pub use reasons::term_key;
pub use routes::{Routes, Rule};
pub use server::{bind, serve, site};
pub(crate) use visit::set_cookie;
pub use visit::{Flash, Typed, Visit};
