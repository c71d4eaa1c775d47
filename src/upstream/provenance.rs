//! Whose texts an answer shows, as far as the provider says it. Pure.
//!
//! Nothing that a writer can choose tells who they are: not their name, and not the author of a commit, whom whoever pushes
//! it writes there, and by whose address Bitbucket finds an account. So only those calls say where an account is named
//! ([`Call::author`]) whose texts are each of one person whom the provider had signed in.

use serde::Serialize;

use super::projection;
use crate::catalog::operation::{self, Answer, Blocks, Field, Resource, Rows};

/// What a provider itself says of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Unsaid,
    /// It is of a user of the organisation's site.
    Member,
    /// It is a guest's, a customer's or an app's.
    Guest,
}

impl Standing {
    /// Of the type of an account, and whether it is an external one's: `atlassian no`.
    pub fn of(said: &str) -> Self {
        match said.split_once(' ') {
            Some(("atlassian", "no")) => Self::Member,
            Some(_) => Self::Guest,
            None if said.is_empty() || said == "atlassian" => Self::Unsaid,
            None => Self::Guest,
        }
    }
}

/// Whose texts an answer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authors {
    /// The accounts that wrote texts alone, each once.
    pub accounts: Vec<(String, Standing)>,
    /// There are texts that anybody may have written who can write there.
    pub anybody: bool,
    /// What rows with such texts are about, where they say so, each once.
    pub about: Vec<(operation::Resource, String)>,
}

impl Authors {
    /// Those of a text of which nobody says who wrote it.
    pub fn anybody() -> Self {
        Self { anybody: true, ..Self::default() }
    }

    /// Adds those of an answer, or of a part of one.
    pub fn add(&mut self, answer: &Answer, author: &'static [&'static str], body: &[u8]) {
        match answer {
            Answer::Done(_) | Answer::Started(_) => {}
            Answer::Rows(rows) | Answer::Blocks(Blocks { rows, .. }) => self.add_rows(rows, author, body),
            Answer::Record(_) if !author.is_empty() => {
                self.add_text(projection::value(body, &Field::exact("author", author)));
            }
            _ => self.anybody = true,
        }
    }

    fn add_text(&mut self, account: Option<String>) {
        match account.filter(|account| !account.is_empty()) {
            Some(account) => add_once(&mut self.accounts, (account, Standing::Unsaid)),
            None => self.anybody = true,
        }
    }

    fn add_rows(&mut self, rows: &Rows, author: &'static [&'static str], body: &[u8]) {
        // Files are of the repository that the call names.
        let about = rows.resource.as_ref().filter(|about| about.of != Resource::File);
        if author.is_empty() && about.is_none() {
            self.anybody |= projection::has_rows(body, rows.list).unwrap_or(true);
            return;
        }
        let names = about.map_or(&[][..], |resource| resource.paths);
        let (author, name) = (Field::exact("author", author), Field::exact("about", names));
        let Ok(read) = projection::columns(body, rows.list, &[&author, &name]) else {
            self.anybody = true;
            return;
        };
        for mut row in read {
            let name = row.pop().unwrap_or_default();
            self.add_text(row.pop());
            if let Some(resource) = about {
                add_once(&mut self.about, (resource.of, name));
            }
        }
    }
}

/// There are few of them.
fn add_once<T: PartialEq>(all: &mut Vec<T>, one: T) {
    if !all.contains(&one) {
        all.push(one);
    }
}

/// Whence an answer with texts of others comes, for its `_meta`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    pub site: String,
    pub target: String,
    pub authors: Counts,
    /// Some of it may be of somebody who does not belong to the organisation.
    pub outside: bool,
    /// What looks as if it was written for an assistant, or to take something out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suspicious: Vec<&'static str>,
}

/// How many accounts wrote texts alone, by whether they belong to the organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub inside: usize,
    pub outside: usize,
    pub unknown: usize,
    /// There are texts of which nobody says who wrote them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_a_members_only_where_the_provider_says_that_it_is_no_guests() {
        for (said, standing) in [
            ("atlassian no", Standing::Member),
            ("atlassian yes", Standing::Guest),
            ("app no", Standing::Guest),
            ("customer", Standing::Guest),
            ("atlassian", Standing::Unsaid),
            ("", Standing::Unsaid),
        ] {
            assert_eq!(Standing::of(said), standing, "{said}");
        }
    }
}
