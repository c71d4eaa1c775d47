//! wrangler, on the pinned Node.js, without calls home: no metrics, no look for updates, no look-up of where we are.

use crate::{process, workspace::Workspace};
use anyhow::Result;
use std::process::Command;

/// A wrangler command in the checkout.
pub(crate) fn command(workspace: &Workspace, arguments: &[&str]) -> Result<Command> {
    let mut command = process::program(workspace.node_program("node"));
    command.arg(workspace.path("node_modules/wrangler/bin/wrangler.js")).args(arguments).current_dir(workspace.root());
    silence(workspace, &mut command)?;
    Ok(command)
}

/// Gives a program that runs wrangler by itself the same surroundings.
pub(crate) fn silence(workspace: &Workspace, command: &mut Command) -> Result<()> {
    command
        .env("PATH", workspace.search_path()?)
        .env("WRANGLER_SEND_METRICS", "false")
        .env("WRANGLER_SEND_ERROR_REPORTS", "false")
        .env("WRANGLER_HIDE_BANNER", "true")
        .env("CLOUDFLARE_CF_FETCH_ENABLED", "false");
    Ok(())
}
