//! What people and scripts read of a project: diffs, the JSON contract (see `docs/json.md`), pages.

mod annotation;
mod decision;
mod diff;
mod fleet;
mod html;
mod json;

pub use annotation::{GithubAnnotation, gitlab_report, sarif};
pub use decision::describe_decision;
pub use diff::{DiffStat, FileDiff};
pub use fleet::{Fleet, FleetError, FleetHead, FleetList, FleetRow, FleetShard, MOST_PARTS};
pub use html::{
    DiffPage, Explorer, FoundPlace, FoundValues, HtmlPage, LogPage, Proposal, RefChoice, RefMap,
    ValueChange, ValueTree,
};
pub use json::{
    AdoptReport, AppliesReport, BlameReport, ChangeReport, CheckReport, ColumnsReport,
    CommitReport, DiagnosisReport, DocumentReport, ExplainReport, FORMAT_VERSION,
    FileConflictReport, HistoryErrorReport, LogReport, MergeConflictReport, MergeFindingReport,
    NotAppliedReport, NotAuditedReport, NotComparedReport, PlanReport, RefFailedReport, RefReport,
    RehearsalSummary, RehearsedReport, RenamedPlaceReport, ResolvedReport, RowFailedReport,
    RowReport, StatusReport, TextDiffReport, UseReport,
};
