//! `cargo xtask verify-audit`: has a running Postern verify its log, step by step, as an administrator does it on the page.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fmt;
use testkit::{
    browser::Browser,
    journey::{self, Person},
};
use url::Url;

const PAGE: &str = "/admin/audit/verify";

/// What Postern says after a step.
#[derive(Deserialize)]
pub(crate) struct Report {
    /// What the next step is told; none after the last.
    progress: Option<String>,
    is_whole: bool,
    events: u64,
    unlinked: u64,
    segments: u64,
    findings: Vec<String>,
    further_findings: u64,
    unaccounted: u64,
    without_outcome: u64,
}

/// Verifies, prints what was found, and fails where the log is not whole.
pub(crate) fn verify(postern: &Url, administrator: &Person) -> Result<()> {
    let report = report(postern, administrator)?;
    println!("{report}");
    report.check()
}

/// What a whole verification says.
pub(crate) fn report(postern: &Url, administrator: &Person) -> Result<Report> {
    let mut browser = Browser::new();
    let page = journey::open_signed_in(&mut browser, postern.join(PAGE)?, administrator)?;
    let form = page.forms().into_iter().find(|form| form.action == PAGE);
    let mut form = form.ok_or_else(|| page.unexpected("the page that verifies the log"))?;
    form.set("format", "json");
    loop {
        let answer = browser.submit(&page, &form, None)?;
        ensure!(answer.status.is_success(), answer.unexpected("a report"));
        let report: Report = serde_json::from_str(&answer.body).context("the report")?;
        let Some(progress) = &report.progress else { return Ok(report) };
        eprintln!("{} events so far", report.events);
        form.set("progress", progress);
    }
}

impl Report {
    /// Fails where the log is not whole.
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(self.is_whole, "the log is not whole");
        Ok(())
    }

    /// How many of the events have a link.
    pub(crate) const fn linked(&self) -> u64 {
        self.events - self.unlinked
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_whole { "whole" } else { "not whole" };
        writeln!(
            formatter,
            "the log is {verdict}: {} events, {} of them without a link, and {} segments",
            self.events, self.unlinked, self.segments
        )?;
        for finding in &self.findings {
            writeln!(formatter, "  {finding}")?;
        }
        if self.further_findings > 0 {
            writeln!(formatter, "  and {} more findings", self.further_findings)?;
        }
        let (unaccounted, without_outcome) = (self.unaccounted, self.without_outcome);
        write!(formatter, "calls: {unaccounted} unaccounted, {without_outcome} intents without an outcome")
    }
}
