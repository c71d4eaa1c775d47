//! What programs use of the machine, as Linux tells in /proc; nothing elsewhere.

use std::{fs, path::PathBuf, time::Duration};

/// One process of a group.
struct Process {
    folder: PathBuf,
    program: String,
    /// As clock ticks.
    processor_time: u64,
}

/// The processes of that group.
fn group(number: u32) -> Option<Vec<Process>> {
    let number = number.to_string();
    let processes = fs::read_dir("/proc").ok()?.flatten().filter_map(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        // The name in brackets may hold anything. Behind it: state, parent, group, and from the twelfth on user and system.
        let (before, behind) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = behind.split_ascii_whitespace().collect();
        let processor_time = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        let program = before.split_once('(')?.1.to_owned();
        (*fields.get(2)? == number).then(|| Process { folder: entry.path(), program, processor_time })
    });
    Some(processes.collect())
}

/// The processor time that the processes of a group have used.
pub(super) fn processor_time(number: u32) -> Option<Duration> {
    let ticks: u64 = group(number)?.iter().map(|process| process.processor_time).sum();
    Some(Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second()))
}

/// The memory of a process, in kB.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    pub(super) now: u64,
    /// The most since [`forget_peak`].
    pub(super) peak: u64,
}

/// The memory of the process of a group that runs this program.
pub(super) fn memory(number: u32, program: &str) -> Option<Memory> {
    let process = group(number)?.into_iter().find(|process| process.program == program)?;
    let status = fs::read_to_string(process.folder.join("status")).ok()?;
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    Some(Memory { now: of("VmRSS:")?, peak: of("VmHWM:")? })
}

/// Lets the peak of that process's memory begin anew.
pub(super) fn forget_peak(number: u32, program: &str) {
    let process = group(number).into_iter().flatten().find(|process| process.program == program);
    // Where that is not allowed, the peak is that since the start.
    let _ = process.map(|process| fs::write(process.folder.join("clear_refs"), "5"));
}
