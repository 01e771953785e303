//! JSON Schemas.
//!
//! A schema refers to itself alone: nothing is fetched. Patterns are matched without backtracking, and a schema that repeats itself
//! so often that a check could take for ever is refused, or the check is.

mod explain;
mod keywords;
mod limits;
mod reference;
mod wrong;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use self::keywords::Misspelt;
use self::limits::Effort;
pub(super) use self::reference::resolve;
use super::violation::{TooMuchWork, Violation};
use crate::catalog::{Problem, SourceFile};
use crate::ocl::Document;
use crate::text::grouped;

/// The most memory that one pattern may take, in bytes.
const MAX_PATTERN: usize = 1024 * 1024;

/// A schema that can be used.
#[derive(Debug)]
pub(super) struct Schema {
    value: Value,
    validator: Validator,
    effort: Effort,
    file: SourceFile,
}

impl Schema {
    pub(super) fn read(file: &SourceFile) -> Result<Schema, Problem> {
        let value: Value = serde_json::from_str(&file.text).map_err(|error| {
            let at = file.offset_of(error.line(), error.column());
            Problem::at(file, at..at + 1, format!("this is not JSON: {error}"))
        })?;
        let effort = limits::measure(&value).ok_or_else(|| {
            let message = format!(
                "the contract is too large: it comes to more than {} parts, each counted as often as it is referred to",
                grouped(limits::MOST_SUBSCHEMAS)
            );
            Problem::of_file(&*file.path, message)
        })?;
        let patterns = PatternOptions::regex()
            .size_limit(MAX_PATTERN)
            .dfa_size_limit(MAX_PATTERN);
        let validator = jsonschema::options()
            .with_pattern_options(patterns)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            .offline()
            .build(&value);
        match validator {
            Ok(validator) => Ok(Schema {
                value,
                validator,
                effort,
                file: file.clone(),
            }),
            Err(error) => Err(wrong::problem(file, &value, &error)),
        }
    }

    pub(super) fn value(&self) -> &Value {
        &self.value
    }

    /// Where in the file what a pointer leads to is written: `file:line:column`.
    pub(super) fn place(&self, pointer: &str) -> String {
        let span = wrong::span(&self.file.text, pointer).unwrap_or(0..0);
        Problem::at(&self.file, span, "").place()
    }

    /// Words in it that were probably meant as keywords.
    pub(super) fn misspelt(&self) -> Vec<Misspelt> {
        keywords::misspelt(&self.value)
    }

    pub(super) fn check(&self, document: &Document) -> Result<Vec<Violation>, TooMuchWork> {
        let view = document.root().to_json();
        self.effort.bound(&self.value, &view)?;
        if self.validator.is_valid(&view) {
            return Ok(Vec::new());
        }
        let mut violations = Vec::new();
        for error in self.validator.iter_errors(&view) {
            explain::explain(&self.value, document, &error, &mut violations);
        }
        let start = |violation: &Violation| document.node(violation.node).span().map(|it| it.start);
        violations.sort_by_key(|violation| (start(violation), violation.rule));
        violations.dedup();
        Ok(violations)
    }
}
