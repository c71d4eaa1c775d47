//! Macros: named with what they were told, beside what they hold.

use super::{page::Page, writer::Gap};

/// A macro that is open.
pub struct Macro {
    name: String,
    /// Those that were not written yet.
    parameters: Vec<(String, String)>,
    has_body: bool,
    is_in_sentence: bool,
}

/// Macros that stand in a sentence.
const IN_SENTENCES: [&str; 5] = ["status", "jira", "anchor", "profile", "mathinline"];

/// Macros that are shown as a quote that begins with their name.
const PANELS: [&str; 9] = ["info", "note", "tip", "warning", "success", "error", "panel", "expand", "excerpt"];

/// Parameters that say how something looks, or which server keeps it.
const APPEARANCE: [&str; 24] = [
    "bgColor",
    "borderColor",
    "borderStyle",
    "borderWidth",
    "breakoutMode",
    "breakoutWidth",
    "collapse",
    "colour",
    "columns",
    "firstline",
    "height",
    "icon",
    "linenumbers",
    "panelIcon",
    "panelIconId",
    "panelIconText",
    "server",
    "serverId",
    "subtle",
    "theme",
    "titleBGColor",
    "titleColor",
    "width",
    "wrap",
];

impl Macro {
    /// Takes the value of a parameter: it is written once.
    fn take(&mut self, name: &str) -> String {
        let found = self.parameters.iter().position(|(have, value)| have == name && !value.is_empty());
        found.map(|found| self.parameters.remove(found).1).unwrap_or_default()
    }

    /// The rest of what it was told, each after a space.
    fn told(&mut self) -> String {
        let told =
            self.parameters.drain(..).filter(|(name, value)| !value.is_empty() && !APPEARANCE.contains(&name.as_str()));
        told.map(|(name, value)| if name.is_empty() { format!(" {value}") } else { format!(" {name}={value}") })
            .collect()
    }

    /// A line that names it, where it has a body; empty for code, which speaks for itself.
    fn head(&mut self) -> String {
        let title = self.take("title");
        let language = if self.is_code() { self.take("language") } else { String::new() };
        let told = self.told();
        self.parameters.push(("language".to_owned(), language));
        let (name, gap) = (&self.name, if title.is_empty() { "" } else { " " });
        match name.as_str() {
            _ if self.is_code() && told.is_empty() => {
                if title.is_empty() {
                    title
                } else {
                    format!("{title}:")
                }
            }
            _ if self.is_code() || self.is_panel() => format!("[{name}{told}]{gap}{title}"),
            _ => format!("[macro: {name}{told}]{gap}{title}"),
        }
    }

    fn is_code(&self) -> bool {
        matches!(self.name.as_str(), "code" | "noformat")
    }

    fn is_panel(&self) -> bool {
        PANELS.contains(&self.name.as_str())
    }
}

impl Page {
    pub(super) fn begin_macro(&mut self, name: &str) {
        let is_in_sentence = self.writer().is_in_sentence() || IN_SENTENCES.contains(&name);
        if !is_in_sentence {
            self.writer().owe(Gap::Block);
        }
        self.macros.push(Macro { name: name.to_owned(), parameters: Vec::new(), has_body: false, is_in_sentence });
    }

    pub(super) fn end_parameter(&mut self, name: String) {
        let Some(value) = self.take_aside() else { return self.writer().owe(Gap::Space) };
        match self.macros.last_mut() {
            Some(found) => found.parameters.push((name, value)),
            None => self.say(&value),
        }
    }

    pub(super) fn begin_rich_body(&mut self) {
        let head = self.macro_head();
        if self.macros.last().is_some_and(Macro::is_panel) {
            self.writer().begin_quote();
            self.writer().head(&head, Gap::Line);
        } else {
            self.writer().owe(Gap::Block);
            self.say(&head);
            self.writer().owe(Gap::Block);
        }
    }

    pub(super) fn end_rich_body(&mut self) {
        if self.macros.last().is_some_and(Macro::is_panel) {
            self.writer().end_quote();
        }
        self.writer().owe(Gap::Block);
    }

    pub(super) fn end_plain_body(&mut self) {
        let code = self.take_aside();
        let head = self.macro_head();
        let language = self.macros.last_mut().map(|found| found.take("language")).unwrap_or_default();
        if !head.is_empty() {
            self.writer().owe(Gap::Block);
            self.say(&head);
        }
        match code {
            Some(code) => self.code(&language, code.trim_matches('\n')),
            None => {
                self.writer().owe(Gap::Space);
                self.say(&language);
                self.writer().owe(Gap::Line);
            }
        }
    }

    fn macro_head(&mut self) -> String {
        let Some(found) = self.macros.last_mut() else { return String::new() };
        found.has_body = true;
        found.head()
    }

    pub(super) fn end_macro(&mut self) {
        let Some(mut found) = self.macros.pop() else { return };
        let principal = match found.name.as_str() {
            "status" => found.take("title"),
            "jira" => found.take("key"),
            "anchor" => found.take(""),
            _ => String::new(),
        };
        let told = found.told();
        let name = found.name;
        let words = match (found.has_body, principal.is_empty()) {
            (true, _) if told.is_empty() => String::new(),
            (_, false) => format!("[{name}: {principal}{told}]"),
            (..) => format!("[macro: {name}{told}]"),
        };
        self.say(&words);
        if !found.is_in_sentence {
            self.writer().owe(Gap::Block);
        }
    }
}
