//! What a step does, to what, and how it is undone.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::context::NativeModify;
use super::modify::Selection;
use super::pattern::PathPattern;

/// The subject of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The documents of one kind.
    Kind(String),
    /// Every kind.
    AllKinds,
    /// The marker.
    Marker,
}

/// The name by which a step addresses the marker.
pub const MARKER_KIND: &str = "schema_version";

/// What a step does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Action {
    /// Imports documents from the store.
    Import(OnExisting),
    /// Changes documents.
    Modify(Modify),
    /// Removes documents.
    Remove,
    /// Moves documents from this path to the one of the kind's next rename, or after the last one to the catalog's.
    Rename(PathPattern),
    /// From this version on, the end tag of `<<-` counts when unindenting.
    Dialect,
}

/// What an import does if Git and the store both hold a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnExisting {
    /// An error that names both.
    #[default]
    Refuse,
    /// The document in Git is kept.
    Keep,
}

/// What a `modify` step runs on a document.
#[derive(Clone)]
pub struct Modify(pub(crate) Body);

#[derive(Clone)]
pub(crate) enum Body {
    /// Written in a `step.hcl`.
    Declared(Arc<DeclaredModify>),
    /// Written in Rust.
    Native(Arc<NativeModify>),
}

/// The body of a `modify` step in a `step.hcl`.
pub(crate) struct DeclaredModify(
    LazyLock<DeclaredBody, Box<dyn FnOnce() -> DeclaredBody + Send + Sync>>,
);

/// The bodies in a `step.hcl`.
pub(super) struct DeclaredBody {
    pub(super) selection: Selection,
    /// `None` if it doesn't say how it is undone.
    pub(super) reverse: Option<Reverse>,
}

impl DeclaredModify {
    fn new(selection: Selection) -> DeclaredModify {
        DeclaredModify::later(|| DeclaredBody {
            selection,
            reverse: None,
        })
    }

    /// A body that is read on first use.
    pub(super) fn later(
        read: impl FnOnce() -> DeclaredBody + Send + Sync + 'static,
    ) -> DeclaredModify {
        DeclaredModify(LazyLock::new(Box::new(read)))
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.0.selection
    }

    /// How the file says that it is undone, if it does.
    pub(super) fn reverse(&self) -> Option<&Reverse> {
        self.0.reverse.as_ref()
    }
}

impl From<Selection> for Modify {
    fn from(selection: Selection) -> Modify {
        DeclaredModify::new(selection).into()
    }
}

impl From<DeclaredModify> for Modify {
    fn from(body: DeclaredModify) -> Modify {
        Modify(Body::Declared(Arc::new(body)))
    }
}

impl fmt::Debug for DeclaredModify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.selection().fmt(f)
    }
}

/// How a step is undone when migrating down.
#[derive(Clone)]
#[non_exhaustive]
pub enum Reverse {
    /// By the kind of the step: documents move back, are written in the older dialect, or are left to the store again.
    Inherent,
    /// By the reverse of the step's operations, which is derived without guessing.
    Derived(Modify),
    /// By the step's own `down` body.
    Written(Modify),
    /// By bringing back what the step removed.
    BringsBack(BringBack),
    /// Not at all, with the reason.
    OneWay(String),
}

/// The source from which a remove brings documents back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BringBack {
    /// The branch's history: the newest commit among the branch's first parents whose marker states a version below the
    /// remove's.
    History,
    /// This text, for the only document of the kind: in the shape just below the remove's version.
    Content(Arc<str>),
}

impl fmt::Debug for Modify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Body::Declared(selection) => selection.fmt(f),
            Body::Native(_) => f.write_str("Native"),
        }
    }
}

impl Action {
    /// Whether documents of a kind begin or end with it: imports and removes.
    pub(crate) fn begins_or_ends(&self) -> bool {
        matches!(self, Action::Import(_) | Action::Remove)
    }

    /// The action's name in a `step.hcl`.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Import(_) => "import",
            Action::Modify(_) => "modify",
            Action::Remove => "remove",
            Action::Rename(_) => "rename",
            Action::Dialect => "dialect",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Target::Kind(kind) => kind,
            Target::AllKinds => "*",
            Target::Marker => MARKER_KIND,
        })
    }
}

impl Reverse {
    /// What runs on a document; `None` if nothing has to run, or nothing can.
    pub fn body(&self) -> Option<&Modify> {
        match self {
            Reverse::Derived(body) | Reverse::Written(body) => Some(body),
            Reverse::Inherent | Reverse::BringsBack(_) | Reverse::OneWay(_) => None,
        }
    }

    /// The source from which documents are brought back.
    pub fn brings_back(&self) -> Option<&BringBack> {
        match self {
            Reverse::BringsBack(from) => Some(from),
            _ => None,
        }
    }

    /// Why the step can't be undone; `None` if it can.
    pub fn one_way(&self) -> Option<&str> {
        match self {
            Reverse::OneWay(reason) => Some(reason),
            _ => None,
        }
    }

    /// `inherent`, `derived`, `written`, `brings_back` or `one_way`.
    pub fn name(&self) -> &'static str {
        match self {
            Reverse::Inherent => "inherent",
            Reverse::Derived(_) => "derived",
            Reverse::Written(_) => "written",
            Reverse::BringsBack(_) => "brings_back",
            Reverse::OneWay(_) => "one_way",
        }
    }
}

impl fmt::Debug for Reverse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.one_way() {
            Some(reason) => write!(f, "({reason:?})"),
            None => Ok(()),
        }
    }
}
