//! Confluence Cloud: REST v2, and v1 where v2 has no counterpart.

pub mod pages;
pub mod search;
pub mod spaces;

use super::operation::{Kind, Parameter};

const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");
