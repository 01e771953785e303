//! One numbered change to one document kind.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

use super::expression::Lookup;
use super::modify::Selection;
use super::pattern::PathPattern;
use super::problem::SourceFile;
use super::reverse::{BringBack, Reverse};
use crate::ocl::{Document, Editor};

/// One numbered change to one document kind.
#[derive(Debug, Clone)]
pub struct Step {
    pub(crate) version: u32,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) target: Target,
    pub(crate) action: Action,
    /// The kinds whose documents it may read.
    pub(crate) reads: Vec<String>,
    pub(crate) reads_any_shape: bool,
    /// It may put values over others without reading them.
    pub(crate) overwrites: bool,
    /// Why running it twice may change its own output; `None` where it may not.
    pub(crate) not_idempotent: Option<String>,
    /// Told when it is asked for: see [`Step::reverse`].
    pub(crate) reverse: OnceLock<Reverse>,
    pub(crate) source: Option<SourceFile>,
    pub(super) places: StepPlaces,
}

/// Where the parts of a step are written in its file, in bytes. Empty for a step in Rust.
#[derive(Debug, Clone, Default)]
pub(super) struct StepPlaces {
    pub(super) target: Range<usize>,
    pub(super) action: Range<usize>,
    /// In the order of the kinds that it reads.
    pub(super) reads: Vec<Range<usize>>,
}

/// What a step is about.
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
    /// Brings documents in from the store.
    Import(OnExisting),
    /// Changes documents.
    Modify(Modify),
    /// Removes documents.
    Remove,
    /// Documents lie elsewhere from this version on; before, they lay at the path given here.
    Rename(PathPattern),
    /// From this version on, the end tag of `<<-` counts when unindenting.
    Dialect,
}

/// What an import does where Git and the store both hold a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnExisting {
    /// It is an error that names both.
    #[default]
    Refuse,
    /// The document in Git stays.
    Keep,
}

/// How a `modify` step is written.
#[derive(Clone)]
pub enum Modify {
    /// In a `step.hcl`.
    #[doc(hidden)]
    Declared(Arc<DeclaredModify>),
    /// In Rust.
    Native(Arc<NativeModify>),
}

/// The body of a `modify` step in a `step.hcl`.
pub struct DeclaredModify(LazyLock<DeclaredBody, Box<dyn FnOnce() -> DeclaredBody + Send + Sync>>);

/// What a `step.hcl` says in its bodies.
pub(super) struct DeclaredBody {
    pub(super) selection: Selection,
    /// `None` where it says nothing about its way back.
    pub(super) reverse: Option<Reverse>,
}

impl DeclaredModify {
    pub(super) fn new(selection: Selection) -> DeclaredModify {
        DeclaredModify::later(|| DeclaredBody {
            selection,
            reverse: None,
        })
    }

    /// A body that is read when it is first asked for.
    pub(super) fn later(
        read: impl FnOnce() -> DeclaredBody + Send + Sync + 'static,
    ) -> DeclaredModify {
        DeclaredModify(LazyLock::new(Box::new(read)))
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.0.selection
    }
}

impl From<DeclaredModify> for Modify {
    fn from(body: DeclaredModify) -> Modify {
        Modify::Declared(Arc::new(body))
    }
}

impl fmt::Debug for DeclaredModify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.selection().fmt(f)
    }
}

/// A `modify` step in Rust: gets an editor over an untyped document and no database.
pub type NativeModify =
    dyn Fn(&mut Editor, &StepContext<'_>) -> Result<(), StepFailure> + Send + Sync;

/// Why a step in Rust can't migrate a document.
pub type StepFailure = Box<dyn std::error::Error + Send + Sync>;

/// What a step in Rust may ask while it runs.
pub struct StepContext<'a> {
    /// The kind of the document.
    pub kind: &'a str,
    /// Its slug; empty for a single document.
    pub slug: &'a str,
    lookup: &'a dyn Lookup,
    documents: &'a [ReadDocument],
}

/// A document that a step declared with `reads`, as it stands at this point of the run order.
#[derive(Debug, Clone)]
pub struct ReadDocument {
    /// Its kind.
    pub kind: String,
    /// Its slug; empty for a single document.
    pub slug: String,
    /// Its content.
    pub document: Arc<Document>,
}

impl<'a> StepContext<'a> {
    pub(crate) fn new(
        kind: &'a str,
        slug: &'a str,
        lookup: &'a dyn Lookup,
        documents: &'a [ReadDocument],
    ) -> StepContext<'a> {
        StepContext {
            kind,
            slug,
            lookup,
            documents,
        }
    }

    /// Asks the server: the slug of an environment name, say. `None` where its table has no such key.
    ///
    /// # Errors
    /// Where the server can't answer.
    pub fn lookup(&self, table: &str, key: &str) -> Result<Option<serde_json::Value>, StepFailure> {
        self.lookup.lookup(table, key).map_err(Into::into)
    }

    /// The documents that the step declared with [`Step::reads`].
    pub fn documents(&self) -> &[ReadDocument] {
        self.documents
    }
}

impl fmt::Debug for Modify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Modify::Declared(selection) => selection.fmt(f),
            Modify::Native(_) => f.write_str("Native"),
        }
    }
}

impl Step {
    fn new(version: u32, name: &str, kind: &str, action: Action) -> Step {
        Step {
            version,
            name: name.to_owned(),
            description: String::new(),
            target: match kind {
                "*" => Target::AllKinds,
                MARKER_KIND => Target::Marker,
                kind => Target::Kind(kind.to_owned()),
            },
            reverse: OnceLock::new(),
            action,
            reads: Vec::new(),
            reads_any_shape: false,
            overwrites: false,
            not_idempotent: None,
            source: None,
            places: StepPlaces::default(),
        }
    }

    /// A step that changes documents of a kind with Rust code.
    ///
    /// ```
    /// use ocl_migrate::catalog::Step;
    ///
    /// let step = Step::modify(10, "runbook_owner", "runbook", |edit, context| {
    ///     let root = edit.root();
    ///     edit.set(root, "owner", &context.slug.into())?;
    ///     Ok(())
    /// });
    /// assert_eq!(step.version(), 10);
    /// ```
    pub fn modify(
        version: u32,
        name: &str,
        kind: &str,
        run: impl Fn(&mut Editor, &StepContext<'_>) -> Result<(), StepFailure> + Send + Sync + 'static,
    ) -> Step {
        Step::new(
            version,
            name,
            kind,
            Action::Modify(Modify::Native(Arc::new(run))),
        )
    }

    /// A step that brings documents of a kind in from the store.
    pub fn import(version: u32, name: &str, kind: &str, on_existing: OnExisting) -> Step {
        Step::new(version, name, kind, Action::Import(on_existing))
    }

    /// A step that removes all documents of a kind.
    pub fn remove(version: u32, name: &str, kind: &str) -> Step {
        Step::new(version, name, kind, Action::Remove)
    }

    /// A step from which on documents of a kind lie at the catalog's path, no longer at `from`.
    pub fn rename(version: u32, name: &str, kind: &str, from: PathPattern) -> Step {
        Step::new(version, name, kind, Action::Rename(from))
    }

    /// A step from which on all documents are read in the newer dialect.
    pub fn dialect(version: u32, name: &str) -> Step {
        Step::new(version, name, "*", Action::Dialect)
    }

    pub(crate) fn declared(
        version: u32,
        name: &str,
        kind: &str,
        action: Action,
        source: SourceFile,
    ) -> Step {
        Step {
            source: Some(source),
            ..Step::new(version, name, kind, action)
        }
    }

    /// Says what the step does, for `plan` and `preview`.
    #[must_use]
    pub fn description(mut self, text: &str) -> Step {
        self.description = text.to_owned();
        self
    }

    /// Says how the step is undone, on the way to a lower version. What it can't carry down is found by running the step
    /// again on its result.
    ///
    /// ```
    /// use ocl_migrate::catalog::Step;
    ///
    /// let step = Step::modify(10, "owner", "runbook", |edit, context| {
    ///     let root = edit.root();
    ///     edit.set(root, "owner", &context.slug.into())?;
    ///     Ok(())
    /// });
    /// assert!(step.one_way().is_some());
    /// let step = step.down(|edit, _| {
    ///     if let Some(owner) = edit.document().root().member("owner").map(|owner| owner.id()) {
    ///         let owner = edit.handle(owner);
    ///         edit.remove(owner)?;
    ///     }
    ///     Ok(())
    /// });
    /// assert!(step.one_way().is_none());
    /// ```
    #[must_use]
    pub fn down(
        mut self,
        run: impl Fn(&mut Editor, &StepContext<'_>) -> Result<(), StepFailure> + Send + Sync + 'static,
    ) -> Step {
        self.reverse = OnceLock::from(Reverse::Written(Modify::Native(Arc::new(run))));
        self
    }

    /// Says from where the step, a remove, brings documents back on the way to a lower version.
    #[must_use]
    pub fn brings_back(mut self, from: BringBack) -> Step {
        self.reverse = OnceLock::from(Reverse::BringsBack(from));
        self
    }

    /// Lets the step read the documents of another kind.
    #[must_use]
    pub fn reads(mut self, kind: &str) -> Step {
        self.reads.push(kind.to_owned());
        self
    }

    /// Lets the step put values over others without reading them.
    #[must_use]
    pub fn overwrites(mut self) -> Step {
        self.overwrites = true;
        self
    }

    /// The version from which on the change holds.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The name: the folder's without the number.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the step does, in a sentence for users.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// What the step is about.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What the step does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// How the step is undone.
    pub fn reverse(&self) -> &Reverse {
        self.reverse.get_or_init(|| {
            let stated = match &self.action {
                Action::Modify(Modify::Declared(body)) => body.0.reverse.clone(),
                _ => None,
            };
            stated.unwrap_or_else(|| Reverse::of(&self.action))
        })
    }

    /// Why the step can't be undone; `None` where it can.
    pub fn one_way(&self) -> Option<&str> {
        self.reverse().one_way()
    }

    /// The kinds whose documents it may read.
    pub fn read_kinds(&self) -> &[String] {
        &self.reads
    }

    /// Whether it may put values over others without reading them.
    pub fn may_overwrite(&self) -> bool {
        self.overwrites
    }

    /// Whether it may read documents that were imported in a shape above its own version.
    pub fn reads_any_shape(&self) -> bool {
        self.reads_any_shape
    }

    /// Whether it must change nothing when it runs over its own result.
    pub fn is_idempotent(&self) -> bool {
        self.not_idempotent.is_none()
    }

    pub(crate) fn source(&self) -> Option<&SourceFile> {
        self.source.as_ref()
    }

    /// Where it is written: the file's path within the catalog's folder. `None` for a step in Rust.
    pub fn file(&self) -> Option<&str> {
        self.source.as_ref().map(|source| &*source.path)
    }
}

impl Action {
    /// The action as a `step.hcl` calls it.
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
