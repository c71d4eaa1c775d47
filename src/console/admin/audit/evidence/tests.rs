use futures_executor::block_on;

use super::*;
use crate::{
    audit::search::Filter,
    console::testing::{context, open, run},
    platform::database::sql,
};

/// A Postern with so many events, of which every tenth was denied by a rule.
fn busy(count: i64) -> Context {
    let context = context();
    let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
        INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person_name, reason)
        SELECT 'request-' || i, 'outcome', '', i, 'call', iif(i % 10 = 0, 'denied', 'succeeded'), 1, 'dana <b>',
            iif(i % 10 = 0, 'the rule no merges blocks it', iif(i = 1, 'approval abc', NULL))
        FROM n");
    run(&context, insert.bind(count));
    context
}

/// The files of the pack of everything, by name.
fn unpacked(context: &Context, left: (usize, usize)) -> Vec<(String, String)> {
    let pack = Pack::new(context.clone(), Query::default(), Timestamp(0), left);
    let pieces = stream::unfold(pack, async |mut pack| Some((pack.next().await?, pack)));
    let bytes = block_on(pieces.boxed_local().collect::<Vec<_>>()).concat();
    let number = |at: usize, bytes: &[u8]| usize::from(bytes[at]) + (usize::from(bytes[at + 1]) << 8);
    let (mut files, mut rest) = (Vec::new(), bytes.as_slice());
    while rest.starts_with(b"PK\x03\x04") {
        let (size, name) = (number(18, rest) + (number(20, rest) << 16), number(26, rest));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        files.push((text(&rest[30..30 + name]), text(&rest[30 + name..30 + name + size])));
        rest = &rest[30 + name + size..];
    }
    assert!(rest.starts_with(b"PK\x01\x02"), "{files:?}");
    files
}

fn file<'a>(files: &'a [(String, String)], name: &str) -> &'a str {
    &files.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}")).1
}

#[test]
fn a_pack_has_every_event_that_matches_in_files_of_a_thousand() {
    let files = unpacked(&busy(2_300), (EVENTS, PAGES));
    let lines: Vec<usize> = (1..=3).map(|n| file(&files, &format!("events/00{n}.ndjson")).lines().count()).collect();
    assert_eq!(lines, [1_000, 1_000, 300]);
    assert_eq!(file(&files, "events/003.csv").lines().count(), 301);
    assert!(file(&files, "README.txt").contains("It has all that matched."));
}

#[test]
fn its_report_says_in_sentences_what_happened_and_what_that_supports() {
    let files = unpacked(&busy(20), (EVENTS, PAGES));
    let report = file(&files, "report.html");
    for part in ["dana &lt;b&gt; was not let call", "no merges", "least privilege", "not linked", "CC6.1"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!(file(&files, "approvals.ndjson").lines().count(), 1);
    let verification: Value = serde_json::from_str(file(&files, "verification.json")).unwrap();
    assert_eq!(verification["events"], json!([{ "proof": "unlinked", "events": 20 }]));
}

#[test]
fn a_pack_that_is_full_says_where_the_rest_is() {
    let context = busy(450);
    let files = unpacked(&context, (200, PAGES));
    assert_eq!(file(&files, "events/001.ndjson").lines().count(), 200);
    let about = file(&files, "README.txt");
    let rest = about.split("https://postern.example").find(|rest| rest.starts_with("/admin/audit/evidence?")).unwrap();
    assert!(rest.contains("after=251.251"), "{about}");
}

#[test]
fn it_has_the_revisions_of_the_policy_that_were_in_force_in_its_time() {
    let context = busy(1);
    let add = |number: i64, at: i64| {
        let insert = sql("INSERT INTO policy_revisions (revision, document, made_at, made_by, summary, mac)
            VALUES (?1, '{}', ?2, 'ada', 'of a test', ?3)");
        let values = [json!(number), json!("{}")];
        let mac = context.settings.authenticator().row(&crate::governance::policy_revision::POLICY_REVISIONS, &values);
        run(&context, insert.bind(number).bind(at).bind(mac));
    };
    (1..=5).for_each(|number| add(number, number * 100));
    let (from, until) = (Some(Timestamp(250)), Some(Timestamp(450)));
    let numbers = block_on(policy_revisions::in_force(&context, from, until)).unwrap();
    assert_eq!(numbers, [4, 3, 2]);
    assert_eq!(block_on(policy_revisions::in_force(&context, None, None)).unwrap(), [5, 4, 3, 2, 1]);
    let files = unpacked(&context, (EVENTS, PAGES));
    let revision: Value = serde_json::from_str(file(&files, "policy/revision-5.json")).unwrap();
    assert_eq!((&revision["number"], &revision["made_by"]), (&json!(5), &json!("ada")));
}

#[test]
fn nothing_is_a_pack_too() {
    let files = unpacked(&context(), (EVENTS, PAGES));
    assert!(!files.iter().any(|(name, _)| name.starts_with("events/")));
    assert!(file(&files, "report.html").contains("Nobody has verified the whole log yet"));
}

#[test]
fn it_is_for_administrators() {
    assert_eq!(open(&busy(1), Some("dana"), EVIDENCE).status, 403);
    assert_eq!(Filter::default(), Query::default().filter);
}
