//! What belongs to a build beside its description: its steps, and the logs of those that failed.

use super::{
    Failure,
    exchange::Exchange,
    log, projection,
    request::{self, Inputs, look_up},
};
use crate::{
    catalog::{
        operation::{Build, Kind},
        value,
    },
    platform::fetch::InboundResponse,
};

/// Of how many failed steps the log is read: each is a request.
const MOST_LOGS: usize = 3;

/// The steps of a build, as the provider tells of them.
pub struct Steps {
    pub list: InboundResponse,
    /// The end of a failed step's log, by the place of the step in the list; `None` where there is none.
    pub logs: Vec<(usize, Option<InboundResponse>)>,
    /// How many more steps failed.
    pub unread: usize,
}

/// Asks for the steps of a build, and for the ends of the logs of those that failed.
///
/// # Errors
/// Where the list of the steps cannot be had. A log that cannot be had spoils nothing.
pub async fn steps(exchange: Exchange<'_>, inputs: Inputs<'_>, build: &Build) -> Result<Steps, Failure> {
    let list = exchange.read(look_up(build.path, &[], inputs, exchange.base_url)).await?;
    let ends = projection::table(&list.body, &build.ends, &[], exchange.base_url, projection::Keep::default());
    let ends = ends.map_err(|_| Failure::Unreadable { status: list.status })?;
    let failed = ends.text.lines().skip(1).enumerate().filter_map(|(place, row)| {
        let (id, end) = row.split_once('\t')?;
        let id = value::read(Kind::Key, &id.into())?;
        build.failed.contains(&end).then_some((place, id))
    });
    let failed: Vec<_> = failed.collect();
    let unread = failed.len().saturating_sub(MOST_LOGS);
    let read = failed.into_iter().take(MOST_LOGS).map(async |(place, id)| {
        let found = inputs.found.iter().cloned().chain([(build.step, id)]).collect();
        let request =
            request::log(build.log, Inputs { found: &found, ..inputs }, exchange.base_url, log::last(log::END));
        (place, exchange.read(request).await.ok())
    });
    Ok(Steps { logs: futures::future::join_all(read).await, list, unread })
}
