//! `completion/complete`: values for an argument, from what the person may see at the provider. Each is listed as a call
//! is made, under the same scopes, policy, rate limit and audit; nothing is kept from one request to the next.

use crate::{
    authorization::principal::Principal,
    catalog::{
        arguments::SITE,
        completion::{listing, matching},
        prompt, resource,
    },
    context::Context,
    mcp::{
        messages::{
            answer::Answer,
            completion::{CompletionAnswer, CompletionRequest, Reference},
            content::Completion,
        },
        methods::tools,
        transport::notifier::Notifier,
    },
    platform::Fault,
    providers::Site,
};

/// The values that fit. None, rather than an error, where nobody knows any or this person may not see them: it is an
/// aid while typing.
///
/// # Errors
/// As [`tools::list_column`].
pub async fn complete(
    context: &Context,
    principal: &Principal,
    request: &CompletionRequest<'_>,
    notifier: &Notifier,
) -> Result<CompletionAnswer, Fault> {
    if let Some(words) = site_words(context, request) {
        let (values, total, has_more) = matching(words.iter().map(Site::word), request.value, false);
        return Ok(CompletionAnswer::Values(Completion { values, total, has_more }));
    }
    let argument = match request.of {
        Reference::Prompt(name) => {
            prompt::find(name).map(|prompt| (prompt.parameter(request.argument), prompt.needs.to_vec()))
        }
        Reference::Resource(uri) => {
            resource::find(uri).map(|template| (template.variable(request.argument), vec![template.operation]))
        }
    };
    let (known, operations) = match argument {
        None => return Ok(CompletionAnswer::Unknown("unknown prompt or resource template")),
        Some((None, _)) => return Ok(CompletionAnswer::Unknown("it has no such argument")),
        Some((Some(parameter), operations)) => (parameter, operations),
    };
    let nothing = Ok(CompletionAnswer::Values(Completion::default()));
    let Some(mut listing) = listing(&operations, known.name, request.value, &request.chosen) else { return nothing };
    let several = listing.operation.provider().filter(|provider| context.settings.sites.are_several(provider));
    if let Some((_, word)) = several.zip(request.chosen.get(SITE)) {
        listing.arguments.insert(SITE.to_owned(), word.as_str().into());
    }
    match tools::list_column(context, principal, &listing, notifier).await? {
        Answer::Complete(column) => {
            let (values, total, has_more) = matching(column.text.lines(), request.value, column.goes_on);
            Ok(CompletionAnswer::Values(Completion { values, total, has_more }))
        }
        Answer::GrantEnded => Ok(CompletionAnswer::GrantEnded),
        _ => nothing,
    }
}

/// The sites that a resource template may be completed with; `None` where something else is typed.
fn site_words(context: &Context, request: &CompletionRequest<'_>) -> Option<Vec<Site>> {
    let Reference::Resource(uri) = request.of else { return None };
    let provider = resource::find(uri).filter(|_| request.argument == SITE)?.operation.provider()?;
    let sites = &context.settings.sites;
    sites.are_several(provider).then(|| sites.of(provider).collect())
}
