//! Whether a document's text has the shape that its branch states.

use super::warning::Warning;
use crate::catalog::{Action, Catalog, DocumentName, Lookup, ReadDocument};
use crate::migrate::{self, Context, Extent, Input};
use crate::ocl::Document;
use crate::plan::Direction;

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

/// The versions of the steps up to `to` that would change a value of a document that should be in that shape already, and won't.
///
/// A step that only adds what is absent proves nothing, since the text may have been written later; nor does one that isn't
/// idempotent; nor one whose old name means something else in a later shape. Each step is tried by itself: one that fails because
/// the server isn't asked says nothing about the others.
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
        .filter(|index| !comes_back(catalog, document, *index, to))
        .map(|index| catalog.steps()[index].version())
        .collect();
    versions.dedup();
    versions
}

/// Whether a text has its values again when a step and those above it, up to `to`, are undone and run again. Then they make it of
/// an older one, and what the step would change in it isn't left over from before the step.
fn comes_back(catalog: &Catalog, document: &Input<'_>, step: usize, to: u32) -> bool {
    let steps: Vec<usize> = steps_on(catalog, document, to)
        .filter(|index| *index >= step)
        .filter(|index| matches!(catalog.steps()[*index].action(), Action::Modify(_)))
        .collect();
    let down = steps.iter().rev().map(|step| (Direction::Down, *step));
    let up = steps.iter().map(|step| (Direction::Up, *step));
    let mut text = document.bytes.to_vec();
    for (direction, step) in down.chain(up) {
        let input = Input {
            bytes: &text,
            ..*document
        };
        // One that fails is left out.
        let made = migrate::run(catalog, direction, (&[step], Extent::Part), input, &Alone);
        if let Some(made) = made.ok().and_then(|migrated| migrated.text) {
            text = made.as_bytes().to_vec();
        }
    }
    let dialect = catalog.dialect_at(document.shape);
    let values = |bytes: &[u8]| {
        let parsed = Document::from_bytes(bytes.to_vec(), dialect).ok()?;
        Some(parsed.root().to_json())
    };
    text == document.bytes || values(&text) == values(document.bytes)
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

/// Collects documents that steps up to a version would still change.
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
