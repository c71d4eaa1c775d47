//! Panics: a defect that must fail the request it happens in, and no other.

use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, PanicHookInfo, resume_unwind, set_hook},
    sync::Once,
};

use futures::FutureExt;
use serde_json::json;

use super::{
    Fault,
    log::{self, Level},
};

thread_local! {
    /// What the hook saw of the panic that is on its way to [`contain`].
    static SEEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on a panic is told to the log, with the place in the source where it happened.
pub fn tell_the_log() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_hook(Box::new(|panic| {
            let seen = describe(panic);
            log::write(Level::Error, "panic", &[("detail", json!(seen))]);
            SEEN.set(Some(seen));
        }));
    });
}

/// A message that was made when it happened may quote the data it stumbled over, so only constant ones are repeated.
fn describe(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "somewhere".to_owned(), ToString::to_string);
    match constant(panic.payload()) {
        Some(message) => format!("{message}, at {place}"),
        None => format!("at {place}"),
    }
}

fn constant(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

/// The payload of [`resume`], which no hook sees.
struct Elsewhere(&'static str);

/// Runs a future in which a panic is a fault like others. What it had borrowed is given back.
///
/// What the future shares with others must be whole at each moment that a panic could come: whoever calls this vouches
/// for it.
///
/// # Errors
/// Where the future panicked.
pub async fn contain<T>(future: impl Future<Output = T>) -> Result<T, Fault> {
    AssertUnwindSafe(future).catch_unwind().await.map_err(|payload| {
        let told = match payload.downcast_ref::<Elsewhere>() {
            Some(Elsewhere(told)) => (*told).to_owned(),
            None => SEEN.take().or_else(|| constant(payload.as_ref()).map(str::to_owned)).unwrap_or_default(),
        };
        Fault::new("panic", told)
    })
}

/// Goes on with a panic that happened elsewhere, and is in the log already.
pub fn resume(elsewhere: &'static str) -> ! {
    resume_unwind(Box::new(Elsewhere(elsewhere)))
}

#[cfg(test)]
mod tests {
    use futures::future::join;
    use futures_executor::block_on;

    use super::*;

    #[test]
    fn a_panic_is_a_fault() {
        let fault = block_on(contain::<()>(async { panic!("a defect") })).unwrap_err();
        assert_eq!((fault.subject, fault.detail.as_str()), ("panic", "a defect"));
    }

    #[test]
    fn whatever_runs_beside_it_goes_on() {
        let (panicked, other) = block_on(join(contain::<()>(async { panic!("a defect") }), async { 7 }));
        assert_eq!((panicked.is_err(), other), (true, 7));
    }

    #[test]
    fn what_it_had_borrowed_is_given_back() {
        let shared = RefCell::new(0);
        let borrows = async {
            let _held = shared.borrow_mut();
            panic!("a defect");
        };
        assert!(block_on(contain::<()>(borrows)).is_err());
        assert!(shared.try_borrow_mut().is_ok());
    }

    #[test]
    fn a_message_that_may_quote_data_is_not_repeated() {
        let secret = String::from("hunter2");
        let fault = block_on(contain::<()>(async { panic!("cannot read {secret}") })).unwrap_err();
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }

    #[test]
    fn a_panic_elsewhere_is_gone_on_with() {
        let fault = block_on(contain::<()>(async { resume("in the object") })).unwrap_err();
        assert_eq!(fault.detail, "in the object");
    }
}
