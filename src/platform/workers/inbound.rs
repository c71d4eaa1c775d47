//! What arrives and what leaves, turned into plain data and back.

use futures::StreamExt;
use js_sys::Uint8Array;
use worker::{Result, web_sys};

use super::{border, js_promise::JsPromise};
use crate::platform::http::{Body, Content, LARGEST_BODY, Method, Request, Response};

/// How much is read of a body that is too large, in bytes.
const DISCARDED: usize = 8 * LARGEST_BODY;

/// Reads a request whole, its body up to [`LARGEST_BODY`].
///
/// # Errors
/// Where the client went away within its body.
pub async fn read(raw: &web_sys::Request) -> Result<Request> {
    let head = border::head_of(raw);
    let (method, rest) = head.split_once('\n').unwrap_or_default();
    let (url, headers) = rest.split_once('\n').unwrap_or_default();
    let method = Method::parse(method);
    let (authority, path, query) = split(url);
    let mut headers = border::read(headers);
    // One truth: by the URL the runtime chose this Worker.
    headers.retain(|(name, _)| name != "host");
    headers.push(("host".to_owned(), authority));
    let body = if matches!(method, Method::Get | Method::Head | Method::Options) {
        Body::Bytes(Vec::new())
    } else {
        let received = JsPromise::of(|id| border::receive(id, raw, LARGEST_BODY, DISCARDED)).await?;
        if received.is_undefined() { Body::TooLarge } else { Body::Bytes(Uint8Array::new(&received).to_vec()) }
    };
    Ok(Request { method, path, query, headers, body })
}

/// The authority, path and query of an absolute URL, without its fragment.
fn split(url: &str) -> (String, String, String) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
    let (authority, target) = after_scheme.split_at_checked(end).unwrap_or((after_scheme, ""));
    let target = target.split('#').next().unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (authority.to_owned(), if path.is_empty() { "/" } else { path }.to_owned(), query.to_owned())
}

/// Hands a response to the runtime.
///
/// # Errors
/// Where a header value holds what HTTP forbids.
pub fn write(response: Response) -> Result<web_sys::Response> {
    let headers = response.headers.iter().map(|(name, value)| (name.as_ref(), value.as_str()));
    match response.body {
        Content::Whole(body) => Ok(border::respond(response.status, &border::written(headers), &body)?),
        Content::Stream(pieces) => {
            let mut builder = worker::Response::builder().with_status(response.status);
            for (name, value) in headers {
                builder = builder.with_header(name, value)?;
            }
            Ok(builder.from_stream(pieces.map(Ok::<_, worker::Error>))?.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_url_is_split_into_authority_path_and_query() {
        let parts = |url: &str| {
            let (authority, path, query) = split(url);
            format!("{authority} {path} {query}")
        };
        assert_eq!(parts("https://postern.example:8443/a%2Fb?x=1#f"), "postern.example:8443 /a%2Fb x=1");
        assert_eq!(parts("https://postern.example"), "postern.example / ");
        assert_eq!(parts("https://postern.example/?"), "postern.example / ");
        assert_eq!(parts("https://postern.example?x=1"), "postern.example / x=1");
    }
}
