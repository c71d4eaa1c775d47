//! Milliseconds and memory that the worst pages take to become Markdown, each in a process of its own.

#[path = "../../../src/upstream"]
mod upstream {
    pub mod markdown;
    #[allow(dead_code)] // only what reads a page
    pub mod markup;
}
#[allow(dead_code)] // only what a page goes through
#[path = "../../../src/untrusted.rs"]
mod untrusted;
#[path = "../../../src/upstream/markdown/worst.rs"]
mod worst;

use upstream::markdown;

use std::{
    env, fs,
    io::{self, Write as _},
    process::Command,
    time::{Duration, Instant},
};

/// As much as is read of a page.
const BYTES: usize = 2_000_000;
const ROUNDS: usize = 5;

fn main() -> io::Result<()> {
    let mut out = io::stdout();
    if let Some(kind) = env::args().nth(1) {
        return writeln!(out, "{}", measure(&kind));
    }
    writeln!(out, "{:>8} {:>8} {:>9}  of {} kB", "ms", "peak MB", "Markdown", BYTES / 1000)?;
    out.flush()?;
    let program = env::current_exe()?;
    worst::kinds().try_for_each(|kind| Command::new(&program).arg(kind).status().map(drop))
}

fn measure(kind: &str) -> String {
    let storage = worst::page(kind, BYTES);
    let before = memory("VmRSS:");
    let (mut quickest, mut peak, mut size) = (Duration::MAX, 0, String::new());
    for round in 0..ROUNDS {
        let begin = Instant::now();
        let page = markdown::from_storage(&storage);
        let mut document = String::new();
        let hidden = untrusted::push_prose(&mut document, &page.markdown);
        quickest = quickest.min(begin.elapsed());
        if round == 0 {
            peak = memory("VmHWM:").saturating_sub(before);
            let mark = if page.is_cut { "cut" } else { "" };
            size =
                format!("{:>6} kB {mark:>3} {}", document.len() / 1000, if hidden > 0 { "(some hidden) " } else { "" });
        }
    }
    let milliseconds = quickest.as_secs_f64() * 1000.0;
    // In kB, as Linux counts them.
    format!("{milliseconds:>8.1} {:>8.1} {size} {kind}", f64::from(peak) / 1000.0)
}

/// What Linux says of this process's memory; 0 elsewhere.
fn memory(name: &str) -> u32 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
