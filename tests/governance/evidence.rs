//! The evidence pack, as another program unpacks it.

use std::{fs, process::Command};

use postern_tests::{client::Client, person::Person};
use serde_json::{Value, json};

use super::{audit, turn};

/// Unpacks with Python's own library, which checks every sum, and prints each file by its name.
const UNPACK: &str = "import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({info.filename: archive.read(info).decode() for info in archive.infolist()}))";

/// The files of the pack at that address, by name.
fn unpacked(query: &str) -> Value {
    let administrator = Person::administrator();
    let (browser, _) = administrator.signed_in_at("/admin/audit");
    let cookies = browser.cookies_for(&administrator.url("/")).expect("a session");
    let url = administrator.url(&format!("/admin/audit/evidence?{query}"));
    let mut answer = ureq::get(url.as_str()).header("cookie", cookies).call().expect("a pack");
    assert_eq!(answer.headers()["content-type"], "application/zip");
    let path = std::env::temp_dir().join(format!("{}.zip", administrator.username));
    fs::write(&path, answer.body_mut().read_to_vec().expect("an archive")).expect("written");
    let read = Command::new("python3").args(["-c", UNPACK]).arg(&path).output().expect("python3");
    fs::remove_file(&path).expect("removed");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).expect("files")
}

#[test]
fn an_auditor_unpacks_what_somebody_did_and_what_proves_it() {
    let _turn = turn();
    let person = Person::developer();
    let client = Client::of(&person);
    client.call("whoami", json!({}));
    client.call("whoami", json!({}));
    audit(&person, 2);
    let files = unpacked(&format!("kind=call&person={}", person.username));
    let text = |name: &str| files[name].as_str().unwrap_or_else(|| panic!("no {name}: {files}"));
    assert_eq!((text("events/001.ndjson").lines().count(), text("events/001.csv").lines().count()), (2, 3));
    assert!(text("report.html").contains(&format!("{} called", person.username)), "{files}");
    assert!(text("README.txt").contains("It has all that matched."), "{files}");
    let verification: Value = serde_json::from_str(text("verification.json")).expect("JSON");
    assert_eq!(verification["events"], json!([{ "proof": "fits", "events": 2 }]));
}

#[test]
fn whoever_takes_a_pack_is_on_record() {
    let _turn = turn();
    unpacked("kind=keys_rotated&tool=of-this-test");
    super::until("the export on record", || {
        let (_, page) = Person::administrator().signed_in_at("/admin/audit?kind=log_exported");
        page.body.contains("evidence pack: kind=keys_rotated&amp;tool=of-this-test")
    });
}
