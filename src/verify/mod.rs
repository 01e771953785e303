//! Checks that a catalog does what its authors state: in its [`cases`], and in the snapshots of one whole project at every
//! version, upward and downward.
//!
//! A server with steps in Rust runs all of it in one line of its own tests:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let my_catalog = ocl_migrate::catalog::Catalog::builtin();
//! use ocl_migrate::verify::Verification;
//!
//! Verification::of(&my_catalog).folder("catalog")?.run().assert_sound();
//! # Ok(())
//! # }
//! ```
//!
//! Architecture invariant: knows nothing of Git and of the store. A project here is a set of files in memory.

mod absent_reads;
#[cfg(feature = "contracts")]
mod agreement;
mod back;
mod case_file;
pub mod cases;
#[cfg(feature = "contracts")]
mod compatibility;
mod contracts;
mod coverage;
mod downgrades;
mod files;
mod forgotten;
mod hcl_file;
mod matrix;
mod memory_project;
mod mutate;
mod probe;
mod provenance;
mod quoted_words;
mod record;
mod renames;
mod report;
#[cfg(feature = "cli")]
mod retire;
mod samples;
mod server;
mod snapshots;
mod strays;
mod unmet_names;
mod verification;

pub use back::{BackFailure, StatedUndo};
#[cfg(feature = "cli")]
pub(crate) use coverage::NOTHING_ARRIVES;
pub use files::{Files, FilesError};
pub use forgotten::{CaseOutcome, ForgottenCase};
pub use memory_project::{MemoryError, MemoryProject, MigratedFiles};
pub use mutate::{Mutant, Mutants, MutateError, mutate};
pub use record::{NewSnapshot, RecordError};
pub use report::{Check, Checked, Finding, NotCarried, OneWay, Report, Severity};
#[cfg(feature = "cli")]
pub use retire::retired_snapshots;
pub use samples::{Samples, next_change};
pub use server::Lookups;
#[cfg(feature = "cli")]
pub(crate) use snapshots::NOT_RECORDED;
pub use snapshots::{SERVER_FILE, Snapshots};
pub use verification::{Progress, Verification, snapshots_folder};
