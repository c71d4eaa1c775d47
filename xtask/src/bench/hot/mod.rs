//! One person's call that follows others of its kind.

mod report;

use super::{
    Outcome,
    connection::Call,
    counts::Counter,
    load::Load,
    policy,
    services::{Service, Worker},
    tool_call::{EXPECTED, tool_call},
    world::World,
};
use crate::{build, check, seed, workspace::Workspace};
use anyhow::Result;
use report::{Contender, Report};
use std::{slice, time::Duration};
use testkit::{connect, journey::Person, token};
use url::Url;

/// How often each Worker is started. Of two processes of one build, one may be a twentieth faster than the other.
const STARTS: usize = 4;
/// How often each has its turn under load, from one start to the next.
const ROUNDS: usize = 4;
const WARM_UP: Duration = Duration::from_secs(3);

/// Counts and measures it, under a large access policy where that is wanted.
pub(super) fn measure(workspace: &Workspace, peer: bool, has_policy: bool, duration: Duration) -> Result<Outcome> {
    check::bundle_variant(workspace, build::Variant::wanted()?)?;
    let world = World::new(workspace, "state")?;
    world.start(workspace)?;

    eprintln!("counting what a call uses");
    let (service, _) = world.counting()?.start(workspace)?;
    let public = world.public_url()?;
    seed::approve_tools(&public)?;
    if has_policy {
        policy::keep(&public)?;
    }
    let developer = Person::of_the_demo("developer");
    connect::connect(&public, "bitbucket", &developer)?;
    let call = tool_call(world.postern, &token::fetch(&public.join("/mcp")?, &developer)?);
    let counts = Counter { worker: world.postern, upstream: world.upstream }.count_hot(&call, EXPECTED)?;
    service.end();

    let mut workers = vec![world.postern(), world.pass_through()?];
    if peer {
        workers.push(world.peer(workspace)?);
    }
    let contenders = run(workspace, &workers, &developer, duration)?;
    let report = Report { counts, contenders, size: build::size(workspace)? };
    Ok(Outcome { text: report.as_text(), data: report.as_json(), budget: report.counts.check_hot() })
}

/// Starts the Workers, puts each under load in turn, and does so again with new processes.
fn run(workspace: &Workspace, workers: &[Worker], person: &Person, duration: Duration) -> Result<Vec<Contender>> {
    eprintln!("{STARTS} starts, each with {ROUNDS} rounds of {} s", duration.as_secs());
    let mut contenders: Vec<Contender> = workers.iter().map(|worker| Contender::new(worker.name)).collect();
    for _ in 0..STARTS {
        let mut services = Vec::new();
        for (worker, contender) in workers.iter().zip(&mut contenders) {
            let (service, first) = worker.start(workspace)?;
            contender.first_answers.push(first);
            services.push(service);
        }
        let calls = workers.iter().map(|worker| call(worker, person)).collect::<Result<Vec<Call>>>()?;
        let loads: Vec<Load<'_>> =
            calls.iter().map(|call| Load { calls: slice::from_ref(call), expected: EXPECTED }).collect();
        loads.iter().try_for_each(|load| load.run(WARM_UP).map(drop))?;
        for _ in 0..ROUNDS {
            for ((load, service), contender) in loads.iter().zip(&services).zip(&mut contenders) {
                let throughput = contender.series.run(*load, service, duration)?;
                eprintln!("  {:20} {throughput:6.0} requests/s", contender.name);
            }
        }
        services.into_iter().for_each(Service::end);
    }
    Ok(contenders)
}

/// The call, with a token where the Worker wants one.
fn call(worker: &Worker, person: &Person) -> Result<Call> {
    let mcp = Url::parse(&format!("http://127.0.0.1:{}/mcp", worker.port))?;
    let token = if worker.name == "pass-through" { "none".to_owned() } else { token::fetch(&mcp, person)? };
    Ok(tool_call(worker.port, &token))
}
