//! The prompts as Agent Skills, for hosts of the Skills extension (SEP-2640): the same texts, each in a `SKILL.md`.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::prompt::{ALL, Prompt};
use crate::crypto::digest;

/// Skill files are Markdown.
pub const MIME_TYPE: &str = "text/markdown";

/// A prompt as a skill.
pub struct Skill {
    pub uri: String,
    name: String,
    description: &'static str,
    /// The whole of its `SKILL.md`.
    pub text: String,
}

/// The prompt whose skill has that URI.
pub fn find(uri: &str) -> Option<(&'static Prompt, Skill)> {
    ALL.into_iter().map(|prompt| (prompt, of(prompt))).find(|(_, skill)| skill.uri == uri)
}

/// A prompt as a skill: what a prompt is given as arguments, a skill takes from what the person says.
pub fn of(prompt: &Prompt) -> Skill {
    let (name, description) = (prompt.name.replace('_', "-"), prompt.description);
    // A JSON string is one of YAML too.
    let mut text = format!("---\nname: {name}\ndescription: {}\n---\n\n# {}\n\n", json!(description), prompt.title);
    let places = prompt.parameters.iter().fold(prompt.text.to_owned(), |text, parameter| {
        text.replace(&format!("{{{}}}", parameter.name), &format!("<{}>", parameter.name))
    });
    text.push_str(&places);
    text.push_str("\n\nPut in place of what stands in angle brackets what I named; ask me for what I did not:\n\n");
    for parameter in prompt.parameters {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- `<{}>`: {}", parameter.name, parameter.description);
    }
    Skill { uri: format!("skill://{name}/SKILL.md"), name, description, text }
}

impl Skill {
    /// The entry of `skills/list` and `skills/get`.
    pub fn entry(&self) -> Value {
        json!({
            "uri": self.uri,
            "frontmatter": { "name": self.name, "description": self.description },
            "resources": [{
                "uri": self.uri,
                "digest": format!("sha256:{}", digest::sha256_hex(&self.text)),
                "size": self.text.len(),
            }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_begins_with_its_name_and_description_and_has_a_place_for_each_argument() {
        for prompt in ALL {
            let skill = of(prompt);
            let frontmatter = format!("---\nname: {}\ndescription: {}\n---\n", skill.name, json!(skill.description));
            assert!(skill.text.starts_with(&frontmatter), "{}", skill.text);
            assert!(!skill.text.contains('{') && !skill.text.contains('}'), "{}", skill.text);
            for parameter in prompt.parameters {
                assert_eq!(skill.text.matches(&format!("- `<{}>`: ", parameter.name)).count(), 1, "{}", skill.text);
            }
        }
    }

    #[test]
    fn a_name_is_one_of_a_skill_and_ends_the_path_of_its_uri() {
        for prompt in ALL {
            let skill = of(prompt);
            assert!(skill.name.len() <= 64 && skill.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'));
            assert_eq!(skill.uri, format!("skill://{}/SKILL.md", skill.name));
            assert_eq!(find(&skill.uri).map(|(found, _)| found.name), Some(prompt.name));
        }
        assert!(find("skill://review-pull-request").is_none() && find("skill://other/SKILL.md").is_none());
    }

    #[test]
    fn the_digest_and_the_size_are_those_of_the_file() {
        let skill = Skill { uri: "u".into(), name: "n".into(), description: "d", text: "abc".into() };
        let resource = &skill.entry()["resources"][0];
        let digest = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((&resource["digest"], &resource["size"]), (&json!(digest), &json!(3)));
    }
}
