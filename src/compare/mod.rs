//! Refs side by side: what their documents say at one version, and what really differs between them.
//!
//! Each side is lifted to the same version first, so that what only a migration changed is no difference; then values are
//! compared by their addresses, so that neither formatting nor the order of blocks with keys is one. See `docs/values.md`.
//!
//! ```
//! # use std::process::Command;
//! # fn git(folder: &std::path::Path, arguments: &[&str]) {
//! #     let identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"];
//! #     let done = Command::new("git").current_dir(folder).args(identity).args(arguments).status().unwrap();
//! #     assert!(done.success());
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! # git(folder, &["init", "--quiet", "--initial-branch=main"]);
//! # std::fs::create_dir_all(folder.join(".octopus"))?;
//! # std::fs::write(folder.join(".octopus/schema_version.ocl"), "version = 13")?;
//! # std::fs::write(folder.join(".octopus/variables.ocl"), "variable \"Retries\" {\n    value \"5\" {}\n}\n")?;
//! # git(folder, &["add", "."]);
//! # git(folder, &["commit", "--quiet", "--message=Begin"]);
//! # git(folder, &["checkout", "--quiet", "-b", "feature/x"]);
//! # std::fs::write(folder.join(".octopus/schema_version.ocl"), "version = 14")?;
//! # std::fs::write(folder.join(".octopus/variables.ocl"), "variable \"Retries\" {\n  value \"7\" {}\n}\n")?;
//! # git(folder, &["commit", "--quiet", "--all", "--message=Try more often"]);
//! use ocl_migrate::compare::diff;
//! use ocl_migrate::project::Project;
//!
//! let project = Project::open(folder)?;
//! let (old, new) = (project.load_migrated("main")?, project.load_migrated("feature/x")?);
//! let mut lines = Vec::new();
//! for document in diff(&old, &new)? {
//!     let document = document?; // or why it can't be compared
//!     for change in document.difference().changes() {
//!         lines.push(format!("{}: {change}", document.name()));
//!     }
//! }
//! assert_eq!(lines, [r#"variables: ~ variable["Retries"].value{}: "5" -> "7""#]);
//!
//! // All values of a ref.
//! for document in new.values() {
//!     for leaf in document?.values().leaves() {
//!         println!("{leaf}");
//!     }
//! }
//!
//! // What they refer to.
//! for document in new.values() {
//!     let document = document?;
//!     for reference in document.references()?.references {
//!         println!("{} {} at {}", reference.kind, reference.name.text(), reference.element);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Architecture Invariant: this room reads only, and only through `project`.

mod cells;
mod defaults;
mod diff;
mod document;
mod effective;
mod refs;
mod rows;
mod table;
mod told;
mod uses;

pub use diff::{Diff, DifferentVersions, DocumentDiff, NotCompared, Side, diff};
pub use document::{LiftedDocument, ReferencesError};
pub use effective::{EffectiveDocument, Origin};
pub use refs::ComparedRef;
pub use rows::ComparedRow;
pub use table::{Column, ComparedDocument, Comparison, Table};
pub use uses::{LeftOut, UsePlace, UseQuestion, UseRole, UseSearch, Uses};

pub(crate) use document::failure;
#[cfg(feature = "query")]
pub(crate) use effective::defaults_of;
#[cfg(feature = "cli")]
pub(crate) use refs::Told;
pub(crate) use refs::{Found, Looked, NamedCases, Unloaded};
#[cfg(feature = "query")]
pub(crate) use told::{Doubled, told_of};
pub(crate) use told::{GatheredWarnings, RefWarnings};
pub(crate) use uses::{Answers, Search};
