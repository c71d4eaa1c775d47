//! What came back for a call, whole: answers of any length are made of it. Pure.

use super::{
    Answer, Authors, Failure, Quota, Wanted,
    answer::Shaping,
    build::Steps,
    cursor::Position,
    edits,
    names::{self, Known},
    request::{Found, Inputs},
    rows::RowFilter,
    undo,
};
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Answer as Kept, AnswerPart, Bounds, Budget, Call, Operation},
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

    /// Its text alone, in another length.
    ///
    /// # Errors
    /// As [`Self::answer`].
    pub fn text(&self, share: Option<Budget>) -> Result<String, Failure> {
        match self {
            Self::Words(answer) => Ok(answer.text.clone()),
            Self::Response(response) => response.text(share).map(|(text, _)| text),
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
        let (text, goes_on) = self.text(share)?;
        let status = Some(self.response.status);
        let quota = Quota::of(&self.response, self.context.platform.clock.now());
        let authors = self.authors().map(Box::new);
        Ok(Answer { goes_on, status, quota, authors, ..Answer::words(text) })
    }

    /// The text, and whether there is more of it.
    fn text(&self, share: Option<Budget>) -> Result<(String, bool), Failure> {
        let (shaping, response) = (self.shaping(share), &self.response);
        if let (Kept::Build(kept), Some(steps)) = (&self.call.answer, &self.steps) {
            return Ok((shaping.build(response, kept, steps)?, false));
        }
        let (mut text, goes_on) = match self.wanted {
            Wanted::Text => (self.framed(shaping.text(response)?), false),
            Wanted::Column(name) => shaping.column(response, name)?,
        };
        if let Some(edit) = &self.edit {
            edit.push_report(&mut text);
        }
        Ok((text, goes_on))
    }

    /// Whose texts it shows; `None` where it shows none of others.
    fn authors(&self) -> Option<Authors> {
        let Self { call, operation, arguments, .. } = self;
        // What a person is told of their own account is theirs.
        if matches!(call.bounds, Bounds::Account) {
            return None;
        }
        let echoes = call.echo.is_some_and(|echo| self.found.iter().any(|(name, _)| *name == echo));
        let mut authors = Authors { anybody: self.edit.is_some() || echoes, ..Authors::default() };
        let is_own = operation.writes() && !call.author.is_empty();
        if !is_own {
            authors.add(&call.answer, call.author, &self.response.body);
        }
        for (part, read) in &self.parts {
            if let Ok(read) = read {
                authors.add(&part.answer, part.author, &read.body);
            }
        }
        for (account, standing) in &mut authors.accounts {
            *standing = names::standing(&self.names, account);
        }
        // What may not be seen is not told of.
        authors
            .about
            .retain(|(of, name)| arguments.site().is_none_or(|site| self.filter.permits(site, *of, &[name], None)));
        (authors != Authors::default()).then_some(authors)
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
