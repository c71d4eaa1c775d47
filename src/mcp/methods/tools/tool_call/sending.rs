//! With whose credential a call is sent, and what becomes of one that the provider refuses.

use super::{Sent, Settled, ToolCall};
use crate::{
    connections::{elicitation, shared_credential::SharedCredential, vault::CredentialError},
    governance::{decision::Denial, limits::Limits, organisation_decisions, policy::PolicySnapshot, snapshot_cache},
    mcp::{
        messages::answer::{Answer, ConnectionNeeded},
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

impl<'a> ToolCall<'a> {
    /// Sends the request, with a renewed credential where the provider refuses the first.
    pub(super) async fn send(&self, credential: Option<Credential>, notifier: &Notifier) -> Result<Sent<'a>, Fault> {
        let Some(site) = self.arguments.site() else {
            let text = whoami::answer(self.context, self.principal).await?;
            let answer = upstream::Answer { text, goes_on: false, status: None, quota: None };
            return Ok(Sent::Answered(Settled::words(answer)));
        };
        let Some(credential) = credential else { return self.send_for_organisation(site, notifier).await };
        let mut credential = credential;
        for last in [false, true] {
            match self.exchange(&self.own_credential(site, &credential)?, notifier).await {
                Ok(settled) => return Ok(Sent::Answered(settled)),
                Err(Failure::Unauthorized) if !last => {}
                Err(Failure::Unauthorized) => break,
                Err(failure) => return Ok(Sent::Refused(failure)),
            }
            lease_cache::forget(&self.principal.grant);
            let renew = Renew { site, version: credential.version };
            match session::turn(self.context, &self.principal.subject, renew).await? {
                Ok(renewed) => credential = renewed,
                Err(error) => return Ok(Sent::NoCredential(error)),
            }
        }
        let broken = DeclareBroken { site, version: credential.version };
        session::turn(self.context, &self.principal.subject, broken).await?;
        Ok(Sent::NoCredential(CredentialError::Broken))
    }

    /// Sends it with the credential of the organisation's account; where the provider refuses that, and an administrator has
    /// entered another meanwhile, once more with that.
    pub(super) async fn send_for_organisation(&self, site: Site, notifier: &Notifier) -> Result<Sent<'a>, Fault> {
        let mut credential = self.organisation_credential(site).await?;
        let mut result = self.exchange(&credential.1, notifier).await;
        if matches!(result, Err(Failure::Unauthorized)) {
            snapshot_cache::forget();
            let renewed = self.organisation_credential(site).await?;
            if renewed.0 != credential.0 {
                credential = renewed;
                result = self.exchange(&credential.1, notifier).await;
            }
        }
        if let (Err(Failure::Unauthorized), Some(sealed)) = (&result, credential.0) {
            self.note_refused(site, sealed);
        }
        Ok(result.map_or_else(Sent::Refused, Sent::Answered))
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

    pub(super) async fn exchange(
        &self,
        credential: &upstream::Credential,
        notifier: &Notifier,
    ) -> Result<Settled<'a>, Failure> {
        let Self { context, principal, operation, wanted, limits, .. } = *self;
        let subject = &principal.subject;
        let (arguments, filter): (_, &dyn RowFilter) = match limits.get() {
            Some(Limits { arguments, visible }) => (arguments, visible),
            None => (self.arguments, &context.settings.reach),
        };
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
        let elicitation_id = elicitation::create(self.context, user, client, site).await?;
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
        let url = elicitation::url(self.context, site, &elicitation_id);
        Ok(Answer::ConnectionNeeded(ConnectionNeeded { site, elicitation_id, url, message, in_words }))
    }
}
