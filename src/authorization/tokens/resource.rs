//! The one resource that our tokens are for (RFC 8707), however a client spells it.

use url::Url;

use crate::{platform::http::Form, settings::Settings};

/// Whether every `resource` given (RFC 8707) is our one, written with or without a slash at the end; none given
/// means the same.
pub fn names_our_resource(form: &Form, settings: &Settings) -> bool {
    form.all("resource").filter(|value| !value.is_empty()).all(|value| same_resource(value, settings))
}

/// Whether that is our one resource.
pub fn same_resource(value: &str, settings: &Settings) -> bool {
    let ours = canonical(&settings.resource());
    ours.is_some() && canonical(value) == ours
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
    fn one_other_resource_among_ours_is_an_invalid_target() {
        let form = form(&[("resource", "https://postern.example/mcp"), ("resource", "https://other.example/mcp")]);
        assert!(!names_our_resource(&form, &settings::for_tests()));
    }
}
