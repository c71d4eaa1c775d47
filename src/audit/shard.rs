//! Which of the `AuditLog` objects an event belongs to.

use super::Event;

/// The name of the object of that number.
pub(super) fn name(number: u32) -> String {
    format!("audit/{number}")
}

/// The name of the object that keeps what is of that person: theirs is one and the same, as long as there are as many.
pub(super) fn of_person(person: &str, shards: u32) -> String {
    // FNV-1a: short, even, and the same in every isolate and release.
    let hash = person.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    name(hash.checked_rem(shards).unwrap_or_default())
}

/// The same for an event. One of nobody goes by its request.
pub(super) fn of_event(event: &Event, shards: u32) -> String {
    match &event.person {
        Some(person) => of_person(&person.to_string(), shards),
        None => of_person(event.request_id.as_str(), shards),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn people_are_spread_evenly() {
        let mut people = HashMap::new();
        for number in 0..8_000 {
            *people.entry(of_person(&format!("person-{number}"), 8)).or_insert(0) += 1;
        }
        assert_eq!(people.len(), 8);
        assert!(people.values().all(|count| (800..1_200).contains(count)), "{people:?}");
    }

    #[test]
    fn there_is_a_shard_even_of_none() {
        assert_eq!(of_person("person", 0), "audit/0");
    }
}
