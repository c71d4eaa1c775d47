//! Reads a body along an outline, and skips all else while it is read: no tree of the whole.

use std::{fmt, ops::ControlFlow};

use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value as Json;

use super::outline::{Leaf, Outline};
use crate::catalog::operation::first_name;

/// The body was not the JSON that was expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Takes what is read at leaves.
pub trait Leaves {
    /// A text, a number as it is written, or a flag as [`TRUE`] or [`FALSE`].
    fn add(&mut self, leaves: &[Leaf], value: &str);

    /// Whether the list or object at these leaves is wanted whole, as JSON.
    fn keeps_whole(&self, leaves: &[Leaf]) -> bool;

    /// What is here is `null`.
    fn add_null(&mut self, outline: &Outline);

    /// An element of a list has ended, which is in so many other lists.
    fn end_element(&mut self, outline: &Outline, depth: usize);
}

/// Takes the rows of a list.
pub trait Rows {
    /// Takes the leaves of the row at hand.
    fn row(&mut self) -> &mut dyn Leaves;

    /// The row at hand has ended; after a break nothing more is read.
    fn end_row(&mut self) -> ControlFlow<()>;
}

/// How a flag is written.
pub const TRUE: &str = "yes";
pub const FALSE: &str = "no";

/// Where nothing is wanted.
impl Leaves for () {
    fn add(&mut self, _: &[Leaf], _: &str) {}

    fn keeps_whole(&self, _: &[Leaf]) -> bool {
        false
    }

    fn add_null(&mut self, _: &Outline) {}

    fn end_element(&mut self, _: &Outline, _: usize) {}
}

/// Reads an object along an outline.
///
/// # Errors
/// Where the body is not one object.
pub fn read_object(body: &[u8], outline: &Outline, leaves: &mut dyn Leaves) -> Result<(), Unreadable> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let reading = ValueSeed { outline, leaves, depth: 0 };
    deserializer.deserialize_map(reading).map_err(|_| Unreadable)?;
    deserializer.end().map_err(|_| Unreadable)
}

/// Reads the list at the end of a path, whose rows are objects or `null`, each along `outline`, and what is `around` it.
/// An empty path is the body itself.
///
/// # Errors
/// Where the body does not hold the list.
pub fn read_list(
    body: &[u8],
    path: &'static str,
    outline: &Outline,
    rows: &mut dyn Rows,
    around: &Outline,
    others: &mut dyn Leaves,
) -> Result<(), Unreadable> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let mut progress = Progress::NotFound;
    let list = ListSeed { outline, rows, progress: &mut progress };
    let envelope = Envelope { list, path, around: Some(around), others };
    let read = envelope.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match (progress, read) {
        (Progress::Stopped, _) | (Progress::Found, Ok(())) => Ok(()),
        (Progress::Found | Progress::NotFound, _) => Err(Unreadable),
    }
}

/// How far the reading of a list came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    NotFound,
    Found,
    /// Whoever takes the rows wants no more.
    Stopped,
}

/// What is around a list: objects with the names of its path, from the outside in.
struct Envelope<'a> {
    list: ListSeed<'a>,
    /// What is left of the path; empty where the list itself is next.
    path: &'static str,
    around: Option<&'a Outline>,
    others: &'a mut dyn Leaves,
}

impl<'de> DeserializeSeed<'de> for Envelope<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.list.progress = Progress::Found;
            return deserializer.deserialize_seq(self.list);
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with `{}`", self.path)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (name, path) = first_name(self.path);
        let path = path.unwrap_or_default();
        let around = self.around;
        let which = |key: &str| (key == name, around.and_then(|around| around.child(key)));
        while let Some(member) = map.next_key_seed(Key(which))? {
            match member {
                (true, around) => {
                    map.next_value_seed(Envelope { list: self.list.again(), path, around, others: &mut *self.others })?;
                }
                (false, Some(outline)) => {
                    map.next_value_seed(ValueSeed { outline, leaves: &mut *self.others, depth: 0 })?;
                }
                (false, None) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Recognises a member's name without keeping it.
struct Key<F>(F);

impl<'de, T, F: Fn(&str) -> T> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F: Fn(&str) -> T> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
        Ok((self.0)(name))
    }
}

struct ListSeed<'a> {
    outline: &'a Outline,
    rows: &'a mut dyn Rows,
    progress: &'a mut Progress,
}

impl ListSeed<'_> {
    fn again(&mut self) -> ListSeed<'_> {
        ListSeed { outline: self.outline, rows: &mut *self.rows, progress: self.progress }
    }
}

impl<'de> Visitor<'de> for ListSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            let row = ValueSeed { outline: self.outline, leaves: self.rows.row(), depth: 0 };
            match list.next_element_seed(RowSeed(row))? {
                None => return Ok(()),
                // Of what is `null` there is nothing to show.
                Some(false) => {}
                Some(true) => {
                    if self.rows.end_row().is_break() {
                        *self.progress = Progress::Stopped;
                        return Err(de::Error::custom("no more is wanted"));
                    }
                }
            }
        }
    }
}

/// An object, or `null`: whether it was an object.
struct RowSeed<'a>(ValueSeed<'a>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self.0).map(|()| true)
    }
}

/// A value of any type: a leaf's text, or whatever of it lies on a wanted path.
struct ValueSeed<'a> {
    outline: &'a Outline,
    leaves: &'a mut dyn Leaves,
    /// In how many lists of its row or record it is.
    depth: usize,
}

impl ValueSeed<'_> {
    fn add(self, value: &str) {
        self.leaves.add(self.outline.leaves(), value);
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.add(text);
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<(), E> {
        self.add(if flag { TRUE } else { FALSE });
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        if !self.outline.leaves().is_empty() {
            self.add(&number.to_string());
        }
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.add(&number.to_string());
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.add(&number.to_string());
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.leaves.add_null(self.outline);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { outline, leaves, depth } = self;
        if leaves.keeps_whole(outline.leaves()) {
            let value = Json::deserialize(de::value::SeqAccessDeserializer::new(list))?;
            leaves.add(outline.leaves(), &value.to_string());
            return Ok(());
        }
        while list.next_element_seed(ValueSeed { outline, leaves: &mut *leaves, depth: depth + 1 })?.is_some() {
            leaves.end_element(outline, depth);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { outline, leaves, depth } = self;
        if leaves.keeps_whole(outline.leaves()) {
            let value = Json::deserialize(de::value::MapAccessDeserializer::new(map))?;
            leaves.add(outline.leaves(), &value.to_string());
            return Ok(());
        }
        while let Some(child) = map.next_key_seed(Key(|name: &str| outline.child(name)))? {
            match child {
                Some(outline) => map.next_value_seed(ValueSeed { outline, leaves: &mut *leaves, depth })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
