//! The headers that repeat parts of the body, so that proxies can route without reading it.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::platform::http;

/// The headers of MCP that a request carries; surrounding spaces and tabs are no part of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headers<'a> {
    /// `MCP-Protocol-Version`.
    pub version: Option<&'a str>,
    /// `Mcp-Method`.
    pub method: Option<&'a str>,
    /// `Mcp-Name`, still encoded.
    pub name: Option<&'a str>,
    /// `Mcp-Session-Id`, of the legacy era.
    pub session: Option<&'a str>,
}

impl<'a> Headers<'a> {
    pub fn of(request: &'a http::Request) -> Self {
        Self {
            version: request.header("mcp-protocol-version"),
            method: request.header("mcp-method"),
            name: request.header("mcp-name"),
            session: request.header("mcp-session-id"),
        }
    }
}

/// The value that `Mcp-Name` stands for: itself, or what lies in `=?base64?…?=`, canonical padded Base64 of
/// UTF-8. The markers are case-sensitive, and a value that lacks either of them is literal. `None` where the
/// encoding is bad.
pub fn decode(value: &str) -> Option<Cow<'_, str>> {
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(value));
    };
    String::from_utf8(STANDARD.decode(encoded).ok()?).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_header_value_stands_for_itself() {
        assert_eq!(decode("whoami").as_deref(), Some("whoami"));
    }

    #[test]
    fn a_base64_header_value_is_decoded() {
        assert_eq!(decode("=?base64?d2hvYW1p?=").as_deref(), Some("whoami"));
        assert_eq!(decode("=?base64??=").as_deref(), Some(""));
    }

    #[test]
    fn a_header_value_that_lacks_a_marker_is_literal() {
        for value in ["=?BASE64?d2hvYW1p?=", "=?base64?d2hvYW1p", "d2hvYW1p?=", "=?base64?=", "=?utf-8?d2hvYW1p?="] {
            assert_eq!(decode(value).as_deref(), Some(value));
        }
    }

    #[test]
    fn a_header_value_in_bad_base64_is_refused() {
        let bad = ["d2hvYW1p*", "d2hvYW1pMQ", "d2hvYW1pMR==", "d2hv YW1p", "_-8=", "d2hvYW1p?=?base64?"];
        for encoded in bad {
            assert_eq!(decode(&format!("=?base64?{encoded}?=")), None, "{encoded}");
        }
    }

    #[test]
    fn a_header_value_that_is_not_utf_8_is_refused() {
        assert_eq!(decode(&format!("=?base64?{}?=", STANDARD.encode([0xff, 0xfe]))), None);
    }

    proptest! {
        #[test]
        fn every_text_survives_encoding_as_a_header_value(text in ".*") {
            let encoded = format!("=?base64?{}?=", STANDARD.encode(&text));
            let decoded = decode(&encoded);
            prop_assert_eq!(decoded.as_deref(), Some(text.as_str()));
        }

        #[test]
        fn no_two_encodings_of_one_text_are_accepted(encoded in "[A-Za-z0-9+/=]{0,12}") {
            let value = format!("=?base64?{encoded}?=");
            if let Some(text) = decode(&value) {
                prop_assert_eq!(STANDARD.encode(text.as_bytes()), encoded);
            }
        }
    }
}
