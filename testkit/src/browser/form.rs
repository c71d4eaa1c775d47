//! The forms of a page, with the values that a browser would send if nobody touched them.

use html5gum::{StartTag, Token, Tokenizer};
use std::collections::BTreeMap;

/// One `<form>`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it leads, relative to the page.
    pub action: String,
    pub is_post: bool,
    /// Names and values as they stand; [`Form::set`] changes one.
    pub fields: Vec<(String, String)>,
    /// The names and values of its submit buttons.
    pub buttons: Vec<(String, String)>,
    /// What each `<select>` offers, by its name.
    pub choices: BTreeMap<String, Vec<String>>,
}

impl Form {
    /// Whether something is to be filled in under this name.
    pub fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Whether it can be submitted by this button.
    pub fn has_button(&self, name: &str, value: &str) -> bool {
        self.buttons.iter().any(|button| (button.0.as_str(), button.1.as_str()) == (name, value))
    }

    /// Fills in one field.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
    }
}

/// All forms of an HTML page.
pub(super) fn parse(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut form: Option<Form> = None;
    let mut select: Option<Select> = None;
    let mut textarea: Option<(String, String)> = None;
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if tag.name.as_slice() == b"form" => {
                forms.extend(form.take());
                let is_post = attribute(&tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
                form = Some(Form { action: attribute(&tag, "action").unwrap_or_default(), is_post, ..Form::default() });
            }
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"select" => select = attribute(&tag, "name").map(Select::named),
                b"textarea" => textarea = attribute(&tag, "name").map(|name| (name, String::new())),
                b"option" => {
                    if let Some(select) = &mut select {
                        select
                            .offer(attribute(&tag, "value").unwrap_or_default(), attribute(&tag, "selected").is_some());
                    }
                }
                name => {
                    if let Some(form) = &mut form {
                        add_control(form, name, &tag);
                    }
                }
            },
            Token::String(text) => {
                if let Some((_, content)) = &mut textarea {
                    content.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"form" => forms.extend(form.take()),
                b"select" => {
                    if let (Some(form), Some(select)) = (&mut form, select.take()) {
                        form.fields.extend(select.value().map(|value| (select.name.clone(), value)));
                        form.choices.insert(select.name, select.options);
                    }
                }
                b"textarea" => {
                    if let (Some(form), Some(field)) = (&mut form, textarea.take()) {
                        form.fields.push(field);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    forms.extend(form);
    forms
}

/// The page's title.
pub(super) fn title(html: &str) -> Option<String> {
    let mut title: Option<String> = None;
    for token in Tokenizer::new(html) {
        let Ok(token) = token;
        match (token, &mut title) {
            (Token::StartTag(tag), _) if tag.name.as_slice() == b"title" => title = Some(String::new()),
            (Token::String(text), Some(title)) => title.push_str(&String::from_utf8_lossy(&text)),
            (Token::EndTag(tag), Some(_)) if tag.name.as_slice() == b"title" => return title,
            _ => {}
        }
    }
    None
}

struct Select {
    name: String,
    options: Vec<String>,
    selected: Option<String>,
}

impl Select {
    fn named(name: String) -> Self {
        Self { name, options: Vec::new(), selected: None }
    }

    fn offer(&mut self, value: String, is_selected: bool) {
        if is_selected {
            self.selected = Some(value.clone());
        }
        self.options.push(value);
    }

    fn value(&self) -> Option<String> {
        self.selected.as_ref().or(self.options.first()).cloned()
    }
}

fn add_control(form: &mut Form, element: &[u8], tag: &StartTag<()>) {
    let kind = attribute(tag, "type").unwrap_or_default().to_ascii_lowercase();
    let name = attribute(tag, "name").unwrap_or_default();
    let value = attribute(tag, "value");
    let is_checked = attribute(tag, "checked").is_some();
    match (element, kind.as_str()) {
        (b"button", "" | "submit") | (b"input", "submit" | "image") => {
            form.buttons.push((name, value.unwrap_or_default()));
        }
        (b"button", _) | (b"input", "button" | "reset" | "file") => {}
        (b"input", "checkbox" | "radio") if !is_checked => {}
        (b"input", "checkbox" | "radio") => form.fields.push((name, value.unwrap_or_else(|| "on".to_owned()))),
        (b"input", _) if !name.is_empty() => form.fields.push((name, value.unwrap_or_default())),
        _ => {}
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| String::from_utf8_lossy(value).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_holds_what_a_browser_would_send() {
        let page = r#"<title>Allow &amp; go</title><form method="post" action="/consent?a=1&amp;b=2">
            <input type=hidden name=csrf value="&quot;x&quot;"><input type="checkbox" name="all">
            <input name="note"><textarea name="why">because</textarea>
            <select name="account"><option value="one">One<option value="two" selected>Two</select>
            <button name="decision" value="approve">Yes</button><button type="button" name="help">?</button></form>"#;
        let fields = [("csrf", "\"x\""), ("note", ""), ("why", "because"), ("account", "two")];
        let form = Form {
            action: "/consent?a=1&b=2".into(),
            is_post: true,
            fields: fields.map(|(name, value)| (name.into(), value.into())).into(),
            buttons: vec![("decision".into(), "approve".into())],
            choices: [("account".into(), vec!["one".into(), "two".into()])].into(),
        };
        assert_eq!(parse(page), [form]);
        assert_eq!(title(page).as_deref(), Some("Allow & go"));
    }
}
