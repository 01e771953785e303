//! Runs steps over one document, in memory, and accounts for every value.
//!
//! Architecture invariant: knows nothing of Git and of the store. What a step may ask comes in through
//! `Context`.

mod context;
mod document;
mod down;
mod error;
mod lines;
mod loss;
mod modify;
mod origins;
mod run;
mod set_aside;
mod step;
mod up;

pub(crate) use context::{Context, Part, Reached};
pub use document::StepChange;
pub(crate) use document::{Input, Migrated};
pub use error::{FailedStep, MigrationError, MigrationErrorKind};
pub use lines::LineChanges;
pub(crate) use loss::shorten;
pub use loss::{Fate, LeafFate, Loss, LossCause};
pub(crate) use origins::origins;
pub(crate) use run::{Extent, migrate, needs_content, removes, run};
pub use set_aside::SetAside;
