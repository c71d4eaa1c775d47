//! The evidence pack, for auditors: what a search of the log finds, as one archive, with all that speaks for it. It is made
//! piece by piece as it goes out.

mod report;

use std::collections::VecDeque;

use futures::{StreamExt, stream};
use report::Report;
use serde_json::{Value, json};

use super::{Query, verify};
use crate::{
    audit::{
        self, Kind,
        export::Format,
        proof::{self, Proof, Prover},
        search::{self, Entry},
        zip::Zip,
    },
    console::{access, admin::filter},
    context::Context,
    governance::policy_revisions,
    platform::{
        Fault,
        clock::Timestamp,
        http::{Request, Response},
        log::Level,
    },
};

pub(super) const EVIDENCE: &str = "/admin/audit/evidence";

/// How many events one pack holds at the most, and how many pages of results it takes to find them.
const EVENTS: usize = 10_000;
const PAGES: usize = 200;

/// How many events go into one file.
const EVENTS_OF_A_FILE: usize = 1_000;

/// How many of the events that do not fit their links are named.
const MOST_NAMED: usize = 100;

/// `GET /admin/audit/evidence`, with the filters of the log's page.
pub async fn pack(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let (query, _) = Query::find(context, &request.query()).await?;
        let event = audit::event(context, Kind::LogExported).by(&browser.person.id);
        audit::gather(context, event.because(&format!("evidence pack: {}", request.query)));
        let now = context.platform.clock.now();
        let pack = Pack::new(context.clone(), query, now, (EVENTS, PAGES));
        let pieces = stream::unfold(pack, async |mut pack| Some((pack.next().await?, pack)));
        Ok(Response::stream(200, "application/zip", pieces.boxed_local())
            .with("content-disposition", "attachment; filename=\"evidence.zip\"")
            .with("cache-control", "no-store"))
    })
    .await
}

/// What comes next.
enum Part {
    Events,
    /// The revisions of the access policy that were in force, by number.
    Policy(VecDeque<i64>),
    Rest,
    Nothing,
}

/// A pack under way.
struct Pack {
    context: Context,
    query: Query,
    /// None once its directory has gone out.
    zip: Option<Zip>,
    part: Part,
    /// How many events, and how many pages of results, there may be yet.
    left: (usize, usize),
    files: usize,
    /// None before the first events.
    prover: Option<Prover>,
    report: Report,
    approvals: String,
    /// How many events have each proof.
    proven: Vec<(Proof, usize)>,
    /// Events that do not fit.
    unfit: Vec<Value>,
    /// The address of the pack that goes on with what this one has no room for.
    rest: Option<String>,
    /// What could not be read.
    broken: Option<&'static str>,
}

impl Pack {
    fn new(context: Context, query: Query, now: Timestamp, left: (usize, usize)) -> Self {
        Self {
            context,
            query,
            zip: Some(Zip::new(now)),
            part: Part::Events,
            left,
            files: 0,
            prover: None,
            report: Report::default(),
            approvals: String::new(),
            proven: Vec::new(),
            unfit: Vec::new(),
            rest: None,
            broken: None,
        }
    }

    /// The next piece.
    async fn next(&mut self) -> Option<Vec<u8>> {
        let made = match &mut self.part {
            Part::Events => self.events().await,
            Part::Policy(numbers) => match numbers.pop_front() {
                Some(number) => self.revision(number).await,
                None => {
                    self.part = Part::Rest;
                    Ok(Vec::new())
                }
            },
            Part::Rest => self.rest().await,
            Part::Nothing => return None,
        };
        Some(made.unwrap_or_else(|fault| {
            self.context.log(Level::Error, "an evidence pack broke off", &[("detail", json!(fault.to_string()))]);
            let broken = match self.part {
                Part::Events => "the log could not be read to its end",
                _ => "the access policy or the last verification could not be read",
            };
            let was_broken = self.broken.replace(broken).is_some();
            self.part = if was_broken { Part::Nothing } else { Part::Rest };
            Vec::new()
        }))
    }

    fn file(&mut self, name: &str, contents: &[u8]) -> Vec<u8> {
        self.zip.as_mut().map(|zip| zip.file(name, contents)).unwrap_or_default()
    }

    /// The next thousand events, each as it is exported otherwise, in two files.
    async fn events(&mut self) -> Result<Vec<u8>, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut is_over = false;
        while !is_over && entries.len() < EVENTS_OF_A_FILE {
            let found = search::search(&*self.context.platform.database, &self.query.filter).await?;
            let (events, pages) = self.left;
            self.left = (events.saturating_sub(found.entries.len()), pages.saturating_sub(1));
            entries.extend(found.entries);
            is_over = found.next.is_none() || self.left.0 == 0 || self.left.1 == 0;
            if let Some(next) = found.next {
                self.query.filter.after = Some(next);
                self.rest = is_over.then(|| filter::next(EVIDENCE, &self.query.narrowed(), &next.to_string()));
            }
        }
        let prover = match self.prover.take() {
            Some(prover) => prover,
            None => Prover::read(&self.context).await?,
        };
        let proofs = proof::of(&self.context, &prover, &entries).await?;
        self.prover = Some(prover);
        for (entry, proof) in entries.iter().zip(proofs) {
            self.count(entry, proof);
        }
        let mut piece = Vec::new();
        if !entries.is_empty() {
            self.files += 1;
            for format in Format::ALL {
                let lines: String = entries.iter().map(|entry| format.line(entry)).collect();
                let name = format!("events/{:03}.{}", self.files, format.name());
                piece.extend(self.file(&name, (format.head() + &lines).as_bytes()));
            }
        }
        if is_over {
            let (from, until) = (self.query.filter.from, self.query.filter.until);
            self.part = Part::Policy(policy_revisions::in_force(&self.context, from, until).await?.into());
        }
        Ok(piece)
    }

    fn count(&mut self, entry: &Entry, proof: Proof) {
        match self.proven.iter_mut().find(|(known, _)| *known == proof) {
            Some((_, count)) => *count += 1,
            None => self.proven.push((proof, 1)),
        }
        if !matches!(proof, Proof::Fits | Proof::Unlinked) && self.unfit.len() < MOST_NAMED {
            self.unfit.push(json!({ "position": entry.position, "request_id": entry.request_id, "proof": proof }));
        }
        if entry.approval().is_some() {
            self.approvals.push_str(&Format::Ndjson.line(entry));
        }
        self.report.add(entry, proof);
    }

    /// A revision of the access policy, as it was.
    async fn revision(&mut self, number: i64) -> Result<Vec<u8>, Fault> {
        let found = policy_revisions::at(&self.context, number).await?;
        let (document, words) = match &found {
            Some(revision) => (json!(revision), revision.summary.as_str()),
            None => {
                (json!({ "number": number, "error": "this revision is not one that Postern wrote" }), "not authentic")
            }
        };
        self.report.revision(number, words);
        Ok(self.file(&format!("policy/revision-{number}.json"), document.to_string().as_bytes()))
    }

    /// What is about all of it, and the archive's end.
    async fn rest(&mut self) -> Result<Vec<u8>, Fault> {
        let last = match self.broken {
            Some(_) => None,
            None => verify::last(&*self.context.platform.database).await?,
        };
        let verification = json!({
            "events": self.proven.iter().map(|(proof, count)| json!({ "proof": proof, "events": count })).collect::<Vec<_>>(),
            "events_that_do_not_fit": self.unfit,
            "last_verification_of_the_whole_log": last,
        });
        let mut about = report::about(&self.query.narrowed(), self.rest.as_deref(), &self.context.settings.public_url);
        if let Some(broken) = self.broken {
            about.push_str(&format!("\nNOT WHOLE: {broken}. Get it once more.\n"));
        }
        let report = self.report.page(&about, &self.proven, last.as_ref());
        self.part = Part::Nothing;
        let approvals = std::mem::take(&mut self.approvals);
        let mut piece = self.file("approvals.ndjson", approvals.as_bytes());
        piece.extend(self.file("verification.json", verification.to_string().as_bytes()));
        piece.extend(self.file("report.html", report.as_bytes()));
        piece.extend(self.file("README.txt", about.as_bytes()));
        piece.extend(self.zip.take().map(Zip::end).unwrap_or_default());
        Ok(piece)
    }
}

#[cfg(test)]
mod tests;
