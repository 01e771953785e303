//! What a commit contains: the migrated documents, the user's change and the marker, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{CommitError, DoubledDocument, DoubledIn, FailedDocument, MissingLookup};
use super::model::{CommitRequest, FileChange, FileVersion, Prepared, PreparedCommit};
use crate::catalog::{DocumentName, marker};
use crate::engine::{DocumentOutcome, DocumentWarning, LookupKey, MigratedDocument, join};
use crate::git::{EntryKind, Target, check_branch_name, to_follow};
use crate::ocl::Document;
use crate::plan::{Direction, PlanError, Source};
use crate::project::error::LoadError;
use crate::project::read::layout::GitFile;
use crate::project::read::loaded::Loaded;
use crate::project::read::warning::Warning;
use crate::project::write::draft::{Change, Draft};
use crate::project::write::imports::comes_in_again;
use crate::project::write::merged_in::MergedIn;
use crate::project::write::paths::check_base_path;
use crate::store;

/// A file in Git now, after the migration, and after the user's change.
struct Stages {
    document: Option<DocumentName>,
    original: Option<FileVersion>,
    migrated: Option<FileVersion>,
    last: Option<FileVersion>,
}

impl Draft {
    /// Computes what a commit would write, and refuses what can't be committed. Writes nothing.
    ///
    /// # Errors
    /// [`CommitError`], each with what helps.
    pub fn prepare(&self, request: CommitRequest) -> Result<Prepared<'_>, CommitError> {
        let loaded = &self.loaded;
        refuse_empty_message(&request)?;
        refuse_newer(loaded)?;
        refuse_unusable_store(loaded)?;
        let branch = branch_of(loaded)?;
        check_work_tree(loaded, &branch, &[])?;
        check_base_path(loaded)?;
        self.check_direction()?;
        if let Some(merged_in) = self.merged_in.as_ref().filter(|it| it.is_forward) {
            return self.forward(request, branch, merged_in);
        }
        let mut files = self.files()?;
        let is_changed = files.iter().any(|file| file.migrated != file.last)
            || self.replaces_a_failed_document();
        let is_migrated = files.iter().all(|file| file.original == file.last);
        let is_merge = self.merged_in.is_some();
        if !is_changed && !self.upgrade && !self.downgrade && !is_merge {
            return Err(CommitError::NoChange { is_migrated });
        }
        if is_migrated && !is_merge {
            let version = loaded.plan().branch_version;
            return Err(CommitError::NothingToUpgrade { version });
        }
        let certain = self.refuse_uncertain(&request);
        certain.map_err(|error| match self.beside.is_empty() {
            true => error,
            false => error.in_project(loaded),
        })?;
        for beside in &self.beside {
            let of_beside = beside.files_beside(&request);
            files.extend(of_beside.map_err(|error| error.in_project(&beside.loaded))?);
        }
        let mut commits = commits(files, &request);
        if let (Some(merged_in), Some(last)) = (&self.merged_in, commits.last_mut()) {
            last.merged = Some(merged_in.theirs);
            last.other_files = merged_in.files.clone();
        }
        check_work_tree(loaded, &branch, &files_of(loaded, &commits)?)?;
        Ok(Prepared {
            draft: self,
            request,
            branch,
            commits,
        })
    }

    /// The full name of the branch that a commit would move.
    ///
    /// # Errors
    /// [`CommitError::NotABranch`].
    pub fn branch(&self) -> Result<String, CommitError> {
        branch_of(&self.loaded)
    }

    /// Refuses what isn't certain and wasn't accepted.
    fn refuse_uncertain(&self, request: &CommitRequest) -> Result<(), CommitError> {
        self.refuse_unknown_versions(request)?;
        refuse_unknown_imports(&self.loaded)?;
        self.refuse_warnings(request)
    }

    /// The files of another project that the same commit changes.
    fn files_beside(&self, request: &CommitRequest) -> Result<Vec<Stages>, CommitError> {
        refuse_newer(&self.loaded)?;
        refuse_unusable_store(&self.loaded)?;
        // The other side's files are taken as they are.
        if self.is_forward() {
            return Ok(Vec::new());
        }
        check_base_path(&self.loaded)?;
        self.check_direction()?;
        let files = self.files()?;
        self.refuse_uncertain(request)?;
        Ok(files)
    }

    /// The branch moves to a commit that is there.
    fn forward(
        &self,
        request: CommitRequest,
        branch: String,
        merged_in: &MergedIn,
    ) -> Result<Prepared<'_>, CommitError> {
        for beside in &self.beside {
            let refused = beside.files_beside(&request);
            refused.map_err(|error| error.in_project(&beside.loaded))?;
        }
        let reader = self.loaded.project().repository().reader();
        let from = match self.expected {
            Some(commit) => Some(reader.tree_of(commit)?),
            None => None,
        };
        let to = reader.tree_of(merged_in.theirs)?;
        let differences = reader.differences(from, Some(to))?;
        let files = differences.iter();
        let files = files.filter_map(|file| Some((file.path.as_str()?, file.to)));
        check_work_tree(&self.loaded, &branch, &files.collect::<Vec<_>>())?;
        Ok(Prepared {
            draft: self,
            request,
            branch,
            commits: Vec::new(),
        })
    }

    /// Refuses to write a lower version unless it was asked for and nothing gets lost.
    fn check_direction(&self) -> Result<(), CommitError> {
        let loaded = &self.loaded;
        let plan = loaded.plan();
        let (branch, target) = (plan.branch_version, plan.target);
        match (plan.direction(), self.downgrade) {
            (Direction::Up, true) => return Err(CommitError::NotDownward { branch, target }),
            (Direction::Down, false) => return Err(CommitError::Downward { branch, target }),
            (Direction::Up, false) | (Direction::Down, true) => {}
        }
        let catalog = loaded.project().catalog();
        for import in plan.undone_imports(catalog) {
            let version = catalog.steps()[import.step].version();
            if !import.left_out.is_empty() {
                return Err(CommitError::BelowImport {
                    kind: import.kind.clone(),
                    import: version,
                    target,
                });
            }
        }
        for import in plan.undone_imports(catalog) {
            let version = catalog.steps()[import.step].version();
            if let Some(what) = comes_in_again(loaded, &import.kind)? {
                return Err(CommitError::ComesInAgain {
                    kind: import.kind.clone(),
                    import: version,
                    target,
                    what,
                });
            }
        }
        // What an import brings down from above the target counts as well.
        let set_aside = loaded
            .documents()
            .flat_map(|document| {
                let name = &document.name;
                let values = document.set_aside.iter();
                values.map(move |set_aside| format!("{name}: {set_aside}"))
            })
            .collect::<Vec<_>>();
        if set_aside.is_empty() {
            Ok(())
        } else {
            Err(CommitError::SetAside { values: set_aside })
        }
    }

    /// Refuses to cross versions that the catalog doesn't know, with the branch or with what is restored.
    fn refuse_unknown_versions(&self, request: &CommitRequest) -> Result<(), CommitError> {
        let versions = self.own_unknown_versions();
        let accepted = &request.accept_unknown_versions;
        let versions: Vec<u32> = versions.difference(accepted).copied().collect();
        if versions.is_empty() {
            Ok(())
        } else {
            Err(CommitError::UnknownVersions { versions })
        }
    }

    /// The versions that a commit crosses and that the catalog doesn't know:
    /// [`accept_unknown_versions`](CommitRequest::accept_unknown_versions) must name them.
    pub fn unknown_versions(&self) -> BTreeSet<u32> {
        let beside = self.beside().flat_map(Draft::own_unknown_versions);
        beside.chain(self.own_unknown_versions()).collect()
    }

    fn own_unknown_versions(&self) -> BTreeSet<u32> {
        let of_branch = self.loaded.plan().unknown_versions.iter().copied();
        of_branch
            .chain(self.unknown_versions.iter().copied())
            .collect()
    }

    /// The lookups without an answer whose defaults a commit would write, each with the documents:
    /// [`accept_missing_lookups`](CommitRequest::accept_missing_lookups) must name them.
    pub fn missing_lookups(&self) -> BTreeMap<LookupKey, Vec<DocumentName>> {
        let mut missing = self.own_missing_lookups();
        for beside in self.beside() {
            for (lookup, documents) in beside.own_missing_lookups() {
                missing.entry(lookup).or_default().extend(documents);
            }
        }
        missing
    }

    fn own_missing_lookups(&self) -> BTreeMap<LookupKey, Vec<DocumentName>> {
        let mut missing: BTreeMap<LookupKey, Vec<DocumentName>> = BTreeMap::new();
        // Of what no step reads, none asks.
        let asks = |document: &&MigratedDocument| {
            document.recorded.is_some() || self.loaded.is_of_past(&document.name)
        };
        for document in self.kept().filter(asks) {
            for warning in self.loaded.document_warnings(document) {
                if let DocumentWarning::MissingLookup(lookup) = warning {
                    let documents = missing.entry(lookup).or_default();
                    documents.push(document.name.clone());
                }
            }
        }
        for (document, carried) in &self.carried {
            for lookup in &carried.defaults {
                let documents = missing.entry(lookup.clone()).or_default();
                documents.push(document.clone());
            }
        }
        missing
    }

    /// The documents that the draft neither replaces nor removes.
    fn kept(&self) -> impl Iterator<Item = &MigratedDocument> {
        let documents = self.loaded.documents();
        documents.filter(|document| !self.changes.contains_key(&document.name))
    }

    /// Whether a merge has nothing to do with a document: both sides have it as what they come from, and no step looks at it.
    pub(crate) fn is_untouched(&self, document: &MigratedDocument) -> bool {
        let is_as_it_was = |merged: &MergedIn| merged.untouched.contains(&document.name);
        document.recorded.is_none()
            && matches!(document.outcome, DocumentOutcome::Unchanged)
            && self.merged_in.as_ref().is_some_and(is_as_it_was)
    }

    /// Refuses to write documents whose meaning isn't certain: those that the draft neither replaces nor removes, and the texts
    /// that it puts.
    fn refuse_warnings(&self, request: &CommitRequest) -> Result<(), CommitError> {
        let loaded = &self.loaded;
        let mut doubled = Vec::new();
        for document in self.kept().filter(|it| !self.is_untouched(it)) {
            let path = document.path_before.as_ref().unwrap_or(&document.path);
            for warning in loaded.document_warnings(document) {
                if let DocumentWarning::DoubledName(name) = warning {
                    doubled.push(DoubledDocument {
                        document: document.name.clone(),
                        held_by: DoubledIn::Branch,
                        path: join(loaded.base_path(), path),
                        name,
                    });
                }
            }
        }
        let catalog = loaded.project().catalog();
        let dialect = catalog.dialect_at(loaded.plan().target);
        for (name, change) in &self.changes {
            if let Change::Put { path, text } = change
                && let Ok(document) = Document::parse(text.as_str(), dialect)
            {
                let carried = self.carried.get(name);
                let names = catalog.doubled_names(name.kind(), &document).into_iter();
                doubled.extend(names.map(|doubled| {
                    let source = carried.and_then(|carried| carried.source_of(&doubled));
                    let (held_by, path, doubled) = match source.cloned() {
                        Some((commit, path, doubled)) if commit == loaded.commit() => {
                            (DoubledIn::Branch, path, doubled)
                        }
                        Some((commit, path, doubled)) => (DoubledIn::Commit(commit), path, doubled),
                        None => (DoubledIn::Put, join(loaded.base_path(), path), doubled),
                    };
                    DoubledDocument {
                        document: name.clone(),
                        held_by,
                        path,
                        name: doubled,
                    }
                }));
            }
        }
        if !doubled.is_empty() {
            return Err(CommitError::DoubledNames { documents: doubled });
        }
        let lookups = self.own_missing_lookups().into_iter();
        let lookups: Vec<MissingLookup> = lookups
            .filter(|(lookup, _)| !request.accept_missing_lookups.contains(lookup))
            .map(|(lookup, documents)| MissingLookup { lookup, documents })
            .collect();
        if lookups.is_empty() {
            Ok(())
        } else {
            Err(CommitError::MissingLookups { lookups })
        }
    }

    /// What a merge makes of a document's file.
    fn mode_of(&self, name: &DocumentName) -> Option<EntryKind> {
        self.merged_in.as_ref()?.modes.get(name).copied()
    }

    fn replaces_a_failed_document(&self) -> bool {
        self.changes.keys().any(|name| {
            let document = self.loaded.document(name.as_str());
            document.is_ok_and(|document| document.error().is_some())
        })
    }

    /// Every file that differs at some stage, documents first.
    fn files(&self) -> Result<Vec<Stages>, CommitError> {
        let loaded = &self.loaded;
        let mut files = Vec::new();
        let mut failed = Vec::new();
        for document in loaded.documents() {
            let change = self.changes.get(&document.name);
            match (&document.outcome, change) {
                (DocumentOutcome::Unchanged, None) if self.mode_of(&document.name).is_none() => {}
                (DocumentOutcome::Failed(error), None) => {
                    failed.push(FailedDocument {
                        name: document.name.clone(),
                        path: loaded.repository_path(document),
                        error: error.clone(),
                    });
                }
                _ => files.push(stages(
                    loaded,
                    document,
                    change,
                    self.mode_of(&document.name),
                )?),
            }
        }
        if !failed.is_empty() {
            return Err(CommitError::FailedDocuments { documents: failed });
        }
        for (name, change) in &self.changes {
            if loaded.entry(name).is_some() {
                continue;
            }
            files.push(Stages {
                document: Some(name.clone()),
                original: None,
                migrated: None,
                last: put(
                    loaded,
                    change,
                    self.mode_of(name).unwrap_or(EntryKind::Blob),
                ),
            });
        }
        files.extend(marker_file(loaded)?);
        Ok(files)
    }
}

fn put(loaded: &Loaded, change: &Change, mode: EntryKind) -> Option<FileVersion> {
    match change {
        Change::Remove => None,
        Change::Put { path, text } => Some(FileVersion {
            path: join(loaded.base_path(), path),
            content: text.clone().into_bytes(),
            mode,
        }),
    }
}

fn stages(
    loaded: &Loaded,
    document: &MigratedDocument,
    change: Option<&Change>,
    merged_mode: Option<EntryKind>,
) -> Result<Stages, CommitError> {
    let file = loaded.file(&document.name);
    let original = match (&document.path_before, file) {
        (Some(path), Some(file)) => Some(file_in_git(loaded, path, file)?),
        _ => None,
    };
    // A file keeps its mode; a link or a submodule in a document's place is replaced by a file.
    let mode = match merged_mode.or(file.map(|file| file.kind)) {
        Some(EntryKind::Executable) => EntryKind::Executable,
        _ => EntryKind::Blob,
    };
    let changed = change.map(|change| put(loaded, change, mode));
    let migrated = match (&document.outcome, &changed) {
        // Replacing or removing it is what makes the migration whole.
        (DocumentOutcome::Failed(_), Some(changed)) => changed.clone(),
        _ => {
            let content = loaded.content(document)?;
            content.map(|content| FileVersion {
                path: join(loaded.base_path(), &document.path),
                content,
                mode,
            })
        }
    };
    Ok(Stages {
        document: Some(document.name.clone()),
        original,
        last: changed.unwrap_or_else(|| migrated.clone()),
        migrated,
    })
}

fn file_in_git(loaded: &Loaded, path: &str, file: GitFile) -> Result<FileVersion, CommitError> {
    let content = match file.kind {
        EntryKind::Submodule | EntryKind::Tree => Vec::new(),
        _ => loaded.content_of(file)?,
    };
    Ok(FileVersion {
        path: join(loaded.base_path(), path),
        content,
        mode: file.kind,
    })
}

/// The marker, at its path for the target; `None` if it is right as it is.
fn marker_file(loaded: &Loaded) -> Result<Option<Stages>, CommitError> {
    let catalog = loaded.project().catalog();
    let target = loaded.plan().target;
    let attribute = &catalog.marker().attribute;
    let path = join(loaded.base_path(), catalog.marker_path_at(target));
    let original = match loaded.marker() {
        None => None,
        Some(found) => {
            let file = GitFile {
                id: found.id,
                kind: found.entry,
            };
            Some(file_in_git(loaded, &found.path, file)?)
        }
    };
    let content = match &original {
        None => marker::write(attribute, target).into_bytes(),
        Some(file) => marker::rewrite(&file.content, attribute, target),
    };
    let mode = original.as_ref().map_or(EntryKind::Blob, |file| file.mode);
    let written = FileVersion {
        path,
        content,
        mode,
    };
    if original.as_ref() == Some(&written) {
        return Ok(None);
    }
    if original
        .as_ref()
        .is_none_or(|file| file.path != written.path)
    {
        let refused = |reason| CommitError::Path {
            what: "the marker".to_owned(),
            reason,
        };
        let path = catalog.marker_path_at(target);
        loaded.lift().paths().check(path).map_err(refused)?;
    }
    Ok(Some(Stages {
        document: None,
        original,
        migrated: Some(written.clone()),
        last: Some(written),
    }))
}

fn commits(files: Vec<Stages>, request: &CommitRequest) -> Vec<PreparedCommit> {
    let between = |stage: fn(&Stages) -> (&Option<FileVersion>, &Option<FileVersion>)| {
        let changed = files.iter().filter_map(|file| {
            let (before, after) = stage(file);
            (before != after).then(|| FileChange {
                document: file.document.clone(),
                before: before.clone(),
                after: after.clone(),
            })
        });
        changed.collect::<Vec<_>>()
    };
    if let Some(migration_message) = &request.migration_message {
        let migration = between(|file| (&file.original, &file.migrated));
        let change = between(|file| (&file.migrated, &file.last));
        if !migration.is_empty() && !change.is_empty() {
            return vec![
                prepared(migration_message, migration),
                prepared(&request.message, change),
            ];
        }
    }
    let files = between(|file| (&file.original, &file.last));
    vec![prepared(&request.message, files)]
}

fn prepared(message: &str, files: Vec<FileChange>) -> PreparedCommit {
    PreparedCommit {
        message: message.to_owned(),
        files,
        merged: None,
        other_files: Vec::new(),
    }
}

/// What is read with a newer server's steps can't be written.
pub(crate) fn refuse_newer(loaded: &Loaded) -> Result<(), CommitError> {
    let plan = loaded.plan();
    match loaded.newer_steps() {
        None => Ok(()),
        Some(_) => Err(CommitError::Load(LoadError::Plan(PlanError::BranchAhead {
            branch: plan.branch_version,
            server: plan.server_version,
        }))),
    }
}

/// What was read without the store isn't written: its imports and its answers are unknown.
fn refuse_unusable_store(loaded: &Loaded) -> Result<(), CommitError> {
    let session = loaded.session();
    let error = session.shared().unusable();
    match error.and_then(store::Error::unusable) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// The full name of the branch that was loaded.
pub(crate) fn branch_of(loaded: &Loaded) -> Result<String, CommitError> {
    let is_branch = |name: &&str| check_branch_name(name).is_ok();
    match loaded.ref_name().filter(is_branch) {
        Some(branch) => Ok(branch.to_owned()),
        None => Err(CommitError::NotABranch {
            named: loaded.ref_name().map(str::to_owned),
            branch: loaded
                .also_named()
                .iter()
                .find(|name| is_branch(&name.as_str()))
                .cloned(),
        }),
    }
}

/// Refuses a branch that is checked out unless its work tree can follow, and has these files as the branch has them or as they
/// are to be.
pub(super) fn check_work_tree(
    loaded: &Loaded,
    branch: &str,
    files: &[(&str, Target)],
) -> Result<(), CommitError> {
    let project = loaded.project();
    let checkouts = project.repository().checkouts(branch)?;
    let Some(first) = checkouts.first() else {
        return Ok(());
    };
    let Some(work_trees) = project.refs().work_trees() else {
        return Err(CommitError::CheckedOut {
            branch: branch.to_owned(),
            work_tree: first.work_tree.clone(),
        });
    };
    match to_follow(checkouts)? {
        Some(checkout) => Ok(work_trees.check(&checkout, files)?),
        None => Ok(()),
    }
}

/// What all files that commits put or take away are in the end.
fn files_of<'c>(
    loaded: &Loaded,
    commits: &'c [PreparedCommit],
) -> Result<Vec<(&'c str, Target)>, CommitError> {
    let repository = loaded.project().repository();
    let mut files = BTreeMap::new();
    for commit in commits {
        for before in commit.files.iter().filter_map(|file| file.before.as_ref()) {
            files.insert(before.path.as_str(), None);
        }
        for after in commit.files.iter().filter_map(|file| file.after.as_ref()) {
            let id = repository.blob_id(&after.content)?;
            files.insert(after.path.as_str(), Some((id, after.mode)));
        }
        let others = commit.other_files.iter();
        files.extend(others.map(|file| (file.path.as_str(), file.after)));
    }
    Ok(files.into_iter().collect())
}

/// As Git does: blanks alone say nothing.
fn refuse_empty_message(request: &CommitRequest) -> Result<(), CommitError> {
    let mut messages = [&request.message]
        .into_iter()
        .chain(&request.migration_message);
    if messages.any(|message| message.trim().is_empty()) {
        return Err(CommitError::EmptyMessage);
    }
    Ok(())
}

/// Refuses to write past an import when it isn't known what that brings in.
fn refuse_unknown_imports(loaded: &Loaded) -> Result<(), CommitError> {
    let unknown = loaded
        .plan()
        .imports
        .iter()
        .filter(|import| import.source == Source::Unknown);
    let kinds: Vec<String> = unknown.map(|import| import.kind.clone()).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    let unknown_project = loaded.warnings().iter().find_map(|warning| match warning {
        Warning::ProjectUnknown { project, .. } => Some(project.clone()),
        _ => None,
    });
    Err(match unknown_project {
        Some(project) => CommitError::UnknownProject { project, kinds },
        None => CommitError::NoStore { kinds },
    })
}
