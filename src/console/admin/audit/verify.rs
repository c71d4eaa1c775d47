//! The verification of the log, for administrators: step by step, each of which one request makes.

use std::time::Duration;

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::AUDIT;
use crate::{
    audit::{
        self, Kind, Outcome,
        search::{self, Entry, Filter},
        verification::{Defect, Finding, Verification},
        verification_steps::{self, Progress},
    },
    console::{
        access,
        page::{self, Problem},
        text::{Tone, badge},
    },
    context::Context,
    crypto::{
        seal::Purpose,
        ticket::{Ticket, TicketState},
    },
    identity::browser::Browser,
    platform::{
        Fault,
        database::Database,
        http::{Request, Response},
    },
    untrusted,
};

pub(super) const VERIFY: &str = "/admin/audit/verify";

/// How long the next step of a verification may be waited for.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// A verification under way, which the administrator's browser carries.
#[derive(Serialize, Deserialize)]
struct UnderWay {
    progress: Progress,
}

impl TicketState for UnderWay {
    const PURPOSE: Purpose = Purpose::RequestState;
}

/// Where a ticket of this kind counts.
fn place(browser: &Browser) -> String {
    format!("verification of the audit log by {}", browser.person.id)
}

/// `GET /admin/audit/verify`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let form = form(context, &browser, "Verify the log", None);
        Ok(page::page(context, Some(&browser), "Audit", &content(&form)))
    })
    .await
}

/// `POST /admin/audit/verify`: one step; with `format=json` for programs.
pub async fn step(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let (platform, settings, now) = (&context.platform, &context.settings, context.platform.clock.now());
        let begun = match form.get("progress").filter(|ticket| !ticket.is_empty()) {
            None => verification_steps::begin(platform, settings).await?,
            Some(ticket) => match Ticket::<UnderWay>::open(settings.sealers(), ticket, &place(&browser), now) {
                Ok(ticket) => ticket.state.progress,
                Err(_) => return Ok(page::problem(context, Some(&browser), &NOT_UNDER_WAY)),
            },
        };
        let progress = verification_steps::go_on(platform, settings, begun).await?;
        if progress.is_done {
            record(context, &browser, &progress.verification);
        }
        let under_way = Ticket { state: UnderWay { progress: progress.clone() }, expires_at: now + LIFE };
        let next = (!progress.is_done).then(|| under_way.seal(settings.sealers(), &place(&browser))).transpose()?;
        if form.get("format") == Some("json") {
            return Ok(Response::json(200, &report(&progress, next.as_deref())));
        }
        let button = if next.is_some() { "Go on" } else { "Verify again" };
        let form = self::form(context, &browser, button, next.as_deref());
        let shown = html! { (result(&progress)) (form) };
        Ok(page::page(context, Some(&browser), "Audit", &content(&shown)))
    })
    .await
}

/// Puts on record who verified the log, and what that found.
fn record(context: &Context, browser: &Browser, verification: &Verification) {
    let Verification { events, findings, further, .. } = verification;
    let found = u64::try_from(findings.len()).unwrap_or(u64::MAX).saturating_add(*further);
    let outcome = if verification.is_whole() { Outcome::Succeeded } else { Outcome::Failed };
    let event = audit::event(context, Kind::LogVerified).by(&browser.person.id).ending(outcome);
    audit::gather(context, event.because(&format!("{events} events, {found} findings")));
}

/// The last verification of the whole log, as it is on record.
pub(super) async fn last(database: &dyn Database) -> Result<Option<Entry>, Fault> {
    let filter = Filter { kind: Some(Kind::LogVerified), ..Filter::default() };
    Ok(search::search(database, &filter).await?.entries.into_iter().next())
}

const NOT_UNDER_WAY: Problem<'_> = Problem {
    status: 400,
    title: "This verification is over",
    explanation: "It was begun more than an hour ago, by somebody else, or under keys that were replaced since.",
    next_step: "Begin another one.",
};

/// What programs read.
fn report(progress: &Progress, next: Option<&str>) -> serde_json::Value {
    let Verification { events, unlinked, findings, further, .. } = &progress.verification;
    json!({
        "is_done": progress.is_done,
        "progress": next,
        "is_whole": progress.verification.is_whole(),
        "events": events,
        "segments": progress.segments,
        "unlinked": unlinked,
        "findings": findings.iter().map(sentence).collect::<Vec<_>>(),
        "further_findings": further,
        "unaccounted": progress.presence.unaccounted,
        "without_outcome": progress.presence.without_outcome,
    })
}

fn content(shown: &Markup) -> Markup {
    html! {
        h1 { "Verify the log" }
        p.lead {
            "Each event is linked to the one before it, by a key that is not in the database. Here every link is computed \
             anew, and held against what the objects of the log and the checkpoints know."
        }
        (shown)
        p { a href=(AUDIT) { "Back to the log" } }
    }
}

fn form(context: &Context, browser: &Browser, button: &str, progress: Option<&str>) -> Markup {
    html! {
        form method="post" action=(VERIFY) {
            (page::form_fields(context, browser, VERIFY))
            @if let Some(progress) = progress { input type="hidden" name="progress" value=(progress); }
            button.primary type="submit" { (button) }
        }
    }
}

fn result(progress: &Progress) -> Markup {
    let Verification { events, unlinked, findings, further, .. } = &progress.verification;
    let (tone, verdict) = match (progress.is_done, progress.verification.is_whole(), findings.is_empty()) {
        (false, true, _) => (Tone::Waiting, "Whole so far"),
        (true, true, true) => (Tone::Good, "Whole"),
        (true, true, false) => (Tone::Waiting, "Whole, and begun anew"),
        (_, false, _) => (Tone::Bad, "Not whole"),
    };
    let presence = &progress.presence;
    let is_present = presence.unaccounted == 0 && presence.without_outcome == 0;
    html! {
        section.card aria-live="polite" {
            h2 { "Is what is there whole? " (badge(tone, verdict)) }
            p {
                (events) " events were looked at."
                @if progress.segments > 0 { " They include those of " (progress.segments) " segments." }
                @if *unlinked > 0 { " " (unlinked) " of them are from before events were linked: nothing is proven of those." }
            }
            @if !findings.is_empty() {
                ul { @for finding in findings { li { (sentence(finding)) } } }
            }
            @if *further > 0 { p { "There are " (further) " more findings." } }
        }
        section.card {
            h2 {
                "Is every call there? "
                @if is_present { (badge(Tone::Good, "Yes")) } @else { (badge(Tone::Waiting, "Not every end")) }
            }
            p {
                "Of those in the database, " (presence.unaccounted) " calls were let run and their ends never heard of. Of " (presence.without_outcome)
                " calls there is the intent, and nobody knows how they ended."
            }
        }
    }
}

/// A finding in words.
fn sentence(finding: &Finding) -> String {
    let Finding { defect, shard, epoch, first, last } = finding;
    let what = match defect {
        Defect::Changed => "does not fit its link: it was changed, or made up",
        Defect::Missing => "is missing",
        Defect::Reordered => "stands behind one that came after it",
        Defect::Inserted => "was inserted",
        Defect::CutTail => "is missing at the end",
        Defect::Deleted => "is gone with everything of this log",
        Defect::BegunAnew => "The log begins anew: the storage of its object was lost or set back",
        Defect::UnknownKey => "is linked with a key that nobody knows any more",
        Defect::ForgedCheckpoint => "is not one of ours",
        Defect::SegmentMissing => "was moved to a segment that the bucket does not have",
        Defect::SegmentChanged => {
            "was moved to a segment in whose place something else is: replaced, cut, or another one"
        }
        Defect::RemovedUnverified => "was removed by retention though the log was not whole there",
    };
    let numbers = if first == last { first.to_string() } else { format!("{first} to {last}") };
    let subject = match (defect, shard.is_empty()) {
        (Defect::BegunAnew, _) => String::new(),
        (Defect::ForgedCheckpoint, _) => format!("Checkpoint {numbers} "),
        (Defect::SegmentMissing | Defect::SegmentChanged, true) => format!("All of segment {numbers} "),
        (_, true) => format!("The event without a link at position {numbers} "),
        (_, false) => format!("Event {numbers} "),
    };
    let place =
        if shard.is_empty() { String::new() } else { format!(" ({}, epoch {epoch})", untrusted::label(shard, 40)) };
    format!("{subject}{what}{place}.")
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::{
        audit::testing::PlayedLog,
        console::testing::{self, open, run, submit},
        platform::database::sql,
    };

    /// A Postern whose objects of the log can be asked.
    fn context() -> Context {
        let mut context = testing::context();
        context.platform.audit_logs = Rc::new(PlayedLog::default());
        context
    }

    fn verified(context: &Context) -> String {
        submit(context, "ada", VERIFY, VERIFY, "").html
    }

    #[test]
    fn an_administrator_verifies_an_empty_log() {
        let shown = verified(&context());
        assert!(shown.contains("0 events were looked at") && shown.contains(">Whole<"), "{shown}");
    }

    #[test]
    fn it_is_for_administrators() {
        assert_eq!(open(&context(), Some("dana"), VERIFY).status, 403);
    }

    fn old_events(context: &Context, count: i64) {
        let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
            SELECT 'request-' || i, iif(i = 7, 'intent', 'outcome'), '', i, iif(i = 9, 'unaccounted', 'call'), 'succeeded', 1
            FROM n");
        run(context, insert.bind(count));
    }

    #[test]
    fn whether_every_call_is_there_is_another_answer() {
        let context = context();
        old_events(&context, 10);
        let shown = verified(&context);
        assert!(
            shown.contains(">Whole<") && shown.contains("10 of them are from before events were linked"),
            "{shown}"
        );
        assert!(shown.contains(" 1 calls were let run") && shown.contains("Of 1 calls there is the intent"), "{shown}");
    }

    #[test]
    fn a_long_log_takes_several_steps_and_a_step_goes_on_where_the_last_one_ended() {
        let context = context();
        old_events(&context, 25_000);
        let first = verified(&context);
        assert!(first.contains("20000 events were looked at") && first.contains("Whole so far"), "{first}");
        let ticket = first.split("name=\"progress\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let last = submit(&context, "ada", VERIFY, VERIFY, &format!("progress={ticket}")).html;
        assert!(last.contains("25000 events were looked at") && last.contains("Verify again"), "{last}");
    }

    #[test]
    fn a_program_reads_the_same_as_json() {
        let answer = submit(&context(), "ada", VERIFY, VERIFY, "format=json").html;
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(
            (&answer["is_done"], &answer["is_whole"], &answer["events"]),
            (&json!(true), &json!(true), &json!(0))
        );
    }

    #[test]
    fn progress_that_is_made_up_does_not_count() {
        assert_eq!(submit(&context(), "ada", VERIFY, VERIFY, "progress=made.up").status, 400);
    }
}
