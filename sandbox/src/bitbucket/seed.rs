//! What is in the repositories: files, commits and branches.

use super::import::{By, Change, Import, Mark};
use super::pull_request_seeds::TOPICS;

/// 2026-09-01 08:00 UTC, when `backend` began.
pub(crate) const BEGINNING: u64 = 1_788_249_600;
pub(crate) const DAY: u64 = 24 * 3600;
const MAIN: &str = "refs/heads/main";

/// The service of the demo organisation.
pub(crate) fn backend() -> Import {
    let mut import = Import::default();
    let first = import.commit(
        MAIN,
        By("developer", BEGINNING),
        "Serve orders over HTTP\n",
        &[],
        &[
            Change::Write("README.md", README.into()),
            Change::Write("Cargo.toml", MANIFEST.into()),
            Change::Write(".gitignore", "/target\n".into()),
            Change::Write("src/main.rs", MAIN_RS.into()),
            Change::Write("src/server/mod.rs", SERVER.into()),
            Change::Write("src/server/handler.rs", HANDLER.into()),
            Change::Write("docs/naïve-café-日本語.md", UNICODE.into()),
            Change::Write("assets/logo.png", logo()),
        ],
    );
    let second = import.commit(
        MAIN,
        By("approver", BEGINNING + DAY),
        "Read the configuration from a file\n\nEnvironment variables still win.\n",
        &[first],
        &[
            Change::Write("config/default.toml", CONFIGURATION.into()),
            Change::Write("src/configuration/mod.rs", CONFIGURATION_RS.into()),
            Change::Script("scripts/deploy.sh", DEPLOY),
        ],
    );
    let third = import.commit(
        MAIN,
        By("developer", BEGINNING + 2 * DAY),
        "Add the generated API reference\n",
        &[second],
        &[Change::Write("docs/reference.txt", reference(6000, "v1").into())],
    );
    import.point("refs/tags/v1.0.0", third);
    let merged = merged_pull_requests(&mut import, third);
    let tip = import.commit(
        MAIN,
        By("admin", BEGINNING + 9 * DAY),
        "Fix a typo in the README\n",
        &[merged],
        &[Change::Write("README.md", README.replace("recieves", "receives").into())],
    );
    import.point("refs/tags/v1.1.0", tip);
    fix_retry_backoff(&mut import, third);
    large_change(&mut import, third);
    for (number, topic) in (3_u64..).zip(TOPICS) {
        let text = format!("# {}\n\nNotes for pull request {number}.\n", topic.title);
        import.commit(
            &format!("refs/heads/{}", topic.branch),
            By(topic.author, BEGINNING + (9 + number) * DAY),
            &format!("{}\n", topic.title),
            &[tip],
            &[Change::WriteNamed(format!("docs/notes/{number:02}.md"), text.into())],
        );
    }
    import
}

/// Two pull requests that are merged; hidden references keep the ends of their deleted branches.
fn merged_pull_requests(import: &mut Import, base: Mark) -> Mark {
    let health = import.commit(
        "refs/sandbox/source-20",
        By("developer", BEGINNING + 5 * DAY),
        "Answer health checks\n",
        &[base],
        &[Change::Write("src/server/health.rs", "pub fn health() -> &'static str {\n    \"ok\"\n}\n".into())],
    );
    let first_merge = import.commit(
        MAIN,
        By("approver", BEGINNING + 6 * DAY),
        "Merged in feature/health-checks (pull request #20)\n\nAnswer health checks\n",
        &[base, health],
        &[Change::Write("src/server/health.rs", "pub fn health() -> &'static str {\n    \"ok\"\n}\n".into())],
    );
    import.point("refs/sandbox/merge-20", first_merge);
    let metrics = import.commit(
        "refs/sandbox/source-21",
        By("approver", BEGINNING + 7 * DAY),
        "Count requests\n",
        &[first_merge],
        &[Change::Write(
            "src/metrics.rs",
            "use std::sync::atomic::AtomicU64;\n\npub static REQUESTS: AtomicU64 = AtomicU64::new(0);\n".into(),
        )],
    );
    let second_merge = import.commit(
        MAIN,
        By("admin", BEGINNING + 8 * DAY),
        "Merged in feature/metrics (pull request #21)\n\nCount requests\n",
        &[first_merge, metrics],
        &[Change::Write(
            "src/metrics.rs",
            "use std::sync::atomic::AtomicU64;\n\npub static REQUESTS: AtomicU64 = AtomicU64::new(0);\n".into(),
        )],
    );
    import.point("refs/sandbox/merge-21", second_merge);
    second_merge
}

/// A small branch of two commits, begun before the latest ones of `main`: three dots differ from two.
fn fix_retry_backoff(import: &mut Import, base: Mark) {
    let branch = "refs/heads/fix/retry-backoff";
    let begun = import.commit(
        branch,
        By("developer", BEGINNING + 10 * DAY),
        "Wait longer after each failed attempt\n",
        &[base],
        &[
            Change::Write("src/server/retry.rs", RETRY.into()),
            Change::Write("src/server/handler.rs", HANDLER.replace("ONCE", "until it answers").into()),
        ],
    );
    import.commit(
        branch,
        By("developer", BEGINNING + 10 * DAY + 3600),
        "Add jitter, drop the old deploy script\n",
        &[begun],
        &[
            Change::Write("src/server/retry.rs", RETRY.replace("attempt)", "attempt) + jitter()").into()),
            Change::Delete("scripts/deploy.sh"),
        ],
    );
}

/// A branch whose diff is too large to read at once: about 400 kB over some forty files.
fn large_change(import: &mut Import, base: Mark) {
    let mut changes = vec![Change::Write("docs/reference.txt", reference(6000, "v2").into())];
    for table in 0..40_u64 {
        let rows: String = (0..60_u64)
            .map(|row| {
                format!(
                    "INSERT INTO prices_{table:02} VALUES ({row}, {}, '{}');\n",
                    noise(table * 1000 + row) % 100_000,
                    word(table + row)
                )
            })
            .collect();
        changes.push(Change::WriteNamed(format!("generated/prices_{table:02}.sql"), rows.into()));
    }
    import.commit(
        "refs/heads/feature/large-change",
        By("approver", BEGINNING + 11 * DAY),
        "Regenerate the reference and the price tables\n",
        &[base],
        &changes,
    );
}

/// The organisation's website.
pub(crate) fn website() -> Import {
    let mut import = Import::default();
    let first = import.commit(
        MAIN,
        By("approver", BEGINNING - 90 * DAY),
        "Publish the first page\n",
        &[],
        &[
            Change::Write("README.md", "# website\n\nThe public pages of Acme.\n".into()),
            Change::Write("public/index.html", "<!doctype html>\n<title>Acme</title>\n<h1>Acme</h1>\n".into()),
            Change::Write("public/style.css", "h1 { color: teal }\n".into()),
        ],
    );
    import.commit(
        "refs/heads/feature/dark-mode",
        By("developer", BEGINNING - 80 * DAY),
        "Follow the reader's colour scheme\n",
        &[first],
        &[Change::Write("public/style.css", ":root { color-scheme: light dark }\nh1 { color: teal }\n".into())],
    );
    import
}

/// What every other repository starts from.
pub(crate) fn template() -> Import {
    let mut import = Import::default();
    let first = import.commit(
        MAIN,
        By("admin", BEGINNING - 200 * DAY),
        "Begin from the template\n",
        &[],
        &[Change::Write("README.md", "# Acme service template\n\nReplace this text.\n".into())],
    );
    import.commit(
        "refs/heads/feature/question",
        By("developer", BEGINNING - 190 * DAY),
        "Ask a question\n",
        &[first],
        &[Change::Write("README.md", "# Acme service template\n\nReplace this text. Are you sure?\n".into())],
    );
    import
}

/// Text of `lines` lines; every eighth differs between two editions, in groups that spread the diff.
fn reference(lines: u64, edition: &str) -> String {
    (0..lines)
        .map(|line| {
            let changed = line / 40 % 3 == 0;
            let edition = if changed { edition } else { "v1" };
            format!(
                "{line:05}  GET /{edition}/{}/{}/{}  returns {}\n",
                word(line),
                word(line * 7 + 1),
                word(line * 13 + 2),
                word(line * 3 + 5)
            )
        })
        .collect()
}

const WORDS: [&str; 12] = [
    "orders",
    "customers",
    "invoices",
    "refunds",
    "shipments",
    "prices",
    "stock",
    "carts",
    "returns",
    "coupons",
    "suppliers",
    "warehouses",
];

fn word(number: u64) -> &'static str {
    let position = usize::try_from(noise(number) % 12).unwrap_or(0);
    WORDS.get(position).copied().unwrap_or("orders")
}

/// SplitMix64: numbers that look random and never change.
fn noise(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 7
}

fn logo() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR".to_vec();
    bytes.extend((0..2000_u64).flat_map(|number| noise(number).to_be_bytes()));
    bytes
}

const README: &str = "# backend\n\nThe order service of Acme. It recieves orders over HTTP and stores them.\n\n## Run\n\n```sh\ncargo run -- --config config/default.toml\n```\n\n## Layout\n\n| folder | holds |\n|---|---|\n| `src/server` | the HTTP handlers |\n| `src/configuration` | settings |\n| `docs` | the API reference |\n";
const MANIFEST: &str = "[package]\nname = \"backend\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
const MAIN_RS: &str = "mod server;\n\nfn main() {\n    if let Err(error) = server::serve(\"127.0.0.1:8080\") {\n        eprintln!(\"{error}\");\n        std::process::exit(1);\n    }\n}\n";
const SERVER: &str = "pub mod handler;\n\npub fn serve(address: &str) -> std::io::Result<()> {\n    let listener = std::net::TcpListener::bind(address)?;\n    for stream in listener.incoming() {\n        handler::handle(stream?);\n    }\n    Ok(())\n}\n";
const HANDLER: &str = "use std::net::TcpStream;\n\n/// Answers one order. The store is asked ONCE.\npub fn handle(stream: TcpStream) {\n    let order = read(&stream);\n    store(order);\n    answer(stream);\n}\n\nfn read(_stream: &TcpStream) -> String {\n    String::from(\"order\")\n}\n\nfn store(_order: String) {}\n\nfn answer(_stream: TcpStream) {}\n";
const RETRY: &str = "use std::time::Duration;\n\n/// Doubles the wait after each failed attempt, up to a minute.\npub fn wait(attempt: u32) -> Duration {\n    Duration::from_millis(100 * 2_u64.pow(attempt)).min(Duration::from_secs(60))\n}\n";
const CONFIGURATION: &str =
    "[server]\naddress = \"127.0.0.1:8080\"\n\n[store]\nurl = \"postgres://localhost/orders\"\npool = 8\n";
const CONFIGURATION_RS: &str = "pub struct Configuration {\n    pub address: String,\n}\n";
const DEPLOY: &str = "#!/bin/sh\nset -eu\necho \"deploying $1\"\n";
const UNICODE: &str =
    "# Naïve café – 日本語\n\nGrüße aus München. Здравствуйте. 你好，世界。 🦀\n\nA family: 👨‍👩‍👧‍👦. Right to left: שלום.\n";
