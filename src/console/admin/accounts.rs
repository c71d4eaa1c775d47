//! The organisation's account at each site: its credential, and what calls may do by it.

use chrono::DateTime;
use maud::{Markup, html};

use crate::{
    connections::{
        accounts::{self, Counts},
        credential_test::{self, Tested},
        shared_credential::{Scheme, SharedCredential},
    },
    console::{
        access,
        connect::scopes,
        connections, not_found, page,
        text::{Tone, badge, moment},
    },
    context::Context,
    governance::{
        organisation_account::{Entry, Health},
        organisation_decisions::{self, Kept},
    },
    identity::browser::Browser,
    platform::{
        Fault,
        clock::Timestamp,
        http::{Form, Request, Response},
    },
    providers::{AccountKind, Site},
};

const ACCOUNTS: &str = "/admin/accounts";
const TEST: &str = "/admin/accounts/test";
const REMOVE: &str = "/admin/accounts/remove";
const WRITES: &str = "/admin/accounts/writes";
const TITLE: &str = "Accounts";

/// What became of an administrator's act at a site.
struct Note {
    site: Site,
    tone: Tone,
    words: String,
}

impl Note {
    const fn new(site: Site, tone: Tone, words: String) -> Self {
        Self { site, tone, words }
    }
}

/// `GET /admin/accounts`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| show(context, &browser, None, None).await).await
}

/// `POST /admin/accounts`: keeps a credential that passed its test, in the place of an earlier one.
pub async fn keep(context: &Context, request: &Request) -> Result<Response, Fault> {
    submitted(context, request, async |browser, form, site| {
        let field = |name: &str| form.get(name).unwrap_or_default();
        let read = SharedCredential::read(field("scheme"), field("name"), field("secret"));
        let ends_at = match field("ends") {
            "" => Ok(None),
            day => last_moment(day).map(Some).ok_or("Enter the day of its end as 2027-01-31."),
        };
        let (credential, ends_at) = match (read, ends_at) {
            (Ok(credential), Ok(ends_at)) => (credential, ends_at),
            (Err(problem), _) => return refused(context, &browser, site, problem.to_string(), &form).await,
            (_, Err(problem)) => return refused(context, &browser, site, problem.to_owned(), &form).await,
        };
        let tested_in = field("within").trim();
        match credential_test::run(context, site, &credential.at(site), tested_in).await? {
            Tested::Accepted(accepted) => {
                let kept = Kept { credential: &credential, accepted: &accepted, tested_in, ends_at };
                organisation_decisions::keep(context, &browser.person.id, site, &kept).await?;
                let words = format!(
                    "Kept: {} answers to it. Calls are sent with it within five seconds; end an earlier one at {} only then.",
                    whose(accepted.account.as_deref()),
                    site.title()
                );
                show(context, &browser, Some(&Note::new(site, Tone::Good, words)), None).await
            }
            Tested::Refused(words) | Tested::NotKnown(words) => {
                let words = format!("Not kept, and what was there before stays in use. {words}");
                refused(context, &browser, site, words, &form).await
            }
        }
    })
    .await
}

/// `POST /admin/accounts/test`: tests the credential that calls are sent with.
pub async fn test(context: &Context, request: &Request) -> Result<Response, Fault> {
    submitted(context, request, async |browser, _, site| {
        let entry = organisation_decisions::at(context, site).await?;
        let sealed = entry.account.credential.as_deref();
        let Some(credential) = SharedCredential::in_use(&context.settings, site, sealed)? else {
            let words = "There is no credential to test.".to_owned();
            return show(context, &browser, Some(&Note::new(site, Tone::Waiting, words)), None).await;
        };
        let within = entry.tested_in.as_deref().unwrap_or_default();
        let tested = credential_test::run(context, site, &credential, within).await?;
        let by = &browser.person.id;
        let (tone, words) = match tested {
            Tested::Accepted(accepted) => {
                organisation_decisions::note_test(context, by, site, sealed, Ok(&accepted)).await?;
                let granted = match accepted.scopes.as_str() {
                    "" => String::new(),
                    scopes => format!(" Its scopes: {}.", scopes.split_whitespace().collect::<Vec<_>>().join(", ")),
                };
                (Tone::Good, format!("It works: {} answers to it.{granted}", whose(accepted.account.as_deref())))
            }
            Tested::Refused(words) => {
                organisation_decisions::note_test(context, by, site, sealed, Err(&words)).await?;
                (Tone::Bad, words)
            }
            Tested::NotKnown(words) => (Tone::Waiting, words),
        };
        show(context, &browser, Some(&Note::new(site, tone, words)), None).await
    })
    .await
}

/// `POST /admin/accounts/remove`. One that is not there any more is as good as removed.
pub async fn remove(context: &Context, request: &Request) -> Result<Response, Fault> {
    submitted(context, request, async |browser, _, site| {
        organisation_decisions::remove(context, &browser.person.id, site).await?;
        Ok(page::see_other(ACCOUNTS))
    })
    .await
}

/// `POST /admin/accounts/writes`: decides whether calls may change things in the organisation's name.
pub async fn decide_writes(context: &Context, request: &Request) -> Result<Response, Fault> {
    submitted(context, request, async |browser, form, site| {
        let may_write = form.get("may_write") == Some("yes");
        organisation_decisions::decide_writes(context, &browser.person.id, site, may_write).await?;
        Ok(page::see_other(ACCOUNTS))
    })
    .await
}

/// What an administrator's form does at the site that it names.
async fn submitted(
    context: &Context,
    request: &Request,
    act: impl AsyncFnOnce(Browser, Form, Site) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let site = form.get("site").and_then(Site::parse);
        match site.filter(|site| context.settings.sites.get(*site).is_ok()) {
            Some(site) => act(browser, form, site).await,
            None => not_found(context, request).await,
        }
    })
    .await
}

fn whose(account: Option<&str>) -> String {
    account.map_or_else(|| "an account that its provider does not name".to_owned(), str::to_owned)
}

/// The last second of a day in UTC.
fn last_moment(day: &str) -> Option<Timestamp> {
    let moment = DateTime::parse_from_rfc3339(&format!("{}T23:59:59Z", day.trim())).ok()?;
    Some(Timestamp(moment.timestamp_millis()))
}

async fn refused(
    context: &Context,
    browser: &Browser,
    site: Site,
    words: String,
    form: &Form,
) -> Result<Response, Fault> {
    let mut response = show(context, browser, Some(&Note::new(site, Tone::Bad, words)), Some(form)).await?;
    response.status = 400;
    Ok(response)
}

/// The page. `form` is what was entered, where it was not kept.
async fn show(
    context: &Context,
    browser: &Browser,
    note: Option<&Note>,
    form: Option<&Form>,
) -> Result<Response, Fault> {
    let entries = organisation_decisions::list(context).await?;
    let mut sections = Vec::new();
    for site in context.settings.sites.all() {
        let counts = accounts::count(&*context.platform.database, site, context.platform.clock.now()).await?;
        sections.push((site, counts));
    }
    let content = html! {
        h1 { (TITLE) }
        p.lead {
            "The organisation's account at each provider. Whoever has connected no account of their own reads through it; \
             every call is on record as its person's all the same."
        }
        @for (site, counts) in sections {
            @let unset = Entry::unset(site);
            @let entry = entries.iter().find(|entry| entry.account.site == site).unwrap_or(&unset);
            @let note = note.filter(|note| note.site == site);
            (section(context, browser, entry, counts, note, form))
        }
    };
    Ok(page::page(context, Some(browser), TITLE, &content))
}

fn section(
    context: &Context,
    browser: &Browser,
    entry: &Entry,
    counts: Counts,
    note: Option<&Note>,
    form: Option<&Form>,
) -> Markup {
    let site = entry.account.site;
    let name = site.title();
    let is_kept = entry.account.credential.is_some();
    let is_set = context.settings.sites.get(site).is_ok_and(|settings| settings.organisation.is_some());
    let missing = accounts::missing_scopes(site, &entry.account.scopes);
    let is_unreachable = !is_kept && context.settings.sites.accounts(site) == AccountKind::Missing;
    html! {
        section.card {
            h2 { (name) " " (state(context, entry, is_set)) }
            @if let Some(note) = note {
                p.note.warning[!matches!(note.tone, Tone::Good)] role="status" { (note.words) }
            }
            @if is_unreachable {
                p.note.warning {
                    "No AI client reaches " (name) " yet: enter a credential below"
                    @if let Some(names) = &site.provider.settings.consumer {
                        ", or have the operator set " code { (site.token_site().with_settings(names.client_id)) } " and "
                        code { (site.token_site().with_settings(names.client_secret)) } ", by which people connect their own accounts"
                    }
                    ". Until then its tools are not listed."
                }
            }
            dl.facts {
                dt { "Credential" }
                dd {
                    @match &entry.kept {
                        Some((at, by)) if is_kept => { "entered " (moment(*at)) " by " (by) },
                        _ if is_set => { "the one of the settings" },
                        _ => { "none" },
                    }
                }
                @if is_kept {
                    dt { "Account" } dd { strong { (whose(entry.account_name.as_deref())) } }
                    @if !entry.account.scopes.is_empty() {
                        dt { "Scopes" } dd { (scopes(entry.account.scopes.split_whitespace())) }
                    }
                    @if !missing.is_empty() {
                        dt { "Missing" }
                        dd { (scopes(missing.into_iter())) div.fine { "Tools that take one of these do not run by it." } }
                    }
                    @if let Some(at) = entry.account.ends_at { dt { "Ends" } dd { (moment(at)) } }
                    @if let Some(at) = entry.account.refused_at { dt { "Refused since" } dd { (moment(at)) } }
                }
                dt { "Calls by it" }
                dd { @if entry.account.may_write { "read and change things" } @else { "read, and change nothing" } }
                @if connections::dialect(context, site).is_some() { dt { "People's own" } dd { (peoples(counts)) } }
            }
            (connections::low_quota("it", site, entry.low_quota(context.platform.clock.now())))
            div.actions {
                @if is_kept || is_set { (button(context, browser, TEST, site, "", &format!("Test {name}"))) }
                @if entry.account.may_write {
                    (button(context, browser, WRITES, site, "no", &format!("Let {name} be read alone")))
                } @else {
                    (button(context, browser, WRITES, site, "yes", &format!("Let {name} be changed in the organisation's name")))
                }
                @if is_kept { (button(context, browser, REMOVE, site, "", &format!("Remove the credential of {name}"))) }
            }
            (entry_form(context, browser, site, is_kept, form.filter(|_| note.is_some())))
        }
    }
}

/// How the accounts do that people connected.
fn peoples(Counts { connected, broken, ends_soon, low_quota }: Counts) -> Markup {
    html! {
        (connected) " connected"
        @for (count, words) in [(broken, "to be connected again"), (ends_soon, "end soon"), (low_quota, "with a low quota")] {
            @if count > 0 { ", " (count) " " (words) }
        }
    }
}

fn state(context: &Context, entry: &Entry, is_set: bool) -> Markup {
    match entry.account.health(context.platform.clock.now()) {
        _ if entry.account.credential.is_none() => {
            badge(Tone::Plain, if is_set { "From the settings" } else { "None" })
        }
        Health::Refused(_) => badge(Tone::Bad, "Refused"),
        Health::Ended(_) => badge(Tone::Bad, "Ended"),
        Health::EndsSoon(_) => badge(Tone::Waiting, "Ends soon"),
        Health::Works => badge(Tone::Good, "Works"),
    }
}

fn button(context: &Context, browser: &Browser, action: &str, site: Site, may_write: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (page::form_fields(context, browser, action))
            input type="hidden" name="site" value=(site);
            button.danger[action == REMOVE] type="submit" name="may_write" value=(may_write) { (label) }
        }
    }
}

const SCHEMES: [(Scheme, &str); 3] = [
    (Scheme::Basic, "An e-mail address and its API token (Basic)"),
    (Scheme::Bearer, "An access token of a repository, project, workspace or service account (Bearer)"),
    (Scheme::Header, "A header of any name"),
];

fn entry_form(context: &Context, browser: &Browser, site: Site, is_kept: bool, form: Option<&Form>) -> Markup {
    let name = site.title();
    let entered = |field: &str| form.and_then(|form| form.get(field)).unwrap_or_default();
    let input = |field: &str, label: &str, kind: &str| {
        let id = format!("{field}-{site}");
        // A secret is never shown again, not even to whoever has just entered it.
        let value = if kind == "password" { "" } else { entered(field) };
        html! {
            div {
                label for=(id) { (label) }
                input id=(id) name=(field) type=(kind) autocomplete="off" spellcheck="false" value=(value);
            }
        }
    };
    let one = site.provider.limit.one;
    html! {
        form.entry method="post" action=(ACCOUNTS) {
            (page::form_fields(context, browser, ACCOUNTS))
            input type="hidden" name="site" value=(site);
            fieldset {
                legend { (if is_kept { "Another credential of " } else { "A credential of " }) (name) }
                @for (index, (scheme, words)) in SCHEMES.into_iter().enumerate() {
                    label.choice {
                        input type="radio" name="scheme" value=(scheme.name())
                            checked[if form.is_some() { entered("scheme") == scheme.name() } else { index == 0 }];
                        span { (words) }
                    }
                }
            }
            (input("name", &format!("E-mail address, or name of the header, for {name}"), "text"))
            (input("secret", &format!("Token or value for {name}"), "password"))
            (input("ends", &format!("Day on which it ends at {name}, if it does"), "date"))
            @if site.provider.identity.of_nobody.is_some() {
                (input("within", &format!("A {one} of {name} to test it in, where it is an access token"), "text"))
            }
            button.primary type="submit" { "Test it at " (name) ", and keep it" }
        }
    }
}
