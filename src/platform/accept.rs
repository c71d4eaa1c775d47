//! What a request says of the media types that it takes (`Accept`, RFC 9110 §12.5.1).

/// How much that media type is wanted, in thousandths: the weight of the most specific range that it falls under.
/// Without the header, or with an empty one, everything is.
pub fn weight(accept: Option<&str>, media_type: &str) -> u16 {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else { return WHOLE };
    let fitting = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let specificity = specificity(parts.next()?, media_type)?;
        let weight = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
        });
        Some((specificity, weight.unwrap_or(WHOLE)))
    });
    fitting.max().map_or(0, |(_, weight)| weight)
}

const WHOLE: u16 = 1000;

/// How closely a range names that media type; `None` where it does not.
fn specificity(range: &str, media_type: &str) -> Option<u8> {
    let (kind, subtype) = range.split_once('/')?;
    let (wanted_kind, wanted_subtype) = media_type.split_once('/')?;
    match (kind, subtype) {
        ("*", "*") => Some(0),
        (kind, "*") if kind.eq_ignore_ascii_case(wanted_kind) => Some(1),
        (kind, subtype) if kind.eq_ignore_ascii_case(wanted_kind) && subtype.eq_ignore_ascii_case(wanted_subtype) => {
            Some(2)
        }
        _ => None,
    }
}

/// A weight as it is written: `1`, `0.8`, `0.125`. One that is no number counts as none given.
fn thousandths(weight: &str) -> u16 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u16>(), digits.parse::<u16>()) {
        (Ok(0), Ok(thousandths)) => thousandths,
        _ => WHOLE,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    #[test]
    fn the_most_specific_range_decides() {
        for (accept, media_type, expected) in [
            (BROWSER, "text/html", 1000),
            (BROWSER, "application/json", 800),
            ("*/*", "application/json", 1000),
            ("application/*;q=0.5, */*;q=0.1", "application/json", 500),
            ("*/*, application/json;q=0", "application/json", 0),
            ("Text/Event-Stream", "text/event-stream", 1000),
            ("text/event-stream", "application/json", 0),
            ("text/html ; level=1 ; Q=0.125", "text/html", 125),
        ] {
            assert_eq!(weight(Some(accept), media_type), expected, "{accept} {media_type}");
        }
    }

    #[test]
    fn without_the_header_everything_is_wanted() {
        assert_eq!((weight(None, "text/html"), weight(Some(" "), "application/json")), (1000, 1000));
    }

    proptest! {
        #[test]
        fn no_header_wants_more_than_the_whole(accept in ".*", media_type in "[a-z]{1,4}/[a-z]{1,4}") {
            prop_assert!(weight(Some(&accept), &media_type) <= 1000);
        }
    }
}
