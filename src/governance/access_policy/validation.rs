//! What keeps an access policy from being kept: names of what does not exist, and what would mean nothing.

use std::collections::HashSet;

use super::{
    AccessPolicy, Effect, Granting, Pattern, ResourceCondition, SubjectSelector, ToolSelection, path, resource::SPACE,
    rule::MOST_SERIES_MINUTES,
};
use crate::{
    catalog::area,
    identifiers::ClientId,
    providers::{self, Site},
    tools,
};

/// What exists here, beside tools, areas and providers.
#[derive(Debug, Default)]
pub struct Known {
    /// Groups that people who signed in are in.
    pub groups: HashSet<String>,
    pub clients: HashSet<ClientId>,
    pub sites: Vec<Site>,
}

/// A defect of a document, and where it is: `rules[2] (no merges)`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {defect}")]
pub struct Problem {
    pub place: String,
    pub defect: String,
}

/// The longest name of a toolset, a profile or a rule, in characters.
const LONGEST_NAME: usize = 80;

/// The longest other text, in characters.
const LONGEST_TEXT: usize = 300;

/// The longest time for which something is granted that has to be asked for: a week.
const MOST_MINUTES: u32 = 7 * 24 * 60;

impl AccessPolicy {
    /// Every problem of the document: it is kept where there is none.
    pub fn problems(&self, known: &Known) -> Vec<Problem> {
        let mut check = Check { policy: self, known, place: String::new(), problems: Vec::new() };
        check.names("toolsets", self.toolsets.iter().map(|toolset| &toolset.name));
        check.names("profiles", self.profiles.iter().map(|profile| &profile.name));
        check.names("rules", self.rules.iter().map(|rule| &rule.name));
        for (index, toolset) in self.toolsets.iter().enumerate() {
            check.enter("toolsets", index, &toolset.name);
            check.text("description", &toolset.description);
            check.tools(&toolset.tools);
        }
        for (index, profile) in self.profiles.iter().enumerate() {
            check.enter("profiles", index, &profile.name);
            if profile.subjects.is_empty() {
                check.is("it is for nobody: name subjects");
            }
            if profile.toolsets.is_empty() {
                check.is("it grants nothing: name toolsets");
            }
            for name in &profile.toolsets {
                if !self.toolsets.iter().any(|toolset| toolset.name == *name) {
                    check.is(&format!("there is no toolset `{name}`"));
                }
            }
            check.subjects(&profile.subjects);
            check.clients(&profile.clients);
            check.resources(&profile.resources);
            check.minutes(profile.longest_minutes);
            if profile.granting == Granting::Automatic && profile.longest_minutes.is_some() {
                check.is("`longest_minutes` is of a profile that has to be asked for");
            }
        }
        for (index, rule) in self.rules.iter().enumerate() {
            check.enter("rules", index, &rule.name);
            check.text("reason", &rule.reason);
            if !(1..=2).contains(&rule.approvers) {
                check.is("one person or two approve a call");
            }
            if let Some(minutes) = rule.fresh_sign_in_minutes {
                if rule.then != Effect::Approve {
                    check.is("`fresh_sign_in_minutes` is of a rule that holds calls for an approval");
                }
                if !(1..=MOST_MINUTES).contains(&minutes) {
                    check.is(&format!("`fresh_sign_in_minutes` is from 1 to {MOST_MINUTES}"));
                }
            }
            if let Some(minutes) = rule.longest_minutes {
                if rule.then != Effect::Approve {
                    check.is("`longest_minutes` is of a rule that holds calls for an approval");
                }
                if !(1..=MOST_SERIES_MINUTES).contains(&minutes) {
                    check.is(&format!("`longest_minutes` of a rule is from 1 to {MOST_SERIES_MINUTES}"));
                }
                if rule.taint.is_some() {
                    check.is(
                        "what text from outside may have caused is looked at call by call, without `longest_minutes`",
                    );
                }
            }
            if rule.taint.is_some() && rule.then == Effect::Allow {
                check.is("text from outside lets nothing run: alert, block or approve");
            }
            if rule.failing_checks && rule.then == Effect::Allow {
                check.is("merge checks that fail let nothing run: alert, block or approve");
            }
            check.tools(&rule.tools);
            check.subjects(&rule.subjects);
            check.clients(&rule.clients);
            check.resources(&rule.resources);
        }
        if let Some(break_glass) = &self.break_glass {
            "break_glass".clone_into(&mut check.place);
            if break_glass.subjects.is_empty() || break_glass.subjects.contains(&SubjectSelector::Everyone) {
                check.is("it is for some people: name roles, groups or persons");
            }
            check.subjects(&break_glass.subjects);
            check.minutes(break_glass.longest_minutes);
        }
        check.place = "trusted".to_owned();
        check.resources(&self.trusted);
        if self.trusted_accounts.iter().any(|id| id.is_empty() || id.len() > LONGEST_TEXT || id.contains(' ')) {
            check.is("an account is named by its id");
        }
        if self.taint_minutes.is_some_and(|minutes| !(1..=Self::MOST_TAINT_MINUTES).contains(&minutes)) {
            check.place = "taint_minutes".to_owned();
            check.is("a taint lasts from a minute to a week");
        }
        check.problems
    }
}

struct Check<'a> {
    policy: &'a AccessPolicy,
    known: &'a Known,
    place: String,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn enter(&mut self, list: &str, index: usize, name: &str) {
        self.place = format!("{list}[{index}] ({name})");
    }

    fn is(&mut self, defect: &str) {
        self.problems.push(Problem { place: self.place.clone(), defect: defect.to_owned() });
    }

    fn text(&mut self, member: &str, text: &str) {
        if text.chars().count() > LONGEST_TEXT || text.chars().any(char::is_control) {
            self.is(&format!("`{member}` is one line of at most {LONGEST_TEXT} characters"));
        }
    }

    fn minutes(&mut self, minutes: Option<u32>) {
        if minutes.is_some_and(|minutes| !(1..=MOST_MINUTES).contains(&minutes)) {
            self.is(&format!("`longest_minutes` is from 1 to {MOST_MINUTES}"));
        }
    }

    fn names<'n>(&mut self, list: &str, names: impl Iterator<Item = &'n String>) {
        let mut seen = HashSet::new();
        for (index, name) in names.enumerate() {
            self.enter(list, index, name);
            let length = name.chars().count();
            if name.trim() != name || length == 0 || length > LONGEST_NAME || name.chars().any(char::is_control) {
                self.is(&format!("a name has from 1 to {LONGEST_NAME} characters, and no space around them"));
            }
            if !seen.insert(name) {
                self.is("the name is not the only one of its kind");
            }
        }
    }

    fn tools(&mut self, selection: &ToolSelection) {
        for name in &selection.names {
            if tools::find(name).is_none() {
                self.is(&format!("there is no tool `{name}`"));
            }
        }
        for name in &selection.areas {
            if area::find(name).is_none() {
                self.is(&format!("there is no area `{name}`"));
            }
        }
        for id in &selection.providers {
            if providers::find(id).is_none() {
                self.is(&format!("there is no provider `{id}`"));
            }
        }
    }

    fn subjects(&mut self, subjects: &[SubjectSelector]) {
        for subject in subjects {
            let is_known = match subject {
                SubjectSelector::Everyone | SubjectSelector::Role(_) => true,
                SubjectSelector::Group(name) => self.known.groups.contains(name) || self.policy.groups.contains(name),
                SubjectSelector::Person(name) => self.policy.people.contains_key(name),
                SubjectSelector::Service(client) => self.known.clients.contains(client),
            };
            match subject {
                _ if is_known => {}
                SubjectSelector::Group(name) => self.is(&format!(
                    "nobody who has signed in is in a group `{name}`: name it in `groups` too, if the identity provider has it"
                )),
                subject => self.is(&format!("`{subject}` is nobody who has signed in here")),
            }
        }
    }

    fn clients(&mut self, clients: &[ClientId]) {
        for client in clients {
            if !self.known.clients.contains(client) {
                self.is(&format!("there is no client `{client}`"));
            }
        }
    }

    fn resources(&mut self, conditions: &[ResourceCondition]) {
        for condition in conditions {
            let ResourceCondition { site, workspace, project, repository, branch, path, space, under, label } =
                condition;
            if !self.known.sites.contains(site) {
                self.is(&format!("there is no site `{site}`"));
            }
            // What a provider parts its things into is one or the other.
            let named = [("workspace", workspace), (SPACE, space)].into_iter().filter(|(_, name)| name.is_some());
            for (member, _) in named.filter(|(member, _)| !site.provider.limit.has(member)) {
                self.is(&format!("{} has no {member}: name a {}", site.title(), site.provider.limit.one));
            }
            if repository.is_some() && workspace.is_none() {
                self.is("a repository is one of a workspace: name that too");
            }
            if project.is_some() && workspace.is_none() {
                self.is("a project is one of a workspace: name that too");
            }
            if branch.is_some() && repository.is_none() {
                self.is("a branch is one of a repository: name that too, or `*`");
            }
            if path.is_some() && repository.is_none() {
                self.is("a path is one of a repository: name that too, or `*`");
            }
            if let Some((Pattern(text), defect)) = path.as_ref().and_then(|path| Some((path, path::defect(path)?))) {
                self.is(&format!("the path `{text}` {defect}"));
            }
            if condition.is_of_content() && !site.provider.limit.has(SPACE) {
                self.is(&format!("{} has neither pages nor labels of them", site.title()));
            }
            if under.as_ref().is_some_and(|page| page.is_empty() || !page.bytes().all(|byte| byte.is_ascii_digit())) {
                self.is("a page is named by its id, which is a number");
            }
            if label.as_ref().is_some_and(|label| !is_label(label)) {
                self.is("a label is one word in small letters, without quotes and other signs");
            }
            let texts = [workspace, project, space, under, label].into_iter().flatten();
            let patterns = [repository, branch, path].into_iter().flatten().map(|Pattern(text)| text);
            if texts.chain(patterns).any(|text| text.is_empty() || text.len() > LONGEST_TEXT) {
                self.is("a name of a resource is empty or too long");
            }
            if [workspace, project, space].into_iter().flatten().any(|name| name.contains(['*', '/', ' ', '"', '\\'])) {
                self.is("a workspace is named by its slug, a project or a space by its key, without `*`");
            }
        }
    }
}

/// Whether a text can stand in a query as a label.
fn is_label(text: &str) -> bool {
    let in_label =
        |character: char| "-_.".contains(character) || (character.is_alphanumeric() && !character.is_uppercase());
    !text.is_empty() && text.chars().all(in_label)
}
