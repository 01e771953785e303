//! A document as commits have it, lifted to one version.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::compare::{LiftedDocument, failure};
use crate::git::{EntryKind, ObjectId, PathState, Tip};
use crate::project::{LoadError, OneDocument};

/// How many states of the document are kept: those on either side of a change, for each branch that is being walked.
const MOST_SIDES: usize = 8;

/// What a commit has of the document.
pub(super) struct Side {
    /// The version that the marker states; `None` without one.
    pub(super) version: Option<u32>,
    /// The document at the version that all are lifted to, `None` where the commit doesn't have it; or why it can't be lifted.
    pub(super) document: Result<Option<Arc<LiftedDocument>>, String>,
    /// Whether Git holds the document. If not, it may come from the store.
    pub(super) in_git: bool,
    /// What a reader of it should know, where steps looked at it.
    pub(super) told: Arc<[String]>,
}

/// Lifts the document of commits, each state once as long as it is near.
pub(super) struct Sides {
    one: OneDocument,
    name: String,
    /// How many of the watched paths are the marker's or the document's.
    own: usize,
    recent: VecDeque<(Key, Arc<Side>)>,
}

/// What decides a state: what lies at the paths that count.
type Key = Box<[Option<(ObjectId, EntryKind)>]>;

impl Sides {
    /// Also gives the paths to watch.
    pub(super) fn new(one: OneDocument, name: &str) -> (Sides, Vec<String>) {
        let mut paths = one.own_paths().to_vec();
        let sides = Sides {
            one,
            name: name.to_owned(),
            own: paths.len(),
            recent: VecDeque::new(),
        };
        paths.extend(sides.one.read_paths());
        (sides, paths)
    }

    /// The document in a commit.
    pub(super) fn of(&mut self, commit: ObjectId, tree: ObjectId, state: &PathState) -> Arc<Side> {
        let own = &state.entries[..self.own];
        let decides = match self.one.depends_on_itself(state.folder, own) {
            Ok(true) => own,
            Ok(false) | Err(_) => &state.entries,
        };
        if let Some(found) = self.recent.iter().position(|(key, _)| **key == *decides)
            && let Some(entry) = self.recent.remove(found)
        {
            let side = entry.1.clone();
            self.recent.push_front(entry);
            return side;
        }
        let side = Arc::new(self.lift(Tip { commit, tree }, state));
        self.recent.truncate(MOST_SIDES - 1);
        self.recent.push_front((decides.into(), side.clone()));
        side
    }

    /// The document that was looked at last: the next one is much like it.
    fn last(&self) -> Option<&LiftedDocument> {
        let mut recent = self.recent.iter();
        recent.find_map(|(_, side)| side.document.as_ref().ok()?.as_deref())
    }

    fn lift(&self, tip: Tip, state: &PathState) -> Side {
        let own = &state.entries[..self.own];
        let in_git = self.one.is_held(own);
        if own.iter().all(Option::is_none) {
            return Side {
                version: None,
                document: Ok(None),
                in_git,
                told: Arc::default(),
            };
        }
        let loaded = match self.one.load(tip, state.folder, own) {
            Ok(loaded) => loaded,
            Err(error) => {
                return Side {
                    version: None,
                    document: Err(error.to_string()),
                    in_git,
                    told: Arc::default(),
                };
            }
        };
        let mut told = Arc::default();
        let document = match loaded.document(&self.name) {
            Err(LoadError::NoSuchDocument { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
            Ok(document) => {
                // What no step looked at needn't be read for this: names that stand twice are told of the ref itself.
                if !document.is_untouched() {
                    told = loaded.told_of(document);
                }
                LiftedDocument::of_like(&loaded, document, self.last())
                    .map(|document| document.map(Arc::new))
                    .map_err(|error| failure(&loaded, document, &error))
            }
        };
        Side {
            version: Some(loaded.version().number()).filter(|version| *version > 0),
            document,
            in_git,
            told,
        }
    }
}
