//! An access policy, made ready to decide by: whom each profile and rule is for is looked up, not searched, and tools are
//! bits.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{
    AccessPolicy,
    hours::Hours,
    profile::Day,
    resource::ResourceCondition,
    rule::{Effect, Rule},
    subject::SubjectSelector,
    tools::ToolBits,
};
use crate::{
    catalog::operation::Class,
    governance::{attributes::Attributes, facts::Caller},
    identifiers::{ClientId, Subject, UserId},
    tools::Tool,
};

/// An access policy that is ready to decide by.
#[derive(Debug, Default)]
pub struct Compiled {
    pub(super) profiles: Vec<CompiledProfile>,
    /// The places of the profiles that are for each subject.
    by_subject: HashMap<SubjectSelector, Vec<usize>>,
    pub(super) rules: Vec<CompiledRule>,
    last: RefCell<Option<LatestCaller>>,
}

#[derive(Debug)]
pub(super) struct CompiledProfile {
    pub(super) name: Rc<str>,
    pub(super) tools: ToolBits,
    pub(super) resources: Vec<ResourceCondition>,
    pub(super) clients: Vec<ClientId>,
    pub(super) hours: Option<Hours>,
    pub(super) until: Option<Day>,
}

#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) name: Rc<str>,
    pub(super) reason: Rc<str>,
    pub(super) subjects: Vec<SubjectSelector>,
    pub(super) clients: Vec<ClientId>,
    pub(super) tools: ToolBits,
    pub(super) resources: Vec<ResourceCondition>,
    pub(super) hours: Option<Hours>,
    pub(super) outside_hours: Option<Hours>,
    pub(super) then: Effect,
    pub(super) observe: bool,
    pub(super) approvers: u8,
}

impl Compiled {
    /// `class` is what each tool counts as: of the catalogue's class, or more.
    pub fn of(policy: &AccessPolicy, class: &dyn Fn(&Tool) -> Class) -> Self {
        let sets: HashMap<&str, ToolBits> = policy
            .toolsets
            .iter()
            .map(|toolset| (toolset.name.as_str(), ToolBits::of(&toolset.tools, class)))
            .collect();
        let whose = |selector: &SubjectSelector| by_id(&policy.people, selector);
        let mut compiled = Self::default();
        for (place, profile) in policy.profiles.iter().enumerate() {
            let mut tools = ToolBits::default();
            profile.toolsets.iter().filter_map(|name| sets.get(name.as_str())).for_each(|set| tools.extend(set));
            for selector in profile.subjects.iter().filter_map(whose) {
                compiled.by_subject.entry(selector).or_default().push(place);
            }
            compiled.profiles.push(CompiledProfile {
                name: profile.name.as_str().into(),
                tools,
                resources: profile.resources.clone(),
                clients: profile.clients.clone(),
                hours: profile.hours.clone(),
                until: profile.until,
            });
        }
        compiled.rules = policy.rules.iter().map(|rule| CompiledRule::of(rule, whose, class)).collect();
        compiled
    }

    /// Whether anybody is granted anything by profiles: else everybody may call what is approved.
    pub(super) const fn has_profiles(&self) -> bool {
        !self.profiles.is_empty()
    }

    /// The places of the profiles that are for a caller, in their order. Whoever asked last is answered without a look:
    /// a list is decided on tool by tool.
    pub(super) fn profiles_of(&self, caller: &Caller<'_>) -> Rc<[usize]> {
        let mut last = self.last.borrow_mut();
        if let Some(LatestCaller { subject, attributes, places }) = &*last
            && (subject, attributes) == (caller.subject, caller.attributes)
        {
            return Rc::clone(places);
        }
        let mut places: Vec<usize> =
            selectors(caller).filter_map(|selector| self.by_subject.get(&selector)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let places: Rc<[usize]> = places.into();
        let (subject, attributes) = (caller.subject.clone(), caller.attributes.clone());
        *last = Some(LatestCaller { subject, attributes, places: Rc::clone(&places) });
        places
    }
}

/// Which profiles are for the caller of the latest decision.
#[derive(Debug)]
struct LatestCaller {
    subject: Subject,
    attributes: Attributes,
    places: Rc<[usize]>,
}

impl CompiledRule {
    fn of(
        rule: &Rule,
        whose: impl Fn(&SubjectSelector) -> Option<SubjectSelector>,
        class: &dyn Fn(&Tool) -> Class,
    ) -> Self {
        Self {
            name: rule.name.as_str().into(),
            reason: rule.reason.as_str().into(),
            // A person who is no more is nobody: the rule does not come to be for everyone by that.
            subjects: rule.subjects.iter().map(|one| whose(one).unwrap_or_else(|| one.clone())).collect(),
            clients: rule.clients.clone(),
            tools: ToolBits::of(&rule.tools, class),
            resources: rule.resources.clone(),
            hours: rule.hours.clone(),
            outside_hours: rule.outside_hours.clone(),
            then: rule.then,
            observe: rule.observe,
            approvers: rule.approvers,
        }
    }
}

/// The selector with a person's id in the place of their name; `None` where the name was never anybody's.
fn by_id(people: &std::collections::BTreeMap<String, UserId>, selector: &SubjectSelector) -> Option<SubjectSelector> {
    match selector {
        SubjectSelector::Person(name) => people.get(name).map(|id| SubjectSelector::Person(id.to_string())),
        other => Some(other.clone()),
    }
}

/// Every selector that a caller is known to be selected by, a person by their id.
fn selectors(caller: &Caller<'_>) -> impl Iterator<Item = SubjectSelector> {
    let Attributes { roles, groups } = caller.attributes;
    let own = match caller.subject {
        Subject::Person(id) => SubjectSelector::Person(id.to_string()),
        Subject::Service(client) => SubjectSelector::Service(client.clone()),
    };
    let groups = groups.names.iter().map(|name| SubjectSelector::Group(name.clone()));
    let roles = roles.iter().map(|role| SubjectSelector::Role(*role));
    [SubjectSelector::Everyone, own].into_iter().chain(roles).chain(groups)
}
