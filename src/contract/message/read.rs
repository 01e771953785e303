//! Reads protobuf files, without their compiler.
//!
//! What a file imports lies in the catalog's folder of contracts, or is one of the files that come with protobuf. Nothing is
//! fetched.

use prost_reflect::{DescriptorError, DescriptorPool, FileDescriptor};

use crate::catalog::{CONTRACTS_FOLDER, Problem, SourceFile};
use crate::text::{list, nested_deeper};

/// How deep brackets may nest; protobuf's own compiler takes 31 levels of messages.
const DEEPEST: usize = 200;

const IMPORTS: &str =
    "imports are paths below the catalog's folder `contracts`; nothing is fetched";

/// What a file and all that it imports define.
pub(super) fn pool(file: &SourceFile, beside: &[SourceFile]) -> Result<DescriptorPool, Problem> {
    let mut reader = Reader {
        pool: DescriptorPool::global(),
        beside,
        open: Vec::new(),
    };
    reader.add(file)?;
    Ok(reader.pool)
}

struct Reader<'f> {
    pool: DescriptorPool,
    beside: &'f [SourceFile],
    /// The files that are being read, each imported by the one before.
    open: Vec<&'f str>,
}

impl<'f> Reader<'f> {
    fn add(&mut self, file: &'f SourceFile) -> Result<(), Problem> {
        if let Some(at) = nested_deeper(&file.text, DEEPEST) {
            let message = format!("brackets nest more than {DEEPEST} deep");
            return Err(Problem::at(file, at..at + 1, message));
        }
        let name = name_of(file);
        let parsed = protox_parse::parse(name, &file.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let quoted = file.text.get(span.clone()).unwrap_or_default();
            // So it calls paths, too, that can't be those of imports.
            if error.to_string() == "invalid group name" && quoted.starts_with(['"', '\'']) {
                return Problem::at(file, span, "this can't be imported").help(IMPORTS);
            }
            Problem::at(file, span, error.to_string())
        })?;
        self.open.push(name);
        for (index, import) in parsed.dependency.iter().enumerate() {
            if self.pool.get_file_by_name(import).is_some() {
                continue;
            }
            let wrong = |message: String| {
                // 3 is the field `dependency` of a file's descriptor.
                let place = place(parsed.source_code_info.as_ref(), &[3, index as i32]);
                let at = place.map_or(0, |(line, column)| file.offset_of(line, column));
                Problem::at(file, at..at + 1, message)
            };
            if let Some(first) = self.open.iter().position(|open| open == import) {
                let circle = self.open[first..].iter().copied().chain([&**import]);
                let message = format!("files import each other in a circle: {}", list(circle));
                return Err(wrong(message));
            }
            let is_it = |file: &&SourceFile| name_of(file) == import;
            let Some(imported) = self.beside.iter().find(is_it) else {
                let message = format!("the import {import:?} is not there");
                return Err(wrong(message).help(IMPORTS));
            };
            self.add(imported)?;
        }
        self.open.pop();
        let added = self.pool.add_file_descriptor_proto(parsed);
        added.map_err(|error| of_descriptor(file, &error))
    }
}

/// A file's name in imports.
fn name_of(file: &SourceFile) -> &str {
    let below = file.path.strip_prefix(CONTRACTS_FOLDER);
    let below = below.and_then(|below| below.strip_prefix('/'));
    below.unwrap_or(&file.path)
}

fn of_descriptor(file: &SourceFile, error: &DescriptorError) -> Problem {
    let at = error.line().zip(error.column());
    let at = at.map_or(0, |(line, column)| file.offset_of(line + 1, column + 1));
    Problem::at(file, at..at + 1, error.to_string())
}

/// Line and column, from 1, of what a descriptor's path leads to.
fn place(
    info: Option<&prost_reflect::prost_types::SourceCodeInfo>,
    path: &[i32],
) -> Option<(usize, usize)> {
    let location = info?.location.iter().find(|it| it.path == path)?;
    let (line, column) = (location.span.first()?, location.span.get(1)?);
    let from_one = |number: i32| usize::try_from(number).map_or(1, |number| number + 1);
    Some((from_one(*line), from_one(*column)))
}

/// A problem at what a descriptor's path leads to in one of the files.
pub(super) fn problem_at(
    files: &[SourceFile],
    file: &FileDescriptor,
    path: &[i32],
    message: impl Into<String>,
) -> Problem {
    let Some(source) = files.iter().find(|it| name_of(it) == file.name()) else {
        return Problem::of_file(file.name(), message);
    };
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let at = place(info, path).map_or(0, |(line, column)| source.offset_of(line, column));
    Problem::at(source, at..at + 1, message)
}
