//! The Postern that is killed, beside a sandbox that keeps every request.

use super::evidence::{Event, Object, Request, Stored};
use crate::{
    bench::{
        people::crowd,
        services::{Service, Worker},
        world::World,
    },
    process, seed,
    verify_audit::{self, Report},
    workspace::Workspace,
};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fs, thread,
    time::{Duration, Instant},
};
use testkit::journey::Person;
use url::Url;

const NO_SANDBOX: &str = "the sandbox does not answer";
const GLANCE: Duration = Duration::from_millis(500);
/// How often nothing may have changed before nothing more is expected.
const QUIET: usize = 3;

/// Objects that lose their storage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Objects {
    AllAuditLogs,
    /// One of whose intents the log has something already, be it an outcome.
    OneSession,
}

pub(super) struct Postern<'a> {
    workspace: &'a Workspace,
    world: World,
    worker: Worker,
    /// None while it is dead.
    service: Option<Service>,
}

impl<'a> Postern<'a> {
    /// Starts it without a past, with every tool approved.
    pub(super) fn start(workspace: &'a Workspace, strict: bool) -> Result<Self> {
        let world = World::new(workspace, "kill/state")?;
        world.start_sandbox(workspace)?;
        let mut worker = world.postern();
        let variables = json!({
            "BITBUCKET_API_URL": format!("http://127.0.0.1:{}/2.0", world.sandbox),
            "AUDIT_SETTLE_SECONDS": "5",
            "AUDIT_READS": strict.then_some("strict"),
        });
        merge(&mut worker.options, &variables)?;
        let (service, _) = worker.start(workspace)?;
        seed::approve_tools(&world.public_url()?)?;
        Ok(Self { workspace, world, worker, service: Some(service) })
    }

    pub(super) const fn port(&self) -> u16 {
        self.world.postern
    }

    /// Where that path of it is.
    pub(super) fn address(&self, path: &str) -> Result<Url> {
        Ok(self.world.public_url()?.join(path)?)
    }

    /// Has so many people connect Bitbucket and let a client in; their access tokens.
    pub(super) fn let_in(&self, people: usize) -> Result<Vec<String>> {
        crowd::let_in_connected(&self.world.public_url()?, people)
    }

    /// Kills it, workerd and all, without a chance to finish anything.
    pub(super) fn kill(&mut self) {
        self.service.take().into_iter().for_each(Service::kill);
    }

    /// Starts it again on what it had stored.
    pub(super) fn restart(&mut self) -> Result<()> {
        let (service, _) = self.worker.start(self.workspace)?;
        self.service = Some(service);
        Ok(())
    }

    /// What the log proves of itself.
    pub(super) fn verify_audit(&self) -> Result<Report> {
        verify_audit::report(&self.world.public_url()?, &Person::of_the_demo("admin"))
    }

    pub(super) fn end(&mut self) {
        self.service.take().into_iter().for_each(Service::end);
    }

    /// Deletes what objects had stored, only while it is dead; how many calls were counted there.
    pub(super) fn lose(&self, objects: Objects) -> Result<u64> {
        let class = match objects {
            Objects::AllAuditLogs => "worker-AuditLog",
            Objects::OneSession => "worker-Session",
        };
        let stored = self.stored()?;
        let is_one = |object: &&Object| object.file.parent().is_some_and(|folder| folder.ends_with(class));
        let all = stored.objects.iter().filter(is_one);
        let lost: Vec<&Object> = match objects {
            Objects::AllAuditLogs => all.collect(),
            // One that has something to lose.
            Objects::OneSession => {
                all.filter(|one| stored.has_elsewhere(one)).max_by_key(|one| one.kept.len()).into_iter().collect()
            }
        };
        ensure!(!lost.is_empty(), "no object of {class} can be lost");
        for object in &lost {
            for suffix in ["", "-wal", "-shm"] {
                let mut name = object.file.clone().into_os_string();
                name.push(suffix);
                let _ = fs::remove_file(name); // what is not there need not go
            }
        }
        let kept = || lost.iter().flat_map(|object| &object.kept);
        eprintln!("the storage of {} objects of {class} is lost, with {} entries", lost.len(), kept().count());
        Ok(kept().map(|kept| kept.calls).sum())
    }

    /// What the provider was asked since this was asked last.
    pub(super) fn requests(&self) -> Result<Vec<Request>> {
        let requests = self.asked()?;
        ureq::delete(&self.control("requests")).call().context(NO_SANDBOX)?;
        Ok(requests)
    }

    /// The same, and it is told once more to whoever asks next.
    pub(super) fn asked(&self) -> Result<Vec<Request>> {
        #[derive(Deserialize)]
        struct Journal {
            requests: Vec<Request>,
        }
        let mut answer = ureq::get(&self.control("requests")).call().context(NO_SANDBOX)?;
        Ok(answer.body_mut().with_config().limit(1 << 30).read_json::<Journal>()?.requests)
    }

    /// Has the provider wait before it does the next request of that kind. Several wait in the order in which they are told.
    pub(super) fn delay(&self, method: &str, path: &str, seconds: u32) -> Result<()> {
        let fault = json!({ "kind": "hang", "method": method, "path": path, "seconds": seconds });
        ureq::post(&self.control("faults")).send_json(fault).context(NO_SANDBOX)?;
        Ok(())
    }

    /// Has it wait no more.
    pub(super) fn forget_delays(&self) -> Result<()> {
        ureq::delete(&self.control("faults")).call().context(NO_SANDBOX)?;
        Ok(())
    }

    fn control(&self, what: &str) -> String {
        format!("http://127.0.0.1:{}/control/{what}", self.world.sandbox)
    }

    /// The events in the database, once nothing waits for it any more.
    pub(super) fn wait_for_events(&self, patience: Duration) -> Result<Vec<Event>> {
        let start = Instant::now();
        let (mut quiet, mut before) = (0, 0);
        loop {
            let Stored { events, objects } = self.stored()?;
            let waiting: usize = objects.iter().map(|object| object.kept.len()).sum();
            quiet = if waiting == 0 && events.len() == before { quiet + 1 } else { 0 };
            before = events.len();
            if quiet >= QUIET {
                return Ok(events);
            }
            if start.elapsed() > patience {
                bail!("{waiting} entries of the objects still wait for the database after {} s", patience.as_secs());
            }
            thread::sleep(GLANCE);
        }
    }

    fn stored(&self) -> Result<Stored> {
        let mut node = process::program(self.workspace.node_program("node"));
        node.arg(self.workspace.path("xtask/stored.mjs")).arg(&self.world.state);
        serde_json::from_str(&process::read("reading what is stored", &mut node)?).context("what is stored")
    }
}

/// Sets variables beside those that there are. One that is null is not set.
fn merge(options: &mut Value, variables: &Value) -> Result<()> {
    let all = options.get_mut("variables").and_then(Value::as_object_mut).context("a Worker without variables")?;
    all.extend(variables.as_object().cloned().unwrap_or_default());
    all.retain(|_, value| !value.is_null());
    Ok(())
}
