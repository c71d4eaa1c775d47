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
            answer::{Answer, Destination, LinkStatus},
            completion::{CompletionAnswer, CompletionRequest},
            content::{PromptResult, ReadResult, ToolResult},
            input::Input,
            result::{self, List},
            task::Task,
        },
        methods::{
            completion, gates,
            listing::{self, Offer},
            prompts, resources,
            tools::{self, Origin},
        },
        transport::notifier::Notifier,
        wire::{error::Error, jsonrpc},
    },
    platform::{
        Fault,
        http::{Request, Response},
        json,
    },
    session::{
        self,
        commands::{NotHeard, PutResponse, Refusal, TakeResponse},
        streams::Stream,
    },
    settings::Settings,
    tools::{Gate, view::View},
};

/// The rooms themselves, as one address shows them.
#[derive(Clone)]
pub struct LiveBackend {
    pub context: Context,
    view: View,
    /// What tells the address apart as a resource (RFC 9728).
    suffix: String,
}

impl LiveBackend {
    pub fn at(context: &Context, request: &Request) -> Self {
        // What is no view is refused once it is known who asks.
        let view = View::parse(&request.query).unwrap_or_default();
        Self { context: context.clone(), view, suffix: View::suffix(&request.query) }
    }
}

impl Backend for LiveBackend {
    fn instructions(&self, settings: &Settings) -> String {
        result::instructions(settings, self.view.has_gates())
    }

    fn admit(&self, request: &Request) -> Result<Principal, Response> {
        let Context { settings, platform, .. } = &self.context;
        let principal = bearer::check(settings, platform.clock.now(), request)
            .map_err(|failure| bearer::challenge(settings, &self.suffix, failure))?;
        View::parse(&request.query)
            .map_err(|problem| jsonrpc::refuse(400, None, &Error::new(Error::INVALID_REQUEST, problem.to_string())))?;
        Ok(principal)
    }

    fn scope_too_small(&self, scopes: &Scopes, needed: Scope) -> Response {
        bearer::insufficient_scope(&self.context.settings, &self.suffix, scopes, needed)
    }

    fn grant_ended(&self) -> Response {
        bearer::challenge(&self.context.settings, &self.suffix, bearer::BearerFailure::Invalid)
    }

    async fn is_live(&self, principal: &Principal) -> Result<bool, Fault> {
        session::is_live(&self.context, &principal.subject, &principal.grant).await
    }

    async fn list(&self, principal: &Principal, list: List) -> Result<Result<Vec<Value>, Refusal>, Fault> {
        let (settings, view) = (&self.context.settings, &self.view);
        let offered = listing::offer(&self.context, principal).await?;
        Ok(offered.map(|Offer { mut runnable, .. }| {
            runnable.retain(|tool| view.admits(tool));
            match list {
                List::Tools => view.entries(settings, &runnable),
                // Nobody could list all that they may read: there are forms of it.
                List::Resources => Vec::new(),
                List::ResourceTemplates => resources::templates(&settings.sites, &runnable),
                List::Prompts => prompts::definitions(&runnable),
                List::Skills => prompts::skills(&runnable),
            }
        }))
    }

    async fn call(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<ToolResult>, Fault> {
        let key = input.idempotency_key.as_deref();
        let origin = Origin { key, only_repeats: input.only_repeats, ..Origin::direct(&self.context, principal) };
        if let Some(gate) = Gate::named(name) {
            return gates::call(origin, &self.view, gate, arguments, notifier).await;
        }
        let Some(tool) = crate::tools::find(name) else { return Ok(Answer::Unknown) };
        let answer = tools::call_tool(origin, &tool, arguments, notifier).await?;
        Ok(answer.map(ToolResult::answer))
    }

    async fn listen(
        &self,
        principal: &Principal,
        stream: Stream,
        opens: bool,
    ) -> Result<Result<Vec<Value>, NotHeard>, Fault> {
        listing::listen(&self.context, principal, &self.view, stream, opens).await
    }

    async fn read(&self, principal: &Principal, uri: &str, notifier: &Notifier) -> Result<Answer<ReadResult>, Fault> {
        if uri.starts_with("skill://") {
            return prompts::read_skill(&self.context, principal, uri).await;
        }
        resources::read(&self.context, principal, uri, notifier).await
    }

    async fn prompt(
        &self,
        principal: &Principal,
        name: &str,
        arguments: &BTreeMap<String, String>,
        _input: &Input,
    ) -> Result<Answer<PromptResult>, Fault> {
        prompts::get(&self.context, principal, name, arguments).await
    }

    async fn complete(
        &self,
        principal: &Principal,
        request: &CompletionRequest<'_>,
        notifier: &Notifier,
    ) -> Result<CompletionAnswer, Fault> {
        completion::complete(&self.context, principal, request, notifier).await
    }

    async fn hold(&self, principal: &Principal, leads_to: Destination, id: &str) -> Result<(), Fault> {
        // Whoever may not be held looks at once, and finds out why when it calls again.
        let (context, Principal { subject, grant, .. }) = (&self.context, principal);
        let held = match leads_to {
            Destination::Connection(_) => session::hold(context, subject, grant, id).await,
            Destination::Approval => session::hold_for_approval(context, subject, grant, id).await,
        };
        held.map(drop)
    }

    async fn link_status(&self, principal: &Principal, leads_to: Destination, id: &str) -> Result<LinkStatus, Fault> {
        match leads_to {
            Destination::Connection(_) => tools::link_status(&self.context, principal, id).await,
            Destination::Approval => tools::approval_status(&self.context, id).await,
        }
    }

    async fn record_answer(&self, _principal: &Principal, leads_to: Destination, id: &str) -> Result<(), Fault> {
        match leads_to {
            Destination::Connection(_) => elicitation::answered(&self.context, id).await,
            Destination::Approval => Ok(()),
        }
    }

    async fn task(&self, principal: &Principal, id: &str) -> Result<Option<Task>, Fault> {
        tools::tasks::find(&self.context, principal, id).await
    }

    async fn cancel_task(&self, principal: &Principal, id: &str) -> Result<bool, Fault> {
        tools::tasks::cancel(&self.context, principal, id).await
    }

    async fn put_response(&self, principal: &Principal, id: &str, response: ClientResponse) -> Result<(), Fault> {
        let response = serde_json::to_string(&response).map_err(|error| Fault::new("response of a client", error))?;
        session::turn(&self.context, &principal.subject, PutResponse { id: id.to_owned(), response }).await
    }

    async fn take_response(&self, principal: &Principal, id: &str) -> Result<Option<ClientResponse>, Fault> {
        let response = session::turn(&self.context, &principal.subject, TakeResponse { id: id.to_owned() }).await?;
        let response = response.map(|response| json::from_str(&response)).transpose();
        response.map_err(|error| Fault::new("response of a client", error))
    }
}
