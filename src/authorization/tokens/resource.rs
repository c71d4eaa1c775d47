//! The one resource that our tokens are for (RFC 8707), however a client spells it.

use url::Url;

use crate::{platform::http::Form, settings::Settings, tools::view::View};

/// Whether every `resource` given (RFC 8707) is our one, written with or without a slash at the end; none given
/// means the same.
pub fn names_our_resource(form: &Form, settings: &Settings) -> bool {
    form.all("resource").filter(|value| !value.is_empty()).all(|value| same_resource(value, settings))
}

/// Whether that is our one resource, or a view of it: a token for either is for the resource.
pub fn same_resource(value: &str, settings: &Settings) -> bool {
    let ours = canonical(&settings.resource());
    let plain = match value.split_once('?') {
        Some((plain, query)) if !View::suffix(query).is_empty() => plain,
        _ => value,
    };
    ours.is_some() && canonical(plain) == ours
}

/// A URL with its scheme and host in lower case, without its default port and a slash at its end.
fn canonical(text: &str) -> Option<String> {
    if text.contains(['#', '@', '\\']) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let text = url.as_str();
    Some(text.strip_suffix('/').unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{authorization::testing::form, settings};

    #[test]
    fn a_view_is_the_same_resource_and_any_other_query_is_another_one() {
        let is_ours =
            |query: &str| same_resource(&format!("https://postern.example/mcp?{query}"), &settings::for_tests());
        assert!(is_ours("tools=gates") && is_ours("toolsets=pages,labels&access=read"));
        for query in ["", "tools=none", "tools=gates&tenant=other", "tenant=other", "tools=gates?", "tools=gates#x"] {
            assert!(!is_ours(query), "{query}");
        }
    }

    #[test]
    fn one_other_resource_among_ours_is_an_invalid_target() {
        let form = form(&[("resource", "https://postern.example/mcp"), ("resource", "https://other.example/mcp")]);
        assert!(!names_our_resource(&form, &settings::for_tests()));
    }
}
