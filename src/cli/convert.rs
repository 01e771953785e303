//! `convert`: OCL files to JSON.

use std::io;
use std::path::PathBuf;

use crate::catalog::Catalog;
use crate::ocl::{Dialect, Document, DoubledName, Node, ParseError};
use crate::project::DocumentWarning;
use crate::report::FORMAT_VERSION;
use serde::Serialize;

use super::failure::{Exit, Failure, expect_version};
use super::files;
use super::global::Global;
use super::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate convert .octopus/*.ocl
  ocl-migrate convert --check .octopus/*.ocl             say what is no OCL, print nothing else
  git show main:.octopus/variables.ocl | ocl-migrate convert -")]
pub(super) struct Arguments {
    /// OCL files; `-` is the standard input
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    /// Read heredocs as this schema version does (default: the newest)
    #[arg(long, value_name = "N")]
    schema_version: Option<u32>,
    /// Print nothing but errors: for hooks
    #[arg(long)]
    check: bool,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let catalog = global.catalog()?;
    let dialect = match arguments.schema_version {
        None => Dialect::Current,
        Some(version) => {
            expect_version("--schema-version", version, &catalog)?;
            catalog.dialect_at(version)
        }
    };
    let mut failed = false;
    for path in &arguments.files {
        let name = path.to_string_lossy();
        let bytes = match files::try_read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                failed = true;
                output.knows(Exit::Failure);
                if !arguments.check {
                    output.json(&Converted::unreadable(&name, &error))?;
                }
                let path = name.into_owned();
                output.failure(&Failure::File { path, error });
                continue;
            }
        };
        match Document::from_bytes(bytes, dialect) {
            Ok(document) => {
                let doubled = match kind_of(&catalog, &name, arguments.schema_version) {
                    Some(kind) => catalog.doubled_names(kind, &document),
                    None => document.doubled_names(),
                };
                if !arguments.check {
                    output.json(&Converted::content(&name, &document, &doubled))?;
                }
                for doubled in doubled {
                    output.warning(format_args!(
                        "{name}: {}",
                        DocumentWarning::DoubledName(doubled)
                    ));
                }
            }
            Err(error) => {
                failed = true;
                output.knows(Exit::Failure);
                if !arguments.check {
                    output.json(&Converted::invalid(&name, &error))?;
                }
                output.failure(&Failure::Ocl {
                    path: name.into_owned(),
                    error: Box::new(error),
                });
            }
        }
    }
    Ok(if failed { Exit::Failure } else { Exit::Done })
}

/// The kind of the document that lies at a path, where that leads through a base path: `.octopus/variables.ocl`. It says which
/// blocks should stand once.
fn kind_of<'c>(catalog: &'c Catalog, path: &str, version: Option<u32>) -> Option<&'c str> {
    let path = path.replace('\\', "/");
    let path = format!("/{path}");
    let below = match catalog.base_path() {
        "" => path.trim_start_matches('/'),
        base_path => {
            let folder = format!("/{base_path}/");
            &path[path.rfind(&folder)? + folder.len()..]
        }
    };
    let version = version.unwrap_or(catalog.server_version());
    let (kind, _) = catalog.classify(below, version)?;
    Some(&kind.name)
}

/// A file in JSON.
#[derive(Serialize)]
struct Converted<'a> {
    format_version: u32,
    file: &'a str,
    #[serde(flatten)]
    outcome: ConvertOutcome<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    doubled_names: &'a [DoubledName],
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ConvertOutcome<'a> {
    Content(Node<'a>),
    Error {
        /// Both are null where the file couldn't be read at all.
        line: Option<usize>,
        column: Option<usize>,
        message: String,
    },
}

impl<'a> Converted<'a> {
    fn new(file: &'a str, outcome: ConvertOutcome<'a>) -> Converted<'a> {
        Converted {
            format_version: FORMAT_VERSION,
            file,
            outcome,
            doubled_names: &[],
        }
    }

    fn content(
        file: &'a str,
        document: &'a Document,
        doubled_names: &'a [DoubledName],
    ) -> Converted<'a> {
        Converted {
            doubled_names,
            ..Converted::new(file, ConvertOutcome::Content(document.root()))
        }
    }

    fn invalid(file: &'a str, error: &ParseError) -> Converted<'a> {
        let outcome = ConvertOutcome::Error {
            line: Some(error.line()),
            column: Some(error.column()),
            message: error.message().to_owned(),
        };
        Converted::new(file, outcome)
    }

    fn unreadable(file: &'a str, error: &io::Error) -> Converted<'a> {
        let outcome = ConvertOutcome::Error {
            line: None,
            column: None,
            message: error.to_string(),
        };
        Converted::new(file, outcome)
    }
}
