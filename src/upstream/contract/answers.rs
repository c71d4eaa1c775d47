//! Every answer that the providers' documents describe is read as a call reads it: no field is unknown to them, and none
//! stays empty where they show what it should hold.

use std::slice;

use openapi::{Answer as DescribedAnswer, Documents, Schema};
use serde_json::Value;

use super::{
    documents,
    exceptions::{ELSEWHERE, EXAMPLE, UNDESCRIBED, Undescribed},
    findings::{Findings, shows, unknown},
    path_at_host, paths,
    samples::{self, Described, Own},
};
use crate::{
    catalog::{
        all,
        operation::{Answer, Bounds, Call, Field, LiesIn, Operation, Rows, Step, Task, Unmoved, first_name},
    },
    upstream::{Failure, projection},
};

/// What is kept of an answer: the path of the list and its rows, where it is one, and the fields.
fn kept(answer: &Answer) -> (Option<&Rows>, Vec<&'static [Field]>) {
    match answer {
        Answer::Rows(rows) => (Some(rows), vec![rows.columns]),
        Answer::Blocks(blocks) => (Some(&blocks.rows), vec![blocks.rows.columns, blocks.texts]),
        Answer::Source(tree) => (Some(&tree.listing), vec![tree.listing.columns]),
        Answer::Record(fields) => (None, vec![fields]),
        Answer::Started(started) => (None, vec![started.fields]),
        _ => (None, Vec::new()),
    }
}

/// The schema of the elements of a list.
fn elements<'a>(schema: Schema<'a>, list: &str) -> Option<Schema<'a>> {
    let mut at = schema;
    let mut path = Some(list).filter(|path| !path.is_empty());
    while let Some(here) = path {
        let (name, rest) = first_name(here);
        (at, path) = (at.member(name)?, rest);
    }
    at.elements()
}

/// The names of the fields, in their order, that stay empty in an answer; `None` where it cannot be read.
fn empty(answer: &Answer, body: &Value) -> Option<Vec<bool>> {
    let body = body.to_string();
    let (rows, fields) = kept(answer);
    let Some(rows) = rows else {
        let values = projection::record(body.as_bytes(), fields.first()?, "").ok()?;
        return Some(values.iter().map(String::is_empty).collect());
    };
    let texts = fields.get(1).copied().unwrap_or_default();
    let table = projection::table(body.as_bytes(), rows, texts, "", projection::Keep::default()).ok()?;
    let row = table.text.lines().nth(1).unwrap_or_default();
    let cells = row.split('\t').map(|cell| cell.is_empty() || cell == "-");
    let texts = table.texts.first().into_iter().flatten().map(String::is_empty);
    Some(cells.chain(texts).collect())
}

fn try_operation(described: &Described, operation: &'static Operation, call: &'static Call, to: &mut Findings) {
    let documents = &described.documents;
    let method = call.method.name();
    let mut answers = Vec::new();
    for path in paths(call, call.path) {
        let Some(at_host) = path_at_host(call, &path) else { return };
        let Some(mut at) = documents.operation(method, &at_host) else {
            return to.push(operation, call.path, &format!("no document knows {method} {path}"));
        };
        if let Some(elsewhere) = ELSEWHERE.iter().find(|one| one.operation == operation.name) {
            if at.answers().iter().any(|answer| answer.schema.is_some()) {
                to.push(operation, call.path, "the document describes it where it is now");
            }
            at = documents.operation("GET", elsewhere.path).expect("a path of a document");
        }
        answers.extend(at.answers().into_iter().map(|answer| (path.clone(), answer)));
    }
    let (paths, answers): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
    let (rows, fields) = kept(&call.answer);
    let schemas: Vec<_> = answers.iter().filter_map(|answer| answer.schema).collect();
    let examples = answers.iter().flat_map(|answer| &answer.examples).copied();
    let list = rows.map(|rows| format!("/{}", rows.list.replace('.', "/"))).filter(|list| list != "/");
    to.examples =
        examples.filter_map(|one| list.as_ref().map_or(Some(one), |list| one.pointer(list))).cloned().collect();
    let read = match rows {
        Some(rows) => {
            let list_path = rows.list;
            for around in [rows.total, rows.paging.member()].into_iter().filter(|path| !path.is_empty()) {
                to.path(operation, &schemas, around, "what is around the list");
            }
            let rows: Vec<_> = schemas.iter().filter_map(|schema| elements(*schema, rows.list)).collect();
            if rows.is_empty() && !schemas.is_empty() {
                to.push(operation, list_path, "the document knows no such list");
            }
            rows
        }
        None => schemas,
    };
    let resource = rows.and_then(|rows| rows.resource.as_ref()).map_or(&[][..], |resource| resource.paths);
    resource.iter().for_each(|path| to.path(operation, &read, path, "what a row is about"));
    for field in fields.iter().copied().flatten() {
        to.field(operation, &read, field);
    }
    if let Some(undo) = call.undo {
        undo.answered.iter().for_each(|(name, path)| to.path(operation, &read, path, name));
    }
    let examples = std::mem::take(&mut to.examples);
    look_ups(documents, operation, call, to);
    to.examples = examples;
    // Nothing is to be read of what is not described; each field has been found to be so.
    if answers.iter().all(|answer| answer.schema.is_none()) && !fields.is_empty() {
        return;
    }
    for (path, answer) in paths.iter().zip(&answers) {
        try_answer(described, operation, call, path, answer, to);
    }
}

/// What is asked before the request and after it.
fn look_ups(documents: &Documents, operation: &'static Operation, call: &'static Call, to: &mut Findings) {
    for step in call.before {
        match step {
            Step::Pick(pick) => to.look_up(documents, operation, call, pick.path, [].into_iter()),
            Step::Default(default) => {
                let fields = default.read.finds.iter().map(|find| &find.field);
                to.look_up(documents, operation, call, default.read.path, fields);
            }
            Step::Unmoved(Unmoved { read, .. }) => {
                to.look_up(documents, operation, call, read.path, read.finds.iter().map(|find| &find.field));
            }
            Step::Read(read) | Step::Recall(read) => {
                to.look_up(documents, operation, call, read.path, read.finds.iter().map(|find| &find.field));
            }
            Step::Absent(step) => to.look_up(documents, operation, call, step.path, [&step.field].into_iter()),
            Step::DiffLine(step) => to.look_up(documents, operation, call, step.path, [].into_iter()),
            Step::Passage(passage) => {
                to.look_up(documents, operation, call, passage.path, [&passage.text].into_iter());
            }
            Step::Which(which) => {
                for kind in which.kinds {
                    to.look_up(documents, operation, call, &which.path.replace("{kind}", kind), [].into_iter());
                }
            }
            Step::Resolve(resolve) => {
                resolve.paths.iter().for_each(|path| {
                    to.look_up(documents, operation, call, path, [&resolve.hash].into_iter());
                });
            }
        }
    }
    if let Some(each) = call.each {
        to.look_up(documents, operation, call, each.path, [].into_iter());
    }
    if let Some(binding) = operation.approval_binding {
        let finds = binding.finds.iter().map(|find| &find.field);
        to.look_up(documents, operation, call, binding.path, finds);
    }
    if let Bounds::Places(located) = &call.bounds {
        for place in located.iter().flat_map(|located| located.places) {
            let fields = place.lies_in.iter().map(|lies_in| match lies_in {
                LiesIn::Thing(field, _) | LiesIn::Space(field) => field,
            });
            let fields = fields.chain(operation.writes().then_some(&place.state));
            to.look_up(documents, operation, call, place.path, fields);
        }
    }
    if let Some(poll) = &call.after {
        to.look_up(documents, operation, call, poll.path, [&poll.state, &poll.reason].into_iter());
        if let Task::Body(find) = &poll.task {
            let described = path_at_host(call, call.path)
                .and_then(|path| documents.operation(call.method.name(), &path))
                .map(|described| described.answers());
            let schemas: Vec<_> = described.iter().flatten().filter_map(|answer| answer.schema).collect();
            to.field(operation, &schemas, &find.field);
        }
    }
}

/// The sample and each example of an answer are read, and every field holds something of the sample.
fn try_answer(
    described: &Described,
    operation: &'static Operation,
    call: &'static Call,
    path: &str,
    answer: &DescribedAnswer<'_>,
    to: &mut Findings,
) {
    let raw = matches!(call.answer, Answer::Diff | Answer::File | Answer::Source(_));
    let (rows, fields) = kept(&call.answer);
    let list = rows.map_or("", |rows| rows.list);
    let sample = answer.sample().filter(|_| !matches!(call.answer, Answer::Diff | Answer::File));
    let sample =
        sample.map(|sample| fields.iter().fold(sample, |sample, fields| samples::sample(sample, list, fields)));
    if let Some(sample) = &sample {
        let every = fields.iter().copied().flatten();
        let is_shown = |field: &Field, examples: &[Value]| {
            examples.iter().any(|example| field.paths.iter().any(|path| shows(example, path)))
        };
        // Of two fields that mean other elements of one list, the sample has those of the last.
        let is_empty_by_itself = |index: usize, field: &'static Field| {
            let sample = samples::sample(sample.clone(), list, slice::from_ref(field));
            empty(&call.answer, &sample).is_none_or(|empty| empty.get(index) == Some(&true))
        };
        let found = every.zip(empty(&call.answer, sample).unwrap_or_default()).enumerate();
        for (index, (field, _)) in found.filter(|(_, (_, empty))| *empty) {
            if field.only.is_some() && !is_empty_by_itself(index, field) {
                continue;
            }
            // Comments of one kind have what those of the other do not have.
            let row =
                answer.schema.and_then(|schema| if rows.is_some() { elements(schema, list) } else { Some(schema) });
            let is_of_another_kind =
                path != call.path && row.is_some_and(|row| field.paths.iter().all(|path| unknown(row, path).is_some()));
            if is_of_another_kind || is_shown(field, &to.examples) {
                continue;
            }
            let path = field.paths.first().copied().unwrap_or_default();
            to.push(operation, path, &format!("`{}` keeps nothing of what is at {:?}", field.name, field.paths));
        }
    }
    for example in &answer.examples {
        let nothing =
            empty(&call.answer, example).is_some_and(|empty| !empty.is_empty() && empty.iter().all(|one| *one));
        let has_rows = rows.is_none_or(|_| example.to_string().contains("[{"));
        if nothing && has_rows {
            to.push(operation, EXAMPLE, &format!("keeps nothing of the example {example}"));
        }
    }
    let bodies = [sample].into_iter().chain(answer.examples.iter().map(|example| Some((*example).clone())));
    for body in bodies {
        for optional_too in [false, true] {
            let own = Own { path: path.to_owned(), status: answer.status, body: body.clone(), raw };
            match samples::run(described, operation, call, optional_too, own) {
                // An edit is none without the text, which other actions than the first do without.
                Err(Failure::NotEdited { status: None, .. }) if !optional_too => {}
                Err(failure) => {
                    let status = answer.status;
                    to.push(
                        operation,
                        &status.to_string(),
                        &format!("cannot read the {status} that is documented: {failure:?}"),
                    );
                }
                Ok(_) => {}
            }
        }
    }
}

#[test]
fn every_answer_that_the_providers_documents_describe_is_read_and_no_field_stays_empty() {
    let Some(folder) = documents() else { return };
    let described = Described::new(Documents::read(&folder).unwrap());
    let mut findings = Findings::default();
    for operation in all() {
        if let Some(call) = &operation.call {
            try_operation(&described, operation, call, &mut findings);
        }
    }
    findings.wrong.dedup();
    assert!(findings.wrong.is_empty(), "{}", findings.wrong.join("\n"));
    let is_excused = |operation: &str, path: &str| findings.excused.iter().any(|one| *one == (operation, path));
    for Undescribed { paths, operations, why } in UNDESCRIBED {
        let path = paths.iter().find(|path| !operations.iter().any(|operation| is_excused(operation, path)));
        let operation = operations.iter().find(|operation| !paths.iter().any(|path| is_excused(operation, path)));
        assert_eq!((path, operation), (None, None), "the documents describe this now: {paths:?} of {operations:?}");
        assert!(!why.is_empty());
    }
    assert!(ELSEWHERE.iter().all(|one| !one.why.is_empty()));
}

#[test]
fn a_name_that_no_document_knows_is_found() {
    let Some(folder) = documents() else { return };
    let documents = Documents::read(&folder).unwrap();
    let described = documents.operation("GET", "/2.0/repositories/acme/backend").unwrap();
    let schema = described.answers().into_iter().find_map(|answer| answer.schema).unwrap();
    assert_eq!(unknown(schema, "mainbranch.name"), None);
    assert!(unknown(schema, "main_branch.name").unwrap().contains("mainbranch"));
    assert!(unknown(schema, "owner.nickname_of").is_some());
}
