//! What the black-box tests share: a Postern that runs as it would be deployed, people with browsers, AI clients.
//!
//! One Postern serves a whole test binary; tests keep apart by being different people.

pub mod authenticator;
pub mod client;
pub mod instance;
pub mod person;
pub mod service;
pub mod state;
pub mod token;
pub mod tokens;
pub mod wire;
