//! The records that `tests/record.mjs` writes, a folder for each Postern.

use super::{
    http,
    secrets::{self, Secrets},
};
use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How long a Postern may take to finish its record after the tests have ended.
const PATIENCE: Duration = Duration::from_secs(60);
const COMPLETE: &str = "{\"kind\":\"complete\"}\n";

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Entry {
    Settings { values: BTreeMap<String, String> },
    Connection { sent: String, received: String },
    Asked { url: String },
    Issued { body: String },
    Log { lines: Vec<Value> },
    Complete,
}

/// What kind of place something was found in.
pub(super) type Source = &'static str;

const LOG: Source = "the log";
const ANSWERS: Source = "answers";
const URLS: Source = "URLs";
/// With the folders that hold them.
const STORES: [(&str, Source); 3] = [("d1", "D1"), ("kv", "KV"), ("do", "Durable Objects")];

/// There is something of each in a whole run.
pub(super) fn sources() -> impl Iterator<Item = Source> {
    [LOG, ANSWERS, URLS].into_iter().chain(STORES.map(|(_, source)| source))
}

/// Something that must hold no secret.
pub(super) struct Passage {
    pub(super) source: Source,
    /// Where to look it up.
    pub(super) place: String,
    pub(super) text: Vec<u8>,
}

/// What all records hold.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) secrets: Secrets,
    pub(super) passages: Vec<Passage>,
}

impl Evidence {
    /// Adds the record of one Postern, when it is complete.
    pub(super) fn add(&mut self, folder: &Path) -> Result<()> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for (number, line) in complete(&folder.join("record.jsonl"))?.lines().enumerate() {
            let place = format!("{name}/record.jsonl:{}", number + 1);
            self.read(line, &place).with_context(|| place.clone())?;
        }
        let storage = folder.join("storage");
        for instance in entries(&storage)? {
            for (store, source) in STORES {
                self.files(&instance.join(store), source)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, line: &str, place: &str) -> Result<()> {
        match serde_json::from_str(line)? {
            Entry::Settings { values } => secrets::of_settings(&mut self.secrets, &values),
            Entry::Issued { body } => secrets::of_issued(&mut self.secrets, &body),
            Entry::Asked { url } => self.note(URLS, place.to_owned(), url),
            Entry::Log { lines } => {
                for (number, line) in lines.iter().enumerate() {
                    self.note(LOG, format!("{place}, entry {}", number + 1), line.to_string());
                }
            }
            Entry::Connection { sent, received } => {
                let exchanges = http::exchanges(&STANDARD.decode(sent)?, &STANDARD.decode(received)?)?;
                for (number, (request, mut answer)) in exchanges.into_iter().enumerate() {
                    secrets::taken_from(&mut self.secrets, &request, &mut answer);
                    let place = format!("{place}, answer {}: {} {}", number + 1, request.method, request.path());
                    // An address that is refused was the client's own idea.
                    if answer.status < 400 {
                        self.note(URLS, place.clone(), request.target);
                    }
                    let mut text = String::new();
                    for (name, value) in &answer.headers.0 {
                        let _ = writeln!(text, "{name}: {value}");
                    }
                    self.note(ANSWERS, place, [text.into_bytes(), answer.body].concat());
                }
            }
            Entry::Complete => {}
        }
        Ok(())
    }

    fn files(&mut self, path: &Path, source: Source) -> Result<()> {
        if path.is_dir() {
            return entries(path)?.iter().try_for_each(|entry| self.files(entry, source));
        }
        if path.is_file() {
            self.note(source, path.display().to_string(), fs::read(path)?);
        }
        Ok(())
    }

    fn note(&mut self, source: Source, place: String, text: impl Into<Vec<u8>>) {
        self.passages.push(Passage { source, place, text: text.into() });
    }
}

/// The folder's files and folders.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

fn complete(file: &Path) -> Result<String> {
    let start = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.ends_with(COMPLETE) {
            return Ok(text);
        }
        if start.elapsed() > PATIENCE {
            bail!("{} was not finished: the tests' Worker did not end in order", file.display());
        }
        thread::sleep(Duration::from_millis(200));
    }
}
