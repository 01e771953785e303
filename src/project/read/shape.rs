//! Whether a document's text has the shape that its branch states.

use super::warning::Warning;
use crate::catalog::{Action, Catalog, DocumentName, Lookup, ReadDocument};
use crate::migrate::{self, Context, Input};

/// The versions of the steps above a document's shape and up to `to` that would still change its text. Where there are any,
/// it isn't in the shape of `to`.
pub(crate) fn steps_not_applied(catalog: &Catalog, document: &Input<'_>, to: u32) -> Vec<u32> {
    let steps: Vec<usize> = steps_on(catalog, document, to)
        .filter(|index| catalog.steps()[*index].version() > document.shape)
        .collect();
    // A step that fails here proves nothing: it may need an answer of the server, which isn't asked.
    let Ok(migrated) = migrate::migrate(catalog, &steps, *document, &Alone) else {
        return Vec::new();
    };
    let changes = migrated.changes.iter();
    let mut versions: Vec<u32> = changes
        .map(|change| catalog.steps()[change.step].version())
        .collect();
    versions.dedup();
    versions
}

/// The versions of the steps up to `to` that would change a value of a document that should be in that shape already. Where
/// there are any, it looks older.
///
/// A step that only adds what is absent proves nothing, since the text may have been written later; nor does one that isn't
/// idempotent. Each step is tried by itself: one that fails because the server isn't asked says nothing about the others.
pub(crate) fn steps_it_looks_older_than(
    catalog: &Catalog,
    document: &Input<'_>,
    to: u32,
) -> Vec<u32> {
    let touches_values = |step: &usize| {
        let migrated = migrate::migrate(catalog, &[*step], *document, &Alone);
        migrated.is_ok_and(|migrated| {
            migrated
                .changes
                .iter()
                .any(|change| !change.fates.is_empty())
        })
    };
    let mut versions: Vec<u32> = steps_on(catalog, document, to)
        .filter(|index| {
            let step = &catalog.steps()[*index];
            !matches!(step.action(), Action::Dialect) && step.is_idempotent()
        })
        .filter(touches_values)
        .map(|index| catalog.steps()[index].version())
        .collect();
    versions.dedup();
    versions
}

/// The steps up to a version that work on a document's text.
fn steps_on<'c>(
    catalog: &'c Catalog,
    document: &Input<'c>,
    to: u32,
) -> impl Iterator<Item = usize> + use<'c> {
    let kind = document.kind;
    (0..catalog.steps().len()).filter(move |index| {
        let step = &catalog.steps()[*index];
        let applies = match step.action() {
            Action::Modify(_) => step.concerns(kind),
            Action::Dialect => true,
            Action::Import(_) | Action::Rename(_) | Action::Remove => false,
        };
        applies && step.version() <= to
    })
}

/// No server, and no other documents.
struct Alone;

impl Context for Alone {
    fn lookup(&self) -> &dyn Lookup {
        self
    }

    fn documents(&self, _: &str, _: usize) -> Result<Vec<ReadDocument>, String> {
        Err("other documents are not read here".to_owned())
    }
}

impl Lookup for Alone {
    fn lookup(&self, _: &str, _: &str) -> Result<Option<serde_json::Value>, String> {
        Err("the server is not asked here".to_owned())
    }
}

/// Collects documents that look older than a version.
pub(crate) struct Older {
    version: u32,
    paths: Vec<String>,
    steps: Vec<u32>,
}

impl Older {
    pub(crate) fn than(version: u32) -> Older {
        Older {
            version,
            paths: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Looks at a document, which lies at a path in the repository.
    pub(crate) fn look(
        &mut self,
        catalog: &Catalog,
        name: &DocumentName,
        path: String,
        bytes: &[u8],
    ) {
        let input = Input {
            kind: name.kind(),
            slug: name.slug(),
            shape: self.version,
            bytes,
        };
        let found = steps_it_looks_older_than(catalog, &input, self.version);
        if !found.is_empty() {
            self.paths.push(path);
            self.steps.extend(found);
        }
    }

    pub(crate) fn warning(mut self) -> Option<Warning> {
        self.steps.sort_unstable();
        self.steps.dedup();
        (!self.paths.is_empty()).then_some(Warning::LooksOlder {
            paths: self.paths,
            version: self.version,
            steps: self.steps,
        })
    }
}
