//! The documents of a ref before their migration: what Git holds, and what imports bring in.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::layout::{FoundDocument, Layout};
use super::loaded::Loaded;
use super::returned::{From, Returned};
use super::stored::Stored;
use crate::catalog::Catalog;
use crate::git::{EntryKind, ObjectId};
use crate::migrate::{self, MigrationErrorKind};
use crate::plan::{Direction, Origin, Plan, PlannedImport, Refusal, Source, document_name};
use crate::store::Row;

/// A document before its migration.
pub(crate) struct Entry {
    pub(crate) kind: usize,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) origin: Origin,
    /// Where Git holds a document of this name; also where that is removed before an import brings another in.
    pub(crate) path_before: Option<String>,
    /// What lies there.
    pub(crate) mode: Option<EntryKind>,
    /// Where it belongs at the target.
    pub(crate) path: Result<String, MigrationErrorKind>,
    pub(crate) original: Original,
    pub(crate) steps: Vec<usize>,
    pub(crate) direction: Direction,
    /// The way down passes its import: below that it is the store's again.
    pub(crate) left_out: bool,
}

pub(crate) enum Original {
    Blob(ObjectId),
    Stored {
        row: Arc<Row>,
        source: Source,
    },
    /// As an older commit of the branch held it, brought to the target there: the document's place among that commit's.
    Past(Arc<Loaded>),
    /// A remove's own text.
    OfStep(Arc<str>),
    /// It can't be read or imported at all.
    Refused(MigrationErrorKind),
}

/// Every document that Git holds or an import brings in, with the steps that run on it, by kind and slug.
pub(crate) fn entries(
    catalog: &Catalog,
    plan: &Plan,
    layout: &Layout,
    stored: Option<&Stored>,
    returned: &[Returned],
) -> Vec<Entry> {
    let surroundings = Surroundings {
        catalog,
        plan,
        layout,
        staying: OnceCell::new(),
    };
    let mut entries: Vec<Entry> = layout
        .documents
        .iter()
        .map(|found| surroundings.entry_of_git(found))
        .collect();
    for import in &plan.imports {
        let kind = catalog
            .kinds()
            .iter()
            .position(|kind| kind.name == import.kind);
        let (Some(kind), Some(stored)) = (kind, stored) else {
            continue;
        };
        for row in stored.rows_of(import) {
            surroundings.import(&mut entries, import, kind, row);
        }
    }
    for returned in returned {
        surroundings.bring_back(&mut entries, returned);
    }
    entries.sort_by(|a, b| (a.kind, &a.slug).cmp(&(b.kind, &b.slug)));
    refuse_paths_that_differ_in_case_only(&mut entries);
    entries
}

pub(crate) fn describe(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Tree => "folder",
        EntryKind::Blob | EntryKind::Executable => "file",
        EntryKind::Symlink => "symbolic link",
        EntryKind::Submodule => "submodule",
    }
}

struct Surroundings<'l> {
    catalog: &'l Catalog,
    plan: &'l Plan,
    layout: &'l Layout,
    /// The paths that are taken after the migration.
    staying: OnceCell<BTreeSet<&'l str>>,
}

impl<'l> Surroundings<'l> {
    fn entry_of_git(&self, found: &FoundDocument) -> Entry {
        let kind = &self.catalog.kinds()[found.kind];
        let original = match found.entry {
            EntryKind::Blob | EntryKind::Executable => Original::Blob(found.id),
            other => Original::Refused(MigrationErrorKind::Read(format!(
                "{} is a {}, not a file, and it is not followed",
                found.path,
                describe(other)
            ))),
        };
        let path = self.path_at_target(found).and_then(|path| {
            if path == found.path {
                Ok(path)
            } else {
                self.free(path)
            }
        });
        Entry {
            kind: found.kind,
            slug: found.slug.clone(),
            name: found.name(self.catalog),
            origin: Origin::Git,
            path_before: Some(found.path.clone()),
            mode: Some(found.entry),
            path,
            original,
            steps: self.plan.steps_for(self.catalog, &kind.name, Origin::Git),
            direction: self.plan.direction(),
            left_out: self.is_left_out(&kind.name),
        }
    }

    /// Adds what an import brings in, unless Git's own document is kept.
    fn import(
        &self,
        entries: &mut Vec<Entry>,
        import: &PlannedImport,
        kind: usize,
        row: &Arc<Row>,
    ) {
        let refusal = import
            .refused
            .iter()
            .find(|(document, _)| document.slug == row.slug)
            .map(|(_, refusal)| refusal);
        let in_git = entries
            .iter()
            .position(|entry| entry.kind == kind && entry.slug == row.slug);
        if let (Some(refusal @ Refusal::AlreadyInGit { .. }), Some(index)) = (refusal, in_git) {
            // It is one document that neither side may win.
            entries[index].original =
                Original::Refused(MigrationErrorKind::Import(refusal.clone()));
            return;
        }
        let is_imported = import
            .documents
            .iter()
            .any(|document| document.slug == row.slug);
        if refusal.is_none() && !is_imported {
            return;
        }
        let original = match refusal {
            Some(refusal) => Original::Refused(MigrationErrorKind::Import(refusal.clone())),
            None => Original::Stored {
                row: row.clone(),
                source: import.source,
            },
        };
        let name = &self.catalog.kinds()[kind].name;
        let origin = Origin::Imported { shape: row.shape };
        let path = self
            .catalog
            .path_at(&self.catalog.kinds()[kind], self.plan.target)
            .path_of(&row.slug)
            .map_err(MigrationErrorKind::Path)
            .and_then(|path| self.free(path));
        let mut entry = Entry {
            kind,
            name: document_name(name, &row.slug),
            slug: row.slug.clone(),
            origin,
            path_before: None,
            mode: None,
            path,
            original,
            steps: self.plan.steps_for(self.catalog, name, origin),
            direction: self.plan.direction_of(origin),
            left_out: false,
        };
        if let Some(index) = in_git {
            // A remove ends Git's document before the import brings another in under its name.
            let ended = entries.swap_remove(index);
            (entry.path_before, entry.mode) = (ended.path_before, ended.mode);
        }
        entries.push(entry);
    }

    /// Adds what a remove brings back. Where Git holds a document of the name, that stays, and fails at the remove; one that
    /// an import above the remove had brought in is the store's again.
    fn bring_back(&self, entries: &mut Vec<Entry>, returned: &Returned) {
        let planned = &returned.planned;
        let kinds = self.catalog.kinds().iter();
        let Some(kind) = kinds.clone().position(|kind| kind.name == planned.kind) else {
            return;
        };
        let found: Vec<(String, u32, Original)> = match &returned.from {
            From::Nowhere => Vec::new(),
            From::Step(text) => {
                let shape = planned.version.saturating_sub(1);
                vec![(String::new(), shape, Original::OfStep(text.clone()))]
            }
            From::History(past) => {
                let held = past.entries().iter();
                let held = held.filter(|entry| {
                    entry.kind == kind
                        && entry.origin == Origin::Git
                        && !entry.left_out
                        && !migrate::removes(self.catalog, &entry.steps)
                });
                let shape = self.plan.target;
                held.map(|entry| (entry.slug.clone(), shape, Original::Past(past.clone())))
                    .collect()
            }
        };
        for (slug, shape, original) in found {
            let same = |entry: &Entry| entry.kind == kind && entry.slug == slug;
            let ended = match entries.iter().position(same) {
                Some(index) if entries[index].left_out => entries.swap_remove(index).path_before,
                Some(_) => continue,
                None => None,
            };
            let name = &planned.kind;
            let origin = Origin::BroughtBack { shape };
            let path = self
                .catalog
                .path_at(&self.catalog.kinds()[kind], self.plan.target)
                .path_of(&slug)
                .map_err(MigrationErrorKind::Path);
            let path = match path {
                Ok(path) if Some(&path) == ended.as_ref() => Ok(path),
                path => path.and_then(|path| self.free(path)),
            };
            entries.push(Entry {
                kind,
                name: document_name(name, &slug),
                slug,
                origin,
                path_before: None,
                mode: None,
                path,
                original,
                steps: self.plan.steps_for(self.catalog, name, origin),
                direction: self.plan.direction_of(origin),
                left_out: false,
            });
        }
    }

    fn is_left_out(&self, kind: &str) -> bool {
        let mut undone = self.plan.undone_imports(self.catalog);
        undone.any(|row| row.kind == kind)
    }

    fn path_at_target(&self, found: &FoundDocument) -> Result<String, MigrationErrorKind> {
        let kind = &self.catalog.kinds()[found.kind];
        self.catalog
            .path_at(kind, self.plan.target)
            .path_of(&found.slug)
            .map_err(MigrationErrorKind::Path)
    }

    /// The path, unless something in Git that neither moves away nor is removed lies there.
    fn free(&self, path: String) -> Result<String, MigrationErrorKind> {
        let staying = self.staying.get_or_init(|| self.staying());
        check_free(staying.contains(&*path), &self.layout.nested, path)
            .map_err(MigrationErrorKind::Path)
    }

    fn staying(&self) -> BTreeSet<&'l str> {
        let documents = self.layout.documents.iter().filter(|found| {
            let kind = &self.catalog.kinds()[found.kind].name;
            let steps = self.plan.steps_for(self.catalog, kind, Origin::Git);
            !migrate::removes(self.catalog, &steps)
                && self
                    .path_at_target(found)
                    .map_or(true, |path| path == found.path)
        });
        documents
            .map(|found| &*found.path)
            .chain(self.layout.unclaimed.iter().map(String::as_str))
            .collect()
    }
}

/// The path below the base path, unless it is taken or another project's.
pub(crate) fn check_free(
    is_taken: bool,
    nested: &[String],
    path: String,
) -> Result<String, String> {
    if is_taken {
        return Err(format!(
            "it belongs at {path} now, and something else lies there: move that away first"
        ));
    }
    let other = nested.iter().find(|folder| {
        path.strip_prefix(folder.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    });
    match other {
        Some(folder) => Err(format!(
            "it belongs at {path}, and {folder} has a marker of its own: it is another project's folder"
        )),
        None => Ok(path),
    }
}

/// Such paths would be one file on many users' disks.
fn refuse_paths_that_differ_in_case_only(entries: &mut [Entry]) {
    let mut by_folded: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        if let Ok(path) = &entry.path {
            by_folded
                .entry(path.to_lowercase())
                .or_default()
                .push(index);
        }
    }
    for same in by_folded.into_values().filter(|same| same.len() > 1) {
        for &index in &same {
            // What Git holds already is the user's own; what comes in must fit in.
            if entries[index].origin == Origin::Git {
                continue;
            }
            let others: Vec<&str> = same
                .iter()
                .filter(|other| **other != index)
                .map(|other| &*entries[*other].name)
                .collect();
            let reason = format!(
                "its path differs from that of {} in upper and lower case only",
                others.join(", ")
            );
            entries[index].path = Err(MigrationErrorKind::Path(reason));
        }
    }
}
