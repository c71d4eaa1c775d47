//! With whose credential a call is sent, and what becomes of one that the provider refuses.

use super::{Sent, Settled, ToolCall};
use crate::{
    connections::{elicitation, shared_credential::SharedCredential, vault::CredentialError},
    governance::{decision::Denial, organisation_decisions, policy::PolicySnapshot, snapshot_cache},
    mcp::{
        messages::answer::{Answer, Destination, LinkNeeded},
        methods::whoami,
        transport::notifier::Notifier,
    },
    platform::{Fault, log::Level},
    providers::Site,
    session::{
        self,
        commands::{Credential, DeclareBroken, Renew},
        lease_cache,
    },
    upstream::{self, Ask, Failure, RowFilter, Wanted},
};

/// Why nothing came of a request to a provider.
pub enum NotSent {
    Refused(Failure),
    /// The account's credential was refused, and there is no other.
    NoCredential(CredentialError),
}

impl<'a> ToolCall<'a> {
    /// Sends the request of the call itself.
    pub(super) async fn send(&self, credential: Option<Credential>, notifier: &Notifier) -> Result<Sent<'a>, Fault> {
        let Some(site) = self.arguments.site() else {
            let text = whoami::answer(self.context, self.principal).await?;
            return Ok(Sent::Answered(Settled::words(upstream::Answer::words(text))));
        };
        let exchanged = self
            .with_credential(site, credential, async |credential| self.exchange(&credential, notifier).await)
            .await?;
        Ok(match exchanged {
            Ok(settled) => Sent::Answered(settled),
            Err(NotSent::Refused(failure)) => Sent::Refused(failure),
            Err(NotSent::NoCredential(error)) => Sent::NoCredential(error),
        })
    }

    /// Makes a request with that credential of the person's own, or with the organisation's; where the provider refuses it,
    /// once more with a renewed one.
    pub(super) async fn with_credential<T>(
        &self,
        site: Site,
        credential: Option<Credential>,
        request: impl AsyncFn(upstream::Credential) -> Result<T, Failure>,
    ) -> Result<Result<T, NotSent>, Fault> {
        let Some(mut credential) = credential else { return self.for_organisation(site, request).await };
        for last in [false, true] {
            match request(self.own_credential(site, &credential)?).await {
                Ok(done) => return Ok(Ok(done)),
                Err(Failure::Unauthorized) if !last => {}
                Err(Failure::Unauthorized) => break,
                Err(failure) => return Ok(Err(NotSent::Refused(failure))),
            }
            lease_cache::forget(&self.principal.grant);
            let renew = Renew { site, version: credential.version };
            match session::turn(self.context, &self.principal.subject, renew).await? {
                Ok(renewed) => credential = renewed,
                Err(error) => return Ok(Err(NotSent::NoCredential(error))),
            }
        }
        let broken = DeclareBroken { site, version: credential.version };
        session::turn(self.context, &self.principal.subject, broken).await?;
        Ok(Err(NotSent::NoCredential(CredentialError::Broken)))
    }

    /// Makes a request with the credential of the organisation's account; where the provider refuses that, and an
    /// administrator has entered another meanwhile, once more with that.
    async fn for_organisation<T>(
        &self,
        site: Site,
        request: impl AsyncFn(upstream::Credential) -> Result<T, Failure>,
    ) -> Result<Result<T, NotSent>, Fault> {
        let (mut sealed, credential) = self.organisation_credential(site).await?;
        let mut result = request(credential).await;
        if matches!(result, Err(Failure::Unauthorized)) {
            snapshot_cache::forget();
            let renewed = self.organisation_credential(site).await?;
            if renewed.0 != sealed {
                sealed = renewed.0;
                result = request(renewed.1).await;
            }
        }
        if let (Err(Failure::Unauthorized), Some(sealed)) = (&result, sealed) {
            self.note_refused(site, sealed);
        }
        Ok(result.map_err(NotSent::Refused))
    }

    /// Notes for administrators, after the response, that the provider refuses the organisation's credential.
    pub(super) fn note_refused(&self, site: Site, sealed: String) {
        let is_known = |policy: &PolicySnapshot| {
            policy.organisation_account(site).is_some_and(|account| account.refused_at.is_some())
        };
        if snapshot_cache::last_known().is_some_and(|policy| is_known(&policy)) {
            return;
        }
        let context = self.context.clone();
        self.context.platform.caller.finish_without(Box::pin(async move {
            if let Err(fault) = organisation_decisions::note_refused(&context, site, &sealed).await {
                context.log(Level::Error, "refusal not noted", &[("detail", fault.to_string().into())]);
            }
        }));
    }

    /// The credential of the organisation's account: the one that an administrator entered, sealed and open, or else that of
    /// the settings.
    pub(super) async fn organisation_credential(
        &self,
        site: Site,
    ) -> Result<(Option<String>, upstream::Credential), Fault> {
        let settings = &self.context.settings;
        let policy = snapshot_cache::current(self.context).await?;
        if self.lacks_account(&policy) {
            return Err(Fault::new("session", "no credential for a tool that needs one"));
        }
        let sealed = policy.organisation_account(site).and_then(|account| account.credential.clone());
        let credential = SharedCredential::in_use(settings, site, sealed.as_deref())?.ok_or_else(|| match sealed {
            Some(_) => Fault::new("credential", "the organisation's does not open with a live key"),
            None => Fault::new("session", "the organisation has no account there"),
        })?;
        Ok((sealed, credential))
    }

    /// The person's own credential, for where the API of the site lies for it. A token that is for several sites goes to
    /// their common API alone, never to the host of one.
    pub(super) fn own_credential(&self, site: Site, credential: &Credential) -> Result<upstream::Credential, Fault> {
        let bearer = upstream::Credential::bearer(site, credential.access_token());
        let resources = site.provider.oauth.as_ref().and_then(|dialect| dialect.resources.as_ref());
        let Some(resources) = resources else { return Ok(bearer) };
        let consumer = self.context.settings.sites.get(site)?.consumer.as_ref();
        let base_url = consumer.zip(credential.resource.as_ref());
        let base_url = base_url.and_then(|(consumer, id)| consumer.resource_url(resources, id.as_str()));
        base_url
            .map(|base_url| bearer.below(base_url))
            .ok_or_else(|| Fault::new("credential", format!("nothing says where {site} lies for a person's own token")))
    }

    /// What its caller may see of its answer.
    pub(super) fn filter(&self) -> &'a dyn RowFilter {
        let (context, limits) = (self.context, self.limits);
        limits.get().map_or(&context.settings.reach, |limits| &limits.visible)
    }

    pub(super) async fn exchange(
        &self,
        credential: &upstream::Credential,
        notifier: &Notifier,
    ) -> Result<Settled<'a>, Failure> {
        let Self { context, principal, operation, wanted, limits, .. } = *self;
        let (subject, filter) = (&principal.subject, self.filter());
        let arguments = limits.get().map_or(self.arguments, |limits| &limits.arguments);
        let progress = &|message: &str| notifier.report(message);
        let ask = Ask { context, subject, operation, arguments, wanted, filter, credential, progress };
        let received = upstream::run(ask).await?;
        Ok(Settled { answer: received.answer(self.share)?, received })
    }

    /// The answer where there is no credential to send it with: a link to connect the account, where that would help.
    pub(super) async fn without_credential(&self, error: CredentialError) -> Result<Answer<upstream::Answer>, Fault> {
        let Some(site) = self.arguments.site() else {
            return Err(Fault::new("session", "a connection for a tool that needs none"));
        };
        let title = site.title();
        if error == CredentialError::Unavailable {
            return Ok(Answer::Failed(format!(
                "Not run: {0} did not renew Postern's access to your account just now. Next: try again in a minute; if it \
                 persists, connect {0} again at {1}/connections.",
                title, self.context.settings.public_url
            )));
        }
        if self.wanted != Wanted::Text {
            return Ok(Answer::Failed("no account is connected".to_owned()));
        }
        let Some(user) = self.principal.subject.person() else {
            return Ok(Answer::Failed(Denial::NeedsPerson.sentence(&self.tool.name)));
        };
        let client = &self.principal.client;
        let in_words = elicitation::was_missed(self.context, user, client, site).await?;
        let id = elicitation::create(self.context, user, client, site).await?;
        let reads = snapshot_cache::last_known().is_some_and(|policy| !self.accounts(Some(&policy)).needs_own(false));
        let message = match error {
            CredentialError::Broken => {
                format!("Postern's connection to your {0} account has ended. Connect {0} again to go on.", title)
            }
            _ if reads && self.tool.writes() => format!(
                "Not run: `{}` changes something, and your organisation's {title} account is for reading alone. Next: connect \
                 your own account.",
                self.tool.name
            ),
            _ => format!("Connect your {0} account to Postern, so that it can act for you in {0}.", title),
        };
        let url = elicitation::url(self.context, site, &id);
        let leads_to = Destination::Connection(site);
        Ok(Answer::LinkNeeded(LinkNeeded { leads_to, id, url, message, in_words }))
    }
}
