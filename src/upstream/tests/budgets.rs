//! Answers in real tokens, counted by the vocabulary of `tests/tokens`: whatever strangers write, no answer has more than
//! hosts show, and ordinary texts come close to their budget.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
    process::{Command, Stdio},
};

use super::*;

/// What hosts show of an answer without shortening it themselves.
const MOST: usize = 10_000;
/// Where this variable is set, the vocabulary must be there.
const REQUIRED: &str = "POSTERN_TOKENS";

/// How many tokens of `o200k_base` each text has; `None` where the npm packages are not installed.
fn count(texts: &[String]) -> Option<Vec<usize>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (node, folder) = (root.join("node_modules/.bin/node"), root.join("tests/tokens"));
    if !node.exists() || !folder.join("node_modules/gpt-tokenizer").exists() {
        let missing = "the npm packages are not installed; `cargo xtask test --only unit` installs them";
        assert!(env::var_os(REQUIRED).is_none() && env::var_os("CI").is_none(), "{missing}");
        // Not eprintln!, which the test harness keeps to itself when a test passes.
        writeln!(io::stderr(), "test of budgets: did not run, for {missing}").unwrap();
        return None;
    }
    let mut counter = Command::new(node)
        .arg(folder.join("count.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node starts");
    counter.stdin.take().unwrap().write_all(json!(texts).to_string().as_bytes()).unwrap();
    let output = counter.wait_with_output().unwrap();
    assert!(output.status.success(), "counting tokens failed");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The same numbers each time, which look like any.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.next(choices.len())]
    }

    /// So many characters of these.
    fn letters(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..length).map(|_| alphabet[self.next(alphabet.len())]).collect()
    }

    /// So many characters of a range.
    fn range(&mut self, first: u32, last: u32, length: usize) -> String {
        let span = usize::try_from(last - first + 1).unwrap();
        let any = |numbers: &mut Self| char::from_u32(first + u32::try_from(numbers.next(span)).unwrap());
        std::iter::repeat_with(|| any(self)).flatten().take(length).collect()
    }
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &str = "0123456789abcdef";
const MARKS: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// Texts that cost more than they look, each longer than any answer.
fn nasty() -> Vec<(&'static str, String)> {
    let mut numbers = Numbers(7);
    let mut many = |write: &mut dyn FnMut(&mut Numbers) -> String| {
        let mut text = String::new();
        while text.len() < 90_000 {
            text.push_str(&write(&mut numbers));
        }
        text
    };
    vec![
        ("Chinese", "今年的发布计划已经确定，所有团队需要在周五之前完成代码审查。".repeat(900)),
        ("any ideographs", many(&mut |numbers| numbers.range(0x4e00, 0x9fff, 60))),
        ("Japanese", "デプロイが失敗した場合は、ログを確認してから担当者に連絡してください。".repeat(900)),
        ("any syllables of Hangul", many(&mut |numbers| numbers.range(0xac00, 0xd7a3, 60))),
        ("emoji", many(&mut |numbers| numbers.range(0x1f300, 0x1faff, 60))),
        ("emoji with joiners", many(&mut |numbers| numbers.of(&["👩🏽‍❤️‍💋‍👨🏿", "👨‍👩‍👧‍👦", "🧑🏾‍🚀", "🏳️‍🌈", "🇩🇪", "1️⃣", "☠️"]).to_owned())),
        ("base64", many(&mut |numbers| numbers.letters(BASE64, 76))),
        ("base64 in lines", many(&mut |numbers| numbers.letters(BASE64, 76) + "\n")),
        ("hexadecimal digits", many(&mut |numbers| numbers.letters(HEX, 64))),
        ("a dump of bytes", many(&mut |numbers| numbers.letters(HEX, 2) + " ")),
        ("UUIDs", many(&mut |numbers| [8, 4, 4, 4, 12].map(|length| numbers.letters(HEX, length)).join("-") + "\n")),
        (
            "minified JavaScript",
            many(&mut |numbers| {
                let (one, other) = (numbers.letters(LOWER, 1), numbers.letters(LOWER, 2));
                format!(
                    "function {one}({other}){{return {one}.{other}?!0:{one}[{}]||{other}}}var {other}={one}(0),",
                    numbers.next(99)
                )
            }),
        ),
        (
            "a diff of lock files",
            many(&mut |numbers| {
                let mut line =
                    |sign| format!("{sign}      \"integrity\": \"sha512-{}==\",\n", numbers.letters(BASE64, 86));
                line('-') + &line('+')
            }),
        ),
        ("tables", many(&mut |numbers| format!("| {} | {} | - |\n", numbers.letters(LOWER, 3), numbers.next(10)))),
        ("frames", many(&mut |numbers| numbers.letters("─│┌┐└┘├┤┬┴┼═║╔╗", 60))),
        (
            "long addresses",
            many(&mut |numbers| {
                format!(
                    "https://{}.example.com/{}?sig={}\n",
                    numbers.letters(LOWER, 8),
                    numbers.letters(BASE64, 40),
                    numbers.letters(HEX, 60)
                )
            }),
        ),
        ("Arabic", "يجب مراجعة التغييرات قبل يوم الخميس وإبلاغ الفريق المسؤول. ".repeat(900)),
        ("any Arabic letters", many(&mut |numbers| numbers.range(0x621, 0x64a, 60))),
        ("Hebrew", "יש לבדוק את השינויים לפני יום חמישי ולדווח לצוות האחראי. ".repeat(900)),
        ("Hebrew with points", many(&mut |numbers| numbers.range(0x591, 0x5ea, 60))),
        ("Hindi", "गुरुवार से पहले सभी परिवर्तनों की समीक्षा करें और टीम को सूचना दें। ".repeat(900)),
        ("any Devanagari", many(&mut |numbers| numbers.range(0x900, 0x97f, 60))),
        ("Thai", "กรุณาตรวจสอบการเปลี่ยนแปลงทั้งหมดก่อนวันพฤหัสบดี ".repeat(900)),
        ("any Thai letters", many(&mut |numbers| numbers.range(0xe01, 0xe5b, 60))),
        ("any characters of two and three bytes", many(&mut |numbers| numbers.range(0xa1, 0xd7ff, 60))),
        ("any characters", many(&mut |numbers| numbers.range(0x20, 0x10_ffff, 60))),
        ("marks upon marks", many(&mut |numbers| numbers.letters(LOWER, 1) + &numbers.range(0x300, 0x36f, 6))),
        ("white space", many(&mut |numbers| numbers.letters(" \t\n", 60))),
        ("spaces of every width", many(&mut |numbers| numbers.letters("\u{a0}\u{2003}\u{3000} \u{2009}", 60))),
        ("short lines", many(&mut |numbers| "  ".to_owned() + &numbers.letters(LOWER, 1) + "\n")),
        ("digits", many(&mut |numbers| numbers.letters("0123456789", 60))),
        ("single digits", many(&mut |numbers| numbers.letters("0123456789", 1) + " ")),
        ("numbers", many(&mut |numbers| format!("{}.{},", numbers.next(1_000_000), numbers.next(100)))),
        ("punctuation", many(&mut |numbers| numbers.letters(MARKS, 60))),
        ("marks between letters", many(&mut |numbers| numbers.letters(MARKS, 1) + &numbers.letters(LOWER, 1))),
        ("backticks", "`".repeat(90_000)),
        ("letters", many(&mut |numbers| numbers.letters(LOWER, 60))),
        ("capitals", many(&mut |numbers| numbers.letters(&LOWER.to_uppercase(), 60))),
        (
            "words that are none",
            many(&mut |numbers| {
                let length = 2 + numbers.next(8);
                numbers.letters(LOWER, length) + " "
            }),
        ),
        ("escapes", many(&mut |numbers| format!("\\u{}", numbers.letters(HEX, 4)))),
        (
            "Finnish",
            "Kaikki muutokset on tarkistettava ennen torstaita ja poikkeamista on ilmoitettava tiimille. ".repeat(900),
        ),
        ("Basque", "Aldaketa guztiak osteguna baino lehen berrikusi behar dira eta taldeari jakinarazi. ".repeat(900)),
    ]
}

/// The answers that hold such a text: as a file, in many rows, and in the texts of a list.
fn answers(text: &str) -> [String; 3] {
    let labels: Vec<_> =
        text.chars().collect::<Vec<_>>().chunks(400).map(|label| label.iter().collect::<String>()).collect();
    let rows: Vec<_> = labels.iter().map(|label| json!({"id": label})).collect();
    let blocks: Vec<_> = (0..3).map(|id| json!({"id": id, "content": {"raw": text}})).collect();
    let file = text.to_owned();
    let longest = json!({"workspace": "acme", "tokens": 8_500});
    [
        call("test_file", longest.clone(), move |_| text_answer("text/plain", file.clone())).text(),
        call("test_pages", longest, move |_| json_answer(200, &json!({"values": rows}))).text(),
        call("test_blocks", json!({"workspace": "acme"}), move |_| json_answer(200, &json!({"values": blocks}))).text(),
    ]
}

#[test]
#[allow(clippy::print_stdout, reason = "`cargo xtask tokens` shows it")]
fn no_answer_has_more_tokens_than_hosts_show() {
    let nasty = nasty();
    let answers: Vec<_> = nasty.iter().flat_map(|(_, text)| answers(text)).collect();
    let Some(counts) = count(&answers) else { return };
    let names = nasty.iter().flat_map(|(name, _)| ["file", "rows", "texts"].map(|form| format!("{name} as {form}")));
    let counted: Vec<_> = names.zip(counts).collect();
    if let Some((name, longest)) = counted.iter().max_by_key(|(_, count)| *count) {
        println!("{longest:>6} of {MOST:>5}  the longest of {} answers that hold nasty texts: {name}", counted.len());
    }
    let too_long: Vec<_> = counted.iter().filter(|(_, count)| *count > MOST).collect();
    assert!(too_long.is_empty(), "{too_long:?}");
}

#[test]
fn ordinary_texts_come_close_to_their_estimate() {
    let files =
        ["docs/architecture.md", "README.md", "src/upstream/answer.rs", "src/upstream/tests.rs", "tests/record.mjs"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = files.map(|file| fs::read_to_string(root.join(file)).unwrap());
    let Some(counts) = count(&texts) else { return };
    let percents: Vec<_> = texts.iter().zip(counts).map(|(text, count)| tokens::estimate(text) * 100 / count).collect();
    assert!(percents.iter().all(|percent| (95..=130).contains(percent)), "{files:?} {percents:?}");
}
