//! Tickets: state of ours that a client or browser carries, sealed, until it expires, so that nothing of it is stored
//! here (as TLS does with its session tickets, RFC 5077).

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::seal::{Purpose, Sealers};
use crate::platform::{Fault, clock::Timestamp, json};

/// State that travels in tickets.
pub trait TicketState: Serialize + DeserializeOwned {
    /// Whose key seals it: a ticket of another purpose never opens as one of this.
    const PURPOSE: Purpose;
}

/// What a ticket carries, and until when. Sealed, it is the JSON object of the state with one member more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket<T> {
    #[serde(flatten)]
    pub state: T,
    /// The first moment at which the ticket is worth nothing any more.
    // By its other name the end stands in cookies of sign-ins that earlier versions began.
    #[serde(rename = "expires", alias = "expires_at")]
    pub expires_at: Timestamp,
}

/// Why a text is no ticket that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    #[error("the ticket has expired")]
    Expired,
    /// It was made up or altered, or sealed for another purpose or place, or with a key no longer live.
    #[error("the text is no ticket of ours for this purpose and place")]
    NotOurs,
}

impl<T: TicketState> Ticket<T> {
    /// Seals the ticket, as text of `[A-Za-z0-9._-]`. It opens at `place` alone: that names whose it is and what it is for.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, sealers: &Sealers, place: &str) -> Result<String, Fault> {
        let json = serde_json::to_string(self).map_err(|error| Fault::new("ticket", error))?;
        sealers.of(T::PURPOSE).seal(&json, place)
    }

    /// Opens a ticket that was sealed for this place.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn open(sealers: &Sealers, sealed: &str, place: &str, now: Timestamp) -> Result<Self, TicketError> {
        let json = sealers.of(T::PURPOSE).open(sealed, place).ok_or(TicketError::NotOurs)?;
        let ticket: Self = json::from_str(json.expose()).map_err(|_| TicketError::NotOurs)?;
        if now < ticket.expires_at { Ok(ticket) } else { Err(TicketError::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::crypto::key::{Key, KeyPair};

    /// The same state, carried for each of two purposes.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Named<const SIGN_IN: bool> {
        name: String,
    }

    impl<const SIGN_IN: bool> TicketState for Named<SIGN_IN> {
        const PURPOSE: Purpose = if SIGN_IN { Purpose::SignIn } else { Purpose::RequestState };
    }

    type SignIn = Named<true>;
    type RequestState = Named<false>;

    const SECOND: Duration = Duration::from_secs(1);

    fn sealers() -> Sealers {
        Sealers::new(&KeyPair { current: Key::for_tests(1), previous: None })
    }

    fn ticket(name: String, expires_at: i64) -> Ticket<SignIn> {
        Ticket { state: Named { name }, expires_at: Timestamp(expires_at) }
    }

    fn moments() -> impl Strategy<Value = i64> {
        0..4_102_444_800_000_i64
    }

    proptest! {
        #[test]
        fn a_ticket_opens_as_it_was_sealed_until_the_second_before_it_expires(
            name in ".{0,20}", place in ".{0,20}", end in moments()
        ) {
            let ticket = ticket(name, end);
            let sealed = ticket.seal(&sealers(), &place).unwrap();
            let before = ticket.expires_at - SECOND;
            prop_assert_eq!(Ticket::<SignIn>::open(&sealers(), &sealed, &place, before), Ok(ticket));
        }

        #[test]
        fn a_ticket_has_expired_from_its_end_on(end in moments(), late in 0..3_600_000_u64) {
            let sealed = ticket("n".into(), end).seal(&sealers(), "place").unwrap();
            let now = Timestamp(end) + Duration::from_millis(late);
            prop_assert_eq!(Ticket::<SignIn>::open(&sealers(), &sealed, "place", now), Err(TicketError::Expired));
        }

        #[test]
        fn a_ticket_of_one_purpose_never_opens_as_one_of_another(name in ".{0,20}", place in ".{0,20}") {
            let sealed = ticket(name, 1).seal(&sealers(), &place).unwrap();
            let opened = Ticket::<RequestState>::open(&sealers(), &sealed, &place, Timestamp(0));
            prop_assert_eq!(opened, Err(TicketError::NotOurs));
        }

        #[test]
        fn a_ticket_opens_at_no_other_place(place in ".{0,20}", other in ".{0,20}") {
            prop_assume!(place != other);
            let sealed = ticket("n".into(), 1).seal(&sealers(), &place).unwrap();
            let opened = Ticket::<SignIn>::open(&sealers(), &sealed, &other, Timestamp(0));
            prop_assert_eq!(opened, Err(TicketError::NotOurs));
        }

        #[test]
        fn a_ticket_with_a_flipped_bit_is_not_ours(name in ".{0,20}", at in any::<prop::sample::Index>(), bit in 0..7_u8) {
            let sealed = ticket(name, 1).seal(&sealers(), "place").unwrap();
            let mut altered = sealed.into_bytes();
            let index = at.index(altered.len());
            altered[index] ^= 1 << bit;
            let altered = String::from_utf8(altered).unwrap();
            let opened = Ticket::<SignIn>::open(&sealers(), &altered, "place", Timestamp(0));
            prop_assert_eq!(opened, Err(TicketError::NotOurs));
        }

        #[test]
        fn whatever_somebody_makes_up_is_not_ours(text in "(v2\\.)?[A-Za-z0-9._-]{0,80}") {
            let opened = Ticket::<SignIn>::open(&sealers(), &text, "place", Timestamp(0));
            prop_assert_eq!(opened, Err(TicketError::NotOurs));
        }
    }

    #[test]
    fn a_ticket_opens_by_the_name_that_earlier_versions_gave_its_end() {
        let sealed = sealers().of(Purpose::SignIn).seal(r#"{"name":"n","expires_at":1}"#, "place").unwrap();
        let opened = Ticket::<SignIn>::open(&sealers(), &sealed, "place", Timestamp(0));
        assert_eq!(opened, Ok(ticket("n".into(), 1)));
    }

    #[test]
    fn sealed_json_of_another_form_is_not_ours() {
        for json in ["", "[]", "{}", r#"{"name":"n"}"#, r#"{"expires":1}"#, r#"{"name":"n","expires":"1"}"#] {
            let sealed = sealers().of(Purpose::SignIn).seal(json, "place").unwrap();
            let opened = Ticket::<SignIn>::open(&sealers(), &sealed, "place", Timestamp(0));
            assert_eq!(opened, Err(TicketError::NotOurs), "{json}");
        }
    }
}
