//! Claude Code and Codex, which the tests of AI clients drive: 800 MB of npm's registry, that not every machine can fetch.

use crate::{process, tools, workspace::Workspace};
use anyhow::{Result, bail};

/// Where their package.json is.
const FOLDER: &str = "tests/clients/agents";

/// What npm calls a registry that it cannot reach, or that does not give a package out, and a disk without room for it.
const OUT_OF_REACH: [&str; 13] = [
    "E401",
    "E403",
    "E404",
    "E429",
    "E502",
    "E503",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ENETUNREACH",
    "ENOSPC",
    "ENOTFOUND",
    "ETIMEDOUT",
];

/// Installs them once. Where they cannot be had, the reason.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Option<&'static str>> {
    let mut missing = None;
    let installed = tools::install_npm_packages(&workspace.path(FOLDER), |npm| {
        let Some(output) = process::complaint("npm ci", npm)? else { return Ok(()) };
        missing = out_of_reach(&output);
        bail!("npm ci failed: {output}")
    });
    missing.map_or_else(|| installed.map(|()| None), |code| Ok(Some(code)))
}

/// The code with which npm says so.
fn out_of_reach(output: &str) -> Option<&'static str> {
    let codes = output.lines().filter_map(|line| line.trim().strip_prefix("npm error code "));
    codes.filter_map(|code| OUT_OF_REACH.into_iter().find(|known| *known == code)).next()
}

#[cfg(test)]
mod tests {
    use super::out_of_reach;

    #[test]
    fn a_registry_that_does_not_answer_is_told_from_a_lock_that_does_not_fit() {
        assert_eq!(out_of_reach("npm error code ENOTFOUND\nnpm error errno ENOTFOUND\n"), Some("ENOTFOUND"));
        assert_eq!(out_of_reach("npm error code EUSAGE\nnpm error `npm ci` can only install packages when E404"), None);
        assert_eq!(out_of_reach(""), None);
    }
}
