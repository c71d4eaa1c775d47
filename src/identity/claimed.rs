//! Roles and groups as they are on record: what the identity provider claimed, and when. They are authenticated with that
//! moment, so that whoever can write to the record cannot make an administrator, nor make one of somebody who was one long
//! ago.

use std::{marker::PhantomData, time::Duration};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    context::Context,
    crypto::authenticator::{Authenticator, Table},
    governance::attributes::{Attributes, Groups, Role},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, Statement, sql},
        json,
        log::{self, Level},
    },
};

/// How long a browser stays signed in, and so how long a claim of roles or groups is believed.
pub const SESSION_LIFE: Duration = Duration::from_secs(12 * 60 * 60);

/// An attribute that the identity provider claims. Where nothing is known of it, it is the default.
pub trait Attribute: Serialize + DeserializeOwned + Default + PartialEq {
    /// Whose it is, which, and since when.
    const TABLE: Table;
}

impl Attribute for Vec<Role> {
    const TABLE: Table = Table { name: "users", columns: &["id", "roles", "roles_at"] };
}

impl Attribute for Groups {
    const TABLE: Table = Table { name: "users.groups", columns: &["id", "groups", "roles_at"] };
}

/// An attribute as the identity provider claimed it at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed<A> {
    /// As JSON: its column.
    pub json: String,
    /// The column `roles_at`.
    pub at: Timestamp,
    attribute: PhantomData<A>,
}

impl<A: Attribute> Claimed<A> {
    pub fn new(attribute: &A, at: Timestamp) -> Self {
        Self::on_record(json!(attribute).to_string(), at)
    }

    pub const fn on_record(json: String, at: Timestamp) -> Self {
        Self { json, at, attribute: PhantomData }
    }

    fn values(&self, user: &UserId) -> [Value; 3] {
        [json!(user), json!(self.json), json!(self.at)]
    }

    /// The authentication of the attribute as the one of that person.
    pub fn mac(&self, authenticator: &Authenticator, user: &UserId) -> String {
        authenticator.row(&A::TABLE, &self.values(user))
    }

    /// The attribute that counts now: nothing where we did not write it for that person, or where it was claimed longer
    /// ago than a browser stays signed in, which no sign-in of a browser that is signed in was.
    ///
    /// # Errors
    /// Where it is no such attribute.
    pub fn believed(
        &self,
        authenticator: &Authenticator,
        user: &UserId,
        mac: Option<&str>,
        now: Timestamp,
    ) -> Result<A, Fault> {
        let attribute: A = json::from_str(&self.json).map_err(|error| Fault::new(A::TABLE.name, error))?;
        let is_believed = attribute == A::default()
            || (now.since(self.at) < SESSION_LIFE && is_ours(authenticator, &A::TABLE, &self.values(user), mac));
        Ok(if is_believed { attribute } else { A::default() })
    }
}

fn is_ours(authenticator: &Authenticator, table: &Table, values: &[Value; 3], mac: Option<&str>) -> bool {
    let is_ours = authenticator.is_row(table, values, mac);
    if !is_ours {
        let [user, ..] = values;
        log::write(
            Level::Error,
            "a claim on record is not authentic",
            &[("user", user.clone()), ("table", table.name.into())],
        );
    }
    is_ours
}

/// What has the record say which roles and groups a person has, for [`attributes_of`] to read.
pub fn query(user: &UserId) -> Statement {
    sql("SELECT roles, roles_at, mac, groups, groups_mac FROM users WHERE id = ?1").bind(user)
}

/// The roles and groups of a person that count now.
///
/// # Errors
/// Where the record cannot be read.
pub async fn attributes(context: &Context, user: &UserId) -> Result<Attributes, Fault> {
    attributes_of(context, user, context.platform.database.run(query(user)).await?)
}

/// The person of that user name, if one alone has it, with the roles and groups that count now.
///
/// # Errors
/// Where the record cannot be read.
pub async fn attributes_by_name(context: &Context, username: &str) -> Result<Option<(UserId, Attributes)>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        id: UserId,
    }
    let query = sql("SELECT id FROM users WHERE username = ?1 LIMIT 2").bind(username);
    let mut found = context.platform.database.run(query).await?.all::<Row>()?.into_iter();
    let (Some(Row { id }), None) = (found.next(), found.next()) else { return Ok(None) };
    let attributes = attributes(context, &id).await?;
    Ok(Some((id, attributes)))
}

/// Those of a person, of what the record answered to [`query`].
///
/// # Errors
/// Where that is of another form.
pub fn attributes_of(context: &Context, user: &UserId, record: Rows) -> Result<Attributes, Fault> {
    #[derive(Deserialize)]
    struct Row {
        roles: String,
        roles_at: Option<Timestamp>,
        mac: Option<String>,
        groups: Option<String>,
        groups_mac: Option<String>,
    }
    let Some(Row { roles, roles_at: Some(at), mac, groups, groups_mac }) = record.first::<Row>()? else {
        return Ok(Attributes::default());
    };
    let (authenticator, now) = (context.settings.authenticator(), context.platform.clock.now());
    let roles = Claimed::on_record(roles, at).believed(authenticator, user, mac.as_deref(), now)?;
    let groups = match groups {
        Some(json) => Claimed::on_record(json, at).believed(authenticator, user, groups_mac.as_deref(), now)?,
        None => Groups::default(),
    };
    Ok(Attributes { roles, groups })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn believed(roles: &[Role], of: &str, mac_of: &str, now: Timestamp) -> Vec<Role> {
        let settings = settings::for_tests();
        let claimed = Claimed::new(&roles.to_vec(), NOW);
        let mac = Claimed::new(&vec![Role::Administrator], NOW);
        let mac = mac.mac(settings.authenticator(), &UserId::new(mac_of));
        claimed.believed(settings.authenticator(), &UserId::new(of), Some(&mac), now).unwrap()
    }

    #[test]
    fn roles_are_believed_of_whom_they_were_claimed() {
        assert_eq!(believed(&[Role::Administrator], "ada", "ada", NOW), [Role::Administrator]);
        assert_eq!(believed(&[Role::Administrator], "mallory", "ada", NOW), []);
    }

    #[test]
    fn a_role_that_was_added_makes_none_of_them_believed() {
        assert_eq!(believed(&[Role::Administrator, Role::Approver], "ada", "ada", NOW), []);
    }

    #[test]
    fn roles_of_long_ago_are_not_believed() {
        assert_eq!(believed(&[Role::Administrator], "ada", "ada", NOW + SESSION_LIFE), []);
    }

    #[test]
    fn groups_that_are_not_authentic_are_not_known() {
        let (settings, ada) = (settings::for_tests(), UserId::new("ada"));
        let claimed = Claimed::new(&Groups::within_bound(&["/team"], &[]), NOW);
        let mac = claimed.mac(settings.authenticator(), &ada);
        let believed = |user: &UserId| claimed.believed(settings.authenticator(), user, Some(&mac), NOW).unwrap();
        assert_eq!(believed(&ada), Groups::within_bound(&["/team"], &[]));
        assert_eq!(believed(&UserId::new("mallory")), Groups::default());
    }
}
