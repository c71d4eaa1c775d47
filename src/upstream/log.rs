//! Logs, which are read from their end: which bytes are asked for (RFC 9110 §14), and where those that came lie in the
//! whole. Pure.

use std::borrow::Cow;

use super::cursor::Position;
use crate::platform::fetch::InboundResponse;

/// How much of a log is asked for at once, in bytes: several times what an answer can show, so that no part begins within
/// a credential that nobody would recognise.
const WINDOW: usize = 256_000;
/// How much is asked for behind the end of an earlier part, so that one does not end within a credential.
const BEYOND: usize = 8_192;
/// How much of a log is enough to find an error in, in bytes.
pub const END: usize = 65_536;

/// The header that asks for the last bytes.
pub fn last(bytes: usize) -> (Cow<'static, str>, String) {
    ("range".into(), format!("bytes=-{bytes}"))
}

/// The header that asks for what a position needs: the end, or what lies before an offset.
pub fn range(position: Option<&Position>) -> (Cow<'static, str>, String) {
    match position {
        Some(Position::Offset { offset, .. }) => {
            let last = (offset + BEYOND).saturating_sub(1);
            ("range".into(), format!("bytes={}-{last}", offset.saturating_sub(WINDOW)))
        }
        _ => last(WINDOW),
    }
}

/// Where an answer lies in its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many bytes are before it.
    pub before: usize,
    /// How long the log is, as far as anybody says.
    pub length: usize,
}

/// Where an answer lies: as it says itself (`content-range`), or from the beginning.
pub fn window(response: &InboundResponse) -> Window {
    let whole = Window { before: 0, length: response.body.len() };
    let said = response.header("content-range").filter(|_| response.status == 206).and_then(content_range);
    said.unwrap_or(whole)
}

fn content_range(header: &str) -> Option<Window> {
    let (range, length) = header.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (before, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    // A log that still grows may have no length yet.
    Some(Window { before, length: length.parse().unwrap_or(last + 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, range: &str) -> InboundResponse {
        let headers = vec![("content-range".to_owned(), range.to_owned())];
        InboundResponse { status, headers, body: vec![b'a'; 10], truncated: false }
    }

    #[test]
    fn a_first_look_asks_for_the_end() {
        assert_eq!(range(None), ("range".into(), "bytes=-256000".to_owned()));
    }

    #[test]
    fn an_earlier_part_is_asked_for_with_what_surrounds_it() {
        let at = |offset| range(Some(&Position::Offset { offset, check: String::new() })).1;
        assert_eq!((at(300_000), at(100)), ("bytes=44000-308191".to_owned(), "bytes=0-8291".to_owned()));
    }

    #[test]
    fn a_part_says_where_it_lies() {
        assert_eq!(window(&answer(206, "bytes 90-99/100")), Window { before: 90, length: 100 });
        assert_eq!(window(&answer(206, "bytes 90-99/*")), Window { before: 90, length: 100 });
    }

    #[test]
    fn what_says_nothing_of_use_is_the_whole() {
        for response in [answer(200, "bytes 90-99/100"), answer(206, "bytes x-99/100"), answer(206, "lines 1-2/3")] {
            assert_eq!(window(&response), Window { before: 0, length: 10 });
        }
    }
}
