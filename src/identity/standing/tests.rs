use proptest::prelude::*;

use super::*;

const LIFE: Duration = Duration::from_secs(15 * 60);
const SIGNED_IN: Timestamp = Timestamp(1_767_225_600_000);

fn standing(kind: TokenKind) -> Standing {
    Standing {
        kind,
        state: State::Good,
        vouched_at: SIGNED_IN,
        doubted_at: Timestamp(0),
        asked_at: None,
        failed_at: None,
        lost_answer: false,
    }
}

fn later(seconds: u64) -> Timestamp {
    SIGNED_IN + Duration::from_secs(seconds)
}

#[test]
fn the_providers_word_is_good_for_a_while_and_then_asked_for() {
    let standing = standing(TokenKind::Offline);
    assert_eq!(decide(&standing, LIFE, later(899)), Step::Trust);
    assert_eq!(decide(&standing, LIFE, later(900)), Step::Ask);
}

#[test]
fn one_asks_while_others_wait() {
    let asking = standing(TokenKind::Offline).asking(later(900));
    assert_eq!(decide(&asking, LIFE, later(929)), Step::Wait);
    assert_eq!(decide(&asking, LIFE, later(930)), Step::Ask, "whoever asked never came back");
}

#[test]
fn a_refused_offline_token_ends_the_person_and_an_ordinary_one_asks_for_a_new_sign_in() {
    let refused = |kind| standing(kind).asking(later(900)).heard(Answer::Refused, later(901));
    assert_eq!(refused(TokenKind::Offline).verdict(), Verdict::Ended);
    assert_eq!(refused(TokenKind::Ordinary).verdict(), Verdict::SignInAgain);
    assert_eq!(decide(&refused(TokenKind::Offline), LIFE, later(902)), Step::End, "until it has been carried out");
    assert_eq!(decide(&refused(TokenKind::Ordinary), LIFE, later(902)), Step::SignInAgain);
}

#[test]
fn a_token_that_may_have_been_replaced_by_a_lost_answer_ends_nobody() {
    let lost = standing(TokenKind::Offline).asking(later(900)).heard(Answer::None, later(910));
    let refused = lost.asking(later(1000)).heard(Answer::Refused, later(1001));
    assert_eq!(refused.verdict(), Verdict::SignInAgain);
    let abandoned = standing(TokenKind::Offline).asking(later(900)).asking(later(930));
    assert_eq!(abandoned.heard(Answer::Refused, later(931)).verdict(), Verdict::SignInAgain);
}

#[test]
fn once_the_provider_has_answered_its_failure_before_puts_off_no_question() {
    let lost = standing(TokenKind::Offline).asking(later(900)).heard(Answer::None, later(910));
    let vouched = lost.asking(later(911)).heard(Answer::Vouched, later(912));
    let logged_out = Standing { doubted_at: later(913), ..vouched };
    assert_eq!(decide(&logged_out, LIFE, later(914)), Step::Ask);
}

#[test]
fn an_answer_after_a_lost_one_makes_up_for_it() {
    let lost = standing(TokenKind::Offline).asking(later(900)).heard(Answer::None, later(910));
    let vouched = lost.asking(later(1000)).heard(Answer::Vouched, later(1001));
    assert_eq!(vouched.asking(later(2000)).heard(Answer::Refused, later(2001)).verdict(), Verdict::Ended);
}

#[test]
fn a_provider_that_is_down_is_left_alone_for_a_minute() {
    let failed = standing(TokenKind::Ordinary).asking(later(900)).heard(Answer::None, later(910));
    assert_eq!(decide(&failed, LIFE, later(969)), Step::Trust);
    assert_eq!(decide(&failed, LIFE, later(970)), Step::Ask);
}

#[test]
fn an_answer_to_a_question_from_before_a_logout_does_not_count() {
    let asking = standing(TokenKind::Offline).asking(later(900));
    let doubted = Standing { doubted_at: later(900) + SETTLING, ..asking };
    let vouched = doubted.heard(Answer::Vouched, later(901));
    assert_eq!(decide(&vouched, LIFE, later(902)), Step::Ask);
    let again = vouched.asking(later(904)).heard(Answer::Vouched, later(905));
    assert_eq!(decide(&again, LIFE, later(906)), Step::Trust);
}

/// What may happen, in any order.
#[derive(Debug, Clone, Copy)]
enum Event {
    Pass(u64),
    /// A client refreshes: whoever has to ask begins to.
    Refresh,
    /// The question under way is answered, its answer is lost, or the asker dies.
    Answer,
    Lose,
    Abandon,
    Disable,
    Logout,
    GoDown,
    ComeUp,
    SignIn(bool),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (1..1200_u64).prop_map(Event::Pass),
        6 => Just(Event::Refresh),
        6 => Just(Event::Answer),
        1 => Just(Event::Lose),
        1 => Just(Event::Abandon),
        1 => Just(Event::Disable),
        1 => Just(Event::Logout),
        1 => Just(Event::GoDown),
        1 => Just(Event::ComeUp),
        1 => any::<bool>().prop_map(Event::SignIn),
    ];
    prop::collection::vec(event, 1..60)
}

/// A provider that rotates tokens and kills a family of which one is used twice, as Keycloak does where
/// "Revoke Refresh Token" is on, and Postern's record beside it.
struct World {
    now: Timestamp,
    standing: Standing,
    /// The token that the provider accepts, and the one on record.
    accepted: u32,
    kept: u32,
    issued: u32,
    disabled_at: Option<Timestamp>,
    up: bool,
    /// Questions that the provider answered one way or the other since sign-in with the token on record.
    asking: bool,
}

impl World {
    fn new(kind: TokenKind) -> Self {
        let standing = standing(kind);
        Self { now: SIGNED_IN, standing, accepted: 1, kept: 1, issued: 1, disabled_at: None, up: true, asking: false }
    }

    /// What the provider makes of the token on record; it rotates even where its answer is lost.
    fn provide(&mut self) -> (Answer, u32) {
        if !self.up {
            return (Answer::None, self.kept);
        }
        if self.disabled_at.is_some() || self.kept != self.accepted {
            self.accepted = 0;
            return (Answer::Refused, self.kept);
        }
        self.issued += 1;
        self.accepted = self.issued;
        (Answer::Vouched, self.issued)
    }

    fn happen(&mut self, event: Event) -> Result<(), TestCaseError> {
        match event {
            Event::Pass(seconds) => self.now = self.now + Duration::from_secs(seconds),
            Event::Refresh => self.refresh()?,
            Event::Answer if self.asking => {
                let (answer, token) = self.provide();
                self.kept = token;
                let heard = self.standing.heard(answer, self.now);
                if heard.state == State::Ended {
                    prop_assert!(self.disabled_at.is_some(), "a person in good standing was ended");
                    prop_assert_eq!(self.standing.kind, TokenKind::Offline);
                }
                self.standing = heard;
                self.asking = false;
            }
            Event::Lose if self.asking => {
                self.provide();
                self.standing = self.standing.heard(Answer::None, self.now);
                self.asking = false;
            }
            Event::Abandon if self.asking => {
                self.provide();
                self.asking = false;
            }
            Event::Disable => self.disabled_at = self.disabled_at.or(Some(self.now)),
            Event::Logout => self.standing.doubted_at = self.now + SETTLING,
            Event::GoDown => self.up = false,
            Event::ComeUp => self.up = true,
            Event::SignIn(offline) if self.disabled_at.is_none() && self.up => {
                let kind = if offline { TokenKind::Offline } else { TokenKind::Ordinary };
                self.issued += 1;
                (self.accepted, self.kept, self.asking) = (self.issued, self.issued, false);
                self.standing = Standing { kind, vouched_at: self.now, ..standing(kind) };
            }
            _ => {}
        }
        Ok(())
    }

    fn refresh(&mut self) -> Result<(), TestCaseError> {
        match decide(&self.standing, LIFE, self.now) {
            Step::Ask => {
                // An abandoned question may be asked again; one whose asker still lives may not.
                let under_way = self.standing.asked_at.is_some_and(|at| self.now.since(at) < QUESTION_LIFE);
                prop_assert!(!under_way, "two ask with one token");
                self.standing = self.standing.asking(self.now);
                self.asking = true;
            }
            Step::Trust => {
                let known = self.standing.vouched_at.max(self.standing.failed_at.unwrap_or(Timestamp(0)));
                prop_assert!(self.now.since(known) < LIFE, "trusted without a word for longer than it is good");
            }
            Step::Wait | Step::End | Step::SignInAgain => {}
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever happens in whatever order: nobody in good standing is ended, nobody asks twice with one token at once,
    /// and nobody is trusted on a word that is too old, unless the provider could not be asked a moment ago.
    #[test]
    fn whatever_happens_only_those_whom_the_provider_refuses_are_ended(offline: bool, events in events()) {
        let mut world = World::new(if offline { TokenKind::Offline } else { TokenKind::Ordinary });
        for event in events {
            world.happen(event)?;
        }
    }

    /// However it came to it: once the provider answers again, a disabled person is refused at the first refresh that is
    /// later than the word is good for.
    #[test]
    fn a_disabled_person_is_found_out_once_the_word_is_old(offline: bool, events in events()) {
        let mut world = World::new(if offline { TokenKind::Offline } else { TokenKind::Ordinary });
        for event in events {
            world.happen(event)?;
        }
        for event in [Event::ComeUp, Event::Disable, Event::Pass(LIFE.as_secs()), Event::Refresh, Event::Answer] {
            world.happen(event)?;
        }
        let step = decide(&world.standing, LIFE, world.now);
        prop_assert!(matches!(step, Step::End | Step::SignInAgain), "{step:?}");
    }
}
