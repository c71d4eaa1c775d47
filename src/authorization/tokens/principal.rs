//! The principal: whom a request acts for.

use super::scope::Scopes;
use crate::identifiers::{ClientId, GrantId, Subject};

/// Who a request acts for, as its access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub subject: Subject,
    pub client: ClientId,
    pub grant: GrantId,
    pub scopes: Scopes,
}
