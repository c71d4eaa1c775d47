//! Who the caller is: the one operation that Postern answers by itself.

use serde::Deserialize;

use crate::{
    authorization::{clients, principal::Principal},
    connections::accounts,
    context::Context,
    identifiers::{Subject, UserId},
    platform::{Fault, database::sql},
    providers::BITBUCKET,
};

/// Who they are, what their token may do and which accounts are connected.
///
/// # Errors
/// Where the record could not be read.
pub async fn answer(context: &Context, principal: &Principal) -> Result<String, Fault> {
    let (who, bitbucket) = match &principal.subject {
        Subject::Person(user) => person_and_bitbucket(context, user).await?,
        Subject::Service(client) => {
            let name = clients::find(context, client).await?.map(|client| client.name.clone()).unwrap_or_default();
            (format!("service: {name} ({client})"), "not for a service, which has no account of its own".to_owned())
        }
    };
    Ok(format!(
        "{who}\nscopes: {}\nbitbucket: {bitbucket}\nconfluence: through the organisation's account\nconsole: {}",
        principal.scopes, context.settings.public_url
    ))
}

async fn person_and_bitbucket(context: &Context, user: &UserId) -> Result<(String, String), Fault> {
    #[derive(Deserialize)]
    struct Row {
        username: String,
        name: String,
    }
    let database = context.platform.database.as_ref();
    let statement = sql("SELECT username, name FROM users WHERE id = ?1").bind(user);
    let person: Row = database
        .run(statement)
        .await?
        .first()?
        .ok_or_else(|| Fault::new("users", "the token's user is not on record"))?;
    let accounts = accounts::list(database, user).await?;
    let bitbucket = accounts
        .iter()
        .find(|account| account.provider == BITBUCKET.id)
        .map_or_else(|| "not connected".to_owned(), |account| format!("{} as {}", account.state, account.account_name));
    Ok((format!("user: {} ({})", person.name, person.username), bitbucket))
}
