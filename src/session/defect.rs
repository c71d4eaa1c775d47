//! A defect on purpose, for the test of what a panic must leave alone. Compiled with the feature `conformance` alone.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::platform::clock::Clock;

/// Long enough for others to begin meanwhile.
const SHORT: Duration = Duration::from_millis(300);
/// Long enough for panics beside it.
const LONG: Duration = Duration::from_millis(1500);

/// What goes wrong, if anything does.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub enum Defect {
    /// A panic, with work begun.
    Panic,
    /// None: it only takes long.
    Slow,
}

impl Defect {
    /// Lets it happen.
    #[allow(clippy::panic, reason = "that is what it is for")]
    pub async fn happen(self, clock: &dyn Clock) {
        match self {
            Self::Panic => {
                clock.sleep(SHORT).await;
                panic!("a defect")
            }
            Self::Slow => clock.sleep(LONG).await,
        }
    }
}
