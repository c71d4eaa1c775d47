//! `cargo xtask apply` and `export`: an organisation's access policy as a TOML file that people review. The file says in
//! `revision` of which revision of the policy it is made; where another is in force by now, nothing is applied.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use std::{
    fs,
    io::{IsTerminal, stdin},
    path::{Path, PathBuf},
};
use ureq::http::{Response, header};
use url::Url;

/// What holds the administration token: the command line would show it to everybody on the machine.
const TOKEN: &str = "POSTERN_ADMINISTRATION_TOKEN";

/// The member of the file beside those of the policy.
const REVISION: &str = "revision";

/// How many of the calls that would be treated otherwise are printed.
const SHOWN: usize = 20;

/// Which file, and to which Postern.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The policy, as `export` writes it
    file: PathBuf,
    /// Why, for the list of revisions
    #[arg(long, default_value = "")]
    summary: String,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before it is applied
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    postern: Postern,
}

/// Which Postern.
#[derive(clap::Args)]
pub(crate) struct Postern {
    /// The address of Postern, without a path
    #[arg(long, default_value = crate::dev::POSTERN)]
    url: Url,
}

/// The policy in force, as Postern tells it.
#[derive(Deserialize)]
struct InForce {
    revision: i64,
    policy: Value,
    made_by: Option<String>,
    summary: String,
}

/// What a dry run came to, as Postern tells it.
/// What was kept, and what Postern has to say of it.
#[derive(Deserialize)]
struct Kept {
    revision: i64,
    #[serde(default)]
    remarks: Vec<String>,
}

#[derive(Deserialize)]
struct DryRun {
    days: u32,
    calls: u64,
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    tool: String,
    resource: Option<String>,
    subject: String,
    calls: u64,
    then: String,
    because: String,
}

/// Prints the policy in force as a file.
pub(crate) fn export(postern: &Postern) -> Result<()> {
    let in_force = postern.in_force()?;
    print!("{}", file_of(&in_force)?);
    Ok(())
}

/// Makes the file the policy in force: shows the difference and what it would have done with the calls of the last days, and
/// asks.
pub(crate) fn apply(options: &Options) -> Result<()> {
    let Options { file, summary, dry_run, yes, postern } = options;
    let (revision, policy) = read(file)?;
    let in_force = postern.in_force()?;
    if policy == in_force.policy {
        println!("revision {} is this policy already: there is nothing to apply", in_force.revision);
        return Ok(());
    }
    ensure!(
        revision == in_force.revision,
        "{} is made of revision {revision}, and revision {} is in force ({}: {}). Bring that into the file (`cargo xtask \
         export` prints it), then apply it again",
        file.display(),
        in_force.revision,
        in_force.made_by.as_deref().unwrap_or("somebody"),
        in_force.summary,
    );
    let before = file_of(&in_force)?;
    let after = file_of(&InForce { policy: policy.clone(), ..in_force })?;
    println!("{}", difference(&before, &after));
    println!("{}", postern.try_out(&policy)?);
    if *dry_run {
        return Ok(());
    }
    if !yes {
        confirm()?;
    }
    let kept = postern.keep(&policy, revision, summary)?;
    println!("revision {} is in force", kept.revision);
    kept.remarks.iter().for_each(|remark| println!("  {remark}"));
    Ok(())
}

fn confirm() -> Result<()> {
    ensure!(stdin().is_terminal(), "nobody is here to ask: say --yes, or --dry-run");
    eprint!("Apply it? Write yes: ");
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    ensure!(answer.trim() == "yes", "nothing was applied");
    Ok(())
}

/// The revision that a file is made of, and its policy.
pub(crate) fn read(file: &Path) -> Result<(i64, Value)> {
    let text = fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))?;
    policy_of(&text).with_context(|| format!("{} is not a policy", file.display()))
}

fn policy_of(text: &str) -> Result<(i64, Value)> {
    let table: toml::Table = text.parse()?;
    let Value::Object(mut policy) = serde_json::to_value(table)? else { bail!("it is no table") };
    let revision = policy.shift_remove(REVISION).as_ref().and_then(Value::as_i64);
    Ok((revision.with_context(|| format!("`{REVISION}` has to say of which revision it is made"))?, policy.into()))
}

fn file_of(in_force: &InForce) -> Result<String> {
    let mut file = toml::Table::new();
    file.insert(REVISION.to_owned(), in_force.revision.into());
    let Value::Object(policy) = &in_force.policy else { bail!("the policy is no object") };
    for (name, value) in policy {
        file.insert(name.clone(), toml::Value::try_from(value)?);
    }
    Ok(toml::to_string_pretty(&file)?)
}

/// The lines that one has and the other has not, each side by a longest common subsequence.
fn difference(before: &str, after: &str) -> String {
    let changes = similar::TextDiff::from_lines(before, after);
    changes.unified_diff().context_radius(3).header("in force", "the file").to_string()
}

impl std::fmt::Display for DryRun {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { days, calls, differences } = self;
        let differing: u64 = differences.iter().map(|one| one.calls).sum();
        write!(formatter, "of {calls} calls of the last {days} days, {differing} would have gone otherwise")?;
        for Difference { tool, resource, subject, calls, then, because } in differences.iter().take(SHOWN) {
            let on = resource.as_deref().map(|resource| format!(" on {resource}")).unwrap_or_default();
            write!(formatter, "\n  {tool}{on}, {calls} times by {subject}: {then}, by {because}")?;
        }
        if differences.len() > SHOWN {
            write!(formatter, "\n  and {} more kinds of calls", differences.len() - SHOWN)?;
        }
        Ok(())
    }
}

impl Postern {
    fn address(&self, path: &str) -> Result<String> {
        Ok(self.url.join("/api/v1/")?.join(path)?.into())
    }

    fn in_force(&self) -> Result<InForce> {
        let request = ureq::get(self.address("policy")?).header(header::AUTHORIZATION, bearer()?);
        read_answer(request.config().http_status_as_error(false).build().call()?)
    }

    fn try_out(&self, policy: &Value) -> Result<DryRun> {
        let request = ureq::post(self.address("policy/dry-run")?).header(header::AUTHORIZATION, bearer()?);
        read_answer(request.config().http_status_as_error(false).build().send_json(policy)?)
    }

    /// Keeps the policy as the revision after the one that it is made of.
    fn keep(&self, policy: &Value, revision: i64, summary: &str) -> Result<Kept> {
        let request = ureq::put(self.address("policy")?)
            .query("summary", summary)
            .header(header::AUTHORIZATION, bearer()?)
            .header(header::IF_MATCH, format!("\"{revision}\""));
        read_answer(request.config().http_status_as_error(false).build().send_json(policy)?)
    }
}

fn bearer() -> Result<String> {
    let token = std::env::var(TOKEN);
    Ok(format!("Bearer {}", token.with_context(|| format!("set {TOKEN}: a token from /admin/tokens of the console"))?))
}

/// What was answered, or what Postern says was wrong.
fn read_answer<T: for<'de> Deserialize<'de>>(mut answer: Response<ureq::Body>) -> Result<T> {
    let status = answer.status();
    let text = answer.body_mut().read_to_string()?;
    if !status.is_success() {
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        bail!("Postern says {status}: {}", body.get("error_description").and_then(Value::as_str).unwrap_or(&text));
    }
    serde_json::from_str(&text).context("the answer cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy() -> Value {
        json!({
            "toolsets": [{"name": "Reading", "tools": {"classes": ["read"]}}],
            "rules": [{"name": "merges", "tools": {"names": ["bitbucket_merge_pull_request"]}, "then": "approve",
                "approvers": 2, "hours": {"days": ["monday"], "from": "08:00", "to": "18:00"}}],
        })
    }

    fn in_force(policy: Value) -> InForce {
        InForce { revision: 7, policy, made_by: None, summary: String::new() }
    }

    #[test]
    fn what_is_exported_is_read_back_as_it_was() {
        for policy in [policy(), json!({})] {
            let file = file_of(&in_force(policy.clone())).expect("a file");
            assert_eq!(policy_of(&file).expect("a policy"), (7, policy));
        }
    }

    #[test]
    fn a_file_that_does_not_say_what_it_is_made_of_is_refused() {
        let refused = policy_of("[[rules]]\nname = \"x\"\nthen = \"block\"\n").expect_err("refused");
        assert!(refused.to_string().contains("`revision`"), "{refused}");
    }

    #[test]
    fn a_difference_shows_the_lines_that_come_and_go() {
        let after = json!({"toolsets": policy()["toolsets"]});
        let shown =
            difference(&file_of(&in_force(policy())).expect("a file"), &file_of(&in_force(after)).expect("a file"));
        assert!(shown.contains("-name = \"merges\"") && !shown.contains("-name = \"Reading\""), "{shown}");
    }
}
