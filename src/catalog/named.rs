//! Where each provider shows that a thing which an access policy names is there.

use std::borrow::Cow;

use super::{NAMED, uri_template};
use crate::providers::Provider;

/// A kind of things that a policy names.
pub struct NamedKind {
    pub provider: &'static Provider,
    pub kind: &'static str,
    /// Below the provider's base URL, without the slash before it; `{name}` stands for a name in the policy.
    pub path: &'static str,
    /// Where that shows a list, which is empty where the thing is not there: the list's member.
    pub list: Option<&'static str>,
}

/// Where a thing of that kind is shown, and as the element of which list, if it is one.
pub fn place<'v>(
    provider: &Provider,
    kind: &str,
    name: impl Fn(&str) -> Option<&'v str>,
) -> Option<(String, Option<&'static str>)> {
    let mut of_provider = NAMED.iter().copied().flatten().filter(|named| named.provider == provider);
    let NamedKind { path, list, .. } = of_provider.find(|named| named.kind == kind)?;
    Some((uri_template::expand(path, |variable| name(variable).map(Cow::Borrowed)), *list))
}
