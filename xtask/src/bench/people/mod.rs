//! Calls of many people in turn: what somebody feels who calls now and then, where no lease of an earlier call helps.

pub(crate) mod crowd;
mod report;
mod targets;

use super::{
    Outcome,
    connection::Call,
    counts::{Counter, Counts, FLUSH, UnderLoad},
    load::Load,
    series::Series,
    services::{Service, Worker},
    tool_call::{EXPECTED, tool_call},
    world::World,
};
use crate::{build, check, workspace::Workspace};
use anyhow::{Context, Result};
use crowd::Crowd;
use report::Report;
use std::{
    collections::{BTreeMap, BTreeSet},
    thread::sleep,
    time::Duration,
};
use url::Url;

/// How often each Worker is started, and how often each has its turn under load from one start to the next.
const STARTS: usize = 2;
const ROUNDS: usize = 2;
/// How long a load lasts before it is measured. Longer than an outcome waits for its row in the database, so that a run
/// pays for as many rows as it makes.
const LEAD_IN: Duration = Duration::from_millis(2500);
/// How many people call once each in a visit, and how many while it is counted what they use.
const VISITORS: usize = 200;
const COUNTED_VISITORS: usize = 50;
/// Calls of one person in quick succession, to warm up and to be measured.
const IN_SUCCESSION: [usize; 2] = [200, 300];

/// The visits of one group of people: what each is, and how long everything rests before it. A lease ends after a
/// second, and an object sleeps after ten.
const VISITS: [(&str, Duration); 3] = [
    ("never seen before", Duration::ZERO),
    ("warm, no lease", Duration::from_millis(2500)),
    ("after 15 s of quiet", Duration::from_secs(15)),
];

const POSTERN: &str = "postern";
const PASS_THROUGH: &str = "pass-through";
const HOP: &str = "hop";
const PEER: &str = "peer";

/// What is to be measured.
pub(super) struct Plan {
    pub(super) people: usize,
    pub(super) fresh: bool,
    pub(super) peer: bool,
    pub(super) duration: Duration,
}

/// One of the Workers, with a call of each person, and what was measured of it.
struct Contender {
    worker: Worker,
    calls: Vec<Call>,
    /// Under load, by how many people call in turn.
    loads: BTreeMap<usize, Series>,
    visits: [Series; VISITS.len()],
    in_succession: Series,
    first_answers: Vec<f64>,
}

impl Contender {
    fn new(worker: Worker, tokens: impl IntoIterator<Item = impl AsRef<str>>, people: &[usize]) -> Self {
        let calls = tokens.into_iter().map(|token| tool_call(worker.port, token.as_ref())).collect();
        Self {
            worker,
            calls,
            loads: people.iter().map(|people| (*people, Series::default())).collect(),
            visits: Default::default(),
            in_succession: Series::default(),
            first_answers: Vec::new(),
        }
    }

    /// Whether it tells one person from another.
    fn knows_people(&self) -> bool {
        self.worker.name != PASS_THROUGH
    }
}

fn load(calls: &[Call]) -> Load<'_> {
    Load { calls, expected: EXPECTED }
}

/// Calls of the first people, or of all where there are not so many.
fn of_first(people: usize, calls: &[Call]) -> &[Call] {
    calls.get(..people).unwrap_or(calls)
}

fn of_last(people: usize, calls: &[Call]) -> &[Call] {
    calls.get(calls.len().saturating_sub(people)..).unwrap_or(calls)
}

/// Has the people sign in, counts and measures.
pub(super) fn measure(workspace: &Workspace, plan: &Plan) -> Result<Outcome> {
    check::bundle_variant(workspace, build::Variant::wanted()?)?;
    let crowd = Crowd::gather(workspace, plan.people, plan.fresh)?;
    let (counts, under_load) = count(workspace, &crowd)?;
    let mut contenders = contenders(workspace, plan, &crowd)?;
    for start in 1..=STARTS {
        eprintln!("start {start} of {STARTS}");
        crowd.restore(workspace)?;
        let mut services = Vec::new();
        for contender in &mut contenders {
            let (service, first) = contender.worker.start(workspace)?;
            contender.first_answers.push(first);
            services.push(service);
        }
        time_single_calls(&mut contenders, &services)?;
        for contender in contenders.iter().filter(|contender| contender.knows_people()) {
            load(&contender.calls).all_once()?;
        }
        for _ in 0..ROUNDS {
            put_under_load(&mut contenders, &services, plan.duration)?;
        }
        services.into_iter().for_each(Service::end);
    }
    let report = Report { people: plan.people, counts, under_load, contenders };
    Ok(Outcome { text: report.as_text(), data: report.as_json(), budget: Ok(()) })
}

/// Postern first.
fn contenders(workspace: &Workspace, plan: &Plan, crowd: &Crowd) -> Result<Vec<Contender>> {
    let crowds = [1, 10, 300, plan.people].map(|people| people.min(plan.people));
    let many = [300, plan.people].map(|people| people.min(plan.people));
    let world = &crowd.world;
    let mut contenders = vec![
        Contender::new(world.postern(), &crowd.tokens, &crowds),
        Contender::new(world.pass_through()?, ["none"], &[1]),
        Contender::new(met_by_everybody(workspace, world, crowd)?, &crowd.tokens, &many),
    ];
    if plan.peer {
        let peer = world.peer(workspace)?;
        let (service, _) = peer.start(workspace)?;
        let tokens =
            crowd::let_in(&Url::parse(&format!("http://127.0.0.1:{}", peer.port))?, plan.people, |_, _| Ok(()))?;
        service.end();
        contenders.push(Contender::new(peer, &tokens, &[&[1], &many[..]].concat()));
    }
    Ok(contenders)
}

/// The Worker with an object for each person, each of whom has called once, as Postern has met everybody at sign-in.
fn met_by_everybody(workspace: &Workspace, world: &World, crowd: &Crowd) -> Result<Worker> {
    let hop = world.hop()?;
    let (service, _) = hop.start(workspace)?;
    let calls: Vec<Call> = crowd.tokens.iter().map(|token| tool_call(hop.port, token)).collect();
    load(&calls).all_once()?;
    service.end();
    Ok(hop)
}

/// What one person's call takes in quick succession, and what each of a group's takes on their visits.
fn time_single_calls(contenders: &mut [Contender], services: &[Service]) -> Result<()> {
    for (contender, service) in contenders.iter_mut().zip(services) {
        let call = contender.calls.first().context("nobody calls")?;
        let [warm_up, measured] = IN_SUCCESSION.map(|times| vec![call.clone(); times]);
        load(&warm_up).one_by_one()?;
        contender.in_succession.one_by_one(load(&measured), service)?;
    }
    for (visit, (_, rest)) in VISITS.iter().enumerate() {
        sleep(*rest);
        for (contender, service) in contenders.iter_mut().zip(services).filter(|(one, _)| one.knows_people()) {
            let series = contender.visits.get_mut(visit).context("there is no such visit")?;
            series.one_by_one(load(of_last(VISITORS, &contender.calls)), service)?;
        }
    }
    Ok(())
}

/// One round: each number of people at each Worker.
fn put_under_load(contenders: &mut [Contender], services: &[Service], duration: Duration) -> Result<()> {
    let crowds: BTreeSet<usize> = contenders.iter().flat_map(|contender| contender.loads.keys().copied()).collect();
    for people in crowds {
        for (contender, service) in contenders.iter_mut().zip(services) {
            let Some(series) = contender.loads.get_mut(&people) else { continue };
            let load = load(of_first(people, &contender.calls));
            load.run(LEAD_IN)?;
            let throughput = series.run(load, service, duration)?;
            eprintln!("  {:20} {people:5} people {throughput:6.0} requests/s", contender.worker.name);
            if contender.worker.name == POSTERN {
                sleep(FLUSH); // the rows of this run are nobody else's load
            }
        }
    }
    Ok(())
}

/// What a call uses on each visit, and under the load of everybody.
fn count(workspace: &Workspace, crowd: &Crowd) -> Result<(Vec<Counts>, UnderLoad)> {
    eprintln!("counting what calls use");
    crowd.restore(workspace)?;
    let world = &crowd.world;
    let (service, _) = world.counting()?.start(workspace)?;
    let calls: Vec<Call> = crowd.tokens.iter().map(|token| tool_call(world.postern, token)).collect();
    let counter = Counter { worker: world.postern, upstream: world.upstream };
    let counts = VISITS.iter().map(|(_, rest)| {
        sleep(rest.saturating_sub(FLUSH)); // which counting has waited for already
        counter.count(of_last(COUNTED_VISITORS, &calls).iter(), EXPECTED)
    });
    let counts = counts.collect::<Result<_>>()?;
    load(&calls).all_once()?;
    let under_load = counter.count_load(|| load(&calls).run(Duration::from_secs(4)).map(drop))?;
    service.end();
    Ok((counts, under_load))
}
