//! What the operator sets: variables of wrangler.toml and secrets. Read once, checked whole.

pub mod client_hosts;
pub mod private_use;
pub mod sites;
#[cfg(any(test, feature = "fuzzing"))]
mod testing;

use std::{cell::OnceCell, rc::Rc, time::Duration};

use client_hosts::ClientHosts;
use private_use::PrivateUse;
use sites::Sites;
#[cfg(any(test, feature = "fuzzing"))]
pub use testing::for_tests;
#[cfg(test)]
pub use testing::with_sites;

use crate::catalog::reach::Reach;
use crate::crypto::{
    authenticator::Authenticator,
    key::{Key, KeyPair},
    seal::{Purpose, Sealer, Sealers},
    secret::Secret,
};
use crate::providers::{self, Provider, Site};

/// Everything the operator decides. A Postern with a setting missing or of the wrong form does not start.
pub struct Settings {
    /// The origin that people and clients use: our issuer, byte for byte, without a trailing slash.
    pub public_url: String,
    /// Origins of browser-based clients that may call `/mcp`, beside our own.
    pub allowed_origins: Vec<String>,
    /// Schemes of desktop programs that clients may have redirect URIs of.
    pub private_use_redirects: PrivateUse,
    /// Whether clients may describe themselves by a metadata document at their client_id.
    pub client_metadata_documents: bool,
    /// Who may vouch for clients with a metadata document.
    pub client_hosts: ClientHosts,
    /// Whether only those clients come in that an administrator entered.
    pub known_clients_only: bool,
    pub identity: IdentitySettings,
    pub sites: Sites,
    /// The workspaces and spaces that Postern is limited to.
    pub reach: Reach,
    /// Signs what we issue; [`Key::derive`] separates the purposes.
    pub signing_keys: KeyPair,
    /// Seals what we store for others.
    pub sealing_keys: KeyPair,
    /// How long an access token is valid: at most an hour, for it is worth nothing to a thief after that.
    pub access_token_life: Duration,
    /// For how long a refresh token that was superseded yields the present one. Later it ends the access.
    pub refresh_reuse: Duration,
    /// How long the identity provider's word on a person is good for, before it is asked again.
    pub standing_life: Duration,
    /// How long a grant lives at most where the provider gives nothing to ask it with.
    pub grant_life: Duration,
    /// Whether credentials in logs and files are shown as a word.
    pub masks_credentials: bool,
    /// How many tool calls a user may make in a minute, and at once after a pause.
    pub calls_per_minute: u32,
    /// How long the outcome of a call may wait for its row in D1.
    pub audit_delay: Duration,
    /// Over how many objects the log is spread.
    pub audit_shards: u32,
    /// Whether the intent of a read is on record before it is sent, as that of a write always is.
    pub audit_reads_strictly: bool,
    /// Whether hosts are told that only a person may let run what takes away for good.
    pub confirm_destructive: bool,
    /// How long an event is kept.
    pub audit_life: Duration,
    /// How long events are kept in the bucket once they left the database; zero where they are deleted.
    pub segment_life: Duration,
    /// How long after a call was let run its end is missed.
    pub audit_settle: Duration,
    /// What is made of the keys, once.
    pub derived: Derived,
}

/// What is derived from the keys, when it is first needed.
#[derive(Default)]
pub struct Derived {
    authenticator: OnceCell<Rc<Authenticator>>,
    sealers: OnceCell<Sealers>,
}

/// The longest that an access token may be valid, in seconds.
const LONGEST_ACCESS_TOKEN: u32 = 60 * 60;

/// The longest that a superseded refresh token may be of use, in minutes: a day.
const LONGEST_REFRESH_REUSE: u32 = 24 * 60;

/// The longest that the identity provider's word may be good for, in minutes: a day.
const LONGEST_STANDING: u32 = 24 * 60;

/// The longest that a grant may live where the provider cannot be asked, in days: a year.
const LONGEST_GRANT: u32 = 365;

/// Over how many objects the log may be spread at the most.
const MOST_SHARDS: u32 = 256;

/// The identity provider (OpenID Connect) that people sign in with.
pub struct IdentitySettings {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Secret,
    /// Paths of claims that hold role names: `realm_access.roles`, `groups`.
    pub role_claims: Vec<String>,
    pub administrator_role: String,
    pub approver_role: String,
    /// It may let AI clients act for people without asking them (ID-JAG).
    pub vouches_for_people: bool,
}

/// A setting that keeps Postern from starting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct Misconfigured {
    pub name: String,
    pub problem: &'static str,
}

fn wrong(name: &str, problem: &'static str) -> Misconfigured {
    Misconfigured { name: name.to_owned(), problem }
}

impl Settings {
    /// Reads every setting through `read`, which gives the text of a variable or secret.
    ///
    /// # Errors
    /// The first setting that is missing or malformed, by name.
    pub fn read(read: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        let text = |name: &str| read(name).filter(|text| !text.is_empty()).ok_or_else(|| wrong(name, "is not set"));
        let url = |name: &str| {
            let url = text(name)?;
            if url.ends_with('/') {
                return Err(wrong(name, "must not end in a slash"));
            }
            match url::Url::parse(&url) {
                Ok(parsed) if is_acceptable(&parsed) => Ok(url),
                Ok(_) => Err(wrong(name, "must be https, or http on a loopback address")),
                Err(_) => Err(wrong(name, "is not a URL")),
            }
        };
        let is_set = |name: &str| read(name).is_some_and(|text| !text.is_empty());
        let url_or_none = |name: &str| if is_set(name) { url(name).map(Some) } else { Ok(None) };
        let key = |name: &str| {
            Key::parse(&text(name)?)
                .ok_or_else(|| wrong(name, "is not 32 bytes of base64: make one with `openssl rand -base64 32`"))
        };
        let keys = |name: &str, previous: &str| {
            let before = if is_set(previous) { Some(key(previous)?) } else { None };
            Ok::<_, Misconfigured>(KeyPair { current: key(name)?, previous: before })
        };
        let words = |name: &str| -> Vec<String> {
            read(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
        };
        let number = |name: &str| {
            text(name)?
                .parse::<u32>()
                .ok()
                .filter(|number| *number > 0)
                .ok_or_else(|| wrong(name, "is not a whole number above zero"))
        };
        let number_or = |name: &'static str, default: u32| {
            if is_set(name) { number(name) } else { Ok(default) }
        };
        let flag = |name: &str| match text(name)?.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(wrong(name, "is neither yes nor no")),
        };
        let sites_of = |provider: &&'static Provider| {
            let list = read(provider.sites).unwrap_or_default();
            let sites = sites::named(provider, &list, is_set(provider.settings.base_url));
            sites.map_err(|problem| wrong(provider.sites, problem.sentence()))
        };
        let set = |site: Site| Ok((site, site.provider.settings.read(site, &url, &url_or_none, &text)?));
        let named = providers::ALL.iter().map(sites_of).collect::<Result<Vec<_>, _>>()?.concat();
        let sites = Sites::new(named.into_iter().map(set).collect::<Result<_, _>>()?);
        Ok(Self {
            signing_keys: keys("SIGNING_KEY", "SIGNING_KEY_PREVIOUS")?,
            sealing_keys: keys("SEALING_KEY", "SEALING_KEY_PREVIOUS")?,
            public_url: url("PUBLIC_URL")?,
            allowed_origins: words("ALLOWED_ORIGINS"),
            private_use_redirects: PrivateUse::parse(&read("PRIVATE_USE_REDIRECTS").unwrap_or_default()).ok_or_else(
                || {
                    wrong(
                        "PRIVATE_USE_REDIRECTS",
                        "must name schemes of programs: cursor://anysphere.cursor-mcp or com.example.app:",
                    )
                },
            )?,
            client_metadata_documents: flag("CLIENT_METADATA_DOCUMENTS")?,
            known_clients_only: flag("KNOWN_CLIENTS_ONLY")?,
            client_hosts: ClientHosts::parse(&read("CLIENT_HOSTS").unwrap_or_default()).ok_or_else(|| {
                wrong("CLIENT_HOSTS", "must name hosts: client.example, or !client.example to refuse one")
            })?,
            identity: IdentitySettings {
                issuer: url("OIDC_ISSUER")?,
                client_id: text("OIDC_CLIENT_ID")?,
                client_secret: text("OIDC_CLIENT_SECRET").map(Secret::new)?,
                role_claims: words("OIDC_ROLE_CLAIMS"),
                administrator_role: text("ADMINISTRATOR_ROLE")?,
                approver_role: text("APPROVER_ROLE")?,
                vouches_for_people: flag("OIDC_VOUCHES_FOR_PEOPLE")?,
            },
            reach: {
                let within = |site: Site| {
                    let setting = site.with_settings(site.provider.limit.setting);
                    let names = Reach::names(&read(&setting).unwrap_or_default()).ok_or_else(|| {
                        wrong(&setting, "must hold slugs, keys or UUIDs in braces, separated by spaces")
                    })?;
                    Ok((site, names))
                };
                Reach::new(sites.all().map(within).collect::<Result<_, _>>()?)
            },
            sites,
            access_token_life: match number("ACCESS_TOKEN_SECONDS")? {
                seconds @ ..=LONGEST_ACCESS_TOKEN => Duration::from_secs(seconds.into()),
                _ => return Err(wrong("ACCESS_TOKEN_SECONDS", "is more than an hour: choose at most 3600")),
            },
            refresh_reuse: match number_or("REFRESH_REUSE_MINUTES", 30)? {
                minutes @ ..=LONGEST_REFRESH_REUSE => Duration::from_secs(60 * u64::from(minutes)),
                _ => return Err(wrong("REFRESH_REUSE_MINUTES", "is more than a day: choose at most 1440")),
            },
            standing_life: match number_or("STANDING_MINUTES", 15)? {
                minutes @ ..=LONGEST_STANDING => Duration::from_secs(60 * u64::from(minutes)),
                _ => return Err(wrong("STANDING_MINUTES", "is more than a day: choose at most 1440")),
            },
            grant_life: match number_or("GRANT_DAYS", 30)? {
                days @ ..=LONGEST_GRANT => Duration::from_secs(24 * 60 * 60 * u64::from(days)),
                _ => return Err(wrong("GRANT_DAYS", "is more than a year: choose at most 365")),
            },
            masks_credentials: match read("MASK_CREDENTIALS").unwrap_or_default().as_str() {
                "" | "yes" => true,
                "no" => false,
                _ => return Err(wrong("MASK_CREDENTIALS", "is neither yes nor no")),
            },
            calls_per_minute: number("CALLS_PER_MINUTE")?,
            audit_delay: Duration::from_millis(number("AUDIT_DELAY_MILLISECONDS")?.into()),
            audit_shards: match number_or("AUDIT_SHARDS", 8)? {
                shards @ ..=MOST_SHARDS => shards,
                _ => return Err(wrong("AUDIT_SHARDS", "is more than 256")),
            },
            audit_reads_strictly: match read("AUDIT_READS").unwrap_or_default().as_str() {
                "" | "gathered" => false,
                "strict" => true,
                _ => return Err(wrong("AUDIT_READS", "is neither gathered nor strict")),
            },
            confirm_destructive: match read("CONFIRM_DESTRUCTIVE").unwrap_or_default().as_str() {
                "" | "yes" => true,
                "no" => false,
                _ => return Err(wrong("CONFIRM_DESTRUCTIVE", "is neither yes nor no")),
            },
            audit_life: Duration::from_secs(24 * 60 * 60 * u64::from(number_or("AUDIT_DAYS", 400)?)),
            segment_life: match read("AUDIT_SEGMENT_DAYS").as_deref() {
                None | Some("" | "0") => Duration::ZERO,
                Some(_) => Duration::from_secs(24 * 60 * 60 * u64::from(number("AUDIT_SEGMENT_DAYS")?)),
            },
            audit_settle: Duration::from_secs(number_or("AUDIT_SETTLE_SECONDS", 1200)?.into()),
            derived: Derived::default(),
        })
    }

    /// The one resource that our access tokens are for (RFC 8707).
    pub fn resource(&self) -> String {
        format!("{}/mcp", self.public_url)
    }

    /// Who says to be asking where Postern fetches what a stranger named.
    pub fn user_agent(&self) -> String {
        format!("Postern/{} (+{})", env!("CARGO_PKG_VERSION"), self.public_url)
    }

    /// Seals values of the store.
    pub fn sealer(&self, purpose: Purpose) -> &Sealer {
        self.sealers().of(purpose)
    }

    /// Seals and opens tickets.
    pub fn sealers(&self) -> &Sealers {
        self.derived.sealers.get_or_init(|| Sealers::new(&self.sealing_keys))
    }

    /// Proves that what the stores hold is what we put there.
    pub fn authenticator(&self) -> &Rc<Authenticator> {
        self.derived.authenticator.get_or_init(|| Rc::new(Authenticator::new(&self.signing_keys)))
    }
}

/// Plain http is for loopback alone, where nobody can listen in.
fn is_acceptable(url: &url::Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::complete, *};
    use crate::providers::{AccountKind, CONFLUENCE, TRACKER};

    fn problem(changed: &str, to: Option<&str>) -> Option<Misconfigured> {
        Settings::read(|name| if name == changed { to.map(str::to_owned) } else { complete(name) }).err()
    }

    #[test]
    fn complete_settings_are_accepted() {
        assert_eq!(Settings::read(complete).map(|_| ()), Ok(()));
    }

    #[test]
    fn a_missing_secret_is_named() {
        assert_eq!(problem("SEALING_KEY", None).unwrap().name, "SEALING_KEY");
    }

    #[test]
    fn a_key_of_the_wrong_length_is_named() {
        assert_eq!(problem("SIGNING_KEY", Some("AAAA")).unwrap().name, "SIGNING_KEY");
    }

    #[test]
    fn what_is_switched_on_or_off_is_said_in_one_way() {
        let vouches = |answer: &str| {
            let read =
                |name: &str| if name == "OIDC_VOUCHES_FOR_PEOPLE" { Some(answer.into()) } else { complete(name) };
            Settings::read(read).map(|settings| settings.identity.vouches_for_people).map_err(|error| error.name)
        };
        assert_eq!((vouches("yes"), vouches("no")), (Ok(true), Ok(false)));
        assert_eq!(vouches("true"), Err("OIDC_VOUCHES_FOR_PEOPLE".to_owned()));
    }

    #[test]
    fn a_malformed_previous_key_is_not_ignored() {
        assert_eq!(problem("SEALING_KEY_PREVIOUS", Some("AAAA")).unwrap().name, "SEALING_KEY_PREVIOUS");
    }

    #[test]
    fn access_tokens_are_valid_for_a_second_to_an_hour() {
        for (seconds, accepted) in [("0", false), ("1", true), ("3600", true), ("3601", false), ("15 minutes", false)] {
            assert_eq!(problem("ACCESS_TOKEN_SECONDS", Some(seconds)).is_none(), accepted, "{seconds}");
        }
    }

    #[test]
    fn a_superseded_refresh_token_is_of_use_for_a_minute_to_a_day() {
        for (minutes, accepted) in [("0", false), ("1", true), ("1440", true), ("1441", false), ("half an hour", false)]
        {
            assert_eq!(problem("REFRESH_REUSE_MINUTES", Some(minutes)).is_none(), accepted, "{minutes}");
        }
    }

    #[test]
    fn a_superseded_refresh_token_is_of_use_for_half_an_hour_where_nothing_else_is_said() {
        assert_eq!(for_tests().refresh_reuse, Duration::from_secs(30 * 60));
    }

    #[test]
    fn the_identity_providers_word_is_good_for_a_day_at_most_and_a_grant_without_it_for_a_year() {
        for (name, value, accepted) in [
            ("STANDING_MINUTES", "0", false),
            ("STANDING_MINUTES", "1440", true),
            ("STANDING_MINUTES", "1441", false),
            ("GRANT_DAYS", "365", true),
            ("GRANT_DAYS", "366", false),
        ] {
            assert_eq!(problem(name, Some(value)).is_none(), accepted, "{name} {value}");
        }
        let settings = for_tests();
        let (minutes, days) = (settings.standing_life.as_secs() / 60, settings.grant_life.as_secs() / 86_400);
        assert_eq!((minutes, days), (15, 30), "where nothing is said");
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        assert!(problem("OIDC_ISSUER", Some("http://identity.example")).is_some());
        assert!(problem("OIDC_ISSUER", Some("http://127.0.0.1:8791")).is_none());
    }

    #[test]
    fn who_may_vouch_for_clients_is_named_by_host() {
        assert!(problem("CLIENT_HOSTS", Some("https://client.example")).is_some());
        assert!(problem("CLIENT_HOSTS", Some("client.example !evil.example")).is_none());
    }

    #[test]
    fn a_scheme_that_browsers_act_on_is_not_a_programs_own() {
        assert!(problem("PRIVATE_USE_REDIRECTS", Some("cursor://anysphere.cursor-mcp javascript:")).is_some());
        assert!(problem("PRIVATE_USE_REDIRECTS", Some("cursor://anysphere.cursor-mcp")).is_none());
    }

    #[test]
    fn what_may_be_reached_is_named() {
        assert!(problem("BITBUCKET_WORKSPACES", Some("acme {0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}")).is_none());
        assert_eq!(problem("BITBUCKET_WORKSPACES", Some("acme, tools")).unwrap().name, "BITBUCKET_WORKSPACES");
        assert!(problem("CONFLUENCE_SPACES", Some("ENG ~712020abc")).is_none());
        assert_eq!(problem("CONFLUENCE_SPACES", Some("\"ENG\")")).unwrap().name, "CONFLUENCE_SPACES");
    }

    #[test]
    fn either_account_may_be_left_out_and_both_but_no_half_of_one() {
        let left_out = |names: &[&str]| {
            Settings::read(|name| if names.contains(&name) { None } else { complete(name) })
                .map(|settings| settings.sites.accounts(Site::main(&TRACKER)))
                .map_err(|problem| problem.name)
        };
        assert_eq!(left_out(&[]), Ok(AccountKind::Either));
        assert_eq!(left_out(&["TRACKER_USER", "TRACKER_API_TOKEN"]), Ok(AccountKind::Personal));
        let consumer = ["TRACKER_CLIENT_ID", "TRACKER_CLIENT_SECRET"];
        assert_eq!(left_out(&consumer), Ok(AccountKind::Organisation));
        assert_eq!(
            left_out(&[&consumer[..], &["TRACKER_USER", "TRACKER_API_TOKEN"]].concat()),
            Ok(AccountKind::Missing)
        );
        for half in ["TRACKER_USER", "TRACKER_CLIENT_ID", "TRACKER_CLIENT_SECRET", "BITBUCKET_CLIENT_SECRET"] {
            assert_eq!(left_out(&[half]), Err(half.to_owned()), "half an account is none");
        }
    }

    fn sites(changed: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let read = |name: &str| {
            let change = changed.iter().find(|(setting, _)| *setting == name).map(|(_, text)| (*text).to_owned());
            change.or_else(|| complete(name))
        };
        let written = |settings: Settings| settings.sites.of(&CONFLUENCE).map(|site| site.to_string()).collect();
        Settings::read(read).map(written).map_err(|problem| problem.name)
    }

    const EUROPE: [(&str, &str); 4] = [
        ("CONFLUENCE_SITES", "eu"),
        ("CONFLUENCE_EU_API_URL", "https://eu.example/wiki"),
        ("CONFLUENCE_EU_EMAIL", "given"),
        ("CONFLUENCE_EU_API_TOKEN", "given"),
    ];

    #[test]
    fn each_site_has_settings_of_its_own() {
        assert_eq!(sites(&EUROPE), Ok(vec!["confluence".to_owned(), "confluence/eu".to_owned()]));
        let settings = with_sites(&[("CONFLUENCE_SITES", "eu")]);
        let address =
            |site: &str| settings.sites.get(Site::parse(site).unwrap()).map(|site| site.base_url.as_str()).ok();
        assert_eq!(address("confluence"), Some("https://acme.atlassian.net/wiki"));
        assert_eq!(address("confluence/eu"), Some("https://eu.acme.atlassian.net/wiki"));
        assert_eq!(address("confluence/us"), None);
    }

    #[test]
    fn the_setting_that_a_named_site_lacks_is_named() {
        for (missing, _) in EUROPE.iter().skip(1) {
            let changed = EUROPE.map(|(name, text)| if name == *missing { (name, "") } else { (name, text) });
            assert_eq!(sites(&changed), Err((*missing).to_owned()));
        }
        assert_eq!(sites(&[("CONFLUENCE_SITES", "EU")]), Err("CONFLUENCE_SITES".to_owned()));
        assert_eq!(sites(&[("CONFLUENCE_API_URL", "")]), Err("CONFLUENCE_API_URL".to_owned()), "one site is needed");
    }

    #[test]
    fn a_named_site_may_be_the_only_one() {
        let [list, url, email, token] = EUROPE;
        assert_eq!(sites(&[list, url, email, token, ("CONFLUENCE_API_URL", "")]), Ok(vec!["confluence/eu".to_owned()]));
    }

    #[test]
    fn what_may_be_reached_is_named_for_each_site() {
        let [list, url, email, token] = EUROPE;
        let settings = with_sites(&[list]);
        assert!(settings.sites.are_several(&CONFLUENCE));
        let malformed = ("CONFLUENCE_EU_SPACES", "\"ENG\")");
        assert_eq!(sites(&[list, url, email, token, malformed]), Err("CONFLUENCE_EU_SPACES".to_owned()));
    }

    #[test]
    fn the_issuer_has_no_trailing_slash() {
        assert!(problem("PUBLIC_URL", Some("https://postern.example/")).is_some());
    }
}
