//! The machinery every service stands on; not one word of the procedure inside.
//!
//! Two halves. Around a request: [`service`] (start and drain), [`config`], [`server`] (the layer in front of every
//! rpc), [`auth`], [`refusal`], [`clock`], [`peers`], [`telemetry`], [`health`], [`tls`]. Around the data: [`db`],
//! [`outbox`] and its [`relay`], [`inbox`] and what it sets aside ([`set_aside`]), [`calendar`], [`audit`],
//! [`streams`], [`operations`], [`watchdog`]; [`machinery`] starts that half.

pub mod audit;
pub mod auth;
pub mod calendar;
pub mod clock;
pub mod config;
pub mod db;
pub mod health;
pub mod inbox;
pub mod machinery;
pub mod operations;
pub mod outbox;
pub mod peers;
pub mod refusal;
pub mod relay;
pub mod server;
pub mod service;
pub mod set_aside;
pub mod streams;
pub mod telemetry;
pub mod tls;
pub mod watchdog;

pub use service::{Context, Service, StartError, Wiring, main, serve};
