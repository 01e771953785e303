//! Many refs side by side: which values differ, and who has which.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{MutexGuard, PoisonError};

use super::cells::{AllTexts, Cell, Documents, Texts};
use super::defaults::{Defaults, kind_defaults};
use super::document::{LiftedDocument, failure};
use super::effective::defaults_of;
use super::refs::{ComparedRef, Found, Looked, NamedCases, Told};
use super::told::{Doubled, GatheredWarnings, RefWarnings, told_of};
use crate::catalog::{Catalog, DocumentName};
use crate::git::{RefPattern, RefScope};
use crate::project::{LoadError, LoadOptions, Loaded, Project, ReadError};
use crate::values::Filled;

/// The refs to compare. Begins with [`Project::comparison`].
///
/// Refs that can't differ are loaded once, and a text that many refs share is read once.
pub struct Comparison<'p> {
    project: &'p Project,
    cases: NamedCases,
    /// Environments whose refs aren't there, with the reason.
    unresolved: Vec<(ComparedRef, String)>,
    only: Option<String>,
    /// The place of the ref that holds everybody's defaults. It is no column for that.
    defaults: Option<usize>,
    /// Whether what overrides a default is wanted, and nothing else.
    overrides: bool,
}

/// Refs side by side: the documents that differ, and the refs that say the same in one column.
#[derive(Debug)]
pub struct Table {
    /// What says the same of all that is compared.
    pub columns: Vec<Column>,
    /// The documents whose texts differ, in the order of the catalog's kinds and then of their slugs.
    pub documents: Vec<ComparedDocument>,
    /// Refs that can't be compared, with the reason.
    pub failed: Vec<(Vec<ComparedRef>, String)>,
    /// What a reader of refs should know, and of which.
    pub warnings: Vec<(Vec<ComparedRef>, String)>,
    /// Refs that hold no project. They are left out.
    pub without_project: Vec<ComparedRef>,
    /// Whether any ref has the one document that was asked for; true where all were.
    pub is_document_known: bool,
    /// Whether the rows are what overrides a default, and nothing else.
    pub only_overrides: bool,
}

/// Refs that say the same of all that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The folder of the project's documents.
    pub base_path: String,
    /// In the order in which they were added.
    pub refs: Vec<ComparedRef>,
}

/// A document whose text isn't the same in all refs.
#[derive(Debug)]
pub struct ComparedDocument {
    /// Its name.
    pub name: DocumentName,
    /// Why it can't be read in some columns: those, and a message that names the file and shows the line if the text is wrong.
    pub failed: Vec<(Vec<usize>, String)>,
    pub(super) texts: Vec<LiftedDocument>,
    /// By column: the text; `None` where the column doesn't have the document. Those that failed are missing.
    pub(super) columns: BTreeMap<usize, Option<usize>>,
    pub(super) defaults: Vec<Filled>,
    /// By column: its defaults.
    pub(super) defaults_of: BTreeMap<usize, usize>,
    /// Whether only what overrides a default is wanted.
    pub(super) overrides: bool,
}

impl Project {
    /// A comparison, of no refs yet.
    pub fn comparison(&self, options: LoadOptions) -> Comparison<'_> {
        Comparison {
            project: self,
            cases: NamedCases::new(self, options),
            unresolved: Vec::new(),
            only: None,
            defaults: None,
            overrides: false,
        }
    }
}

impl Comparison<'_> {
    /// Adds every ref of the scope.
    ///
    /// # Errors
    /// Where the refs can't be read. What is wrong with one ref is told in the table.
    pub fn add_scope(&mut self, scope: RefScope) -> Result<(), LoadError> {
        self.cases.add_scope(scope)
    }

    /// Adds every ref that fits any of the patterns.
    ///
    /// # Errors
    /// [`LoadError::NothingFits`] for a pattern that no ref fits, and where the refs can't be read.
    pub fn add_matching(&mut self, patterns: &[RefPattern]) -> Result<(), LoadError> {
        self.cases.add_matching(patterns)
    }

    /// Adds anything that Git can resolve.
    ///
    /// # Errors
    /// Where it names no commit.
    pub fn add_revision(&mut self, revision: &str) -> Result<(), LoadError> {
        self.cases.add_revision(revision)?;
        Ok(())
    }

    /// Adds an environment: a name for a revision. That it names no commit is told in the table.
    pub fn add_environment(&mut self, name: &str, revision: &str) {
        if let Err(error) = self.cases.add_environment(name, revision) {
            let reference = ComparedRef {
                name: revision.to_owned(),
                commit: None,
                environment: Some(name.to_owned()),
            };
            self.unresolved.push((reference, error.to_string()));
        }
    }

    /// Names the revision whose values are everybody's defaults.
    ///
    /// # Errors
    /// Where it names no commit.
    pub fn set_defaults(&mut self, revision: &str) -> Result<(), LoadError> {
        self.defaults = Some(self.cases.add_revision(revision)?);
        Ok(())
    }

    /// Only values that override a default, also where all refs have the same.
    #[must_use]
    pub fn overrides(mut self) -> Self {
        self.overrides = true;
        self
    }

    /// Compares one document only, by its name or path.
    #[must_use]
    pub fn only(mut self, document: &str) -> Self {
        self.only = Some(document.to_owned());
        self
    }

    /// Compares what was added, on all processors if it takes long. Nothing is written.
    #[must_use]
    pub fn run(self) -> Table {
        let all_texts = AllTexts::default();
        let found = self.cases.look(|loaded| self.documents(loaded, &all_texts));
        let texts = all_texts
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        self.table(&found, texts)
    }

    fn documents(&self, loaded: &Loaded, all_texts: &AllTexts) -> Documents {
        let mut told = RefWarnings::of(loaded);
        let names: Vec<&DocumentName> = match &self.only {
            Some(typed) => loaded.name_of(typed).into_iter().collect(),
            None => loaded.names().collect(),
        };
        let mut cells = Vec::new();
        for name in names {
            match cell(loaded, name, all_texts, &mut told) {
                Ok(Some(text)) => cells.push((name.clone(), Cell::Text(text))),
                Ok(None) => {}
                Err(message) => cells.push((name.clone(), Cell::Failed(message))),
            }
        }
        let kinds = kind_defaults(self.project.catalog()).into_iter();
        let kinds = kinds.filter(|kind| loaded.names().any(|name| name == kind));
        let defaults = kinds.filter_map(|kind| {
            Some(match cell(loaded, &kind, all_texts, &mut told) {
                Ok(text) => (kind, Cell::Text(text?)),
                Err(message) => (kind, Cell::Failed(message)),
            })
        });
        Documents {
            defaults: defaults.collect(),
            cells,
            told,
        }
    }

    fn table(
        &self,
        found: &[Vec<Looked<Documents>>],
        texts: HashMap<DocumentName, Texts>,
    ) -> Table {
        let mut table = Table {
            columns: Vec::new(),
            documents: Vec::new(),
            failed: self
                .unresolved
                .iter()
                .map(|(reference, reason)| (vec![reference.clone()], reason.clone()))
                .collect(),
            warnings: Vec::new(),
            without_project: Vec::new(),
            is_document_known: self.only.is_none() || found.iter().flatten().any(is_found),
            only_overrides: self.overrides,
        };
        let (mut by_reason, mut warnings) = (Told::default(), GatheredWarnings::default());
        let catalog: &Catalog = self.project.catalog();
        let kinds = kind_defaults(catalog);
        let is_broken = |name: &DocumentName| {
            let texts = texts.get(name);
            texts.is_some_and(|texts| texts.texts.iter().any(Result::is_err))
        };
        let differing = differing(found, &|name| {
            is_broken(name) || self.overrides && defaults_of(catalog, name).is_some()
        });
        type Cells<'f> = Vec<Option<&'f Cell>>;
        let mut by_cells: HashMap<(&str, Cells<'_>, Cells<'_>), usize> = HashMap::new();
        let (mut cells_of, mut of_kinds) = (Vec::new(), Vec::new());
        for place in 0..self.cases.refs_len() {
            let is_defaults = self.defaults == Some(place);
            let of_ref = || self.cases.reference(place);
            for Looked { base_path, found } in &found[self.cases.case(place)] {
                let (documents, defaults) = match found {
                    Found::Documents(Documents {
                        cells,
                        defaults,
                        told,
                    }) => {
                        warnings.add(place, told);
                        if is_defaults {
                            for (_, cell) in cells {
                                if let Cell::Failed(reason) = cell {
                                    by_reason.add(reason, of_ref());
                                }
                            }
                            continue;
                        }
                        (cells, defaults)
                    }
                    Found::Nothing(told) => {
                        warnings.add_texts(place, told);
                        table.without_project.push(of_ref());
                        continue;
                    }
                    Found::Failed(reason) => {
                        by_reason.add(reason.to_string(), of_ref());
                        continue;
                    }
                };
                let by_name: HashMap<&DocumentName, &Cell> =
                    documents.iter().map(|(name, cell)| (name, cell)).collect();
                let cells: Vec<Option<&Cell>> = differing
                    .iter()
                    .map(|name| by_name.get(*name).copied())
                    .collect();
                let of_kind = |kind| defaults.iter().find(|(name, _)| name == kind);
                let defaults = kinds.iter().map(|kind| of_kind(kind).map(|(_, cell)| cell));
                let defaults: Cells<'_> = defaults.collect();
                let column = by_cells
                    .entry((base_path.as_str(), cells, defaults))
                    .or_insert_with_key(|(_, cells, defaults)| {
                        cells_of.push(cells.clone());
                        of_kinds.push(defaults.clone());
                        table.columns.push(Column {
                            base_path: base_path.clone(),
                            refs: Vec::new(),
                        });
                        table.columns.len() - 1
                    });
                table.columns[*column].refs.push(of_ref());
            }
        }
        table.failed.extend(by_reason.into_vec());
        table.warnings = warnings.in_words(&self.cases);
        let base = self.defaults.map(|place| self.cases.case(place));
        let base = base.map_or(&[][..], |case| &found[case]);
        let defaults = Defaults::new(catalog, &texts, base);
        let defaults: Vec<_> = differing
            .iter()
            .map(|name| {
                let kind = defaults_of(catalog, name);
                let kind = kind.and_then(|kind| kinds.iter().position(|known| *known == kind));
                let columns = table.columns.iter().zip(&of_kinds);
                let columns = columns
                    .map(|(column, cells)| (&*column.base_path, kind.and_then(|kind| cells[kind])));
                defaults.of(name, columns)
            })
            .collect();
        let mut texts = texts;
        let documents = differing.iter().zip(defaults).enumerate();
        let documents = documents.map(|(place, (name, found))| {
            let cells = cells_of.iter().map(|cells| cells[place]);
            let texts = texts.remove(*name).unwrap_or_default();
            let mut document = ComparedDocument::new((*name).clone(), cells, texts.texts);
            document.failed.extend(found.failed);
            document.defaults = found.documents;
            document.defaults_of = found.of_columns;
            document.overrides = self.overrides;
            document
        });
        table.documents = documents.collect();
        let kind_of = |name: &DocumentName| {
            let mut kinds = catalog.kinds().iter();
            kinds.position(|kind| kind.name == name.kind())
        };
        table.documents.sort_by(|a, b| {
            (kind_of(&a.name), a.name.slug()).cmp(&(kind_of(&b.name), b.name.slug()))
        });
        table
    }
}

fn is_found(looked: &Looked<Documents>) -> bool {
    matches!(&looked.found, Found::Documents(found) if !found.cells.is_empty())
}

/// The names of the documents that aren't one text everywhere, and of those that are wanted anyway.
fn differing<'f>(
    found: &'f [Vec<Looked<Documents>>],
    wanted: &dyn Fn(&DocumentName) -> bool,
) -> Vec<&'f DocumentName> {
    let mut projects = 0;
    let mut cells: BTreeMap<&DocumentName, (usize, BTreeSet<&Cell>)> = BTreeMap::new();
    for looked in found.iter().flatten() {
        if let Found::Documents(found) = &looked.found {
            projects += 1;
            for (name, cell) in &found.cells {
                let (count, known) = cells.entry(name).or_default();
                *count += 1;
                known.insert(cell);
            }
        }
    }
    let differing = cells.into_iter().filter(|(name, (count, known))| {
        let has_failed = known.iter().any(|cell| matches!(cell, Cell::Failed(_)));
        *count < projects || known.len() > 1 || has_failed || wanted(name)
    });
    differing.map(|(name, _)| name).collect()
}

/// The text of a document in a ref; `None` where it isn't there. What a reader of it should know is added to `told`.
fn cell(
    loaded: &Loaded,
    name: &DocumentName,
    all_texts: &AllTexts,
    told: &mut RefWarnings,
) -> Result<Option<usize>, String> {
    let document = loaded
        .document(name.as_str())
        .map_err(|error| error.to_string())?;
    let failed = |error: ReadError| failure(loaded, document, &error);
    if document.error().is_some() {
        return LiftedDocument::of(loaded, document)
            .map_err(failed)
            .map(|_| None);
    }
    let key = loaded
        .content_key(document)
        .map_err(|error| failed(error.into()))?;
    let Some(key) = key else {
        told.add_document(name, loaded.told_of(document));
        return Ok(None);
    };
    let mut tell = |doubled: &Doubled| {
        told.add_document(name, told_of(loaded, document, doubled));
    };
    let known = lock(all_texts).get(name).and_then(|texts| {
        let place = *texts.by_key.get(&key)?;
        Some((place, texts.doubled[place].clone()))
    });
    if let Some((place, doubled)) = known {
        tell(&doubled);
        return Ok(Some(place));
    }
    // Not under the lock: two threads may read one text, and one is kept.
    let lifted = match LiftedDocument::of(loaded, document) {
        Ok(None) => return Ok(None),
        Ok(Some(lifted)) => Ok(lifted),
        Err(error) => Err(failed(error)),
    };
    let doubled = lifted.as_ref().ok();
    let doubled = doubled.and_then(|lifted| lifted.doubled(document));
    tell(&doubled);
    let mut all_texts = lock(all_texts);
    let texts = all_texts.entry(name.clone()).or_default();
    let fresh = texts.texts.len();
    let place = *texts.by_key.entry(key).or_insert(fresh);
    if place == fresh {
        texts.texts.push(lifted);
        texts.doubled.push(doubled);
    }
    Ok(Some(place))
}

fn lock(all_texts: &AllTexts) -> MutexGuard<'_, HashMap<DocumentName, Texts>> {
    all_texts.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ComparedDocument {
    fn new<'c>(
        name: DocumentName,
        cells: impl Iterator<Item = Option<&'c Cell>>,
        found: Vec<Result<LiftedDocument, String>>,
    ) -> ComparedDocument {
        let cells: Vec<Option<&Cell>> = cells.collect();
        let mut texts = Vec::new();
        let mut places: HashMap<usize, Result<usize, &String>> = HashMap::new();
        let mut found: Vec<Option<Result<LiftedDocument, String>>> =
            found.into_iter().map(Some).collect();
        let mut messages = Vec::new();
        // In the order of the columns, whichever was read first: rows then come in one order, and their columns need no sorting.
        let in_columns = cells.iter().filter_map(|cell| match cell {
            Some(Cell::Text(place)) => Some(*place),
            _ => None,
        });
        for place in in_columns.chain(0..found.len()) {
            match found.get_mut(place).and_then(Option::take) {
                Some(Ok(lifted)) => {
                    places.insert(place, Ok(texts.len()));
                    texts.push(lifted);
                }
                Some(Err(message)) => messages.push((place, message)),
                None => {}
            }
        }
        for (place, message) in &messages {
            places.insert(*place, Err(message));
        }
        let mut failed: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut columns = BTreeMap::new();
        for (column, cell) in cells.into_iter().enumerate() {
            let text = match cell {
                None => Ok(None),
                Some(Cell::Failed(message)) => Err(message),
                Some(Cell::Text(place)) => match places.get(place) {
                    Some(Ok(text)) => Ok(Some(*text)),
                    Some(Err(message)) => Err(*message),
                    None => Ok(None),
                },
            };
            match text {
                Ok(text) => {
                    columns.insert(column, text);
                }
                Err(message) => failed.entry(message).or_default().push(column),
            }
        }
        let failed = failed.into_iter();
        ComparedDocument {
            name,
            failed: failed
                .map(|(message, columns)| (columns, message.to_owned()))
                .collect(),
            texts,
            columns,
            defaults: Vec::new(),
            defaults_of: BTreeMap::new(),
            overrides: false,
        }
    }
}
