//! The story of one thing, as an auditor reads it on its page.

use postern_tests::{client::Client, instance::instance, person::Person};

use super::{
    approvals::{self, arguments, four_eyes, kinds, link_in},
    turn,
};

/// What the page says of the pull request that approvals are asked for.
fn story() -> String {
    Person::administrator().signed_in_at("/admin/audit/story?of=acme/backend%236").1.body
}

#[test]
fn an_auditor_reads_in_order_what_happened_to_a_pull_request_and_that_nobody_changed_it() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    let client = Client::of(&person);
    let link = link_in(&client.call(approvals::TOOL, arguments("told")).text());
    let approver = Person::administrator();
    approvals::decide(&approver, &link, "approve", "");
    assert!(!client.call(approvals::TOOL, arguments("told")).is_error());
    kinds(&person, &["approval_requested", "approval_given", "approval_used", "call"]);
    let (who, by) = (&person.username, &approver.username);
    let told = story();
    let mut rest = told.as_str();
    for part in [
        format!("{who} needs approval to call"),
        format!("{by} approved a call of {who}"),
        format!("{who} made the approved call"),
    ] {
        rest = rest.split_once(&part).unwrap_or_else(|| panic!("{part}: {told}")).1;
    }
    assert!(told.contains("rule <strong>four eyes</strong>") && told.contains("change control"), "{told}");
    assert!(told.contains(">Yes<"), "{told}");
}

#[test]
fn a_story_shows_which_of_its_events_somebody_changed() {
    let (_turn, _rule) = (turn(), four_eyes());
    let person = Person::connected();
    Client::of(&person).call(approvals::TOOL, arguments("changed"));
    kinds(&person, &["approval_requested", "call"]);
    let user = person.user_id();
    let change = |to: &str| {
        let statement = format!("UPDATE events SET {to} WHERE person = ?1 AND kind = 'approval_requested'");
        instance().sql(&statement, &[&user]);
    };
    change("reason = reason || ' and more'");
    let told = story();
    change("reason = substr(reason, 1, length(reason) - length(' and more'))");
    assert!(told.contains("Not all of them") && told.contains("does not fit its link"), "{told}");
    assert!(story().contains(">Yes<"));
}
