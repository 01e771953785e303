//! What a table gives out.

use std::borrow::Cow;

use crate::query::error::QueryError;

/// The rows of a scan, one after the other. It begins before the first.
pub(in crate::query) trait Rows {
    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> Result<bool, QueryError>;

    /// A column of the row.
    fn field(&self, column: usize) -> Result<Field<'_>, QueryError>;

    /// A number that no other row of the table has in this query, and that the row has in each scan.
    fn id(&self) -> i64;
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::query) enum Field<'r> {
    Null,
    Integer(i64),
    Text(Cow<'r, str>),
}

/// The arguments of a scan: those of `leaves('v1.0')`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::query) struct Arguments {
    pub(in crate::query) revision: Option<String>,
    pub(in crate::query) selector: Option<String>,
}

impl<'r> Field<'r> {
    pub(super) fn text(text: &'r str) -> Field<'r> {
        Field::Text(Cow::Borrowed(text))
    }

    pub(super) fn some(text: Option<&'r str>) -> Field<'r> {
        text.map_or(Field::Null, Field::text)
    }

    pub(super) fn owned(text: String) -> Field<'r> {
        Field::Text(Cow::Owned(text))
    }

    pub(super) fn number(number: usize) -> Field<'r> {
        Field::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}
