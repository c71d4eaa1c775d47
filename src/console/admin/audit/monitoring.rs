//! What somebody who watches over the log may want to look at, with how each sum is made.

use maud::{Markup, html};

use super::AUDIT;
use crate::{
    audit::statistics::{self, Statistic, Sum},
    console::{access, admin::filter, page, text::moment},
    context::Context,
    platform::{
        Fault,
        http::{Request, Response},
    },
    untrusted,
};

pub(super) const MONITORING: &str = "/admin/audit/monitoring";

/// `GET /admin/audit/monitoring`.
pub async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let sums = statistics::read(&*context.platform.database, context.platform.clock.now()).await?;
        let content = html! {
            p { a href=(AUDIT) { "The log" } }
            h1 { "What to look at" }
            p.lead { "Sums over the latest events of the log. None of them is proof of anything: each says how it counts, and \
                      leads to its events." }
            @for (statistic, sums) in statistics::ALL.iter().zip(&sums) { (section(statistic, sums)) }
        };
        Ok(page::page(context, Some(&browser), "Audit", &content))
    })
    .await
}

fn section(statistic: &Statistic, sums: &[Sum]) -> Markup {
    html! {
        section.card {
            h2 { (statistic.title) }
            p.fine { (statistic.explanation) }
            @if sums.is_empty() { p { "Nobody." } }
            ul { @for sum in sums { li { (line(statistic, sum)) } } }
        }
    }
}

fn line(statistic: &Statistic, sum: &Sum) -> Markup {
    let label = |text: &Option<String>| text.as_deref().map(|text| untrusted::label(text, 100));
    let events = [
        ("kind", Some(statistic.kind.name())),
        ("person", sum.person.as_deref()),
        ("client", sum.client_name.as_deref()),
        ("tool", sum.tool.as_deref()),
    ];
    html! {
        a href=(filter::address(AUDIT, &events)) {
            (label(&sum.person_name).or_else(|| label(&sum.person)).unwrap_or_else(|| "somebody not known".to_owned()))
        }
        ", "
        @match &sum.words {
            Some(words) => (words),
            None => { (sum.count) @if sum.count == 1 { " time" } @else { " times" } }
        }
        @if let Some(tool) = label(&sum.tool) { ", " code { (tool) } }
        @if let Some(client) = label(&sum.client_name) { ", through " (client) }
        ", last on " (moment(sum.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        console::testing::{context, open, run},
        platform::database::sql,
    };

    #[test]
    fn an_administrator_sees_who_is_refused_again_and_again_and_is_led_to_the_events() {
        let context = context();
        let now = context.platform.clock.now();
        run(
            &context,
            sql("INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, person_name, tool)
            VALUES ('r', 'outcome', '', ?1, 'call', 'denied', 7, 'd', 'dana <b>', 'whoami')")
            .bind(now),
        );
        let shown = open(&context, Some("ada"), MONITORING).html;
        assert!(shown.contains("dana &lt;b&gt;</a>, 7 times, <code>whoami</code>"), "{shown}");
        assert!(shown.contains("/admin/audit?kind=call&amp;person=d&amp;tool=whoami"), "{shown}");
        assert_eq!(open(&context, Some("dana"), MONITORING).status, 403);
    }
}
