//! What a person is asked before a client gets anything, and what they are told that it will be able to do.

use std::{iter, rc::Rc};

use crate::{
    authorization::{
        clients::{Client, redirect::Registered},
        tokens::scope::{Scope, Scopes},
    },
    governance::policy::PolicySnapshot,
    providers::{self, AccountKind, Accounts, Provider},
    settings::Settings,
    tools::Tool,
};

/// Everything the consent page shows of the request.
#[derive(Debug, Clone)]
pub struct ConsentRequest {
    /// Of the stored authorization request; the decision names it.
    pub id: String,
    /// Its name was not vouched for, but by an administrator where one entered it.
    pub client: Client,
    /// Where the browser will be sent with the answer.
    pub redirect: Registered,
    pub scopes: Scopes,
}

/// Something that a client will be able to do, in words for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// That permits it.
    pub scope: Scope,
    pub text: String,
}

/// What scopes permit, by the tools that may run: every one of them that the scopes permit is named.
pub fn lines(settings: &Settings, policy: &PolicySnapshot, scopes: &Scopes, tools: &[Rc<Tool>]) -> Vec<Line> {
    let permitted = Scope::ALL.into_iter().filter(|scope| scopes.permit(*scope));
    permitted.flat_map(|scope| lines_of(settings, policy, scope, tools)).collect()
}

/// What one scope permits beside those before it, in one sentence.
pub fn sentence(settings: &Settings, policy: &PolicySnapshot, scope: Scope, tools: &[Rc<Tool>]) -> String {
    let lines: Vec<String> = lines_of(settings, policy, scope, tools).into_iter().map(|line| line.text).collect();
    lines.join(". ")
}

fn lines_of(settings: &Settings, policy: &PolicySnapshot, scope: Scope, tools: &[Rc<Tool>]) -> Vec<Line> {
    let accounts_of = |provider| policy.accounts_of(&settings.sites, provider);
    let may_run = |tool: &&Tool| tool.provider.is_none_or(|provider| accounts_of(provider).may_run(tool.writes()));
    let of_scope = tools.iter().map(|tool| &**tool).filter(|tool| Scope::of(tool.class) == scope);
    let of_scope: Vec<&Tool> = of_scope.filter(may_run).collect();
    if of_scope.is_empty() {
        let verb = match scope {
            Scope::Read => "Read",
            Scope::Write => "Change things in your name",
            Scope::Admin => "Delete things for good in your name",
        };
        return vec![Line {
            scope,
            text: format!("{verb}, once your administrators approve a tool for it: none does now"),
        }];
    }
    let line = |provider: Option<&'static Provider>| {
        let of_provider: Vec<&Tool> = of_scope.iter().copied().filter(|tool| tool.provider == provider).collect();
        of_provider.first()?;
        let mut things: Vec<&str> = Vec::new();
        for tool in &of_provider {
            if !things.contains(&&*tool.consent) {
                things.push(&tool.consent);
            }
        }
        Some(Line {
            scope,
            text: format!(
                "{}{}",
                beginning(settings, scope, provider.map(|provider| (provider, accounts_of(provider)))),
                things.join(", ")
            ),
        })
    };
    iter::once(None).chain(providers::ALL.iter().copied().map(Some)).filter_map(line).collect()
}

/// How a line about a provider's tools begins: where they work and as whom.
fn beginning(settings: &Settings, scope: Scope, provider: Option<(&'static Provider, Accounts)>) -> String {
    let Some((provider, Accounts { kind, organisation_writes })) = provider else {
        return match scope {
            Scope::Read => "See here: ".to_owned(),
            Scope::Write | Scope::Admin => "Change here: ".to_owned(),
        };
    };
    let provider = settings.sites.title(provider);
    let in_whose_name = match kind {
        AccountKind::Organisation | AccountKind::Missing => "through your organisation's account",
        AccountKind::Either if organisation_writes => {
            "in your name, or, for as long as you have connected no account, through your organisation's account"
        }
        AccountKind::Personal | AccountKind::Either => "in your name",
    };
    match (scope, kind) {
        (Scope::Read, AccountKind::Personal) => format!("Read in {provider} what you can read: "),
        (Scope::Read, AccountKind::Organisation | AccountKind::Missing) => {
            format!("Read in {provider}, through your organisation's account, also where you yourself cannot: ")
        }
        (Scope::Read, AccountKind::Either) => format!(
            "Read in {provider} what you can read, or, for as long as you have connected no account, what your \
             organisation's account can, also where you yourself cannot: "
        ),
        (Scope::Write, _) => format!("Change in {provider}, {in_whose_name}: "),
        (Scope::Admin, _) => format!("Delete in {provider} for good, {in_whose_name}: "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{settings, tools};

    fn texts(scopes: &str, tools: &[Rc<Tool>]) -> Vec<String> {
        texts_under(&PolicySnapshot::approving_all(), scopes, tools)
    }

    fn texts_under(policy: &PolicySnapshot, scopes: &str, tools: &[Rc<Tool>]) -> Vec<String> {
        lines(&settings::for_tests(), policy, &Scopes::parse(scopes), tools).into_iter().map(|line| line.text).collect()
    }

    /// The line of its scope and provider names it, and does not where it may not run.
    #[test]
    fn every_tool_that_may_run_is_covered_by_a_line() {
        let policy = PolicySnapshot::approving_all().with_organisation_writes();
        for tool in tools::all().iter() {
            let scope = Scope::of(tool.class).name();
            let covers = |lines: &[String]| {
                let provider = tool.provider.map_or("", |provider| provider.name);
                let names = |things: &str| things.split(", ").any(|thing| thing == tool.consent);
                lines
                    .iter()
                    .filter_map(|line| line.rsplit_once(": "))
                    .any(|(start, things)| start.contains(provider) && names(things))
            };
            assert!(!tool.consent.is_empty() && covers(&texts_under(&policy, scope, &tools::all())), "{}", tool.name);
            let others: Vec<Rc<Tool>> =
                tools::all().iter().filter(|other| other.consent != tool.consent).cloned().collect();
            assert!(!covers(&texts_under(&policy, scope, &others)), "{}", tool.name);
        }
    }

    #[test]
    fn whoever_may_write_is_told_of_reading_too() {
        let write = texts("write", &tools::all());
        assert!(texts("read", &tools::all()).iter().all(|line| write.contains(line)));
        let changes = write.iter().find(|line| line.starts_with("Change in Bitbucket, in your name: ")).unwrap();
        assert!(changes.contains("comment on pull requests"), "{changes}");
    }

    #[test]
    fn whoever_may_read_alone_is_told_of_nothing_that_changes_anything() {
        let tools = tools::all();
        let writes = tools.iter().filter(|tool| tool.writes());
        let read = texts("read", &tools::all()).join("\n");
        writes.for_each(|tool| assert!(!read.contains(&*tool.consent), "{}", tool.name));
    }

    #[test]
    fn what_goes_through_the_organisations_account_is_said_to_reach_further_than_the_person() {
        let read = texts("read", &tools::all());
        let confluence = read.iter().find(|line| line.contains("Confluence")).unwrap();
        assert!(confluence.contains("through your organisation's account, also where you yourself cannot"));
    }

    #[test]
    fn what_may_go_through_either_account_is_said_to_be_the_persons_own_where_it_changes_anything() {
        let tracker: Vec<String> =
            texts("read write", &tools::all()).into_iter().filter(|line| line.contains("Tracker")).collect();
        let [read, write] = tracker.try_into().unwrap();
        assert!(read.contains("for as long as you have connected no account, what your organisation's account can"));
        assert_eq!(write, "Change in Tracker, in your name: close issues");
    }

    #[test]
    fn what_an_administrator_lets_change_in_the_organisations_name_is_said_so_and_else_not_at_all() {
        let confluence = |policy: &PolicySnapshot| {
            let changes = texts_under(policy, "write", &tools::all());
            changes.into_iter().find(|line| line.starts_with("Change in Confluence"))
        };
        let policy = PolicySnapshot::approving_all();
        assert_eq!(confluence(&policy), None);
        let policy = policy.with_organisation_writes();
        assert!(
            confluence(&policy).unwrap().starts_with("Change in Confluence, through your organisation's account: ")
        );
        let tracker = texts_under(&policy, "write", &tools::all());
        let own_or_shared =
            "in your name, or, for as long as you have connected no account, through your organisation's account";
        assert!(tracker.contains(&format!("Change in Tracker, {own_or_shared}: close issues")), "{tracker:?}");
    }

    #[test]
    fn a_scope_without_an_approved_tool_says_what_it_may_come_to() {
        assert_eq!(
            texts("read write", &[]),
            [
                "Read, once your administrators approve a tool for it: none does now",
                "Change things in your name, once your administrators approve a tool for it: none does now"
            ]
        );
    }
}
