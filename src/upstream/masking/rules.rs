//! What credentials begin with, by who issues them.

use super::Alphabet::{self, Base64Url, Capitals, Dotted, Hexadecimal, Letters};

/// A credential that is known by its first characters.
pub struct Rule {
    pub prefix: &'static [u8],
    /// How many characters follow at the least. What is shorter is a word.
    pub least: usize,
    pub alphabet: Alphabet,
    /// What it is, in the words that take its place.
    pub kind: &'static str,
}

const fn rule(prefix: &'static str, least: usize, alphabet: Alphabet, kind: &'static str) -> Rule {
    Rule { prefix: prefix.as_bytes(), least, alphabet, kind }
}

/// Longer prefixes before those that they begin with.
pub const RULES: &[Rule] = &[
    rule("ATATT3", 20, Base64Url, "Atlassian API token"),
    rule("ATCTT3", 20, Base64Url, "Atlassian access token"),
    rule("ATBB", 24, Letters, "Atlassian app password"),
    rule("postern_administration_", 40, Dotted, "Postern administration token"),
    rule("AKIA", 16, Capitals, "AWS access key"),
    rule("ASIA", 16, Capitals, "AWS access key"),
    rule("FwoGZXIvYXdz", 40, Base64Url, "AWS session token"),
    rule("AccountKey=", 40, Base64Url, "Azure key"),
    rule("SharedAccessKey=", 40, Base64Url, "Azure key"),
    rule("AIza", 35, Base64Url, "Google API key"),
    rule("GOCSPX-", 24, Base64Url, "Google client secret"),
    rule("ya29.", 30, Dotted, "Google access token"),
    rule("github_pat_", 22, Letters, "GitHub token"),
    rule("ghp_", 36, Letters, "GitHub token"),
    rule("gho_", 36, Letters, "GitHub token"),
    rule("ghu_", 36, Letters, "GitHub token"),
    rule("ghs_", 36, Letters, "GitHub token"),
    rule("ghr_", 36, Letters, "GitHub token"),
    rule("glpat-", 20, Dotted, "GitLab token"),
    rule("gldt-", 20, Dotted, "GitLab token"),
    rule("glrt-", 20, Dotted, "GitLab token"),
    rule("glcbt-", 20, Dotted, "GitLab token"),
    rule("glptt-", 20, Dotted, "GitLab token"),
    rule("xoxa-", 20, Base64Url, "Slack token"),
    rule("xoxb-", 20, Base64Url, "Slack token"),
    rule("xoxe-", 20, Base64Url, "Slack token"),
    rule("xoxp-", 20, Base64Url, "Slack token"),
    rule("xoxr-", 20, Base64Url, "Slack token"),
    rule("xoxs-", 20, Base64Url, "Slack token"),
    rule("xapp-", 20, Base64Url, "Slack token"),
    rule("sk_live_", 16, Letters, "Stripe key"),
    rule("sk_test_", 16, Letters, "Stripe key"),
    rule("rk_live_", 16, Letters, "Stripe key"),
    rule("rk_test_", 16, Letters, "Stripe key"),
    rule("whsec_", 24, Base64Url, "webhook secret"),
    rule("_authToken=", 20, Base64Url, "npm token"),
    rule("npm_", 36, Letters, "npm token"),
    rule("pypi-AgE", 50, Base64Url, "PyPI token"),
    rule("rubygems_", 48, Hexadecimal, "RubyGems key"),
    rule("dckr_pat_", 20, Base64Url, "Docker token"),
    rule("dckr_oat_", 20, Base64Url, "Docker token"),
    rule("hf_", 30, Letters, "Hugging Face token"),
    rule("sk-ant-", 20, Base64Url, "Anthropic key"),
    rule("sk-proj-", 20, Base64Url, "OpenAI key"),
    rule("sk-svcacct-", 20, Base64Url, "OpenAI key"),
    rule("sk-", 40, Letters, "API key"),
    rule("dop_v1_", 40, Hexadecimal, "DigitalOcean token"),
    rule("doo_v1_", 40, Hexadecimal, "DigitalOcean token"),
    rule("SG.", 40, Dotted, "SendGrid key"),
    rule("xkeysib-", 60, Base64Url, "Brevo key"),
    rule("shpat_", 32, Hexadecimal, "Shopify token"),
    rule("shpss_", 32, Hexadecimal, "Shopify secret"),
    rule("lin_api_", 32, Letters, "Linear key"),
    rule("NRAK-", 27, Capitals, "New Relic key"),
    rule("pul-", 40, Hexadecimal, "Pulumi token"),
    rule("hvs.", 24, Base64Url, "Vault token"),
    rule("hvb.", 24, Base64Url, "Vault token"),
    rule("dp.pt.", 40, Letters, "Doppler token"),
    rule("dp.st.", 40, Dotted, "Doppler token"),
    rule("dapi", 32, Hexadecimal, "Databricks token"),
    rule("glsa_", 32, Letters, "Grafana token"),
    rule("glc_", 32, Base64Url, "Grafana token"),
    rule("figd_", 36, Base64Url, "Figma token"),
    rule("PMAK-", 30, Base64Url, "Postman key"),
    rule("sbp_", 40, Hexadecimal, "Supabase token"),
    rule("AGE-SECRET-KEY-1", 50, Capitals, "age key"),
];

/// The bytes that prefixes begin with: most words of a text begin with another one, and need no look at the rules.
pub const BEGINS_A_PREFIX: Bytes = Bytes::first_of(RULES);

/// A set of ASCII characters.
pub struct Bytes(u128);

impl Bytes {
    const fn first_of(rules: &[Rule]) -> Self {
        let (mut set, mut rest) = (0, rules);
        while let [rule, others @ ..] = rest {
            if let [first, ..] = rule.prefix {
                set |= 1 << *first;
            }
            rest = others;
        }
        Self(set)
    }

    pub const fn contains(&self, byte: u8) -> bool {
        byte.is_ascii() && self.0 >> byte & 1 == 1
    }
}
