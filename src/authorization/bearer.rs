//! The check of access tokens: local, without asking any store.

use crate::{
    authorization::scope::Scopes,
    identifiers::{ClientId, GrantId, UserId},
};

/// Who a request acts for, as its access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub user: UserId,
    pub client: ClientId,
    pub grant: GrantId,
    pub scopes: Scopes,
}
