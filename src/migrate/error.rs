//! Why a document couldn't be migrated.

use std::fmt;

use crate::catalog::DocumentName;
use crate::ocl::{DoubledName, LineColumn, ParseError};
use crate::plan::Refusal;

/// Why a document couldn't be migrated: what, in which step, and where.
#[derive(Debug, Clone)]
pub struct MigrationError {
    /// The step that failed; `None` if the document failed before any ran.
    pub step: Option<FailedStep>,
    /// What went wrong.
    pub kind: MigrationErrorKind,
}

/// The step in which a document failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedStep {
    /// Its version.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// The position in the step's file, as in `step.hcl:4:3`; `None` for a step in Rust.
    pub place: Option<String>,
}

/// What went wrong with a document.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationErrorKind {
    /// It isn't OCL.
    #[error("{0}")]
    Parse(ParseError),
    /// A step refuses it: this catalog can't migrate its shape.
    #[error("{message} (at {place})")]
    Rejected {
        /// The step's own message.
        message: String,
        /// The path of the node in the document.
        place: String,
        /// Where that is in the original text, unless an earlier step has changed the text.
        position: Option<LineColumn>,
    },
    /// A step failed on it.
    #[error("{message} (at {place})")]
    Step {
        /// What went wrong.
        message: String,
        /// The path of the node in the document.
        place: String,
        /// Where that is in the original text, unless an earlier step has changed the text.
        position: Option<LineColumn>,
    },
    /// The step would touch a name that occurs more than once, and it isn't clear which one counts.
    #[error("{}", doubled(.name, .read.as_ref()))]
    DoubledName {
        /// The name, with its positions in the original document.
        name: DoubledName,
        /// The document that has it, if that is another one, which the step reads.
        read: Option<DocumentName>,
    },
    /// The content of the store can't be imported.
    #[error("{0}")]
    Import(Refusal),
    /// Migrating down: the step can't be undone.
    #[error("this step is one-way: {0}")]
    OneWay(String),
    /// Its new path is taken or not allowed.
    #[error("{0}")]
    Path(String),
    /// It couldn't be read.
    #[error("{0}")]
    Read(String),
    /// A step left text that isn't OCL: a defect of the engine or of a step in Rust.
    #[error("the step left text that is not OCL, which is a bug: {0}")]
    BrokenResult(ParseError),
}

impl MigrationError {
    pub(crate) fn before_any_step(kind: MigrationErrorKind) -> MigrationError {
        MigrationError { step: None, kind }
    }

    /// The position in the original text, if the failure has one: line and column, from 1.
    pub fn position(&self) -> Option<(usize, usize)> {
        match &self.kind {
            MigrationErrorKind::Parse(error) => Some((error.line(), error.column())),
            MigrationErrorKind::DoubledName { name, read: None } => {
                let first = name.positions.first();
                first.map(|LineColumn { line, column }| (*line, *column))
            }
            MigrationErrorKind::Rejected { position, .. }
            | MigrationErrorKind::Step { position, .. } => {
                position.map(|LineColumn { line, column }| (line, column))
            }
            _ => None,
        }
    }
}

fn doubled(name: &DoubledName, read: Option<&DocumentName>) -> String {
    let whose = match read {
        Some(document) => format!("it reads `{document}`, where "),
        None => String::new(),
    };
    format!(
        "{whose}{name}; it isn't clear which one counts, so no step touches them: keep the right one"
    )
}

impl std::error::Error for MigrationError {}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = &self.step {
            write!(f, "step {} {}", step.version, step.name)?;
            if let Some(place) = &step.place {
                write!(f, " ({place})")?;
            }
            write!(f, ": ")?;
        }
        match &self.kind {
            // Blocks without labels have the same path.
            MigrationErrorKind::Rejected {
                message,
                place,
                position: Some(LineColumn { line, .. }),
            }
            | MigrationErrorKind::Step {
                message,
                place,
                position: Some(LineColumn { line, .. }),
            } => write!(f, "{message} (at {place}, line {line})"),
            kind => write!(f, "{kind}"),
        }
    }
}
