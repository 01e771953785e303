//! One numbered change of one document kind.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::action::{Action, Body, BringBack, MARKER_KIND, Modify, OnExisting, Reverse, Target};
use super::context::{StepContext, StepFailure};
use super::pattern::PathPattern;
use super::problem::SourceFile;
use super::reverse;
use crate::ocl::Editor;

/// One numbered change of one document kind.
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
    /// Whether it may overwrite values without reading them.
    pub(crate) overwrites: bool,
    /// What runs once beside it, if it is an import.
    pub(crate) effect: Option<String>,
    /// Why running it twice may change its own output; `None` if it is idempotent.
    pub(crate) not_idempotent: Option<String>,
    /// Computed on first use: see [`Step::reverse`].
    pub(crate) reverse: OnceLock<Reverse>,
    pub(crate) source: Option<SourceFile>,
    pub(super) spans: StepSpans,
}

/// The spans of a step's parts in its file, in bytes. Empty for a step in Rust.
#[derive(Debug, Clone, Default)]
pub(super) struct StepSpans {
    pub(super) target: Range<usize>,
    pub(super) action: Range<usize>,
    /// In the order of the kinds that it reads.
    pub(super) reads: Vec<Range<usize>>,
    /// Of each `documents.KIND`, with the kind.
    pub(super) documents: Vec<(String, Range<usize>)>,
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
            effect: None,
            not_idempotent: None,
            source: None,
            spans: StepSpans::default(),
        }
    }

    /// A step that changes documents of a kind with Rust code.
    ///
    /// ```
    /// use ocl_migrate::catalog::Step;
    ///
    /// let step = Step::modify(10, "runbook_owner", "runbook", |edit, context| {
    ///     let root = edit.root();
    ///     edit.set(root, "owner", context.slug)?;
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
            Action::Modify(Modify(Body::Native(Arc::new(run)))),
        )
    }

    /// A step that imports documents of a kind from the store.
    pub fn import(version: u32, name: &str, kind: &str, on_existing: OnExisting) -> Step {
        Step::new(version, name, kind, Action::Import(on_existing))
    }

    /// A step that removes all documents of a kind.
    pub fn remove(version: u32, name: &str, kind: &str) -> Step {
        Step::new(version, name, kind, Action::Remove)
    }

    /// A step that moves documents of a kind from the path `from` to the catalog's path.
    pub fn rename(version: u32, name: &str, kind: &str, from: PathPattern) -> Step {
        Step::new(version, name, kind, Action::Rename(from))
    }

    /// A step from whose version on all documents are in the newer dialect.
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

    /// Sets how the step is undone when migrating down. What the older shape can't hold is found by running the step
    /// again on the result.
    ///
    /// ```
    /// use ocl_migrate::catalog::Step;
    ///
    /// let step = Step::modify(10, "owner", "runbook", |edit, context| {
    ///     let root = edit.root();
    ///     edit.set(root, "owner", context.slug)?;
    ///     Ok(())
    /// });
    /// assert!(step.one_way().is_some());
    /// let step = step.down(|edit, _| {
    ///     if let Some(owner) = edit.document().member("owner").map(|owner| owner.id()) {
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
        self.reverse = OnceLock::from(Reverse::Written(Modify(Body::Native(Arc::new(run)))));
        self
    }

    /// Sets the source from which the step, a remove, brings documents back when migrating down.
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

    /// Lets the step overwrite values without reading them.
    #[must_use]
    pub fn overwrites(mut self) -> Step {
        self.overwrites = true;
        self
    }

    /// Names what runs once beside an import, in the commit that first persists it: an
    /// [`Effect`](crate::project::Effect) of the server's.
    #[must_use]
    pub fn with_effect(mut self, effect: &str) -> Step {
        self.effect = Some(effect.to_owned());
        self
    }

    /// The version of the step's result.
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

    /// The subject of the step.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether the step is about this kind.
    pub fn concerns(&self, kind: &str) -> bool {
        match &self.target {
            Target::Kind(name) => name == kind,
            Target::AllKinds => true,
            Target::Marker => false,
        }
    }

    /// What the step does.
    pub fn action(&self) -> &Action {
        &self.action
    }

    /// How the step is undone.
    pub fn reverse(&self) -> &Reverse {
        self.reverse.get_or_init(|| {
            let stated = match &self.action {
                Action::Modify(Modify(Body::Declared(body))) => body.reverse().cloned(),
                _ => None,
            };
            stated.unwrap_or_else(|| reverse::of(&self.action))
        })
    }

    /// Why the step can't be undone; `None` if it can.
    pub fn one_way(&self) -> Option<&str> {
        self.reverse().one_way()
    }

    /// The kinds whose documents it may read.
    pub fn read_kinds(&self) -> &[String] {
        &self.reads
    }

    /// Whether it may overwrite values without reading them.
    pub fn may_overwrite(&self) -> bool {
        self.overwrites
    }

    /// What runs once beside the import, in the commit that first persists it.
    pub fn effect(&self) -> Option<&str> {
        self.effect.as_deref()
    }

    /// Whether it may read documents that were imported in a shape above its own version.
    pub fn reads_any_shape(&self) -> bool {
        self.reads_any_shape
    }

    /// Whether it changes nothing when it runs on its own result.
    pub fn is_idempotent(&self) -> bool {
        self.not_idempotent.is_none()
    }

    pub(crate) fn source(&self) -> Option<&SourceFile> {
        self.source.as_ref()
    }

    /// The path of its file within the catalog's folder. `None` for a step in Rust.
    pub fn file(&self) -> Option<&str> {
        self.source.as_ref().map(|source| &*source.path)
    }
}
