//! Errors classed by what helps.

use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::plan::Refusal;
use crate::store;

/// What helps against an error. Where several things went wrong, the greatest of their remedies is needed.
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
            store::Error::OutcomeUnknown { .. } => Remedy::CheckOutcome,
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
