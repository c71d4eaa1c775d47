//! What shows an approver the thing that a call is about, before it is done: another call, that only reads.

use serde_json::Value;

use super::{
    SHOWN_BY,
    arguments::{Arguments, validate},
    operation::{Edit, Operation, Presence},
};

/// The call that shows what a call is about: of an edit, its own check of what would change; else the read of the most
/// particular thing that it names. `None` where the arguments are all that there is to show.
pub fn of(operation: &'static Operation, arguments: &Arguments) -> Option<(&'static Operation, Arguments)> {
    let site = arguments.site()?;
    if operation.parameter(Edit::CHECK.name).is_some() {
        let mut given = arguments.for_operation(operation);
        given.insert(Edit::CHECK.name.to_owned(), Value::Bool(true));
        return Some((operation, validate(operation, &given).ok()?.at(site)));
    }
    let of_provider = SHOWN_BY.iter().copied().flatten().filter(|(_, read)| read.provider() == Some(site.provider));
    of_provider.filter(|(argument, _)| arguments.get(argument).is_some()).find_map(|(_, read)| {
        // What is optional there means something else, or makes the preview shorter.
        let mut given = arguments.for_operation(read);
        let is_required = |name: &str| read.parameter(name).is_some_and(|it| it.presence == Presence::Required);
        given.retain(|name, _| is_required(name));
        Some((*read, validate(read, &given).ok()?.at(site)))
    })
}
