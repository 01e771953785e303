//! What people and scripts read of a loaded ref: diffs, and the JSON contract (see `docs/json.md`).

mod catalog_json;
mod convert_json;
mod diff;
mod doctor_json;
mod explain;
mod explain_json;
mod html;
mod json;
mod rehearse;
mod store_json;

pub use catalog_json::{NewStepReport, SnapshotReport};
pub use convert_json::{ConvertError, ConvertReport};
pub use diff::{DiffStat, FileDiff};
pub use doctor_json::{DiagnosisReport, FindingReport};
pub use explain::explain;
pub use explain_json::ExplainReport;
pub use html::{HtmlPage, RefEntry, RefMap, RefOutcome, RefTone};
pub use json::{DocumentReport, FORMAT_VERSION, PlanReport, RefReport, StatusReport, StepReport};
pub use rehearse::{RehearsalSummary, RehearsedReport};
pub use store_json::{
    AdoptReport, CommitReport, StoreActionReport, StoreListReport, StoreStatusReport,
    StoreValueReport,
};
