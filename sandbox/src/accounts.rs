//! The people of the demo organisation. `test-…` names exist as soon as somebody signs in with one,
//! so that every test can have a person of its own.

use crate::identifier;

/// A person's Bitbucket account.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) display_name: String,
    pub(crate) administrator: bool,
}

impl Person {
    /// With braces, as Bitbucket writes it.
    pub(crate) fn uuid(&self) -> String {
        format!("{{{}}}", identifier::uuid("person", &self.name))
    }

    pub(crate) fn account_id(&self) -> String {
        format!("712020:{}", identifier::uuid("account", &self.name))
    }
}

/// The accounts that the consent page lists.
pub(crate) const KNOWN: [&str; 3] = ["developer", "approver", "admin"];

/// The person of that name, or none.
pub(crate) fn find(name: &str) -> Option<Person> {
    let display_name = match name {
        "developer" => "Dana Developer".to_owned(),
        "approver" => "Alex Approver".to_owned(),
        "admin" => "Ada Admin".to_owned(),
        _ => format!("Test user {}", test_name(name)?),
    };
    Some(Person {
        name: name.to_owned(),
        display_name,
        administrator: name == "admin" || name.starts_with("test-admin-"),
    })
}

/// The person with that UUID, of those whom the consent page lists and of those who have signed in.
pub(crate) fn by_uuid<'a>(uuid: &str, signed_in: impl Iterator<Item = &'a str>) -> Option<Person> {
    KNOWN.into_iter().chain(signed_in).filter_map(find).find(|person| person.uuid() == uuid)
}

fn test_name(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("test-")?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = !rest.is_empty() && name.len() <= 80 && rest.bytes().all(plain);
    fits.then_some(name)
}
