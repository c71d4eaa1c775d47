//! The pages people see: rendered here, usable by keyboard and without a script.

mod access;
mod access_queue;
mod access_requests;
mod admin;
mod api;
mod approval;
mod approval_series;
mod approvals;
mod clients;
mod connect;
mod connect_a_client;
mod connections;
mod consent;
mod home;
pub mod page;
mod provider_page;
mod sessions;
mod sign_in;
mod text;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::{
    context::Context,
    identity::browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
    route::{Route, routes},
};
use page::Problem;

pub use api::ROUTES as API;

/// Where people are told how to connect an AI client.
pub const CONNECT_A_CLIENT: &str = "/connect-a-client";

/// Every page and form.
pub const ROUTES: &[Route] = routes! {
    Get "/" => home::home,
    Get "/connect-a-client" => connect_a_client::show,
    Get "/sign-in" => sign_in::sign_in,
    Get "/callback/identity" => sign_in::callback,
    Post "/sign-out" => sign_in::sign_out,
    Get "/authorize" => consent::authorize,
    Post "/authorize/decision" => consent::decide,
    Get "/connections" => connections::list,
    Post "/connections/{provider}/disconnect" => connections::disconnect,
    Post "/connections/{provider}/{site}/disconnect" => connections::disconnect,
    Get "/connect/{provider}" => connect::confirm,
    Get "/connect/{provider}/{site}" => connect::confirm,
    Post "/connect/{provider}" => connect::connect,
    Post "/connect/{provider}/{site}" => connect::connect,
    Get "/callback/{provider}" => connect::callback,
    Get "/callback/{provider}/{site}" => connect::callback,
    Get "/approvals" => approvals::list,
    Get "/approvals/{id}" => approvals::show,
    Post "/approvals/decide" => approvals::decide,
    Post "/approvals/end" => approvals::end,
    Get "/access" => access_requests::show,
    Post "/access" => access_requests::ask,
    Post "/access/break-glass" => access_requests::break_glass,
    Post "/access/decide" => access_queue::decide,
    Post "/access/end" => access_requests::end,
    Get "/clients" => clients::list,
    Post "/clients/revoke" => clients::revoke,
    Get "/admin/tools" => admin::tools::list,
    Post "/admin/tools/decide" => admin::tools::decide,
    Post "/admin/tools/decide-many" => admin::tools::decide_many,
    Post "/admin/tools/default" => admin::tools::set_default,
    Post "/admin/tools/classify" => admin::tools::tool_page::classify,
    Get "/admin/tools/{tool}" => admin::tools::tool_page::show,
    Get "/admin/accounts" => admin::accounts::list,
    Post "/admin/accounts" => admin::accounts::keep,
    Post "/admin/accounts/test" => admin::accounts::test,
    Post "/admin/accounts/remove" => admin::accounts::remove,
    Post "/admin/accounts/writes" => admin::accounts::decide_writes,
    Get "/admin/policy" => admin::policy::show,
    Post "/admin/policy/grant" => admin::policy::grant,
    Post "/admin/policy/rule" => admin::policy::add_rule,
    Post "/admin/policy/trust" => admin::policy::trust,
    Post "/admin/policy/change" => admin::policy::change,
    Get "/admin/policy/document" => admin::policy::document::show,
    Post "/admin/policy/document" => admin::policy::document::keep,
    Get "/admin/rights" => admin::policy::rights::show,
    Get "/admin/clients" => admin::clients::list,
    Post "/admin/clients" => admin::clients::enter,
    Post "/admin/clients/remove" => admin::clients::remove,
    Get "/admin/tokens" => admin::tokens::list,
    Post "/admin/tokens" => admin::tokens::make,
    Post "/admin/tokens/revoke" => admin::tokens::revoke,
    Get "/sessions" => sessions::list,
    Post "/sessions/end" => sessions::end,
    Post "/sessions/end-all" => sessions::end_all,
    Post "/sessions/end-everything" => sessions::end_everything,
    Get "/admin/people" => admin::people::list,
    Get "/admin/people/{id}" => admin::person::show,
    Post "/admin/people/end" => admin::person::end,
    Post "/admin/people/disable" => admin::person::disable,
    Post "/admin/people/enable" => admin::person::enable,
    Get "/admin/locks" => admin::locks::list,
    Post "/admin/locks" => admin::locks::lock,
    Post "/admin/locks/lift" => admin::locks::lift,
    Get "/admin/notices" => admin::notices::list,
    Post "/admin/notices" => admin::notices::enter,
    Post "/admin/notices/rotate" => admin::notices::rotate,
    Post "/admin/notices/test" => admin::notices::test,
    Post "/admin/notices/remove" => admin::notices::remove,
    Get "/admin/audit" => admin::audit::search,
    Get "/admin/audit/story" => admin::audit::story::show,
    Get "/admin/audit/monitoring" => admin::audit::monitoring::show,
    Get "/admin/audit/evidence" => admin::audit::evidence::pack,
    Get "/admin/audit/export" => admin::audit::export::export,
    Get "/admin/audit/segments" => admin::audit::segments::list,
    Get "/admin/audit/segments/{id}" => admin::audit::segments::download,
    Get "/admin/audit/verify" => admin::audit::verify::show,
    Post "/admin/audit/verify" => admin::audit::verify::step,
};

/// The page where there is none.
///
/// # Errors
/// Where Postern itself failed.
pub async fn not_found(context: &Context, request: &Request) -> Result<Response, Fault> {
    Ok(page::problem(context, browser::current(context, request).await?.as_ref(), &NOT_FOUND))
}

/// The page where only forms lead, or none of them does.
///
/// # Errors
/// Where Postern itself failed.
pub async fn method_not_allowed(context: &Context, request: &Request) -> Result<Response, Fault> {
    Ok(page::problem(context, browser::current(context, request).await?.as_ref(), &METHOD_NOT_ALLOWED))
}

const NOT_FOUND: Problem<'_> = Problem {
    status: 404,
    title: "There is no such page",
    explanation: "The address may be misspelt, or it is one that only programs use.",
    next_step: "Start from the front page.",
};

const METHOD_NOT_ALLOWED: Problem<'_> = Problem {
    status: 405,
    title: "There is nothing to see here",
    explanation: "This address is where a form of ours, or a program, sends something. It has no page of its own.",
    next_step: "Start from the front page.",
};
