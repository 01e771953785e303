//! The tables as SQLite sees them: the one file of this crate with `unsafe` in it.
//!
//! `rusqlite` has the functions that SQLite calls; they call the traits below, which are `unsafe` for two reasons alone: SQLite casts
//! the pointers to our values to pointers to its own, so the layout of those must be as it expects; and a panic must not leave
//! such a function, since that would abort the process. So every method runs its work in [`guarded`].
//!
//! Architecture Invariant: nothing here dereferences a pointer, and nothing outside of this file is `unsafe`.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ffi::{CStr, CString, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::{Null, ValueRef};
use rusqlite::vtab::{
    Context, Filters, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor,
    sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Connection, Error, Result};

use super::condition::{Comparison, Conditions, Test, read};
use super::error::QueryError;
use super::plan::choose;
use super::rows::{Arguments, Field, Rows, open};
use super::shared::Shared;
use super::table::{TABLES, TableInfo};
use crate::text::panic_message;

/// A table of a connection.
#[repr(C)]
struct Table {
    /// SQLite's own part. First, as SQLite casts pointers to `Table` to pointers to it.
    base: sqlite3_vtab,
    source: Arc<Source>,
}

/// A scan of a table.
#[repr(C)]
struct Scan {
    /// SQLite's own part. First, as SQLite casts pointers to `Scan` to pointers to it.
    base: sqlite3_vtab_cursor,
    source: Arc<Source>,
    rows: Option<Box<dyn Rows>>,
    has_ended: bool,
}

/// Opens the rows of a table.
type Open =
    fn(&TableInfo, &Arc<Shared>, Conditions, &Arguments) -> Result<Box<dyn Rows>, QueryError>;

/// What a table's rows come from.
struct Source {
    info: TableInfo,
    shared: Arc<Shared>,
    open: Open,
}

/// Makes the tables known to a connection.
pub(super) fn register(connection: &Connection, shared: &Arc<Shared>) -> Result<()> {
    TABLES
        .iter()
        .try_for_each(|info| register_one(connection, info, shared, open))
}

fn register_one(
    connection: &Connection,
    info: &TableInfo,
    shared: &Arc<Shared>,
    open: Open,
) -> Result<()> {
    let source = Source {
        info: *info,
        shared: shared.clone(),
        open,
    };
    let module = &const { Module::<'static, Table>::eponymous_only_module() };
    connection.create_module(info.name, module, Some(Arc::new(source)))
}

// SAFETY: the trait asks that `sqlite3_vtab` is the first field and that the struct is `#[repr(C)]`; both hold above. All of `base`
// is zero at first, which the C struct allows; only SQLite and `rusqlite` change it. `Table` owns the rest of its fields, and
// `rusqlite` boxes it and drops it as a `Table`.
unsafe impl VTab<'static> for Table {
    type Aux = Arc<Source>;
    type Cursor = Scan;

    fn connect(
        connection: &mut VTabConnection,
        source: Option<&Arc<Source>>,
        _module: &[u8],
        _database: &[u8],
        _table: &[u8],
        _arguments: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Table)> {
        let Some(source) = source else {
            return Err(Error::ModuleError("the table has no source".into()));
        };
        guarded(&source.shared, || {
            connection.config(VTabConfig::DirectOnly)?;
            let declaration = CString::new(source.info.declaration())?;
            let table = Table {
                base: sqlite3_vtab::default(),
                source: source.clone(),
            };
            Ok((declaration.into(), table))
        })
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        guarded(&self.source.shared, || choose(&self.source.info, info))
    }

    fn open(&'static mut self) -> Result<Scan> {
        Ok(Scan {
            base: sqlite3_vtab_cursor::default(),
            source: self.source.clone(),
            rows: None,
            has_ended: true,
        })
    }
}

// SAFETY: the trait asks that `sqlite3_vtab_cursor` is the first field and that the struct is `#[repr(C)]`; both hold above. All of
// `base` is zero at first, which the C struct allows; only SQLite changes it. `Scan` owns the rest of its fields, so that it may
// outlive the `Table` that opened it, and `rusqlite` boxes it and drops it as a `Scan`.
unsafe impl VTabCursor for Scan {
    fn filter(&mut self, arguments: c_int, plan: Option<&str>, values: &Filters<'_>) -> Result<()> {
        let Scan {
            source,
            rows,
            has_ended,
            ..
        } = self;
        guarded(&source.shared, || {
            *rows = None;
            *has_ended = true;
            let plan = plan.unwrap_or_default();
            if let Some((conditions, arguments)) = wanted(&source.info, arguments, plan, values)? {
                let opened = (source.open)(&source.info, &source.shared, conditions, &arguments);
                *rows = Some(opened.map_err(|error| failed(&source.shared, error))?);
            }
            step(source, rows, has_ended)
        })
    }

    fn next(&mut self) -> Result<()> {
        let Scan {
            source,
            rows,
            has_ended,
            ..
        } = self;
        guarded(&source.shared, || step(source, rows, has_ended))
    }

    fn eof(&self) -> bool {
        self.has_ended
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        guarded(&self.source.shared, || {
            let column = usize::try_from(column).unwrap_or(usize::MAX);
            let field = match &self.rows {
                Some(rows) => rows.field(column),
                None => Ok(Field::Null),
            };
            match field.map_err(|error| failed(&self.source.shared, error))? {
                Field::Null => context.set_result(Null),
                Field::Integer(number) => context.set_result(number),
                Field::Text(text) => context.set_result(&*text),
            }
        })
    }

    fn rowid(&self) -> Result<i64> {
        guarded(&self.source.shared, || {
            Ok(self.rows.as_ref().map_or(0, |rows| rows.id()))
        })
    }
}

/// Goes to the next row.
fn step(source: &Source, rows: &mut Option<Box<dyn Rows>>, has_ended: &mut bool) -> Result<()> {
    // Where it panics or fails, there is no row.
    *has_ended = true;
    if let Some(rows) = rows {
        let advanced = rows.advance();
        *has_ended = !advanced.map_err(|error| failed(&source.shared, error))?;
    }
    Ok(())
}

/// Reads what a scan is to find; `None` where it can't find anything.
fn wanted(
    info: &TableInfo,
    bits: c_int,
    plan: &str,
    values: &Filters<'_>,
) -> Result<Option<(Conditions, Arguments)>> {
    let Some(pushed) = read(info, plan) else {
        return Err(Error::ModuleError(format!("the plan `{plan}` is unknown")));
    };
    let mut all = values.iter();
    let mut arguments = Arguments::default();
    let mut place = 0;
    for bit in 0..2 {
        if bits & (1 << bit) == 0 {
            continue;
        }
        place += 1;
        let text = match all.next() {
            // An argument that is NULL fits nothing, as for any function.
            Some(ValueRef::Null) | None => return Ok(None),
            Some(ValueRef::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Some(ValueRef::Integer(number)) => number.to_string(),
            Some(ValueRef::Real(number)) => number.to_string(),
            Some(ValueRef::Blob(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        };
        match bit {
            0 => arguments.revision = Some(text),
            _ => arguments.selector = Some(text),
        }
    }
    let mut conditions = Conditions::default();
    for (condition, value) in pushed.iter().zip(all) {
        let test = match (condition.comparison, value) {
            (Comparison::In, _) => {
                let texts = one_of(values, place)?;
                texts.map(Test::OneOf)
            }
            // Nothing is equal to NULL, nor like it.
            (_, ValueRef::Null) => return Ok(None),
            (comparison, ValueRef::Text(text)) => {
                let text = std::str::from_utf8(text).ok();
                text.map(|text| match comparison {
                    Comparison::Glob => Test::glob(text),
                    Comparison::Like => Test::like(text),
                    _ => Test::OneOf(vec![text.to_owned()]),
                })
            }
            // SQLite compares other types by rules of its own.
            _ => None,
        };
        if let Some(test) = test {
            conditions.push(condition.column, test);
        }
        place += 1;
    }
    Ok(Some((conditions, arguments)))
}

/// The texts of an `IN`; `None` if there is anything else among them.
fn one_of(values: &Filters<'_>, place: usize) -> Result<Option<Vec<String>>> {
    let mut texts = Vec::new();
    let mut list = values.in_values(place)?;
    while let Some(value) = list.next()? {
        match value {
            ValueRef::Null => {}
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => texts.push(text.to_owned()),
                Err(_) => return Ok(None),
            },
            _ => return Ok(None),
        }
    }
    Ok(Some(texts))
}

/// Notes why the query fails, and tells SQLite.
fn failed(shared: &Shared, error: QueryError) -> Error {
    let message = error.to_string();
    shared.fail(error);
    Error::ModuleError(message)
}

/// Turns a panic into an error. (Where panics abort, as in the release profile, there is none to turn.)
fn guarded<T>(shared: &Shared, work: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done,
        Err(panic) => Err(failed(
            shared,
            QueryError::Defect(panic_message(&*panic).to_owned()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::project::Project;
    use crate::query::options::QueryOptions;
    use crate::query::sources::Sources;
    use crate::query::table::LEAVES;

    /// Rows that panic where the revision says so.
    struct Panicking {
        at: String,
        given: bool,
    }

    impl Panicking {
        fn may(&self, place: &str) {
            assert!(self.at != place, "on purpose, in {place}");
        }
    }

    impl Rows for Panicking {
        fn advance(&mut self) -> std::result::Result<bool, QueryError> {
            self.may(if self.given { "next" } else { "first" });
            let is_first = !self.given;
            self.given = true;
            Ok(is_first)
        }

        fn field(&self, _: usize) -> std::result::Result<Field<'_>, QueryError> {
            self.may("column");
            Ok(Field::Integer(1))
        }

        fn id(&self) -> i64 {
            self.may("rowid");
            1
        }
    }

    fn panicking(
        _: &TableInfo,
        _: &Arc<Shared>,
        _: Conditions,
        arguments: &Arguments,
    ) -> std::result::Result<Box<dyn Rows>, QueryError> {
        let rows = Panicking {
            at: arguments.revision.clone().unwrap_or_default(),
            given: false,
        };
        rows.may("open");
        Ok(Box::new(rows))
    }

    #[test]
    fn a_panic_in_a_table_is_an_error_of_the_query() {
        let folder = tempfile::tempdir().unwrap();
        let mut init = Command::new("git");
        init.args(["init", "--quiet", "--initial-branch=main"])
            .current_dir(folder.path());
        assert!(init.status().unwrap().success());
        let project = Project::open(folder.path()).unwrap();
        let sources = Sources::new(&project, &QueryOptions::default()).unwrap();
        let shared = Arc::new(Shared::new(sources, None));
        let connection = Connection::open_in_memory().unwrap();
        register_one(&connection, &LEAVES, &shared, panicking).unwrap();
        let read = |at: &str| -> Result<i64> {
            let sql = format!("SELECT value + rowid FROM leaves('{at}')");
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query([])?;
            let value = rows.next()?.map_or(Ok(0), |row| row.get(0));
            while rows.next()?.is_some() {}
            value
        };
        for at in ["open", "first", "next", "column", "rowid"] {
            let error = read(at).unwrap_err().to_string();
            assert!(error.contains("a defect of this program"), "{at}: {error}");
            let fault = shared.take_fault();
            let Some(QueryError::Defect(message)) = fault else {
                panic!("{at}: {fault:?}");
            };
            assert_eq!(message, format!("on purpose, in {at}"));
        }
        assert_eq!(read("nowhere").unwrap(), 2, "and it still works");
    }
}
