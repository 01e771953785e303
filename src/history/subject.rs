//! Which document a history is about.

use crate::catalog::DocumentName;
use crate::git::{PathHistory, Watched};
use crate::project::{LoadError, LoadOptions, Loaded, OneDocument, Project};

use super::side::Sides;

/// Where a history begins, and the document that it is about.
pub(super) struct Subject {
    pub(super) loaded: Loaded,
    pub(super) name: DocumentName,
}

impl Subject {
    /// A document that the revision has, or that commits before it may have had.
    pub(super) fn find(
        project: &Project,
        revision: &str,
        document: &str,
        target: Option<u32>,
    ) -> Result<Subject, LoadError> {
        let loaded = project
            .session()
            .load_partly(revision, LoadOptions { target })?;
        let known = loaded.names().find(|name| **name == *document).cloned();
        let catalog = loaded.project().catalog();
        let name = known.or_else(|| {
            let name: DocumentName = document.parse().ok()?;
            let kind = catalog.kind(name.kind())?;
            kind.path.path_of(name.slug()).ok()?;
            Some(name)
        });
        match name {
            Some(name) => {
                loaded.refuse_left_out([&name])?;
                Ok(Subject { loaded, name })
            }
            None => Err(loaded.no_such_document(document)),
        }
    }

    /// The walk over the commits that changed it.
    pub(super) fn walk<T>(
        &self,
        first_parent: bool,
        since: Option<i64>,
        cargo: T,
    ) -> Result<(PathHistory<T>, Sides), LoadError> {
        let loaded = &self.loaded;
        let one = OneDocument::new(loaded, &self.name);
        let (sides, paths) = Sides::new(one, &self.name);
        let watched = Watched {
            folder: loaded.base_path().to_owned(),
            paths,
            own: sides.own(),
            first_parent,
            since,
        };
        let reader = loaded.project().repository().reader();
        let walk = PathHistory::new(reader, watched, loaded.commit(), cargo)?;
        Ok((walk, sides))
    }
}
