//! The ways through Postern's pages without a window: what `cargo xtask token` and `connect` do, and what the
//! black-box tests do as the people and clients they are about.

pub mod browser;
pub mod connect;
pub mod journey;
pub mod token;
