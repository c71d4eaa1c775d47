//! Where segments are: their records in the database, their texts in the bucket.

use serde::Deserialize;

use super::{
    chain::ChainKeys,
    segment::{self, Row, Segment},
};
use crate::platform::{
    Fault,
    bucket::Bucket,
    database::{Database, Rows, sql},
};

/// How many records are read at once.
pub const PAGE: usize = 10;

/// After every number: the greatest whole number that D1 takes as it is.
pub const AFTER_ALL: i64 = 1 << 53;

/// Records of segments.
#[derive(Default)]
pub struct Records {
    pub authentic: Vec<Segment>,
    /// How many others there are, which are not ours.
    pub forged: usize,
    /// The number of the last of all of them.
    pub last: Option<i64>,
}

#[derive(Deserialize)]
struct Record {
    number: i64,
    record: String,
    mac: String,
}

fn read(keys: &ChainKeys, rows: Rows) -> Result<Records, Fault> {
    let mut records = Records::default();
    for Record { number, record, mac } in rows.all()? {
        records.last = Some(number);
        match Segment::of_record(keys, &record, &mac).filter(|segment| segment.number == number) {
            Some(segment) => records.authentic.push(segment),
            None => records.forged += 1,
        }
    }
    Ok(records)
}

/// The records after that number.
///
/// # Errors
/// Where the database cannot be read.
pub async fn after(database: &dyn Database, keys: &ChainKeys, number: i64) -> Result<Records, Fault> {
    let query = "SELECT number, record, mac FROM audit_segments WHERE number > ?1 ORDER BY number LIMIT 10";
    read(keys, database.run(sql(query).bind(number)).await?)
}

/// The newest records before that number, the newest first.
///
/// # Errors
/// Where the database cannot be read.
pub async fn before(database: &dyn Database, keys: &ChainKeys, number: i64) -> Result<Vec<Segment>, Fault> {
    let query = "SELECT number, record, mac FROM audit_segments WHERE number < ?1 ORDER BY number DESC LIMIT 50";
    Ok(read(keys, database.run(sql(query).bind(number)).await?)?.authentic)
}

/// The number of the last segment; 0 where there is none.
///
/// # Errors
/// Where the database cannot be read.
pub async fn newest(database: &dyn Database, keys: &ChainKeys) -> Result<i64, Fault> {
    Ok(before(database, keys, AFTER_ALL).await?.first().map_or(0, |segment| segment.number))
}

/// What the bucket has of a segment.
pub enum Found {
    /// Its lines.
    Whole(String),
    Missing,
    /// Something else is in its place.
    Changed,
}

/// Reads a segment as its record has it.
///
/// # Errors
/// Where the bucket cannot be read.
pub async fn fetch(bucket: Option<&dyn Bucket>, keys: &ChainKeys, segment: &Segment) -> Result<Found, Fault> {
    let Some(bucket) = bucket else { return Ok(Found::Missing) };
    let Some(text) = bucket.get(segment::name(segment.number)).await? else { return Ok(Found::Missing) };
    Ok(match Segment::open(keys, segment.number, &text) {
        Some((found, lines)) if found == *segment => Found::Whole(lines),
        _ => Found::Changed,
    })
}

/// Puts a segment there, and gives what is there then: this one; or another of that number, which was put there before, by
/// somebody who has not put it on record yet. Nothing where what is there is no segment.
///
/// # Errors
/// Where the bucket refuses, or does not have what was put there.
pub async fn put(
    bucket: &dyn Bucket,
    keys: &ChainKeys,
    segment: &Segment,
    rows: &[Row],
) -> Result<Option<(Segment, Vec<Row>)>, Fault> {
    let name = segment::name(segment.number);
    bucket.put(name.clone(), segment.seal(keys, rows)?).await?;
    let text = bucket.get(name).await?;
    let text = text.ok_or_else(|| Fault::new("segment", "it cannot be read back"))?;
    let found = Segment::open(keys, segment.number, &text);
    Ok(found.map(|(segment, lines)| (segment, segment::rows(&lines).collect())))
}
