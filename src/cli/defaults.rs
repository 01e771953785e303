//! `.ocl-migrate.hcl`: a repository's defaults for the global options.
//!
//! Such a file comes with a repository, which need not be trusted: nothing in it names a program to run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::parser::ValueSource;
use clap::{ArgMatches, ValueEnum};
use hcl::edit::structure::Attribute;
use hcl::edit::{Span, parser};
use ocl_migrate::catalog::{Problem, SourceFile, nearest};
use ocl_migrate::git::Repository;

use super::failure::Failure;
use super::global::{Colour, Format, Global, SHORT_LIVED};

/// The file's name.
pub(super) const FILE: &str = ".ocl-migrate.hcl";

/// No file of defaults is larger.
const LARGEST: u64 = 64 << 10;

const KEYS: [&str; 6] = [
    "base_path",
    "catalog",
    "store",
    "project",
    "format",
    "color",
];

/// Fills in what neither the command line nor the environment says. Paths in the file are relative to its folder.
pub(super) fn apply(global: &mut Global, matches: &ArgMatches) -> Result<(), Failure> {
    let Some(path) = find(&global.repo) else {
        return Ok(());
    };
    let text = read(&path)?;
    let file = SourceFile {
        path: Arc::from(path.to_string_lossy()),
        text: Arc::from(text.as_str()),
    };
    let body = parser::parse_body(&text).map_err(|error| {
        let at = offset_of(&text, error.location().line(), error.location().column());
        wrong(Problem::at(&file, at..at + 1, error.message()))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let said = |option: &str| {
        let source = matches.value_source(option);
        source.is_some_and(|source| source != ValueSource::DefaultValue)
    };
    for structure in &body {
        let span = structure.span().unwrap_or_default();
        let Some(attribute) = structure.as_attribute() else {
            let problem = Problem::at(
                &file,
                span,
                "only attributes stand here, `name = \"value\"`",
            );
            return Err(wrong(problem));
        };
        let key = attribute.key.as_str();
        let value = value_of(&file, attribute)?;
        let value_span = attribute.value.span().unwrap_or(span);
        if KEYS.contains(&key) && said(key) {
            continue;
        }
        match key {
            "base_path" => global.base_path = Some(value),
            "catalog" => global.catalog = Some(folder.join(value)),
            "store" => global.store = Some(folder.join(value)),
            "project" => global.project = Some(value),
            "format" => global.format = choice::<Format>(&file, value_span, &value)?,
            "color" => global.color = choice::<Colour>(&file, value_span, &value)?,
            _ => {
                let key_span = attribute.key.span().unwrap_or_default();
                let problem =
                    Problem::at(&file, key_span, format!("there is no option `{key}` here"));
                let help = match nearest(key, KEYS) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the options are {}", KEYS.join(", ")),
                };
                return Err(wrong(problem.help(help)));
            }
        }
    }
    Ok(())
}

/// The file in this folder or the next one above it that has one, up to the work tree's top.
fn find(start: &Path) -> Option<PathBuf> {
    let start = std::fs::canonicalize(start).ok()?;
    let folders = start.ancestors();
    // One that can't be read is told, not passed over.
    let found = folders
        .map(|folder| folder.join(FILE))
        .find(|file| file.symlink_metadata().is_ok())?;
    // Opening the repository takes a while, so only where there is something to find.
    let repository = Repository::discover_with(&start, SHORT_LIVED).ok()?;
    let top = match repository.work_dir() {
        Some(folder) => std::fs::canonicalize(folder).ok()?,
        None => start.clone(),
    };
    found.starts_with(&top).then_some(found)
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::File {
        path: path.display().to_string(),
        error,
    };
    let details = std::fs::metadata(path).map_err(failed)?;
    if !details.is_file() {
        let path = path.display();
        return Err(Failure::Other(format!("{path} is not a file")));
    }
    let size = details.len();
    if size > LARGEST {
        let path = path.display();
        return Err(Failure::Other(format!(
            "{path} has {size} bytes; a file of defaults has at most {LARGEST}"
        )));
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn value_of(file: &SourceFile, attribute: &Attribute) -> Result<String, Failure> {
    match attribute.value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => {
            let span = attribute.value.span().unwrap_or_default();
            Err(wrong(Problem::at(
                file,
                span,
                "the value must be a plain string, in quotes",
            )))
        }
    }
}

fn choice<T: ValueEnum>(
    file: &SourceFile,
    span: std::ops::Range<usize>,
    value: &str,
) -> Result<T, Failure> {
    T::from_str(value, false).map_err(|_| {
        let names: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
            .collect();
        let message = format!("the value must be one of {}", names.join(", "));
        wrong(Problem::at(file, span, message))
    })
}

fn wrong(problem: Problem) -> Failure {
    Failure::Other(problem.to_string())
}

/// The byte at a line and a column, both from 1.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let before = text[start..].chars().take(column.saturating_sub(1));
    start + before.map(char::len_utf8).sum::<usize>()
}
