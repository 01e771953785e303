//! `convert`: OCL files to JSON.

use std::path::PathBuf;

use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::report::ConvertReport;

use super::failure::{Exit, Failure};
use super::output::Output;
use super::{Global, files};

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
    /// Read heredocs as this schema version does; the newest without
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
    let dialect = match arguments.schema_version {
        None => Dialect::Current,
        Some(version) => global.catalog()?.dialect_at(version),
    };
    let mut failed = false;
    for path in &arguments.files {
        let name = path.to_string_lossy();
        let bytes = match files::try_read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                failed = true;
                if !arguments.check {
                    output.json(&ConvertReport::unreadable(&name, error.to_string()))?;
                }
                output.problem(format_args!("{name}: {error}"));
                continue;
            }
        };
        match Document::from_bytes(bytes, dialect) {
            Ok(_) if arguments.check => {}
            Ok(document) => output.json(&ConvertReport::content(&name, &document))?,
            Err(error) => {
                failed = true;
                if !arguments.check {
                    output.json(&ConvertReport::invalid(&name, &error))?;
                }
                output.problem(error.render(&name));
            }
        }
    }
    Ok(if failed { Exit::Failure } else { Exit::Done })
}
