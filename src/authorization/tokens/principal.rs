//! The principal: whom a request acts for.

use std::rc::Rc;

use super::scope::Scopes;
use crate::{
    governance::attributes::Attributes,
    identifiers::{ClientId, GrantId, Subject},
};

/// Who a request acts for, as its access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub subject: Subject,
    pub client: ClientId,
    pub grant: GrantId,
    pub scopes: Scopes,
    /// The subject's roles and groups when the token was issued.
    pub attributes: Rc<Attributes>,
}
