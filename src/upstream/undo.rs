//! The call that takes a write back, written out so that it can be sent as it is. Pure.

use serde_json::{Map, Value as Json};

use super::{projection, request::Inputs};
use crate::catalog::{
    all,
    operation::{Field, Kind, Presence, Undo},
    value,
};

/// In bytes: a longer call is not worth its tokens.
const LONGEST: usize = 1_500;

/// The line that names the call. `None` where an argument of it is not known.
///
/// The values that the tool is given come from the call itself, from the answer, or from what a step found.
pub fn line(undo: &Undo, inputs: Inputs<'_>, answer: &[u8]) -> Option<String> {
    let operation = all().find(|operation| operation.name == undo.tool)?;
    let mut call = Map::new();
    for parameter in operation.parameters.iter().filter(|parameter| parameter.kind != Kind::Cursor) {
        let named = |list: &[(&'static str, &'static str)]| {
            list.iter().find(|(name, _)| *name == parameter.name).map(|(_, value)| *value)
        };
        let before =
            |found: &str| inputs.found.iter().find(|(name, _)| *name == found).map(|(_, value)| value.to_json());
        let given = || inputs.arguments.get(parameter.name).map(value::Value::to_json);
        let value = if let Some(value) = named(undo.fixed) {
            Some(Json::from(value))
        } else if let Some(found) = named(undo.found) {
            // What was changed and is not known as it was cannot be taken back.
            match (given(), before(found)) {
                (Some(_), None) => return None,
                (given, before) => given.and(before),
            }
        } else if named(undo.answered).is_some() {
            let (_, path) = undo.answered.iter().find(|(name, _)| *name == parameter.name)?;
            let field = Field::exact("value", std::slice::from_ref(path));
            projection::value(answer, &field)
                .and_then(|text| value::read(parameter.kind, &text.into()))
                .map(|value| value.to_json())
        } else {
            given()
        };
        match value {
            Some(value) => drop(call.insert(parameter.name.to_owned(), value)),
            None if parameter.presence == Presence::Required => return None,
            None => {}
        }
    }
    let call = Json::from(call).to_string();
    let is_plain = !crate::untrusted::characters(&call).any(|(_, is_hidden)| is_hidden);
    (is_plain && call.len() <= LONGEST).then(|| format!("Undo: {} {call}", undo.tool))
}
