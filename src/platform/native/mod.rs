//! Real adapters of the ports for native tests: SQLite, memory, and answers written down in advance.

pub mod database;
pub mod memory;

use std::rc::Rc;

use super::Platform;

/// A platform of its own, with the migrations applied. `http` answers what Postern sends.
pub fn platform(http: memory::ScriptedHttp) -> Platform {
    Platform {
        database: Rc::new(database::Sqlite::migrated()),
        cache: Rc::new(memory::MemoryCache::default()),
        http: Rc::new(http),
        clock: Rc::new(memory::TestClock::default()),
        limiter: Rc::new(memory::Unlimited),
        sessions: Rc::new(memory::NoSessions),
        signatures: Rc::new(memory::TrustingSignatures),
        caller: Rc::new(memory::Patient),
    }
}
