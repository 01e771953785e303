//! The files of a commit: the migrated documents, the user's change and the marker, and nothing else.

use super::error::CommitError;
use super::model::{CommitRequest, FileChange, FileVersion, PreparedCommit};
use super::told::FailedDocument;
use crate::catalog::{DocumentName, marker};
use crate::engine::{DocumentOutcome, MigratedDocument, join};
use crate::git::EntryKind;
use crate::project::read::layout::GitFile;
use crate::project::read::loaded::Loaded;
use crate::project::write::draft::{Change, Draft};

/// A file in Git now, after the migration, and after the user's change.
pub(super) struct Stages {
    pub(super) document: Option<DocumentName>,
    pub(super) original: Option<FileVersion>,
    pub(super) migrated: Option<FileVersion>,
    pub(super) last: Option<FileVersion>,
}

impl Draft {
    /// What a merge makes of a document's file, or what the file was that is restored.
    fn mode_of(&self, name: &DocumentName) -> Option<EntryKind> {
        self.modes.get(name).copied()
    }

    pub(super) fn replaces_a_failed_document(&self) -> bool {
        self.changes.keys().any(|name| {
            let document = self.loaded.document(name.as_str());
            document.is_ok_and(|document| document.error().is_some())
        })
    }

    /// Every file that differs at some stage, documents first.
    pub(super) fn files(&self) -> Result<Vec<Stages>, CommitError> {
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
                        written_at: loaded.plan().branch_version,
                        error: error.clone(),
                        missing_lookups: loaded.missing_lookups(document),
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

pub(super) fn commits(files: Vec<Stages>, request: &CommitRequest) -> Vec<PreparedCommit> {
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
