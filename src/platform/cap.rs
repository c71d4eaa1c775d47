//! Caps: how many rows of a table one person can have, where their own requests make rows. Each room lists its own.

use super::database::{Statement, Value, sql};

/// A rule of one table. The statement that `delete` is keeps the `?2` newest rows of the person `?1`.
pub struct Cap {
    delete: &'static str,
    most: u32,
}

impl Cap {
    pub const fn new(most: u32, delete: &'static str) -> Self {
        Self { delete, most }
    }

    #[cfg(test)]
    pub const fn most(&self) -> u32 {
        self.most
    }

    /// To be run in one batch with the statement that adds a row, behind it: then the oldest go.
    pub fn keep(&self, person: impl Into<Value>) -> Statement {
        sql(self.delete).bind(person).bind(i64::from(self.most))
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use proptest::prelude::*;

    use super::*;
    use crate::platform::{database::Database, native::database::Sqlite, object::ObjectStorage};

    const CAP: Cap = Cap::new(
        3,
        "DELETE FROM links WHERE rowid IN (
            SELECT rowid FROM links WHERE person = ?1 ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
    );

    proptest! {
        #[test]
        fn the_newest_rows_of_each_person_stay(people in prop::collection::vec(0_i64..3, 0..30)) {
            let database = Sqlite::empty();
            database.run_script("CREATE TABLE links (id INTEGER NOT NULL UNIQUE, person INTEGER NOT NULL)").unwrap();
            for (id, person) in (0_i64..).zip(&people) {
                let add = sql("INSERT INTO links (id, person) VALUES (?1, ?2)").bind(id).bind(*person);
                block_on(database.batch(vec![add, CAP.keep(*person)])).unwrap();
            }
            for person in 0..3 {
                let query = sql("SELECT id FROM links WHERE person = ?1 ORDER BY id").bind(person);
                let rows = ObjectStorage::run(&database, query).unwrap().rows;
                let kept: Vec<i64> = rows.iter().filter_map(|row| row["id"].as_i64()).collect();
                let made: Vec<i64> = (0..).zip(&people).filter(|(_, of)| **of == person).map(|(id, _)| id).collect();
                prop_assert_eq!(&kept, &made[made.len().saturating_sub(3)..]);
            }
        }
    }
}
