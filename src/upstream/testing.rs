//! The faults of providers.

use serde_json::{Value, json};

use crate::platform::{
    fetch::{HttpError, InboundResponse},
    native::memory::json_answer,
};

pub type Answered = Result<InboundResponse, HttpError>;

/// What a provider does instead of answering, by its name.
pub type Fault = (&'static str, Box<dyn Fn() -> Answered>);

/// An answer of that status, with these headers and a sentence of the provider's.
pub fn status(status: u16, headers: &[(&str, &str)]) -> impl Fn() -> Answered + Clone + 'static {
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move || {
        let body = json!({"type": "error", "error": {"message": "Something"}}).to_string().into_bytes();
        Ok(InboundResponse { status, headers: headers.clone(), body, truncated: false })
    }
}

/// An answer of that media type.
pub fn text_answer(kind: &str, body: impl Into<Vec<u8>>) -> Answered {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    Ok(InboundResponse { status: 200, headers, body: body.into(), truncated: false })
}

/// Two megabytes, of which no more are read.
pub fn long() -> Answered {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = format!("{{\"values\": [{{\"id\": \"{}\"", "word ".repeat(400_000)).into_bytes();
    Ok(InboundResponse { status: 200, headers, body, truncated: true })
}

/// Everything that a provider may do instead of answering.
pub fn faults() -> Vec<Fault> {
    let of = |code: u16| -> Box<dyn Fn() -> Answered> { Box::new(status(code, &[])) };
    vec![
        ("401", of(401)),
        ("403", of(403)),
        ("404", of(404)),
        ("409", of(409)),
        ("410", of(410)),
        ("412", of(412)),
        ("429", of(429)),
        ("429 for 1 s", Box::new(status(429, &[("retry-after", "1")]))),
        ("429 for 30 s", Box::new(status(429, &[("retry-after", "30")]))),
        ("500", of(500)),
        ("503", of(503)),
        ("redirect", Box::new(status(302, &[("location", "https://attacker.example/")]))),
        ("hang", Box::new(|| Err(HttpError::Timeout))),
        ("cut", Box::new(|| Err(HttpError::Connection("cut".into())))),
        ("HTML", Box::new(|| text_answer("text/html", "<html>private</html>"))),
        ("wrong type", Box::new(|| text_answer("application/json", "\"hello\""))),
        ("2 MB", Box::new(long)),
        ("no rows", Box::new(|| json_answer(200, &json!({ "values": Value::Null, "results": Value::Null })))),
    ]
}
