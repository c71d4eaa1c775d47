//! Private-use URI schemes (RFC 8252 §7.1): how a desktop program has links opened in itself.

use url::Url;

/// Schemes that browsers, mail, telephones and systems act on by themselves: never a program's own.
const NEVER: [&str; 20] = [
    "about",
    "blob",
    "chrome",
    "data",
    "file",
    "filesystem",
    "ftp",
    "http",
    "https",
    "intent",
    "jar",
    "javascript",
    "mailto",
    "resource",
    "sms",
    "tel",
    "vbscript",
    "view-source",
    "ws",
    "wss",
];

/// What the operator allows redirect URIs to begin with: a scheme such as `com.example.app:`, or a scheme and an
/// authority such as `cursor://anysphere.cursor-mcp`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PrivateUse(Vec<String>);

impl PrivateUse {
    /// Reads beginnings separated by spaces; `None` where one of them cannot be a program's own.
    pub fn parse(text: &str) -> Option<Self> {
        let beginnings: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        beginnings.iter().all(|beginning| may_be_allowed(beginning)).then_some(Self(beginnings))
    }

    /// Whether all that comes before the path of a URI is allowed, to the byte.
    pub fn allows(&self, uri: &str) -> bool {
        self.0.iter().any(|allowed| allowed == beginning(uri))
    }
}

/// Whether a scheme could be a program's own.
pub fn is_private_use(scheme: &str) -> bool {
    !NEVER.contains(&scheme)
}

/// `scheme:`, with `//authority` where there is one.
pub fn beginning(uri: &str) -> &str {
    let Some((scheme, rest)) = uri.split_once(':') else { return uri };
    let authority = rest.strip_prefix("//").map_or(0, |rest| rest.find(['/', '?']).unwrap_or(rest.len()) + 2);
    uri.get(..scheme.len() + 1 + authority).unwrap_or(uri)
}

fn may_be_allowed(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.:/_".contains(&byte))
        && beginning(text) == text
        && Url::parse(text).is_ok_and(|url| is_private_use(url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(uri: &str) -> bool {
        PrivateUse::parse("cursor://anysphere.cursor-mcp com.example.app:").unwrap().allows(uri)
    }

    #[test]
    fn a_scheme_or_a_scheme_and_authority_can_be_allowed() {
        assert_eq!(PrivateUse::parse(""), Some(PrivateUse::default()));
        for text in ["cursor://anysphere.cursor-mcp", "vscode:", " vscode:  com.example.app: "] {
            assert!(PrivateUse::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn nothing_else_can() {
        for text in [
            "cursor",
            "cursor://a/b",
            "Cursor:",
            "https:",
            "javascript:",
            "http://x",
            "x://u@h",
            "x:#",
            "x://*",
            ":",
            "x:/",
        ] {
            assert!(PrivateUse::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_the_path_is_free() {
        assert!(allowed("cursor://anysphere.cursor-mcp/oauth/callback?x=1"));
        assert!(allowed("com.example.app:/callback"));
        for uri in [
            "cursor://other/oauth/callback",
            "cursor://anysphere.cursor-mcp.evil/callback",
            "cursor://anysphere.cursor-mcp:1/callback",
            "cursor://x@anysphere.cursor-mcp/callback",
            "cursor:anysphere.cursor-mcp/callback",
            "com.example.app://callback",
            "com.example.app.evil:/callback",
            "com.example.app",
        ] {
            assert!(!allowed(uri), "{uri}");
        }
    }
}
