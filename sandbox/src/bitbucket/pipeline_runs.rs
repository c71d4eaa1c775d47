//! Runs of pipelines: those that have been, and those that are started here. One that runs does so for a minute.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::account;
use super::repository::Repository;
use super::seed;
use crate::clock;
use crate::identifier;
use crate::world::World;

/// How long a run takes, in milliseconds.
const LENGTH: u64 = 60_000;
const DAY: u64 = 1000 * seed::DAY;

/// One run of a pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) repository: String,
    pub(crate) number: u64,
    /// As it was asked for, with the commit.
    pub(crate) target: Value,
    pub(crate) creator: String,
    pub(crate) created: u64,
    /// How it ended; one without runs for a while.
    pub(crate) ended: Option<Ended>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ended {
    Successful,
    Failed,
    Stopped,
}

impl Ended {
    fn name(self) -> &'static str {
        match self {
            Self::Successful => "SUCCESSFUL",
            Self::Failed => "FAILED",
            Self::Stopped => "STOPPED",
        }
    }
}

/// A step of a run.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) uuid: String,
    /// `None` while it runs.
    result: Option<&'static str>,
    started: u64,
}

impl Run {
    pub(crate) fn uuid(&self) -> String {
        format!("{{{}}}", identifier::uuid("pipeline", &format!("{} {}", self.repository, self.number)))
    }

    pub(crate) fn ended(&self) -> Option<Ended> {
        self.ended.or_else(|| (clock::now() > self.created + LENGTH).then_some(Ended::Successful))
    }

    /// The name of its state in the filter of a list, which has names of its own.
    pub(crate) fn status(&self) -> &'static str {
        match self.ended() {
            Some(Ended::Successful) => "PASSED",
            Some(ended) => ended.name(),
            None => "BUILDING",
        }
    }

    fn state(&self) -> Value {
        match self.ended() {
            Some(ended) => json!({
                "type": "pipeline_state_completed",
                "name": "COMPLETED",
                "result": {"type": "pipeline_state_completed_result", "name": ended.name()},
            }),
            None => json!({
                "type": "pipeline_state_in_progress",
                "name": "IN_PROGRESS",
                "stage": {"type": "pipeline_state_in_progress_running", "name": "RUNNING"},
            }),
        }
    }

    pub(crate) fn json(&self, repository: &Repository, base: &str) -> Value {
        let address = format!("{}/pipelines/{}", repository.api_url(base), self.uuid());
        json!({
            "type": "pipeline",
            "uuid": self.uuid(),
            "build_number": self.number,
            "repository": repository.embedded(base),
            "creator": account(base, &self.creator),
            "target": self.target,
            "trigger": {"type": "pipeline_trigger_manual", "name": "MANUAL"},
            "state": self.state(),
            "created_on": clock::bitbucket_time(self.created),
            "build_seconds_used": 70,
            "duration_in_seconds": 95,
            "links": {"self": {"href": address}, "steps": {"href": format!("{address}/steps")}},
        })
    }

    /// Its steps: what comes after one that failed or was stopped has not run.
    pub(crate) fn steps(&self) -> Vec<Step> {
        let step = |place: u64, name, result| Step {
            name,
            uuid: format!("{{{}}}", identifier::uuid("step", &format!("{} {name}", self.uuid()))),
            result,
            started: self.created + place * 20_000,
        };
        let (test, deploy) = match self.ended() {
            Some(Ended::Successful) => (Some("SUCCESSFUL"), Some("SUCCESSFUL")),
            Some(ended) => (Some(ended.name()), Some("NOT_RUN")),
            None => (None, None),
        };
        vec![step(0, "Build", Some("SUCCESSFUL")), step(1, "Test", test), step(2, "Deploy to staging", deploy)]
    }
}

impl Step {
    pub(crate) fn has_failed(&self) -> bool {
        self.result == Some("FAILED")
    }

    pub(crate) fn has_log(&self) -> bool {
        self.result != Some("NOT_RUN")
    }

    pub(crate) fn json(&self) -> Value {
        let state = match self.result {
            Some(name) => json!({
                "type": "pipeline_step_state_completed",
                "name": "COMPLETED",
                "result": {"type": "pipeline_step_state_completed_result", "name": name},
            }),
            None => json!({"type": "pipeline_step_state_in_progress", "name": "IN_PROGRESS"}),
        };
        json!({
            "type": "pipeline_step",
            "uuid": self.uuid,
            "name": self.name,
            "state": state,
            "image": {"name": "rust:1.95"},
            "started_on": clock::bitbucket_time(self.started),
            "duration_in_seconds": 31,
            "script_commands": [{"name": "cargo test", "command": "cargo test"}],
        })
    }
}

/// What ran before this sandbox did: the newest of them well, the one before it not.
fn seeds(repository: &str, hash: &str) -> Vec<Run> {
    let endings = [Ended::Successful, Ended::Failed, Ended::Stopped, Ended::Failed, Ended::Successful];
    let target = json!({
        "type": "pipeline_ref_target",
        "ref_type": "branch",
        "ref_name": "main",
        "selector": {"type": "branches", "pattern": "main"},
        "commit": {"type": "commit", "hash": hash},
    });
    let run = |(number, ended)| Run {
        repository: repository.to_owned(),
        number,
        target: target.clone(),
        creator: "developer".to_owned(),
        created: 1000 * seed::BEGINNING + (40 + number) * DAY,
        ended: Some(ended),
    };
    (1..).zip(endings).map(run).collect()
}

/// All runs of a repository, oldest first.
pub(crate) async fn all(world: &World, repository: &Repository) -> Vec<Run> {
    let hash = repository.git.commit("main").await.unwrap_or_default();
    let mut runs = seeds(&repository.slug, &hash);
    let is_here = |run: &&Run| run.repository == repository.slug;
    runs.extend(world.read(|ledger| ledger.runs.iter().filter(is_here).cloned().collect::<Vec<_>>()));
    runs
}
