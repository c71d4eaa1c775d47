//! `postern_read`: what it is asked for, and its one answer.

use serde_json::{Map, Value};

use super::Asked;
use crate::{
    mcp::{
        messages::{answer::Answer, content::ToolResult, result::link_in_words},
        methods::tools::{self as calls, Origin, Part},
        transport::notifier::Notifier,
    },
    platform::Fault,
    tools::{Gate, MOST_CALLS},
    upstream::Quota,
};

const FORM: &str = r#"postern_read {"calls":[{"operation":"…","arguments":{…}}]}"#;

/// Reads what is asked for. A call that cannot be made is told as what became of it.
///
/// # Errors
/// Where there are no calls, or too many.
pub fn read(given: &Map<String, Value>) -> Result<Vec<Result<Part, String>>, String> {
    let calls = match given.get("calls") {
        Some(Value::Array(calls)) if !calls.is_empty() => calls,
        _ => {
            // The form of the other gates is what is sent by mistake.
            let next = match Asked::read(given).and_then(|asked| Ok((asked.tool(Gate::Read)?, asked))) {
                Ok((tool, asked)) => Gate::call(&tool.name, tool.class, &asked.arguments),
                Err(_) => FORM.to_owned(),
            };
            return Err(format!("Not run: `calls` must be a list of 1 to {MOST_CALLS} calls. Next: {next}"));
        }
    };
    if calls.len() > MOST_CALLS {
        return Err(format!(
            "Not run: these are {} calls, and {MOST_CALLS} run at once. Next: send the first {MOST_CALLS}, then the others.",
            calls.len()
        ));
    }
    let part = |call: &Value| {
        let call = call.as_object().ok_or_else(|| format!("Not run: a call must be an object. Next: {FORM}"))?;
        let asked = Asked::read(call)?;
        let tool = asked.tool(Gate::Read)?;
        Ok(Part { tool, arguments: asked.arguments })
    };
    Ok(calls.iter().map(part).collect())
}

/// Runs the calls and makes one answer of what became of them. What ends them all, or is asked of the person by every
/// one, is the answer to all.
///
/// # Errors
/// Where Postern itself failed.
pub async fn run(
    origin: Origin<'_>,
    asked: Vec<Result<Part, String>>,
    notifier: &Notifier,
) -> Result<Answer<ToolResult>, Fault> {
    let headings: Vec<Option<String>> =
        asked.iter().map(|part| part.as_ref().ok().map(|part| part.tool.name.to_string())).collect();
    let mut unread = Vec::with_capacity(asked.len());
    let mut parts = Vec::with_capacity(asked.len());
    for one in asked {
        unread.push(one.map(|part| parts.push(part)));
    }
    let mut ran = calls::run_batch(origin, &parts, notifier).await?.into_iter();
    let answers = unread.into_iter().map(|unread| match unread {
        Ok(()) => ran.next().unwrap_or(Answer::Unknown),
        Err(problem) => Answer::Failed(problem),
    });
    let mut provenance = Vec::new();
    let mut quota: Option<Quota> = None;
    let answers = answers.map(|answer| {
        answer.map(|answer| {
            provenance.extend(answer.provenance.map(|source| *source));
            quota = quota.into_iter().chain(answer.quota).reduce(Quota::least);
            answer.text
        })
    });
    let answers: Vec<_> = headings.into_iter().zip(answers).collect();
    Ok(joined(answers).map(|text| ToolResult::text(text).from(provenance).with_quota(quota)))
}

/// One answer of several.
fn joined(mut answers: Vec<(Option<String>, Answer<String>)>) -> Answer<String> {
    if let Some(at) = answers.iter().position(|(_, answer)| ends_all(answer)) {
        return answers.swap_remove(at).1;
    }
    if answers.len() == 1 {
        return answers.remove(0).1;
    }
    // Where nothing can be read before an account is connected, the client is asked for that.
    if answers.iter().all(|(_, answer)| matches!(answer, Answer::LinkNeeded(needed) if needed.is_connection())) {
        return answers.swap_remove(0).1;
    }
    let (count, done) = (answers.len(), answers.iter().filter(|(_, answer)| is_done(answer)).count());
    let failed = count - done;
    let mut text = format!("{count} calls: {done} answered, {failed} failed.");
    for (index, (name, answer)) in answers.into_iter().enumerate() {
        let heading = name.unwrap_or_else(|| "not a call".to_owned());
        text.push_str(&format!("\n\n=== {} of {count}: {heading} ===\n{}", index + 1, words(answer)));
    }
    if done == 0 { Answer::Failed(text) } else { Answer::Complete(text) }
}

/// Whether nothing else matters beside this answer. All calls that read need the same scope.
const fn ends_all(answer: &Answer<String>) -> bool {
    matches!(answer, Answer::GrantEnded | Answer::InsufficientScope(_))
}

const fn is_done(answer: &Answer<String>) -> bool {
    matches!(answer, Answer::Complete(_))
}

fn words(answer: Answer<String>) -> String {
    match answer {
        Answer::Complete(text) | Answer::Failed(text) | Answer::Missing(text) | Answer::Invalid(text) => text,
        Answer::LinkNeeded(needed) => link_in_words(&needed),
        Answer::Unknown | Answer::GrantEnded | Answer::InsufficientScope(_) | Answer::InputNeeded(_) => {
            "Not run: it needs what several calls at once cannot ask for. Next: call it by itself.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(given: Value) -> Result<Vec<Result<Part, String>>, String> {
        read(given.as_object().unwrap())
    }

    fn problem(given: Value) -> String {
        asked(given).err().unwrap()
    }

    fn answered(texts: &[(&str, Answer<String>)]) -> Answer<String> {
        joined(texts.iter().map(|(name, answer)| (Some((*name).to_owned()), answer.clone())).collect())
    }

    #[test]
    fn a_call_that_cannot_be_made_leaves_the_others() {
        let asked = asked(json!({ "calls": [{ "operation": "whoami" }, { "operation": "no_such" }, 7] })).unwrap();
        assert!(asked[0].is_ok() && asked[1].is_err() && asked[2].is_err());
    }

    #[test]
    fn a_single_call_is_told_the_form_with_its_own_words() {
        let told = problem(json!({ "operation": "bitbucket_list_branches", "arguments": { "workspace": "acme" } }));
        let next = r#"Next: postern_read {"calls":[{"operation":"bitbucket_list_branches","arguments":{"workspace":"acme"}}]}"#;
        assert!(told.ends_with(next), "{told}");
    }

    #[test]
    fn no_call_and_more_than_ten_are_refused() {
        assert!(problem(json!({})).contains("Next: postern_read"));
        assert!(problem(json!({ "calls": [] })).contains("Next: postern_read"));
        let eleven = vec![json!({ "operation": "whoami" }); 11];
        assert!(problem(json!({ "calls": eleven })).contains("11 calls"));
    }

    #[test]
    fn a_part_that_fails_says_so_in_its_place() {
        let answer =
            answered(&[("one", Answer::Complete("rows".into())), ("two", Answer::Failed("Not found: x.".into()))]);
        let text = "2 calls: 1 answered, 1 failed.\n\n=== 1 of 2: one ===\nrows\n\n=== 2 of 2: two ===\nNot found: x.";
        assert_eq!(answer, Answer::Complete(text.into()));
    }

    #[test]
    fn several_that_all_fail_are_an_error() {
        let failed = || Answer::Failed("Not run.".to_owned());
        assert!(matches!(answered(&[("one", failed()), ("two", failed())]), Answer::Failed(_)));
    }

    #[test]
    fn the_end_of_a_grant_is_the_answer_to_all() {
        let answer = answered(&[("one", Answer::Complete("rows".into())), ("two", Answer::GrantEnded)]);
        assert_eq!(answer, Answer::GrantEnded);
    }

    #[test]
    fn one_call_is_answered_as_if_it_were_called_by_its_name() {
        assert_eq!(answered(&[("one", Answer::Complete("rows".into()))]), Answer::Complete("rows".into()));
    }
}
