//! SQL over refs, documents, values and their history.
//!
//! The tables are SQLite's virtual tables, inside this process: nothing is stored, and rows are made when a query asks for them. A query
//! that names one ref reads one ref, and a text that many refs have is read once. Everything is lifted to one version first, the
//! server's unless said otherwise. See `docs/how-to/query.md`; [`TABLES`] lists the tables.
//!
//! A query can't do anything but read these tables: an authorizer refuses all else, nothing can be attached, sorts stay in memory,
//! and it has a time-out and a limit of rows.
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
//! # git(folder, &["branch", "feature/x"]);
//! use ocl_migrate::project::Project;
//! use ocl_migrate::query::{QueryError, QueryOptions};
//!
//! let project = Project::open(folder)?;
//! let query = project.query(QueryOptions::default())?;
//! let prepared = query.prepare("SELECT ref, value FROM leaves WHERE address = 'variable[\"Retries\"].value{}'")?;
//! assert_eq!(prepared.columns(), ["ref", "value"]);
//! let mut lines = Vec::new();
//! prepared.run(|row| {
//!     lines.push(format!("{row:?}"));
//!     Ok::<(), QueryError>(())
//! })?;
//! assert_eq!(lines, [r#"[Text("feature/x"), Text("5")]"#, r#"[Text("main"), Text("5")]"#]);
//! assert!(query.problems().is_empty(), "every ref could be read");
//! # Ok(())
//! # }
//! ```
//!
//! Architecture Invariant: this room reads only. One file has `unsafe` in it, and nothing else: `virtual_table.rs`.

mod condition;
mod error;
mod guard;
mod hint;
mod options;
mod plan;
mod problem;
mod rows;
mod run;
#[cfg(feature = "serve")]
mod search;
mod shared;
mod sources;
mod table;
mod virtual_table;

pub use error::QueryError;
pub use options::{QueriedRefs, QueryOptions};
pub use problem::QueryProblem;
pub use run::{PlanLine, Prepared, Query, QueryValue};
#[cfg(feature = "serve")]
pub(crate) use search::SearchedValue;
pub use table::{ColumnInfo, TABLES, TableInfo};
