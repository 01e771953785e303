//! Why a document isn't there that a store may have.

use std::fmt;

/// An import would bring documents of a kind in, and no store says which.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotImported {
    /// The version of the import.
    pub version: u32,
    /// Why the store says nothing.
    pub why: StoreSilent,
}

/// Why a store says nothing of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreSilent {
    /// There is none.
    Absent,
    /// It doesn't know the project.
    ProjectUnknown {
        /// What it was asked for.
        project: String,
    },
    /// It can't be used.
    Unusable {
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for NotImported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the import at version {} brings documents of its kind in from the store, and ",
            self.version
        )?;
        match &self.why {
            StoreSilent::Absent => f.write_str("there is no store"),
            StoreSilent::ProjectUnknown { project } => {
                write!(f, "the store doesn't know the project `{project}`")
            }
            StoreSilent::Unusable { reason } => write!(f, "the store can't be used: {reason}"),
        }
    }
}
