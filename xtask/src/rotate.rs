//! `cargo xtask rotate`: replaces one of Postern's two keys, one step a run. The first run makes a new key and puts it
//! in use, the old one staying live as the previous; each later one says what still depends on the old one, and takes
//! it away as soon as nothing does. What depends on it the Worker's housekeeping puts on record every five minutes.

use crate::{
    dev::{self, settings},
    process,
    workspace::Workspace,
    wrangler,
};
use anyhow::{Context, Result, anyhow, bail};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::stdin,
    thread::sleep,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What a run is told.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Of the Postern that `cargo xtask dev` runs, not the deployed one
    #[arg(long)]
    pub(crate) local: bool,
    /// Take the previous key away at once, whatever depends on it, because it has leaked
    #[arg(long)]
    pub(crate) drop: bool,
}

const HOUR: i64 = 60 * 60 * 1000;

/// How long a new key is only accepted before it is used, so that it is known everywhere by then.
const SPREAD: Duration = Duration::from_secs(60);

/// How old what housekeeping found may be, in milliseconds.
const FRESH: i64 = HOUR / 4;

/// One of the two keys.
struct Purpose {
    name: &'static str,
    setting: &'static str,
    previous: &'static str,
    /// How long what is made with it and not on record stays valid, in milliseconds.
    unrecorded_life: i64,
    unrecorded: &'static str,
    /// What is on record under it, and what its loss means.
    recorded: &'static str,
    loss: &'static str,
}

const PURPOSES: [Purpose; 2] = [
    Purpose {
        name: "signing",
        setting: "SIGNING_KEY",
        previous: "SIGNING_KEY_PREVIOUS",
        unrecorded_life: 12 * HOUR,
        unrecorded: "access tokens, and signed-in browsers",
        recorded: "AI clients that have not refreshed twice since, and rows that are not authenticated anew yet",
        loss: "people would have to sign in, and administrators to approve tools and enter clients, once more",
    },
    Purpose {
        name: "sealing",
        setting: "SEALING_KEY",
        previous: "SEALING_KEY_PREVIOUS",
        unrecorded_life: 30 * 24 * HOUR,
        unrecorded: "session ids of AI clients",
        recorded: "stored tokens of connected accounts",
        loss: "their people would have to connect them again",
    },
];

/// A live key, as housekeeping found it.
#[derive(Debug, Clone, Deserialize)]
struct Live {
    id: String,
    is_current: i64,
    since: i64,
    dependents: i64,
    checked_at: i64,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// Housekeeping has not looked lately: nothing can be said.
    Unknown,
    /// There is one key, with this id: make another.
    Replace(String),
    /// So many records depend on the previous key, and what is not on record for so many milliseconds.
    Wait { dependents: i64, milliseconds: i64 },
    /// Nothing depends on the previous key.
    Drop,
}

fn next(live: &[Live], unrecorded_life: i64, now: i64) -> Step {
    let fresh = |key: &&Live| now - key.checked_at <= FRESH;
    let Some(current) = live.iter().filter(fresh).find(|key| key.is_current != 0) else { return Step::Unknown };
    let Some(previous) = live.iter().filter(fresh).find(|key| key.is_current == 0) else {
        return Step::Replace(current.id.clone());
    };
    let milliseconds = (previous.since + unrecorded_life - now).max(0);
    match previous.dependents {
        0 if milliseconds == 0 => Step::Drop,
        dependents => Step::Wait { dependents, milliseconds },
    }
}

/// Takes the next step for the key of that purpose.
pub(crate) fn rotate(workspace: &Workspace, purpose: &str, options: &Options) -> Result<()> {
    let purpose = PURPOSES.iter().find(|known| known.name == purpose).context("rotate what? signing or sealing")?;
    if options.drop {
        return drop_previous(workspace, purpose, options);
    }
    match next(&live(workspace, purpose, options)?, purpose.unrecorded_life, now()?) {
        Step::Unknown => bail!(
            "housekeeping has put no live key on record in the last quarter of an hour; it runs every five minutes, \
             if the migrations are applied and the Worker is deployed"
        ),
        Step::Replace(id) => replace(workspace, purpose, options, &id),
        Step::Wait { dependents, milliseconds } => {
            eprintln!("The previous {} key is still needed:", purpose.name);
            eprintln!("  {dependents} {}; without it {}", purpose.recorded, purpose.loss);
            eprintln!("  {}, for {} hours more", purpose.unrecorded, (milliseconds + HOUR - 1) / HOUR);
            eprintln!("Run this again later. Only if the key has leaked: with --drop, which takes it away at once.");
            Ok(())
        }
        Step::Drop => drop_previous(workspace, purpose, options),
    }
}

/// Puts a new key in use, the one of that id staying live.
fn replace(workspace: &Workspace, purpose: &Purpose, options: &Options, id: &str) -> Result<()> {
    let old = current_key(workspace, purpose, options)?;
    if key_id(&old)? != id {
        bail!("that is not the {} in use: its id is not {id}; nothing was changed", purpose.setting);
    }
    let new = settings::key()?;
    if !options.local {
        eprintln!("making the new key known everywhere, before anything is made with it");
        set(workspace, options, &[(purpose.previous, Some(&new))])?;
        sleep(SPREAD);
    }
    set(workspace, options, &[(purpose.setting, Some(&new)), (purpose.previous, Some(&old))])?;
    if options.local {
        eprintln!("The new key is in .dev/secrets: start `cargo xtask dev` anew.");
    } else {
        eprintln!("The new {}, for the place where you keep it; nobody can read it from Cloudflare:", purpose.setting);
        println!("{new}");
    }
    eprintln!("Both keys are live. Run this again to see what still depends on the old one.");
    Ok(())
}

fn drop_previous(workspace: &Workspace, purpose: &Purpose, options: &Options) -> Result<()> {
    set(workspace, options, &[(purpose.previous, None)])?;
    eprintln!("{} is gone.", purpose.previous);
    Ok(())
}

/// The key in use. Cloudflare gives no secret back, so the operator has to.
fn current_key(workspace: &Workspace, purpose: &Purpose, options: &Options) -> Result<String> {
    if options.local {
        let secrets = fs::read_to_string(workspace.path(settings::SECRETS)).context("there is no .dev/secrets")?;
        let value = |line: &str| Some(line.strip_prefix(purpose.setting)?.strip_prefix('=')?.to_owned());
        return secrets.lines().find_map(value).context("it is not in .dev/secrets");
    }
    eprintln!("The {} in use, from where you keep it (pipe it in, or paste it and press Enter):", purpose.setting);
    let mut line = String::new();
    stdin().read_line(&mut line).context("nothing could be read")?;
    Ok(line.trim().to_owned())
}

/// Names a key as the Worker does.
fn key_id(key: &str) -> Result<String> {
    let key = key.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let bytes = URL_SAFE_NO_PAD.decode(key).map_err(|_| anyhow!("that is not a key: 32 bytes of base64"))?;
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest([b"postern key id".as_slice(), &bytes].concat()));
    Ok(digest.chars().take(8).collect())
}

/// Sets and removes secrets, all at once.
fn set(workspace: &Workspace, options: &Options, changes: &[(&str, Option<&str>)]) -> Result<()> {
    if options.local {
        let secrets = fs::read_to_string(workspace.path(settings::SECRETS)).context("there is no .dev/secrets")?;
        return settings::write_private(workspace, settings::SECRETS, &changed(&secrets, changes));
    }
    let values: Map<String, Value> =
        changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let mut bulk = wrangler::command(workspace, &["secret", "bulk"])?;
    process::feed("wrangler secret bulk", &mut bulk, &Value::Object(values).to_string())
}

/// A file of `NAME=value` lines with these changed or left out.
fn changed(file: &str, changes: &[(&str, Option<&str>)]) -> String {
    let is_kept =
        |line: &&str| line.split_once('=').is_none_or(|(name, _)| changes.iter().all(|(had, _)| *had != name));
    let kept = file.lines().filter(is_kept).map(str::to_owned);
    let set = changes.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
    kept.chain(set).map(|line| line + "\n").collect()
}

fn live(workspace: &Workspace, purpose: &Purpose, options: &Options) -> Result<Vec<Live>> {
    #[derive(Deserialize)]
    struct Answer {
        results: Vec<Live>,
    }
    let mut arguments = vec!["d1", "execute", "DB", "--json", "--command"];
    let query =
        format!("SELECT id, is_current, since, dependents, checked_at FROM keys WHERE purpose = '{}'", purpose.name);
    arguments.push(&query);
    if options.local {
        let cron = format!("{}/__scheduled", dev::POSTERN);
        let swept = testkit::browser::plain_agent().get(cron).call();
        swept.context("housekeeping could not be asked to run; `cargo xtask dev` must be running elsewhere")?;
        arguments.extend(["--local", "--persist-to", ".dev/state"]);
    } else {
        arguments.push("--remote");
    }
    let answer = process::read("wrangler d1 execute", &mut wrangler::command(workspace, &arguments)?)?;
    let answers: Vec<Answer> = serde_json::from_str(&answer).context("wrangler d1 execute: not what was expected")?;
    Ok(answers.into_iter().flat_map(|answer| answer.results).collect())
}

fn now() -> Result<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
    i64::try_from(since.as_millis()).context("the clock is too far ahead")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_225_600_000;

    fn key(is_current: bool, hours_ago: i64, dependents: i64) -> Live {
        let id = if is_current { "new" } else { "old" }.to_owned();
        Live { id, is_current: is_current.into(), since: NOW - hours_ago * HOUR, dependents, checked_at: NOW }
    }

    #[test]
    fn one_key_is_replaced() {
        assert_eq!(next(&[key(true, 1, 7)], HOUR, NOW), Step::Replace("new".into()));
    }

    #[test]
    fn a_previous_key_waits_for_what_is_on_record_and_for_what_is_not() {
        let wait = |dependents, milliseconds| Step::Wait { dependents, milliseconds };
        assert_eq!(next(&[key(true, 9, 0), key(false, 9, 3)], HOUR, NOW), wait(3, 0));
        assert_eq!(next(&[key(true, 9, 0), key(false, 9, 0)], 10 * HOUR, NOW), wait(0, HOUR));
        assert_eq!(next(&[key(true, 9, 5), key(false, 9, 0)], 9 * HOUR, NOW), Step::Drop);
    }

    #[test]
    fn nothing_is_said_of_what_was_not_looked_at_lately() {
        let stale = Live { checked_at: NOW - HOUR, ..key(true, 9, 0) };
        assert_eq!(next(&[stale], HOUR, NOW), Step::Unknown);
        assert_eq!(next(&[], HOUR, NOW), Step::Unknown);
    }

    #[test]
    fn a_key_is_named_as_the_worker_names_it() {
        let id = key_id("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").ok();
        assert_eq!(id, key_id("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").ok());
        assert!(id.is_some_and(|id| id.len() == 8) && key_id("no key").is_err());
    }

    #[test]
    fn a_file_of_secrets_keeps_what_is_not_changed() {
        let file = changed("A=1\nB=2\nC=3\n", &[("A", Some("4")), ("B", None)]);
        assert_eq!(file, "C=3\nA=4\n");
    }
}
