//! Who the caller is: the one operation that Postern answers by itself.

use serde::Deserialize;

use crate::{
    authorization::{clients, principal::Principal},
    connections::accounts::{self, Account},
    context::Context,
    identifiers::{Subject, UserId},
    platform::{Fault, database::sql},
    providers::{AccountKind, Site},
};

/// Who they are, what their token may do and which accounts are connected.
///
/// # Errors
/// Where the record could not be read.
pub async fn answer(context: &Context, principal: &Principal) -> Result<String, Fault> {
    let database = context.platform.database.as_ref();
    let (who, accounts) = match &principal.subject {
        Subject::Person(user) => (person(context, user).await?, Some(accounts::list(database, user).await?)),
        Subject::Service(client) => {
            let name = clients::find(context, client).await?.map(|client| client.name.clone()).unwrap_or_default();
            (format!("service: {name} ({client})"), None)
        }
    };
    let sites = &context.settings.sites;
    let line = |site: Site| {
        let name = if sites.are_several(site.provider) {
            format!("{} (site {})", site.provider.id, site.word())
        } else {
            site.provider.id.to_owned()
        };
        format!("{name}: {}\n", account(site, sites.accounts(site), accounts.as_deref()))
    };
    let lines: String = sites.all().map(line).collect();
    Ok(format!("{who}\nscopes: {}\n{lines}console: {}", principal.scopes, context.settings.public_url))
}

/// Which account calls at a site work in, where people connect these; `own` are those of a person.
fn account(site: Site, accounts: AccountKind, own: Option<&[Account]>) -> String {
    const SHARED: &str = "through the organisation's account";
    match (accounts, own.map(|own| accounts::at(own, site))) {
        (AccountKind::Organisation, _) => SHARED.to_owned(),
        (AccountKind::Personal | AccountKind::Either, Some(Some(account))) => {
            format!("{} as {}", account.state, account.account_name)
        }
        (AccountKind::Personal, None) => "not for a service, which has no account of its own".to_owned(),
        (AccountKind::Personal, Some(None)) => "not connected".to_owned(),
        (AccountKind::Either, None) => format!("{SHARED}, to read alone"),
        (AccountKind::Either, Some(None)) => format!("not connected: {SHARED}, to read alone"),
    }
}

async fn person(context: &Context, user: &UserId) -> Result<String, Fault> {
    #[derive(Deserialize)]
    struct Row {
        username: String,
        name: String,
    }
    let statement = sql("SELECT username, name FROM users WHERE id = ?1").bind(user);
    let person: Row = context
        .platform
        .database
        .run(statement)
        .await?
        .first()?
        .ok_or_else(|| Fault::new("users", "the token's user is not on record"))?;
    Ok(format!("user: {} ({})", person.name, person.username))
}
