//! What came back for a call, whole: answers of any length are made of it. Pure.

use super::{
    Answer, Failure, Quota, Wanted,
    answer::Shaping,
    build::Steps,
    cursor::Position,
    edits,
    names::Known,
    request::{Found, Inputs},
    rows::RowFilter,
    undo,
};
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Answer as Kept, AnswerPart, Budget, Call, Operation},
    },
    context::Context,
    identifiers::Subject,
    platform::fetch::InboundResponse,
    providers::SiteSettings,
    untrusted,
};

/// What came of a call that did not fail.
pub enum Received<'a> {
    /// Words of Postern's own.
    Words(Answer),
    Response(Box<Response<'a>>),
}

impl Received<'_> {
    /// The answer, no longer than the call may have, nor than its share where it shares with others.
    ///
    /// # Errors
    /// Where what came back is not what was asked for.
    pub fn answer(&self, share: Option<Budget>) -> Result<Answer, Failure> {
        match self {
            Self::Words(answer) => Ok(answer.clone()),
            Self::Response(response) => response.answer(share),
        }
    }
}

/// The provider's response, and all that its text depends on beside.
pub struct Response<'a> {
    pub context: &'a Context,
    pub subject: &'a Subject,
    pub operation: &'a Operation,
    pub call: &'a Call,
    pub arguments: &'a Arguments,
    pub wanted: Wanted,
    pub filter: &'a dyn RowFilter,
    pub base_url: String,
    /// The credential is used at another address than the site's own.
    pub has_base_of_its_own: bool,
    pub position: Option<Position>,
    pub parts: Vec<(&'static AnswerPart, Result<InboundResponse, Failure>)>,
    pub found: Found,
    pub names: Vec<Known>,
    pub directory: bool,
    /// Of a build.
    pub steps: Option<Steps>,
    pub edit: Option<edits::Prepared>,
    pub response: InboundResponse,
}

impl Response<'_> {
    fn answer(&self, share: Option<Budget>) -> Result<Answer, Failure> {
        let (shaping, response) = (self.shaping(share), &self.response);
        let status = Some(response.status);
        let quota = Quota::of(response, self.context.platform.clock.now());
        if let (Kept::Build(kept), Some(steps)) = (&self.call.answer, &self.steps) {
            return Ok(Answer { text: shaping.build(response, kept, steps)?, goes_on: false, status, quota });
        }
        let (mut text, goes_on) = match self.wanted {
            Wanted::Text => (self.framed(shaping.text(response)?), false),
            Wanted::Column(name) => shaping.column(response, name)?,
        };
        if let Some(edit) = &self.edit {
            edit.push_report(&mut text);
        }
        Ok(Answer { text, goes_on, status, quota })
    }

    fn shaping(&self, share: Option<Budget>) -> Shaping<'_> {
        let settings = &self.context.settings;
        let site = self.arguments.site().filter(|_| self.has_base_of_its_own);
        let budget = self.arguments.budget(self.call.budget);
        Shaping {
            subject: self.subject,
            operation: self.operation,
            call: self.call,
            arguments: self.arguments,
            base_url: &self.base_url,
            web_base: site.and_then(|site| settings.sites.get(site).ok()).and_then(SiteSettings::web_base),
            keys: &settings.signing_keys,
            position: self.position.as_ref(),
            directory: self.directory,
            filter: self.filter,
            found: &self.found,
            names: &self.names,
            parts: &self.parts,
            budget: share.map_or(budget, |share| budget.min(share)),
            masks: settings.masks_credentials,
        }
    }

    /// The text of an answer, below what was written about, and above what takes it back.
    fn framed(&self, text: String) -> String {
        let inputs = Inputs { operation: self.operation, arguments: self.arguments, found: &self.found };
        let echo = self.call.echo.and_then(|name| self.found.iter().find(|(found, _)| *found == name));
        let undo = self.call.undo.as_ref().and_then(|undo| undo::line(undo, inputs, &self.response.body));
        let mut framed = text;
        if let Some((name, value)) = echo {
            framed.push_str(&format!("\n{name}:\n"));
            let mut prose = String::new();
            untrusted::push_prose(&mut prose, &value.text());
            untrusted::push_fenced(&mut framed, &prose);
            framed.truncate(framed.trim_end().len());
        }
        if let Some(undo) = undo {
            framed.push('\n');
            framed.push_str(&undo);
        }
        framed
    }
}
