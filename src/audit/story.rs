//! The one thing that an event belongs to the story of: a pull request, whichever comment of it a call was about; a page,
//! whichever label or version of it. Pure.

use std::fmt;

use crate::providers::Site;

/// A thing at a provider that has a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// As targets name it: `acme/backend#7`, `page 98305`.
    pub name: String,
    /// The site that it is at, unless that is its provider's main one.
    pub site: Option<Site>,
}

/// What targets call things that have a number.
const NUMBERED: [&str; 7] = ["page", "blog post", "whiteboard", "database", "folder", "smart link", "attachment"];

/// What ends a name in a target.
const ENDS: [char; 3] = [' ', ',', ':'];

impl Thing {
    /// The thing of a target, if it names one. Where a stranger's text names another thing, as a query can, the event is in
    /// the story of that: a story can have an event too many, which its words give away, and none too few.
    pub fn of(target: &str) -> Option<Self> {
        let with_site = target.rsplit_once(", ").and_then(|(rest, word)| Some((rest, Site::parse(word)?)));
        let (rest, site) = with_site.map_or((target, None), |(rest, site)| (rest, Some(site)));
        let name =
            NUMBERED.iter().find_map(|kind| numbered(rest, kind)).or_else(|| in_space(rest)).or_else(|| path(rest))?;
        Some(Self { name, site })
    }

    /// What its events have in common. Providers do not tell upper case from lower in the names of things, so a call cannot
    /// leave a story by that.
    pub fn key(&self) -> String {
        self.to_string().to_lowercase()
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        self.site.map_or(Ok(()), |site| write!(formatter, ", {site}"))
    }
}

/// The last `page 98305` of a text.
fn numbered(text: &str, kind: &str) -> Option<String> {
    text.rmatch_indices(kind).find_map(|(at, _)| {
        let (before, rest) = (text.get(..at)?, text.get(at + kind.len()..)?.strip_prefix(' ')?);
        let number = rest.split(ENDS).next()?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_word = before.is_empty() || before.ends_with(' ');
        (is_word && is_number).then(|| format!("{kind} {number}"))
    })
}

/// The space that a text ends in.
fn in_space(text: &str) -> Option<String> {
    let (before, key) = text.rsplit_once("space ")?;
    let is_last = !key.is_empty() && !key.contains(' ');
    (is_last && (before.is_empty() || before.ends_with(' '))).then(|| format!("space {key}"))
}

/// What a text begins with that has a slash, as repositories and what lies in them do.
fn path(text: &str) -> Option<String> {
    let name = text.split(ENDS).next().filter(|name| name.contains('/') && !name.contains(['=', '"', '(']))?;
    // The changes of a pull request are about `acme/backend #7`.
    let number = text.get(name.len()..)?.strip_prefix(" #").and_then(|rest| rest.split(ENDS).next());
    let number = number.filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    Some(number.map_or_else(|| name.to_owned(), |number| format!("{name}#{number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(target: &str) -> Option<String> {
        Thing::of(target).map(|thing| thing.key())
    }

    #[test]
    fn whatever_is_done_to_a_pull_request_is_in_its_story() {
        for target in
            ["acme/backend#7", "acme/backend#7 comment 3", "acme/backend#7 task 5", "acme/backend #7", "Acme/Backend#7"]
        {
            assert_eq!(key(target).as_deref(), Some("acme/backend#7"), "{target}");
        }
        assert_eq!(key("acme/backend#71").as_deref(), Some("acme/backend#71"));
    }

    #[test]
    fn whatever_is_done_to_a_page_is_in_its_story() {
        for target in [
            "page 98305",
            "page 98305, version 3",
            "page 98305 under 77",
            "property page 5 of page 98305",
            "label x of page 98305",
            "tree of page 98305 under 77",
            "draft of page 98305",
        ] {
            assert_eq!(key(target).as_deref(), Some("page 98305"), "{target}");
        }
    }

    #[test]
    fn a_thing_at_another_site_has_another_story() {
        assert_eq!(key("acme/backend#7 comment 3, bitbucket/eu").as_deref(), Some("acme/backend#7, bitbucket/eu"));
        assert_eq!(key("page 98305, version 3, confluence/eu").as_deref(), Some("page 98305, confluence/eu"));
    }

    #[test]
    fn a_new_page_is_in_the_story_of_its_space_and_a_variable_in_that_of_its_repository() {
        assert_eq!(key("Minutes in space ENG").as_deref(), Some("space eng"));
        assert_eq!(key("acme/backend variable TOKEN").as_deref(), Some("acme/backend"));
        assert_eq!(key("acme/backend/src/main.rs@main").as_deref(), Some("acme/backend/src/main.rs@main"));
    }

    #[test]
    fn a_query_and_a_target_that_is_nothing_have_no_story() {
        for target in ["", "acme", "type = page", "whoami", "page", "homepage 7", "SSH key work"] {
            assert_eq!(key(target), None, "{target}");
        }
    }

    #[test]
    fn the_key_of_a_thing_names_the_same_thing() {
        for target in ["acme/backend#7 comment 3, bitbucket/eu", "label x of page 98305", "space ENG"] {
            let key = key(target).unwrap();
            assert_eq!(Thing::of(&key).unwrap().key(), key);
        }
    }
}
