//! What Postern answers by itself.

use super::operation::{ApprovalBinding, Class, Operation, Sensitivity};

pub static WHOAMI: Operation = Operation {
    name: "whoami",
    title: "Who am I",
    description: "Show who you act for here, which Bitbucket and Confluence accounts are connected, and what you may do.",
    consent: "who you are here and which accounts are connected",
    class: Class::Read,
    sensitivity: Sensitivity::Names,
    parameters: &[],
    target: "",
    approval_binding: ApprovalBinding::ArgumentsAlone,
    call: None,
};
