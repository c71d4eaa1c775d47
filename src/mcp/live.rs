//! The backend of the product: the rooms below the endpoint.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::{
    authorization::{
        principal::Principal,
        tokens::{
            bearer,
            scope::{Scope, Scopes},
        },
    },
    connections::elicitation,
    context::Context,
    mcp::{
        backend::{Backend, ClientResponse},
        messages::{
            answer::{Answer, LinkStatus},
            completion::{CompletionAnswer, CompletionRequest},
            content::{PromptResult, ReadResult, ToolResult},
            input::Input,
            result::List,
        },
        methods::{completion, listing, prompts, resources, tools},
        transport::notifier::Notifier,
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
    session::{
        self,
        commands::{NotHeard, PutResponse, Refusal, TakeResponse},
        streams::Stream,
    },
};

/// The rooms themselves.
#[derive(Clone)]
pub struct LiveBackend(pub Context);

impl Backend for LiveBackend {
    fn admit(&self, request: &Request) -> Result<Principal, Response> {
        let Context { settings, platform, .. } = &self.0;
        bearer::check(settings, platform.clock.now(), request).map_err(|failure| bearer::challenge(settings, failure))
    }

    fn scope_too_small(&self, scopes: &Scopes, needed: Scope) -> Response {
        bearer::insufficient_scope(&self.0.settings, scopes, needed)
    }

    fn grant_ended(&self) -> Response {
        bearer::challenge(&self.0.settings, bearer::BearerFailure::Invalid)
    }

    async fn is_live(&self, principal: &Principal) -> Result<bool, Fault> {
        session::is_live(&self.0, &principal.subject, &principal.grant).await
    }

    async fn list(&self, principal: &Principal, list: List) -> Result<Result<Vec<Value>, Refusal>, Fault> {
        let listed = listing::tools(&self.0, principal).await?;
        Ok(listed.map(|tools| match list {
            List::Tools => tools.iter().map(|tool| tool.definition(&self.0.settings.sites)).collect(),
            // Nobody could list all that they may read: there are forms of it.
            List::Resources => Vec::new(),
            List::ResourceTemplates => resources::templates(&self.0.settings.sites, &tools),
            List::Prompts => prompts::definitions(&tools),
        }))
    }

    async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        _input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<ToolResult>, Fault> {
        Ok(tools::call(&self.0, principal, name, arguments, notifier).await?.map(ToolResult::text))
    }

    async fn listen(
        &self,
        principal: &Principal,
        stream: Stream,
        opens: bool,
    ) -> Result<Result<Vec<Value>, NotHeard>, Fault> {
        listing::listen(&self.0, principal, stream, opens).await
    }

    async fn read(&self, principal: &Principal, uri: &str, notifier: &Notifier) -> Result<Answer<ReadResult>, Fault> {
        resources::read(&self.0, principal, uri, notifier).await
    }

    async fn prompt(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &BTreeMap<String, String>,
        _input: &Input,
    ) -> Result<Answer<PromptResult>, Fault> {
        prompts::get(&self.0, principal, name, arguments).await
    }

    async fn complete(
        &self,
        principal: &Principal,
        request: &CompletionRequest<'_>,
        notifier: &Notifier,
    ) -> Result<CompletionAnswer, Fault> {
        completion::complete(&self.0, principal, request, notifier).await
    }

    async fn hold(&self, principal: &Principal, elicitation_id: &str) -> Result<(), Fault> {
        // Whoever may not be held looks at once, and finds out why when it calls again.
        session::hold(&self.0, &principal.subject, &principal.grant, elicitation_id).await.map(drop)
    }

    async fn link_status(&self, principal: &Principal, elicitation_id: &str) -> Result<LinkStatus, Fault> {
        tools::link_status(&self.0, principal, elicitation_id).await
    }

    async fn record_answer(&self, _principal: &Principal, elicitation_id: &str) -> Result<(), Fault> {
        elicitation::answered(&self.0, elicitation_id).await
    }

    async fn put_response(&self, principal: &Principal, id: &str, response: ClientResponse) -> Result<(), Fault> {
        let response = serde_json::to_string(&response).map_err(|error| Fault::new("response of a client", error))?;
        session::turn(&self.0, &principal.subject, PutResponse { id: id.to_owned(), response }).await
    }

    async fn take_response(&self, principal: &Principal, id: &str) -> Result<Option<ClientResponse>, Fault> {
        let response = session::turn(&self.0, &principal.subject, TakeResponse { id: id.to_owned() }).await?;
        let response = response.map(|response| serde_json::from_str(&response)).transpose();
        response.map_err(|error| Fault::new("response of a client", error))
    }
}
