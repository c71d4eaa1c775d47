//! What is appended to the log of one shard at once, as it crosses to its object.

use serde::{Deserialize, Serialize};

use super::{chain::Head, event::Event};
use crate::{
    identifiers::{ClientId, Subject},
    platform::clock::Timestamp,
};

/// Calls that one client was let make within some minutes, those of leases among them, without an intent on record. Each
/// leaves an outcome with this id, or is missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// Of no other admission.
    pub id: String,
    pub subject: Subject,
    pub client_id: ClientId,
    pub at: Timestamp,
    pub calls: u32,
}

/// Calls of an admission that will not be made any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// Of no others: what comes twice is given back once.
    #[serde(default)]
    pub id: String,
    pub admission: String,
    pub calls: u32,
}

/// What becomes of events at whoever hands them to the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handing {
    /// They are only in the log from then on.
    #[default]
    Over,
    /// They are kept until a [`Receipt`] says that the database has them.
    On,
    /// The same; the log may have them already, since nobody knows whether they were handed on before.
    OnAgain,
    /// There are none: how far the chain has come is asked for.
    Look,
}

/// One append.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The name of the object, which its chain is bound to.
    #[serde(default)]
    pub shard: String,
    #[serde(default)]
    pub handing: Handing,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub admissions: Vec<Admission>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<Unused>,
}

impl Delivery {
    pub fn len(&self) -> usize {
        self.events.len() + self.admissions.len() + self.unused.len()
    }

    /// Puts another one behind this one.
    pub fn extend(&mut self, later: Self) {
        self.events.extend(later.events);
        self.admissions.extend(later.admissions);
        self.unused.extend(later.unused);
    }
}

/// Where the log is, for whoever keeps what it handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Names the object's waking: an object that lost its storage, or that was evicted, has another one, and its positions say
    /// nothing about those of an earlier waking.
    pub waking: String,
    /// The position of the newest event, with those of this delivery.
    pub newest: i64,
    /// Up to this position the database has every event.
    pub confirmed: i64,
}

/// What the object replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// All of it is durable.
    Appended,
    /// The same, to whoever keeps what it handed on.
    Received(Receipt),
    /// How far the chain has come.
    Head(Head),
    /// Nothing is; why is in the object's log.
    Failed,
}
