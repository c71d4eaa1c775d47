//! A repository written as one `git fast-import` stream: the same bytes give the same hashes on
//! every machine.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;

use super::git;
use crate::identifier;

/// A commit of the stream, to be named as a parent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u32);

/// One change of a commit.
pub(crate) enum Change {
    Write(&'static str, Vec<u8>),
    WriteNamed(String, Vec<u8>),
    Script(&'static str, &'static str),
    Delete(&'static str),
}

/// Who commits, and when.
#[derive(Clone, Copy)]
pub(crate) struct By(pub(crate) &'static str, pub(crate) u64);

/// The stream so far.
#[derive(Default)]
pub(crate) struct Import {
    stream: Vec<u8>,
    commits: u32,
}

impl Import {
    /// Adds a commit at the tip of a reference.
    pub(crate) fn commit(
        &mut self,
        reference: &str,
        by: By,
        message: &str,
        parents: &[Mark],
        changes: &[Change],
    ) -> Mark {
        self.commits += 1;
        let By(name, seconds) = by;
        let person = crate::accounts::find(name).map_or_else(String::new, |p| p.display_name);
        let signature = format!("{person} <{name}@acme.example> {seconds} +0000");
        self.line(&format!("commit {reference}"));
        self.line(&format!("mark :{}", self.commits));
        self.line(&format!("author {signature}"));
        self.line(&format!("committer {signature}"));
        self.data(message.as_bytes());
        for (position, parent) in parents.iter().enumerate() {
            let kind = if position == 0 { "from" } else { "merge" };
            self.line(&format!("{kind} :{}", parent.0));
        }
        for change in changes {
            match change {
                Change::Write(path, content) => self.file("100644", path, content),
                Change::WriteNamed(path, content) => self.file("100644", path, content),
                Change::Script(path, content) => self.file("100755", path, content.as_bytes()),
                Change::Delete(path) => self.line(&format!("D {path}")),
            }
        }
        Mark(self.commits)
    }

    /// Lets a reference point to a commit.
    pub(crate) fn point(&mut self, reference: &str, commit: Mark) {
        self.line(&format!("reset {reference}"));
        self.line(&format!("from :{}", commit.0));
    }

    fn file(&mut self, mode: &str, path: &str, content: &[u8]) {
        self.line(&format!("M {mode} inline {path}"));
        self.data(content);
    }

    fn data(&mut self, bytes: &[u8]) {
        self.line(&format!("data {}", bytes.len()));
        self.stream.extend_from_slice(bytes);
        self.stream.push(b'\n');
    }

    fn line(&mut self, line: &str) {
        self.stream.extend_from_slice(line.as_bytes());
        self.stream.push(b'\n');
    }

    /// Makes the repository, unless the folder holds this very one already.
    pub(crate) async fn create(self, folder: &Path) -> Result<()> {
        let version = format!("{:032x}", identifier::fingerprint(&self.stream));
        let version_file = folder.join("sandbox-version");
        if std::fs::read_to_string(&version_file).is_ok_and(|found| found == version) {
            return Ok(());
        }
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        run(folder, &["init", "--quiet", "--bare", "--initial-branch=main"], &[]).await?;
        run(folder, &["fast-import", "--quiet", "--force"], &self.stream).await?;
        // Written last: a folder without it is begun anew.
        std::fs::write(version_file, version).context("cannot finish the repository")
    }
}

async fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> Result<()> {
    let mut child = git::command(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("git is needed and cannot be run")?;
    if let Some(mut pipe) = child.stdin.take() {
        pipe.write_all(input).await?;
    }
    let output = child.wait_with_output().await?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("git {}: {errors}", arguments.join(" "));
    }
    Ok(())
}
