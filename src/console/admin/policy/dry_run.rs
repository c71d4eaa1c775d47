//! The dry run of a draft over the calls of the last days.

use std::collections::HashMap;

use maud::{Markup, html};
use serde_json::{Value, json};

use crate::{
    audit::alike_calls,
    context::Context,
    governance::{
        access_policy::AccessPolicy,
        attributes::Attributes,
        dry_run::{Difference, Fate, PastCalls, differences},
        snapshot_cache,
    },
    identifiers::Subject,
    identity::claimed,
    platform::Fault,
};

/// Of how many days the calls are looked at.
const DAYS: u32 = 7;

/// How many of the differences are shown.
const SHOWN: usize = 20;

/// What a draft would have done.
pub(in crate::console) struct DryRun {
    differences: Vec<Difference>,
    calls: u64,
}

/// Runs a draft over the calls of the last days. It changes nothing.
///
/// # Errors
/// Where the record cannot be read.
pub(in crate::console) async fn run(context: &Context, draft: AccessPolicy) -> Result<DryRun, Fault> {
    let since = context.platform.clock.now() - std::time::Duration::from_secs(u64::from(DAYS) * 86_400);
    let found = alike_calls::since(context.platform.database.as_ref(), since).await?;
    let mut known: HashMap<String, Attributes> = HashMap::new();
    let mut past = Vec::with_capacity(found.len());
    for group in found {
        let subject = Subject::from(group.person);
        let attributes = match (known.get(&subject.to_string()), subject.person()) {
            (Some(attributes), _) => attributes.clone(),
            (None, Some(user)) => claimed::attributes(context, user).await?,
            (None, None) => Attributes::of_service(),
        };
        known.insert(subject.to_string(), attributes.clone());
        let (client, tool, resource) = (group.client_id, group.tool, group.resource);
        past.push(PastCalls { subject, client, attributes, tool, resource, calls: group.calls, at: group.at });
    }
    let policy = snapshot_cache::current(context).await?;
    let (differences, calls) = differences(&context.settings, &policy, draft, past);
    Ok(DryRun { differences, calls })
}

impl DryRun {
    /// What it came to, for a program.
    pub(in crate::console) fn json(&self) -> Value {
        let differences = self.differences.iter().map(|Difference { past, then, because }| {
            json!({
                "tool": past.tool, "resource": past.resource, "subject": past.subject, "client": past.client,
                "calls": past.calls, "then": then.words(), "because": because,
            })
        });
        json!({ "days": DAYS, "calls": self.calls, "differences": differences.collect::<Vec<_>>() })
    }

    /// What it came to.
    pub(super) fn told(&self) -> Markup {
        let of = |fate: Fate| -> u64 {
            self.differences.iter().filter(|one| one.then == fate).map(|one| one.past.calls).sum()
        };
        html! {
            section.card role="status" {
                h2 { "What it would have changed" }
                p {
                    "Of the latest " (self.calls) " calls of the last " (DAYS) " days, "
                    (of(Fate::Stopped)) " " (Fate::Stopped.words()) ", "
                    (of(Fate::Held)) " " (Fate::Held.words()) ", "
                    (of(Fate::Tainted)) " " (Fate::Tainted.words()) ", and "
                    (of(Fate::Runs)) " " (Fate::Runs.words()) " that did not. Nothing was kept. The log does not tell of every \
                     call in which space or on which branch it was: what is not told is taken as for any other call that does \
                     not say so."
                }
                ul.entries {
                    @for Difference { past, then, because, .. } in self.differences.iter().take(SHOWN) {
                        li {
                            code { (past.tool) } @if let Some(resource) = &past.resource { " on " (resource) }
                            ", " (past.calls) " times by " (past.subject) ": " (then.words()) ", by " (because) "."
                        }
                    }
                }
            }
        }
    }
}
