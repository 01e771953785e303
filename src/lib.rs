//! Migrates configuration documents kept in Git, lazily and in memory.
//!
//! A [`Project`](project::Project) reads the documents of any branch, tag or commit and brings them to the newest schema
//! of its [`Catalog`](catalog::Catalog) as it reads them. Nothing is written by that. A [`Draft`](project::Draft) commits a
//! user's change together with the migration.
//!
//! ```
//! # use std::process::Command;
//! use ocl_migrate::git::Signature;
//! use ocl_migrate::project::{CommitRequest, Project};
//!
//! # fn git(folder: &std::path::Path, arguments: &[&str]) {
//! #     let identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"];
//! #     let done = Command::new("git").current_dir(folder).args(identity).args(arguments).status().unwrap();
//! #     assert!(done.success());
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! # git(folder, &["init", "--quiet", "--initial-branch=main"]);
//! # std::fs::create_dir_all(folder.join(".octopus/runbooks"))?;
//! # std::fs::write(folder.join(".octopus/schema_version.ocl"), "version = 13")?;
//! # std::fs::write(folder.join(".octopus/runbooks/backup.ocl"), "name = \"Backup\"\n")?;
//! # git(folder, &["add", "."]);
//! # git(folder, &["commit", "--quiet", "--message=Begin"]);
//! # git(folder, &["branch", "feature/x"]);
//! let project = Project::open(folder)?; // keep it: it caches results, for all branches
//!
//! // What a reader of the branch sees, at the newest schema.
//! let loaded = project.load_migrated("feature/x")?;
//! for document in loaded.documents() {
//!     println!("{}: {}", document.name, document.outcome.name());
//!     for warning in loaded.document_warnings(document) {
//!         println!("warning: {warning}"); // a name that stands twice, a lookup without an answer
//!     }
//! }
//!
//! // A user renames a runbook. One commit: the change, the migrated documents, the new marker.
//! let mut draft = loaded.edit();
//! draft.put("runbook/backup", "name = \"Back up\"\n")?;
//! let ann = Signature::new("Ann", "ann@example.com");
//! let committed = draft.commit(CommitRequest::new("Rename the backup", ann))?;
//! assert_eq!(committed.version, 14);
//! # Ok(())
//! # }
//! ```
//!
//! Every error says what helps by its `remedy()`: change something first, load again, look whether the change is there,
//! upgrade the server, or report a bug ([`Remedy`](project::Remedy)).
//!
//! The library never prints, asks, reads the environment or exits. The one exception is the module `cli`, the command line,
//! which a server that has its own leaves out: it is there with the feature `cli`, which is on by default.

pub mod catalog;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod contract;
mod engine;
#[cfg(feature = "export")]
pub mod export;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
pub mod git;
pub mod history;
pub mod merge;
pub mod migrate;
pub mod ocl;
pub mod plan;
pub mod project;
#[cfg(feature = "query")]
pub mod query;
pub mod references;
pub mod report;
// Only the command uses it.
#[cfg(all(feature = "cli", feature = "serve"))]
mod serve;
pub mod store;
pub mod template;
pub mod text;
pub mod values;
pub mod verify;
