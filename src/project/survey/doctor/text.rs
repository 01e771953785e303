//! The texts of documents, each looked at once wherever it lies.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::catalog::DocumentName;
use crate::engine::{DocumentOutcome, Source};
use crate::git::ObjectId;
use crate::migrate::Input;
use crate::ocl::{Document, DoubledName};
use crate::project::open::Project;
use crate::project::read::loaded::Loaded;
use crate::project::read::shape::{steps_it_looks_older_than, steps_not_applied};
use crate::project::read::source::{GitSource, original};
use crate::references::{DoubledBlock, doubled_blocks};
use crate::values::{Element, Values};

/// A document's text, as any number of branches at one version hold it.
pub(super) struct Text {
    pub(super) name: DocumentName,
    /// Below the base path.
    pub(super) path: String,
    /// The branches' version.
    pub(super) version: u32,
    /// The names that stand in it more than once; or why it can't be read, or isn't OCL.
    pub(super) reading: Result<Vec<DoubledName>, String>,
    /// Values of one scope, in the newest shape, by their addresses: which of each two applies can't be told.
    pub(super) same_scopes: Pairs,
    /// Blocks that can't be told from each other, in the newest shape.
    pub(super) doubled_blocks: Pairs,
    blob: ObjectId,
    /// The steps that would still change it, by the version at which it was written, if that is below the branches'.
    steps: Mutex<Vec<(Option<u32>, Arc<[u32]>)>>,
}

/// All texts, by content and version; several documents may have the same.
#[derive(Default)]
pub(super) struct Texts {
    known: RwLock<HashMap<(ObjectId, u32), Vec<Arc<Text>>>>,
}

impl Texts {
    /// The texts of the documents that Git holds, in their order.
    pub(super) fn of(&self, loaded: &Loaded) -> Vec<Arc<Text>> {
        let source = loaded.lift().source();
        let mut texts = self.known(source);
        let mut new = Vec::new();
        for (place, text) in texts.iter_mut().enumerate() {
            if text.is_none() {
                *text = Some(Arc::new(Text::read(loaded, place)));
                new.push(place);
            }
        }
        let texts: Vec<Arc<Text>> = texts.into_iter().flatten().collect();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for place in new {
            if source.held().documents[place].content.is_ok() {
                let text = &texts[place];
                let known = known.entry((text.blob, text.version)).or_default();
                known.push(text.clone());
            }
        }
        texts
    }

    /// Those of the documents' texts that were read before.
    fn known(&self, source: &GitSource) -> Vec<Option<Arc<Text>>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let files = source.held().documents.iter().zip(&source.layout.files);
        let texts = files.map(|(document, file)| {
            // What isn't a file may have the content of one.
            document.content.as_ref().ok()?;
            let mut texts = known.get(&(file.id, source.version()))?.iter();
            texts.find(|text| text.path == document.path).cloned()
        });
        texts.collect()
    }
}

fn read(source: &GitSource, place: usize) -> Result<Vec<DoubledName>, String> {
    source.held().documents[place].content.clone()?;
    let bytes = source.read(place).map_err(|error| error.to_string())?;
    let dialect = source.catalog().dialect_at(source.version());
    match Document::from_bytes(bytes.to_vec(), dialect) {
        Ok(document) => {
            let kind = source.held().documents[place].name.kind();
            Ok(source.catalog().doubled_names(kind, &document))
        }
        Err(error) => Err(format!(
            "line {}, column {}: {}",
            error.line(),
            error.column(),
            error.message()
        )),
    }
}

/// Pairs of addresses, in the newest shape.
type Pairs = Vec<(String, String)>;

/// Values of one scope, and blocks that can't be told from each other. Of a document that can't be migrated none are known; that it
/// can't is a finding of its own, or is told where it is read.
fn clashes(loaded: &Loaded, name: &DocumentName) -> (Pairs, Pairs) {
    let catalog = loaded.project().catalog();
    let nothing = Default::default;
    let Some(migrated) = loaded.lift().named(name) else {
        return nothing();
    };
    // What an import brought in isn't the text that lies in Git.
    if let DocumentOutcome::Imported { .. } = migrated.outcome {
        return nothing();
    }
    let Ok(Some(bytes)) = loaded.content(migrated) else {
        return nothing();
    };
    let dialect = catalog.dialect_at(loaded.plan().target);
    let Ok(document) = Document::from_bytes(bytes, dialect) else {
        return nothing();
    };
    let identity = catalog.identity(name.kind());
    let values = Values::of(&document, identity);
    let address = |element: &Element<'_>| element.selector().to_string();
    let mut same_scopes = Vec::new();
    if identity.has_scopes() {
        for scoped in values.scoped() {
            for (one, other) in scoped.clashes() {
                same_scopes.push((address(&one.element), address(&other.element)));
            }
        }
    }
    let doubled = doubled_blocks(values, name, catalog);
    let doubled = doubled.iter().map(DoubledBlock::addresses);
    (same_scopes, doubled.collect())
}

impl Text {
    /// The text of the document at a place among those that Git holds.
    fn read(loaded: &Loaded, place: usize) -> Text {
        let source = loaded.lift().source();
        let document = &source.held().documents[place];
        let (same_scopes, doubled_blocks) = clashes(loaded, &document.name);
        Text {
            name: document.name.clone(),
            path: document.path.clone(),
            version: source.version(),
            reading: read(source, place),
            same_scopes,
            doubled_blocks,
            blob: source.layout.files[place].id,
            steps: Mutex::default(),
        }
    }

    /// Finds the steps that would still change it: those above the version at which it was written, where that is below the
    /// branches', and else those it looks older than.
    pub(super) fn compare_shape(&self, project: &Project, written_at: Option<u32>) {
        if self.shape_compared(written_at).is_some() {
            return;
        }
        // It was read before, so that this fails only where an object has gone meanwhile.
        let Ok(bytes) = original(project, self.blob) else {
            return;
        };
        let (catalog, version) = (project.catalog(), self.version);
        let input = Input {
            kind: self.name.kind(),
            slug: self.name.slug(),
            shape: written_at.unwrap_or(version),
            bytes: &bytes,
        };
        let steps = match written_at {
            Some(_) => steps_not_applied(catalog, &input, version),
            None => steps_it_looks_older_than(catalog, &input, version),
        };
        let mut known = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        known.push((written_at, steps.into()));
    }

    /// What [`compare_shape`](Text::compare_shape) has found.
    pub(super) fn shape_compared(&self, written_at: Option<u32>) -> Option<Arc<[u32]>> {
        let known = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = known.iter();
        let found = known.find(|(at, _)| *at == written_at);
        found.map(|(_, steps)| steps.clone())
    }
}
