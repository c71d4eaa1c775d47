//! Whether what an answer shows may be of somebody who does not belong to the organisation. Pure.
//!
//! The provider's word on an account, and what administrators say in the access policy, decide; whatever neither tells is
//! taken for text from outside.

use super::{access_policy::AccessPolicy, facts::Resource, limits::about};
use crate::{
    providers::Site,
    upstream::{Authors, Counts, Provenance, Standing},
};

/// Judges the texts of an answer to a call about that.
pub fn judge(policy: &AccessPolicy, resource: &Resource, authors: &Authors) -> Provenance {
    let mut counts = Counts { others: authors.anybody, ..Counts::default() };
    for (account, standing) in &authors.accounts {
        let is_trusted = policy.trusted_accounts.iter().any(|trusted| trusted == account);
        match standing {
            _ if is_trusted => counts.inside += 1,
            Standing::Member => counts.inside += 1,
            Standing::Guest => counts.outside += 1,
            Standing::Unsaid => counts.unknown += 1,
        }
    }
    let is_anybodys = counts.others || counts.unknown > 0;
    Provenance {
        site: resource.site.map(|site| site.to_string()).unwrap_or_default(),
        target: resource.target.clone(),
        outside: counts.outside > 0 || (is_anybodys && !is_trusted(policy, resource, authors)),
        authors: counts,
        suspicious: Vec::new(),
    }
}

/// Whether whoever can write there belongs to the organisation.
fn is_trusted(policy: &AccessPolicy, resource: &Resource, authors: &Authors) -> bool {
    let is_own = |resource: &Resource| policy.trusted.iter().any(|trusted| trusted.is_certainly(resource));
    let rows = resource.site.filter(|_| !authors.about.is_empty());
    let are_rows_own = |site: Site| authors.about.iter().all(|(of, name)| is_own(&about(site, *of, name)));
    is_own(resource) || rows.is_some_and(are_rows_own)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{catalog::operation, governance::facts::Extent, providers::BITBUCKET};

    fn policy() -> AccessPolicy {
        let trusted = json!([{"site": "bitbucket", "workspace": "acme"}]);
        serde_json::from_value(json!({"trusted": trusted, "trusted_accounts": ["712020:dana"]})).unwrap()
    }

    fn repository(workspace: &str) -> Resource {
        Resource { workspace: Some(workspace.to_owned()), ..Resource::at(Some(Site::main(&BITBUCKET)), Extent::Named) }
    }

    fn written_by(accounts: &[(&str, Standing)]) -> Authors {
        let accounts = accounts.iter().map(|(id, said)| ((*id).to_owned(), *said)).collect();
        Authors { accounts, ..Authors::default() }
    }

    fn is_outside(workspace: &str, authors: &Authors) -> bool {
        judge(&policy(), &repository(workspace), authors).outside
    }

    #[test]
    fn what_nobody_vouches_for_is_from_outside() {
        assert!(is_outside("public", &Authors::anybody()));
        assert!(is_outside("public", &written_by(&[("712020:dana", Standing::Unsaid), ("x", Standing::Unsaid)])));
        assert!(judge(&AccessPolicy::default(), &repository("acme"), &Authors::anybody()).outside);
    }

    #[test]
    fn texts_of_trusted_accounts_of_members_and_in_trusted_places_are_the_organisations() {
        assert!(!is_outside("acme", &Authors::anybody()));
        assert!(!is_outside("public", &written_by(&[("712020:dana", Standing::Unsaid), ("y", Standing::Member)])));
    }

    #[test]
    fn a_guest_is_outside_wherever_they_write() {
        let judged = judge(&policy(), &repository("acme"), &written_by(&[("g", Standing::Guest)]));
        assert!(judged.outside && judged.authors.outside == 1);
    }

    #[test]
    fn a_list_is_the_organisations_where_each_of_its_rows_is() {
        let listed = |names: &[&str]| Authors {
            about: names.iter().map(|name| (operation::Resource::Workspace, (*name).to_owned())).collect(),
            ..Authors::anybody()
        };
        let site = Resource::at(Some(Site::main(&BITBUCKET)), Extent::Rows);
        assert!(!judge(&policy(), &site, &listed(&["acme"])).outside);
        assert!(judge(&policy(), &site, &listed(&["acme", "other"])).outside);
        assert!(judge(&policy(), &site, &Authors::anybody()).outside);
    }
}
