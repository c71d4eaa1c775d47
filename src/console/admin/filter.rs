//! The form above a list by which an administrator narrows it, and the address of the list's next page.

use maud::{Markup, html};

use crate::platform::http::Form;

/// A field for one line of text, or for whatever else an `input` of that type takes.
pub fn field(name: &str, label: &str, kind: &str, value: Option<&str>) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            input id=(name) name=(name) type=(kind) autocomplete="off" value=[value];
        }
    }
}

/// A choice of one among values, each with its label, or of all.
pub fn choice<'a>(
    name: &str,
    label: &str,
    all: &str,
    values: impl Iterator<Item = (&'a str, String)>,
    chosen: Option<&str>,
) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (all) }
                @for (value, label) in values {
                    option value=(value) selected[chosen == Some(value)] { (label) }
                }
            }
        }
    }
}

/// A choice of one among values, each with its label.
pub fn choice_among<'a>(name: &str, label: &str, values: impl Iterator<Item = (&'a str, String)>) -> Markup {
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) { @for (value, label) in values { option value=(value) { (label) } } }
        }
    }
}

/// The form for the list at that address. `label` says what it does, `button` in one word.
pub fn form(address: &str, label: &str, button: &str, fields: &[Markup]) -> Markup {
    html! {
        form.filter method="get" action=(address) role="search" aria-label=(label) {
            @for field in fields { (field) }
            div.actions {
                button.primary type="submit" { (button) }
                a.button href=(address) { "Clear" }
            }
        }
    }
}

/// What was written in a field, if anything was.
pub fn text(query: &Form, name: &str) -> Option<String> {
    query.get(name).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The address of what comes after that position, narrowed as before.
pub fn next(address: &str, narrowed: &[(&str, Option<&str>)], after: &str) -> String {
    self::address(address, &[narrowed, &[("after", Some(after))]].concat())
}

/// The address of what is narrowed so.
pub fn address(address: &str, narrowed: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in narrowed {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    format!("{address}?{}", query.finish())
}
