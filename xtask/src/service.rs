//! Programs that run beside each other for as long as xtask does, each with a log of its own.

use crate::{process::Running, workspace::Workspace};
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::PathBuf,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};
use ureq::http::StatusCode;

/// Keycloak takes the longest of all, on a machine that has other things to do.
const START_LIMIT: Duration = Duration::from_secs(300);

/// One of the programs, with its log in .dev/logs.
pub(crate) struct Service {
    pub(crate) name: &'static str,
    /// What answers with success once the program is ready.
    address: String,
    running: Running,
    log: PathBuf,
    shown: u64,
}

impl Service {
    /// Starts a program that answers at that address once it is ready.
    pub(crate) fn start(
        workspace: &Workspace,
        name: &'static str,
        mut command: Command,
        address: String,
    ) -> Result<Self> {
        fs::create_dir_all(workspace.path(".dev/logs")).context(".dev could not be made")?;
        let log = workspace.path(&format!(".dev/logs/{name}.log"));
        let file = File::create(&log).with_context(|| format!("{} could not be made", log.display()))?;
        command.stdout(file.try_clone()?).stderr(file);
        Ok(Self { name, address, running: Running::start(name, &mut command)?, log, shown: 0 })
    }

    /// Fails if the program has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.running.ended()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}); {}", self.name, self.last_words()),
        }
    }

    /// Waits until the program answers, and fails if it ends or takes too long.
    pub(crate) fn wait_until_ready(&mut self) -> Result<()> {
        let agent = testkit::browser::plain_agent();
        let start = Instant::now();
        loop {
            match agent.get(&self.address).call().map(|answer| answer.status()) {
                Ok(status) if status.is_success() => break,
                // It says itself that it is not ready yet.
                Ok(StatusCode::SERVICE_UNAVAILABLE) => self.check()?,
                Ok(status) => bail!("{} answers {status} at {}; {}", self.name, self.address, self.last_words()),
                Err(_) => self.check()?,
            }
            if start.elapsed() > START_LIMIT {
                bail!("{} does not answer at {}; {}", self.name, self.address, self.last_words());
            }
            sleep(Duration::from_millis(100));
        }
        self.shown = fs::metadata(&self.log)?.len();
        Ok(())
    }

    fn last_words(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        match lines.get(lines.len().saturating_sub(12)..) {
            Some(last) if !last.is_empty() => format!("its last words:\n{}", last.join("\n")),
            _ => "it said nothing".to_owned(),
        }
    }

    /// Copies what was added to the log to the terminal.
    pub(crate) fn show_news(&mut self) -> Result<()> {
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.shown))?;
        let mut news = Vec::new();
        self.shown += file.read_to_end(&mut news)? as u64;
        std::io::stderr().write_all(&news)?;
        Ok(())
    }
}
