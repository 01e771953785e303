//! The documents of a lift before their migration: those that the source holds, those that imports add, and those that removes
//! bring back.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::held::{Held, HeldDocument};
use super::path::{CheckName, Paths};
use super::rows::{StoredRow, StoredRows};
use crate::catalog::{Catalog, DocumentName};
use crate::migrate::{MigrationErrorKind, removes};
use crate::plan::{
    Direction, Origin, Plan, PlannedImport, PlannedReturn, Refusal, Source as RowSource,
};

/// A document before its migration. `P` is the past that a remove brings documents back from.
pub(crate) struct Entry<P> {
    pub(crate) name: DocumentName,
    /// The index of the kind in [`Catalog::kinds`].
    pub(crate) kind: usize,
    pub(crate) origin: Origin,
    /// The index in [`Held::documents`] of the source's document of this name. Also set if a remove ends that document before an
    /// import adds another.
    pub(crate) held: Option<usize>,
    /// Its path at the target, below the base path.
    pub(crate) path: Result<String, MigrationErrorKind>,
    pub(crate) original: Original<P>,
    /// The steps that run on it, as indexes in the catalog, in run order.
    pub(crate) steps: Arc<[usize]>,
    pub(crate) direction: Direction,
    /// An import skipped it because the source holds it.
    pub(crate) kept: bool,
    /// Its import is undone: below the import, the server keeps the document itself.
    pub(crate) left_out: bool,
}

/// What a document is made from.
pub(crate) enum Original<P> {
    /// What the source holds: the index in [`Held::documents`].
    Held(usize),
    /// A row of the store.
    Stored {
        row: Arc<StoredRow>,
        source: RowSource,
    },
    /// The document of the same name in the past, which is migrated to the target there.
    Past(Arc<P>),
    /// The text that a remove states.
    OfStep(Arc<str>),
    /// It can't be read or imported.
    Refused(MigrationErrorKind),
}

/// What a remove brings back.
pub(super) enum Returned<P> {
    /// The documents of these slugs, from the past.
    Past(Arc<P>, Vec<String>),
    /// The text that the step states, in the shape just below the remove.
    Step(Arc<str>),
}

/// What entries are made from.
pub(super) struct Parts<'l> {
    pub(super) catalog: &'l Catalog,
    pub(super) plan: &'l Plan,
    pub(super) held: &'l Held,
    pub(super) rows: Option<&'l StoredRows>,
    pub(super) check_name: CheckName,
}

/// Every document with the steps that run on it, by kind and slug.
pub(super) fn entries<P>(
    parts: &Parts<'_>,
    returned: Vec<(PlannedReturn, Returned<P>)>,
) -> Vec<Entry<P>> {
    let mut builder = Builder {
        parts,
        kept: parts.plan.kept().collect(),
        left_out: parts
            .plan
            .undone_imports(parts.catalog)
            .map(|row| row.kind.as_str())
            .collect(),
        steps: RefCell::default(),
        entries: BTreeMap::new(),
    };
    for (index, document) in parts.held.documents.iter().enumerate() {
        builder.hold(index, document);
    }
    for import in &parts.plan.imports {
        builder.import(import);
    }
    for (planned, returned) in returned {
        builder.bring_back(&planned, returned);
    }
    let mut entries: Vec<Entry<P>> = builder.entries.into_values().collect();
    refuse_paths(parts, &mut entries);
    entries
}

struct Builder<'l, P> {
    parts: &'l Parts<'l>,
    /// The documents that imports skip.
    kept: BTreeSet<&'l DocumentName>,
    /// The kinds whose imports are undone.
    left_out: BTreeSet<&'l str>,
    /// The steps by kind and origin, filled on demand.
    steps: RefCell<HashMap<(usize, Origin), Arc<[usize]>>>,
    /// By kind and slug.
    entries: BTreeMap<(usize, String), Entry<P>>,
}

impl<'l, P> Builder<'l, P> {
    fn add(&mut self, entry: Entry<P>) {
        let key = (entry.kind, entry.name.slug().to_owned());
        self.entries.insert(key, entry);
    }

    /// Adds a document of the source.
    fn hold(&mut self, index: usize, document: &HeldDocument) {
        let HeldDocument { name, kind, .. } = document;
        let plan = self.parts.plan;
        self.add(Entry {
            name: name.clone(),
            kind: *kind,
            origin: Origin::Git,
            held: Some(index),
            path: self.path_of(*kind, name.slug()),
            original: match &document.content {
                Ok(_) => Original::Held(index),
                Err(reason) => Original::Refused(MigrationErrorKind::Read(reason.clone())),
            },
            steps: self.steps(*kind, Origin::Git),
            direction: plan.direction(),
            kept: self.kept.contains(name),
            left_out: self.left_out.contains(name.kind()),
        });
    }

    /// Adds what an import reads, except documents that the source holds and keeps.
    fn import(&mut self, import: &PlannedImport) {
        let kinds = self.parts.catalog.kinds().iter();
        let kind = kinds.clone().position(|kind| kind.name == import.kind);
        let (Some(kind), Some(rows)) = (kind, self.parts.rows) else {
            return;
        };
        let refused: BTreeMap<&str, &Refusal> = import
            .refused
            .iter()
            .map(|(document, refusal)| (document.slug.as_str(), refusal))
            .collect();
        let imported = import.documents.iter();
        let imported: BTreeSet<&str> = imported.map(|document| document.slug.as_str()).collect();
        for row in rows.of(import).iter() {
            let refusal = refused.get(row.slug.as_str()).copied();
            let key = (kind, row.slug.clone());
            let refused =
                |refusal: &Refusal| Original::Refused(MigrationErrorKind::Import(refusal.clone()));
            if let Some(contested @ Refusal::AlreadyInGit { .. }) = refusal
                && let Some(held) = self.entries.get_mut(&key)
            {
                // Both are the same document, and neither side may win.
                held.original = refused(contested);
                continue;
            }
            if refusal.is_none() && !imported.contains(row.slug.as_str()) {
                continue;
            }
            // A remove ends the source's document before the import adds another of its name.
            let ended = self.entries.remove(&key);
            let origin = Origin::Imported { shape: row.shape };
            let original = match refusal {
                Some(refusal) => refused(refusal),
                None => Original::Stored {
                    row: row.clone(),
                    source: import.source,
                },
            };
            let entry = Entry {
                held: ended.and_then(|ended| ended.held),
                ..self.arriving(kind, &row.slug, origin, original)
            };
            self.add(entry);
        }
    }

    /// Adds what a remove brings back. If the source holds a document of the same name, that one stays, and fails at the remove.
    /// One that an import above the remove added is left out, and is replaced.
    fn bring_back(&mut self, planned: &PlannedReturn, returned: Returned<P>) {
        let kinds = self.parts.catalog.kinds().iter();
        let Some(kind) = kinds.clone().position(|kind| kind.name == planned.kind) else {
            return;
        };
        let (shape, documents): (u32, Vec<(String, Original<P>)>) = match returned {
            Returned::Step(text) => {
                let shape = planned.version.saturating_sub(1);
                (shape, vec![(String::new(), Original::OfStep(text))])
            }
            Returned::Past(past, slugs) => {
                let of_past = |slug| (slug, Original::Past(past.clone()));
                let documents = slugs.into_iter().map(of_past).collect();
                (self.parts.plan.target, documents)
            }
        };
        for (slug, original) in documents {
            let key = (kind, slug);
            if self.entries.get(&key).is_some_and(|entry| !entry.left_out) {
                continue;
            }
            let origin = Origin::BroughtBack { shape };
            // It replaces one that is left out.
            self.add(self.arriving(kind, &key.1, origin, original));
        }
    }

    /// A document that the source doesn't hold.
    fn arriving(&self, kind: usize, slug: &str, origin: Origin, original: Original<P>) -> Entry<P> {
        let Parts { catalog, plan, .. } = *self.parts;
        let name = DocumentName::new(&catalog.kinds()[kind].name, slug);
        Entry {
            kind,
            origin,
            held: None,
            path: self.path_of(kind, slug),
            original,
            steps: self.steps(kind, origin),
            direction: plan.direction_of(origin),
            kept: false,
            left_out: false,
            name,
        }
    }

    /// The steps that run on a document of a kind.
    fn steps(&self, kind: usize, origin: Origin) -> Arc<[usize]> {
        let Parts { catalog, plan, .. } = *self.parts;
        let mut known = self.steps.borrow_mut();
        let steps = known.entry((kind, origin)).or_insert_with(|| {
            let kind = &catalog.kinds()[kind].name;
            plan.steps_for(catalog, kind, origin).into()
        });
        steps.clone()
    }

    /// The path of a document at the target.
    fn path_of(&self, kind: usize, slug: &str) -> Result<String, MigrationErrorKind> {
        let Parts { catalog, plan, .. } = *self.parts;
        catalog
            .path_at(&catalog.kinds()[kind], plan.target)
            .path_of(slug)
            .map_err(MigrationErrorKind::Path)
    }
}

/// Refuses documents whose new path is taken, or can't be checked out on every system.
fn refuse_paths<P>(parts: &Parts<'_>, entries: &mut [Entry<P>]) {
    let Parts {
        catalog,
        plan,
        held,
        check_name,
        ..
    } = *parts;
    let path_before = |entry: &Entry<P>| entry.held.map(|index| &held.documents[index].path);
    let is_new = |entry: &Entry<P>| {
        let path = entry.path.as_ref().ok();
        path.is_some() && path != path_before(entry)
    };
    if !entries.iter().any(is_new) {
        return;
    }
    let is_moved = |entry: &Entry<P>| is_new(entry) && entry.origin == Origin::Git;
    let stays = |entry: &&Entry<P>| !removes(catalog, &entry.steps);
    let mut paths = Paths::new(held, check_name);
    paths.take(catalog.marker_path_at(plan.target));
    for entry in entries.iter().filter(stays).filter(|entry| !is_new(entry)) {
        let path = entry.path.as_ref().ok().or(path_before(entry));
        path.into_iter().for_each(|path| paths.take(path));
    }
    // The user chose the existing paths of the source's documents.
    let moved = entries.iter_mut().filter(|entry| is_moved(entry));
    refuse(moved, |path| paths.check_free(path));
    for entry in entries.iter().filter(stays).filter(|entry| is_new(entry)) {
        entry.path.iter().for_each(|path| paths.take(path));
    }
    let brought_in = entries
        .iter_mut()
        .filter(|entry| is_new(entry) && !is_moved(entry));
    refuse(brought_in, |path| {
        paths.leave(path);
        let checked = paths.check(path);
        paths.take(path);
        checked
    });
}

fn refuse<'e, P: 'e>(
    entries: impl Iterator<Item = &'e mut Entry<P>>,
    mut check: impl FnMut(&str) -> Result<(), String>,
) {
    for entry in entries {
        if let Err(reason) = entry.path.iter().try_for_each(|path| check(path)) {
            entry.path = Err(MigrationErrorKind::Path(reason));
        }
    }
}
