//! The journal: which requests came, from whom, with which credential.

use std::collections::{BTreeMap, VecDeque};

use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock;
use crate::identifier;
use crate::request::{Query, basic_credential, bearer_token};
use crate::world::World;

const MOST_KEPT: usize = 20_000;
const LONGEST_BODY: usize = 16 * 1024;

/// A request.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Recorded {
    number: u64,
    at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    query: String,
    /// Whose token it carried, expired or not; `confluence` for Confluence's credential.
    pub(crate) account: Option<String>,
    authorization: Option<String>,
    authorization_fingerprint: Option<String>,
    user_agent: Option<String>,
    body: Option<String>,
    status: Option<u16>,
}

impl Recorded {
    pub(crate) fn of(world: &World, parts: &Parts, body: &[u8]) -> Self {
        let text = |name: header::HeaderName| {
            let value = parts.headers.get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let authorization = text(header::AUTHORIZATION);
        let fingerprint =
            authorization.as_ref().map(|value| format!("{:032x}", identifier::fingerprint(value.as_bytes())));
        let beginning = body.get(..body.len().min(LONGEST_BODY)).unwrap_or_default();
        Self {
            number: 0,
            at: clock::confluence_time(clock::now()),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            account: account_of(world, parts, body),
            authorization,
            authorization_fingerprint: fingerprint,
            user_agent: text(header::USER_AGENT),
            body: (!beginning.is_empty()).then(|| String::from_utf8_lossy(beginning).into_owned()),
            status: None,
        }
    }
}

fn account_of(world: &World, parts: &Parts, body: &[u8]) -> Option<String> {
    let path = parts.uri.path();
    if path.starts_with("/wiki") {
        basic_credential(&parts.headers)?;
        return Some("confluence".to_owned());
    }
    if path == "/oauth/token" {
        return crate::atlassian::token::account_of(world, body);
    }
    if path.starts_with("/site/oauth2/") {
        let form = Query::parse(&String::from_utf8_lossy(body));
        let code = form.get("code").unwrap_or_default();
        let refresh = form.get("refresh_token").or_else(|| form.get("token"));
        let refresh = refresh.unwrap_or_default();
        return world.read(|ledger| {
            let by_code = ledger.codes.get(code).map(|known| known.account.clone());
            let by_refresh = || ledger.refresh_tokens.get(refresh).map(|known| known.account.clone());
            by_code.or_else(by_refresh)
        });
    }
    let token = bearer_token(&parts.headers)?;
    world.read(|ledger| {
        let known = ledger.access_tokens.get(token);
        known.map(|known| known.account.clone())
    })
}

/// The requests in the order they came, the oldest dropped first, and counts that are never dropped.
#[derive(Default)]
pub(crate) struct Journal {
    requests: VecDeque<Recorded>,
    total: u64,
    bitbucket: u64,
    confluence: u64,
    by_account: BTreeMap<String, u64>,
    refreshes: BTreeMap<String, u64>,
}

impl Journal {
    pub(crate) fn add(&mut self, mut request: Recorded) -> u64 {
        self.total += 1;
        request.number = self.total;
        if request.path.starts_with("/wiki") {
            self.confluence += 1;
        } else {
            self.bitbucket += 1;
        }
        if let Some(account) = &request.account {
            *self.by_account.entry(account.clone()).or_default() += 1;
        }
        if self.requests.len() >= MOST_KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
        self.total
    }

    pub(crate) fn answered(&mut self, number: u64, status: StatusCode) {
        // The one just answered is among the latest.
        let mut latest = self.requests.iter_mut().rev();
        if let Some(request) = latest.find(|request| request.number == number) {
            request.status = Some(status.as_u16());
        }
    }

    pub(crate) fn count_refresh(&mut self, account: &str) {
        *self.refreshes.entry(account.to_owned()).or_default() += 1;
    }

    pub(crate) fn list(&self, account: Option<&str>) -> Value {
        let is_of_account = |request: &&Recorded| account.is_none() || request.account.as_deref() == account;
        let requests: Vec<&Recorded> = self.requests.iter().filter(is_of_account).collect();
        json!({ "requests": requests })
    }

    pub(crate) fn clear(&mut self, account: Option<&str>) {
        match account {
            None => *self = Self { total: self.total, ..Self::default() },
            Some(name) => {
                self.requests.retain(|request| request.account.as_deref() != Some(name));
                self.by_account.remove(name);
                self.refreshes.remove(name);
            }
        }
    }

    pub(crate) fn counters(&self) -> Value {
        json!({
            "requests": self.bitbucket + self.confluence,
            "bitbucket": self.bitbucket,
            "confluence": self.confluence,
            "by_account": self.by_account,
            "refreshes": self.refreshes,
        })
    }
}
