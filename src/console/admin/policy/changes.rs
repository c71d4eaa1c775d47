//! What buttons beside profiles and rules do.

use super::Changed;
use crate::{governance::access_policy::AccessPolicy, platform::http::Form};

/// Does what the button says with what has the name beside it.
pub(super) fn apply(form: &Form, mut policy: AccessPolicy) -> Changed {
    let (act, name) = (form.get("act").unwrap_or_default(), form.get("name").unwrap_or_default());
    let rule = policy.rules.iter().position(|rule| rule.name == name);
    let summary = match (act, rule) {
        ("remove-profile", _) => {
            let before = policy.profiles.len();
            policy.profiles.retain(|profile| profile.name != name);
            if policy.profiles.len() == before {
                return Err(vec![format!("there is no profile `{name}` any more")]);
            }
            let used =
                |toolset: &str| policy.profiles.iter().any(|one| one.toolsets.iter().any(|used| used == toolset));
            let unused: Vec<_> =
                policy.toolsets.iter().map(|set| set.name.clone()).filter(|name| !used(name)).collect();
            policy.toolsets.retain(|toolset| !unused.contains(&toolset.name));
            format!("Took away the profile {name}")
        }
        (_, None) => return Err(vec![format!("there is no rule `{name}` any more")]),
        ("remove-rule", Some(index)) => {
            policy.rules.remove(index);
            format!("Took away the rule {name}")
        }
        ("rule-up", Some(index)) => {
            policy.rules.swap(index, index.saturating_sub(1));
            format!("Moved the rule {name} up")
        }
        ("observe" | "enforce", Some(index)) => {
            let observe = act == "observe";
            policy.rules.iter_mut().skip(index).take(1).for_each(|rule| rule.observe = observe);
            format!("{} the rule {name}", if observe { "Only observed" } else { "Enforced" })
        }
        _ => return Err(vec!["there is no such change".to_owned()]),
    };
    Ok((policy, summary))
}
