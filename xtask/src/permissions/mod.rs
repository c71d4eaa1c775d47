//! `cargo xtask permissions`: the permission file of a coding agent (`allow`, `ask`, `deny` for each tool) as rules of the
//! access policy, and the policy as such a file. What one of them cannot say is printed beside it, never guessed.

mod agent_file;
mod catalogue;
mod claude_code;
mod cursor;
mod from_policy;
mod opencode;
mod to_rules;

use agent_file::{AgentFile, Permission};
use anyhow::{Context, Result};
use catalogue::Tool;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;
use std::{fs, path::PathBuf};

use crate::{apply, workspace::Workspace};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Print the rules that an agent's permission file comes to, to be put below those of a file for `apply`
    Import {
        /// The agent's file, such as .claude/settings.json or opencode.json
        file: PathBuf,
        /// What the rules are called; each name ends in what it does
        #[arg(long, default_value = "agent permissions")]
        name: String,
        #[command(flatten)]
        agent: Agent,
    },
    /// Print the permission file of somebody's agent, as far as the rules of a policy come to one
    Export {
        /// The policy, as `cargo xtask export` prints it
        policy: PathBuf,
        #[command(flatten)]
        agent: Agent,
    },
}

/// Whose agent, and which.
#[derive(Args)]
pub(crate) struct Agent {
    /// Whose file it is
    #[arg(long)]
    form: Form,
    /// Whom the rules are for, or who somebody is: person:dana, group:/payments, role:approver, everyone; may be repeated
    #[arg(long = "subject", value_name = "SUBJECT", required = true)]
    subjects: Vec<String>,
    /// The id of the client as Postern knows it, of the page of clients; may be repeated
    #[arg(long = "client", value_name = "CLIENT_ID")]
    clients: Vec<String>,
    /// What Postern is called in the agent's list of MCP servers
    #[arg(long, default_value = "postern")]
    server: String,
}

/// Whose permission file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// `permissions` of its settings.json
    ClaudeCode,
    /// `permission` of its opencode.json
    Opencode,
    /// `permissions` of its CLI's cli.json or cli-config.json, or the `mcpAllowlist` of its permissions.json
    Cursor,
}

impl Form {
    fn read(self, file: &Value, server: &str) -> Result<AgentFile> {
        match self {
            Self::ClaudeCode => claude_code::read(file, server),
            Self::Opencode => opencode::read(file, server),
            Self::Cursor => cursor::read(file),
        }
    }

    /// What the agent calls a tool of that server.
    fn full_name(self, server: &str, tool: &str) -> String {
        match self {
            Self::ClaudeCode => claude_code::full_name(server, tool),
            Self::Opencode => opencode::full_name(server, tool),
            Self::Cursor => cursor::full_name(server, tool),
        }
    }

    /// A file of its form with these permissions, and what it cannot say of them.
    fn write(self, permissions: &[Permission]) -> (Value, Option<String>) {
        match self {
            Self::ClaudeCode => (claude_code::write(permissions), None),
            Self::Opencode => (opencode::write(permissions), None),
            Self::Cursor => cursor::write(permissions),
        }
    }
}

pub(crate) fn permissions(workspace: &Workspace, command: &Command) -> Result<()> {
    let tools = catalogue::read(workspace)?;
    match command {
        Command::Import { file, name, agent } => {
            let text = fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))?;
            let (rules, left) = import(&text, agent, name, &tools)
                .with_context(|| format!("{} is no such file of permissions", file.display()))?;
            print!("{rules}");
            report(&left);
        }
        Command::Export { policy, agent } => {
            let (_, policy) = apply::read(policy)?;
            let (file, left) = export(&policy, agent, &tools)?;
            println!("{}", serde_json::to_string_pretty(&file)?);
            report(&left);
        }
    }
    Ok(())
}

/// Says what could not be carried over, beside what was.
fn report(left: &[String]) {
    for line in left {
        eprintln!("not carried over: {line}");
    }
}

fn import(text: &str, agent: &Agent, name: &str, tools: &[Tool]) -> Result<(String, Vec<String>)> {
    let Agent { form, server, .. } = agent;
    let file = form.read(&agent_file::parse(text)?, server)?;
    to_rules::rules(&file, tools, agent, name)
}

fn export(policy: &Value, agent: &Agent, tools: &[Tool]) -> Result<(Value, Vec<String>)> {
    let Agent { form, server, .. } = agent;
    let (mut permissions, mut left) = from_policy::permissions(policy, agent, tools)?;
    permissions.iter_mut().for_each(|one| one.tool = form.full_name(server, &one.tool));
    let (file, unsaid) = form.write(&permissions);
    left.extend(unsaid);
    Ok((file, left))
}

#[cfg(test)]
mod tests;
