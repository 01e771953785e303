//! Errors classed by what helps.

use super::{DraftError, LoadError, ReadError};
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::plan::{PlanError, Refusal};
use crate::store;

/// What helps against an error. In the order of what weighs more, where several things went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// The caller, or the operator, has to change something first; the message says what.
    Mend,
    /// Somebody else was faster: load again and repeat the change.
    LoadAgain,
    /// It isn't known whether the change was committed: load again later, and repeat it only if it isn't there.
    CheckOutcome,
    /// What was read is newer than this server.
    UpgradeServer,
    /// A defect of this library.
    ReportBug,
}

impl Remedy {
    /// What helps against an error of the store.
    pub fn of_store(error: &store::Error) -> Remedy {
        match error {
            store::Error::RowsChanged(_) | store::Error::Locked { .. } => Remedy::LoadAgain,
            store::Error::Newer { .. } => Remedy::UpgradeServer,
            store::Error::NotInSnapshot { .. } | store::Error::Aborted => Remedy::ReportBug,
            _ => Remedy::Mend,
        }
    }

    /// What helps where a document couldn't be migrated.
    pub fn of_migration(error: &MigrationError) -> Remedy {
        match &error.kind {
            MigrationErrorKind::BrokenResult(_) => Remedy::ReportBug,
            MigrationErrorKind::Import(Refusal::AboveServer { .. }) => Remedy::UpgradeServer,
            _ => Remedy::Mend,
        }
    }

    /// As a word, for logs and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Remedy::Mend => "mend",
            Remedy::LoadAgain => "load_again",
            Remedy::CheckOutcome => "check_outcome",
            Remedy::UpgradeServer => "upgrade_server",
            Remedy::ReportBug => "report_bug",
        }
    }
}

impl LoadError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            LoadError::Plan(PlanError::BranchAhead { .. }) | LoadError::NewerSteps { .. } => {
                Remedy::UpgradeServer
            }
            LoadError::Store(error) => Remedy::of_store(error),
            _ => Remedy::Mend,
        }
    }
}

impl ReadError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            ReadError::Load(error) => error.remedy(),
            ReadError::Failed(_, error) => Remedy::of_migration(error),
            ReadError::Removed(_) | ReadError::Shape(..) => Remedy::Mend,
        }
    }
}

impl DraftError {
    /// What helps.
    pub fn remedy(&self) -> Remedy {
        match self {
            DraftError::Load(error) => error.remedy(),
            _ => Remedy::Mend,
        }
    }
}
