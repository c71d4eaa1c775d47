//! An access policy, made ready to decide by: whom each profile and rule is for is looked up, not searched, and tools are
//! bits.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use super::{
    AccessPolicy, RequestableAccess, TemporaryAccess,
    profile::{Granting, Profile},
    rule::Rule,
    subject::SubjectSelector,
    tools::ToolBits,
};
use crate::{
    catalog::operation::Class,
    governance::{attributes::Attributes, facts::Caller},
    identifiers::{Subject, UserId},
    tools::Tool,
};

/// An access policy that is ready to decide by.
#[derive(Debug, Default)]
pub struct Compiled {
    pub(super) profiles: Vec<CompiledProfile>,
    /// The places of the profiles that are for each subject.
    by_subject: HashMap<SubjectSelector, Vec<usize>>,
    pub(super) rules: Vec<CompiledRule>,
    /// Who may override profiles and rules.
    break_glass: Vec<SubjectSelector>,
    /// What each person has for a time.
    temporary: HashMap<UserId, Vec<TemporaryAccess>>,
    last: RefCell<Option<LatestCaller>>,
}

/// A profile with its tools. Whom it is for is in the index.
#[derive(Debug)]
pub(super) struct CompiledProfile {
    pub(super) name: Rc<str>,
    pub(super) tools: ToolBits,
    pub(super) profile: Profile,
}

/// A rule with its tools, and its people by their ids.
#[derive(Debug)]
pub(super) struct CompiledRule {
    pub(super) name: Rc<str>,
    pub(super) tools: ToolBits,
    pub(super) subjects: Vec<SubjectSelector>,
    pub(super) rule: Rule,
}

impl Compiled {
    /// `class` is what each tool counts as: of the catalogue's class, or more.
    pub fn of(policy: &AccessPolicy, temporary: &[TemporaryAccess], class: &dyn Fn(&Tool) -> Class) -> Self {
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
            let (name, profile) = (profile.name.as_str().into(), profile.clone());
            compiled.profiles.push(CompiledProfile { name, tools, profile });
        }
        let break_glass = policy.break_glass.iter().flat_map(|break_glass| &break_glass.subjects);
        compiled.break_glass = break_glass.filter_map(whose).collect();
        for one in temporary {
            compiled.temporary.entry(one.person.clone()).or_default().push(one.clone());
        }
        compiled.rules = policy.rules.iter().map(|rule| CompiledRule::of(rule, whose, class)).collect();
        compiled
    }

    /// Whether anybody is granted anything by profiles: else everybody may call what is approved.
    pub(super) const fn has_profiles(&self) -> bool {
        !self.profiles.is_empty()
    }

    /// The profiles that a caller may ask for.
    pub fn requestable(&self, caller: &Caller<'_>) -> Vec<&Profile> {
        if caller.subject.person().is_none() {
            return Vec::new();
        }
        let places = self.profiles_of(caller);
        let profiles = places.iter().filter_map(|place| self.profiles.get(*place)).map(|compiled| &compiled.profile);
        let is_requestable = |profile: &&Profile| {
            profile.granting != Granting::Automatic && profile.until.is_none_or(|until| !until.is_over(caller.now))
        };
        profiles.filter(is_requestable).collect()
    }

    /// Whether a caller may override profiles and rules, once they have said why.
    pub fn may_break_glass(&self, caller: &Caller<'_>) -> bool {
        caller.subject.person().is_some() && self.break_glass.iter().any(|selector| selector.selects(caller))
    }

    /// Whether a caller overrides profiles and rules now.
    pub(super) fn has_broken_glass(&self, caller: &Caller<'_>) -> bool {
        self.temporary_of(caller).any(|access| *access == RequestableAccess::BreakGlass) && self.may_break_glass(caller)
    }

    /// Whether a profile that is for a caller is granted to them now.
    pub(super) fn is_granted(&self, profile: &Profile, caller: &Caller<'_>) -> bool {
        profile.granting == Granting::Automatic
            || self.temporary_of(caller).any(|access| access.profile() == Some(&profile.name))
    }

    /// What a caller has for a time.
    fn temporary_of(&self, caller: &Caller<'_>) -> impl Iterator<Item = &RequestableAccess> {
        let now = caller.now;
        let of_person = caller.subject.person().and_then(|person| self.temporary.get(person));
        of_person.into_iter().flatten().filter(move |one| now < one.until).map(|one| &one.access)
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
            tools: ToolBits::of(&rule.tools, class),
            // A person who is no more is nobody: the rule does not come to be for everyone by that.
            subjects: rule.subjects.iter().map(|one| whose(one).unwrap_or_else(|| one.clone())).collect(),
            rule: rule.clone(),
        }
    }
}

/// The selector with a person's id in the place of their name; `None` where the name was never anybody's.
fn by_id(people: &BTreeMap<String, UserId>, selector: &SubjectSelector) -> Option<SubjectSelector> {
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
