//! What is open before a command runs, where a service or a fleet runs it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::Catalog;
use crate::git::MoveRef;
use crate::project::{LoadOptions, Loaded, Project, SurveyProgress};

use super::sent::Sent;

/// A project that a service has open, and where an answer goes beside its output.
#[derive(Clone)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nothing serves"))]
pub(super) struct Served {
    pub(super) project: Project,
    /// Takes the progress of a long answer.
    pub(super) progress: Option<Arc<dyn Fn(SurveyProgress) + Send + Sync>>,
    /// Takes the page, where one is asked for.
    pub(super) page: Arc<Mutex<Option<String>>>,
    /// What is sent to be written.
    pub(super) sent: Option<Arc<Sent>>,
    /// What was loaded when the service looked whether the answer is known: the answer is made of the same.
    pub(super) loaded: Arc<Mutex<Option<LoadedBefore>>>,
}

/// A ref that is loaded before a command asks for it.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nothing serves"))]
pub(super) struct LoadedBefore {
    /// What the command calls it.
    pub(super) word: String,
    pub(super) options: LoadOptions,
    /// A partial clone may have left out documents.
    pub(super) loaded: Loaded,
}

impl Served {
    /// The ref of this name, if that is what was loaded before.
    pub(super) fn take_loaded(&self, word: &str, options: LoadOptions) -> Option<Loaded> {
        let mut before = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = before.take_if(|before| before.word == word && before.options == options);
        taken.map(|before| before.loaded)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

/// What moves the branches of a remote, whose mirror a service reads.
#[derive(Clone)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nothing serves"))]
pub(super) struct RemoteBranches(pub(super) Arc<dyn MoveRef>);

impl fmt::Debug for RemoteBranches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteBranches").finish_non_exhaustive()
    }
}

/// A repository of a fleet: its name, and what all of them share.
#[derive(Clone)]
pub(super) struct MemberOfFleet {
    pub(super) name: String,
    /// By the folder that was chosen.
    pub(super) catalogs: Arc<Mutex<BTreeMap<Option<PathBuf>, Arc<Catalog>>>>,
}

impl fmt::Debug for MemberOfFleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemberOfFleet").field(&self.name).finish()
    }
}
