//! The JSON contract: what scripts rely on (see `docs/json.md`).
//!
//! Where a shape is that of a type below this room, that type says so itself.

mod applies;
mod audit;
mod check;
mod commit;
mod compare;
mod diff;
mod doctor;
mod documents;
mod explain;
mod head;
mod history;
mod merge;
mod plan;
mod rehearse;
mod resolve;
mod status;
mod uses;

pub use applies::{AppliesReport, NotAppliedReport};
pub use audit::{MergeFindingReport, NotAuditedReport};
pub use check::CheckReport;
pub use commit::{AdoptReport, CommitReport};
pub use compare::{ColumnsReport, RefFailedReport, RowFailedReport, RowReport};
pub use diff::{ChangeReport, NotComparedReport, TextDiffReport};
pub use doctor::DiagnosisReport;
pub use documents::{DocumentReport, RefReport};
pub use explain::ExplainReport;
pub use head::FORMAT_VERSION;
pub use history::{BlameReport, HistoryErrorReport, LogReport};
pub use merge::{FileConflictReport, MergeConflictReport};
pub use plan::PlanReport;
pub use rehearse::{RehearsalSummary, RehearsedReport};
pub use resolve::ResolvedReport;
pub use status::StatusReport;
pub use uses::{RenamedPlaceReport, UseReport};
