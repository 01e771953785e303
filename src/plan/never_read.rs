//! Rows of the store's table that no import reads, now or later.

use crate::catalog::{Action, Catalog};

/// Why no import reads a row of the store's table, now or later.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NeverRead {
    /// Nothing imports the kind.
    #[error("no step imports `{kind}`")]
    NoImport {
        /// The kind.
        kind: String,
    },
    /// The import refuses content in this shape.
    #[error("the import of `{kind}` at version {import} refuses shape {shape}, which is below it")]
    BelowImport {
        /// The kind.
        kind: String,
        /// The shape.
        shape: u32,
        /// The import's version.
        import: u32,
    },
    /// The steps begin above the shape.
    #[error("shape {shape} is below version {baseline}, at which this server's steps begin")]
    BelowBaseline {
        /// The kind.
        kind: String,
        /// The shape.
        shape: u32,
        /// The catalog's lowest version.
        baseline: u32,
    },
    /// The kind doesn't exist in this shape, nor later.
    #[error(
        "there is no `{kind}` in shape {shape}: version {remove} removes the kind, and nothing imports it after that"
    )]
    Removed {
        /// The kind.
        kind: String,
        /// The shape.
        shape: u32,
        /// The version of the remove.
        remove: u32,
    },
    /// This server doesn't know the shape.
    #[error("shape {shape} is above version {server}, the newest that this server knows")]
    AboveServer {
        /// The kind.
        kind: String,
        /// The shape.
        shape: u32,
        /// The server version.
        server: u32,
    },
    /// The import is over.
    #[error(
        "the import of `{kind}` at version {import} is recorded: every branch reads its snapshot, which never changes"
    )]
    Recorded {
        /// The kind.
        kind: String,
        /// The import's version.
        import: u32,
    },
}

/// Why no import reads a row of the store's table, now or later; `None` if one does.
///
/// `project_version` is the project's version in the store, `recorded` are the versions of the kind's imports that have a
/// snapshot there.
pub fn never_read(
    catalog: &Catalog,
    kind: &str,
    shape: u32,
    project_version: u32,
    recorded: &[u32],
) -> Option<NeverRead> {
    // The imports that may bring the row in: those up to its shape, after the last remove up to it.
    let mut imports = Vec::new();
    let (mut remove, mut next_import) = (None, None);
    for step in catalog.steps().iter().filter(|step| step.concerns(kind)) {
        let version = step.version();
        match step.action() {
            Action::Import(_) if version <= shape => imports.push(version),
            Action::Import(_) if next_import.is_none() => next_import = Some(version),
            Action::Remove if version <= shape => {
                imports.clear();
                remove = Some(version);
            }
            _ => {}
        }
    }
    let server = catalog.server_version();
    let is_over = |import: &u32| project_version >= *import && recorded.contains(import);
    Some(match (imports.last(), next_import, remove) {
        (None, None, None) => NeverRead::NoImport {
            kind: kind.to_owned(),
        },
        (None, Some(import), _) => NeverRead::BelowImport {
            kind: kind.to_owned(),
            shape,
            import,
        },
        (None, None, Some(remove)) => NeverRead::Removed {
            kind: kind.to_owned(),
            shape,
            remove,
        },
        (Some(_), ..) if shape > server => NeverRead::AboveServer {
            kind: kind.to_owned(),
            shape,
            server,
        },
        (Some(&import), ..) if imports.iter().all(is_over) => NeverRead::Recorded {
            kind: kind.to_owned(),
            import,
        },
        (Some(_), ..) if catalog.retires(shape).is_some() => NeverRead::BelowBaseline {
            kind: kind.to_owned(),
            shape,
            baseline: catalog.lowest_version(),
        },
        (Some(_), ..) => return None,
    })
}
