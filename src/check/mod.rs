//! Whether what refs hold is right: what a pull request asks.
//!
//! Every document that Git holds is read, lifted to the newest version, and held to the contract of that version; names that clash,
//! references that lead nowhere and things that nothing refers to are found too. A finding stands at its place in the file as it was
//! committed, whatever version that is at.
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
//! # std::fs::write(folder.join(".octopus/variables.ocl"), "variable \"Retries\" {\n    value \"5\" {}\n    value \"6\" {}\n}\n")?;
//! # git(folder, &["add", "."]);
//! # git(folder, &["commit", "--quiet", "--message=Begin"]);
//! use ocl_migrate::check::Rule;
//! use ocl_migrate::project::{LoadOptions, Project};
//!
//! let project = Project::open(folder)?;
//! let mut check = project.check(LoadOptions::default())?;
//! check.add_revision("main")?;
//! let checked = check.run();
//! let found = checked.findings.iter().find(|finding| finding.rule == Rule::SameScope);
//! assert_eq!(found.unwrap().place, Some((3, 5)));
//! # Ok(())
//! # }
//! ```
//!
//! Architecture Invariant: this room reads only, and only through `project` and `compare`. Refs that can't differ are looked at once,
//! and a text that many refs share is read once.

mod base;
mod document;
mod lines;
mod model;
mod named;
mod run;

pub use model::{Checked, Finding, Rule, Severity};
pub use run::Check;
