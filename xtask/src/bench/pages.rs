//! What the worst pages cost: to convert, in a native process, and to read through the Worker, beside somebody else's calls.

#[expect(unreachable_pub, reason = "it is the Worker's source too")]
#[path = "../../../src/upstream/markdown/worst.rs"]
mod worst;

use super::{
    connection::Call,
    load::Load,
    services::Service,
    tool_call::{EXPECTED, call_of, tool_call},
    world::World,
};
use crate::{build, check, process, seed, workspace::Workspace};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::{slice, thread, time::Duration};
use testkit::{browser::plain_agent, connect, journey::Person, token};
use url::Url;

/// How much the Worker reads of an answer.
const ANSWER_BYTES: usize = 2_000_000;
/// More than what stands around the page in its answer.
const REST_OF_ANSWER: usize = 1000;
const PAGE: &str = "98305";
const TITLE: &str = "A page of the worst kind";
/// How often each page is read: once by a Worker that has just started, then again, then beside another person.
const READS: usize = 3;
/// How many calls warm the Worker up, and how many tell what the other person is used to.
const CALLS: usize = 200;
/// What the reading of a page may take of the processor and, at its peak, of memory.
const MOST_PROCESSOR_TIME: Duration = Duration::from_millis(150);
const MOST_MEMORY: u64 = 20_000;

/// Measures and prints what each kind of page costs.
pub(super) fn measure(workspace: &Workspace) -> Result<()> {
    check::bundle_variant(workspace, build::Variant::wanted()?)?;
    println!("\nconverted natively");
    // Compiled natively, as the Worker is: a WebAssembly engine takes longer.
    let mut cargo = process::program("cargo");
    cargo.args(["run", "--quiet", "--release", "--package", "pages"]).current_dir(workspace.root());
    process::run("measuring pages", &mut cargo)?;

    let world = World::new(workspace, "pages")?;
    world.start(workspace)?;
    let (service, _) = world.postern().start(workspace)?;
    let public = world.public_url()?;
    seed::approve_tools(&public)?;
    let [reader, other] = ["developer", "test-neighbour"].map(Person::of_the_demo);
    connect::connect(&public, "bitbucket", &other)?;
    let mcp = public.join("/mcp")?;
    let read = call_of(world.postern, &token::fetch(&mcp, &reader)?, "confluence_get_page", json!({ "page": PAGE }));
    let others = tool_call(world.postern, &token::fetch(&mcp, &other)?);
    service.end();

    println!(
        "\nread through the Worker, whose process is started for each; at most {} ms of CPU, {} MB, {} ms of waiting",
        MOST_PROCESSOR_TIME.as_millis(),
        MOST_MEMORY / 1000,
        MOST_PROCESSOR_TIME.as_millis()
    );
    println!(
        "{:>9} {:>8} {:>9} {:>9} {:>9} {:>12} {:>12}",
        "CPU first", "CPU then", "page, ms", "peak, MB", "left, MB", "other p50, ms", "waits, ms"
    );
    for kind in worst::kinds() {
        let (service, _) = world.postern().start(workspace)?;
        let cost = cost_of(&world, &service, kind, &read, &others).context(kind)?;
        service.end();
        println!("{} {kind}", cost.as_text());
    }
    Ok(())
}

/// What one kind of page costs.
struct Cost {
    /// Of the processor: the first reading, and the second.
    processor: [Duration; READS - 1],
    /// How long the second reading took.
    took: f64,
    /// More memory than before the first reading, in kB: the most, and what stays.
    peak: u64,
    left: u64,
    /// What the other person is used to wait for a call, and the longest wait beside a reading, in milliseconds.
    used_to: f64,
    waited: f64,
}

impl Cost {
    fn as_text(&self) -> String {
        let [first, then] = self.processor;
        let within = then <= MOST_PROCESSOR_TIME
            && self.peak <= MOST_MEMORY
            && self.waited <= MOST_PROCESSOR_TIME.as_secs_f64() * 1000.0;
        let [peak, left] = [self.peak, self.left].map(|kilobytes| kilobytes.div_ceil(1000));
        format!(
            "{:>9} {:>8} {:>9.0} {peak:>9} {left:>9} {:>13.1} {:>11.0} {}",
            first.as_millis(),
            then.as_millis(),
            self.took,
            self.used_to,
            self.waited,
            if within { "      " } else { "MISSED" }
        )
    }
}

fn cost_of(world: &World, service: &Service, kind: &str, read: &Call, others: &Call) -> Result<Cost> {
    let read = Load { calls: slice::from_ref(read), expected: TITLE };
    let calls = vec![others.clone(); CALLS];
    let usual = Load { calls: &calls, expected: EXPECTED };
    let others = Load { calls: slice::from_ref(others), expected: EXPECTED };
    usual.one_by_one()?;
    serve(world, "<p>a short one</p>", 1)?;
    read.one_by_one()?;
    let used_to = usual.one_by_one()?.percentile(50);

    serve(world, &page(kind), READS)?;
    let before = service.memory().context("the memory of workerd cannot be read")?;
    service.forget_peak();
    let mut processor = [Duration::ZERO; READS - 1];
    let mut took = f64::NAN;
    for used in &mut processor {
        let begin = service.processor_time();
        took = read.one_by_one()?.percentile(100);
        *used = service.processor_time().zip(begin).map_or(Duration::ZERO, |(end, begin)| end.saturating_sub(begin));
    }
    let beside = thread::scope(|scope| {
        let reading = scope.spawn(|| read.one_by_one());
        let beside = others.run_until(|| reading.is_finished());
        reading.join().map_err(|_| anyhow::anyhow!("the reader panicked"))??;
        beside
    })?;
    let after = service.memory().context("the memory of workerd cannot be read")?;
    Ok(Cost {
        processor,
        took,
        peak: after.peak.saturating_sub(before.now),
        left: after.now.saturating_sub(before.now),
        used_to,
        waited: beside.percentile(100),
    })
}

/// A page whose answer, as JSON, is about all that the Worker reads of one.
fn page(kind: &str) -> String {
    let most = ANSWER_BYTES - REST_OF_ANSWER;
    let mut bytes = most;
    loop {
        let page = worst::page(kind, bytes);
        let length = json!(page).to_string().len();
        if length <= most || bytes == 0 {
            return page;
        }
        bytes = bytes * most / length; // JSON makes some of it longer
    }
}

/// Has the sandbox answer so many requests for the page with this.
fn serve(world: &World, storage: &str, times: usize) -> Result<()> {
    let page = json!({
        "id": PAGE,
        "status": "current",
        "title": TITLE,
        "spaceId": "65537",
        "parentId": null,
        "version": { "number": 1, "createdAt": "2026-10-01T09:00:00.000Z" },
        "body": { "storage": { "value": storage, "representation": "storage" } },
        "_links": { "webui": "/spaces/ENG/pages/98305" },
    });
    ensure!(page.to_string().len() <= ANSWER_BYTES, "the page is larger than what is read of it");
    let fault = json!({
        "kind": "status",
        "status": 200,
        "path": format!("/wiki/api/v2/pages/{PAGE}"),
        "times": times,
        "body": page,
    });
    let address = Url::parse(&format!("http://127.0.0.1:{}/control/faults", world.sandbox))?;
    let answer = plain_agent().post(address.as_str()).send_json(fault)?;
    ensure!(answer.status().is_success(), "the sandbox answers {}", answer.status());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ANSWER_BYTES, page, worst};
    use serde_json::json;

    #[test]
    fn a_page_of_any_kind_fills_nearly_all_that_is_read_of_an_answer() {
        for kind in worst::kinds() {
            let length = json!(page(kind)).to_string().len();
            assert!((ANSWER_BYTES * 9 / 10..ANSWER_BYTES).contains(&length), "{kind}: {length}");
        }
    }
}
