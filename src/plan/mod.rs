//! Which steps run, which don't, and why.
//!
//! Planning is pure: it takes a catalog, the branch's version, a target, what the store has for imports, and the documents in
//! Git, and returns a [`Plan`]. It reads nothing and runs nothing.
//!
//! The branch version alone decides which steps are chosen. The project version only decides where an import reads from.

mod decide;
mod down;
mod lane;
mod model;
mod never_read;
mod request;
#[cfg(test)]
mod tests;

pub use self::decide::Plan;
pub(crate) use self::lane::{LiveImport, live_imports, passing_imports};
pub use self::model::{
    Decision, Direction, Origin, PlanError, PlanRow, PlannedImport, PlannedReturn, Refusal, Source,
};
pub use self::never_read::{NeverRead, never_read};
pub use self::request::StoredDocument;
pub(crate) use self::request::{Request, StoreState, StoredKind};
