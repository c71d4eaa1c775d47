//! The AI clients that a person allowed in.

use std::time::Duration;

use maud::{Markup, html};

use super::{access, page, text::moment};
use crate::{
    authorization::{
        clients::Origin,
        endpoints::consent::sentence,
        grants::{self, EndedGrant, GrantSummary},
    },
    context::Context,
    governance::{policy::PolicySnapshot, snapshot_cache},
    identifiers::GrantId,
    identity::{browser::Browser, standing::record},
    platform::{
        Fault,
        http::{Request, Response},
    },
    tools,
};

const REVOKE: &str = "/clients/revoke";

/// `GET /clients`.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let grants = grants::list(context, &browser.person.id).await?;
        let ended = grants::ended(context, &browser.person.id).await?;
        let policy = snapshot_cache::current(context).await?;
        let vouched = record::find(context.platform.database.as_ref(), &browser.person.id).await?.is_some();
        Ok(page::page(
            context,
            Some(&browser),
            "AI clients",
            &content(context, &policy, &browser, &grants, &ended, vouched),
        ))
    })
    .await
}

/// `POST /clients/revoke`. One that is not there any more is as good as ended.
pub(super) async fn revoke(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let grant = GrantId::new(form.get("grant").unwrap_or_default());
        grants::end(context, &browser.person.id, &grant, grants::ENDED_BY_PERSON).await?;
        Ok(page::see_other("/clients"))
    })
    .await
}

/// `vouched`: the identity provider can be asked about the person.
fn content(
    context: &Context,
    policy: &PolicySnapshot,
    browser: &Browser,
    grants: &[GrantSummary],
    ended: &[EndedGrant],
    vouched: bool,
) -> Markup {
    html! {
        h1 { "AI clients" }
        p.lead { "Programs you allowed to act for you. End the ones you do not use or do not know." }
        @if !vouched {
            p {
                "Your organisation's identity provider says nothing about you after you have signed in, so the access of                  each client ends " (days(context.settings.grant_life)) " after you allowed it. It then asks you again."
            }
        }
        @if grants.is_empty() {
            section.card {
                p { "You have not allowed any yet. The " a href="/" { "front page" } " says how to connect one." }
            }
        } @else {
            div.table tabindex="0" role="region" aria-labelledby="clients-caption" {
                table {
                    caption id="clients-caption" { "Names are the clients' own and not verified, unless an administrator entered them." }
                    thead {
                        tr {
                            th scope="col" { "Client" }
                            th scope="col" { "May" }
                            th scope="col" { "Allowed" }
                            th scope="col" { "Last used" }
                            th scope="col" { "Access" }
                        }
                    }
                    tbody { @for grant in grants { (row(context, policy, browser, grant)) } }
                }
            }
        }
        @if !ended.is_empty() { (endings(ended)) }
    }
}

/// What ended without the person's doing, when and why.
fn endings(ended: &[EndedGrant]) -> Markup {
    html! {
        h2 id="ended" { "Ended in the last 30 days" }
        div.table tabindex="0" role="region" aria-labelledby="ended" {
            table {
                thead { tr { th scope="col" { "Client" } th scope="col" { "Ended" } th scope="col" { "Why" } } }
                tbody {
                    @for grant in ended {
                        tr {
                            th scope="row" { (grant.client_name) }
                            td { (moment(grant.ended_at)) }
                            td.wide { (grant.why) }
                        }
                    }
                }
            }
        }
    }
}

fn days(life: Duration) -> String {
    match life.as_secs().div_ceil(24 * 60 * 60) {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}

fn row(context: &Context, policy: &PolicySnapshot, browser: &Browser, grant: &GrantSummary) -> Markup {
    html! {
        tr {
            th scope="row" {
                (grant.client_name)
                @match &grant.redirect_host {
                    Some(host) => div.fine { "at " (host) },
                    None => div.fine { "let in by your organisation's identity provider" },
                }
                @match &grant.client_origin {
                    Some(Origin::MetadataDocument { host, .. }) => div.fine { "vouched for by " (host) },
                    Some(Origin::PreRegistered) => div.fine { "entered by an administrator" },
                    Some(Origin::SelfRegistered) | None => {},
                }
            }
            td {
                ul.chips { @for scope in grant.scopes.iter() { li title=(sentence(&context.settings, policy, scope, &tools::all())) { (scope.name()) } } }
            }
            td { (moment(grant.created_at)) }
            td { (moment(grant.used_at)) }
            td {
                form method="post" action=(REVOKE) {
                    (page::form_fields(context, browser, REVOKE))
                    input type="hidden" name="grant" value=(grant.id);
                    button.danger type="submit" aria-label=(format!("End access of {}", grant.client_name)) { "End" }
                }
            }
        }
    }
}
