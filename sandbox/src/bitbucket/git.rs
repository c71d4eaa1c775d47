//! Questions to a repository, answered by the `git` binary, and what changes it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::world::lock;

const MOST_REMEMBERED: usize = 512;

/// A bare repository. An answer is remembered until something changes the repository.
#[derive(Debug)]
pub(crate) struct Git {
    folder: PathBuf,
    answers: Mutex<HashMap<String, Arc<Vec<u8>>>>,
}

impl Git {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, answers: Mutex::default() }
    }

    /// What a git command prints; an error when it fails.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Result<Arc<Vec<u8>>> {
        let question = arguments.join("\0");
        if let Some(answer) = lock(&self.answers).get(&question) {
            return Ok(answer.clone());
        }
        let output = command(&self.folder).args(arguments).output().await.context("cannot run git")?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("git {}: {errors}", arguments.join(" "));
        }
        let answer = Arc::new(output.stdout);
        let mut answers = lock(&self.answers);
        if answers.len() >= MOST_REMEMBERED {
            answers.clear();
        }
        answers.insert(question, answer.clone());
        Ok(answer)
    }

    /// The same, as text.
    pub(crate) async fn ask_text(&self, arguments: &[&str]) -> Result<String> {
        let answer = self.ask(arguments).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Runs a git command that may change the repository, with this input and index, and gives what it prints.
    pub(crate) async fn change(&self, arguments: &[&str], input: &[u8], index: Option<&Path>) -> Result<String> {
        let mut command = command(&self.folder);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(index) = index {
            command.env("GIT_INDEX_FILE", index);
        }
        let mut child = command.spawn().context("cannot run git")?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input).await?;
        }
        let output = child.wait_with_output().await?;
        lock(&self.answers).clear();
        if !output.status.success() {
            bail!("git {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The full hash of a commit named by hash, branch or tag, or none.
    pub(crate) async fn commit(&self, name: &str) -> Option<String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
        if name.is_empty() || name.starts_with('-') || !name.bytes().all(plain) {
            return None;
        }
        let revision = format!("{name}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &revision];
        let hash = self.ask_text(&arguments).await.ok()?;
        Some(hash.trim().to_owned())
    }
}

/// A git command that no configuration of this machine has a say in.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("LC_ALL", "C")
        // Set by git itself when the tests run inside one of its hooks.
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .env("GIT_DIR", folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}
