//! What a store asks of a database's driver. All texts go as bytes: what a database does to characters, to collations and to
//! spaces at the end stays out of it.

use std::any::Any;

use super::version::Schema;

/// A parameter of a statement. A statement uses its parameters in their order, each once, so that `$1` can become `?`.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Value<'a> {
    Null,
    Integer(i64),
    Bytes(&'a [u8]),
}

/// A column of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Cell {
    Null,
    Integer(i64),
    Bytes(Vec<u8>),
}

/// One connection to a server, and the transaction that it is in.
pub(in crate::store) trait Connection: Send {
    /// The rows of a query.
    fn query(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<Vec<Record>, Failure>;

    /// How many rows a statement changed.
    fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<u64, Failure>;

    /// Inserts one row, and returns the number that the database gave its column `id`.
    fn insert(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<i64, Failure>;

    /// Begins a transaction, and asks its first question, whose answers are numbers.
    fn begin_with(
        &mut self,
        begin: &str,
        sql: &str,
        parameters: &[Value<'_>],
    ) -> Result<Vec<Record>, Failure> {
        self.batch(begin)?;
        self.query(sql, parameters)
    }

    /// Runs statements that take no parameters and return nothing.
    fn batch(&mut self, sql: &str) -> Result<(), Failure>;

    /// The driver's own connection.
    fn driver(&mut self) -> &mut dyn Any;
}

/// What differs between databases, beside their tables.
pub(in crate::store) trait Dialect: Send + Sync {
    /// A new connection, ready for use.
    fn connect(&self) -> Result<Box<dyn Connection>, Failure>;

    /// What begins a transaction that sees each statement's own moment and waits for locks, but not for ever.
    fn begin_writing(&self) -> &str;

    /// What begins a transaction that sees one moment and changes nothing.
    fn begin_reading(&self) -> &str;

    /// What the server calls itself, with its version.
    fn server(&self, connection: &mut dyn Connection) -> Result<String, Failure>;

    /// Its tables.
    fn layout(&self) -> &'static Layout;

    /// Whether each statement that changes tables is a transaction of its own, so that some of them may be done and others not.
    fn is_changed_in_parts(&self) -> bool {
        false
    }

    /// Carries out statements that change tables, in the transaction where the database can.
    fn change(&self, connection: &mut dyn Connection, statements: &str) -> Result<(), Failure> {
        connection.batch(statements)
    }

    /// Waits until nobody else changes the tables, and keeps them from it as long as the connection lives. For databases in which
    /// the transaction that changes tables doesn't do so.
    fn hold_tables(&self, _: &mut dyn Connection) -> Result<(), Failure> {
        Ok(())
    }
}

/// A dialect's tables: which there should be, and how to look at those that are there.
pub(in crate::store) struct Layout {
    /// Every released version, oldest first.
    pub(in crate::store) schemas: &'static [Schema],
    /// The same of the next release. For tests.
    #[cfg(feature = "fault-injection")]
    pub(in crate::store) next: &'static [Schema],
    /// The names of the tables where the store's would be.
    pub(in crate::store) names: fn(&mut dyn Connection) -> Result<Vec<String>, Failure>,
    /// What of the tables differs from what statements would make of nothing. In the caller's transaction, which is rolled back.
    pub(in crate::store) differences:
        fn(&mut dyn Connection, whole: &str) -> Result<Vec<String>, Failure>,
}

/// A row as it came.
#[derive(Debug)]
pub(in crate::store) struct Record(std::vec::IntoIter<Cell>);

impl Record {
    pub(in crate::store) fn new(cells: Vec<Cell>) -> Record {
        Record(cells.into_iter())
    }

    /// The next column.
    fn next(&mut self) -> Result<Cell, Failure> {
        self.0
            .next()
            .ok_or_else(|| Failure::new(Kind::Unreadable, "a column is missing"))
    }

    pub(in crate::store) fn integer_or_null(&mut self) -> Result<Option<i64>, Failure> {
        match self.next()? {
            Cell::Null => Ok(None),
            Cell::Integer(number) => Ok(Some(number)),
            Cell::Bytes(_) => Err(Failure::new(
                Kind::Unreadable,
                "text where a number should be",
            )),
        }
    }

    pub(in crate::store) fn integer(&mut self) -> Result<i64, Failure> {
        self.integer_or_null()?
            .ok_or_else(|| Failure::new(Kind::Unreadable, "a number is missing"))
    }

    /// A number that is never negative.
    pub(in crate::store) fn number(&mut self) -> Result<u32, Failure> {
        let number = self.integer()?;
        u32::try_from(number).map_err(|_| {
            Failure::new(
                Kind::Unreadable,
                format!("{number} where a version or a count should be"),
            )
        })
    }

    pub(in crate::store) fn text_or_null(&mut self) -> Result<Option<String>, Failure> {
        match self.next()? {
            Cell::Null => Ok(None),
            Cell::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(Failure::new(Kind::Unreadable, "text that isn't UTF-8")),
            },
            Cell::Integer(_) => Err(Failure::new(
                Kind::Unreadable,
                "a number where text should be",
            )),
        }
    }

    pub(in crate::store) fn text(&mut self) -> Result<String, Failure> {
        self.text_or_null()?
            .ok_or_else(|| Failure::new(Kind::Unreadable, "a text is missing"))
    }
}

/// Why a database refused or failed.
#[derive(Debug)]
pub(in crate::store) struct Failure {
    pub(in crate::store) kind: Kind,
    /// In the words of the database or the system; never a password.
    pub(in crate::store) why: String,
}

/// What a failure is, by what can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// A deadlock, a serialization failure, too many connections, a row that another transaction just made: try again.
    Transient,
    /// Another transaction held a row for too long.
    LockTimeout,
    /// The connection broke.
    Lost,
    /// No connection could be made.
    Unreachable,
    /// The server takes no more connections, or none yet.
    Busy,
    /// The user may not do this, or not connect.
    Denied,
    /// The transaction may not write.
    ReadOnly,
    /// No space is left.
    Full,
    /// A table isn't there.
    MissingTable,
    /// A table is there already.
    TableExists,
    /// A column, a key or a constraint is there already.
    AlreadyThere,
    /// The server can't do it.
    Unsupported,
    /// What came isn't what a store writes.
    Unreadable,
    /// Anything else.
    Other,
}

impl Failure {
    pub(in crate::store) fn new(kind: Kind, why: impl Into<String>) -> Failure {
        Failure {
            kind,
            why: why.into(),
        }
    }
}
