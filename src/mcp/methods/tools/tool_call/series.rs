//! Which calls are like one another, so that approvers of one may let the others through for a time.

use std::borrow::Cow;

use serde_json::json;

use super::ToolCall;
use crate::{
    authorization::principal::Principal,
    catalog::operation::{Bounds, Class, Kind},
    crypto::digest,
    governance::{
        approval::{
            ApprovalRule,
            record::{self, Entry},
            series::{Offer, Series},
        },
        facts::Resource,
        policy::PolicySnapshot,
        taint::TaintLevel,
    },
    platform::Fault,
};

impl ToolCall<'_> {
    /// The approval that lets the call through because it is like the one that it is of.
    pub(super) async fn letting_through(
        &self,
        policy: &PolicySnapshot,
        rule: &ApprovalRule,
    ) -> Result<Option<Entry>, Fault> {
        let Some((_, series)) = self.offer(policy, rule) else { return Ok(None) };
        Ok(record::in_series(self.context, Some(&series.likeness)).await?.pop())
    }

    /// What approvers may let through beside the call: those that are like it. Nothing of what destroys, nothing where text
    /// from outside may have told the client what to do, and nothing on what the arguments do not name.
    pub(super) fn offer(&self, policy: &PolicySnapshot, rule: &ApprovalRule) -> Option<(Offer, Series)> {
        let longest_minutes = rule.longest_minutes?;
        let destroys = policy.classification(&self.facts.tool).class == Class::Destructive;
        if destroys || self.tainted.borrow().level != TaintLevel::Clean {
            return None;
        }
        let about = self.known_facts().resource?;
        let resource = about.words()?;
        let about = Resource { target: resource.clone(), ..about };
        let Principal { subject, client, grant, .. } = self.principal;
        let definition = self.tool.definition_digest();
        let parts = json!([subject, client, grant, self.tool.name, definition, about, self.places(), rule]);
        Some((Offer { resource, longest_minutes }, Series::offered(digest::sha256(&parts.to_string()))))
    }

    /// Every place that its arguments name: where something comes from, and where it goes.
    fn places(&self) -> Vec<Option<Cow<'_, str>>> {
        let workspaces = self.operation.parameters.iter().filter(|parameter| parameter.kind == Kind::Workspace);
        let located = match self.arguments.call_of(self.operation).map(|call| &call.bounds) {
            Some(Bounds::Places(located)) => *located,
            _ => &[],
        };
        let names = workspaces.map(|parameter| parameter.name).chain(located.iter().map(|located| located.argument));
        names.map(|name| self.arguments.text(name)).collect()
    }
}
