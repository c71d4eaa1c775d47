//! PKCE (RFC 7636): the form of what binds a code to the client that began.

/// Whether a text has the form of a code verifier or challenge (RFC 7636 §4.1, §4.2).
pub fn is_pkce(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_has_43_to_128_unreserved_characters() {
        for (text, holds) in [
            ("a".repeat(42), false),
            ("a".repeat(43), true),
            ("a".repeat(128), true),
            ("a".repeat(129), false),
            (format!("{}+", "a".repeat(43)), false),
            ("ä".repeat(43), false),
        ] {
            assert_eq!(is_pkce(&text), holds, "{text}");
        }
    }
}
