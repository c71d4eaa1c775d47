//! What arrives and what leaves, turned into plain data and back.

use futures_util::StreamExt;
use js_sys::Uint8Array;
use worker::{
    Result,
    web_sys::{self, ResponseInit},
};

use super::body;
use crate::platform::http::{Body, Content, LARGEST_BODY, Method, Request, Response};

/// How much is read of a body that is too large, in bytes.
const DISCARDED: usize = 8 * LARGEST_BODY;

/// Reads a request whole, its body up to [`LARGEST_BODY`].
///
/// # Errors
/// Where the client went away within its body.
pub async fn read(request: worker::Request) -> Result<Request> {
    let raw = request.inner();
    let headers: Vec<(String, String)> = request.headers().entries().collect();
    let url = raw.url();
    let (path, query) = split(&url);
    let method = Method::parse(&raw.method());
    let body = if matches!(method, Method::Get | Method::Head | Method::Options) {
        Body::Bytes(Vec::new())
    } else {
        match body::announced_length(&headers) {
            Some(length) if length > LARGEST_BODY => {
                body::discard(raw.body(), DISCARDED).await?;
                Body::TooLarge
            }
            Some(_) => Body::Bytes(body::whole(raw.array_buffer()?).await?),
            None => match body::up_to(raw.body(), LARGEST_BODY).await? {
                (_, true) => Body::TooLarge,
                (bytes, false) => Body::Bytes(bytes),
            },
        }
    };
    Ok(Request { method, path, query, headers, body })
}

/// The path and query of an absolute URL, without its fragment.
fn split(url: &str) -> (String, String) {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let target = after_scheme.find(['/', '?']).and_then(|start| after_scheme.get(start..)).unwrap_or("/");
    let target = target.split('#').next().unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path.to_owned(), query.to_owned())
}

/// Hands a response to the runtime.
///
/// # Errors
/// Where a header value holds what HTTP forbids.
pub fn write(response: Response) -> Result<worker::Response> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in &response.headers {
        headers.append(name, value)?;
    }
    match response.body {
        Content::Whole(body) => {
            let init = ResponseInit::new();
            init.set_status(response.status);
            init.set_headers(&headers);
            let bytes = Uint8Array::from(body.as_slice());
            let body = (!body.is_empty()).then_some(&bytes);
            Ok(web_sys::Response::new_with_opt_js_u8_array_and_init(body, &init)?.into())
        }
        Content::Stream(pieces) => worker::Response::builder()
            .with_status(response.status)
            .with_headers(worker::Headers(headers))
            .from_stream(pieces.map(Ok::<_, worker::Error>)),
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_url_is_split_into_path_and_query() {
        assert_eq!(split("https://postern.example/a%2Fb?x=1#f"), ("/a%2Fb".into(), "x=1".into()));
        assert_eq!(split("https://postern.example"), ("/".into(), String::new()));
        assert_eq!(split("https://postern.example/?"), ("/".into(), String::new()));
    }
}
