//! A task in play: the calls that were sent and answered, and what they cost.

use postern_tests::{
    client::{Client, written_call},
    person::Person,
    tokens::count,
};
use serde_json::{Value, json};

/// Somebody with a client, who gives it tasks.
pub struct Player<'a> {
    pub person: Person<'a>,
    pub client: Client,
    /// The names of the tools that the client lists.
    listed: Vec<String>,
}

/// A task, and what was said for it.
pub struct Task<'a> {
    pub player: &'a Player<'a>,
    /// Of each call, its arguments and its answer.
    calls: Vec<[String; 2]>,
}

/// What a task cost.
#[derive(Clone, Copy)]
pub struct Cost {
    pub calls: usize,
    /// Of arguments and answers.
    pub tokens: usize,
}

impl<'a> Player<'a> {
    pub fn new(person: Person<'a>, scope: &str) -> Self {
        person.connect_bitbucket();
        let client = Client::with_scope(&person, scope);
        let tools = client.modern("tools/list", json!({})).result()["tools"].clone();
        let tools = tools.as_array().expect("a list").iter();
        let listed = tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect();
        Self { person, client, listed }
    }

    pub const fn task(&self) -> Task<'_> {
        Task { player: self, calls: Vec::new() }
    }
}

impl Task<'_> {
    /// Calls a tool that is listed; the text of its answer.
    pub fn call(&mut self, tool: &str, arguments: Value) -> String {
        assert!(self.player.listed.iter().any(|name| name == tool), "{tool} is not listed");
        let written = arguments.to_string();
        let answer = self.player.client.call(tool, arguments);
        assert!(!answer.is_error(), "{tool} {written}: {answer:?}");
        let text = answer.text();
        self.calls.push([written, text.clone()]);
        text
    }

    /// Sends the call that takes a write back, as the write's answer has it; through a gate where its tool is not listed.
    pub fn undo(&mut self, text: &str, gate: &str) -> String {
        let (tool, arguments) = written_call(text, "Undo: ");
        if self.player.listed.contains(&tool) {
            self.call(&tool, arguments)
        } else {
            self.call(gate, json!({ "operation": tool, "arguments": arguments }))
        }
    }

    pub fn cost(&self) -> Cost {
        Cost { calls: self.calls.len(), tokens: count(self.calls.as_flattened()).iter().sum() }
    }
}
