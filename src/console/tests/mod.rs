//! What people can see and do in the console.

mod administration;
mod clients;
mod connections;
mod frame;
mod known_clients;
mod people;

use super::testing::run;
use crate::{platform::database::sql, postern::Postern};

fn register_client(postern: &Postern) {
    let client = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata,
             created_at)
         VALUES ('client', 'Editor <b>', '[\"http://127.0.0.1/callback\"]', '[\"authorization_code\"]', 'none', '{}', 0)");
    run(postern, client);
}
