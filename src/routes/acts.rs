//! Requests that change something are done to their end, whether or not anybody waits for the response: a page that is
//! closed meanwhile must not leave access ended in the Session object and live in D1, or the other way round.

use futures::{
    FutureExt,
    future::{Either, select},
};
use serde_json::json;

use crate::{
    context::Context,
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
        panic,
    },
    route::Handler,
};

/// Nobody sees it: the status that web servers log where the caller has gone.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Answers a request. Once its caller has gone, the rest is done after the response (`waitUntil`), for 30 s at most.
///
/// # Errors
/// As the handler.
pub async fn carry_out(context: &Context, request: Request, answer: Handler) -> Result<Response, Fault> {
    let own = context.clone();
    let act = async move { answer(&own, &request).await }.boxed_local();
    match select(act, context.platform.caller.gone()).await {
        Either::Left((answered, _)) => answered,
        Either::Right(((), rest)) => {
            let own = context.clone();
            let logged = async move {
                if let Err(fault) = panic::contain(rest).await.unwrap_or_else(Err) {
                    let detail = json!(fault.to_string());
                    own.log(Level::Error, "an act whose caller had gone failed", &[("detail", detail)]);
                }
            };
            context.platform.caller.finish_without(logged.boxed_local());
            Ok(Response::empty(CLIENT_CLOSED_REQUEST))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use futures::future::{LocalBoxFuture, ready};
    use futures_executor::block_on;

    use super::*;
    use crate::{
        identifiers::RequestId,
        platform::{
            Platform,
            caller::Caller,
            database::sql,
            http::{Body, Method},
            native::{self, memory::ScriptedHttp},
        },
        settings,
    };

    /// A caller who has gone, and what is to be done without them.
    #[derive(Default)]
    struct Gone(RefCell<Vec<LocalBoxFuture<'static, ()>>>);

    impl Caller for Gone {
        fn gone(&self) -> LocalBoxFuture<'static, ()> {
            ready(()).boxed_local()
        }

        fn finish_without(&self, work: LocalBoxFuture<'static, ()>) {
            self.0.borrow_mut().push(work);
        }
    }

    /// Waits for something, and then changes D1.
    fn change<'a>(context: &'a Context, _: &'a Request) -> LocalBoxFuture<'a, Result<Response, Fault>> {
        async {
            let mut asleep = true;
            std::future::poll_fn(|task| {
                task.waker().wake_by_ref();
                if std::mem::take(&mut asleep) { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
            })
            .await;
            context.platform.database.run(sql("UPDATE policy SET version = 77")).await.map(|_| Response::empty(204))
        }
        .boxed_local()
    }

    fn version(context: &Context) -> serde_json::Value {
        block_on(context.platform.database.run(sql("SELECT version FROM policy"))).unwrap().rows[0]["version"].clone()
    }

    fn post(caller: Rc<dyn Caller>) -> (Context, u16) {
        let platform = Platform { caller, ..native::platform(ScriptedHttp::unreachable()) };
        let context = Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("r") };
        let (path, query, headers, body) = ("/".into(), String::new(), Vec::new(), Body::Bytes(Vec::new()));
        let request = Request { method: Method::Post, path, query, headers, body };
        let status = block_on(carry_out(&context, request, change)).unwrap().status;
        (context, status)
    }

    #[test]
    fn an_act_whose_page_is_closed_is_still_done() {
        let caller = Rc::new(Gone::default());
        let (context, status) = post(caller.clone());
        assert_eq!(status, CLIENT_CLOSED_REQUEST);
        assert_ne!(version(&context), 77);
        for work in caller.0.take() {
            block_on(work);
        }
        assert_eq!(version(&context), 77);
    }

    #[test]
    fn an_act_whose_page_waits_is_answered() {
        let (context, status) = post(Rc::new(native::memory::Patient));
        assert_eq!((status, version(&context)), (204, 77.into()));
    }
}
