//! What strangers may cost at the OAuth endpoints (rate limits), asked before anything is looked up, fetched or written
//! for them.

use crate::{
    context::Context,
    platform::{
        http::{Request, Response},
        limiter::Limit,
        sender::Sender,
    },
};

/// Whether one more request to that endpoint is answered at all.
pub async fn may_ask(context: &Context, request: &Request, endpoint: &str) -> bool {
    by_network(context, Limit::Requests, endpoint, &request.sender()).await
}

/// Whether one more client may be registered from there.
pub async fn may_register(context: &Context, sender: &Sender) -> bool {
    by_network(context, Limit::Registrations, "register", sender).await
}

/// Whether a client that was just refused may go on. One network and one client, so that nobody else pays for it.
pub async fn may_fail(context: &Context, client: &str, sender: &Sender) -> bool {
    let client: String = client.chars().take(64).collect();
    context.platform.limiter.allow(Limit::Failures, &format!("{client}:{sender}")).await
}

/// Whether Postern fetches one more address of that host because somebody there named it: nobody uses us against others.
pub async fn may_fetch(context: &Context, host: &str, sender: &Sender) -> bool {
    by_network(context, Limit::Fetches, "from", sender).await
        && context.platform.limiter.allow(Limit::Fetches, &format!("to:{host}")).await
}

/// Senders whose network nobody knows are not counted together, or one of them could shut out the others.
async fn by_network(context: &Context, limit: Limit, what: &str, sender: &Sender) -> bool {
    let Some(network) = sender.network() else { return true };
    context.platform.limiter.allow(limit, &format!("{what}:{network}")).await
}

/// What a program is told that has to wait.
pub fn too_many(explanation: &str) -> Response {
    let body = serde_json::json!({ "error": "temporarily_unavailable", "error_description": explanation });
    Response::json(429, &body).with("retry-after", "60")
}
