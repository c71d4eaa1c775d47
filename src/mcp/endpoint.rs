//! The endpoint: one request, its context and the rooms that serve it.

use crate::{
    authorization::principal::Principal,
    context::Context,
    mcp::{
        backend::Backend,
        messages::{
            answer::Answer,
            content::MethodResult,
            input::Input,
            target::{Kind, RequestTarget},
        },
        transport::notifier::Notifier,
        wire::error::Error,
    },
    platform::{Fault, http::Response, log::Level},
};

/// The endpoint serving one request.
#[derive(Clone)]
pub struct Endpoint<N> {
    pub context: Context,
    pub backend: N,
}

impl<N: Backend> Endpoint<N> {
    /// Calls the tool, reads the resource or gets the prompt, and reports progress while that takes long.
    ///
    /// # Errors
    /// Where Postern itself failed.
    pub async fn ask(
        &self,
        principal: &Principal,
        target: &RequestTarget<'_>,
        input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<MethodResult>, Error> {
        let (backend, name) = (&self.backend, target.name);
        let asking = async {
            Ok(match target.kind {
                Kind::Tool => {
                    backend.call(principal, name, &target.arguments, input, notifier).await?.map(MethodResult::Tool)
                }
                Kind::Resource => backend.read(principal, name, notifier).await?.map(MethodResult::Resource),
                Kind::Prompt => {
                    backend.prompt(principal, name, &target.texts(), input).await?.map(MethodResult::Prompt)
                }
            })
        };
        notifier.while_waiting("Waiting for the provider", asking).await.map_err(|fault| self.internal(&fault))
    }

    /// The challenge where the grant has ended, for methods that need nothing else of the Session object: a client is
    /// to learn it from the first thing it sends, not from several at once.
    ///
    /// `initialize`, `server/discover` and `ping`, which ask this, are not charged: clients send them as often as they
    /// start, and one whose rate is spent must still be able to begin and be told so by its first call. Each is one
    /// turn of the object that writes nothing; the body of a request, and the token's check before it, bound what it
    /// costs.
    ///
    /// # Errors
    /// Where Postern itself failed.
    pub async fn challenge_if_ended(&self, principal: &Principal) -> Result<Option<Response>, Error> {
        let is_live = self.backend.is_live(principal).await.map_err(|fault| self.internal(&fault))?;
        Ok((!is_live).then(|| self.backend.grant_ended()))
    }
}

impl<N> Endpoint<N> {
    /// Logs a fault, and gives the error that tells a stranger no more than where to find it.
    pub fn internal(&self, fault: &Fault) -> Error {
        let fields = [("subject", fault.subject.into()), ("detail", fault.detail.clone().into())];
        self.context.log(Level::Error, "an MCP request failed", &fields);
        Error::new(Error::INTERNAL, format!("internal error; request id {}", self.context.request_id))
    }
}
