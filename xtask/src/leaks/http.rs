//! What two sides of a TCP connection said, as HTTP/1.1 messages.

use anyhow::{Result, bail};
use flate2::read::GzDecoder;
use httparse::{EMPTY_HEADER, Header, Status};
use std::io::Read;

/// More than any server accepts.
const MOST_HEADERS: usize = 512;

/// A request, or what an unreadable one is taken for: nothing.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path and query.
    pub(super) target: String,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

/// Names in lower case, in order.
#[derive(Debug, Default)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

impl Headers {
    fn of(parsed: &[Header<'_>]) -> Self {
        let text = |header: &Header<'_>| {
            (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).into_owned())
        };
        Self(parsed.iter().map(text).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }
}

impl Request {
    /// The path alone.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// Every answer with the request that it answers, in order. What cannot be read is the body of an answer of status 0.
///
/// # Errors
/// Of an answer that is encoded so that nothing would be found in it.
pub(super) fn exchanges(sent: &[u8], received: &[u8]) -> Result<Vec<(Request, Answer)>> {
    let mut requests = requests(sent).into_iter();
    let mut exchanges = Vec::new();
    let mut rest = received;
    while !rest.is_empty() {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Response::new(&mut headers);
        let Ok(Status::Complete(length)) = parsed.parse(rest) else {
            let answer = Answer { status: 0, headers: Headers::default(), body: rest.to_vec() };
            exchanges.push((Request::default(), answer));
            break;
        };
        let status = parsed.code.unwrap_or_default();
        let headers = Headers::of(parsed.headers);
        rest = rest.get(length..).unwrap_or_default();
        let is_interim = status < 200;
        let request = if is_interim { Request::default() } else { requests.next().unwrap_or_default() };
        let is_bare = is_interim || matches!(status, 204 | 304) || request.method == "HEAD";
        let to_the_end = rest.len();
        let body = if is_bare { Vec::new() } else { body(&headers, &mut rest, to_the_end) };
        let body = decoded(&headers, body)?;
        exchanges.push((request, Answer { status, headers, body }));
    }
    Ok(exchanges)
}

/// The requests, as far as they are any.
fn requests(mut rest: &[u8]) -> Vec<Request> {
    let mut requests = Vec::new();
    loop {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        let Ok(Status::Complete(length)) = parsed.parse(rest) else { return requests };
        let (method, target) = (parsed.method.unwrap_or_default().into(), parsed.path.unwrap_or_default().into());
        let headers = Headers::of(parsed.headers);
        rest = rest.get(length..).unwrap_or_default();
        let body = body(&headers, &mut rest, 0);
        requests.push(Request { method, target, headers, body });
    }
}

/// Takes a body off the bytes, of that length where the headers name none. One that breaks off is as long as it is.
fn body(headers: &Headers, rest: &mut &[u8], otherwise: usize) -> Vec<u8> {
    if headers.get("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        return chunks(rest);
    }
    let length = headers.get("content-length").map_or(Some(otherwise), |length| length.parse().ok());
    let length = length.unwrap_or(otherwise).min(rest.len());
    let (body, after) = rest.split_at_checked(length).unwrap_or_default();
    *rest = after;
    body.to_vec()
}

/// The body before it was compressed, as far as it goes.
fn decoded(headers: &Headers, body: Vec<u8>) -> Result<Vec<u8>> {
    match headers.get("content-encoding") {
        None => Ok(body),
        Some("gzip") => {
            let mut plain = Vec::new();
            let _ = GzDecoder::new(body.as_slice()).read_to_end(&mut plain); // an error says that it broke off
            Ok(plain)
        }
        Some(other) => bail!("an answer is encoded as {other}: nothing would be found in it"),
    }
}

fn chunks(rest: &mut &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Status::Complete((start, length))) = httparse::parse_chunk_size(rest) {
        let chunk = rest.get(start..).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(chunk.len());
        body.extend(chunk.get(..length).unwrap_or_default());
        *rest = chunk.get(length..).unwrap_or_default();
        *rest = rest.strip_prefix(b"\r\n").unwrap_or(rest);
        if length == 0 {
            return body;
        }
    }
    *rest = &[];
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn read(sent: &str, received: &str) -> Vec<(String, u16, String)> {
        let exchanges = exchanges(sent.as_bytes(), received.as_bytes()).unwrap_or_default();
        let shown = |(request, answer): (Request, Answer)| {
            (request.target, answer.status, String::from_utf8_lossy(&answer.body).into_owned())
        };
        exchanges.into_iter().map(shown).collect()
    }

    #[test]
    fn a_body_in_chunks_is_whole_again_and_each_answer_has_its_request() {
        let sent = "POST /one HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET /two?x HTTP/1.1\r\n\r\n";
        let received = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n\
                        HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
        assert_eq!(
            read(sent, received),
            [("/one".to_owned(), 200, "abcde".to_owned()), ("/two?x".to_owned(), 404, "no".to_owned()),]
        );
    }

    #[test]
    fn an_interim_answer_is_none_and_head_brings_no_body() {
        let sent = "HEAD /one HTTP/1.1\r\n\r\nGET /two HTTP/1.1\r\n\r\n";
        let received = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\
                        HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nit breaks";
        assert_eq!(
            read(sent, received),
            [
                (String::new(), 100, String::new()),
                ("/one".to_owned(), 200, String::new()),
                ("/two".to_owned(), 200, "it breaks".to_owned()),
            ]
        );
    }

    #[test]
    fn a_compressed_body_is_plain_again_as_far_as_it_goes() -> std::io::Result<()> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"in the clear")?;
        encoder.flush()?;
        let broken_off = encoder.get_ref().clone();
        for body in [broken_off, encoder.finish()?] {
            let received = [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", body.as_slice()].concat();
            let exchanges = exchanges(b"", &received).unwrap_or_default();
            assert_eq!(exchanges.first().map(|(_, answer)| answer.body.as_slice()), Some(b"in the clear".as_slice()));
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_is_not_passed_over() {
        assert!(exchanges(b"", b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n").is_err());
        assert_eq!(read("", "HTTP/1.1 200"), [(String::new(), 0, "HTTP/1.1 200".to_owned())]);
    }
}
