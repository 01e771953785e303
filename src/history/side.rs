//! A document as commits have it, lifted to one version.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::catalog::DocumentName;
use crate::compare::{LiftedDocument, failure};
use crate::git::{EntryKind, ObjectId, PathState, Tip};
use crate::project::{LoadError, Loaded, OneDocument, ReadError};

/// How many states of the document are kept: those on either side of a change, for each branch that is being walked.
const MOST_SIDES: usize = 8;

/// What a commit has of the document.
pub(super) struct Side {
    /// The version that the marker states; `None` without one.
    pub(super) version: Option<u32>,
    /// The document at the version that all are lifted to, `None` where the commit doesn't have it; or why it can't be lifted.
    /// What an import would bring in from the store, the commit doesn't have.
    pub(super) document: Result<Option<Arc<LiftedDocument>>, String>,
    /// Whether it can't be lifted for want of what a partial clone left out.
    pub(super) is_left_out: bool,
    /// Whether Git holds the document. If not, a remove that is undone may bring it back.
    pub(super) in_git: bool,
    /// What an import that is pending in the commit would bring in.
    pub(super) stored: Stored,
    /// What a reader of it should know, where steps looked at it.
    pub(super) told: Arc<[String]>,
}

/// What the store has of the document, for an import that is pending in a commit.
pub(super) enum Stored {
    /// There is no such import, or no store to ask.
    Unknown,
    /// The store doesn't have the document.
    Nothing,
    /// The document at the version that all are lifted to; `None` where it can't be lifted.
    Document(Option<Arc<LiftedDocument>>),
}

impl Stored {
    /// What would be brought in, lifted.
    pub(super) fn document(&self) -> Option<&Arc<LiftedDocument>> {
        match self {
            Stored::Document(document) => document.as_ref(),
            Stored::Unknown | Stored::Nothing => None,
        }
    }
}

impl Side {
    fn without_document(in_git: bool) -> Side {
        Side {
            version: None,
            document: Ok(None),
            is_left_out: false,
            in_git,
            stored: Stored::Unknown,
            told: Arc::default(),
        }
    }

    /// A document that the walk begins with.
    pub(super) fn first(document: Arc<LiftedDocument>) -> Side {
        Side {
            document: Ok(Some(document)),
            ..Side::without_document(true)
        }
    }

    fn not_loaded(self, error: &LoadError) -> Side {
        Side {
            document: Err(error.to_string()),
            is_left_out: error.fetch_command().is_some(),
            ..self
        }
    }

    /// Whether an import would bring the document in, which no commit has yet.
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.stored, Stored::Document(_))
    }

    /// The version above which imports are pending: below the first, where there is no project yet and the store has the document.
    pub(super) fn pending_from(&self) -> Option<u32> {
        self.version.or(self.is_pending().then_some(0))
    }
}

/// Lifts the document of commits, each state once as long as it is near.
pub(super) struct Sides {
    one: OneDocument,
    name: DocumentName,
    /// How many of the watched paths are the marker's or the document's.
    own: usize,
    recent: VecDeque<(Key, Arc<Side>)>,
}

/// What decides a state.
struct Key {
    /// What lies at the paths that count.
    files: Box<[File]>,
    /// The commit, where what lies behind it decides too: a remove brings the document back from there.
    commit: Option<ObjectId>,
}

type File = Option<(ObjectId, EntryKind)>;

impl Sides {
    /// Also gives the paths to watch.
    pub(super) fn new(one: OneDocument, name: &DocumentName) -> (Sides, Vec<String>) {
        let mut paths = one.own_paths().to_vec();
        let sides = Sides {
            one,
            name: name.clone(),
            own: paths.len(),
            recent: VecDeque::new(),
        };
        paths.extend(sides.one.read_paths());
        (sides, paths)
    }

    /// How many of the watched paths are the marker's or the document's.
    pub(super) fn own(&self) -> usize {
        self.own
    }

    /// The document in a commit.
    pub(super) fn of(&mut self, commit: ObjectId, tree: ObjectId, state: &PathState) -> Arc<Side> {
        let own = &state.entries[..self.own];
        let decides = match self.one.depends_on_itself(state.folder, own) {
            Ok(true) => own,
            Ok(false) | Err(_) => &state.entries,
        };
        let is_known = |key: &Key| {
            *key.files == *decides && key.commit.is_none_or(|decides| decides == commit)
        };
        if let Some(found) = self.recent.iter().position(|(key, _)| is_known(key))
            && let Some(entry) = self.recent.remove(found)
        {
            let side = entry.1.clone();
            self.recent.push_front(entry);
            return side;
        }
        let (side, is_of_past) = self.lift(Tip { commit, tree }, state);
        let side = Arc::new(side);
        let key = Key {
            files: decides.into(),
            commit: is_of_past.then_some(commit),
        };
        self.recent.truncate(MOST_SIDES - 1);
        self.recent.push_front((key, side.clone()));
        side
    }

    /// What was before a first commit; `None` where no store says anything of it.
    pub(super) fn before_all(&self) -> Option<Arc<Side>> {
        let loaded = self
            .one
            .has_store()
            .then(|| self.one.load_nothing().ok())??;
        let mut side = Side::without_document(false);
        side.stored = self.stored(&loaded);
        Some(Arc::new(side))
    }

    /// The document that was looked at last: the next one is much like it.
    fn last(&self) -> Option<&LiftedDocument> {
        let mut recent = self.recent.iter();
        recent.find_map(|(_, side)| side.document.as_ref().ok()?.as_deref())
    }

    /// Also says whether the commits behind this one decide.
    fn lift(&self, tip: Tip, state: &PathState) -> (Side, bool) {
        let own = &state.entries[..self.own];
        let mut side = Side::without_document(self.one.is_held(own));
        if own.iter().all(Option::is_none) {
            // Without a marker all imports are pending.
            if self.one.has_store()
                && let Ok(loaded) = self.one.load(tip, state.folder, own)
            {
                side.stored = self.stored(&loaded);
            }
            return (side, false);
        }
        let loaded = match self.one.load(tip, state.folder, own) {
            Ok(loaded) => loaded,
            Err(error) => return (side.not_loaded(&error), false),
        };
        side.version = Some(loaded.version().number()).filter(|version| *version > 0);
        side.stored = self.stored(&loaded);
        if side.is_pending() {
            return (side, false);
        }
        let document = match loaded.document(self.name.as_str()) {
            Err(LoadError::NoSuchDocument { .. }) => return (side, false),
            Err(error) => return (side.not_loaded(&error), false),
            Ok(document) => document,
        };
        // What no step looked at needn't be read for this: names that stand twice are told of the ref itself.
        if !document.is_untouched() {
            side.told = loaded.told_of(document);
        }
        match LiftedDocument::of_like(&loaded, document, self.last()) {
            Ok(document) => side.document = Ok(document.map(Arc::new)),
            Err(error) => {
                side.is_left_out =
                    matches!(&error, ReadError::Load(error) if error.fetch_command().is_some());
                side.document = Err(failure(&loaded, document, &error));
            }
        }
        (side, loaded.is_of_past(&self.name))
    }

    /// What an import that is pending would bring in.
    fn stored(&self, loaded: &Loaded) -> Stored {
        if loaded.pending_import(&self.name).is_some() {
            let document = loaded.values_of(self.name.as_str()).ok();
            return Stored::Document(document.map(Arc::new));
        }
        if loaded.knows_stored(self.name.kind()) {
            return Stored::Nothing;
        }
        Stored::Unknown
    }
}
