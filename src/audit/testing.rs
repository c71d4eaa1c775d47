//! The log and whoever waits for a response, as tests play them.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use futures::future::{FutureExt, LocalBoxFuture, pending};
use futures_executor::block_on;

use super::{
    chain::Head,
    delivery::{Delivery, Handing, Receipt, Reply},
};
use crate::platform::{Fault, audit_logs::AuditLogs, caller::Caller};

/// Keeps what is to be done after the response until the response is given.
#[derive(Clone, Default)]
pub struct AfterResponse(pub Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>);

impl AfterResponse {
    /// Gives the response, and does what is left, and what that leaves.
    pub fn respond(&self) {
        while let Some(work) = self.0.take().into_iter().reduce(|one, other| one.then(|()| other).boxed_local()) {
            block_on(work);
        }
    }
}

impl Caller for AfterResponse {
    fn gone(&self) -> LocalBoxFuture<'static, ()> {
        pending().boxed_local()
    }

    fn finish_without(&self, work: LocalBoxFuture<'static, ()>) {
        self.0.borrow_mut().push(work);
    }
}

/// Keeps what is appended, by the name of its object, or cannot be reached. The database has it at once, or not for now.
#[derive(Clone, Default)]
pub struct PlayedLog {
    pub appended: Rc<RefCell<Vec<(String, Delivery)>>>,
    pub is_away: Rc<Cell<bool>>,
    pub is_behind: Rc<Cell<bool>>,
}

impl PlayedLog {
    /// All of it as one.
    pub fn whole(&self) -> Delivery {
        let mut whole = Delivery::default();
        self.appended.borrow().iter().for_each(|(_, delivery)| whole.extend(delivery.clone()));
        whole
    }
}

impl AuditLogs for PlayedLog {
    fn append(&self, object: &str, delivery: String) -> LocalBoxFuture<'static, Result<String, Fault>> {
        if self.is_away.get() {
            return async { Err(Fault::new("audit log", "away")) }.boxed_local();
        }
        let delivery: Delivery = serde_json::from_str(&delivery).unwrap();
        let handing = delivery.handing;
        self.appended.borrow_mut().push((object.to_owned(), delivery));
        let newest = i64::try_from(self.whole().events.len()).unwrap();
        let confirmed = if self.is_behind.get() { 0 } else { newest };
        let reply = match handing {
            Handing::Look => Reply::Head(Head::beginning(0)),
            Handing::Over => Reply::Appended,
            Handing::On | Handing::OnAgain => Reply::Received(Receipt { waking: object.to_owned(), newest, confirmed }),
        };
        async move { Ok(serde_json::to_string(&reply).unwrap()) }.boxed_local()
    }
}
