//! `cargo xtask bench`: what a call costs, in counts and in time, beside Workers that do less. All of them run here in
//! workerd itself; figures of different runs or machines do not compare, the ratios of one run do.

pub(crate) mod connection;
mod counts;
mod hot;
pub(crate) mod load;
mod pages;
pub(crate) mod people;
mod policy;
mod series;
pub(crate) mod services;
pub(crate) mod tool_call;
mod usage;
pub(crate) mod world;

use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{fs, fs::File, io, io::Write, os::fd::AsFd, time::Duration};

/// What is to be measured, and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print data
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure beside what Cloudflare's own libraries make of it too
    #[arg(long)]
    pub(crate) peer: bool,
    /// Measure calls of so many people in turn, who sign in first, instead of one person's hot call
    #[arg(long, value_name = "NUMBER")]
    pub(crate) people: Option<usize>,
    /// Have them sign in anew, though those of the last run could call again
    #[arg(long, requires = "people")]
    pub(crate) fresh: bool,
    /// Measure under an access policy of 500 rules, 200 toolsets and 1,000 profiles, all rules looked at for each call
    #[arg(long, conflicts_with_all = ["people", "pages"])]
    pub(crate) policy: bool,
    /// Measure what the worst pages take to become Markdown, and what others feel of it, and nothing else
    #[arg(long, conflicts_with_all = ["json", "peer", "people"])]
    pub(crate) pages: bool,
    /// How long each run under load lasts
    #[arg(long, default_value_t = 2)]
    pub(crate) seconds: u64,
}

/// What came out: for people, and as data.
struct Outcome {
    text: String,
    data: Value,
    /// Whether a call uses no more than its budget.
    budget: Result<()>,
}

/// Measures, and prints what came out. Fails if a call uses more than its budget.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.pages {
        return pages::measure(workspace);
    }
    // An access token must last for all the runs.
    ensure!((1..=60).contains(&options.seconds), "--seconds must be from 1 to 60");
    // Whatever the tools say goes to stderr: stdout is for the report.
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr()).context("stdout cannot be redirected")?;
    let duration = Duration::from_secs(options.seconds);
    let busy_before = load_average();
    let outcome = match options.people {
        Some(people) => {
            ensure!((10..=10_000).contains(&people), "--people must be from 10 to 10000");
            let plan = people::Plan { people, fresh: options.fresh, peer: options.peer, duration };
            people::measure(workspace, &plan)?
        }
        None => hot::measure(workspace, options.peer, options.policy, duration)?,
    };
    // Figures of a machine that others keep busy are worth little, and their reader should see that.
    let busy = [busy_before, load_average()];
    if options.json {
        let data = json!({ "load_average": busy, "measured": outcome.data });
        writeln!(stdout, "{data:#}")?;
    } else {
        let [before, after] = busy.map(|load| load.map_or("unknown".to_owned(), |load| load.to_string()));
        writeln!(stdout, "\n{}\n\nload average of the machine: {before} before, {after} after", outcome.text)?;
    }
    outcome.budget
}

/// How many programs wanted the processor in the last minute, as Linux tells; nothing elsewhere.
fn load_average() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}
