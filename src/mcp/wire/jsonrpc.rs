//! JSON-RPC 2.0 messages: read strictly, written with nothing but what the specification names.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, error::Category, value::RawValue};

use crate::{
    mcp::wire::{
        error::Error,
        field::{Field, Object, Shape},
        id::Id,
        params::Params,
    },
    platform::{http::Response, json},
};

/// The most messages that one batch may hold.
pub const LONGEST_BATCH: usize = 20;

/// The payload of a body: one message or a batch.
#[derive(Debug)]
pub enum Payload<'a> {
    One(Message<'a>),
    Batch(Vec<Message<'a>>),
}

impl<'a> Payload<'a> {
    /// The id of the request, where the payload is one request.
    pub const fn request_id(&self) -> Option<Id<'a>> {
        match self {
            Self::One(Message::Request(request)) => Some(request.id),
            _ => None,
        }
    }
}

/// A message, or what is wrong with it.
#[derive(Debug)]
pub enum Message<'a> {
    Request(Request<'a>),
    Notification {
        method: Cow<'a, str>,
        /// The notification claims a protocol version.
        claim: bool,
    },
    /// A response to a request of ours.
    Response {
        id: Id<'a>,
        /// The result; `None` where the response is an error.
        result: Option<&'a RawValue>,
    },
    /// Not a message of JSON-RPC, with its id where that could be read.
    Malformed {
        id: Option<Id<'a>>,
        problem: &'static str,
    },
}

impl Message<'_> {
    /// Whether the message claims to be modern.
    pub fn claims_a_version(&self) -> bool {
        match self {
            Self::Request(request) => request.params.claims_a_version(),
            Self::Notification { claim, .. } => *claim,
            Self::Response { .. } | Self::Malformed { .. } => false,
        }
    }
}

#[derive(Debug)]
pub struct Request<'a> {
    pub id: Id<'a>,
    pub method: Cow<'a, str>,
    pub params: Box<Params<'a>>,
}

/// Reads a body.
///
/// # Errors
/// -32700 where it is not JSON, -32600 where it is JSON that cannot be told apart: a member given twice, or a
/// batch longer than [`LONGEST_BATCH`].
pub fn read(bytes: &[u8]) -> Result<Payload<'_>, Error> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Error::new(Error::PARSE, "the body is not UTF-8"));
    };
    // A reader may ignore a byte order mark (RFC 8259 §8.1).
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = if text.trim_start().starts_with('[') {
        json::from_str(text).map(|Batch(messages)| Payload::Batch(messages))
    } else {
        json::from_str(text).map(|message| match message {
            Field::Valid(message) => Payload::One(message),
            Field::Absent | Field::Null | Field::Invalid => Payload::One(NOT_AN_OBJECT),
        })
    };
    read.map_err(|error| match error.classify() {
        Category::Data => Error::new(Error::INVALID_REQUEST, error.to_string()),
        Category::Syntax | Category::Eof | Category::Io => {
            Error::new(Error::PARSE, format!("the body cannot be read as JSON: {error}"))
        }
    })
}

/// The body of a response with a result.
pub fn success(id: Id<'_>, result: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Success<'a, R> {
        jsonrpc: &'static str,
        id: Id<'a>,
        result: &'a R,
    }
    write(&Success { jsonrpc: "2.0", id, result })
}

/// The body of a response with an error. An id that could not be read is left out.
pub fn failure(id: Option<Id<'_>>, error: &Error) -> Vec<u8> {
    #[derive(Serialize)]
    struct Failure<'a> {
        jsonrpc: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<Id<'a>>,
        error: &'a Error,
    }
    write(&Failure { jsonrpc: "2.0", id, error })
}

/// A request of ours, of which the method and its params are given.
pub fn request(id: &str, request: &Value) -> Vec<u8> {
    #[derive(Serialize)]
    struct Numbered<'a> {
        jsonrpc: &'static str,
        id: &'a str,
        #[serde(flatten)]
        request: &'a Value,
    }
    write(&Numbered { jsonrpc: "2.0", id, request })
}

/// A notification.
pub fn notification(method: &str, params: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Notification<'a, P> {
        jsonrpc: &'static str,
        method: &'a str,
        params: &'a P,
    }
    write(&Notification { jsonrpc: "2.0", method, params })
}

/// A response of that JSON body, which no cache may keep.
pub fn respond(status: u16, body: Vec<u8>) -> Response {
    Response::body(status, "application/json", body).with("cache-control", "no-store")
}

/// A response that carries an error alone.
pub fn refuse(status: u16, id: Option<Id<'_>>, error: &Error) -> Response {
    respond(status, failure(id, error))
}

fn write(message: &impl Serialize) -> Vec<u8> {
    // Our message types have string keys and no fallible serializers, so this cannot fail.
    serde_json::to_vec(message).unwrap_or_default()
}

const NOT_AN_OBJECT: Message<'static> = Message::Malformed { id: None, problem: "a message is a JSON object" };

struct Batch<'a>(Vec<Message<'a>>);

impl<'de> Deserialize<'de> for Batch<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Messages;

        impl<'de> Visitor<'de> for Messages {
            type Value = Batch<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a batch of messages")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Batch<'de>, A::Error> {
                let mut messages = Vec::new();
                while let Some(message) = elements.next_element()? {
                    // Counted while reading: a megabyte of `{}` would fill the memory of a Worker.
                    if messages.len() == LONGEST_BATCH {
                        return Err(A::Error::custom(format_args!("a batch holds at most {LONGEST_BATCH} messages")));
                    }
                    messages.push(match message {
                        Field::Valid(message) => message,
                        Field::Absent | Field::Null | Field::Invalid => NOT_AN_OBJECT,
                    });
                }
                Ok(Batch(messages))
            }
        }

        deserializer.deserialize_seq(Messages)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Member {
    Jsonrpc,
    Id,
    Method,
    Params,
    Result,
    Error,
    #[serde(other)]
    Unknown,
}

/// The members of a message, as found.
#[derive(Default)]
struct Members<'a> {
    version: Option<Field<Cow<'a, str>>>,
    id: Option<&'a RawValue>,
    method: Option<Field<Cow<'a, str>>>,
    params: Option<Field<Object<Box<Params<'a>>>>>,
    result: Option<&'a RawValue>,
    error: Option<&'a RawValue>,
}

impl<'de> Shape<'de> for Message<'de> {
    fn from_object<A: MapAccess<'de>>(mut object: A) -> Result<Field<Self>, A::Error> {
        let mut found = Members::default();
        let (mut unknown, mut twice, mut id_twice) = (false, false, false);
        while let Some(member) = object.next_key()? {
            match member {
                Member::Jsonrpc => twice |= found.version.replace(object.next_value()?).is_some(),
                Member::Id => id_twice |= found.id.replace(object.next_value()?).is_some(),
                Member::Method => twice |= found.method.replace(object.next_value()?).is_some(),
                Member::Params => twice |= found.params.replace(object.next_value()?).is_some(),
                Member::Result => twice |= found.result.replace(object.next_value()?).is_some(),
                Member::Error => twice |= found.error.replace(object.next_value()?).is_some(),
                Member::Unknown => {
                    object.next_value::<IgnoredAny>()?;
                    unknown = true;
                }
            }
        }
        let id = if id_twice { None } else { found.id.and_then(Id::new) };
        Ok(Field::Valid(if twice || id_twice {
            Self::Malformed { id, problem: "a member is given twice" }
        } else if unknown {
            Self::Malformed { id, problem: "a member is not one of JSON-RPC's" }
        } else {
            found.into_message(id).unwrap_or_else(|problem| Self::Malformed { id, problem })
        }))
    }
}

impl<'a> Members<'a> {
    fn into_message(self, id: Option<Id<'a>>) -> Result<Message<'a>, &'static str> {
        let version = self.version.unwrap_or_default();
        if version.valid().is_none_or(|text| text != "2.0") {
            return Err("`jsonrpc` must be \"2.0\"");
        }
        if self.id.is_some() && id.is_none() {
            return Err("`id` must be a string or an integer");
        }
        // Some programs write every member that they know. A null says nothing, but for that of a result alone.
        let is_null = |member: &RawValue| member.get() == "null";
        let method = self.method.filter(|method| *method != Field::Null);
        let error = self.error.filter(|error| !is_null(error));
        let result = self.result.filter(|result| !is_null(result) || method.is_none() && error.is_none());
        match (method, id, result.is_some(), error.is_some()) {
            (Some(Field::Valid(method)), id, false, false) => {
                let params = match self.params {
                    None | Some(Field::Absent | Field::Null) => Box::default(),
                    Some(Field::Valid(Object(params))) => params,
                    Some(Field::Invalid) => return Err("`params` must be an object"),
                };
                Ok(match id {
                    Some(id) => Message::Request(Request { id, method, params }),
                    None => Message::Notification { method, claim: params.claims_a_version() },
                })
            }
            (Some(_), _, false, false) => Err("`method` must be a string"),
            (Some(_), ..) => Err("a message has either a method or an outcome"),
            (None, Some(id), true, false) | (None, Some(id), false, true) => Ok(Message::Response { id, result }),
            (None, None, ..) | (None, _, false, false) => Err("`method` is missing"),
            (None, _, true, true) => Err("a response has either a result or an error"),
        }
    }
}
