//! The story of one thing, for auditors: all that happened to a pull request or a page, in sentences, and what proves it.

use maud::{Markup, html};

use super::{AUDIT, Query, verify};
use crate::{
    audit::{
        Outcome,
        controls::{self, Bundle},
        export::Format,
        proof::{self, Proof, Prover},
        search::{self, Entry, Filter, Page},
        story::Thing,
    },
    console::{
        access,
        admin::filter::{self, field, form, text},
        page, provider_page,
        text::{Tone, badge, moment},
    },
    context::Context,
    platform::{
        Fault,
        http::{Request, Response},
    },
    untrusted,
};

pub(in crate::console) const STORY: &str = "/admin/audit/story";

/// The address of the story of a target, if it names a thing that has one.
pub(in crate::console) fn address(target: &str) -> Option<String> {
    let thing = Thing::of(target)?.to_string();
    Some(filter::address(STORY, &[("of", Some(thing.as_str()))]))
}

/// What a story's page shows.
struct Story {
    thing: Thing,
    /// The oldest first.
    found: Page,
    /// What the link of each of its events says.
    proofs: Vec<Proof>,
    /// When the whole log was verified last.
    verified: Option<Entry>,
}

/// `GET /admin/audit/story?of=&after=`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let query = request.query();
        let of = text(&query, "of");
        let content = match of.as_deref().map(Thing::of) {
            Some(Some(thing)) => {
                let after = query.get("after").and_then(search::Position::parse);
                content(context, &find(context, thing, after).await?)
            }
            unknown => html! {
                h1 { "What happened to it" }
                @if unknown.is_some() {
                    p.note.warning role="status" { "Nothing at a provider is called that. Write it as the log does." }
                }
                (form_of(of.as_deref()))
            },
        };
        Ok(page::page(context, Some(&browser), "Audit", &content))
    })
    .await
}

async fn find(context: &Context, thing: Thing, after: Option<search::Position>) -> Result<Story, Fault> {
    let database = &*context.platform.database;
    let filter = Filter { story: Some(thing.key()), after, ..Filter::default() };
    let mut found = search::search(database, &filter).await?;
    found.entries.reverse();
    let proofs = proof::of(context, &Prover::read(context).await?, &found.entries).await?;
    Ok(Story { thing, found, proofs, verified: verify::last(database).await? })
}

fn form_of(of: Option<&str>) -> Markup {
    let label = "Such as acme/backend#7, page 98305 or space ENG";
    form(STORY, "Choose a thing", "Show", &[field("of", label, "text", of)])
}

fn content(context: &Context, story: &Story) -> Markup {
    let Story { thing, found, proofs, verified } = story;
    let name = thing.to_string();
    let entries = &found.entries;
    html! {
        p { a href=(AUDIT) { "The log" } }
        h1 { "What happened to " (provider_page::target(&context.settings, &name)) }
        p.lead { "All that the log has of it, in its order: who did what, through which client, and what let it through or \
                  stopped it." }
        @if entries.is_empty() {
            section.card { p { "Nothing is on record." } }
        } @else {
            (whole(proofs, verified.as_ref()))
            @if let Some(next) = &found.next {
                p.actions { a.button href=(filter::next(STORY, &[("of", Some(&name))], &next.to_string())) { "Earlier events" } }
            }
            ol.entries { @for (entry, proof) in entries.iter().zip(proofs) { li { (event(entry, *proof)) } } }
            (supported(entries))
            p { "Export all of it: "
                @for format in Format::ALL {
                    a href=(Query::of_story(&name).exported(format)) { (format.file_name()) } " "
                }
                a href=(Query::of_story(&name).evidence()) { "evidence.zip" }
            }
        }
        (form_of(Some(&name)))
        p.fine {
            "Calls that were refused for the same reason within a minute are counted with the first of them. What was named by a \
             number of its own alone, as a comment of a page can be, or by an id instead of a name, has a story of its own. Of \
             releases before there were stories the log is searched by repository."
        }
    }
}

/// Whether these events are as they were recorded.
fn whole(proofs: &[Proof], verified: Option<&Entry>) -> Markup {
    let count = |wanted: Proof| proofs.iter().filter(|proof| **proof == wanted).count();
    let (fits, unlinked) = (count(Proof::Fits), count(Proof::Unlinked));
    let (tone, verdict) = match proofs.len() - fits - unlinked {
        0 if unlinked == 0 => (Tone::Good, "Yes"),
        0 => (Tone::Waiting, "As far as they are linked"),
        _ => (Tone::Bad, "Not all of them"),
    };
    html! {
        section.card {
            h2 { "Are these events as they were recorded? " (badge(tone, verdict)) }
            p {
                (fits) " of the " (proofs.len()) " events shown fit their links: nobody changed them since the log took them in."
                @if unlinked > 0 { " " (unlinked) " are from before events were linked, and prove nothing." }
            }
            p {
                "That none was taken out is proven by " a href=(verify::VERIFY) { "verifying the whole log" } ". "
                @match verified {
                    Some(last) => {
                        "That was done last on " (moment(last.at)) " by "
                        (untrusted::label(last.actor_name.as_deref().unwrap_or("an administrator"), 100)) ": "
                        @if last.outcome == Outcome::Succeeded { "it was whole." } @else { "it was not whole." }
                    }
                    None => "Nobody has done that yet.",
                }
            }
        }
    }
}

fn event(entry: &Entry, proof: Proof) -> Markup {
    html! {
        p {
            (moment(entry.at)) " " (entry.sentence())
            @if proof != Proof::Fits { " " (badge(if proof == Proof::Unlinked { Tone::Plain } else { Tone::Bad }, words(proof))) }
        }
        div.fine {
            @if let Some(rule) = entry.rule() { "rule " strong { (untrusted::label(rule, 100)) } ", " }
            @if let Some(approval) = entry.approval() { a href=(format!("/approvals/{approval}")) { "its approval" } ", " }
            @if let Some(status) = entry.upstream_status { "status " (status) ", " }
            "request " code { (untrusted::label(&entry.request_id, 64)) }
            @if let (Some(shard), Some(sequence)) = (&entry.shard, entry.sequence) {
                ", event " (sequence) " of " (untrusted::label(shard, 40))
            }
            @for (index, bundle) in entry.supports().iter().enumerate() {
                @if index == 0 { "; supports " } @else { ", " } (bundle.title)
            }
        }
    }
}

/// What is wrong with an event, by its link.
pub(super) const fn words(proof: Proof) -> &'static str {
    match proof {
        Proof::Fits => "fits its link",
        Proof::Unlinked => "not linked",
        Proof::Differs => "does not fit its link",
        Proof::NoPredecessor => "the event before it is missing",
        Proof::UnknownKey => "linked with an unknown key",
    }
}

/// The controls that these events support, framework by framework.
fn supported(entries: &[Entry]) -> Markup {
    let is_supported = |bundle: &&&Bundle| entries.iter().any(|entry| entry.supports().contains(*bundle));
    let bundles: Vec<&&Bundle> = controls::ALL.iter().filter(is_supported).collect();
    html! {
        @if !bundles.is_empty() {
            h2 id="controls" { "Controls that this supports" }
            (table(&bundles))
        }
    }
}

/// What each of these bundles refers to. It stands below a heading with the id `controls`.
pub(super) fn table(bundles: &[&&Bundle]) -> Markup {
    html! {
        p { "These events are evidence for the controls below. Whether a control is met is for an auditor to say." }
        div.table tabindex="0" role="region" aria-labelledby="controls" {
            table {
                thead { tr { th scope="col" { "Control" } @for name in controls::FRAMEWORKS { th scope="col" { (name) } } } }
                tbody {
                    @for bundle in bundles {
                        tr { th scope="row" { (bundle.title) } @for reference in bundle.references { td { (reference) } } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        console::testing::{context, open, run},
        platform::database::sql,
    };

    /// A Postern in which things happened to a pull request, and to its neighbour.
    fn busy() -> Context {
        let context = context();
        let insert = sql("INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person_name, actor_name, tool,
                target, story, reason) VALUES
            ('r1', 'outcome', '1', 1, 'call', 'denied', 1, 'dana', NULL, 'bitbucket_merge_pull_request', 'acme/backend#7',
                'acme/backend#7', 'it needs approval; approval abc'),
            ('r2', 'outcome', '1', 2, 'approval_given', 'succeeded', 1, 'dana', 'bob', 'bitbucket_merge_pull_request',
                'acme/backend#7', 'acme/backend#7', 'approval abc, rule four <eyes>'),
            ('r3', 'outcome', '1', 3, 'call', 'succeeded', 1, 'dana', NULL, 'bitbucket_get_pull_request', 'acme/backend#71',
                'acme/backend#71', NULL)");
        run(&context, insert);
        context
    }

    #[test]
    fn a_story_tells_what_happened_to_one_thing_in_its_order_and_nothing_else() {
        let shown = open(&busy(), Some("ada"), &format!("{STORY}?of=acme/backend%237")).html;
        let place = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text}: {shown}"));
        assert!(place("dana was not let call") < place("bob approved a call of dana"));
        assert!(!shown.contains("acme/backend#71"));
        place("rule <strong>four &lt;eyes&gt;</strong>");
        place("href=\"/approvals/abc\"");
        place("change control");
    }

    #[test]
    fn it_says_what_is_proven_and_what_is_not() {
        let shown = open(&busy(), Some("ada"), &format!("{STORY}?of=acme/backend%237")).html;
        assert!(shown.contains("As far as they are linked") && shown.contains("Nobody has done that yet"), "{shown}");
    }

    #[test]
    fn a_text_that_names_nothing_is_told_so_and_nothing_on_record_is_no_error() {
        let context = busy();
        assert!(open(&context, Some("ada"), &format!("{STORY}?of=%3Cb%3E")).html.contains("Nothing at a provider"));
        assert!(open(&context, Some("ada"), &format!("{STORY}?of=page%209")).html.contains("Nothing is on record"));
        assert_eq!(open(&context, Some("ada"), STORY).status, 200);
        assert_eq!(open(&context, Some("dana"), STORY).status, 403);
    }

    #[test]
    fn a_long_story_is_told_in_pages() {
        let context = context();
        run(
            &context,
            sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
            INSERT INTO events (request_id, phase, part, at, kind, outcome, count, story)
            SELECT 'request-' || i, 'outcome', '', i, 'call', 'succeeded', 1, 'page 9' FROM n"),
        );
        let newest = open(&context, Some("ada"), &format!("{STORY}?of=page+9")).html;
        assert!(newest.contains("request-150<") && newest.contains("request-51<") && !newest.contains("request-50<"));
        let earlier = newest.split("href=\"").find(|rest| rest.contains(">Earlier events")).unwrap();
        let earlier = earlier.split('"').next().unwrap().replace("&amp;", "&");
        let shown = open(&context, Some("ada"), &earlier).html;
        assert!(shown.contains("request-50<") && !shown.contains("Earlier events"), "{shown}");
    }
}
