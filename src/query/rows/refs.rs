//! `refs`: a row for each ref and each project in it.

use std::sync::Arc;

use super::row::{Field, Rows};
use super::walk::FEW;
use crate::query::condition::Conditions;
use crate::query::error::QueryError;
use crate::query::shared::Shared;
use crate::query::sources::{Entry, Held, HeldBase};
use crate::query::table::refs::{
    BASE_PATH, COMMIT, DOCUMENTS, ENVIRONMENT, ERROR, FULL_NAME, NAME, PENDING, VERSION,
};

pub(super) struct RefRows {
    shared: Arc<Shared>,
    conditions: Conditions,
    entries: std::vec::IntoIter<u32>,
    /// How many refs were begun.
    begun: usize,
    current: Option<Current>,
}

struct Current {
    number: u32,
    entry: Arc<Entry>,
    held: Arc<Held>,
    base: usize,
}

impl RefRows {
    pub(super) fn open(shared: Arc<Shared>, conditions: Conditions) -> Result<RefRows, QueryError> {
        let mut sources = shared.sources();
        let is_wanted = |entry: &Entry| {
            conditions.admit(NAME, Some(&entry.name))
                && conditions.admit(FULL_NAME, entry.full_name.as_deref())
                && conditions.admit(ENVIRONMENT, entry.environment.as_deref())
        };
        let entries = sources.listed(conditions.texts(NAME), is_wanted);
        drop(sources);
        Ok(RefRows {
            shared,
            conditions,
            entries: entries.into_iter(),
            begun: 0,
            current: None,
        })
    }

    fn current(&self) -> &Current {
        let current = self.current.as_ref();
        current.expect("a column is asked for only on a row")
    }
}

impl Current {
    /// The base path; `None` where the ref has none.
    fn base(&self) -> Option<&HeldBase> {
        self.held.bases.get(self.base)
    }
}

impl Rows for RefRows {
    fn advance(&mut self) -> Result<bool, QueryError> {
        loop {
            let next = match &mut self.current {
                Some(current) if current.base + 1 < current.held.bases.len() => {
                    current.base += 1;
                    true
                }
                _ => {
                    self.shared.check_time()?;
                    let mut sources = self.shared.sources();
                    if self.begun == FEW {
                        sources.prepare(self.entries.as_slice())?;
                    }
                    self.begun += 1;
                    let next = self.entries.next();
                    self.current = next.map(|number| Current {
                        number,
                        entry: sources.entry(number),
                        held: sources.held(number),
                        base: 0,
                    });
                    next.is_some()
                }
            };
            let Some(current) = self.current.as_ref().filter(|_| next) else {
                return Ok(false);
            };
            let base_path = current.base().map(|base| &*base.path);
            if self.conditions.admit(BASE_PATH, base_path) {
                return Ok(true);
            }
        }
    }

    fn field(&self, column: usize) -> Result<Field<'_>, QueryError> {
        let current = self.current();
        let base = current.base();
        let project = base.and_then(|base| base.project.as_ref().ok());
        let number = |number: Option<usize>| number.map_or(Field::Null, Field::number);
        Ok(match column {
            NAME => Field::text(&current.entry.name),
            FULL_NAME => Field::some(current.entry.full_name.as_deref()),
            COMMIT => {
                let commit = self.shared.sources().commit(current.number);
                commit.map_or(Field::Null, |commit| Field::owned(commit.to_string()))
            }
            ENVIRONMENT => Field::some(current.entry.environment.as_deref()),
            BASE_PATH => Field::some(base.map(|base| &*base.path)),
            VERSION => match project.and_then(|project| project.version) {
                Some(version) => Field::Integer(i64::from(version)),
                None => Field::Null,
            },
            PENDING => {
                let project = project.filter(|project| project.version.is_some());
                number(project.map(|project| project.pending))
            }
            DOCUMENTS => number(project.map(|project| project.names.len())),
            ERROR => {
                let of_base = base.and_then(|base| base.project.as_ref().err());
                Field::some(current.held.error.as_deref().or(of_base.map(|it| &**it)))
            }
            _ => Field::Null,
        })
    }

    fn id(&self) -> i64 {
        let current = self.current();
        i64::from(current.number) << 24 | (current.base & 0xff_ffff) as i64
    }
}
