//! Session objects as they are, for tests of what they and the record have to agree on.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use futures::{FutureExt, future::LocalBoxFuture};

use crate::{
    platform::{Fault, Platform, native::database::Sqlite, object::ObjectStorage, sessions::Sessions},
    session::{self, object::Session},
    settings,
};

/// Real Session objects, over one storage for each subject.
#[derive(Default)]
pub struct Objects {
    pub platform: RefCell<Option<Platform>>,
    pub storages: RefCell<HashMap<String, Rc<Sqlite>>>,
    pub awake: RefCell<HashMap<String, Rc<Session>>>,
}

impl Objects {
    pub fn get(&self, subject: &str) -> Rc<Session> {
        let wake = || {
            let storage = Rc::clone(
                self.storages.borrow_mut().entry(subject.to_owned()).or_insert_with(|| Rc::new(Sqlite::empty())),
            );
            let platform = self.platform.borrow().clone().expect("a platform");
            let storage: Rc<dyn ObjectStorage> = storage;
            Rc::new(Session::new(Rc::new(settings::for_tests()), platform, storage).expect("an object"))
        };
        Rc::clone(self.awake.borrow_mut().entry(subject.to_owned()).or_insert_with(wake))
    }
}

impl Sessions for Objects {
    fn call(&self, subject: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        let object = self.get(subject);
        async move { Ok(session::commands::turn(&object, &command).await) }.boxed_local()
    }
}
