//! A build as a model reads it: what it is, its steps, and why those failed that did. Pure.

use super::{Draft, Shaping, draft::FRAME, push_fields};
use crate::{
    catalog::operation::Build,
    platform::fetch::InboundResponse,
    untrusted,
    upstream::{
        build::Steps,
        excerpt,
        failure::Failure,
        masking,
        projection::{self, Unreadable},
        text::counted,
        tokens,
    },
};

/// What the excerpts of all logs may cost together, in tokens: enough to see why, and a log is one call away.
const EXCERPTS: usize = 450;

impl Shaping<'_> {
    /// The text of a build that was read with its steps.
    ///
    /// # Errors
    /// Where the build or the list of its steps cannot be read.
    pub fn build(&self, response: &InboundResponse, build: &Build, steps: &Steps) -> Result<String, Failure> {
        let unreadable = |_: Unreadable| Failure::Unreadable { status: response.status };
        let base = self.link_base(&response.body, build.fields);
        let values = projection::record(&response.body, build.fields, &base).map_err(unreadable)?;
        let table = projection::table(&steps.list.body, &build.steps, &[], &base, projection::Keep::default())
            .map_err(unreadable)?;
        let mut draft = self.draft();
        push_fields(&mut draft, build.fields, &values);
        let mut lines = table.text.lines();
        draft.push(&format!("{}\t{}\n", build.step, lines.next().unwrap_or_default()));
        for (place, line) in lines.enumerate() {
            let line = format!("{}\t{line}", place + 1);
            let cost = tokens::estimate(&line) + 1;
            if cost + FRAME > draft.left() {
                draft.cut(format!("{place} of {} steps.", table.rows));
                break;
            }
            draft.push_line(&line, cost);
        }
        if table.rows == 0 {
            draft.push(&format!("{}\n", build.steps.when_empty));
        }
        let share = EXCERPTS.min(draft.left().saturating_sub(FRAME)) / steps.logs.len().max(1);
        for (place, log) in &steps.logs {
            self.push_excerpt(&mut draft, build.step, place + 1, log.as_ref(), share);
        }
        if !steps.logs.is_empty() {
            draft.push(&format!("Whole log: call this tool again with `{}`.", build.step));
        }
        if steps.unread > 0 {
            let unread = counted(steps.unread, "step", "steps");
            draft.push(&format!(" {unread} more failed."));
        }
        Ok(draft.finish())
    }

    /// Appends the lines around the error in a step's log.
    fn push_excerpt(&self, draft: &mut Draft, step: &str, number: usize, log: Option<&InboundResponse>, budget: usize) {
        let log = log.map(|log| String::from_utf8_lossy(&log.body).into_owned()).unwrap_or_default();
        let (log, masked) = if self.masks { masking::mask(&log) } else { (log, 0) };
        let mut lines = String::new();
        untrusted::push_prose(&mut lines, &excerpt::around_error(&log, budget));
        if lines.is_empty() {
            draft.push(&format!("Step {number} has no log.\n"));
            return;
        }
        let mut text = format!("From the log of {step} {number}, around the error:\n");
        untrusted::push_fenced(&mut text, &lines);
        if masked > 0 && lines.contains("[masked: ") {
            text.push_str("Credentials in it are masked.\n");
        }
        draft.push(&text);
    }
}
