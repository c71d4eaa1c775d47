//! The export of what a search of the log finds, page after page as it is read.

use futures::{StreamExt, stream};
use serde_json::json;

use super::Query;
use crate::{
    audit::{
        self, Kind,
        export::Format,
        search::{self, Filter},
    },
    console::{
        access,
        admin::filter,
        page::{self, Problem},
    },
    context::Context,
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
    },
};

pub(super) const EXPORT: &str = "/admin/audit/export";

/// How many pages of results one request exports at the most: the runtime bounds how often a request may ask D1.
const PAGES: usize = 200;

/// `GET /admin/audit/export?format=`, with the filters of the page, as NDJSON unless it says so: the newest first.
pub async fn export(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let form = request.query();
        let Some(format) = form.get("format").map_or(Some(Format::Ndjson), Format::parse) else {
            return Ok(page::problem(context, Some(&browser), &NO_FORMAT));
        };
        let (query, _) = Query::find(context, &form).await?;
        let event = audit::event(context, Kind::LogExported).by(&browser.person.id);
        audit::gather(context, event.because(&format!("{}: {}", format.name(), request.query)));
        let disposition = format!("attachment; filename=\"{}\"", format.file_name());
        Ok(Response::stream(200, format.media_type(), lines(context.clone(), query, format, PAGES).boxed_local())
            .with("content-disposition", disposition)
            .with("cache-control", "no-store"))
    })
    .await
}

const NO_FORMAT: Problem<'_> = Problem {
    status: 400,
    title: "There is no such format",
    explanation: "The log is exported as ndjson or as csv.",
    next_step: "Go back to the log and choose one.",
};

/// What is left to be exported.
struct Rest {
    context: Context,
    query: Query,
    format: Format,
    pages: usize,
    is_over: bool,
}

/// The pieces of the export, of so many pages of results at the most.
fn lines(context: Context, query: Query, format: Format, pages: usize) -> impl stream::Stream<Item = Vec<u8>> {
    let head = format.head().into_bytes();
    let rest = Rest { context, query, format, pages, is_over: false };
    let pages = stream::unfold(rest, async |mut rest| {
        if rest.is_over {
            return None;
        }
        Some((rest.next().await.into_bytes(), rest))
    });
    stream::iter([head]).chain(pages)
}

impl Rest {
    /// The next piece.
    async fn next(&mut self) -> String {
        let found = match search::search(&*self.context.platform.database, &self.query.filter).await {
            Ok(found) => found,
            Err(fault) => {
                self.is_over = true;
                self.context.log(Level::Error, "an export broke off", &[("detail", json!(fault.to_string()))]);
                return self.format.notice("error", "the log could not be read any further");
            }
        };
        let mut piece: String = found.entries.iter().map(|entry| self.format.line(entry)).collect();
        self.pages -= 1;
        match found.next {
            Some(next) if self.pages == 0 => {
                self.is_over = true;
                let format = [("format", Some(self.format.name()))];
                let narrowed = [self.query.narrowed().as_slice(), &format].concat();
                piece.push_str(&self.format.notice("next", &filter::next(EXPORT, &narrowed, &next.to_string())));
            }
            Some(next) => self.query.filter = Filter { after: Some(next), ..self.query.filter.clone() },
            None => self.is_over = true,
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        console::testing::{context, open, run},
        platform::database::sql,
    };

    /// A Postern with so many events of `dana`.
    fn busy(count: i64) -> Context {
        let context = context();
        let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
            INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, target)
            SELECT 'request-' || i, 'outcome', '', i, 'call', iif(i % 2 = 0, 'denied', 'succeeded'), 1, 'dana', '=' || i
            FROM n");
        run(&context, insert.bind(count));
        context
    }

    #[test]
    fn every_event_that_matches_is_exported_newest_first() {
        let context = busy(450);
        let exported = open(&context, Some("ada"), &format!("{EXPORT}?format=ndjson&outcome=denied")).html;
        let lines: Vec<serde_json::Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let ids: Vec<&str> = lines.iter().map(|line| line["request_id"].as_str().unwrap()).collect();
        let expected: Vec<String> = (1..=225).rev().map(|number| format!("request-{}", number * 2)).collect();
        assert_eq!(ids, expected);
    }

    #[test]
    fn a_csv_is_a_file_with_a_head_and_without_formulas() {
        let exported = open(&busy(3), Some("ada"), &format!("{EXPORT}?format=csv&person=dana"));
        assert_eq!(exported.header("content-disposition"), Some("attachment; filename=\"audit.csv\""));
        let lines: Vec<&str> = exported.html.split("\r\n").collect();
        assert!(lines.len() == 5 && lines[0].starts_with("at,position,request_id") && lines[1].contains("\"'=3\""));
    }

    #[test]
    fn an_export_that_would_ask_too_often_ends_with_the_address_of_the_rest() {
        let context = busy(250);
        let (query, _) = block_on(Query::find(&context, &crate::console::testing::signed_in("ada").query())).unwrap();
        let pieces = block_on(lines(context.clone(), query, Format::Ndjson, 2).collect::<Vec<_>>()).concat();
        let text = String::from_utf8(pieces).unwrap();
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        let rest = open(&context, Some("ada"), last["next"].as_str().unwrap()).html;
        assert_eq!((text.lines().count(), rest.lines().count()), (201, 50));
    }

    #[test]
    fn it_is_for_administrators_and_in_a_format_that_there_is() {
        assert_eq!(open(&busy(1), Some("dana"), &format!("{EXPORT}?format=csv")).status, 403);
        assert_eq!(open(&busy(1), Some("ada"), &format!("{EXPORT}?format=xml")).status, 400);
        assert_eq!(open(&busy(1), Some("ada"), EXPORT).status, 200);
    }
}
