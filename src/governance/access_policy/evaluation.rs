//! What an access policy says of one call, or of one entry of a list.

use std::rc::Rc;

use super::{
    compiled::{Compiled, CompiledProfile, CompiledRule},
    path,
    pattern::{Matches, Pattern},
    profile::Profile,
    resource::{ResourceCondition, Within},
    rule::{Effect, Rule},
    subject::SubjectSelector,
};
use crate::{
    catalog::{
        lookup::MissingFact,
        operation::{self, Class},
    },
    governance::{
        facts::{Caller, Extent, Facts, Resource},
        named_paths::NamedPath,
    },
};

/// What an access policy says of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    pub grant: Grant,
    /// The first rule in force that fits it. One that restricts fits what it may fit.
    pub rule: Option<RuleInForce>,
    /// The rules before it that fit and are only observed: `name: block`.
    pub observed: Vec<Rc<str>>,
    /// What its request and its answer have to be kept within.
    pub within: Within,
    /// The access profile that its caller could ask for to have it granted, where it is not.
    pub requestable: Option<Rc<str>>,
    /// What a look-up would tell that this depends on: the call is decided on once more with that.
    pub missing_facts: Vec<MissingFact>,
    /// What it overrides, in words, where its caller has broken the glass.
    pub break_glass: Option<String>,
}

/// Whether the profiles of a caller grant a tool, on what a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// There are no profiles: whatever is approved may be called.
    Open,
    /// By these profiles.
    By(Vec<Rc<str>>),
    /// No profile of the caller has the tool now.
    Missing,
    /// Profiles of the caller have the tool, on other things: these.
    Elsewhere(String),
    /// By nothing but the override of a caller who has broken the glass.
    BreakGlass,
}

/// A rule, as far as whoever is stopped by it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInForce {
    pub name: Rc<str>,
    pub reason: Rc<str>,
    pub then: Effect,
    /// How many people have to approve, where it holds a call.
    pub approvers: u8,
    /// Within how many minutes whoever approves has to have signed in.
    pub fresh_sign_in_minutes: Option<u32>,
    /// For how many minutes approvers may let through what is like the call, if at all.
    pub longest_minutes: Option<u32>,
}

impl Access {
    /// What an empty policy says of every call.
    pub const fn open() -> Self {
        Self {
            grant: Grant::Open,
            rule: None,
            observed: Vec::new(),
            within: Within::NONE,
            requestable: None,
            missing_facts: Vec::new(),
            break_glass: None,
        }
    }
}

impl Compiled {
    /// What the policy says of a call, or of a tool that is only listed.
    pub fn access(&self, facts: &Facts<'_>) -> Access {
        let (mut within, mut requestable, mut missing_facts) = (Within::NONE, None, Vec::new());
        let mut grant = match self.has_profiles() {
            true => self.grant(facts, &mut within, &mut requestable, &mut missing_facts),
            false => Grant::Open,
        };
        let (mut observed, mut in_force) = (Vec::new(), None);
        let mut overridden = self.has_broken_glass(&facts.caller).then(Vec::new);
        if let Some(overridden) = &mut overridden
            && grant != Grant::Open
        {
            if matches!(grant, Grant::Missing | Grant::Elsewhere(_)) {
                overridden.push("the access profiles".to_owned());
            }
            (grant, within, requestable) = (Grant::BreakGlass, Within::NONE, None);
            missing_facts.clear();
        }
        // What nobody grants, whatever a look-up would tell, is not looked up for the rules.
        let is_settled = missing_facts.is_empty() && matches!(grant, Grant::Missing | Grant::Elsewhere(_));
        for rule in self.rules.iter().filter(|rule| rule.tools.contains(facts.tool.place)) {
            let about = rule.is_about(facts);
            if about == Matches::No {
                continue;
            }
            let fit = rule.fits(about, facts);
            let is_open = !is_settled && overridden.is_none();
            let depends_on = if is_open { rule.depends_on(about, facts) } else { Vec::new() };
            // What is only observed changes nothing, and nothing fails for a look-up of it.
            if !rule.rule.observe {
                add(&mut missing_facts, depends_on.iter().copied());
            }
            match fit {
                Fit::No => continue,
                Fit::Within if rule.rule.observe || overridden.is_some() => continue,
                Fit::Within => {
                    within.except.extend(rule.rule.resources.iter().cloned());
                    continue;
                }
                Fit::Yes => {}
            }
            let Rule { reason, then, approvers, fresh_sign_in_minutes, longest_minutes, observe, .. } = &rule.rule;
            if *observe {
                let perhaps = if depends_on.is_empty() { "" } else { "perhaps " };
                observed.push(format!("{}: {perhaps}{}", rule.name, then.name()).into());
                continue;
            }
            if let Some(overridden) = overridden.as_mut().filter(|_| then.restricts()) {
                overridden.push(format!("the rule {}", rule.name));
                continue;
            }
            let name = Rc::clone(&rule.name);
            let reason = match (&facts.resource, rule.rule.failing_checks) {
                (Some(resource), true) => with_checks(reason, &resource.failing_checks).into(),
                _ => reason.as_str().into(),
            };
            let (then, approvers) = (*then, *approvers);
            let (fresh_sign_in_minutes, longest_minutes) = (*fresh_sign_in_minutes, *longest_minutes);
            in_force = Some(RuleInForce { name, reason, then, approvers, fresh_sign_in_minutes, longest_minutes });
            break;
        }
        let break_glass = overridden.map(|overridden| overridden.join(", "));
        Access { grant, rule: in_force, observed, within, requestable, missing_facts, break_glass }
    }

    /// What the profiles of a caller grant, and else which of them could be asked for.
    fn grant(
        &self,
        facts: &Facts<'_>,
        within: &mut Within,
        requestable: &mut Option<Rc<str>>,
        missing_facts: &mut Vec<MissingFact>,
    ) -> Grant {
        let places = self.profiles_of(&facts.caller);
        let profiles = places.iter().filter_map(|place| self.profiles.get(*place));
        let having = profiles.filter(|profile| profile.has(facts));
        let (granting, others): (Vec<_>, Vec<_>) =
            having.partition(|profile| self.is_granted(&profile.profile, &facts.caller));
        let grant = Self::grant_by(&granting, facts, within);
        let about = |one: &&CompiledProfile| {
            ResourceCondition::any_matches(&one.profile.resources, facts.resource.as_ref()) == Matches::Yes
        };
        let is_place = facts.resource.as_ref().is_some_and(|resource| resource.extent == Extent::Place);
        if matches!(grant, Grant::Elsewhere(_)) || (is_place && !granting.iter().any(about)) {
            for CompiledProfile { profile, .. } in &granting {
                let about = ResourceCondition::any_matches(&profile.resources, facts.resource.as_ref());
                add(missing_facts, depends_on(about, &profile.resources, facts));
            }
        }
        if matches!(grant, Grant::Missing | Grant::Elsewhere(_)) && facts.caller.subject.person().is_some() {
            let would = |profile: &&&CompiledProfile| {
                let mut ignored = Within::NONE;
                matches!(Self::grant_by(&[**profile], facts, &mut ignored), Grant::By(_))
            };
            *requestable = others.iter().find(would).map(|profile| Rc::clone(&profile.name));
        }
        grant
    }

    fn grant_by(granting: &[&CompiledProfile], facts: &Facts<'_>, within: &mut Within) -> Grant {
        if granting.is_empty() {
            return Grant::Missing;
        }
        let names = |profiles: &[&CompiledProfile]| profiles.iter().map(|profile| Rc::clone(&profile.name)).collect();
        let Some(resource) = facts.resource.as_ref().filter(|resource| resource.site.is_some()) else {
            return Grant::By(names(granting));
        };
        if let Some(unlimited) = granting.iter().find(|granting| granting.profile.resources.is_empty()) {
            return Grant::By(names(&[*unlimited]));
        }
        let conditions = granting.iter().flat_map(|granting| &granting.profile.resources);
        // What lies in a space is looked up when the call is sent; which pages it is about, before it is decided on.
        let is_other = |one: &ResourceCondition| {
            let is_place = resource.extent == Extent::Place;
            one.is_of_content() && !one.is_certainly(resource) && (is_place || one.matches(resource) == Matches::No)
        };
        let at_site = conditions.filter(|one| Some(one.site) == resource.site && !is_other(one));
        let at_site: Vec<_> = at_site.cloned().collect();
        let reached = |granting: &&CompiledProfile| {
            let mut conditions = granting.profile.resources.iter();
            conditions.any(|condition| condition.grants(resource, facts.tool.class))
        };
        let reaching: Vec<_> = granting.iter().copied().filter(reached).collect();
        if reaching.is_empty() && resource.extent != Extent::Nothing {
            let all = Within {
                only: granting.iter().flat_map(|one| one.profile.resources.clone()).collect(),
                ..Within::NONE
            };
            return Grant::Elsewhere(all.words());
        }
        let is_told = |one: &ResourceCondition| one.is_of_content() && one.is_certainly(resource);
        within.only = if at_site.iter().any(is_told) { Vec::new() } else { at_site };
        Grant::By(names(if reaching.is_empty() { granting } else { &reaching }))
    }
}

impl CompiledProfile {
    /// Whether it grants the tool through that client at that moment, on whatever.
    fn has(&self, facts: &Facts<'_>) -> bool {
        let Caller { client, now, .. } = facts.caller;
        let Profile { clients, hours, until, .. } = &self.profile;
        self.tools.contains(facts.tool.place)
            && (clients.is_empty() || clients.contains(client))
            && hours.as_ref().is_none_or(|hours| hours.contain(now))
            && until.is_none_or(|until| !until.is_over(now))
    }
}

impl ResourceCondition {
    /// Whether a call that is granted on this may be sent: it is about it for certain, or what it asks for and what it
    /// is answered can be kept within.
    fn grants(&self, resource: &Resource, class: Class) -> bool {
        match self.matches(resource) {
            Matches::Yes => true,
            Matches::No => false,
            Matches::Perhaps if self.branch.is_some() => false,
            Matches::Perhaps if self.is_of_content() => resource.extent == Extent::Search && class == Class::Read,
            Matches::Perhaps if self.path.is_some() && !resource.rows_name_files => false,
            Matches::Perhaps => match resource.extent {
                Extent::Nothing | Extent::Place => true,
                Extent::Search | Extent::Rows => class == Class::Read,
                Extent::Named => {
                    let lists = match resource.rows {
                        Some(operation::Resource::Repository) => {
                            resource.repository.is_none() && self.can_filter(resource)
                        }
                        Some(operation::Resource::File) => self.path.is_some(),
                        _ => false,
                    };
                    lists && class == Class::Read && self.container_matches(resource)
                }
                Extent::Site => false,
            },
        }
    }

    /// Whether the rows of a list say enough to leave out those that it is about.
    fn can_filter(&self, resource: &Resource) -> bool {
        self.project.is_none() || resource.rows_name_project
    }

    fn container_matches(&self, resource: &Resource) -> bool {
        let of_container = match resource.rows {
            Some(operation::Resource::File) => Self { path: None, ..self.clone() },
            _ => Self { project: None, repository: None, branch: None, path: None, ..self.clone() },
        };
        of_container.matches(resource) == Matches::Yes
    }

    /// Whether the rows of an answer alone can tell that a call is about it: what its arguments name is not.
    fn is_told_by_rows(&self, resource: &Resource) -> bool {
        let is_none = |pattern: &Pattern| {
            resource.paths.iter().all(|named| path::of_path(pattern, &NamedPath::file(&named.path)) == Matches::No)
        };
        resource.rows_name_files && self.path.as_ref().is_some_and(is_none)
    }
}

/// Why a rule is there, with the merge checks that fail.
fn with_checks(reason: &str, failing: &[String]) -> String {
    let between = if reason.is_empty() || failing.is_empty() { "" } else { "; " };
    let failing = failing.iter().map(|check| format!("failing: {check}")).collect::<Vec<_>>().join(", ");
    format!("{reason}{between}{failing}")
}

/// Adds each once.
fn add(missing_facts: &mut Vec<MissingFact>, more: impl Iterator<Item = MissingFact>) {
    for fact in more {
        if !missing_facts.contains(&fact) {
            missing_facts.push(fact);
        }
    }
}

/// What a look-up would tell of a call that is perhaps about one of these.
fn depends_on(
    about: Matches,
    conditions: &[ResourceCondition],
    facts: &Facts<'_>,
) -> impl Iterator<Item = MissingFact> {
    let resource = facts.resource.as_ref().filter(|_| about == Matches::Perhaps);
    resource.into_iter().flat_map(|resource| conditions.iter().flat_map(|one| one.depends_on(resource)))
}

/// Whether a rule fits a call.
enum Fit {
    Yes,
    No,
    /// Nobody knows yet: the call is kept out of what the rule is about, when its place is looked up or its rows are read.
    Within,
}

impl CompiledRule {
    /// Whether it is for this caller now, and about what the call is about, as far as that is known.
    fn is_about(&self, facts: &Facts<'_>) -> Matches {
        let Caller { client, now, .. } = facts.caller;
        let Rule { clients, resources, then, taint, .. } = &self.rule;
        let holds = (clients.is_empty() || clients.contains(client))
            && self.rule.holds_at(now)
            && taint.is_none_or(|taint| taint.fits(facts.taint));
        if !holds {
            return Matches::No;
        }
        match self.is_for(&facts.caller) {
            Matches::Yes => {}
            Matches::Perhaps if then.restricts() => {}
            _ => return Matches::No,
        }
        ResourceCondition::any_matches(resources, facts.resource.as_ref())
    }

    /// Whether it fits a call that it is so far about.
    fn fits(&self, about: Matches, facts: &Facts<'_>) -> Fit {
        let (resource, then) = (facts.resource.as_ref(), self.rule.then);
        match about.and(self.rule.fits_checks(resource)) {
            Matches::Yes => Fit::Yes,
            Matches::No => Fit::No,
            // What is only listed may still be called on something else.
            Matches::Perhaps if resource.is_none() || !then.restricts() => Fit::No,
            Matches::Perhaps if then == Effect::Block && (self.can_filter(facts) || self.keeps_out(facts)) => {
                Fit::Within
            }
            Matches::Perhaps if then != Effect::Block && facts.lists_resources() && !self.is_about_files() => Fit::No,
            Matches::Perhaps => Fit::Yes,
        }
    }

    /// What a look-up would tell of a call that it is so far about.
    fn depends_on(&self, about: Matches, facts: &Facts<'_>) -> Vec<MissingFact> {
        let mut missing_facts = Vec::new();
        add(&mut missing_facts, depends_on(about, &self.rule.resources, facts));
        let resource = facts.resource.as_ref();
        if resource.is_some() && self.rule.fits_checks(resource) == Matches::Perhaps {
            add(&mut missing_facts, [MissingFact::FailingChecks].into_iter());
        }
        missing_facts
    }

    fn can_filter(&self, facts: &Facts<'_>) -> bool {
        let can_filter = |resource: &Resource| {
            let mut conditions = self.rule.resources.iter().filter(|one| one.matches(resource) != Matches::No);
            conditions.all(|condition| match facts.lists_resources() {
                true => condition.can_filter(resource),
                false => facts.tool.class == Class::Read && condition.is_told_by_rows(resource),
            })
        };
        facts.resource.as_ref().is_some_and(can_filter)
    }

    /// Whether the call can be kept out of what it is about: a search by its query, and what lies in a space by where it lies.
    fn keeps_out(&self, facts: &Facts<'_>) -> bool {
        let Some(resource) = &facts.resource else { return false };
        let is_told_before = |one: &ResourceCondition| one.is_of_content() && one.matches(resource) != Matches::No;
        match resource.extent {
            Extent::Search => true,
            Extent::Place => !self.rule.resources.iter().any(is_told_before),
            _ => false,
        }
    }

    fn is_about_files(&self) -> bool {
        self.rule.resources.iter().any(|condition| condition.path.is_some())
    }

    fn is_for(&self, caller: &Caller<'_>) -> Matches {
        if self.subjects.is_empty() || self.subjects.iter().any(|selector| selector.selects(caller)) {
            return Matches::Yes;
        }
        let names_group = self.subjects.iter().any(|selector| matches!(selector, SubjectSelector::Group(_)));
        if names_group && !caller.attributes.groups.complete { Matches::Perhaps } else { Matches::No }
    }
}
