//! A browser without a window, enough of one to go through sign-in, consent and connect pages as a person would:
//! it keeps cookies, follows redirects and submits forms. It tells servers what a real one would about origins.

mod cookies;
mod form;

pub use form::Form;

use anyhow::{Context, Result, anyhow, bail};
use cookies::Cookies;
use std::{fmt::Display, time::Duration};
use ureq::{
    Agent,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use url::Url;

const MOST_REDIRECTS: usize = 20;
const LARGEST_PAGE: u64 = 4 * 1024 * 1024;

/// One person's browser: one jar of cookies.
pub struct Browser {
    agent: Agent,
    cookies: Cookies,
    landing: Option<Url>,
    is_quiet: bool,
}

/// What the browser shows.
pub struct Page {
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// An agent that gives every answer as it is: errors and redirects are for the caller to judge. It keeps no connection
/// for later: a server may close an idle one just when it is used again.
pub fn plain_agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_idle_connections(0)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Browser {
    /// A browser that has been nowhere yet.
    pub fn new() -> Self {
        Self { agent: plain_agent(), cookies: Cookies::default(), landing: None, is_quiet: false }
    }

    /// A browser that does not tell the terminal about its journey, for where there are many.
    pub fn quiet() -> Self {
        Self { is_quiet: true, ..Self::new() }
    }

    /// Tells the terminal what happens on the journey.
    pub(crate) fn narrate(&self, step: impl Display) {
        if !self.is_quiet {
            eprintln!("{step}");
        }
    }

    /// A redirect to this address is not followed but returned as a page: it is an OAuth client's callback, and
    /// nothing has to listen there.
    pub fn landing_at(mut self, address: Url) -> Self {
        self.landing = Some(address);
        self
    }

    /// The Cookie header of its requests to this address, for those who write requests of their own.
    pub fn cookies_for(&self, address: &Url) -> Option<String> {
        self.cookies.header_for(address)
    }

    /// Keeps a cookie that somebody planted, as one Set-Cookie header of an answer from this address.
    pub fn plant_cookie(&mut self, address: &Url, header: &str) {
        self.cookies.keep(address, header);
    }

    /// Opens an address, as typed in by hand.
    pub fn open(&mut self, address: Url) -> Result<Page> {
        self.travel(Visit { method: Method::GET, url: address, body: None, origin: None, site: "none" })
    }

    /// Submits a form of a page by one of its buttons.
    pub fn submit(&mut self, page: &Page, form: &Form, button: Option<(&str, &str)>) -> Result<Page> {
        let mut url = page.url.join(&form.action).with_context(|| format!("a form leads to {:?}", form.action))?;
        let mut fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        fields.extend(button);
        let encoded = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let site = site(&page.url, &url);
        if !form.is_post {
            url.set_query(Some(&encoded));
            return self.travel(Visit { method: Method::GET, url, body: None, origin: None, site });
        }
        let hidden = page.header("referrer-policy").is_some_and(|policy| policy.contains("no-referrer"));
        let origin = if hidden { "null".to_owned() } else { page.url.origin().ascii_serialization() };
        self.travel(Visit { method: Method::POST, url, body: Some(encoded), origin: Some(origin), site })
    }

    fn travel(&mut self, mut visit: Visit) -> Result<Page> {
        for _ in 0..MOST_REDIRECTS {
            let page = self.load(&visit)?;
            let is_redirect = page.status.is_redirection();
            let target = if is_redirect { page.header("location") } else { page.refresh() };
            let target = match target {
                Some(target) => target,
                None if is_redirect => bail!("{} answered {} without saying where to go", page.address(), page.status),
                None => return Ok(page),
            };
            let next = page.url.join(target).with_context(|| format!("{} leads to {target:?}", page.address()))?;
            if self.landing.as_ref().is_some_and(|landing| same_place(landing, &next)) {
                return Ok(Page { url: next, ..page });
            }
            let step = site(&visit.url, &next);
            if !is_redirect || (visit.site != "none" && step != "same-origin") {
                visit.site = step; // a page that refreshes itself starts anew; a redirect keeps the furthest step
            }
            visit.url = next;
            if !matches!(page.status.as_u16(), 307 | 308) {
                visit.method = Method::GET;
                visit.body = None;
                visit.origin = None;
            }
        }
        bail!("{} redirects without an end", place(&visit.url))
    }

    fn load(&mut self, visit: &Visit) -> Result<Page> {
        let mut request = Request::builder()
            .method(&visit.method)
            .uri(visit.url.as_str())
            .header(header::ACCEPT, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
            .header(
                header::USER_AGENT,
                concat!("Mozilla/5.0 (compatible; postern-xtask/", env!("CARGO_PKG_VERSION"), ")"),
            )
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header("sec-fetch-site", visit.site);
        if let Some(cookies) = self.cookies.header_for(&visit.url) {
            request = request.header(header::COOKIE, cookies);
        }
        if let Some(origin) = &visit.origin {
            request = request.header(header::ORIGIN, origin);
        }
        let result = match &visit.body {
            Some(body) => {
                let typed = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                self.agent.run(typed.body(body.as_str())?)
            }
            None => self.agent.run(request.body(())?),
        };
        let mut response = result.map_err(|error| anyhow!("{} does not answer: {error}", place(&visit.url)))?;
        let headers = response.headers().clone();
        for cookie in headers.get_all(header::SET_COOKIE) {
            self.cookies.keep(&visit.url, &String::from_utf8_lossy(cookie.as_bytes()));
        }
        let body = response.body_mut().with_config().limit(LARGEST_PAGE).lossy_utf8(true).read_to_string();
        let body = body.with_context(|| format!("{}: the page broke off", place(&visit.url)))?;
        Ok(Page { url: visit.url.clone(), status: response.status(), headers, body })
    }
}

struct Visit {
    method: Method,
    url: Url,
    body: Option<String>,
    origin: Option<String>,
    /// What Sec-Fetch-Site says: the furthest that any step of the way has led.
    site: &'static str,
}

impl Page {
    /// Where this is, without the query: that may hold secrets.
    pub fn address(&self) -> String {
        place(&self.url)
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where the Refresh header takes a browser that waits.
    fn refresh(&self) -> Option<&str> {
        self.header("refresh")?.split_once("url=").map(|(_, address)| address.trim())
    }

    /// The page's forms, in order.
    pub fn forms(&self) -> Vec<Form> {
        form::parse(&self.body)
    }

    /// The error for a page that is not the one hoped for: where it is, and what it says of itself.
    pub fn unexpected(&self, hope: &str) -> anyhow::Error {
        let title = form::title(&self.body).unwrap_or_else(|| self.body.chars().take(200).collect());
        anyhow!("{} answered {} with {:?} instead of {hope}", self.address(), self.status.as_u16(), title.trim())
    }
}

fn same_place(one: &Url, other: &Url) -> bool {
    place(one) == place(other)
}

fn place(url: &Url) -> String {
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    bare.to_string()
}

/// How close two addresses are, in the words of Sec-Fetch-Site.
fn site(from: &Url, to: &Url) -> &'static str {
    if from.origin() == to.origin() {
        "same-origin"
    } else if from.host() == to.host() {
        "same-site"
    } else {
        "cross-site"
    }
}
