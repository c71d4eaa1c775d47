//! What an event says, in one sentence of plain English, and what stands behind it. Pure.

use super::{
    event::OWN,
    kind::{Kind, Outcome},
    search::Entry,
};
use crate::{catalog, untrusted};

/// The longest that a text of an event is in a sentence, in characters.
const LONGEST: usize = 200;

fn label(text: &str) -> String {
    untrusted::label(text, LONGEST)
}

impl Entry {
    /// Who did it, what, through which client, and how it ended.
    pub fn sentence(&self) -> String {
        let person = self.person_name.as_ref().or(self.person.as_ref()).map(|text| label(text));
        let actor = self.actor_name.as_ref().or(self.actor.as_ref()).map(|text| label(text));
        let client = self.client_name.as_ref().or(self.client_id.as_ref()).map(|text| label(text));
        let (who, of) = match (actor, person) {
            (Some(actor), person) => (Some(actor), person),
            (None, person) => (person, None),
        };
        let through = client.filter(|_| who.is_some());
        let who = who.or_else(|| self.client_name.as_deref().map(label)).unwrap_or_else(|| "Postern".to_owned());
        let mut sentence = format!("{who} {}", self.words());
        let mut add = |before: &str, text: Option<String>, after: &str| {
            if let Some(text) = text {
                sentence.extend([before, &text, after]);
            }
        };
        add(" of ", of, "");
        add(" \u{201c}", self.tool.as_deref().map(title), "\u{201d}");
        add(" on ", self.target.as_deref().map(label), "");
        add(" through ", through, "");
        add(" in ", self.account_words(), "");
        add(", ", (self.count != 1).then(|| self.count.to_string()), " times");
        add("; ", self.ending().map(str::to_owned), "");
        add("; from \u{201c}", self.state_before.as_deref().map(label), "\u{201d}");
        add("; to \u{201c}", self.state_after.as_deref().map(label), "\u{201d}");
        add(" (", self.reason.as_deref().map(label), ")");
        sentence + "."
    }

    /// Whose account it worked in, and where, in words and as the log has it.
    pub fn account_words(&self) -> Option<String> {
        let (whose, site) = self.account_parts()?;
        let whose = if whose == OWN { "their own account" } else { "the organisation's account" };
        Some(format!("{whose} at {}", label(site)))
    }

    /// Whose account it worked in, and the site of that.
    pub fn account_parts(&self) -> Option<(&str, &str)> {
        self.account.as_deref()?.split_once(' ')
    }

    /// The name of the rule that stopped, held or reported it.
    pub fn rule(&self) -> Option<&str> {
        self.reason.as_deref()?.split("; ").find_map(|part| {
            let part = part.split_once(": ").map_or(part, |(part, _)| part);
            match part.strip_prefix("approval ") {
                Some(part) => part.split_once(", rule ").map(|(_, rule)| rule),
                None => {
                    part.strip_prefix("rule ").or_else(|| part.strip_prefix("the rule ")?.strip_suffix(" blocks it"))
                }
            }
        })
    }

    /// The id of the approval that it is about, or that it went by.
    pub fn approval(&self) -> Option<&str> {
        let parts = self.reason.as_deref()?.split("; ");
        let ids = parts.filter_map(|part| part.strip_prefix("approval "));
        let mut ids = ids.map(|rest| rest.split([',', ':', ' ']).next().unwrap_or_default());
        ids.find(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)))
    }

    /// What was done.
    fn words(&self) -> String {
        let words = match (self.kind, self.outcome) {
            (Kind::Call, Outcome::Started) => "was about to call",
            (Kind::Call, Outcome::Denied) => "was not let call",
            (Kind::Call, _) => "called",
            (Kind::Request, _) => "asked for a list or a stream",
            (Kind::Unaccounted, _) => "made calls of whose end nothing is on record",
            (Kind::SignIn, _) => "signed in",
            (Kind::SignOut, _) => "signed out",
            (Kind::Consent, _) => "decided on what an AI client asked for",
            (Kind::GrantMade, _) => "let an AI client act in their name",
            (Kind::GrantEnded, _) => "no longer lets an AI client act in their name",
            (Kind::GrantRefreshedAfterReuse, _) => "has an AI client that used a superseded refresh token",
            (Kind::ConnectionMade, _) => "connected an account",
            (Kind::ConnectionBroken, _) => "has an account that its provider no longer accepts",
            (Kind::ConnectionRemoved, _) => "disconnected an account",
            (Kind::ClientRegistered, _) => "registered itself as an AI client",
            (Kind::ToolDecided, _) => "decided on the tool",
            (Kind::ToolClassified, _) => "classified the tool",
            (Kind::AccessPolicyChanged, _) => "changed the access policy",
            (Kind::RuleAlert, _) => "made a call that a rule reports,",
            (Kind::SuspiciousText, _) => "was shown a text that looks written for an assistant,",
            (Kind::ApprovalRequested, _) => "needs approval to call",
            (Kind::ApprovalGiven, _) => "approved a call",
            (Kind::ApprovalDenied, _) => "denied a call",
            (Kind::ApprovalUsed, _) => "made the approved call",
            (Kind::ApprovalWithdrawn, _) => "no longer asks to make the call",
            (Kind::ApprovalSeriesEnded, _) => "ended the approval of calls like",
            (Kind::ApprovalDrifted, _) => "was not let make the approved call, as what it is bound to had moved,",
            (Kind::AccessRequested, _) => "asked for access",
            (Kind::AccessRequestApproved, _) => "approved the request for access",
            (Kind::AccessRequestDenied, _) => "denied the request for access",
            (Kind::AccessRequestEnded, _) => "ended the access for a time",
            (Kind::BreakGlass, _) => "broke the glass",
            (Kind::NoticesChanged, _) => "changed where notices go",
            (Kind::AdministrationTokenMade, _) => "made an administration token",
            (Kind::AdministrationTokenRevoked, _) => "took back an administration token",
            (Kind::PersonDisabled, _) => "disabled the access",
            (Kind::PersonEnabled, _) => "enabled the access",
            (Kind::AccessEnded, _) => "ended all access",
            (Kind::Locked, _) => "put a lock",
            (Kind::Unlocked, _) => "lifted the lock",
            (Kind::LogVerified, _) => "verified the log",
            (Kind::LogExported, _) => "exported events of the log",
            (Kind::StandingEnded, _) => "is no longer vouched for by the identity provider",
            (kind, _) => return format!("is on record with \u{201c}{}\u{201d}", kind.name().replace('_', " ")),
        };
        words.to_owned()
    }

    /// How it ended, where that is not what was done.
    fn ending(&self) -> Option<&'static str> {
        match (self.outcome, self.kind) {
            (Outcome::Failed, _) => Some("it failed"),
            (Outcome::Denied, Kind::Call | Kind::ApprovalDrifted) => None,
            (Outcome::Denied, _) => Some("it was refused"),
            (Outcome::Unknown, _) => Some("nobody knows whether it took effect"),
            (Outcome::Cancelled, _) => Some("the client hung up before its answer came"),
            (Outcome::Started | Outcome::Succeeded, _) => None,
        }
    }
}

/// What people call a tool.
fn title(name: &str) -> String {
    let operation = catalog::all().find(|operation| operation.name == name);
    operation.map_or_else(|| label(name), |operation| operation.title.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// An event of Dana's with these members.
    fn entry(changed: Value) -> Entry {
        let mut entry = json!({ "at": 5, "position": 7, "request_id": "r", "phase": "outcome", "kind": "call",
            "outcome": "succeeded", "count": 1, "person": "p", "person_name": "dana", "client_name": "An editor",
            "tool": "bitbucket_merge_pull_request", "target": "acme/backend#7" });
        entry.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        serde_json::from_value(entry).unwrap()
    }

    #[test]
    fn a_call_is_told_with_who_what_on_what_and_through_which_client() {
        let merge = title("bitbucket_merge_pull_request");
        for (outcome, expected) in [
            ("succeeded", format!("dana called \u{201c}{merge}\u{201d} on acme/backend#7 through An editor.")),
            ("started", format!("dana was about to call \u{201c}{merge}\u{201d} on acme/backend#7 through An editor.")),
            (
                "unknown",
                format!(
                    "dana called \u{201c}{merge}\u{201d} on acme/backend#7 through An editor; nobody knows whether it took \
                     effect."
                ),
            ),
        ] {
            assert_eq!(entry(json!({ "outcome": outcome })).sentence(), expected);
        }
        assert!(!merge.contains('_'));
    }

    #[test]
    fn a_refusal_names_its_rule() {
        let denied = entry(json!({ "outcome": "denied", "reason": "the rule no merges blocks it; via postern_write" }));
        assert!(denied.sentence().contains("dana was not let call") && denied.sentence().contains("no merges"));
        assert_eq!(denied.rule(), Some("no merges"));
    }

    #[test]
    fn an_act_on_somebody_names_both() {
        let given = entry(json!({ "kind": "approval_given", "actor": "b", "actor_name": "bob",
            "reason": "approval a_b-1, rule four eyes", "state_after": "1 of 2" }));
        assert!(given.sentence().starts_with("bob approved a call of dana \u{201c}"), "{}", given.sentence());
        assert_eq!((given.rule(), given.approval()), (Some("four eyes"), Some("a_b-1")));
    }

    #[test]
    fn the_rule_and_the_approval_of_an_event_are_found_wherever_its_reason_has_them() {
        for (reason, rule, approval) in [
            ("it needs approval; approval abc", None, Some("abc")),
            ("approval abc: not today", None, Some("abc")),
            ("approval abc, rule two: people", Some("two"), Some("abc")),
            ("rule merges", Some("merges"), None),
            ("rule merges: alert; via postern_write", Some("merges"), None),
            ("approval <b>", None, None),
            ("the tool is disabled", None, None),
        ] {
            let entry = entry(json!({ "reason": reason }));
            assert_eq!((entry.rule(), entry.approval()), (rule, approval), "{reason}");
        }
    }

    #[test]
    fn every_kind_has_a_sentence_of_one_line() {
        for kind in Kind::ALL {
            for outcome in Outcome::ALL {
                let sentence = entry(json!({ "kind": kind, "outcome": outcome, "reason": "a\nb" })).sentence();
                assert!(
                    sentence.starts_with("dana ") && sentence.ends_with('.') && !sentence.contains('\n'),
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn an_event_of_nobody_is_the_clients_or_posterns_own() {
        let of_nobody = |changed: Value| {
            let mut entry = entry(changed);
            (entry.person, entry.person_name) = (None, None);
            entry.sentence()
        };
        assert!(of_nobody(json!({ "kind": "client_registered" })).starts_with("An editor registered itself"));
        assert!(of_nobody(json!({ "kind": "keys_rotated", "client_name": null })).starts_with("Postern is on record"));
    }
}
