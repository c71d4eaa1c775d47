//! Postern: the front door.

mod authorization;
mod catalog;
mod console;
mod crypto;
mod identifiers;
mod identity;
mod mcp;
mod platform;
mod postern;
mod session;
mod settings;
mod upstream;

use worker::{Context, Env, Result, event};

#[event(fetch)]
async fn fetch(request: worker::Request, environment: Env, context: Context) -> Result<worker::Response> {
    let request = platform::workers::inbound::read(request).await?;
    let _ = (environment, context, request);
    platform::workers::inbound::write(platform::http::Response::empty(200))
}
