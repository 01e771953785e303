//! Which steps run, which don't, and why.
//!
//! Planning is pure: a catalog, the branch's version, a target, what the store would give, and the documents that
//! Git holds go in; a [`Plan`] comes out. Nothing is read and nothing is run.
//!
//! The steps are chosen from the branch version alone. The project version only chooses where an import reads from.

mod decide;
mod down;
mod lane;
mod model;
mod never_read;
mod request;
#[cfg(test)]
mod tests;

pub use self::decide::Plan;
pub(crate) use self::lane::{LiveImport, live_imports};
pub use self::model::{
    Decision, Direction, Origin, PlanError, PlanRow, PlannedImport, PlannedReturn, Refusal, Source,
};
pub use self::never_read::{NeverRead, never_read};
pub use self::request::StoredDocument;
pub(crate) use self::request::{Request, StoreState, StoredKind};
