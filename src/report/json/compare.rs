//! The JSON of `compare`.

use serde::Serialize;

use super::head::FORMAT_VERSION;
use crate::compare::{Column, ComparedDocument, ComparedRef, ComparedRow};
use crate::values::Leaf;

/// `compare`: the first line, with the columns that the others count, from 0.
#[derive(Debug, Serialize)]
pub struct ColumnsReport<'t> {
    format_version: u32,
    columns: Vec<ColumnReport<'t>>,
}

#[derive(Debug, Serialize)]
struct ColumnReport<'t> {
    base_path: &'t str,
    refs: &'t [ComparedRef],
}

/// `compare`: a line per value that differs.
#[derive(Debug, Serialize)]
pub struct RowReport<'t> {
    format_version: u32,
    document: &'t str,
    address: String,
    values: Vec<ValueReport<'t>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    defaults: Vec<ValueReport<'t>>,
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    overrides: &'t [usize],
}

#[derive(Debug, Serialize)]
struct ValueReport<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'t Leaf<'t>>,
    columns: &'t [usize],
}

/// `compare`: a line for a document that some columns can't read.
#[derive(Debug, Serialize)]
pub struct RowFailedReport<'t> {
    format_version: u32,
    document: &'t str,
    columns: &'t [usize],
    error: &'t str,
}

/// `compare`: a line for refs that can't be compared.
#[derive(Debug, Serialize)]
pub struct RefFailedReport<'t> {
    format_version: u32,
    refs: &'t [ComparedRef],
    error: &'t str,
}

impl<'t> ColumnsReport<'t> {
    /// The columns of a table.
    pub fn new(columns: &'t [Column]) -> ColumnsReport<'t> {
        let columns = columns.iter().map(|column| ColumnReport {
            base_path: &column.base_path,
            refs: &column.refs,
        });
        ColumnsReport {
            format_version: FORMAT_VERSION,
            columns: columns.collect(),
        }
    }
}

impl<'t> RowReport<'t> {
    /// A value of a document.
    pub fn new(document: &'t ComparedDocument, row: &'t ComparedRow<'t>) -> RowReport<'t> {
        let values = row.values.iter().map(|(leaf, columns)| ValueReport {
            value: leaf.as_ref(),
            columns,
        });
        let defaults = row.defaults.iter().map(|(leaf, columns)| ValueReport {
            value: Some(leaf),
            columns,
        });
        RowReport {
            format_version: FORMAT_VERSION,
            document: document.name.as_str(),
            address: row.element.to_string(),
            values: values.collect(),
            defaults: defaults.collect(),
            overrides: &row.overriding,
        }
    }
}

impl<'t> RowFailedReport<'t> {
    /// The columns, and why.
    pub fn new(
        document: &'t ComparedDocument,
        columns: &'t [usize],
        error: &'t str,
    ) -> RowFailedReport<'t> {
        RowFailedReport {
            format_version: FORMAT_VERSION,
            document: document.name.as_str(),
            columns,
            error,
        }
    }
}

impl<'t> RefFailedReport<'t> {
    /// The refs, and why.
    pub fn new(refs: &'t [ComparedRef], error: &'t str) -> RefFailedReport<'t> {
        RefFailedReport {
            format_version: FORMAT_VERSION,
            refs,
            error,
        }
    }
}
