//! Real adapters of the ports for native tests: SQLite, memory, and answers written down in advance.

#[cfg(test)]
pub mod database;
#[cfg(test)]
pub mod generated_files;
pub mod memory;

#[cfg(test)]
use {super::Platform, std::rc::Rc};

/// A platform of its own, with the migrations applied. `http` answers what Postern sends.
#[cfg(test)]
pub fn platform(http: memory::ScriptedHttp) -> Platform {
    Platform {
        database: Rc::new(database::Sqlite::migrated()),
        cache: Rc::new(memory::MemoryCache::default()),
        http: Rc::new(http),
        clock: Rc::new(memory::TestClock::default()),
        limiter: Rc::new(memory::Unlimited),
        sessions: Rc::new(memory::NoSessions),
        audit_logs: Rc::new(memory::Appended::default()),
        checkpoints: None,
        signatures: Rc::new(memory::TrustingSignatures),
        caller: Rc::new(memory::Patient),
    }
}
