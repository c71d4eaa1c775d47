//! Leaks are planted, and must be found; the whole of a small run, from the records to the verdict.

use super::{PROGRAMS, check, secrets};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

const ACCESS_TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkYW5hIn0.c2lnbmF0dXJlLW9mLWFuLWFjY2Vzcw";
const REFRESH_TOKEN: &str = "postern_refresh_grant.1.a-refresh-token-nobody-can-guess";
const CLIENT_SECRET: &str = "a-client-secret-nobody-can-guess";
const SESSION: &str = "a-session-cookie-nobody-can-guess";
const UPSTREAM: &str = "an-upstream-token-nobody-can-guess";
const IDENTITY: &str = "an-identity-token-nobody-can-guess";
const SETTING: &str = "c2VhbGluZy1rZXktb2YtdGhlLWJsYWNrLWJveC10c3Q";

/// The records of a run in a folder that goes with it.
struct Run(PathBuf);

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Run {
    /// One in which every secret was used and nothing leaked.
    fn clean() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("postern-leaks-{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let run = Self(std::env::temp_dir().join(name));
        for program in PROGRAMS {
            for (part, file) in [("d1", "database.sqlite"), ("kv", "blob"), ("do", "object.sqlite-wal")] {
                let folder = run.folder(program).join("storage/miniflare").join(part);
                fs::create_dir_all(&folder).expect("a folder");
                fs::write(folder.join(file), "only hashes").expect("a file");
            }
            run.add(
                program,
                &json!({ "kind": "settings", "values": { "SEALING_KEY": SETTING, "OIDC_CLIENT_ID": "postern" } }),
            );
            run.add(program, &json!({ "kind": "asked", "url": "https://api.example/2.0/user" }));
            let issued = json!({ "access_token": UPSTREAM, "refresh_token": "another-upstream-token" });
            run.add(program, &json!({ "kind": "issued", "body": issued.to_string() }));
            let issued = json!({ "access_token": IDENTITY, "id_token": "head.claims.signature-of-an-id-token" });
            run.add(program, &json!({ "kind": "issued", "body": issued.to_string() }));
            run.add(program, &json!({ "kind": "log", "lines": [{ "message": "a call ended" }] }));
            let tokens = json!({ "access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN });
            run.hear(program, "POST /token", "200 OK", &tokens.to_string());
            run.hear(program, "POST /register", "201 Created", &json!({ "client_secret": CLIENT_SECRET }).to_string());
            run.hear(program, "GET /", &format!("200 OK\r\nSet-Cookie: __Host-postern_session={SESSION}; Path=/"), "");
        }
        run
    }

    fn folder(&self, program: &str) -> PathBuf {
        self.0.join(format!("{program}-1"))
    }

    fn add(&self, program: &str, entry: &Value) {
        let file = self.folder(program).join("record.jsonl");
        let before = fs::read_to_string(&file).unwrap_or_default().replace("{\"kind\":\"complete\"}\n", "");
        fs::write(file, format!("{before}{entry}\n{{\"kind\":\"complete\"}}\n")).expect("an entry");
    }

    /// An answer of that status, and headers, to a request.
    fn hear(&self, program: &str, request: &str, status: &str, body: &str) {
        let sent = STANDARD.encode(format!("{request} HTTP/1.1\r\n\r\n"));
        let received = STANDARD.encode(format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        self.add(program, &json!({ "kind": "connection", "sent": sent, "received": received }));
    }

    fn without(&self, member: &str) {
        for program in PROGRAMS {
            let file = self.folder(program).join("record.jsonl");
            let text = fs::read_to_string(&file).expect("a record");
            let kept = text.lines().filter(|line| !line.contains(member)).map(|line| format!("{line}\n"));
            fs::write(&file, kept.collect::<String>()).expect("a record");
        }
    }

    /// What the search says of this run, and that it gives no secret away itself.
    fn verdict(&self) -> String {
        let verdict = check(&self.0).unwrap_or_else(|error| format!("{error:#}"));
        for secret in [ACCESS_TOKEN, REFRESH_TOKEN, CLIENT_SECRET, SESSION, UPSTREAM, IDENTITY, SETTING] {
            assert!(!verdict.contains(secret), "{verdict}");
        }
        verdict
    }

    fn assert_clean(&self) {
        let verdict = self.verdict();
        assert!(verdict.starts_with("no secret leaked: 1 × access token, 1 × refresh token, "), "{verdict}");
    }

    fn assert_leaks(&self, kind: &str, source: &str) {
        let verdict = self.verdict();
        assert!(verdict.starts_with("secrets leaked, in 1 places"), "{verdict}");
        assert!(verdict.contains(&format!("{kind} in {source}: ")), "{verdict}");
    }
}

#[test]
fn a_run_in_which_each_secret_reached_its_owner_alone_is_clean() {
    Run::clean().assert_clean();
}

#[test]
fn a_token_in_the_log_is_found() {
    let run = Run::clean();
    run.add("settings", &json!({ "kind": "log", "lines": [{}, { "message": format!("refused {REFRESH_TOKEN}") }] }));
    run.assert_leaks("refresh token", "the log");
}

#[test]
fn so_is_one_in_an_answer_that_does_not_hand_it_out() {
    for (secret, kind) in [(ACCESS_TOKEN, "access token"), (UPSTREAM, "upstream token"), (SETTING, "secret setting")] {
        let run = Run::clean();
        run.hear("clients", "POST /mcp", "200 OK", &json!({ "text": secret }).to_string());
        run.assert_leaks(kind, "answers");
    }
}

#[test]
fn so_is_one_that_is_handed_out_a_second_time_in_the_same_answer() {
    let run = Run::clean();
    let twice = json!({ "client_secret": CLIENT_SECRET, "client_name": CLIENT_SECRET });
    run.hear("black_box", "POST /register", "201 Created", &twice.to_string());
    run.assert_leaks("client secret", "answers");
}

#[test]
fn so_is_one_in_a_header() {
    let run = Run::clean();
    run.hear("browser", "GET /callback", &format!("302 Found\r\nLocation: /?cookie={SESSION}"), "");
    run.assert_leaks("session cookie", "answers");
}

#[test]
fn so_is_one_in_an_address_that_the_worker_asked() {
    let run = Run::clean();
    run.add("governance", &json!({ "kind": "asked", "url": format!("https://api.example/?access_token={UPSTREAM}") }));
    run.assert_leaks("upstream token", "URLs");
}

#[test]
fn so_is_one_in_an_address_that_it_answered_but_not_in_one_that_it_refused() {
    let run = Run::clean();
    let request = format!("GET /?access_token={ACCESS_TOKEN}");
    run.hear("black_box", &request, "401 Unauthorized", "");
    run.assert_clean();
    run.hear("black_box", &request, "200 OK", "");
    run.assert_leaks("access token", "URLs");
}

#[test]
fn so_is_one_in_each_store() {
    for (part, source) in [("d1", "D1"), ("kv", "KV"), ("do", "Durable Objects")] {
        let run = Run::clean();
        let file = run.folder("clients").join("storage/miniflare").join(part).join("more");
        fs::write(file, [b"\x00\xff\x13", IDENTITY.as_bytes(), b"\x00"].concat()).expect("a file");
        run.assert_leaks("identity provider's token", source);
    }
}

#[test]
fn the_signature_alone_gives_a_token_away() {
    let run = Run::clean();
    run.hear("clients", "GET /", "200 OK", ACCESS_TOKEN.rsplit('.').next().unwrap_or_default());
    run.assert_leaks("access token", "answers");
}

#[test]
fn a_secret_that_only_its_owner_sent_is_known_too() {
    let form = "grant_type=client_credentials&client_secret=%61-services-secret-1";
    let basic = STANDARD.encode("service:%61-services-secret-1");
    for proof in
        [format!("Content-Length: {}\r\n\r\n{form}", form.len()), format!("Authorization: Basic {basic}\r\n\r\n")]
    {
        let run = Run::clean();
        let sent = STANDARD.encode(format!("POST /token HTTP/1.1\r\n{proof}"));
        let received = STANDARD.encode("HTTP/1.1 200 OK\r\n\r\n");
        run.add("clients", &json!({ "kind": "connection", "sent": sent, "received": received }));
        run.hear("clients", "GET /", "200 OK", "a-services-secret-1");
        run.assert_leaks("client secret", "answers");
    }
}

#[test]
fn so_is_one_that_an_administrator_is_shown_once() {
    let run = Run::clean();
    let page = "<dt>Client secret</dt><dd><code>shown-to-the-administrator</code></dd>";
    run.hear("browser", "POST /admin/clients", "200 OK", page);
    run.assert_clean();
    run.hear("browser", "GET /admin/clients", "200 OK", page);
    run.assert_leaks("client secret", "answers");
}

#[test]
fn no_form_hides_a_secret() {
    let secret = "a \"secret\"+with/all=kinds&of<characters>";
    let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let encoded = |before: &str| STANDARD.encode(format!("{before}{secret} and more"));
    let shown = [escaped, json!({ "text": secret }).to_string(), encoded(""), encoded("x"), encoded("xy")];
    let forms: Vec<String> =
        secrets::forms(secret).into_iter().map(|form| String::from_utf8(form).expect("text")).collect();
    for text in shown {
        assert!(forms.iter().any(|form| text.contains(form)), "{text}: {forms:?}");
    }
    assert!(secrets::forms(SETTING).contains(&b"sealing-key-of-the-black-box-tst".to_vec()));
}

#[test]
fn a_run_without_a_kind_of_secret_is_no_proof() {
    for (member, kind) in [("settings", "secret setting"), ("id_token", "identity provider's token")] {
        let run = Run::clean();
        run.without(member);
        assert!(run.verdict().contains(&format!("no {kind} was seen")), "{}", run.verdict());
    }
}

#[test]
fn nor_is_one_without_a_place_to_look() {
    let run = Run::clean();
    run.without("\"log\"");
    assert!(run.verdict().contains("nothing of the log"), "{}", run.verdict());
    let run = Run::clean();
    for program in PROGRAMS {
        fs::remove_dir_all(run.folder(program).join("storage/miniflare/kv")).expect("a folder");
    }
    assert!(run.verdict().contains("nothing of KV"), "{}", run.verdict());
}

#[test]
fn nor_is_one_of_which_a_program_is_missing() {
    let run = Run::clean();
    fs::remove_dir_all(run.folder("clients")).expect("a folder");
    assert!(run.verdict().contains("`clients` is not on record"), "{}", run.verdict());
}
