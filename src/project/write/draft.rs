//! A user's change to a loaded ref, before it is committed.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::told::{DoubledDocument, DoubledIn};
use super::draft_error::{DraftError, EditFailure, RemovedKind};
use super::merged_in::MergedIn;
use crate::catalog::{Action, Catalog, DocumentName, Step};
use crate::engine::{DocumentOutcome, DocumentWarning, LookupKey, MigratedDocument, Paths, join};
use crate::git::{EntryKind, ObjectId};
use crate::migrate::{Loss, MigrationError, MigrationErrorKind};
use crate::ocl::{Document, DoubledName, Editor, Literal};
use crate::project::read::loaded::Loaded;
use crate::project::read::shape::Older;
use crate::project::read::warning::Warning;
use crate::values::{Address, EditedValue, ValueEdit, edit_values};

/// A user's change to a branch. Nothing is written before it is committed.
///
/// Begins with [`Loaded::edit`](crate::project::Loaded::edit), or with
/// [`Project::draft_new_branch`](crate::project::Project::draft_new_branch).
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
    pub(super) changes: BTreeMap<DocumentName, Change>,
    /// What texts of the draft carry of the migration that they come from, by document. A text that the caller put as it is
    /// has no entry.
    pub(super) carried: BTreeMap<DocumentName, Carried>,
    /// Documents whose files may or may not be run, other than on the branch.
    pub(super) modes: BTreeMap<DocumentName, EntryKind>,
    /// Versions that texts of another commit have crossed and that the catalog doesn't know.
    pub(super) unknown_versions: BTreeSet<u32>,
    /// Which files there are, with the changes; made when it is first needed.
    pub(super) paths: Option<Paths>,
    /// The migration alone was asked for.
    pub(super) upgrade: bool,
    /// Writing at a lower version was asked for.
    pub(super) downgrade: bool,
    /// What is merged into the branch.
    pub(super) merged_in: Option<MergedIn>,
    /// Of a merge: the other projects that the same commit changes.
    pub(super) beside: Vec<Draft>,
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

/// What a migrated text carries with it when it is put into a draft.
#[derive(Debug, Clone)]
pub(super) struct Carried {
    /// The lookups without an answer whose defaults stand in it.
    pub(super) defaults: Vec<LookupKey>,
    /// The values that its migration lost.
    pub(super) losses: Vec<Loss>,
    /// The warnings of those that it left behind.
    pub(super) left_behind: Vec<DocumentWarning>,
    /// The names that stand more than once in the texts it was made of, each as the commit has it.
    pub(super) doubled: Vec<DoubledDocument>,
}

impl Carried {
    pub(super) fn of(loaded: &Loaded, document: &MigratedDocument) -> Carried {
        let mut carried = Carried {
            defaults: Vec::new(),
            losses: document.losses.clone(),
            left_behind: Vec::new(),
            doubled: Vec::new(),
        };
        let path = document.path_before.as_ref().unwrap_or(&document.path);
        for warning in loaded.document_warnings(document) {
            match warning {
                DocumentWarning::MissingLookup(lookup) => carried.defaults.push(lookup),
                DocumentWarning::DoubledName(name) => {
                    carried.doubled.push(DoubledDocument {
                        document: document.name.clone(),
                        held_by: DoubledIn::Commit(loaded.commit()),
                        path: join(loaded.base_path(), path),
                        name,
                    });
                }
                DocumentWarning::LeftBehind { .. } => carried.left_behind.push(warning),
                DocumentWarning::NotParsed { .. } => {}
            }
        }
        carried
    }

    /// Adds what another text carries.
    pub(super) fn extend(&mut self, other: Carried) {
        self.defaults.extend(other.defaults);
        self.losses.extend(other.losses);
        self.left_behind.extend(other.left_behind);
        self.doubled.extend(other.doubled);
    }

    /// The same name as one of the texts has it.
    pub(super) fn source_of(&self, name: &DoubledName) -> Option<&DoubledDocument> {
        let is_same = |known: &DoubledName| known.name == name.name && known.holder == name.holder;
        self.doubled.iter().find(|known| is_same(&known.name))
    }
}

impl Draft {
    /// Begins a change to what was loaded.
    pub(crate) fn of(loaded: Loaded) -> Draft {
        Draft {
            expected: loaded.tip().map(|tip| tip.commit),
            loaded,
            changes: BTreeMap::new(),
            carried: BTreeMap::new(),
            modes: BTreeMap::new(),
            unknown_versions: BTreeSet::new(),
            paths: None,
            upgrade: false,
            downgrade: false,
            merged_in: None,
            beside: Vec::new(),
        }
    }

    /// What the change is made to.
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// Of a merge: what the other projects of the repository are made to in the same commit, without those of which the branch just
    /// takes the other side's files.
    pub fn beside(&self) -> impl Iterator<Item = &Draft> {
        self.beside.iter().filter(|draft| !draft.is_forward())
    }

    /// Whether it takes what a commit has as it is.
    pub(super) fn is_forward(&self) -> bool {
        self.merged_in.as_ref().is_some_and(|it| it.is_forward)
    }

    /// The commit that the branch must be at when it is written, that which was loaded; none: there must be no such branch.
    pub fn expected(&self) -> Option<ObjectId> {
        self.expected
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
                name: name.clone(),
                path: join(self.loaded.base_path(), &path),
                error: Box::new(error),
            })?;
        let text = document.text().to_owned();
        self.paths().take(&path);
        self.carried.remove(&name);
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
        self.edit_or(name, edit, |name, source| DraftError::Edit { name, source })
    }

    /// Sets the value at an address: replaces what is there, or adds an attribute or an entry. The rest of the document stays
    /// as it is after its migration, in which shape the address is read too.
    ///
    /// ```no_run
    /// # use ocl_migrate::project::{DraftError, Project};
    /// # fn change(project: &Project) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut draft = project.load_migrated("feature/x")?.edit();
    /// draft.set(&r#"variables variable["Retries"].value{environment=production}"#.parse()?, "7")?;
    /// draft.unset(&r#"runbook/backup process.step["dump"].condition"#.parse()?)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`DraftError::Value`], and where there is no such document or nothing of it to edit; the draft is as it was then.
    pub fn set(
        &mut self,
        address: &Address,
        value: impl Into<Literal>,
    ) -> Result<&mut Draft, DraftError> {
        let edit = ValueEdit::set(address.selector.clone(), value);
        self.edit_values(&address.document, &[edit])?;
        Ok(self)
    }

    /// Removes the attribute, entry, block, label or item at an address.
    ///
    /// # Errors
    /// As for [`Draft::set`].
    pub fn unset(&mut self, address: &Address) -> Result<&mut Draft, DraftError> {
        let edit = ValueEdit::unset(address.selector.clone());
        self.edit_values(&address.document, &[edit])?;
        Ok(self)
    }

    /// Changes several values of a document at once: all addresses are read in it as it is before. See
    /// [`edit_values`](crate::values::edit_values()).
    ///
    /// # Errors
    /// As for [`Draft::set`].
    pub fn edit_values(
        &mut self,
        name: &str,
        edits: &[ValueEdit],
    ) -> Result<Vec<EditedValue>, DraftError> {
        let project = self.loaded.project().clone();
        let known = self.known(name)?;
        let identity = project.catalog().identity(known.kind());
        self.edit_or(
            name,
            |editor| edit_values(editor, identity, edits),
            |name, source| DraftError::Value { name, source },
        )
    }

    /// Edits a document; `failed` says what the draft fails with where the edit does.
    fn edit_or<T, E>(
        &mut self,
        name: &str,
        edit: impl FnOnce(&mut Editor) -> Result<T, E>,
        failed: impl FnOnce(DocumentName, E) -> DraftError,
    ) -> Result<T, DraftError> {
        self.loaded.refuse_newer()?;
        let known = self.known(name)?;
        let document = match self.document(&known)? {
            Some(document) => document,
            None if self.changes.contains_key(&known) => {
                return Err(self.nothing_to_edit(&known, "it was removed", None));
            }
            None => {
                let target = self.loaded.plan().target;
                let reason = kept_elsewhere(self.catalog(), known.kind(), target);
                let reason = reason.map(|reason| reason.reason(known.kind()));
                let reason = reason.unwrap_or_else(|| "a step removed it".to_owned());
                return Err(self.nothing_to_edit(&known, &reason, None));
            }
        };
        let carried = self.carried_by(&known)?;
        let mut editor = document.edit();
        let given = edit(&mut editor).map_err(|source| failed(known.clone(), source))?;
        self.put_carrying(&known, editor.finish().to_string(), carried)?;
        Ok(given)
    }

    /// Whether the user's change removes a document.
    pub(crate) fn removes(&self, name: &DocumentName) -> bool {
        matches!(self.changes.get(name), Some(Change::Remove))
    }

    /// A document as the draft would write it; `None` where it is removed.
    pub(super) fn document(&self, known: &DocumentName) -> Result<Option<Document>, DraftError> {
        let bytes = match self.changes.get(known) {
            Some(Change::Put { text, .. }) => text.clone().into_bytes(),
            Some(Change::Remove) => return Ok(None),
            None => match self.migrated(known)? {
                Some(bytes) => bytes,
                None => return Ok(None),
            },
        };
        let dialect = self.catalog().dialect_at(self.loaded.plan().target);
        let document = Document::from_bytes(bytes, dialect);
        let document = document.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let reason = format!("line {line}, column {column}: {}", error.message());
            let failed = MigrationError::before_any_step(MigrationErrorKind::Parse(error));
            self.nothing_to_edit(known, &reason, Some(failed))
        })?;
        Ok(Some(document))
    }

    /// What a document's text carries of its migration.
    pub(super) fn carried_by(&self, known: &DocumentName) -> Result<Option<Carried>, DraftError> {
        if self.changes.contains_key(known) {
            return Ok(self.carried.get(known).cloned());
        }
        let document = self.loaded.document(known.as_str())?;
        Ok(Some(Carried::of(&self.loaded, document)))
    }

    pub(super) fn put_carrying(
        &mut self,
        name: &DocumentName,
        text: String,
        carried: Option<Carried>,
    ) -> Result<(), DraftError> {
        self.put(name.as_str(), text)?;
        if let Some(carried) = carried {
            self.carried.insert(name.clone(), carried);
        }
        Ok(())
    }

    /// The name of a document that is there or was put.
    fn known(&self, name: &str) -> Result<DocumentName, DraftError> {
        let parsed = name.parse().ok().filter(|name| {
            self.changes.contains_key(name) || self.loaded.lift().position(name).is_some()
        });
        parsed.ok_or_else(|| self.loaded.no_such_document(name).into())
    }

    fn migrated(&self, name: &DocumentName) -> Result<Option<Vec<u8>>, DraftError> {
        let document = self.loaded.document(name.as_str())?;
        if let DocumentOutcome::Failed(error) = &document.outcome {
            let reason = format!("it couldn't be migrated ({error})");
            return Err(self.nothing_to_edit(name, &reason, Some((**error).clone())));
        }
        Ok(self.loaded.content(document)?)
    }

    /// `failed` is what is wrong with the document, if that is why.
    fn nothing_to_edit(
        &self,
        name: &DocumentName,
        reason: &str,
        failed: Option<MigrationError>,
    ) -> DraftError {
        let document = self.loaded.document(name.as_str()).ok();
        DraftError::NothingToEdit {
            name: name.clone(),
            path: document.and_then(|document| self.loaded.repository_path(document)),
            reason: reason.to_owned(),
            failed: failed.map(Box::new),
            missing_lookups: document
                .map(|document| self.loaded.missing_lookups(document))
                .unwrap_or_default(),
        }
    }

    /// Removes a document, by its name.
    ///
    /// # Errors
    /// Where there is no such document.
    pub fn remove(&mut self, name: &str) -> Result<&mut Draft, DraftError> {
        let name = self.known(name)?;
        refuse_replaced_characters(&name)?;
        let change = self.changes.remove(&name);
        self.carried.remove(&name);
        let entry = self.loaded.entry(&name);
        let path = match (change, entry) {
            (Some(Change::Put { path, .. }), _) => Some(path),
            (_, entry) => entry.and_then(|entry| entry.path.clone().ok()),
        };
        if entry.is_some() {
            self.changes.insert(name, Change::Remove);
        }
        if let Some(path) = path {
            self.paths().leave(&path);
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

    /// Whether the draft puts another text for a document, or removes it.
    pub fn is_changed(&self, name: &DocumentName) -> bool {
        self.changes.contains_key(name)
    }

    /// Says which of the texts that were put look older than the version that the draft writes: see
    /// [`Loaded::looks_older`]. They may have been taken from a branch at a lower version.
    pub fn looks_older(&self) -> Option<Warning> {
        let loaded = &self.loaded;
        let mut older = Older::than(loaded.plan().target);
        for (name, change) in &self.changes {
            if let Change::Put { path, text } = change {
                let path = join(loaded.base_path(), path);
                older.look(self.catalog(), name, path, text.as_bytes());
            }
        }
        older.warning()
    }

    pub(super) fn catalog(&self) -> &Catalog {
        self.loaded.project().catalog()
    }

    /// The document's name, and its path at the target.
    fn place(&mut self, name_or_path: &str) -> Result<(DocumentName, String), DraftError> {
        let catalog = self.loaded.project().catalog().clone();
        let target = self.loaded.plan().target;
        let name = self
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
        refuse_replaced_characters(&name)?;
        if let Some(elsewhere) = kept_elsewhere(&catalog, name.kind(), target) {
            let branch = self.loaded.version().number();
            let removed = match elsewhere {
                KeptElsewhere::Server { .. } => None,
                KeptElsewhere::Removed { version } => {
                    let versions = catalog.steps().iter().map(Step::version);
                    let before = versions.filter(|it| (branch.max(1)..version).contains(it));
                    let has_place = |it: &u32| kept_elsewhere(&catalog, name.kind(), *it).is_none();
                    let last = before.filter(has_place).max();
                    Some(RemovedKind { version, last })
                }
            };
            return Err(DraftError::NotInGit {
                reason: elsewhere.reason(name.kind()),
                removed,
                name,
                target,
            });
        }
        let path = match self.loaded.entry(&name).map(|entry| &entry.path) {
            Some(path) => path.clone().map_err(|reason| reason.to_string()),
            None => catalog
                .kind(name.kind())
                .ok_or_else(|| "its kind is unknown".to_owned())
                .and_then(|kind| catalog.path_at(kind, target).path_of(name.slug())),
        };
        let is_there = self.loaded.entry(&name).is_some() || self.changes.contains_key(&name);
        let is_removed = self.removes(&name);
        let path = path.and_then(|path| {
            if is_removed || !is_there {
                self.paths().check(&path)?;
            }
            Ok(path)
        });
        match path {
            Ok(path) => Ok((name, path)),
            Err(reason) => Err(DraftError::Path { name, reason }),
        }
    }

    /// Which files there are, with the changes so far.
    fn paths(&mut self) -> &mut Paths {
        let loaded = &self.loaded;
        self.paths.get_or_insert_with(|| {
            let catalog = loaded.project().catalog();
            let mut paths = loaded.lift().paths();
            paths.take(catalog.marker_path_at(loaded.plan().target));
            paths
        })
    }

    /// The document that a name or a path means: one that is there, else that of a path, else a new one of that name.
    pub(crate) fn identify(&self, name_or_path: &str) -> Option<DocumentName> {
        let catalog = self.catalog();
        let target = self.loaded.plan().target;
        let named: Option<DocumentName> = name_or_path.parse().ok();
        let named = named.filter(|name| {
            let kind = catalog.kind(name.kind());
            kind.is_some_and(|kind| {
                catalog.path_at(kind, target).is_collection() != name.slug().is_empty()
            })
        });
        let is_there = |name: &DocumentName| {
            self.loaded.entry(name).is_some() || self.changes.contains_key(name)
        };
        if named.as_ref().is_some_and(is_there) {
            return named;
        }
        let below = name_or_path
            .strip_prefix(self.loaded.base_path())
            .and_then(|rest| rest.strip_prefix('/'));
        let at = |path: &str| {
            let (kind, slug) = catalog.classify(path, target)?;
            Some(DocumentName::new(&kind.name, slug))
        };
        at(name_or_path).or_else(|| at(below?)).or(named)
    }
}

/// Refuses a document whose file has a name that isn't UTF-8: the file wouldn't be found under the name that is shown.
fn refuse_replaced_characters(name: &DocumentName) -> Result<(), DraftError> {
    if !name.as_str().contains(char::REPLACEMENT_CHARACTER) {
        return Ok(());
    }
    Err(DraftError::Path {
        name: name.clone(),
        reason: "the name of its file is not UTF-8: rename the file".to_owned(),
    })
}

/// Why documents of a kind are not in Git at a version.
#[derive(Clone, Copy)]
enum KeptElsewhere {
    /// The server keeps them itself before the import at this version.
    Server { before: u32 },
    /// The step of this version removes them.
    Removed { version: u32 },
}

impl KeptElsewhere {
    fn reason(self, kind: &str) -> String {
        match self {
            KeptElsewhere::Server { before } => {
                format!("the server keeps `{kind}` itself before version {before}")
            }
            KeptElsewhere::Removed { version } => {
                format!("`{kind}` was removed at version {version}")
            }
        }
    }
}

/// Why documents of a kind are not in Git at a version, if so.
fn kept_elsewhere(catalog: &Catalog, kind: &str, version: u32) -> Option<KeptElsewhere> {
    let mut reason = None;
    for step in catalog.steps().iter().filter(|step| step.concerns(kind)) {
        let at = step.version();
        match step.action() {
            Action::Import(_) if at <= version => reason = None,
            Action::Import(_) => {
                return reason.or(Some(KeptElsewhere::Server { before: at }));
            }
            Action::Remove if at <= version => {
                reason = Some(KeptElsewhere::Removed { version: at });
            }
            // Documents that a later step removes, and no earlier one imported.
            Action::Remove => return reason,
            _ => {}
        }
    }
    reason
}
