//! The documents of refs, one after the other.

use std::sync::Arc;

use super::row::{Arguments, Field};
use crate::catalog::DocumentName;
use crate::project::join;
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::sources::{Entry, Held, HeldProject};
use crate::query::table::documents::{DOCUMENT, ENVIRONMENT, KIND, REF, SLUG};

/// Where a table that is made of documents has columns that others have elsewhere, and which documents it is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentTable {
    pub(super) base_path: usize,
    pub(super) path: usize,
    pub(super) revision: usize,
    /// Whether it has the columns `kind` and `slug` of `documents`.
    pub(super) has_kind: bool,
    /// Whether documents count that only the ref of everybody's defaults has.
    pub(super) with_defaults: bool,
}

/// The documents that a scan is about, ref by ref. Nothing of a document is read for it.
pub(super) struct DocumentWalk {
    shared: Arc<Shared>,
    conditions: Conditions,
    table: DocumentTable,
    entries: std::vec::IntoIter<u32>,
    /// How many refs were begun.
    begun: usize,
    current: Option<Current>,
}

/// Where the walk is.
struct Current {
    number: u32,
    entry: Arc<Entry>,
    held: Arc<Held>,
    base: usize,
    /// The documents of the base path that are still to come.
    documents: std::ops::Range<usize>,
    document: usize,
    /// The number of the base path's first document.
    slot: u64,
}

impl DocumentWalk {
    pub(super) fn open(
        shared: Arc<Shared>,
        conditions: Conditions,
        arguments: &Arguments,
        table: DocumentTable,
    ) -> Result<DocumentWalk, QueryError> {
        let mut sources = shared.sources();
        let entries = match &arguments.revision {
            Some(revision) => {
                let entry = sources.argument(revision);
                let is_wanted = is_wanted(&conditions, &sources.entry(entry));
                Vec::from_iter(is_wanted.then_some(entry))
            }
            None => {
                let names = conditions.texts(REF);
                sources.listed(names, |entry| is_wanted(&conditions, entry))
            }
        };
        drop(sources);
        Ok(DocumentWalk {
            shared,
            conditions,
            table,
            entries: entries.into_iter(),
            begun: 0,
            current: None,
        })
    }

    pub(super) fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Goes to the next document; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, QueryError> {
        loop {
            if let Some(current) = &mut self.current {
                if let Some(document) = current.documents.next() {
                    let name = &project(&current.held, current.base).names[document];
                    current.document = document;
                    if admits(&self.conditions, name, self.table.has_kind) {
                        self.shared.check_time()?;
                        return Ok(true);
                    }
                    continue;
                }
                if self.next_base(None)? {
                    continue;
                }
            }
            self.shared.check_time()?;
            let Some(number) = self.next_entry()? else {
                self.current = None;
                return Ok(false);
            };
            let mut sources = self.shared.sources();
            let current = Current {
                number,
                entry: sources.entry(number),
                held: if self.table.with_defaults {
                    sources.held_with_defaults(number)
                } else {
                    sources.held(number)
                },
                base: 0,
                documents: 0..0,
                document: 0,
                slot: 0,
            };
            drop(sources);
            self.current = Some(current);
            self.next_base(Some(0))?;
        }
    }

    fn next_entry(&mut self) -> Result<Option<u32>, QueryError> {
        // With a `LIMIT`, few may be needed; else all are.
        if self.begun == FEW {
            self.shared.sources().prepare(self.entries.as_slice())?;
        }
        self.begun += 1;
        Ok(self.entries.next())
    }

    /// Goes to the next base path that has documents, or to this one; false if there is none.
    fn next_base(&mut self, first: Option<usize>) -> Result<bool, QueryError> {
        let Some(current) = &mut self.current else {
            return Ok(false);
        };
        let mut base = first.unwrap_or(current.base + 1);
        while let Some(held) = current.held.bases.get(base) {
            if let Ok(project) = &held.project
                && self
                    .conditions
                    .admit(self.table.base_path, Some(&held.path))
            {
                current.base = base;
                current.documents = documents(&self.conditions, project);
                let mut sources = self.shared.sources();
                current.slot = sources.slot(current.number, base, project.names.len());
                return Ok(true);
            }
            base += 1;
        }
        current.documents = 0..0;
        current.base = base;
        Ok(false)
    }

    fn current(&self) -> &Current {
        let current = self.current.as_ref();
        current.expect("a column is asked for only on a row")
    }

    fn entry(&self) -> &Entry {
        &self.current().entry
    }

    pub(super) fn number(&self) -> u32 {
        self.current().number
    }

    pub(super) fn base(&self) -> usize {
        self.current().base
    }

    fn base_path(&self) -> &str {
        let current = self.current();
        &current.held.bases[current.base].path
    }

    pub(super) fn document(&self) -> usize {
        self.current().document
    }

    pub(super) fn name(&self) -> &DocumentName {
        let current = self.current();
        &project(&current.held, current.base).names[current.document]
    }

    /// A number that no other document of a ref has.
    pub(super) fn slot(&self) -> u64 {
        let current = self.current();
        current.slot + current.document as u64
    }

    /// A number that no other row of a table has, for one of the document's rows.
    pub(super) fn id_of(&self, row: usize) -> i64 {
        // Documents are counted as they are met, and 2^31 of them take more memory than there is.
        i64::try_from(self.slot() << 32 | row as u64).unwrap_or(i64::MAX)
    }

    /// The document's file at the version of the query.
    fn path(&self) -> Option<String> {
        let sources = self.shared.sources();
        let catalog = sources.project().catalog();
        let name = self.name();
        let kind = catalog.kind(name.kind())?;
        let path = catalog.path_at(kind, sources.target()).path_of(name.slug());
        Some(join(self.base_path(), &path.ok()?))
    }

    /// The columns that all tables made of documents have.
    pub(super) fn field(&self, column: usize) -> Field<'_> {
        match column {
            REF => Field::text(&self.entry().name),
            ENVIRONMENT => Field::some(self.entry().environment.as_deref()),
            DOCUMENT => Field::text(self.name().as_str()),
            KIND => Field::text(self.name().kind()),
            SLUG => Field::text(self.name().slug()),
            column if column == self.table.base_path => Field::text(self.base_path()),
            column if column == self.table.path => self.path().map_or(Field::Null, Field::owned),
            column if column == self.table.revision => {
                Field::some(self.entry().argument.as_deref())
            }
            _ => Field::Null,
        }
    }
}

/// So many refs are looked up one by one, and the rest at once.
pub(super) const FEW: usize = 64;

fn project(held: &Held, base: usize) -> &HeldProject {
    let project = held.bases[base].project.as_ref();
    project.expect("only base paths that hold a project are walked")
}

fn is_wanted(conditions: &Conditions, entry: &Entry) -> bool {
    conditions.admit(REF, Some(&entry.name))
        && conditions.admit(ENVIRONMENT, entry.environment.as_deref())
}

fn admits(conditions: &Conditions, name: &DocumentName, has_kind: bool) -> bool {
    let fits = conditions.admit(DOCUMENT, Some(name.as_str()));
    let fits_kind =
        || conditions.admit(KIND, Some(name.kind())) && conditions.admit(SLUG, Some(name.slug()));
    fits && (!has_kind || fits_kind())
}

/// The documents to look at: one, where its name is given.
fn documents(conditions: &Conditions, project: &HeldProject) -> std::ops::Range<usize> {
    let all = 0..project.names.len();
    let Some([name]) = conditions.texts(DOCUMENT) else {
        return all;
    };
    match name.parse().ok().and_then(|name| project.place(&name)) {
        Some(place) => place..place + 1,
        None => 0..0,
    }
}
