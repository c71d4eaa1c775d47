//! Running other programs so that none outlives this one: each gets a process group of its own, and every group
//! that is left is ended when xtask ends, be it by success, by failure, by Ctrl-C or by a signal.

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, WaitOptions, kill_process_group, test_kill_process_group, waitpgid};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    ffi::OsStr,
    io::Write,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long a program may take to end in its own way before it is killed.
const PATIENCE: Duration = Duration::from_secs(4);

static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

fn groups() -> MutexGuard<'static, Vec<Pid>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on Ctrl-C, a hang-up or a request to end first ends every program that was started here.
pub(crate) fn end_all_on_signals() -> Result<()> {
    adopt_orphans();
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("signals cannot be listened to")?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // The lock is kept, so that nothing new can be started meanwhile.
            let mut groups = groups();
            end(&mut groups);
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Ends every program that is still running, and waits until it is gone.
pub(crate) fn end_all() {
    end(&mut groups());
}

fn end(groups: &mut Vec<Pid>) {
    for group in groups.iter() {
        let _ = kill_process_group(*group, Signal::TERM); // an error says that it is gone already
    }
    let start = Instant::now();
    while groups.iter().any(|group| lives(*group)) && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(20));
    }
    for group in groups.drain(..) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Whether a process of the group runs. One that ended counts until somebody waits for it, so that is done here.
fn lives(group: Pid) -> bool {
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::NOHANG) {}
    test_kill_process_group(group).is_ok()
}

/// Makes this process inherit the children of programs that end before them, such as wrangler's workerd: their end
/// must be waited for, and not every machine's first process does that.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid())); // without it, ending is slower
}

fn spawn(what: &str, command: &mut Command) -> Result<Child> {
    let mut groups = groups();
    let child = command.process_group(0).spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy();
        match error.kind() {
            std::io::ErrorKind::NotFound => anyhow!("{what}: the program `{program}` is missing"),
            _ => anyhow!("{what}: `{program}` could not be started: {error}"),
        }
    })?;
    groups.extend(Pid::from_raw(child.id().cast_signed()));
    Ok(child)
}

fn forget(child: u32) {
    groups().retain(|group| group.as_raw_nonzero().get() != child.cast_signed());
}

fn finish(what: &str, command: &mut Command) -> Result<Output> {
    let child = spawn(what, command)?;
    let group = child.id();
    let output = child.wait_with_output().with_context(|| format!("{what}: waiting for its end"))?;
    forget(group);
    Ok(output)
}

fn check(what: &str, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// A program that sees nothing of what cargo set for xtask itself, and has no terminal to read from.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    for (variable, _) in std::env::vars_os() {
        let text = variable.to_string_lossy();
        if text == "CARGO" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&variable);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Runs a program to its end, with its output on the terminal.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    let output = finish(what, command.stdout(Stdio::inherit()).stderr(Stdio::inherit()))?;
    check(what, output.status)
}

/// Runs a program to its end and returns what it wrote on stdout; its stderr goes to the terminal.
pub(crate) fn read(what: &str, command: &mut Command) -> Result<String> {
    let output = finish(what, command.stdout(Stdio::piped()))?;
    check(what, output.status)?;
    let text = String::from_utf8(output.stdout).with_context(|| format!("{what}: its answer is not text"))?;
    Ok(text.trim().to_owned())
}

/// Runs a program to its end with that text on its stdin.
pub(crate) fn feed(what: &str, command: &mut Command, input: &str) -> Result<()> {
    let mut child = spawn(what, command.stdin(Stdio::piped()))?;
    let group = child.id();
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()));
    let status = child.wait().with_context(|| format!("{what}: waiting for its end"))?;
    forget(group);
    check(what, status)?;
    written.with_context(|| format!("{what}: giving it what it reads"))
}

/// Runs a program in silence; only if it fails, all that it said is shown.
pub(crate) fn run_quietly(what: &str, command: &mut Command) -> Result<()> {
    let Some(text) = complaint(what, command)? else { return Ok(()) };
    eprint!("{text}");
    bail!("{what} failed")
}

/// Runs a program in silence; what it said, should it fail.
pub(crate) fn complaint(what: &str, command: &mut Command) -> Result<Option<String>> {
    let output = finish(what, command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let text = [output.stdout, output.stderr].concat();
    Ok((!output.status.success()).then(|| String::from_utf8_lossy(&text).into_owned()))
}

/// A program that runs beside this one, until [`end_all`].
pub(crate) struct Running(Child);

impl Running {
    /// Starts it; where its output goes is the caller's choice.
    pub(crate) fn start(what: &str, command: &mut Command) -> Result<Self> {
        spawn(what, command).map(Self)
    }

    /// The number of its process group.
    pub(crate) fn group(&self) -> u32 {
        self.0.id()
    }

    /// Ends it, and what it started, and waits until it is gone.
    pub(crate) fn end(self) {
        let group = Pid::from_raw(self.0.id().cast_signed());
        end(&mut group.into_iter().collect());
        forget(self.0.id());
    }

    /// Kills it, and what it started, and waits until it is gone.
    pub(crate) fn kill(self) {
        let group = Pid::from_raw(self.0.id().cast_signed());
        group.into_iter().for_each(|group| {
            let _ = kill_process_group(group, Signal::KILL); // an error says that it is gone already
        });
        self.end();
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.0.try_wait().context("a program cannot be watched")
    }
}
