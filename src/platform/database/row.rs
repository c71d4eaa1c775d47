//! From a row to a value of ours, column by column in the order of the type's members. A type reads an object with a look
//! at each name that it meets, which in the WASM is code of some seven hundred bytes a member; this takes a tenth.

use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Error, Value};

use crate::platform::Fault;

/// The row, an object of column name to value, as a `T`. A column that is not there is read as `NULL`.
///
/// # Errors
/// Where it does not have the shape of `T`.
pub(super) fn read<T: DeserializeOwned>(row: Value) -> Result<T, Fault> {
    T::deserialize(Row(row)).map_err(|error| Fault::new("row", error))
}

/// A row, of which a type takes the columns that it has members for.
struct Row(Value);

impl<'de> Deserializer<'de> for Row {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_seq(Columns { row: self.0, names: fields.iter() })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The columns of a row, in the order of these names.
struct Columns {
    row: Value,
    names: std::slice::Iter<'static, &'static str>,
}

impl Columns {
    #[inline(never)]
    fn next(&mut self) -> Option<Value> {
        let name = self.names.next()?;
        Some(self.row.get_mut(name).map(Value::take).unwrap_or_default())
    }
}

impl<'de> SeqAccess<'de> for Columns {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.next().map(|value| seed.deserialize(value)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Account {
        id: String,
        version: i64,
        name: Option<String>,
    }

    #[test]
    fn a_type_takes_its_columns_by_their_names_and_leaves_the_others() {
        let row = json!({"other": 1, "version": 7, "name": "Ada", "id": "a"});
        let account = Account { id: "a".to_owned(), version: 7, name: Some("Ada".to_owned()) };
        assert_eq!(read::<Account>(row).unwrap(), account);
    }

    #[test]
    fn a_column_that_is_null_or_not_there_is_nothing() {
        for row in [json!({"id": "a", "version": 7, "name": null}), json!({"id": "a", "version": 7})] {
            assert_eq!(read::<Account>(row).unwrap().name, None);
        }
        assert!(read::<Account>(json!({"id": "a"})).is_err());
    }

    #[test]
    fn a_column_of_another_kind_is_a_fault() {
        assert!(read::<Account>(json!({"id": 1, "version": 7})).is_err());
        assert!(read::<Account>(json!("a")).is_err());
    }
}
