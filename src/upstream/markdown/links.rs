//! Links and images of Confluence's own: what they lead to is said by elements within them.

use super::{page::Page, writer::Gap};

/// A link or an image that is open.
#[derive(Default)]
pub struct Link {
    /// All that its resources name, and where in there.
    target: String,
    anchor: String,
    alternative: String,
    /// Whether it has text of its own, or is an image that is written.
    is_written: bool,
    /// Whether its text was told where it leads.
    is_told: bool,
}

impl Link {
    pub fn new(anchor: &str) -> Self {
        Self { anchor: anchor.to_owned(), ..Self::default() }
    }

    pub fn image(alternative: &str) -> Self {
        Self { alternative: alternative.to_owned(), ..Self::default() }
    }

    fn leads_to(&self) -> String {
        if self.anchor.is_empty() { self.target.clone() } else { format!("{}#{}", self.target, self.anchor) }
    }

    fn picture(&self) -> String {
        match (self.alternative.as_str(), self.target.as_str()) {
            ("", target) => format!("![{target}]"),
            (alternative, "") => format!("![{alternative}]"),
            (alternative, target) => format!("![{alternative}]({target})"),
        }
    }
}

impl Page {
    pub(super) fn resource(&mut self, target: &str) {
        let Some(link) = self.links.last_mut().filter(|link| !link.is_told) else {
            // In a parameter, or in a macro of files.
            self.writer().owe(Gap::Space);
            self.say(target);
            return self.writer().owe(Gap::Space);
        };
        if !link.target.is_empty() {
            link.target.push_str(", ");
        }
        link.target.push_str(target);
    }

    pub(super) fn begin_link_body(&mut self) {
        let target = self.links.last_mut().map(|link| {
            let target = link.leads_to();
            link.is_told = !target.is_empty();
            target
        });
        self.writer().link(target.unwrap_or_default());
    }

    pub(super) fn end_link_body(&mut self) {
        let has_text = self.writer().end_mark();
        if let Some(link) = self.links.last_mut() {
            link.is_written |= has_text;
            link.is_told &= has_text;
        }
    }

    pub(super) fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let target = link.leads_to();
        if target.is_empty() || link.is_told {
            return;
        }
        self.shown += 1;
        self.say(&match link.is_written {
            true => format!(" ({target})"),
            false if target.starts_with("user: ") => format!("@[{target}]"),
            false => format!("[{target}]"),
        });
    }

    pub(super) fn begin_caption(&mut self) {
        self.picture();
        self.writer().owe(Gap::Block);
    }

    pub(super) fn end_image(&mut self) {
        self.picture();
        self.links.pop();
    }

    /// Writes the innermost image, once.
    fn picture(&mut self) {
        let Some(link) = self.links.last_mut().filter(|link| !link.is_written) else { return };
        (link.is_written, link.is_told) = (true, true);
        let picture = link.picture();
        self.shown += 1;
        self.say(&picture);
    }
}
