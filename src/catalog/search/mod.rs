//! The search of the catalogue: from words, or from an address that was pasted, to the operations that are most likely
//! meant. Lexical: words are folded, have no endings, and are replaced by those of the catalogue. Pure.

mod synonyms;
mod words;

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use serde_json::{Map, Value};

use super::{
    address, all,
    operation::{Class, Operation, Surface},
};
use words::Vocabulary;

/// What was found for a query.
pub struct Found {
    /// The operations that fit, the best before.
    pub operations: Vec<&'static Operation>,
    /// What an address in the query says, by the names of parameters.
    pub known: Map<String, Value>,
}

/// The words of one operation, each by how much it says of it.
struct Entry {
    operation: &'static Operation,
    verb: String,
    /// The words of its name without the verb and the provider.
    nouns: Vec<String>,
    others: HashMap<String, f32>,
}

struct Index {
    vocabulary: Vocabulary,
    entries: Vec<Entry>,
    /// In how many entries a word is.
    counts: HashMap<String, usize>,
    /// How many operations do that.
    verbs: HashMap<String, usize>,
}

thread_local! {
    /// Made when it is first needed: the catalogue does not change while the program runs.
    static INDEX: OnceCell<Rc<Index>> = const { OnceCell::new() };
}

/// The longest query that is read, in characters.
const LONGEST_QUERY: usize = 300;

const NAME: f32 = 3.0;
const TITLE: f32 = 1.6;
const DESCRIPTION: f32 = 1.0;
const PARAMETER: f32 = 0.6;
/// For doing what is wanted, and the more the fewer operations do that.
const VERB: f32 = 2.0;
const RARE_VERB: f32 = 1.5;
/// For reading in another way than is wanted.
const OTHER_READ: f32 = 0.9;
/// For something else that the name or the sentence says is done too.
const SAID_TOO: f32 = 2.0;
const OTHER_VERB: f32 = -3.0;
/// For each word of the name that the query does not have, by how seldom it is.
const UNSAID: f32 = -0.45;
const CORE: f32 = 0.8;
const READ: f32 = 0.6;
/// What is below this part of the best is not shown.
const LEAST_PART: f32 = 0.3;

/// The words for what is done: of a query that has one, operations that do something else are seldom meant.
const VERBS: &[&str] = &[
    "list",
    "get",
    "create",
    "update",
    "delete",
    "run",
    "stop",
    "merge",
    "decline",
    "approve",
    "unapprove",
    "withdraw",
    "move",
    "copy",
    "archive",
    "restore",
    "resolve",
    "reopen",
    "search",
    "compare",
    "download",
    "fork",
    "watch",
    "publish",
];

/// Finds the operations that a query most likely means.
pub fn search(query: &str) -> Found {
    let query: String = query.chars().take(LONGEST_QUERY).collect();
    let index = INDEX.with(|index| Rc::clone(index.get_or_init(|| Rc::new(Index::new()))));
    let (known, about) = addresses(&query);
    let said = without_addresses(&query);
    let mut words = index.vocabulary.words(&format!("{said} {about}"));
    // An address alone is to be shown; beside words, it says what they are about and nothing of what is done.
    if !known.is_empty() && index.vocabulary.words(&said).is_empty() {
        words.push("get".to_owned());
    }
    let mut scored: Vec<(f32, &Entry)> =
        index.entries.iter().map(|entry| (index.score(entry, &words), entry)).collect();
    // What an address names is what an operation has to take.
    let takes = |entry: &Entry| known.keys().any(|name| entry.operation.parameter(name).is_some());
    scored.retain(|(score, entry)| *score > 0.0 && (known.is_empty() || takes(entry)));
    // A stable order: of two that fit alike the one that the catalogue has before.
    scored.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    let fits = scored.into_iter().take_while(|(score, _)| *score >= best * LEAST_PART);
    Found { operations: fits.map(|(_, entry)| entry.operation).collect(), known }
}

/// The operations that a name of none most likely means.
pub fn near(name: &str, most: usize) -> Vec<&'static Operation> {
    let mut near = search(&name.replace('_', " ")).operations;
    near.truncate(most);
    near
}

/// What the addresses of a query say, and the words for what they are of.
fn addresses(query: &str) -> (Map<String, Value>, String) {
    let mut known = Map::new();
    let mut about = String::new();
    for parts in query.split_whitespace().map(address::parts).filter(|parts| !parts.is_empty()) {
        // The last part is what the address is of.
        if let Some((name, _)) = parts.iter().rfind(|(name, _)| *name != "rest") {
            about.push_str(&format!(" {name}"));
        }
        let named = parts.into_iter().filter(|(name, _)| *name != "rest");
        known.extend(named.map(|(name, value)| (name.to_owned(), value.into())));
    }
    (known, about)
}

fn without_addresses(query: &str) -> String {
    query.split_whitespace().filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ")
}

impl Entry {
    fn new(operation: &'static Operation, vocabulary: &Vocabulary) -> Self {
        let name = operation.name.replace('_', " ");
        let name = name.split_once(' ').map_or(name.as_str(), |(_, rest)| rest);
        let (verb, rest) = name.split_once(' ').unwrap_or((name, ""));
        let mut others = HashMap::new();
        let mut add = |text: &str, weight: f32| {
            for word in vocabulary.words(text) {
                let known: &mut f32 = others.entry(word).or_default();
                *known = known.max(weight);
            }
        };
        operation.parameters.iter().for_each(|parameter| add(&parameter.name.replace('_', " "), PARAMETER));
        add(operation.description, DESCRIPTION);
        add(operation.title, TITLE);
        let verb = vocabulary.words(verb).into_iter().next().unwrap_or_default();
        Self { operation, verb, nouns: vocabulary.words(rest), others }
    }

    fn weight(&self, word: &str) -> f32 {
        if self.verb == word || self.nouns.iter().any(|noun| noun == word) {
            return NAME;
        }
        self.others.get(word).copied().unwrap_or_default()
    }

    fn has(&self, word: &str) -> bool {
        self.nouns.iter().any(|noun| noun == word) || self.others.contains_key(word)
    }
}

impl Index {
    fn new() -> Self {
        let vocabulary = Vocabulary::new();
        let entries: Vec<_> = all().map(|operation| Entry::new(operation, &vocabulary)).collect();
        let (mut counts, mut verbs) = (HashMap::new(), HashMap::new());
        for entry in &entries {
            let words: HashSet<_> = entry.nouns.iter().chain(entry.others.keys()).chain([&entry.verb]).collect();
            for word in words {
                *counts.entry(word.clone()).or_default() += 1;
            }
            *verbs.entry(entry.verb.clone()).or_default() += 1;
        }
        Self { vocabulary, entries, counts, verbs }
    }

    /// How much a word says: the fewer operations have it, the more.
    fn rarity(&self, word: &str) -> f32 {
        self.rarity_of(self.counts.get(word).copied().unwrap_or_default()).max(0.2)
    }

    fn rarity_of(&self, count: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "there are some hundred operations")]
        let part = (self.entries.len() as f32 + 1.0) / (count as f32 + 0.5);
        part.ln()
    }

    /// How much it says that an operation does that.
    fn verb(&self, verb: &str) -> f32 {
        VERB + self.verbs.get(verb).map_or(0.0, |count| RARE_VERB * self.rarity_of(*count))
    }

    fn score(&self, entry: &Entry, words: &[String]) -> f32 {
        let is_verb =
            |word: &&String| VERBS.contains(&word.as_str()) || VERBS.iter().any(|verb| words::stem(verb) == **word);
        let (verbs, nouns): (Vec<_>, Vec<_>) = words.iter().partition(is_verb);
        let said: f32 = nouns.iter().map(|word| entry.weight(word) * self.rarity(word)).sum();
        let by_verb =
            verbs.iter().filter(|verb| entry.has(verb)).map(|verb| entry.weight(verb) * self.rarity(verb)).sum::<f32>();
        if said <= 0.0 && by_verb <= 0.0 && !verbs.iter().any(|verb| **verb == entry.verb) {
            return 0.0;
        }
        let unsaid: f32 =
            entry.nouns.iter().filter(|noun| !words.contains(noun)).map(|noun| self.rarity(noun) * UNSAID).sum();
        let done = self.done(entry, &verbs);
        let core = if entry.operation.surface == Surface::Core { CORE } else { 0.0 };
        let read = if entry.operation.class == Class::Read && verbs.is_empty() { READ } else { 0.0 };
        said + by_verb * 0.5 + unsaid + done + core + read
    }

    /// How well what the operation does is what the query wants done.
    fn done(&self, entry: &Entry, verbs: &[&String]) -> f32 {
        if verbs.is_empty() {
            return 0.0;
        }
        if verbs.iter().any(|verb| **verb == entry.verb) {
            return self.verb(&entry.verb);
        }
        let reads = |verb: &str| matches!(verb, "list" | "get" | "search" | "compar" | "download");
        let wanted = verbs.iter().filter(|verb| reads(verb)).map(|verb| self.verb(verb));
        if let Some(wanted) = wanted.reduce(f32::max).filter(|_| reads(&entry.verb)) {
            return wanted * OTHER_READ;
        }
        if verbs.iter().any(|verb| entry.has(verb)) {
            return SAID_TOO;
        }
        OTHER_VERB
    }
}

#[cfg(test)]
mod tests;
