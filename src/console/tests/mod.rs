//! What people can see and do in the console.

mod access_requests;
mod administration;
mod api;
mod approvals;
mod clients;
mod connections;
mod consents;
mod frame;
mod known_clients;
mod locks;
mod people;
mod policy;
mod sites;
mod third_provider;

use super::testing::run;
use crate::{context::Context, platform::database::sql};

fn register_client(context: &Context) {
    let client = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata,
             created_at)
         VALUES ('client', 'Editor <b>', '[\"http://127.0.0.1/callback\"]', '[\"authorization_code\"]', 'none', '{}', 0)");
    run(context, client);
}
