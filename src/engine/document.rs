//! A document after its migration.

use std::sync::Arc;

use super::answers::LookupKey;
use super::path::join;
use super::recorded::Recorded;
use crate::catalog::DocumentName;
use crate::migrate::{Loss, MigrationError, MigrationErrorKind, SetAside, StepChange};
use crate::plan::Source;
use crate::text::visible_line;

/// A document after its migration.
#[derive(Debug, Clone)]
pub struct MigratedDocument {
    /// Its name.
    pub name: DocumentName,
    /// Its path in Git, below the base path; `None` if an import added it.
    pub path_before: Option<String>,
    /// Its path at the target version, below the base path.
    pub path: String,
    /// What happened to it.
    pub outcome: DocumentOutcome,
    /// Whether an import skipped it because Git holds it.
    pub kept: bool,
    /// Values that a step overwrote without reading them.
    pub losses: Vec<Loss>,
    /// After migrating down: the values that the older shape can't hold.
    pub set_aside: Vec<SetAside>,
    pub(crate) content: Content,
    pub(crate) recorded: Option<Arc<Recorded>>,
}

/// What happened to a document.
#[derive(Debug, Clone)]
pub enum DocumentOutcome {
    /// Every byte is as it was.
    Unchanged,
    /// Steps changed its text or its path.
    Changed,
    /// It was imported from the store.
    Imported {
        /// What the import read.
        source: Source,
    },
    /// When migrating down: a remove brought it back.
    BroughtBack {
        /// The branch's history, or the step.
        source: Source,
    },
    /// A step removed it.
    Removed,
    /// When migrating down: below its import the server keeps the document itself. Edits since the import are only in the branch.
    LeftOut,
    /// It couldn't be migrated. The other documents are not affected.
    Failed(Arc<MigrationError>),
}

/// The text of a document after its migration.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// What Git or the store holds, unchanged.
    Original,
    Text(Arc<str>),
    /// Removed, left out or failed.
    None,
}

impl MigratedDocument {
    /// The steps that changed it, in run order.
    pub fn changes(&self) -> &[StepChange] {
        match self.recorded.as_deref().map(|recorded| &recorded.outcome) {
            Some(Ok(migrated)) => &migrated.changes,
            _ => &[],
        }
    }

    /// The lookups for it that have no answer.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = LookupKey> {
        let asked = self.recorded.iter().flat_map(|recorded| &recorded.asked);
        let without = asked.filter(|asked| asked.answer.is_none());
        without.map(|asked| LookupKey {
            table: asked.table.clone(),
            key: asked.key.clone(),
        })
    }

    /// Whether no step looked at it, so that its text is the original one.
    pub(crate) fn is_untouched(&self) -> bool {
        self.recorded.is_none() && matches!(self.content, Content::Original)
    }

    /// Why it couldn't be migrated, as a message that names the file; if the text is wrong, it shows the line.
    pub fn failure(&self, base_path: &str) -> Option<String> {
        // What comes from elsewhere and can't be put anywhere has no path.
        let path = match self.path_before.as_deref().unwrap_or(&self.path) {
            "" => format!("{}, which isn't in Git yet", self.name),
            path => join(base_path, path),
        };
        let path = visible_line(&path);
        Some(match &self.error()?.kind {
            MigrationErrorKind::Parse(error) if self.path_before.is_some() => error.render(&path),
            _ => format!("{path}: {}", self.error()?),
        })
    }

    /// The error, if it couldn't be migrated.
    pub fn error(&self) -> Option<&MigrationError> {
        match &self.outcome {
            DocumentOutcome::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl DocumentOutcome {
    /// The outcome's name in the JSON output.
    pub fn name(&self) -> &'static str {
        match self {
            DocumentOutcome::Unchanged => "unchanged",
            DocumentOutcome::Changed => "changed",
            DocumentOutcome::Imported { .. } => "imported",
            DocumentOutcome::BroughtBack { .. } => "brought_back",
            DocumentOutcome::Removed => "removed",
            DocumentOutcome::LeftOut => "left_out",
            DocumentOutcome::Failed(_) => "failed",
        }
    }
}
