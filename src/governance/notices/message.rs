//! What a notice says, in the form that its receiver reads. Names and reasons in it are people's words: no form takes them
//! for more than text.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    audit::{Kind, Outcome, notable::Notable},
    platform::clock::Timestamp,
};

/// Something that people may want to be told of.
#[derive(Debug)]
pub struct Topic {
    /// As it is kept.
    pub name: &'static str,
    /// As administrators read it.
    pub words: &'static str,
    /// The kinds of events, with what is said of each.
    kinds: &'static [(Kind, &'static str)],
    /// The page, for those who may see it.
    page: &'static str,
}

/// All of them.
pub const TOPICS: [Topic; 5] = [
    Topic {
        name: "approval",
        words: "A call waits for an approver",
        kinds: &[(Kind::ApprovalRequested, "A call waits for an approver")],
        page: "/approvals",
    },
    Topic {
        name: "access",
        words: "Somebody asks for access",
        kinds: &[(Kind::AccessRequested, "Somebody asks for access")],
        page: "/approvals",
    },
    Topic {
        name: "break_glass",
        words: "Somebody breaks the glass",
        kinds: &[(Kind::BreakGlass, "Somebody has broken the glass")],
        page: "/access",
    },
    Topic {
        name: "alert",
        words: "A rule reports a call, or a text looks written for an assistant",
        kinds: &[
            (Kind::RuleAlert, "A rule reports a call"),
            (Kind::SuspiciousText, "An AI client was shown text that looks written for an assistant"),
        ],
        page: "/admin/audit/monitoring",
    },
    Topic {
        name: "lock",
        words: "Something is locked, or a lock lifted",
        kinds: &[(Kind::Locked, "Something was locked"), (Kind::Unlocked, "A lock was lifted")],
        page: "/admin/locks",
    },
];

/// What is said of an event of no topic, which is sent as a test alone.
const TEST: (&str, &str, &str) = ("test", "This is a test", "/admin/notices");

/// The kinds of events that a receiver of those topics is told of.
pub fn kinds(topics: &[String]) -> Vec<Kind> {
    let chosen = TOPICS.iter().filter(|topic| topics.iter().any(|name| name == topic.name));
    chosen.flat_map(|topic| topic.kinds).map(|(kind, _)| *kind).collect()
}

/// The form of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    Json,
    Slack,
    Teams,
    /// Not a notice, but every event of the log, many at a time.
    Ocsf,
}

impl Form {
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Json, "Plain JSON"),
        (Self::Slack, "Slack"),
        (Self::Teams, "Microsoft Teams (a workflow's webhook)"),
        (Self::Ocsf, "Every event of the log, whatever is chosen below, as OCSF: a line of JSON each, for a SIEM"),
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Ocsf => "ocsf",
        }
    }
}

/// An event that did not happen, by which an administrator tries a webhook.
pub fn test(id: &str, at: Timestamp) -> Notable {
    Notable {
        position: 0,
        request_id: id.to_owned(),
        phase: "outcome".to_owned(),
        part: "test".to_owned(),
        at,
        kind: Kind::NoticesChanged,
        outcome: Outcome::Succeeded,
        person_name: None,
        actor_name: None,
        client_name: None,
        tool: None,
        target: None,
        reason: Some("an administrator tries this webhook".to_owned()),
        state_after: None,
    }
}

/// The id of the notice of an event: the same, however often it is sent.
pub fn id(event: &Notable) -> String {
    format!("{}.{}.{}", event.request_id, event.phase, event.part)
}

/// The body of a notice. Its link needs a sign-in, and holds no secret.
pub fn body(form: Form, event: &Notable, public_url: &str) -> String {
    let found = TOPICS
        .iter()
        .find_map(|topic| topic.kinds.iter().find(|(kind, _)| *kind == event.kind).map(|(_, words)| (topic, *words)));
    let (topic, headline, page) = found.map_or(TEST, |(topic, words)| (topic.name, words, topic.page));
    let link = format!("{public_url}{page}");
    let facts = facts(event);
    let value = match form {
        Form::Json | Form::Ocsf => json!({
            "type": event.kind.name(),
            "timestamp": event.at.rfc3339(),
            "data": {
                "topic": topic, "what": headline, "person": event.person_name, "by": event.actor_name,
                "client": event.client_name, "tool": event.tool, "target": event.target, "reason": event.reason,
                "state": event.state_after, "link": link,
            },
        }),
        Form::Slack => {
            let facts = facts.iter().map(|(name, value)| format!("\n{name}: {}", slack(value))).collect::<String>();
            json!({ "text": format!("*{headline}*{facts}\n<{link}|Open Postern>"), "unfurl_links": false })
        }
        Form::Teams => {
            let line = |text: &str, weight: &str| {
                json!({
                    "type": "RichTextBlock", "inlines": [{ "type": "TextRun", "text": text, "weight": weight }],
                })
            };
            let facts = facts.iter().map(|(name, value)| line(&format!("{name}: {value}"), "default"));
            let body: Vec<Value> = [line(headline, "bolder")].into_iter().chain(facts).collect();
            json!({ "type": "message", "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
                    "version": "1.4", "body": body,
                    "actions": [{ "type": "Action.OpenUrl", "title": "Open Postern", "url": link }],
                },
            }] })
        }
    };
    value.to_string()
}

/// What is known of an event, each with its name.
fn facts(event: &Notable) -> Vec<(&'static str, &str)> {
    let all = [
        ("Who", &event.person_name),
        ("By", &event.actor_name),
        ("Through", &event.client_name),
        ("Operation", &event.tool),
        ("On", &event.target),
        ("Why", &event.reason),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
}

/// Text in which Slack sees no link, mention or markup.
fn slack(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // A word joiner keeps formatting from beginning.
    escaped.replace(['*', '_', '~', '`'], "\u{2060}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Notable {
        let text = |text: &str| Some(text.to_owned());
        Notable {
            position: 1,
            request_id: "r1".into(),
            phase: "outcome".into(),
            part: "2".into(),
            at: Timestamp(1_767_225_600_000),
            kind: Kind::ApprovalRequested,
            outcome: Outcome::Succeeded,
            person_name: text("Dana <https://evil.example|click> @channel"),
            actor_name: None,
            client_name: text("Editor"),
            tool: text("bitbucket_merge_pull_request"),
            target: text("acme/backend#7"),
            reason: text("approval a1, rule four eyes"),
            state_after: None,
        }
    }

    fn told(form: Form) -> Value {
        serde_json::from_str(&body(form, &event(), "https://postern.example")).unwrap()
    }

    #[test]
    fn plain_json_has_what_happened_and_a_link_to_the_page() {
        let told = told(Form::Json);
        assert_eq!(
            (told["type"].as_str(), told["timestamp"].as_str()),
            (Some("approval_requested"), Some("2026-01-01T00:00:00Z"))
        );
        assert_eq!(told["data"]["link"], "https://postern.example/approvals");
        assert_eq!(told["data"]["target"], "acme/backend#7");
    }

    #[test]
    fn nobody_makes_a_link_or_a_mention_of_their_name() {
        let slack = told(Form::Slack)["text"].as_str().unwrap().to_owned();
        assert!(slack.contains("Dana &lt;https://evil.example|click&gt;"), "{slack}");
        assert_eq!(slack.matches('<').count(), 1, "our own link alone");
        let card = told(Form::Teams)["attachments"][0]["content"].clone();
        let blocks = card["body"].as_array().unwrap();
        assert!(blocks.iter().all(|block| block["type"] == "RichTextBlock"), "which knows no markup");
        assert_eq!(card["actions"][0]["url"], "https://postern.example/approvals");
    }

    #[test]
    fn a_notice_has_the_same_id_however_often_it_is_sent_and_every_topic_has_kinds() {
        assert_eq!(id(&event()), "r1.outcome.2");
        for topic in &TOPICS {
            assert!(!kinds(&[topic.name.to_owned()]).is_empty());
        }
        assert_eq!(kinds(&["nothing".to_owned()]), []);
    }
}
