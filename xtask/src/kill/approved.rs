//! Calls that need approval, through a Postern that is killed between the approval and the answer, at each moment that
//! matters. Whatever the moment, an approval lets one request through at the most, and whoever calls again is told where
//! nobody knows whether it was done.

use super::{evidence::Request, postern::Postern};
use crate::{
    bench::{connection::Answer, tool_call::call_of},
    workspace::Workspace,
};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};
use testkit::{
    browser::Browser,
    journey::{self, Person},
};

const TOOL: &str = "bitbucket_update_pull_request";
const PULL_REQUEST: &str = "/2.0/repositories/acme/backend/pullrequests/1";
/// What the rule's call is bound to is read by a GET, and so is what is looked up before its request, which is a PUT.
const READ: &str = "GET";
const WRITE: &str = "PUT";
/// Longer than it takes to kill it.
const HANG_SECONDS: u32 = 20;
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(20);

/// A moment of an approved call, known by the request that hangs then.
struct Moment {
    name: &'static str,
    method: &'static str,
    /// How many requests of that method come before the one that hangs.
    before: usize,
    /// How many requests that change something the provider has had by then.
    sent: usize,
    /// How many it has had once the call was made again.
    sent_in_the_end: usize,
    /// What whoever makes the call again reads.
    told: &'static str,
}

const MOMENTS: [Moment; 3] = [
    Moment {
        name: "before the approval is used",
        method: READ,
        before: 0,
        sent: 0,
        sent_in_the_end: 1,
        told: "title: approved",
    },
    Moment {
        name: "after the approval is used, before the request",
        method: READ,
        before: 1,
        sent: 0,
        sent_in_the_end: 0,
        told: "nothing says how it ended",
    },
    Moment {
        name: "after the request, before the answer",
        method: WRITE,
        before: 0,
        sent: 1,
        sent_in_the_end: 1,
        told: "nothing says how it ended",
    },
];

/// Kills a Postern at each moment.
pub(super) fn run(workspace: &Workspace) -> Result<()> {
    let mut postern = Postern::start(workspace, false)?;
    hold_changes(&postern)?;
    let token = postern.let_in(1)?.pop().context("nobody was let in")?;
    for (number, moment) in MOMENTS.iter().enumerate() {
        let title = format!("approved {number}");
        let call = call_of(postern.port(), &token, TOOL, arguments(&title));
        let wait = call.once()?;
        approve(&postern, &link_in(&wait)?)?;
        postern.requests()?;
        for _ in 0..moment.before {
            postern.delay(moment.method, PULL_REQUEST, 0)?;
        }
        postern.delay(moment.method, PULL_REQUEST, HANG_SECONDS)?;
        let killed = thread::scope(|scope| {
            let caller = scope.spawn(|| call.once());
            let came = wait_until(|| Ok(requests_of(&postern, moment.method)? > moment.before));
            postern.kill();
            let answered = caller.join().is_ok_and(|answer| answer.is_ok());
            came.map(|()| !answered)
        });
        ensure!(killed.with_context(|| moment.name.to_owned())?, "{}: the call was answered", moment.name);
        let sent = requests_of(&postern, WRITE)?;
        ensure!(sent == moment.sent, "{}: {sent} requests were sent", moment.name);
        postern.forget_delays()?;
        postern.restart()?;
        let again = call.once()?;
        again.check(moment.told).with_context(|| moment.name.to_owned())?;
        // And whoever does not listen sends nothing by that.
        call.once()?;
        let sent = requests_of(&postern, WRITE)?;
        ensure!(sent == moment.sent_in_the_end, "{}: {sent} requests were sent in the end", moment.name);
        println!("killed {}: {sent} sent", moment.name);
    }
    postern.end();
    Ok(())
}

fn arguments(title: &str) -> Value {
    json!({ "pull_request": 1, "repository": "backend", "title": title, "workspace": "acme" })
}

/// Has changes of pull requests held until somebody else has looked at them.
fn hold_changes(postern: &Postern<'_>) -> Result<()> {
    let rule = json!({ "name": "four eyes", "tools": { "names": [TOOL] }, "then": "approve" });
    let path = "/admin/policy/document";
    let mut browser = Browser::new();
    let page = journey::open_signed_in(&mut browser, postern.address(path)?, &Person::of_the_demo("admin"))?;
    let mut form = page.forms().into_iter().find(|form| form.action == path).context("no form of the policy")?;
    form.set("document", &json!({ "rules": [rule] }).to_string());
    form.set("summary", "of the kill run");
    let page = browser.submit(&page, &form, Some(("act", "keep")))?;
    ensure!(page.url.path() == "/admin/policy", "the policy was not kept: {}", page.body);
    Ok(())
}

/// The path of the page that the call waits for.
fn link_in(answer: &Answer) -> Result<String> {
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    let (_, rest) = body.split_once("/approvals/").with_context(|| format!("the call was not held: {body}"))?;
    let id: String =
        rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect();
    Ok(format!("/approvals/{id}"))
}

fn approve(postern: &Postern<'_>, path: &str) -> Result<()> {
    let mut browser = Browser::new();
    let page = journey::open_signed_in(&mut browser, postern.address(path)?, &Person::of_the_demo("admin"))?;
    let approve = ("decision", "approve");
    let form = journey::form_with_button(&page, approve.0, approve.1).context("no button to approve with")?;
    let page = browser.submit(&page, &form, Some(approve))?;
    ensure!(page.body.contains("Approved"), "it was not approved: {}", page.body);
    Ok(())
}

/// How many requests of that method came to the pull request since the last look.
fn requests_of(postern: &Postern<'_>, method: &str) -> Result<usize> {
    let is_one = |request: &&Request| request.method == method && request.path == PULL_REQUEST;
    Ok(postern.asked()?.iter().filter(is_one).count())
}

fn wait_until(holds: impl Fn() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !holds()? {
        if start.elapsed() > PATIENCE {
            bail!("the request that was to hang did not come");
        }
        thread::sleep(GLANCE);
    }
    Ok(())
}
