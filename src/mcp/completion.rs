//! `completion/complete`: values for an argument, from what the person may see at the provider. Asked for as a call
//! is, under the same scopes, policy, rate limit and audit; nothing is kept from one request to the next.

use super::{
    answer::Answer,
    completing::{Completes, Completing, Reference},
    content::Completion,
    notifier::Notifier,
    tools,
};
use crate::{
    authorization::principal::Principal,
    catalog::{
        completion::{listing, matching},
        prompt, resource,
    },
    context::Context,
    platform::Fault,
};

/// The values that fit. None, rather than an error, where nobody knows any or this person may not see them: it is an
/// aid while typing.
///
/// # Errors
/// As [`tools::list_column`].
pub async fn complete(
    context: &Context,
    principal: &Principal,
    asked: &Completing<'_>,
    notifier: &Notifier,
) -> Result<Completes, Fault> {
    let argument = match asked.of {
        Reference::Prompt(name) => prompt::find(name).map(|prompt| prompt.parameter(asked.argument)),
        Reference::Resource(uri) => resource::find(uri).map(|template| template.variable(asked.argument)),
    };
    let known = match argument {
        None => return Ok(Completes::Unknown("unknown prompt or resource template")),
        Some(None) => return Ok(Completes::Unknown("it has no such argument")),
        Some(Some(parameter)) => parameter,
    };
    let nothing = Ok(Completes::Values(Completion::default()));
    let Some(listing) = listing(known.name, asked.value, &asked.chosen) else { return nothing };
    match tools::list_column(context, principal, &listing, notifier).await? {
        Answer::Complete(column) => {
            let (values, total, has_more) = matching(column.text.lines(), asked.value, column.goes_on);
            Ok(Completes::Values(Completion { values, total, has_more }))
        }
        Answer::GrantEnded => Ok(Completes::GrantEnded),
        _ => nothing,
    }
}
