//! The audit log, for administrators.

mod entry;
pub mod evidence;
pub mod export;
pub mod monitoring;
pub mod segments;
pub mod story;
pub mod verify;

use maud::{Markup, html};

use super::filter::{address, choice, field, form, next, text};
use crate::{
    audit::{
        Kind, Outcome,
        export::Format,
        search::{self, Filter, Namesake, Page, Position},
        story::Thing,
    },
    console::{access, page, text::megabytes},
    context::Context,
    platform::{
        Fault,
        clock::Timestamp,
        http::{Form, Request, Response},
    },
    tools,
};

const AUDIT: &str = "/admin/audit";

/// The most that D1 holds, in bytes, on a paid plan.
const DATABASE_LIMIT: u64 = 10_000_000_000;

/// The parameters of an address of this page, as they are shown in its form again.
#[derive(Default)]
struct Query {
    person: Option<String>,
    story: Option<String>,
    from: Option<String>,
    until: Option<String>,
    filter: Filter,
}

/// `GET /admin/audit?kind=&person=&client=&tool=&resource=&story=&outcome=&from=&until=&after=`: newest first.
pub async fn search(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let (query, namesakes) = Query::find(context, &request.query()).await?;
        let found = search::search(&*context.platform.database, &query.filter).await?;
        let days = context.settings.audit_life.as_secs() / (24 * 60 * 60);
        Ok(page::page(context, Some(&browser), "Audit", &content(&query, &namesakes, &found, days)))
    })
    .await
}

/// A day as its first moment, in UTC.
fn day(text: &str) -> Option<Timestamp> {
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(Timestamp(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis()))
}

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

impl Query {
    /// A parameter that is empty or that nothing can match is none.
    fn read(form: &Form) -> Self {
        let text = |name: &str| text(form, name);
        let date = |name: &str| text(name).filter(|text| day(text).is_some());
        let (from, until) = (date("from"), date("until"));
        let story = text("story");
        let filter = Filter {
            kind: form.get("kind").and_then(Kind::parse),
            person: None,
            client: text("client"),
            tool: text("tool"),
            resource: text("resource"),
            story: story.as_deref().map(Self::key),
            outcome: form.get("outcome").and_then(Outcome::parse),
            from: from.as_deref().and_then(day),
            until: until.as_deref().and_then(day).map(|day| day + DAY),
            after: form.get("after").and_then(Position::parse),
        };
        Self { person: text("person"), story, from, until, filter }
    }

    /// The key of a story. What names nothing has none, and finds nothing.
    fn key(of: &str) -> String {
        Thing::of(of).map_or_else(|| of.to_owned(), |thing| thing.key())
    }

    /// All of one story.
    fn of_story(of: &str) -> Self {
        let filter = Filter { story: Some(Self::key(of)), ..Filter::default() };
        Self { story: Some(of.to_owned()), filter, ..Self::default() }
    }

    /// The same with the person whom a name means, and all whom it may mean.
    async fn find(context: &Context, form: &Form) -> Result<(Self, Vec<Namesake>), Fault> {
        let mut query = Self::read(form);
        let mut namesakes = Vec::new();
        if let Some(text) = &query.person {
            namesakes = search::people(&*context.platform.database, text).await?;
            // What is nobody's name or id now may be a service, or somebody who is gone.
            let id = namesakes.first().map_or(text, |person| &person.id);
            query.filter.person = Some(id.clone());
        }
        Ok((query, namesakes))
    }

    /// What its address says.
    fn narrowed(&self) -> [(&'static str, Option<&str>); 9] {
        let Filter { kind, client, tool, resource, outcome, .. } = &self.filter;
        [
            ("kind", kind.map(Kind::name)),
            ("person", self.person.as_deref()),
            ("client", client.as_deref()),
            ("tool", tool.as_deref()),
            ("resource", resource.as_deref()),
            ("story", self.story.as_deref()),
            ("outcome", outcome.map(Outcome::name)),
            ("from", self.from.as_deref()),
            ("until", self.until.as_deref()),
        ]
    }

    /// The address of the events that come after that one.
    fn older(&self, after: &Position) -> String {
        next(AUDIT, &self.narrowed(), &after.to_string())
    }

    /// The address of the evidence pack of all of it.
    fn evidence(&self) -> String {
        address(evidence::EVIDENCE, &self.narrowed())
    }

    /// The address of all of it in that format.
    fn exported(&self, format: Format) -> String {
        address(export::EXPORT, &[self.narrowed().as_slice(), &[("format", Some(format.name()))]].concat())
    }
}

fn content(query: &Query, namesakes: &[Namesake], found: &Page, days: u64) -> Markup {
    let entries = &found.entries;
    html! {
        h1 { "Audit" }
        p.lead {
            "What happened: every call, sign-in, consent and connection, whatever was refused, and what administrators \
             did. A call that writes has its intent on record before it is sent."
        }
        p {
            a href=(story::STORY) { "What happened to one pull request or page" } ". "
            a href=(monitoring::MONITORING) { "What to look at" } ". "
            a href=(verify::VERIFY) { "Verify that the log is whole" } ". "
            a href=(segments::SEGMENTS) { "Events that were moved out of the database" } "."
        }
        (filter_form(query))
        @if let [_, others @ ..] = namesakes {
            @if !others.is_empty() {
                p { "Others have this user name too: "
                    @for person in others { a href=(format!("{AUDIT}?person={}", person.id)) { code { (person.id) } } " " } }
            }
        }
        @if !entries.is_empty() {
            div.table tabindex="0" role="region" aria-labelledby="audit-caption" {
                table.dense {
                    caption id="audit-caption" {
                        (entries.len()) @if entries.len() == 1 { " entry" } @else { " entries" } ", newest first"
                    }
                    thead {
                        tr {
                            th scope="col" { "When" }
                            th scope="col" { "Who" }
                            th scope="col" { "What" }
                            th scope="col" { "Outcome" }
                            th scope="col" { "Details" }
                        }
                    }
                    tbody { @for entry in entries { (entry::row(entry)) } }
                }
            }
        } @else if found.next.is_none() {
            section.card { p { "Nothing matches. " a href=(AUDIT) { "Show everything" } } }
        } @else {
            section.card { p { "Nothing among the newest of them matches. Older ones may." } }
        }
        @if let Some(next) = &found.next {
            p.actions { a.button href=(query.older(next)) { "Older entries" } }
        }
        @if !entries.is_empty() {
            p { "Export all that match: "
                @for format in Format::ALL { a href=(query.exported(format)) { (format.file_name()) } " " }
                a href=(query.evidence()) { "evidence.zip" } ", for auditors" }
        }
        p.fine {
            "Entries are kept for " (days) " days."
            @if let Some(size) = found.database_size {
                " The database holds " (megabytes(size)) ", " (size.saturating_mul(100) / DATABASE_LIMIT) " % of the "
                (megabytes(DATABASE_LIMIT)) " that D1 allows on a paid plan."
            }
        }
    }
}

fn filter_form(query: &Query) -> Markup {
    let filter = &query.filter;
    let words = |name: &'static str| (name, name.replace('_', " "));
    let kinds = Kind::ALL.iter().map(|kind| words(kind.name()));
    let outcomes = Outcome::ALL.iter().map(|outcome| words(outcome.name()));
    let all = tools::all();
    let tools = all.iter().map(|tool| (&*tool.name, tool.name.to_string()));
    let fields = [
        choice("kind", "Kind", "All kinds", kinds, filter.kind.map(Kind::name)),
        field("person", "User name or id", "text", query.person.as_deref()),
        field("client", "Client", "text", filter.client.as_deref()),
        choice("tool", "Tool", "All tools", tools, filter.tool.as_deref()),
        field("resource", "Repository", "text", filter.resource.as_deref()),
        field("story", "Pull request, page or space", "text", query.story.as_deref()),
        choice("outcome", "Outcome", "All outcomes", outcomes, filter.outcome.map(Outcome::name)),
        field("from", "From (UTC)", "date", query.from.as_deref()),
        field("until", "To, that day included (UTC)", "date", query.until.as_deref()),
    ];
    form(AUDIT, "Filter the audit", "Filter", &fields)
}
