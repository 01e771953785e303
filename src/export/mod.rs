//! The values of documents in other formats: JSON, YAML, TOML, HCL, CSV, and files of environment variables.
//!
//! What a format can't hold is an error with its address, and then nothing is written. See `docs/values.md`.
//!
//! ```
//! use ocl_migrate::catalog::Catalog;
//! use ocl_migrate::export::{Export, Format};
//! use ocl_migrate::ocl::{Dialect, Document};
//! use ocl_migrate::values::Values;
//!
//! let document = Document::parse("variable \"Retries\" {\n    value \"5\" {}\n}", Dialect::Current)?;
//! let catalog = Catalog::builtin();
//! let values = Values::of(&document, catalog.identity("variables"));
//! let yaml = Export::part("variables", values.root()).to_text(Format::Yaml).unwrap();
//! assert_eq!(yaml, "variable:\n- $labels:\n  - Retries\n  value:\n  - $labels:\n    - \"5\"\n");
//! let env = Export::part("variables", values.root()).to_text(Format::Env).unwrap();
//! assert_eq!(env, "VARIABLES_VARIABLE_RETRIES_VALUE=5\n");
//! # Ok::<(), ocl_migrate::ocl::ParseError>(())
//! ```
//!
//! Architecture Invariant: this room is pure. Documents come lifted to one shape.

mod check;
mod csv;
mod env;
mod error;
mod hcl;
mod nested;
mod shape;
mod toml;
mod what;
mod write;
mod yaml;

pub use error::{ExportError, NotHeld};
pub use shape::POSITION;
pub use what::{Export, Format, Origins};
