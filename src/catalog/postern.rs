//! What Postern answers by itself.

use super::operation::{Operation, Sensitivity};

pub const ALL: &[&Operation] = &[&WHOAMI];

pub static WHOAMI: Operation =
    Operation::read("whoami", "Who am I", "who you are here and which accounts are connected")
        .description("Show who you act for here, which accounts are connected, and what you may do.")
        .sensitivity(Sensitivity::Names)
        .core();
