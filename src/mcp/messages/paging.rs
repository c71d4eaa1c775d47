//! Pages of lists. What is listed by default fits one page; a list of every operation takes some.

use serde_json::Value;

use crate::{
    crypto::digest,
    mcp::{messages::target::invalid, wire::error::Error},
};

/// How many entries a page has.
const PAGE: usize = 100;

/// The page after that cursor, and the cursor of the next one. A cursor is made of the entry that it goes on after: it is
/// good for as long as that is listed, whatever else is.
///
/// # Errors
/// -32602 for a cursor that goes on after nothing here.
pub fn page<'a>(entries: &'a [Value], cursor: Option<&str>) -> Result<(&'a [Value], Option<String>), Error> {
    let rest = match cursor.filter(|cursor| !cursor.is_empty()) {
        None => Some(entries),
        Some(cursor) => {
            let last = entries.iter().position(|entry| cursor_after(entry) == cursor);
            last.and_then(|last| entries.get(last + 1..))
        }
    };
    let rest = rest.ok_or_else(|| invalid("unknown cursor; list again without one"))?;
    let page = rest.get(..PAGE).unwrap_or(rest);
    let next = page.last().filter(|_| page.len() < rest.len()).map(cursor_after);
    Ok((page, next))
}

fn cursor_after(entry: &Value) -> String {
    let name = entry["name"].as_str().unwrap_or_default();
    digest::sha256(&format!("after {name}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entries(count: usize) -> Vec<Value> {
        (0..count).map(|number| json!({ "name": format!("tool_{number}") })).collect()
    }

    #[test]
    fn pages_follow_each_other_until_every_entry_was_given_once() {
        for count in [0, 1, PAGE, PAGE + 1, 3 * PAGE, 257] {
            let all = entries(count);
            let (mut given, mut cursor) = (Vec::new(), None);
            loop {
                let (page, next) = super::page(&all, cursor.as_deref()).unwrap();
                given.extend_from_slice(page);
                assert!(page.len() <= PAGE);
                cursor = next;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(given, all);
        }
    }

    #[test]
    fn a_cursor_of_nothing_that_is_listed_is_invalid() {
        let cursor = page(&entries(PAGE + 1), None).unwrap().1;
        assert_eq!(page(&entries(3), cursor.as_deref()).unwrap_err().code, Error::INVALID_PARAMS);
        assert_eq!(page(&entries(3), Some("zzz")).unwrap_err().code, Error::INVALID_PARAMS);
    }

    #[test]
    fn an_empty_cursor_is_the_beginning() {
        assert_eq!(page(&entries(2), Some("")).unwrap().0.len(), 2);
    }
}
