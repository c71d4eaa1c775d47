//! Events that left the database for the bucket: a list of the segments, and each as a file.

use maud::{Markup, html};

use super::{AUDIT, verify};
use crate::{
    audit::{
        self, Kind, chain_keys,
        segment::Segment,
        segment_store::{self, AFTER_ALL, Found},
    },
    console::{
        access,
        page::{self, Problem},
        text::moment,
    },
    context::Context,
    crypto::seal::Purpose,
    platform::{
        Fault,
        http::{Request, Response},
    },
    route,
};

pub(super) const SEGMENTS: &str = "/admin/audit/segments";

/// `GET /admin/audit/segments?before=`: the newest first.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let before = request.query().get("before").and_then(|number| number.parse().ok());
        let segments = read(context, before.unwrap_or(AFTER_ALL)).await?;
        Ok(page::page(context, Some(&browser), "Audit", &content(&segments)))
    })
    .await
}

/// `GET /admin/audit/segments/{number}`: its events as NDJSON, as they were moved. That they were read goes on record.
pub async fn download(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let refuse = |problem| Ok(page::problem(context, Some(&browser), problem));
        let number = route::segment(request, 4).parse().unwrap_or(0).min(AFTER_ALL - 1);
        let found = read(context, number + 1).await?.into_iter().find(|segment| segment.number == number);
        let Some(segment) = found else { return refuse(&NO_SEGMENT) };
        let keys = keys(context).await?;
        let bucket = context.platform.checkpoints.as_deref();
        let Found::Whole(lines) = segment_store::fetch(bucket, &keys, &segment).await? else {
            return refuse(&NOT_AS_IT_WAS);
        };
        let event = audit::event(context, Kind::LogExported).by(&browser.person.id);
        audit::record(context, event.because(&format!("segment {number}"))).await;
        Ok(Response::body(200, "application/x-ndjson", lines + "\n")
            .with("content-disposition", format!("attachment; filename=\"segment-{number}.ndjson\""))
            .with("cache-control", "no-store"))
    })
    .await
}

async fn keys(context: &Context) -> Result<audit::chain::ChainKeys, Fault> {
    let (database, settings) = (context.platform.database.as_ref(), &context.settings);
    chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await
}

async fn read(context: &Context, before: i64) -> Result<Vec<Segment>, Fault> {
    segment_store::before(context.platform.database.as_ref(), &keys(context).await?, before).await
}

const NO_SEGMENT: Problem<'_> = Problem {
    status: 404,
    title: "There is no such segment",
    explanation: "Nothing is on record of a segment of that number.",
    next_step: "Go back to the list.",
};
const NOT_AS_IT_WAS: Problem<'_> = Problem {
    status: 409,
    title: "This segment is not as it was written",
    explanation: "The bucket does not have it any more, or has something else in its place.",
    next_step: "Verify the log, which names the events that are missing.",
};

fn content(segments: &[Segment]) -> Markup {
    html! {
        p { a href=(AUDIT) { "The log" } }
        h1 { "Moved events" }
        p.lead {
            "Events that are older than the database keeps them are in a bucket, sealed, and linked as they were. Each file has a \
             line of JSON for each event. Whoever gets one is on record; "
            a href=(verify::VERIFY) { "a verification of the log" } " spans them too."
        }
        @if segments.is_empty() {
            section.card { p { "No events were moved." } }
        } @else {
            ul.entries {
                @for segment in segments {
                    li {
                        a href=(format!("{SEGMENTS}/{}", segment.number)) { "Segment " (segment.number) }
                        ": " (segment.events) " events, " (moment(segment.from)) " to " (moment(segment.until))
                        ", moved on " (moment(segment.moved_at))
                    }
                }
            }
        }
        @if let Some(last) = segments.last().filter(|last| last.number > 1) {
            p.actions { a.button href=(format!("{SEGMENTS}?before={}", last.number)) { "Older ones" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_executor::block_on;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        console::testing::{self, open, run},
        platform::native::memory::MemoryBucket,
    };

    /// A Postern with one segment of one event.
    fn context() -> (Context, MemoryBucket) {
        let (mut context, bucket) = (testing::context(), MemoryBucket::default());
        context.platform.checkpoints = Some(Rc::new(bucket.clone()));
        let Value::Object(row) = json!({ "at": 5, "kind": "sign_in", "target": "=1+1" }) else { unreachable!() };
        let keys = block_on(keys(&context)).unwrap();
        let segment = Segment::new(1, Vec::new(), std::slice::from_ref(&row), context.platform.clock.now());
        let (segment, _) = block_on(segment_store::put(&bucket, &keys, &segment, &[row])).unwrap().unwrap();
        run(&context, segment.put(&keys));
        (context, bucket)
    }

    #[test]
    fn an_administrator_finds_a_segment_and_gets_its_events() {
        let (context, _) = context();
        assert!(open(&context, Some("ada"), SEGMENTS).html.contains("/admin/audit/segments/1"));
        let file = open(&context, Some("ada"), &format!("{SEGMENTS}/1"));
        assert_eq!(file.html, "{\"at\":5,\"kind\":\"sign_in\",\"target\":\"=1+1\"}\n");
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"segment-1.ndjson\""));
    }

    #[test]
    fn what_is_not_as_it_was_written_is_not_handed_out() {
        let (context, bucket) = context();
        bucket.0.borrow_mut().insert("segments/0000000000000001".into(), "v2.something.else".into());
        assert_eq!(open(&context, Some("ada"), &format!("{SEGMENTS}/1")).status, 409);
        bucket.0.borrow_mut().clear();
        assert_eq!(open(&context, Some("ada"), &format!("{SEGMENTS}/1")).status, 409);
        for number in ["2", "0", "x", "-1", "99999999999999999999"] {
            assert_eq!(open(&context, Some("ada"), &format!("{SEGMENTS}/{number}")).status, 404, "{number}");
        }
    }

    #[test]
    fn they_are_for_administrators() {
        let (context, _) = context();
        assert_eq!(open(&context, Some("dana"), SEGMENTS).status, 403);
        assert_eq!(open(&context, Some("dana"), &format!("{SEGMENTS}/1")).status, 403);
    }
}
