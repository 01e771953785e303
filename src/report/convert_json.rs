//! The JSON of `convert`.

use serde::Serialize;

use super::FORMAT_VERSION;
use crate::ocl::{Document, ParseError};

/// `convert`: a line per file.
#[derive(Debug, Serialize)]
pub struct ConvertReport<'a> {
    format_version: u32,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<crate::ocl::Node<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ConvertError>,
}

/// Why a file couldn't be converted.
#[derive(Debug, Serialize)]
pub struct ConvertError {
    line: Option<usize>,
    column: Option<usize>,
    message: String,
}

impl<'a> ConvertReport<'a> {
    /// A file that could be read.
    pub fn content(file: &'a str, document: &'a Document) -> ConvertReport<'a> {
        ConvertReport {
            format_version: FORMAT_VERSION,
            file,
            content: Some(document.root()),
            error: None,
        }
    }

    /// A file that is no OCL.
    pub fn invalid(file: &'a str, error: &ParseError) -> ConvertReport<'a> {
        ConvertReport::failed(
            file,
            ConvertError {
                line: Some(error.line()),
                column: Some(error.column()),
                message: error.message().to_owned(),
            },
        )
    }

    /// A file that couldn't be read at all.
    pub fn unreadable(file: &'a str, message: String) -> ConvertReport<'a> {
        ConvertReport::failed(
            file,
            ConvertError {
                line: None,
                column: None,
                message,
            },
        )
    }

    fn failed(file: &'a str, error: ConvertError) -> ConvertReport<'a> {
        ConvertReport {
            format_version: FORMAT_VERSION,
            file,
            content: None,
            error: Some(error),
        }
    }
}
