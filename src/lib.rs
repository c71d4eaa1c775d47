//! Postern. The runtime calls [`entry`]; the way of a request begins in [`routes`].

mod audit;
mod authorization;
mod catalog;
mod connections;
mod console;
mod context;
mod crypto;
#[expect(clippy::disallowed_types, reason = "the runtime calls it with types of its own")]
mod entry;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod governance;
mod housekeeping;
mod identifiers;
mod identity;
mod mcp;
mod platform;
mod providers;
mod route;
mod routes;
mod safeguards;
mod session;
mod settings;
mod tools;
mod untrusted;
mod upstream;
