//! What changes while the sandbox runs and survives its restart: tokens, comments, runs of pipelines, in one JSON
//! file that is written at each change.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::bitbucket::pipeline_runs::Run;
use crate::bitbucket::pipeline_variables::Variable;
use crate::bitbucket::pull_requests::PullRequest;
use crate::clock;

const KEEP_EXPIRED: u64 = 24 * 3600 * 1000;
const FIRST_COMMENT: u64 = 600_000_001;
const FIRST_TASK: u64 = 70_001;

/// An access token of Bitbucket's OAuth.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub(crate) account: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: u64,
}

/// A refresh token of Bitbucket's OAuth.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RefreshToken {
    pub(crate) consumer: String,
    pub(crate) account: String,
    /// When it was first exchanged for its successor.
    pub(crate) used_at: Option<u64>,
    pub(crate) revoked: bool,
}

/// An authorization code: short-lived, so never written to the file.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) consumer: String,
    pub(crate) account: String,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) expires_at: u64,
}

/// What a person granted the app at Atlassian.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Consent {
    pub(crate) scopes: Vec<String>,
    /// The ids of the sites.
    pub(crate) sites: Vec<String>,
}

/// An authorization code of Atlassian's: short-lived, so never written to the file.
#[derive(Clone, Debug)]
pub(crate) struct AppCode {
    pub(crate) account: String,
    pub(crate) redirect_uri: String,
    pub(crate) expires_at: u64,
}

/// A comment on a pull request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Comment {
    pub(crate) id: u64,
    pub(crate) repository: String,
    pub(crate) pull_request: u64,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) inline: Option<serde_json::Value>,
    pub(crate) parent: Option<u64>,
    pub(crate) created: u64,
}

/// A pull request that was opened here, or one as it was changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WrittenPullRequest {
    pub(crate) repository: String,
    pub(crate) pull_request: PullRequest,
}

/// What somebody says of a pull request, or that they no longer say it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) repository: String,
    pub(crate) pull_request: u64,
    pub(crate) name: String,
    pub(crate) state: Option<String>,
    pub(crate) at: u64,
}

/// The end of a pull request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) repository: String,
    pub(crate) pull_request: u64,
    pub(crate) standing: String,
    pub(crate) by: String,
    pub(crate) reason: String,
    /// Of a merge: what the destination became.
    #[serde(default)]
    pub(crate) commit: Option<String>,
    pub(crate) at: u64,
}

/// What became of a comment.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CommentChange {
    pub(crate) text: Option<String>,
    pub(crate) deleted: bool,
    /// Who resolved its thread, and when.
    pub(crate) resolved: Option<(String, u64)>,
}

/// A task of a pull request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) repository: String,
    pub(crate) pull_request: u64,
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) comment: Option<u64>,
    pub(crate) resolved_by: Option<String>,
    pub(crate) deleted: bool,
    pub(crate) created: u64,
}

/// Everything that changes.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ledger {
    pub(crate) access_tokens: HashMap<String, AccessToken>,
    pub(crate) refresh_tokens: HashMap<String, RefreshToken>,
    #[serde(skip)]
    pub(crate) codes: HashMap<String, Code>,
    #[serde(skip)]
    pub(crate) app_codes: HashMap<String, AppCode>,
    /// By account.
    #[serde(default)]
    pub(crate) consents: HashMap<String, Consent>,
    pub(crate) comments: Vec<Comment>,
    #[serde(default)]
    pub(crate) comment_changes: HashMap<u64, CommentChange>,
    #[serde(default)]
    pub(crate) tasks: Vec<Task>,
    #[serde(default)]
    pub(crate) pull_requests: Vec<WrittenPullRequest>,
    #[serde(default)]
    pub(crate) verdicts: Vec<Verdict>,
    #[serde(default)]
    pub(crate) ends: Vec<End>,
    #[serde(default)]
    pub(crate) runs: Vec<Run>,
    #[serde(default)]
    pub(crate) variables: Vec<Variable>,
}

impl Ledger {
    pub(crate) fn load(file: &Path) -> Result<Self> {
        match std::fs::read(file) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged; delete it", file.display()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// Written beside the file first, so that a crash leaves the old one whole.
    pub(crate) fn save(&self, file: &Path) -> Result<()> {
        let draft = file.with_extension("json.new");
        std::fs::write(&draft, serde_json::to_vec(self)?)
            .and_then(|()| std::fs::rename(&draft, file))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Drops what expired long ago. Recently expired tokens stay, so that a request which still
    /// carries one is recorded under its account.
    pub(crate) fn forget_expired(&mut self) {
        let now = clock::now();
        self.codes.retain(|_, code| code.expires_at > now);
        self.app_codes.retain(|_, code| code.expires_at > now);
        self.access_tokens.retain(|_, token| token.expires_at + KEEP_EXPIRED > now);
        self.refresh_tokens.retain(|_, token| token.used_at.is_none_or(|used| used + KEEP_EXPIRED > now));
    }

    pub(crate) fn next_task(&self) -> u64 {
        let last = self.tasks.iter().map(|task| task.id).filter(|id| *id >= FIRST_TASK).max();
        last.map_or(FIRST_TASK, |id| id + 1)
    }

    pub(crate) fn next_comment(&self) -> u64 {
        let last = self.comments.iter().map(|comment| comment.id).max();
        last.map_or(FIRST_COMMENT, |id| id + 1)
    }
}
