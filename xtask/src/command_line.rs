//! What `cargo xtask` can be told.

use crate::{apply, bench, build::Variant, check, dev, kill, permissions, rotate};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use testkit::journey::Person;
use url::Url;

/// Everything that is done with Postern's source, one command each.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run Postern on this machine with a demo organisation
    Dev(DevOptions),
    /// Run every layer of tests, from the quickest to the slowest; the first that fails is the last
    Test {
        /// Run that layer alone
        #[arg(long, value_name = "LAYER", value_parser = check::layers())]
        only: Option<String>,
    },
    /// Measure a hot call beside a bare Worker
    Bench(bench::Options),
    /// Print what lists, rows, errors, the longest answers and ten tasks cost a model in tokens, and fail where that is too much
    Tokens,
    /// Kill Postern again and again while people call, and hold what reached the provider against the audit log
    Kill(kill::Options),
    /// Look for inputs that break what fuzz/ promises
    Fuzz {
        /// That target alone
        target: Option<String>,
        /// How long each target is run
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Build the Worker into build/, if anything that it is made of has changed; POSTERN_BUILD says which way
    Build,
    /// Write the files that are generated from the code: the schema of D1, and what else tests compare
    Generate,
    /// Change the files that only decide, one spot at a time, and print the changes that no test notices
    Mutants {
        /// Those files alone whose path contains this
        file: Option<String>,
    },
    /// Say what this machine lacks to build, run and test Postern, and how to get it
    Doctor,
    /// Replace that key of the deployed Postern, one step a run; says what to do next
    Rotate {
        purpose: Purpose,
        #[command(flatten)]
        options: rotate::Options,
    },
    /// Print an access token, got through the whole OAuth flow; `cargo xtask dev` has to run elsewhere
    Token {
        #[command(flatten)]
        account: Account,
    },
    /// Have a running Postern verify its audit log, as an administrator, and fail where it is not whole
    VerifyAudit {
        #[command(flatten)]
        account: Account,
    },
    /// Make a reviewed file the access policy in force; POSTERN_ADMINISTRATION_TOKEN has a token that may change things
    Apply(apply::Options),
    /// Print the access policy in force as a file for `apply`; POSTERN_ADMINISTRATION_TOKEN has a token
    Export(apply::Postern),
    /// Turn the permission file of a coding agent into rules of the access policy, or the policy into such a file
    #[command(subcommand)]
    Permissions(permissions::Command),
    /// Connect the account of a person at a provider; `cargo xtask dev` has to run elsewhere
    Connect {
        #[arg(value_parser = ["bitbucket"])]
        provider: String,
        #[command(flatten)]
        account: Account,
    },
    /// Print a script that completes these commands; they are completed for `xtask`, so also `alias xtask='cargo xtask'`
    Completions { shell: Shell },
}

#[derive(Args)]
pub(crate) struct DevOptions {
    /// Forget the last demo organisation
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Let people sign in at a real Keycloak, which Maven fetches; it needs Java 17 or newer
    #[arg(long)]
    pub(crate) keycloak: bool,
    /// Build the Worker as it is uploaded: it takes minutes longer, and calls take half as long
    #[arg(long)]
    release: bool,
}

impl DevOptions {
    /// How the Worker is to be built: in the quick way, unless something else is asked for.
    pub(crate) fn variant(&self) -> anyhow::Result<Variant> {
        match std::env::var_os("POSTERN_BUILD") {
            None if !self.release => Ok(Variant::Quick),
            _ => Variant::wanted(),
        }
    }
}

/// Which of the two keys.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Purpose {
    Signing,
    Sealing,
}

impl Purpose {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signing => "signing",
            Self::Sealing => "sealing",
        }
    }
}

/// Whose account, and at which Postern: the demo's unless something else is said.
#[derive(Args)]
pub(crate) struct Account {
    /// developer, approver or admin of the demo organisation
    #[arg(long, value_name = "NAME")]
    user: String,
    /// The password of the account
    #[arg(long, default_value = "postern")]
    password: String,
    /// The address of Postern, without a path
    #[arg(long, default_value = dev::POSTERN)]
    pub(crate) url: Url,
}

impl Account {
    pub(crate) fn person(&self) -> Person {
        Person { username: self.user.clone(), password: self.password.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::CommandLine;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }
}
