//! History of values: which commits changed a document or a value, and which commit gave each value that is there.
//!
//! Every commit's document is lifted to one version first, so that a migration is told from an edit, and an address means the same
//! in all of them. See `docs/values.md`.
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
//! # std::fs::write(folder.join(".octopus/schema_version.ocl"), "version = 9")?;
//! # std::fs::write(folder.join(".octopus/variables.ocl"), "variable \"Retries\" {\n    value \"5\" {}\n}\n")?;
//! # git(folder, &["add", "."]);
//! # git(folder, &["commit", "--quiet", "--message=Begin"]);
//! # std::fs::write(folder.join(".octopus/variables.ocl"), "variable \"Retries\" {\n    value \"7\" {}\n}\n")?;
//! # git(folder, &["commit", "--quiet", "--all", "--message=Try more often"]);
//! # std::fs::write(folder.join(".octopus/schema_version.ocl"), "version = 14")?;
//! # git(folder, &["commit", "--quiet", "--all", "--message=Migrate"]);
//! use ocl_migrate::history::{BlameOptions, HistoryOptions};
//! use ocl_migrate::project::Project;
//!
//! let project = Project::open(folder)?;
//! let options = HistoryOptions {
//!     selector: r#"variable["Retries"]"#.parse()?,
//!     ..HistoryOptions::default()
//! };
//! let last = project.history("main", "variables", options)?.next();
//! let last = last.expect("a commit changed it")?; // or why it can't be told
//! assert_eq!(last.commit().subject, "Try more often");
//! for change in last.difference().changes() {
//!     assert_eq!(change.to_string(), r#"~ variable["Retries"].value{}: "5" -> "7""#);
//! }
//!
//! // The commit that gave each value; the migration is looked through.
//! let blame = project.blame("main", "variables", BlameOptions::default())?;
//! for value in blame.values() {
//!     let commit = value.commit.expect("it is in Git");
//!     assert_eq!(commit.subject, "Try more often");
//!     assert_eq!(value.leaf.to_string(), r#"variable["Retries"].value{} = "7""#);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Architecture Invariant: this room reads only.

mod blame;
mod commit;
mod commits;
mod error;
mod glance;
mod log;
mod side;
mod subject;

pub use blame::{Blame, BlameOptions, Blamed};
pub use commit::HistoryCommit;
pub use commits::Commits;
pub use error::HistoryError;
pub use log::{Cause, CommitChange, History, HistoryOptions};
