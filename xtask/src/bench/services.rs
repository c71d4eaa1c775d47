//! What the bench starts: the Workers, each in a workerd of its own, and who they talk to.

use super::{
    connection::Call,
    usage::{self, Memory},
};
use crate::{
    process::{self, Running},
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

/// Where the bench keeps its state and its logs, in the checkout.
pub(crate) const FOLDER: &str = "target/bench";
/// The name of the program that runs a Worker.
const WORKERD: &str = "workerd";
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(1);

/// A port that nobody listens at.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port is to be had")?;
    Ok(listener.local_addr()?.port())
}

/// Whether nobody listens there.
pub(super) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// One program, with its output in a file.
pub(crate) struct Service {
    name: &'static str,
    running: Running,
    log: PathBuf,
}

impl Service {
    /// Starts it and waits until it answers at `address`.
    pub(crate) fn start(
        workspace: &Workspace,
        name: &'static str,
        command: &mut Command,
        address: &Call,
    ) -> Result<Self> {
        let mut service = Self::launch(workspace, name, command)?;
        service.wait("does not answer", |_| address.once().ok())?;
        Ok(service)
    }

    fn launch(workspace: &Workspace, name: &'static str, command: &mut Command) -> Result<Self> {
        let log = workspace.path(FOLDER).join(name).with_extension("log");
        let file = File::create(&log).with_context(|| format!("{} could not be made", log.display()))?;
        let running =
            Running::start(name, command.current_dir(workspace.root()).stdout(file.try_clone()?).stderr(file))?;
        Ok(Self { name, running, log })
    }

    fn output(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn wait<T>(&mut self, problem: &str, look: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let start = Instant::now();
        loop {
            if let Some(seen) = look(self) {
                return Ok(seen);
            }
            if let Some(status) = self.running.ended()? {
                bail!("{} ended ({status}): {}", self.name, self.output());
            }
            if start.elapsed() > PATIENCE {
                bail!("{} {problem}: {}", self.name, self.output());
            }
            sleep(GLANCE);
        }
    }

    /// The processor time that it and what it started have used.
    pub(super) fn processor_time(&self) -> Option<Duration> {
        usage::processor_time(self.running.group())
    }

    /// The memory of the workerd that it started.
    pub(super) fn memory(&self) -> Option<Memory> {
        usage::memory(self.running.group(), WORKERD)
    }

    /// Lets the peak of that memory begin anew.
    pub(super) fn forget_peak(&self) {
        usage::forget_peak(self.running.group(), WORKERD);
    }

    pub(crate) fn end(self) {
        self.running.end();
    }

    /// Ends it, and what it started, without a chance to finish anything.
    pub(crate) fn kill(self) {
        self.running.kill();
    }
}

/// A Worker to be served by bench/server.mjs.
pub(crate) struct Worker {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    /// A path that it answers without a token.
    pub(crate) open_path: &'static str,
    /// What bench/server.mjs is told.
    pub(crate) options: Value,
}

impl Worker {
    /// Starts it; tells how long it took from the start of workerd to its first answer, in milliseconds.
    pub(crate) fn start(&self, workspace: &Workspace) -> Result<(Service, f64)> {
        let mut command = process::program(workspace.node_program("node"));
        crate::wrangler::silence(workspace, &mut command)?;
        command.args(["bench/server.mjs", &self.options.to_string()]);
        let mut service = Service::launch(workspace, self.name, &mut command)?;
        service.wait("does not start", |service| service.output().contains("starting\n").then_some(()))?;
        let start = Instant::now();
        let address = Call::get(self.port, self.open_path);
        let answer = service.wait("does not answer", |_| address.once().ok())?;
        let first = start.elapsed().as_secs_f64() * 1000.0;
        service.wait("does not get ready", |service| service.output().contains("ready\n").then_some(()))?;
        if answer.status >= 500 {
            bail!("{} answers {}: {}", self.name, answer.status, service.output());
        }
        Ok((service, first))
    }
}
