//! Columns whose values depend on a key, and their way from the previous key to the current one: a batch with every sweep,
//! until none is left.

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Fault,
    database::{Database, Statement, sql},
};

/// One such column, as the statements that work on it.
pub struct Renewal {
    /// The rows whose value depends on the key `?1`, at most `?2`; their rowid is `number`.
    pub find: &'static str,
    /// How many of them would be lost with it.
    pub count: &'static str,
    /// Puts `?3` in the place of `?2`, if it still is what row `?1` has.
    pub replace: &'static str,
}

impl Renewal {
    /// The statement that puts a new value in the place of an old one.
    pub fn replace(&self, number: i64, old: &str, new: String) -> Statement {
        sql(self.replace).bind(number).bind(old).bind(new)
    }

    /// Renews at most so many values that depend on that key, those for which `renew` has a statement.
    ///
    /// # Errors
    /// Where the record or `renew` failed: then the next sweep goes on.
    pub async fn sweep<Row: DeserializeOwned>(
        &self,
        database: &dyn Database,
        key: &str,
        most: i64,
        renew: impl Fn(Row) -> Result<Option<Statement>, Fault>,
    ) -> Result<(), Fault> {
        let found = database.run(sql(self.find).bind(key).bind(most)).await?.all::<Row>()?;
        let renewed = found.into_iter().map(renew).collect::<Result<Vec<_>, _>>()?;
        let statements: Vec<Statement> = renewed.into_iter().flatten().collect();
        if !statements.is_empty() {
            database.batch(statements).await?;
        }
        Ok(())
    }
}

/// How many values of all these columns would be lost with the key of that id.
///
/// # Errors
/// Where the record failed.
pub async fn count<'a>(
    columns: impl Iterator<Item = &'a Renewal>,
    database: &dyn Database,
    key: &str,
) -> Result<i64, Fault> {
    #[derive(Deserialize)]
    struct Count {
        count: i64,
    }
    let queries = columns.map(|column| sql(column.count).bind(key)).collect();
    let mut sum = 0;
    for rows in database.batch(queries).await? {
        sum += rows.first::<Count>()?.map_or(0, |row| row.count);
    }
    Ok(sum)
}
