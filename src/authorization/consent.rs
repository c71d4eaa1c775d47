//! What a person is asked before a client gets anything.

use super::{clients::Client, redirect::Registered, scope::Scopes};

/// Everything the consent page shows.
#[derive(Debug, Clone)]
pub struct ConsentRequest {
    /// Of the stored authorization request; the decision names it.
    pub id: String,
    /// Its name was not vouched for, but by an administrator where one entered it.
    pub client: Client,
    /// Where the browser will be sent with the answer.
    pub redirect: Registered,
    pub scopes: Scopes,
}
