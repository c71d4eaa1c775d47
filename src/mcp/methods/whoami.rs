//! Who the caller is: the one operation that Postern answers by itself.

use serde::Deserialize;

use crate::{
    authorization::{clients, principal::Principal},
    connections::accounts::{self, Account},
    context::Context,
    governance::{organisation_account::Health, policy::PolicySnapshot, snapshot_cache},
    identifiers::{Subject, UserId},
    platform::{Fault, clock::Timestamp, database::sql},
    providers::{AccountKind, Accounts, Site},
};

/// Who they are, what their token may do and which accounts are connected.
///
/// # Errors
/// Where the record could not be read.
pub async fn answer(context: &Context, principal: &Principal) -> Result<String, Fault> {
    let (who, accounts) = match &principal.subject {
        Subject::Person(user) => (person(context, user).await?, Some(accounts::list(context, user).await?)),
        Subject::Service(client) => {
            let name = clients::find(context, client).await?.map(|client| client.name.clone()).unwrap_or_default();
            (format!("service: {name} ({client})"), None)
        }
    };
    let (sites, policy) = (&context.settings.sites, snapshot_cache::current(context).await?);
    let now = context.platform.clock.now();
    let line = |site: Site| {
        let name = if sites.are_several(site.provider) {
            format!("{} (site {})", site.provider.id, site.word())
        } else {
            site.provider.id.to_owned()
        };
        format!(
            "{name}: {}\n",
            account(site, &policy, policy.accounts(site, sites.accounts(site)), accounts.as_deref(), now)
        )
    };
    let lines: String = sites.all().map(line).collect();
    Ok(format!("{who}\nscopes: {}\n{lines}console: {}", principal.scopes, context.settings.public_url))
}

/// What the person does about an account whose tokens are worth nothing any more.
const CONNECT_AGAIN: &str = "to be connected again in the console";

/// Which account calls at a site work in, where people connect these; `own` are those of a person.
fn account(site: Site, policy: &PolicySnapshot, accounts: Accounts, own: Option<&[Account]>, now: Timestamp) -> String {
    let health = policy.organisation_account(site).map(|account| account.health(now));
    let shared = format!(
        "through the organisation's account{}{}",
        if accounts.organisation_writes { "" } else { ", to read alone" },
        match health {
            Some(Health::Refused(_) | Health::Ended(_)) =>
                "; its credential is of no use: an administrator has to renew it",
            Some(Health::EndsSoon(_)) => "; its credential ends soon: an administrator has to renew it",
            Some(Health::Works) | None => "",
        }
    );
    match (accounts.kind, own.map(|own| accounts::at(own, site))) {
        (AccountKind::Missing, _) => "not set up: an administrator has to enter a credential under Accounts".to_owned(),
        (AccountKind::Organisation, _) | (AccountKind::Either, None) => shared,
        (AccountKind::Personal | AccountKind::Either, Some(Some(account))) => {
            let missing = account.missing_scopes(site);
            let lacks = match missing.as_slice() {
                _ if account.is_broken() => format!("; {CONNECT_AGAIN}"),
                [] => String::new(),
                [first, ..] => format!("; {} scopes not granted, {first} among them", missing.len()),
            };
            format!("{} as {}{lacks}", account.state, account.account_name)
        }
        (AccountKind::Personal, None) => "not for a service, which has no account of its own".to_owned(),
        (AccountKind::Personal, Some(None)) => "not connected".to_owned(),
        (AccountKind::Either, Some(None)) => format!("not connected: {shared}"),
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
