//! Many people who have signed in, connected Bitbucket and let an AI client in, each through the pages. It takes minutes,
//! so what they have become is kept for later runs of the same Worker.

use super::super::{
    load::{CONNECTIONS, side_by_side},
    services::{FOLDER, is_free},
    world::{ACCESS_TOKEN_SECONDS, World},
};
use crate::{process, seed, workspace::Workspace};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};
use testkit::{browser::Browser, connect, journey::Person, token::Client};
use url::Url;

/// How much of an access token's life has to be left for a run.
const LONGEST_RUN: Duration = Duration::from_secs(25 * 60);

/// The people, as they are kept in a file.
#[derive(Serialize, Deserialize)]
pub(super) struct Crowd {
    pub(super) world: World,
    /// An access token of Postern's for each.
    pub(super) tokens: Vec<String>,
    /// The Worker that they have signed in at.
    worker: String,
    signed_in_at: SystemTime,
}

impl Crowd {
    /// So many people, and the world around Postern started. They are those of an earlier run, if they may be and their
    /// tokens last; otherwise they sign in now.
    pub(super) fn gather(workspace: &Workspace, people: usize, fresh: bool) -> Result<Self> {
        let worker = worker_in(workspace)?;
        let of_last_run = if fresh { None } else { Self::of_last_run(workspace) };
        if let Some(mut crowd) = of_last_run.filter(|crowd| crowd.can_call(&worker, people)) {
            eprintln!("{people} people of the last run call again");
            crowd.tokens.truncate(people);
            crowd.world.start(workspace)?;
            return Ok(crowd);
        }
        let _ = fs::remove_dir_all(folder(workspace));
        let world = World::new(workspace, "people/state")?;
        world.start(workspace)?;
        let signed_in_at = SystemTime::now();
        let tokens = sign_in(workspace, &world, people)?;
        copy(Path::new(&world.state), &signed_in(workspace))?;
        let crowd = Self { world, tokens, worker, signed_in_at };
        fs::write(file(workspace), serde_json::to_vec(&crowd)?).context("the people could not be kept")?;
        Ok(crowd)
    }

    fn of_last_run(workspace: &Workspace) -> Option<Self> {
        serde_json::from_slice(&fs::read(file(workspace)).ok()?).ok()
    }

    fn can_call(&self, worker: &str, people: usize) -> bool {
        let age = self.signed_in_at.elapsed().unwrap_or(Duration::MAX);
        let lasts = age + LONGEST_RUN < Duration::from_secs(ACCESS_TOKEN_SECONDS);
        lasts && self.worker == worker && self.tokens.len() >= people && self.world.ports().into_iter().all(is_free)
    }

    /// Puts Postern's state back to how it was when everybody had signed in and nobody had called.
    pub(super) fn restore(&self, workspace: &Workspace) -> Result<()> {
        fs::remove_dir_all(&self.world.state).context("Postern's state could not be removed")?;
        copy(&signed_in(workspace), Path::new(&self.world.state))
    }
}

fn sign_in(workspace: &Workspace, world: &World, people: usize) -> Result<Vec<String>> {
    let (service, _) = world.postern().start(workspace)?;
    let public = world.public_url()?;
    seed::approve_tools(&public)?;
    let tokens = let_in_connected(&public, people)?;
    service.end();
    Ok(tokens)
}

/// Has so many people connect Bitbucket and let one client in; returns the access token of each.
pub(crate) fn let_in_connected(server: &Url, people: usize) -> Result<Vec<String>> {
    let join = |browser: &mut Browser, person: &Person| connect::connect_in(browser, server, "bitbucket", person);
    let_in(server, people, |browser, person| join(browser, person).map(drop))
}

/// Has so many people let one client in; returns the access token of each. Each does `before` first, in the same browser.
pub(super) fn let_in(
    server: &Url,
    people: usize,
    before: impl Fn(&mut Browser, &Person) -> Result<()> + Sync,
) -> Result<Vec<String>> {
    let client = Client::register(&server.join("/mcp")?)?;
    let start = Instant::now();
    let shares = side_by_side(CONNECTIONS, |share| {
        let numbers = (share..people).step_by(CONNECTIONS);
        let tokens = numbers.map(|number| {
            let person = Person::of_the_demo(&format!("test-{number}"));
            let mut browser = Browser::quiet();
            before(&mut browser, &person)?;
            client.token(browser, &person).context(person.username)
        });
        tokens.collect::<Result<Vec<String>>>()
    })?;
    eprintln!("{people} people signed in at {server} within {:.0} s", start.elapsed().as_secs_f64());
    Ok(shares.concat())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.path(FOLDER).join("people")
}

fn file(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("crowd.json")
}

fn signed_in(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("signed-in")
}

/// What tells the bundled Worker from another one: the name of its WebAssembly holds a hash of it.
fn worker_in(workspace: &Workspace) -> Result<String> {
    let names = fs::read_dir(workspace.path("dist")).context("there is no dist/")?.flatten();
    let mut names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .find(|name| Path::new(name).extension().is_some_and(|kind| kind == "wasm"))
        .context("dist/ has no WebAssembly")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    process::run_quietly("copying Postern's state", process::program("cp").arg("-R").arg(from).arg(to))
}
