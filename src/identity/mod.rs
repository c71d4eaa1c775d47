//! Who the person is: sign-in through the identity provider, roles from its claims, the browser session.

pub mod browser;
pub mod person;
