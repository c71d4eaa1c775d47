//! Requests that Postern receives and the responses it gives, as plain data.

use std::borrow::Cow;

use futures::stream::LocalBoxStream;
use serde::Serialize;

use super::{accept, sender::Sender};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
    Other,
}

impl Method {
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "OTHER",
        }
    }
}

/// The longest body that Postern reads, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// A request as received. Holds credentials, so it has no `Debug`.
pub struct Request {
    pub method: Method,
    /// The path as sent, without the query; never decoded.
    pub path: String,
    /// The raw query, without `?`.
    pub query: String,
    /// Names in lower case; several headers of one name are joined by `, `.
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

pub enum Body {
    Bytes(Vec<u8>),
    /// Longer than [`LARGEST_BODY`]; not read.
    TooLarge,
}

impl Request {
    /// The value of the header of that (lower-case) name, without surrounding spaces and tabs.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.trim_matches([' ', '\t']))
    }

    /// The content coding of the body, such as gzip (RFC 9110 §8.4); `None` where it is sent as it is. Postern decodes none: its
    /// cap on a body would be one on what is sent of it.
    pub fn content_coding(&self) -> Option<&str> {
        self.header("content-encoding").filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
    }

    /// The network that the request comes from, as the edge tells it.
    pub fn sender(&self) -> Sender {
        Sender::of(self.header("cf-connecting-ip"))
    }

    /// How much that media type is wanted for an answer, in thousandths.
    pub fn wants(&self, media_type: &str) -> u16 {
        accept::weight(self.header("accept"), media_type)
    }

    /// Whether a page is wanted rather than JSON: as a browser asks for what a person is to see, and no program does.
    pub fn wants_page(&self) -> bool {
        self.wants("text/html") > self.wants("application/json")
    }

    /// The query's parameters, decoded.
    pub fn query(&self) -> Form {
        Form::parse(self.query.as_bytes())
    }

    /// The body's parameters, where it is `application/x-www-form-urlencoded`.
    pub fn form(&self) -> Option<Form> {
        let media_type = self.header("content-type")?.split(';').next()?.trim();
        match &self.body {
            Body::Bytes(bytes) if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") => {
                Some(Form::parse(bytes))
            }
            _ => None,
        }
    }

    /// The value of the cookie of that name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies().find(|(have, _)| *have == name).map(|(_, value)| value)
    }

    /// Every cookie's name and value.
    pub fn cookies(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header("cookie").unwrap_or_default().split(';').filter_map(|pair| pair.trim().split_once('='))
    }
}

/// Decoded name and value pairs of a query or a form.
pub struct Form(Vec<(String, String)>);

impl Form {
    fn parse(bytes: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(bytes).map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The value of that name where it is given exactly once: a repeated OAuth parameter is no parameter
    /// (RFC 6749 §3.1).
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() { None } else { first }
    }

    /// Every value of that name, in order.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.0.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// Whether a name is given more than once.
    pub fn repeats(&self, name: &str) -> bool {
        self.all(name).count() > 1
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A response to give.
pub struct Response {
    pub status: u16,
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Content,
}

/// The body of a response.
pub enum Content {
    Whole(Vec<u8>),
    /// Piece by piece, each written as soon as it is there. Dropped where the client goes away.
    Stream(LocalBoxStream<'static, Vec<u8>>),
}

impl Content {
    /// The bytes, where they are all there.
    #[cfg(test)]
    pub fn whole(&self) -> Option<&[u8]> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Stream(_) => None,
        }
    }
}

impl Response {
    pub const fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Content::Whole(Vec::new()) }
    }

    /// A body of that media type.
    pub fn body(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Content::Whole(body.into()), ..Self::empty(status).with("content-type", media_type) }
    }

    /// A body of that media type that comes piece by piece.
    pub fn stream(status: u16, media_type: &str, body: LocalBoxStream<'static, Vec<u8>>) -> Self {
        Self { body: Content::Stream(body), ..Self::empty(status).with("content-type", media_type) }
    }

    /// A JSON body that no cache may keep.
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        // Our own response types have string keys and no fallible serializers, so this cannot fail.
        Self::body(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
            .with("cache-control", "no-store")
    }

    /// A redirect by GET (302).
    pub fn redirect(location: impl Into<String>) -> Self {
        Self::empty(302).with("location", location).with("cache-control", "no-store")
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}
