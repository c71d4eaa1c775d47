//! The sandbox's whole state, shared by all handlers.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};

use crate::bitbucket::answers::Answers;
use crate::bitbucket::repository::{self, Repository};
use crate::confluence::library::Library;
use crate::control::Control;
use crate::identifier;
use crate::ledger::Ledger;
use crate::samples::Samples;
use crate::settings::Settings;

/// Everything a handler may need.
pub(crate) struct World {
    settings: Mutex<Settings>,
    ledger: Mutex<Ledger>,
    folder: Folder,
    pub(crate) repositories: Vec<Repository>,
    /// Lists of pull requests.
    pub(crate) answers: Answers,
    library: Mutex<Library>,
    pub(crate) control: Control,
    pub(crate) samples: Option<Samples>,
}

impl World {
    pub(crate) async fn create(settings: Settings) -> Result<Self> {
        let folder = Folder::open(settings.state.as_deref())?;
        let ledger = Ledger::load(&folder.ledger())?;
        let repositories = repository::create_all(&folder.path.join("repositories")).await?;
        let library = Library::create(&settings.confluence_site);
        let samples = settings.samples.as_ref().map(Samples::read).transpose()?;
        Ok(Self {
            settings: Mutex::new(settings),
            ledger: Mutex::new(ledger),
            folder,
            repositories,
            answers: Answers::default(),
            library: Mutex::new(library),
            control: Control::default(),
            samples,
        })
    }

    /// Another Confluence site, with `(site)` in the title of every page, and with nothing but its pages.
    pub(crate) fn other_site(&self, site: &str) -> Result<Self> {
        Ok(Self {
            settings: Mutex::new(self.settings()),
            ledger: Mutex::new(Ledger::default()),
            folder: Folder::open(None)?,
            repositories: Vec::new(),
            answers: Answers::default(),
            library: Mutex::new(Library::create(site)),
            control: Control::default(),
            samples: None,
        })
    }

    pub(crate) fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    pub(crate) fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
    }

    /// What Confluence has. It is nowhere but in memory: each start begins anew.
    pub(crate) fn library(&self) -> MutexGuard<'_, Library> {
        lock(&self.library)
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&Ledger) -> T) -> T {
        look(&lock(&self.ledger))
    }

    /// One change at a time, written to the file before anybody is told of it.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Ledger) -> T) -> Result<T> {
        let mut ledger = lock(&self.ledger);
        let outcome = change(&mut ledger);
        ledger.forget_expired();
        if !self.folder.temporary {
            ledger.save(&self.folder.ledger())?;
        }
        Ok(outcome)
    }
}

/// A lock whose holder panicked still guards usable data here: every change is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state folder; a temporary one is deleted at the end.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn open(folder: Option<&Path>) -> Result<Self> {
        let path = match folder {
            Some(path) => path.to_owned(),
            None => std::env::temp_dir().join(identifier::secret("postern-sandbox-")?),
        };
        std::fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { path: path.canonicalize()?, temporary: folder.is_none() })
    }

    fn ledger(&self) -> PathBuf {
        self.path.join("ledger.json")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            // Nothing depends on it: the system cleans its temporary folder in the end.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
