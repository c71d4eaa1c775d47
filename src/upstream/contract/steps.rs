//! What the steps of a call must find so that its own request is sent: a sample alone does not have the commit or the line
//! that the arguments name.

use serde_json::{Map, Value, json};

use super::samples::set;
use crate::{
    catalog::{
        operation::{Call, Edit, Step, first_name},
        value::{self, DiffLines},
    },
    platform::fetch::InboundResponse,
};

/// The text of an argument; empty where the call does not have it.
fn text(arguments: &Map<String, Value>, name: &str) -> String {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Changes the sample of a look-up into one that lets the call go on. `asks` says whether it is the look-up at a path.
pub fn go_on(call: &Call, arguments: &Map<String, Value>, asks: impl Fn(&str) -> bool, body: &mut Value) {
    for step in call.before {
        match step {
            Step::Unmoved(step) if asks(step.read.path) => {
                let commit = step.read.finds.iter().filter(|find| find.field.name == step.field);
                commit.for_each(|find| set(body, find.field.paths[0], &text(arguments, step.argument).into()));
            }
            Step::Absent(step) if asks(step.path) => set(body, first_name(step.field.paths[0]).0, &json!([])),
            Step::Pick(step) if asks(step.path) => {
                let place = text(arguments, step.argument).parse().unwrap_or(1);
                if let Some(Value::Array(elements)) = body.pointer_mut(&format!("/{}", step.elements.list)) {
                    let one = elements[0].clone();
                    elements.resize(place, one);
                }
            }
            Step::Passage(step) if asks(step.path) => {
                let passage = format!("<p>{}</p>", text(arguments, step.argument));
                set(body, step.text.paths[0], &passage.into());
            }
            _ => {}
        }
    }
    if let Some(edit) = call.edit.filter(|edit| asks(edit.read.path)) {
        let heading = text(arguments, Edit::SECTION.name);
        set(body, edit.text.paths[0], &format!("<h2>{heading}</h2><p>A sample of a page.</p>").into());
    }
}

/// A diff with the lines that a step looks for, where it is what is asked.
pub fn diff(call: &Call, arguments: &Map<String, Value>, asks: impl Fn(&str) -> bool) -> Option<InboundResponse> {
    let step = call.before.iter().find_map(|step| match step {
        Step::DiffLine(step) if asks(step.path) => Some(step),
        _ => None,
    })?;
    let file = text(arguments, step.file);
    let DiffLines { last, .. } = value::diff_lines(&text(arguments, step.lines))?;
    let lines = |sign: &str| format!("{sign}a line\n").repeat(last as usize);
    let (old, new) = (lines("-"), lines("+"));
    let diff =
        format!("diff --git a/{file} b/{file}\n--- a/{file}\n+++ b/{file}\n@@ -1,{last} +1,{last} @@\n{old}{new}");
    let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
    Some(InboundResponse { status: 200, headers, body: diff.into_bytes(), truncated: false })
}
