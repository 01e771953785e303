//! A user's change to a loaded ref, before it is committed (section 8 of the design).

use std::collections::BTreeMap;

use super::entries::check_free;
use super::loaded::Loaded;
use super::{DocumentOutcome, LoadError};
use crate::catalog::{Action, Catalog, DocumentKind};
use crate::git::ObjectId;
use crate::ocl::{Document, Editor, ParseError};
use crate::plan::document_name;

/// A user's change to a branch. Nothing is written before it is committed.
///
/// Begins with [`Loaded::edit`], or with [`Project::draft_new_branch`](super::Project::draft_new_branch).
///
/// ```no_run
/// # use std::path::Path;
/// # use ocl_migrate::git::Signature;
/// # use ocl_migrate::project::{CommitError, CommitRequest, Project, Remedy, StoreOutcome};
/// # fn commit(project: &Project, ada: Signature) -> Result<(), CommitError> {
/// let mut draft = project.load_migrated("feature/x")?.edit();
/// draft.put("runbook/backup", "name = \"Backup\"\n")?;
/// match draft.commit(CommitRequest::new("Add a backup runbook", ada)) {
///     Ok(committed) => println!("{} is at {}", committed.branch, committed.commit),
///     Err(error) if error.remedy() == Remedy::LoadAgain => println!("somebody was faster: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[must_use = "a draft writes nothing before `commit`"]
pub struct Draft {
    pub(super) loaded: Loaded,
    /// By name.
    pub(super) changes: BTreeMap<String, Change>,
    /// The migration alone is what is asked for.
    pub(super) upgrade: bool,
    /// The way to a lower version is what is asked for.
    pub(super) downgrade: bool,
    /// Where the branch must be; `None`: it must not exist.
    pub(super) expected: Option<ObjectId>,
}

/// What a draft does to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// This text, at this path below the base path.
    Put {
        path: String,
        text: String,
    },
    Remove,
}

/// Why a change was not taken into a draft.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// The ref, or a document of it, couldn't be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// What was to be put is no OCL.
    #[error("{}", .error.render(.path))]
    InvalidOcl {
        /// The document's path in the repository.
        path: String,
        /// What is wrong with it, and where.
        error: Box<ParseError>,
    },
    /// Neither a document's name nor a path where documents lie.
    #[error(
        "`{name}` is neither a document's name nor a path where documents lie; the kinds are {}",
        .kinds.join(", ")
    )]
    NoSuchKind {
        /// What was asked for.
        name: String,
        /// The kinds, each with its path.
        kinds: Vec<String>,
    },
    /// The document can't be placed.
    #[error("{name} can't be put into Git: {reason}")]
    Path {
        /// The document.
        name: String,
        /// Why.
        reason: String,
    },
    /// Documents of this kind are not kept in Git at the version that the draft writes.
    #[error("{name} can't be put into Git at version {target}: {reason}")]
    NotInGit {
        /// The document.
        name: String,
        /// The version.
        target: u32,
        /// Since when, or until when.
        reason: String,
    },
    /// There is nothing to edit: the document failed to migrate, or was removed.
    #[error("{name} can't be edited: {reason}; put a whole new text in its place, or remove it")]
    NothingToEdit {
        /// The document.
        name: String,
        /// Why.
        reason: String,
    },
    /// An old commit's document can't take the branch's shape.
    #[error("{name} of {commit} can't be restored: {reason}")]
    NotRestored {
        /// The document.
        name: String,
        /// The old commit.
        commit: String,
        /// Why.
        reason: String,
    },
    /// The edit itself failed.
    #[error("{name} was not changed: {source}")]
    Edit {
        /// The document.
        name: String,
        /// What the edit said.
        source: EditFailure,
    },
    /// The branch to begin exists.
    #[error("the branch {branch} exists already: load it and edit that, or choose another name")]
    BranchExists {
        /// Its full name.
        branch: String,
    },
    /// The project is under version control, so a branch should start from another.
    #[error(
        "the project was converted to version control before, so the new branch {branch} should start from another \
         one: name it, or ask for a branch without a parent explicitly"
    )]
    NeedsParent {
        /// Its full name.
        branch: String,
    },
}

/// What an edit can fail with.
pub type EditFailure = Box<dyn std::error::Error + Send + Sync>;

impl Loaded {
    /// Begins a change to this ref.
    pub fn edit(self) -> Draft {
        let expected = self.at.commit.map(|(commit, _)| commit);
        Draft {
            loaded: self,
            changes: BTreeMap::new(),
            upgrade: false,
            downgrade: false,
            expected,
        }
    }
}

impl Draft {
    /// What the change is made to.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The branch that will move, by its full name; `None` if what was loaded is not a ref.
    pub fn ref_name(&self) -> Option<&str> {
        self.loaded.ref_name()
    }

    /// Puts a whole text in place of a document, or adds one. Takes its name (`deployment_process`, `runbook/backup`)
    /// or its path at the target version, below the base path or in the repository.
    ///
    /// # Errors
    /// Where the text is no OCL in the dialect of the target version, or there can't be such a document.
    pub fn put(
        &mut self,
        name_or_path: &str,
        text: impl Into<Vec<u8>>,
    ) -> Result<&mut Draft, DraftError> {
        let (name, path) = self.place(name_or_path)?;
        let dialect = self.catalog().dialect_at(self.loaded.plan().target);
        let document =
            Document::from_bytes(text.into(), dialect).map_err(|error| DraftError::InvalidOcl {
                path: super::marker::join(self.loaded.base_path(), &path),
                error: Box::new(error),
            })?;
        let text = document.text().to_owned();
        self.changes.insert(name, Change::Put { path, text });
        Ok(self)
    }

    /// Edits a document as it is after its migration, or as an earlier change of this draft left it. Bytes outside the
    /// edit's splices stay as they are.
    ///
    /// # Errors
    /// Where there is no such document, nothing of it to edit, or the edit fails; the draft is as it was then.
    pub fn edit<T>(
        &mut self,
        name: &str,
        edit: impl FnOnce(&mut Editor) -> Result<T, EditFailure>,
    ) -> Result<T, DraftError> {
        let bytes = match self.changes.get(name) {
            Some(Change::Put { text, .. }) => text.clone().into_bytes(),
            Some(Change::Remove) => return Err(nothing_to_edit(name, "it was removed")),
            None => self.migrated(name)?,
        };
        let dialect = self.catalog().dialect_at(self.loaded.plan().target);
        let document = Document::from_bytes(bytes, dialect)
            .map_err(|error| nothing_to_edit(name, &error.to_string()))?;
        let mut editor = document.edit();
        let given = edit(&mut editor).map_err(|source| DraftError::Edit {
            name: name.to_owned(),
            source,
        })?;
        self.put(name, editor.finish().to_string())?;
        Ok(given)
    }

    fn migrated(&self, name: &str) -> Result<Vec<u8>, DraftError> {
        let document = self.loaded.document(name)?;
        if let DocumentOutcome::Failed(error) = &document.outcome {
            return Err(nothing_to_edit(
                name,
                &format!("it couldn't be migrated ({error})"),
            ));
        }
        self.loaded
            .content(document)?
            .ok_or_else(|| nothing_to_edit(name, "a step removed it"))
    }

    /// Removes a document, by its name.
    ///
    /// # Errors
    /// Where there is no such document.
    pub fn remove(&mut self, name: &str) -> Result<&mut Draft, DraftError> {
        if self.loaded.entry(name).is_some() {
            self.changes.insert(name.to_owned(), Change::Remove);
        } else if self.changes.remove(name).is_none() {
            self.loaded.document(name)?;
        }
        Ok(self)
    }

    /// Asks for the migration itself, so that the draft needs no other change: a person's wish.
    pub fn upgrade(&mut self) -> &mut Draft {
        self.upgrade = true;
        self
    }

    /// Asks for what was loaded to be written at its target below the branch's version: a person's wish, and the only way to
    /// write downward. Refused where values would be set aside, and below an import.
    pub fn downgrade(&mut self) -> &mut Draft {
        self.downgrade = true;
        self
    }

    fn catalog(&self) -> &Catalog {
        self.loaded.project().catalog()
    }

    /// The document's name, and where it lies at the target.
    fn place(&self, name_or_path: &str) -> Result<(String, String), DraftError> {
        let catalog = self.catalog();
        let target = self.loaded.plan().target;
        let (kind, slug) = self
            .identify(name_or_path)
            .ok_or_else(|| DraftError::NoSuchKind {
                name: name_or_path.to_owned(),
                kinds: catalog
                    .kinds()
                    .iter()
                    .map(|kind| {
                        format!("{} ({})", kind.name, catalog.path_at(kind, target).as_str())
                    })
                    .collect(),
            })?;
        let name = document_name(&kind.name, slug);
        if let Some(reason) = kept_elsewhere(catalog, &kind.name, target) {
            return Err(DraftError::NotInGit {
                name,
                target,
                reason,
            });
        }
        let entry = self.loaded.entry(&name);
        let path = match entry.map(|entry| &entry.path) {
            Some(path) => path.clone().map_err(|reason| reason.to_string()),
            None => catalog
                .path_at(kind, target)
                .path_of(slug)
                .and_then(|path| self.free(path)),
        };
        match path {
            Ok(path) => Ok((name, path)),
            Err(reason) => Err(DraftError::Path { name, reason }),
        }
    }

    /// The kind and slug that a name or a path means: the name of a document that is there, else a path, else the name of
    /// a new document.
    fn identify<'a>(&'a self, name_or_path: &'a str) -> Option<(&'a DocumentKind, &'a str)> {
        let catalog = self.catalog();
        let target = self.loaded.plan().target;
        let (kind, slug) = name_or_path.split_once('/').unwrap_or((name_or_path, ""));
        let named = catalog
            .kind(kind)
            .filter(|kind| catalog.path_at(kind, target).is_collection() != slug.is_empty())
            .map(|kind| (kind, slug));
        let is_there =
            self.loaded.entry(name_or_path).is_some() || self.changes.contains_key(name_or_path);
        if is_there && named.is_some() {
            return named;
        }
        let below = name_or_path
            .strip_prefix(self.loaded.base_path())
            .and_then(|rest| rest.strip_prefix('/'));
        catalog
            .classify(name_or_path, target)
            .or_else(|| catalog.classify(below?, target))
            .or(named)
    }

    /// The path of a document that wasn't there, unless it is taken, or would be one file with another on many disks.
    fn free(&self, path: String) -> Result<String, String> {
        let is_taken = self.loaded.unclaimed().contains(&path);
        let path = check_free(is_taken, self.loaded.nested(), path)?;
        let folded = path.to_lowercase();
        let loaded = self.loaded.entries().iter();
        let paths = loaded.filter_map(|entry| Some((&entry.name, entry.path.as_ref().ok()?)));
        let put = self
            .changes
            .iter()
            .filter_map(|(name, change)| match change {
                Change::Put { path, .. } => Some((name, path)),
                Change::Remove => None,
            });
        for (name, other) in paths.chain(put) {
            if *other != path && other.to_lowercase() == folded {
                return Err(format!(
                    "its path {path} differs from that of {name} in upper and lower case only"
                ));
            }
        }
        Ok(path)
    }
}

fn nothing_to_edit(name: &str, reason: &str) -> DraftError {
    DraftError::NothingToEdit {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Why documents of a kind don't lie in Git at a version, if so.
fn kept_elsewhere(catalog: &Catalog, kind: &str, version: u32) -> Option<String> {
    let mut reason = None;
    for step in catalog.steps().iter().filter(|step| step.concerns(kind)) {
        match step.action() {
            Action::Import(_) if step.version() <= version => reason = None,
            Action::Import(_) => {
                return reason.or_else(|| {
                    Some(format!(
                        "the server keeps `{kind}` itself before version {}",
                        step.version()
                    ))
                });
            }
            Action::Remove if step.version() <= version => {
                reason = Some(format!(
                    "`{kind}` was removed at version {}",
                    step.version()
                ));
            }
            // Documents that a later step removes, and no earlier one imported.
            Action::Remove => return reason,
            _ => {}
        }
    }
    reason
}
