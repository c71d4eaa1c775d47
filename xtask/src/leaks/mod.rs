//! The search for leaks: after the whole run of black-box tests, no secret that was in use lies where it must not.
//!
//! While they run, `tests/record.mjs` puts every Postern on record. Here the record is read for the secrets that clients,
//! people and providers were given, and each is looked for in the log, in answers, in URLs and in all that was stored.

mod http;
mod record;
mod secrets;
#[cfg(test)]
mod tests;

use aho_corasick::AhoCorasick;
use anyhow::{Context, Result, bail};
use record::{Evidence, Passage};
use secrets::KINDS;
use std::{fs, path::Path};

/// The test programs whose Postern must be on record.
const PROGRAMS: [&str; 7] = ["black_box", "browser", "clients", "governance", "settings", "streams", "tokens"];

/// Makes the folder for the records of a run, without those of the last one.
pub(crate) fn prepare(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}

/// Searches the records of a run; what was looked for where, in a line.
///
/// # Errors
/// Where a secret leaked: its kind and the places. Where there was nothing to find, or nowhere to look.
pub(crate) fn check(folder: &Path) -> Result<String> {
    let records = record::entries(folder)?;
    let names: Vec<_> = records.iter().filter_map(|record| record.file_name()?.to_str()?.split('-').next()).collect();
    if let Some(program) = PROGRAMS.iter().find(|program| !names.contains(program)) {
        bail!("the Postern of the tests `{program}` is not on record in {}", folder.display());
    }
    let mut evidence = Evidence::default();
    for record in &records {
        evidence.add(record)?;
    }
    search(&evidence)
}

fn search(evidence: &Evidence) -> Result<String> {
    let mut patterns = Vec::new();
    let mut kind_of = Vec::new();
    for (secret, kind) in &evidence.secrets {
        let forms = secrets::forms(secret);
        kind_of.extend(forms.iter().map(|_| *kind));
        patterns.extend(forms);
    }
    let finder = AhoCorasick::new(&patterns)?;
    let kind_in = |text: &[u8]| kind_of.get(finder.find(text)?.pattern().as_usize());
    let mut leaks = Vec::new();
    for Passage { source, place, text } in &evidence.passages {
        let place = if kind_in(place.as_bytes()).is_some() { "a place that is named after it" } else { place };
        leaks.extend(kind_in(text).map(|kind| format!("{kind} in {source}: {place}")));
    }
    if !leaks.is_empty() {
        bail!("secrets leaked, in {} places:\n  {}", leaks.len(), leaks.join("\n  "));
    }
    summary(evidence)
}

fn summary(evidence: &Evidence) -> Result<String> {
    let mut counts = Vec::new();
    for kind in KINDS {
        match evidence.secrets.values().filter(|known| **known == kind).count() {
            0 => bail!("no {kind} was seen: there was nothing to look for"),
            count => counts.push(format!("{count} × {kind}")),
        }
    }
    let mut sizes = Vec::new();
    for source in record::sources() {
        let passages = evidence.passages.iter().filter(|passage| passage.source == source);
        match passages.map(|passage| passage.text.len()).sum::<usize>() {
            0 => bail!("nothing of {source} is on record: there was nowhere to look"),
            size => sizes.push(format!("{} kB of {source}", size.div_ceil(1000))),
        }
    }
    Ok(format!("no secret leaked: {}, looked for in {}", counts.join(", "), sizes.join(", ")))
}
