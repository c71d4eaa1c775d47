//! The outbox of one request: the messages that its method sends before the answer, on their way to the reply.

use std::{cell::OnceCell, rc::Rc};

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};

use crate::mcp::wire::id::{Id, OwnedId};

/// The messages of one request's method, and the id of that request.
pub struct Outbox {
    sender: UnboundedSender<Vec<u8>>,
    /// The id of the request that the messages belong to.
    id: OnceCell<OwnedId>,
}

impl Outbox {
    /// An outbox, and the messages put into it.
    pub fn new() -> (Rc<Self>, UnboundedReceiver<Vec<u8>>) {
        let (sender, messages) = unbounded();
        (Rc::new(Self { sender, id: OnceCell::new() }), messages)
    }

    /// Keeps the id of the request that the messages belong to, unless it has one already.
    pub fn begin(&self, id: Id<'_>) {
        self.id.get_or_init(|| id.owned());
    }

    /// The id of the request that has spoken.
    pub fn id(&self) -> Option<Id<'_>> {
        self.id.get().map(OwnedId::borrowed)
    }

    /// Puts the last message in.
    pub fn close(&self, last: Vec<u8>) {
        self.put(last);
        self.sender.close_channel();
    }

    pub fn put(&self, message: Vec<u8>) {
        // Nobody receives it where the client has gone; then nobody misses it either.
        let _ = self.sender.unbounded_send(message);
    }
}
