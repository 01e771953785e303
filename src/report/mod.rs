//! What people and scripts read of a loaded ref: diffs, and the JSON contract (see `docs/json.md`).

mod diff;
mod json;
mod store_json;

pub use diff::{DiffStat, FileDiff};
pub use json::{
    ConvertError, ConvertReport, DocumentReport, FORMAT_VERSION, PlanReport, RefReport,
    StatusReport, StepReport,
};
pub use store_json::{AdoptReport, CommitReport, StoreListReport, StoreStatusReport};
