//! Fields of a message that a stranger may leave out, or send with any type they like (lenient deserialization).
//!
//! A member of the wrong type must not keep the rest from being read: which error it is, and with which
//! HTTP status, depends on the method, the era and the id beside it.

use std::{borrow::Cow, fmt, iter, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer},
    },
};

/// A field as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Field<T> {
    #[default]
    Absent,
    Null,
    /// The value has another type than it should.
    Invalid,
    Valid(T),
}

/// A member has another type than it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongType;

impl<T> Field<T> {
    /// The value, where it is of the right type.
    pub const fn valid(&self) -> Option<&T> {
        match self {
            Self::Valid(value) => Some(value),
            Self::Absent | Self::Null | Self::Invalid => None,
        }
    }

    /// The value of a member that may be left out; null counts as left out.
    ///
    /// # Errors
    /// Where it is there, but of the wrong type.
    pub const fn optional(&self) -> Result<Option<&T>, WrongType> {
        match self {
            Self::Absent | Self::Null => Ok(None),
            Self::Valid(value) => Ok(Some(value)),
            Self::Invalid => Err(WrongType),
        }
    }

    pub const fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// A JSON object of this content. Never read from an array, as serde's derived structs are, but for an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object<T>(pub T);

/// The type that a member should have.
pub trait Shape<'de>: Sized {
    fn from_text(_text: Cow<'de, str>) -> Field<Self> {
        Field::Invalid
    }

    fn from_bool(_value: bool) -> Field<Self> {
        Field::Invalid
    }

    /// Reads a list without elements, which is how PHP writes an empty object.
    fn from_empty_list<E: Error>() -> Result<Field<Self>, E> {
        Ok(Field::Invalid)
    }

    fn from_object<A: MapAccess<'de>>(object: A) -> Result<Field<Self>, A::Error> {
        IgnoredAny::deserialize(MapAccessDeserializer::new(object)).map(|_| Field::Invalid)
    }
}

impl<'de: 'a, 'a> Shape<'de> for Cow<'a, str> {
    fn from_text(text: Cow<'de, str>) -> Field<Self> {
        Field::Valid(text)
    }
}

impl Shape<'_> for bool {
    fn from_bool(value: bool) -> Field<Self> {
        Field::Valid(value)
    }
}

impl<'de, T: Deserialize<'de>> Shape<'de> for Object<T> {
    fn from_empty_list<E: Error>() -> Result<Field<Self>, E> {
        let empty = MapDeserializer::new(iter::empty::<(&str, &str)>());
        T::deserialize(empty).map(|content| Field::Valid(Self(content)))
    }

    fn from_object<A: MapAccess<'de>>(object: A) -> Result<Field<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(|content| Field::Valid(Self(content)))
    }
}

impl<'de, T: Shape<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything(PhantomData))
    }
}

struct Anything<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for Anything<T> {
    type Value = Field<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Field<T>, E> {
        Ok(T::from_bool(value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Field<T>, E> {
        Ok(Field::Invalid)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Field<T>, E> {
        Ok(Field::Invalid)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Field<T>, E> {
        Ok(Field::Invalid)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Field<T>, E> {
        Ok(T::from_text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Field<T>, E> {
        Ok(T::from_text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Field<T>, A::Error> {
        let mut is_empty = true;
        while elements.next_element::<IgnoredAny>()?.is_some() {
            is_empty = false;
        }
        if is_empty { T::from_empty_list() } else { Ok(Field::Invalid) }
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Field<T>, A::Error> {
        T::from_object(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> Field<Cow<'_, str>> {
        serde_json::from_str(json).unwrap()
    }

    #[derive(Debug, Default, Deserialize, PartialEq, Eq)]
    #[serde(default)]
    struct Point {
        x: u8,
    }

    fn object(json: &str) -> Field<Object<Point>> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_text_is_borrowed_where_it_has_no_escapes() {
        assert!(matches!(text(r#""plain""#), Field::Valid(Cow::Borrowed("plain"))));
        assert!(matches!(text(r#""a\nb""#), Field::Valid(Cow::Owned(text)) if text == "a\nb"));
    }

    #[test]
    fn a_value_of_another_type_is_skipped_whole() {
        for json in ["1", "-1", "1.5", "true", "[1,[2]]", r#"{"a":{"b":1}}"#] {
            assert_eq!(text(json), Field::Invalid, "{json}");
        }
        assert_eq!(text("null"), Field::Null);
    }

    #[test]
    fn an_array_is_no_object() {
        assert_eq!(object(r#"{"x":1}"#), Field::Valid(Object(Point { x: 1 })));
        assert_eq!(object("[1]"), Field::Invalid);
    }

    #[test]
    fn an_empty_list_is_an_empty_object() {
        assert_eq!(object("[]"), Field::Valid(Object(Point { x: 0 })));
        assert_eq!(text("[]"), Field::Invalid);
    }

    #[test]
    fn null_counts_as_left_out_where_leaving_out_is_allowed() {
        assert_eq!(text("null").optional(), Ok(None));
        assert_eq!(text("1").optional(), Err(WrongType));
    }
}
