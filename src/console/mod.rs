//! The pages people see: rendered here, without a script, usable by keyboard.

mod access;
mod admin_audit;
mod admin_clients;
mod admin_people;
mod admin_person;
mod admin_tools;
mod clients;
mod connections;
mod consent;
mod home;
pub mod page;
mod sessions;
mod sign_in;
mod text;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use crate::{
    identity::browser,
    platform::{
        Fault,
        http::{Method, Request, Response},
    },
    postern::Postern,
};
use page::Problem;

/// Answers a request for a page. `path` is the request's path, cut at its slashes.
///
/// # Errors
/// Where Postern itself failed.
pub async fn respond(postern: &Postern, request: &Request, path: &[&str]) -> Result<Response, Fault> {
    let method = if request.method == Method::Head { Method::Get } else { request.method };
    match (method, path) {
        (Method::Get, [""]) => home::home(postern, request).await,
        (Method::Get, ["sign-in"]) => sign_in::sign_in(postern, request).await,
        (Method::Get, ["callback", "identity"]) => sign_in::callback(postern, request).await,
        (Method::Post, ["sign-out"]) => sign_in::sign_out(postern, request).await,
        (Method::Get, ["authorize"]) => consent::authorize(postern, request).await,
        (Method::Post, ["authorize", "decision"]) => consent::decide(postern, request).await,
        (Method::Get, ["connections"]) => connections::list(postern, request).await,
        (Method::Get, ["connect", "bitbucket"]) => connections::confirm(postern, request).await,
        (Method::Post, ["connect", "bitbucket"]) => connections::connect(postern, request).await,
        (Method::Get, ["callback", "bitbucket"]) => connections::callback(postern, request).await,
        (Method::Post, ["connections", "bitbucket", "disconnect"]) => connections::disconnect(postern, request).await,
        (Method::Get, ["clients"]) => clients::list(postern, request).await,
        (Method::Post, ["clients", "revoke"]) => clients::revoke(postern, request).await,
        (Method::Get, ["admin", "tools"]) => admin_tools::list(postern, request).await,
        (Method::Post, ["admin", "tools", "decide"]) => admin_tools::decide(postern, request).await,
        (Method::Post, ["admin", "tools", "approve-pending"]) => admin_tools::approve_pending(postern, request).await,
        (Method::Get, ["admin", "clients"]) => admin_clients::list(postern, request).await,
        (Method::Post, ["admin", "clients"]) => admin_clients::enter(postern, request).await,
        (Method::Post, ["admin", "clients", "remove"]) => admin_clients::remove(postern, request).await,
        (Method::Get, ["sessions"]) => sessions::list(postern, request).await,
        (Method::Post, ["sessions", "end"]) => sessions::end(postern, request).await,
        (Method::Post, ["sessions", "end-all"]) => sessions::end_all(postern, request).await,
        (Method::Post, ["sessions", "end-everything"]) => sessions::end_everything(postern, request).await,
        (Method::Get, ["admin", "people"]) => admin_people::list(postern, request).await,
        (Method::Get, ["admin", "people", id]) => admin_person::show(postern, request, id).await,
        (Method::Post, ["admin", "people", "end"]) => admin_person::end(postern, request).await,
        (Method::Post, ["admin", "people", "disable"]) => admin_person::disable(postern, request).await,
        (Method::Post, ["admin", "people", "enable"]) => admin_person::enable(postern, request).await,
        (Method::Post, ["admin", "people", "stop"]) => admin_people::stop(postern, request).await,
        (Method::Post, ["admin", "people", "lift"]) => admin_people::lift(postern, request).await,
        (Method::Get, ["admin", "audit"]) => admin_audit::search(postern, request).await,
        _ => Ok(page::problem(postern, browser::current(postern, request).await?.as_ref(), &NOT_FOUND)),
    }
}

const NOT_FOUND: Problem<'_> = Problem {
    status: 404,
    title: "There is no such page",
    explanation: "The address may be misspelt, or it is one that only programs use.",
    next_step: "Start from the front page.",
};
