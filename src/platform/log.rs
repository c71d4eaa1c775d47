//! The log: one JSON object a line, for the operator.

use serde_json::{Map, Value};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// Writes one line. `fields` must hold no secret and no upstream body: they are kept by the operator's log.
pub fn write(level: Level, message: &str, fields: &[(&str, Value)]) {
    let mut line = Map::new();
    let name = match level {
        Level::Info => "info",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    line.insert("level".into(), name.into());
    line.insert("message".into(), message.into());
    for (name, value) in fields {
        line.insert((*name).into(), value.clone());
    }
    emit(level, &Value::Object(line).to_string());
}

#[cfg(target_arch = "wasm32")]
fn emit(level: Level, line: &str) {
    match level {
        Level::Info => worker::console_log!("{line}"),
        Level::Warning => worker::console_warn!("{line}"),
        Level::Error => worker::console_error!("{line}"),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn emit(_level: Level, _line: &str) {}
