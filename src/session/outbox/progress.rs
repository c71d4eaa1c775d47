//! How far an object is in handing its intents on to the log. Plain data of one waking: an object that was evicted knows
//! nothing of it, and hands on again what it still has.

use std::collections::VecDeque;

use crate::audit::delivery::{Handing, Receipt};

/// Intents are numbered in the order in which they were taken. They go on in that order, and are forgotten in it.
#[derive(Debug, Default)]
pub struct Progress {
    /// The first intent that was certainly never handed on when it was taken; none as long as that is said of none.
    first_new: Option<i64>,
    /// The waking of the log at which the batches have their positions.
    waking: String,
    /// What the log has and the database is not known to have, the oldest first.
    batches: VecDeque<Batch>,
}

/// Intents that went on together.
#[derive(Debug)]
struct Batch {
    /// The number of its last intent.
    last: i64,
    /// Once the log has confirmed this position, the database has all of them.
    position: i64,
}

/// What is to be done after a delivery.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// The database has every intent up to this number.
    pub forget: Option<i64>,
    /// The log no longer vouches for what it was handed: all that is left is to be handed on again.
    pub begins_anew: bool,
}

impl Progress {
    /// An intent of that number was taken.
    pub fn took(&mut self, number: i64) {
        self.first_new.get_or_insert(number);
    }

    /// The number of the last intent that the log has; 0 where it has none.
    pub fn handed_on(&self) -> i64 {
        self.batches.back().map_or(0, |batch| batch.last)
    }

    /// Whether the log has intents that the database is not known to have.
    pub fn is_unconfirmed(&self) -> bool {
        !self.batches.is_empty()
    }

    /// How intents are handed on of which the first has that number.
    pub fn handing(&self, first: Option<i64>) -> Handing {
        let is_new = first.is_none_or(|first| self.first_new.is_some_and(|new| new <= first));
        if is_new { Handing::On } else { Handing::OnAgain }
    }

    /// The log has answered a delivery whose last intent has the number `last`.
    pub fn received(&mut self, last: Option<i64>, receipt: &Receipt) -> Next {
        if self.waking != receipt.waking {
            self.waking.clone_from(&receipt.waking);
            if self.is_unconfirmed() {
                (self.first_new, self.batches) = (None, VecDeque::new());
                return Next { forget: None, begins_anew: true };
            }
        }
        self.batches.extend(last.map(|last| Batch { last, position: receipt.newest }));
        let confirmed = self.batches.iter().take_while(|batch| batch.position <= receipt.confirmed).count();
        Next { forget: self.batches.drain(..confirmed).next_back().map(|batch| batch.last), begins_anew: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(waking: &str, newest: i64, confirmed: i64) -> Receipt {
        Receipt { waking: waking.into(), newest, confirmed }
    }

    /// What is to be forgotten, where the log is the one of before.
    fn forgotten(progress: &mut Progress, last: Option<i64>, newest: i64, confirmed: i64) -> Option<i64> {
        let Next { forget, begins_anew } = progress.received(last, &receipt("first", newest, confirmed));
        assert!(!begins_anew);
        forget
    }

    #[test]
    fn intents_are_forgotten_once_their_positions_are_confirmed_and_no_sooner() {
        let mut progress = Progress::default();
        assert_eq!(forgotten(&mut progress, Some(3), 70, 0), None);
        assert_eq!(forgotten(&mut progress, Some(5), 80, 69), None);
        assert_eq!(forgotten(&mut progress, None, 90, 79), Some(3));
        assert!(progress.is_unconfirmed());
        assert_eq!(forgotten(&mut progress, None, 90, 80), Some(5));
        assert!(!progress.is_unconfirmed());
    }

    #[test]
    fn what_another_waking_of_the_log_confirms_is_not_taken_for_what_was_handed_on_before() {
        let mut progress = Progress::default();
        progress.took(1);
        progress.received(Some(3), &receipt("first", 70, 0));
        let next = progress.received(Some(5), &receipt("second", 2, 1_000));
        assert_eq!(next, Next { forget: None, begins_anew: true });
        assert_eq!((progress.handed_on(), progress.handing(Some(1))), (0, Handing::OnAgain));
        assert_eq!(progress.received(Some(5), &receipt("second", 5, 5)).forget, Some(5));
    }

    #[test]
    fn only_what_this_waking_took_itself_is_handed_on_as_new() {
        let mut progress = Progress::default();
        assert_eq!(progress.handing(Some(4)), Handing::OnAgain);
        progress.took(6);
        progress.took(7);
        assert_eq!([4, 6, 7].map(|first| progress.handing(Some(first))), [Handing::OnAgain, Handing::On, Handing::On]);
    }
}
