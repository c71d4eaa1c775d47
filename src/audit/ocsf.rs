//! An event in the words of the Open Cybersecurity Schema Framework (OCSF 1.3), which other systems search by. What that has
//! no word for is in `unmapped`, as the log has it.

use serde_json::{Value, json};

use super::{
    kind::{Kind, Outcome},
    search::{Entry, Position},
};
use crate::catalog::{self, operation::Class};

/// A class of events there, and what was done in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Classified {
    class: u32,
    activity: u32,
}

const AUTHENTICATION: u32 = 3002;
const ENTITY_MANAGEMENT: u32 = 3004;
const API_ACTIVITY: u32 = 6003;

const CREATE: u32 = 1;
const READ: u32 = 2;
const UPDATE: u32 = 3;
const DELETE: u32 = 4;
const OTHER: u32 = 99;

fn classified(entry: &Entry) -> Classified {
    let (class, activity) = match entry.kind {
        Kind::SignIn => (AUTHENTICATION, 1),
        Kind::SignOut => (AUTHENTICATION, 2),
        Kind::Request => (API_ACTIVITY, READ),
        Kind::Call
        | Kind::RuleAlert
        | Kind::SuspiciousText
        | Kind::ApprovalRequested
        | Kind::ApprovalGiven
        | Kind::ApprovalDenied
        | Kind::ApprovalUsed
        | Kind::ApprovalDrifted
        | Kind::ApprovalWithdrawn
        | Kind::ApprovalSeriesEnded
        | Kind::Unaccounted => (API_ACTIVITY, of_tool(entry.tool.as_deref())),
        Kind::LogVerified | Kind::LogExported => (API_ACTIVITY, READ),
        Kind::GrantMade
        | Kind::ConnectionMade
        | Kind::ClientRegistered
        | Kind::ClientEntered
        | Kind::AdministrationTokenMade => (ENTITY_MANAGEMENT, CREATE),
        Kind::GrantEnded
        | Kind::ConnectionRemoved
        | Kind::ClientRemoved
        | Kind::SharedCredentialRemoved
        | Kind::AdministrationTokenRevoked => (ENTITY_MANAGEMENT, DELETE),
        _ => (ENTITY_MANAGEMENT, UPDATE),
    };
    Classified { class, activity }
}

/// What a call of that tool does.
fn of_tool(name: Option<&str>) -> u32 {
    let operation = catalog::all().find(|operation| Some(operation.name) == name);
    match operation.map(|operation| operation.class) {
        Some(Class::Read) => READ,
        Some(Class::Write) => UPDATE,
        Some(Class::Destructive) => DELETE,
        None => OTHER,
    }
}

/// 1 is informational, 2 low, 3 medium, 4 high.
const fn severity(entry: &Entry) -> u32 {
    match (entry.kind, entry.outcome) {
        (Kind::LogVerified, Outcome::Failed) | (Kind::BreakGlass, _) => 4,
        (Kind::RuleAlert | Kind::SuspiciousText | Kind::GrantRefreshedAfterReuse | Kind::Locked, _) => 3,
        (_, Outcome::Failed | Outcome::Denied | Outcome::Unknown) => 2,
        _ => 1,
    }
}

impl Entry {
    /// The event there. Its `metadata.uid` is the cursor that goes on after it.
    pub fn ocsf(&self) -> Value {
        let Classified { class, activity } = classified(self);
        let status = match self.outcome {
            Outcome::Succeeded => 1,
            Outcome::Failed | Outcome::Denied => 2,
            Outcome::Unknown => 0,
            Outcome::Started | Outcome::Cancelled => OTHER,
        };
        let person = json!({ "uid": self.person, "name": self.person_name, "domain": self.person_issuer });
        let actor = match &self.actor {
            Some(actor) => json!({ "uid": actor, "name": self.actor_name }),
            None => person.clone(),
        };
        let mut actor = actor;
        // A provider's own log knows that account alone.
        if let (Some((whose, site)), Some(actor)) = (self.account_parts(), actor.as_object_mut()) {
            actor.insert(
                "account".to_owned(),
                json!({ "name": self.account, "uid": site, "type": whose, "type_id": OTHER }),
            );
        }
        let target = self.target.as_deref().or(self.tool.as_deref());
        json!({
            "class_uid": class,
            "category_uid": class / 1000,
            "activity_id": activity,
            "type_uid": class * 100 + activity,
            "severity_id": severity(self),
            "status_id": status,
            "status_detail": self.reason,
            "time": self.at,
            "count": self.count,
            "duration": self.duration_milliseconds,
            "message": self.sentence(),
            "metadata": {
                "version": "1.3.0",
                "product": { "name": "Postern", "vendor_name": "Postern" },
                "uid": Position { at: self.at, position: self.position }.to_string(),
                "correlation_uid": self.request_id,
                "event_code": self.kind,
                "log_name": self.shard,
                "sequence": self.sequence,
            },
            "actor": { "user": actor, "app_name": self.client_name, "app_uid": self.client_id },
            "user": person,
            "service": { "name": "Postern" },
            "src_endpoint": { "svc_name": self.client_name.as_deref().unwrap_or("a browser") },
            "api": {
                "operation": self.tool.as_deref().unwrap_or(self.kind.name()),
                "request": { "uid": self.request_id },
                "response": { "code": self.upstream_status },
            },
            "resources": [{ "name": target, "uid": self.story }],
            "entity": { "name": target.unwrap_or(self.kind.name()), "type": self.kind },
            "unmapped": self,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, outcome: &str, tool: &str) -> Entry {
        let entry = json!({ "at": 5, "position": 7, "request_id": "r", "phase": "outcome", "kind": kind,
            "outcome": outcome, "count": 1, "tool": tool, "person": "p", "person_name": "dana", "target": "acme/backend#7" });
        serde_json::from_value(entry).unwrap()
    }

    #[test]
    fn an_event_has_the_class_and_the_activity_of_what_was_done() {
        for (kind, tool, type_uid) in [
            ("call", "bitbucket_get_pull_request", 600_302),
            ("call", "bitbucket_add_pull_request_comment", 600_303),
            ("approval_given", "bitbucket_merge_pull_request", 600_304),
            ("call", "of_a_later_release", 600_399),
            ("sign_in", "", 300_201),
            ("sign_out", "", 300_202),
            ("client_removed", "", 300_404),
            ("tool_decided", "whoami", 300_403),
        ] {
            assert_eq!(entry(kind, "succeeded", tool).ocsf()["type_uid"], type_uid, "{kind} {tool}");
        }
    }

    #[test]
    fn an_actor_has_the_account_that_their_call_worked_in() {
        let call = Entry { account: Some("organisation confluence/eu".into()), ..entry("call", "succeeded", "whoami") };
        let account = json!({ "name": "organisation confluence/eu", "uid": "confluence/eu", "type": "organisation", "type_id": 99 });
        assert_eq!(call.ocsf()["actor"]["user"]["account"], account);
        assert!(entry("sign_in", "succeeded", "").ocsf()["actor"]["user"].get("account").is_none());
    }

    #[test]
    fn a_refusal_is_a_failure_and_more_severe_than_a_success() {
        let [refused, done] = ["denied", "succeeded"].map(|outcome| entry("call", outcome, "whoami").ocsf());
        assert_eq!((&refused["status_id"], &done["status_id"]), (&json!(2), &json!(1)));
        assert!(refused["severity_id"].as_u64() > done["severity_id"].as_u64());
    }

    #[test]
    fn every_event_has_what_the_schema_asks_of_its_class() {
        for kind in Kind::ALL {
            let event = entry(kind.name(), "succeeded", "whoami").ocsf();
            for name in
                ["activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid", "actor"]
            {
                assert!(!event[name].is_null(), "{name} of {event}");
            }
            assert_eq!(event["metadata"]["uid"], "5.7");
            assert_eq!(event["unmapped"]["kind"], kind.name());
        }
    }
}
