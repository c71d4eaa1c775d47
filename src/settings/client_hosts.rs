//! Which hosts may vouch for AI clients with a metadata document.

/// Hosts by name, each with all the names under it: the only ones, or the ones that may not. Without any, every host
/// of the public Internet may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientHosts {
    trusted: Vec<String>,
    refused: Vec<String>,
}

impl ClientHosts {
    /// Reads names separated by spaces, a refused one with `!` before it; `None` where one is not a name.
    pub fn parse(text: &str) -> Option<Self> {
        let (refused, trusted): (Vec<&str>, Vec<&str>) =
            text.split_whitespace().partition(|word| word.starts_with('!'));
        let names = |words: Vec<&str>| -> Option<Vec<String>> {
            words
                .into_iter()
                .map(|word| word.trim_start_matches('!'))
                .map(|name| is_name(name).then(|| name.to_owned()))
                .collect()
        };
        Some(Self { trusted: names(trusted)?, refused: names(refused)? })
    }

    /// Whether this host may vouch: a refusal counts more than trust.
    pub fn allow(&self, host: &str) -> bool {
        let is_under =
            |name: &String| host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        (self.trusted.is_empty() || self.trusted.iter().any(is_under)) && !self.refused.iter().any(is_under)
    }
}

fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    name.contains('.') && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(setting: &str, host: &str) -> bool {
        ClientHosts::parse(setting).unwrap().allow(host)
    }

    #[test]
    fn without_a_word_from_the_operator_every_host_may_vouch() {
        assert!(allow("", "client.example"));
    }

    #[test]
    fn trusted_hosts_are_the_only_ones() {
        let setting = "client.example editor.example";
        assert!(allow(setting, "client.example") && allow(setting, "www.editor.example"));
        assert!(!allow(setting, "notclient.example") && !allow(setting, "client.example.evil.example"));
    }

    #[test]
    fn refused_hosts_may_not_whoever_else_may() {
        assert!(!allow("!evil.example", "www.evil.example") && allow("!evil.example", "client.example"));
        assert!(!allow("example.com !evil.example.com", "evil.example.com"));
    }

    #[test]
    fn only_names_of_hosts_are_read() {
        for text in
            ["https://client.example", "Client.example", "*.client.example", "client", "client.example/", "!", "a..b"]
        {
            assert_eq!(ClientHosts::parse(text), None, "{text}");
        }
    }
}
