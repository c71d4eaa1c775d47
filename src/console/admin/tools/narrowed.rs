//! What the list of tools is narrowed to. The same fields go along with a decision on what is listed.

use maud::{Markup, html};

use super::TOOLS;
use crate::{
    catalog::{
        area,
        operation::{Area, Class},
    },
    console::admin::filter,
    governance::{policy::State, tool_decisions::ToolDecision},
    platform::http::Form,
    providers,
};

/// Tools that have all of the words in their name, title or description, and each of what else is chosen.
#[derive(Default)]
pub struct Narrowed {
    words: Option<String>,
    provider: Option<String>,
    area: Option<String>,
    class: Option<String>,
    state: Option<String>,
}

/// The name of what Postern answers by itself, where areas and providers are named.
const OWN: &str = "postern";

pub fn area_name(area: Option<&'static Area>) -> &'static str {
    area.map_or(OWN, |area| area.name)
}

pub const fn class_in_words(class: Class) -> &'static str {
    match class {
        Class::Read => "Reads",
        Class::Write => "Writes",
        Class::Destructive => "Destroys",
    }
}

pub const fn state_in_words(state: State) -> &'static str {
    match state {
        State::Pending => "Pending",
        State::Approved => "Approved",
        State::Disabled => "Disabled",
    }
}

impl Narrowed {
    pub fn of(form: &Form) -> Self {
        let [words, provider, area, class, state] =
            ["words", "provider", "area", "class", "list_state"].map(|name| filter::text(form, name));
        Self { words, provider, area, class, state }
    }

    /// The tools of one area and class among them.
    pub fn to_group(&self, area: Option<&'static Area>, class: Class) -> Self {
        Self {
            words: self.words.clone(),
            provider: self.provider.clone(),
            area: Some(area_name(area).to_owned()),
            class: Some(class.name().to_owned()),
            state: self.state.clone(),
        }
    }

    pub fn admits(&self, decision: &ToolDecision) -> bool {
        let tool = &decision.tool;
        let provider = tool.provider.map_or(OWN, |provider| provider.id);
        let is_chosen = |chosen: &Option<String>, name: &str| chosen.as_deref().is_none_or(|chosen| chosen == name);
        is_chosen(&self.provider, provider)
            && is_chosen(&self.area, area_name(tool.area()))
            && is_chosen(&self.class, tool.class.name())
            && is_chosen(&self.state, decision.state.name())
            && self.has_words(&format!("{} {} {}", tool.name, tool.title, tool.description).to_lowercase())
    }

    fn has_words(&self, text: &str) -> bool {
        let words = self.words.iter().flat_map(|words| words.split_whitespace());
        words.map(str::to_lowercase).all(|word| text.contains(&word))
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { words, provider, area, class, state } = self;
        [("words", words), ("provider", provider), ("area", area), ("class", class), ("list_state", state)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// The address of the list, narrowed in the same way.
    pub fn address(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(self.pairs()).finish();
        if query.is_empty() { TOOLS.to_owned() } else { format!("{TOOLS}?{query}") }
    }

    /// What a form carries along.
    pub fn fields(&self) -> Markup {
        html! { @for (name, value) in self.pairs() { input type="hidden" name=(name) value=(value); } }
    }

    /// The form that narrows the list.
    pub fn form(&self) -> Markup {
        let own = [(OWN, "Postern".to_owned())];
        let providers = providers::ALL.iter().map(|provider| (provider.id, provider.name.to_owned()));
        let areas = area::all().map(|area| (area.name, area.title.to_owned()));
        let classes = Class::ALL.into_iter().map(|class| (class.name(), class_in_words(class).to_owned()));
        let states = [State::Pending, State::Approved, State::Disabled].into_iter();
        let states = states.map(|state| (state.name(), state_in_words(state).to_owned()));
        filter::form(
            TOOLS,
            "Narrow the list of tools",
            "Filter",
            &[
                filter::field("words", "Words of a tool", "search", self.words.as_deref()),
                filter::choice(
                    "provider",
                    "Provider",
                    "All",
                    own.clone().into_iter().chain(providers),
                    self.provider.as_deref(),
                ),
                filter::choice("area", "Area", "All", own.into_iter().chain(areas), self.area.as_deref()),
                filter::choice("class", "Class", "All", classes, self.class.as_deref()),
                filter::choice("list_state", "State", "All", states, self.state.as_deref()),
            ],
        )
    }
}
