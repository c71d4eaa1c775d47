//! The way from what something was done to, as the log and approvals name it, to the page of its provider.

use maud::{Markup, html};

use crate::{
    audit::story::Thing,
    catalog::address::{self, WebPage},
    providers::Site,
    settings::Settings,
    untrusted,
};

/// Where people open it, where that is known.
fn address(settings: &Settings, target: &str) -> Option<String> {
    let thing = Thing::of(target)?;
    let WebPage { provider, host, path } = address::of_thing(&thing.name)?;
    let site = thing.site.unwrap_or_else(|| Site::main(provider));
    let set = settings.sites.get(site).ok().filter(|_| site.provider == provider)?;
    match host {
        Some(host) => {
            let api = url::Url::parse(&set.base_url).ok()?;
            api.host_str()?.ends_with(host).then(|| format!("https://{host}{path}"))
        }
        None => Some(format!("{}{path}", set.web_base()?)),
    }
}

/// What something was done to, with a link to it where its address is known.
pub(super) fn target(settings: &Settings, target: &str) -> Markup {
    let label = untrusted::label(target, 200);
    html! {
        @match address(settings, target) {
            Some(address) => a href=(address) rel="noreferrer" { (label) },
            None => (label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::for_tests;

    #[test]
    fn a_thing_whose_address_is_known_has_a_link_and_nothing_else_has() {
        let settings = for_tests();
        for target in ["acme/backend#7 comment 3", "acme/backend", "page 98305"] {
            assert!(address(&settings, target).is_some_and(|url| url.starts_with("http")), "{target}");
        }
        for target in ["acme/backend#7, confluence/eu", "page 98305, confluence/nowhere", "type = page", "acme"] {
            assert_eq!(address(&settings, target), None, "{target}");
        }
    }
}
