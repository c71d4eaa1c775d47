//! `cargo xtask kill`: what the audit log is worth when machines die. People call through a Postern whose workerd is
//! killed again and again in the midst of that, and loses the storage of objects too. Then what the provider was asked is
//! held against what is on record.

mod approved;
mod calls;
mod evidence;
mod postern;

use crate::{bench::load::side_by_side, build, check, workspace::Workspace};
use anyhow::{Result, anyhow, ensure};
use calls::Calls;
use evidence::{Findings, Request};
use postern::{Objects, Postern};
use std::{
    thread,
    time::{Duration, Instant},
};

/// How many call at once, each of them somebody else.
const PEOPLE: usize = 8;
/// How long what waits may take to reach the database.
const PATIENCE: Duration = Duration::from_secs(90);
const GLANCE: Duration = Duration::from_millis(20);
/// What is lost with a kill, by the number of that kill: every object of the log once, and one person's object once. With a
/// kill every isolate dies. An isolate that dies with calls under way and the storage of their person's object are two
/// losses at the same moment, so before that one the calls come to their ends.
const LOSSES: [(usize, Objects); 2] = [(2, Objects::AllAuditLogs), (3, Objects::OneSession)];

/// What is to be run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How many calls are made, every other one a write
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..1_000_000))]
    calls: u32,
    /// Have reads wait for their record too (AUDIT_READS = "strict"), and fail if one is not on record
    #[arg(long)]
    strict: bool,
    /// How long it is from one kill to the next, on the average
    #[arg(long, value_name = "SECONDS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..600))]
    seconds_between: u64,
}

/// When workerd is killed.
enum Rhythm {
    /// After about so long, again and again.
    Time(Duration),
    /// When so many more calls have begun, so that a run of a known length has as many kills on any machine.
    Calls(usize),
}

struct Plan {
    calls: usize,
    strict: bool,
    rhythm: Rhythm,
}

/// The long run, in the bundle as POSTERN_BUILD says.
pub(crate) fn kill(workspace: &Workspace, options: &Options) -> Result<()> {
    check::bundle_variant(workspace, build::Variant::wanted()?)?;
    let rhythm = Rhythm::Time(Duration::from_secs(options.seconds_between));
    run(workspace, &Plan { calls: usize::try_from(options.calls)?, strict: options.strict, rhythm })
}

/// The short form, in the bundle that there is: a kill at each moment of an approved call, then 320 calls and three kills.
pub(crate) fn layer(workspace: &Workspace) -> Result<()> {
    approved::run(workspace)?;
    run(workspace, &Plan { calls: 320, strict: false, rhythm: Rhythm::Calls(80) })
}

fn run(workspace: &Workspace, plan: &Plan) -> Result<()> {
    let mut postern = Postern::start(workspace, plan.strict)?;
    let tokens = postern.let_in(PEOPLE)?;
    let calls = Calls::new(postern.port(), &tokens, plan.calls);
    let start = Instant::now();
    let Killed { kills, mut requests, lost } = thread::scope(|scope| {
        let callers = scope.spawn(|| side_by_side(PEOPLE, |_| calls.make()));
        let killed = kill_until(&mut postern, plan, &calls, || callers.is_finished());
        calls.set_up(true); // or the callers would wait for ever where that failed
        callers.join().map_err(|_| anyhow!("the callers panicked"))??;
        killed
    })?;
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("{} calls within {seconds:.0} s, {kills} kills", plan.calls);
    let events = postern.wait_for_events(PATIENCE)?;
    requests.extend(postern.requests()?);
    let report = postern.verify_audit()?;
    postern.end();
    println!("{report}");
    report.check()?;
    ensure!(report.linked() > 0, "no event has a link");
    println!("answered: {}, refused: {}, kills: {kills}", calls.answered(), calls.refused());
    let findings = Findings::of(plan.calls, &requests, &events, lost, plan.strict);
    println!("{findings}");
    findings.check()
}

/// What came of the kills.
#[derive(Default)]
struct Killed {
    kills: usize,
    /// What the provider had been asked by the last of them.
    requests: Vec<Request>,
    /// How many calls were counted in storage that was lost.
    lost: u64,
}

/// Kills and starts again until it is over.
fn kill_until(postern: &mut Postern<'_>, plan: &Plan, calls: &Calls<'_>, is_over: impl Fn() -> bool) -> Result<Killed> {
    let mut killed = Killed::default();
    while wait_for_next(&plan.rhythm, calls, &is_over)? {
        killed.kills += 1;
        calls.set_up(false);
        let losses = || LOSSES.iter().filter(|(kill, _)| *kill == killed.kills).map(|(_, objects)| *objects);
        if losses().any(|objects| objects == Objects::OneSession) {
            calls.wait_for_those_under_way();
        }
        postern.kill();
        killed.lost += losses().map(|objects| postern.lose(objects)).sum::<Result<u64>>()?;
        // Nobody asks the provider now, so that nothing is missed between what is read and what is forgotten.
        killed.requests.extend(postern.requests()?);
        postern.restart()?;
        calls.set_up(true);
    }
    let least = LOSSES.len() + 1;
    ensure!(killed.kills >= least, "the run was over after {} kills and needs {least}: make more calls", killed.kills);
    Ok(killed)
}

/// Waits for the moment of the next kill; false where it is over before.
fn wait_for_next(rhythm: &Rhythm, calls: &Calls<'_>, is_over: impl Fn() -> bool) -> Result<bool> {
    let (start, begun) = (Instant::now(), calls.begun());
    let chance = chance()?;
    loop {
        let is_due = match rhythm {
            Rhythm::Time(average) => start.elapsed() >= average.mul_f64(0.5 + chance),
            Rhythm::Calls(count) => calls.begun() >= begun + count,
        };
        if is_due || is_over() {
            return Ok(!is_over());
        }
        thread::sleep(GLANCE);
    }
}

/// From 0 to 1.
fn chance() -> Result<f64> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    Ok(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}
