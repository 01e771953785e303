//! Looks for uses in many refs: those that can't differ are loaded once, and a text that many share is read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::answers::{FoundPlace, Which, answers};
use super::model::{LeftOut, UsePlace, UseQuestion, UseRole, Uses};
use super::text::{Text, Wanted};
use crate::catalog::{Catalog, DocumentName};
use crate::compare::document::{LiftedDocument, failure};
use crate::compare::refs::{ComparedRef, NamedCases};
use crate::compare::told::{Doubled, Told, ToldOfRefs, told_of};
use crate::git::{RefPattern, RefScope};
use crate::project::{
    ContentKey, LoadError, LoadOptions, Loaded, NotLoaded, Project, ReadError, Warning, for_each,
};
use crate::references::UnknownKind;
use crate::text::either;

/// The refs to look at. Begins with [`Project::uses`].
pub struct UseSearch {
    cases: NamedCases,
    question: UseQuestion,
    kind: Option<String>,
}

impl Project {
    /// A search for references, in no refs yet. With a kind, only for things of that kind.
    ///
    /// # Errors
    /// [`UnknownKind`] for a kind that the catalog doesn't declare, or if it declares none.
    pub fn uses(
        &self,
        question: UseQuestion,
        kind: Option<&str>,
        options: LoadOptions,
    ) -> Result<UseSearch, UnknownKind> {
        let mut known = self.catalog().thing_kinds().peekable();
        let has_any = known.peek().is_some();
        if !has_any || kind.is_some_and(|kind| !known.any(|known| known == kind)) {
            return Err(UnknownKind::of(kind.unwrap_or_default(), self.catalog()));
        }
        Ok(UseSearch {
            cases: NamedCases::new(self, options),
            question,
            kind: kind.map(str::to_owned),
        })
    }
}

/// What became of one base path of a case.
enum Found {
    Documents {
        places: Vec<FoundPlace>,
        failed: Vec<String>,
        told: Told,
    },
    Nothing,
    Failed(String),
}

/// The texts that were read, each once. What a document is called decides what it defines.
type Texts = Mutex<TextsRead>;

type TextsRead = HashMap<(DocumentName, ContentKey), Arc<Text>>;

/// What became of each base path of a case.
type FoundInCase = Vec<(String, Found)>;

impl UseSearch {
    /// Adds every ref of the scope.
    ///
    /// # Errors
    /// Where the refs can't be read. What is wrong with one ref is told in the answer.
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

    /// Adds an environment: a name for a revision.
    ///
    /// # Errors
    /// Where the revision names no commit.
    pub fn add_environment(&mut self, name: &str, revision: &str) -> Result<(), LoadError> {
        self.cases.add_environment(name, revision)
    }

    /// Looks at what was added, on all processors if it takes long. Nothing is written.
    #[must_use]
    pub fn run(self) -> Uses {
        look_up(&self.cases, &self.question, self.kind.as_deref())
    }
}

/// Looks at all these refs.
pub(crate) fn look_up(cases: &NamedCases, question: &UseQuestion, kind: Option<&str>) -> Uses {
    let things = cases.project().catalog().things();
    let mut wanted = Wanted::new(things, question, kind);
    let (found, texts) = loop {
        let (found, texts) = look_everywhere(cases, &wanted);
        // What goes by another name too may be referred to by that.
        let names = names_in(&found);
        if !wanted.is_filtered() || !wanted.also(names) {
            break (found, texts);
        }
    };
    let mut uses = answer(cases, &found, &wanted);
    uses.computed = texts.values().map(|text| text.computed).sum();
    uses
}

/// What becomes of each case, and every text that was read.
fn look_everywhere(cases: &NamedCases, wanted: &Wanted<'_>) -> (Vec<FoundInCase>, TextsRead) {
    let found: Vec<OnceLock<FoundInCase>> = std::iter::repeat_with(OnceLock::new)
        .take(cases.len())
        .collect();
    let texts = Texts::default();
    for_each(found.len(), |case| {
        found[case].get_or_init(|| look(cases, case, wanted, &texts));
    });
    let texts = texts.into_inner().unwrap_or_else(PoisonError::into_inner);
    let found = found.into_iter();
    let found = found.map(|found| found.into_inner().unwrap_or_default());
    (found.collect(), texts)
}

/// Loads a case, and looks at its documents.
fn look(cases: &NamedCases, case: usize, wanted: &Wanted<'_>, texts: &Texts) -> FoundInCase {
    let looked = cases.load(case, |base_path, loaded| {
        let found = match loaded {
            Err(error) => Found::Failed(error.to_string()),
            Ok(loaded) if loaded.plan().branch_version == 0 => Found::Nothing,
            Ok(loaded) => documents(&loaded, wanted, texts),
        };
        (base_path.to_owned(), found)
    });
    looked.unwrap_or_else(|nothing| {
        let found = match nothing {
            NotLoaded::NotACommit(_) => Found::Nothing,
            NotLoaded::Broken(reason) => Found::Failed(reason),
        };
        vec![(String::new(), found)]
    })
}

fn answer(cases: &NamedCases, found: &[FoundInCase], wanted: &Wanted<'_>) -> Uses {
    let mut uses = Uses {
        refs: Vec::with_capacity(cases.refs_len()),
        places: Vec::new(),
        computed: 0,
        left_out: LeftOut::default(),
        failed: Vec::new(),
        warnings: Vec::new(),
        without_project: Vec::new(),
    };
    let mut failed: BTreeMap<&str, Vec<ComparedRef>> = BTreeMap::new();
    let mut gathered = ToldOfRefs::default();
    let mut places: HashMap<_, usize> = HashMap::new();
    let mut left_out = HashSet::new();
    for place in 0..cases.refs_len() {
        let reference = cases.reference(place);
        for (base_path, found) in &found[cases.case(place)] {
            match found {
                Found::Nothing => uses.without_project.push(reference.clone()),
                Found::Failed(reason) => {
                    failed.entry(reason).or_default().push(reference.clone());
                }
                Found::Documents {
                    places: here,
                    failed: reasons,
                    told,
                } => {
                    for reason in reasons {
                        failed.entry(reason).or_default().push(reference.clone());
                    }
                    gathered.add(place, told);
                    for found in here {
                        let (kind, role, at) = found.parts();
                        if found.is_unsure {
                            left_out.insert((
                                base_path,
                                kind,
                                &found.key,
                                role == UseRole::Definition,
                            ));
                            continue;
                        }
                        let id = (base_path, &found.document, kind, &found.key, role);
                        let id = (id, &at.name, &at.address);
                        let index = *places.entry(id).or_insert_with(|| {
                            let kind = wanted.thing(kind).kind.clone();
                            uses.places.push(UsePlace {
                                kind,
                                key: found.key.clone(),
                                name: at.name.clone(),
                                role,
                                base_path: base_path.clone(),
                                document: found.document.clone(),
                                address: at.address.clone(),
                                suggestion: found.suggestion.clone(),
                                found: Vec::new(),
                            });
                            uses.places.len() - 1
                        });
                        uses.places[index].found.push((place, at.line));
                    }
                }
            }
        }
        uses.refs.push(reference);
    }
    let (unused, undefined): (Vec<_>, Vec<_>) = left_out.into_iter().partition(|it| it.3);
    uses.left_out = LeftOut {
        undefined: undefined.len(),
        unused: unused.len(),
    };
    let failed = failed.into_iter();
    uses.failed = failed.map(|(text, refs)| (refs, text.to_owned())).collect();
    uses.warnings = gathered.in_words(cases);
    sort(cases.project().catalog(), &mut uses.places);
    uses
}

/// By kind and thing, definitions first, then as the documents are listed.
fn sort(catalog: &Catalog, places: &mut [UsePlace]) {
    let kind_of_thing = |kind: &str| catalog.thing_kinds().position(|known| known == kind);
    let kind_of_document = |name: &DocumentName| {
        let mut kinds = catalog.kinds().iter();
        kinds.position(|kind| kind.name == name.kind())
    };
    places.sort_by_cached_key(|place| {
        (
            kind_of_thing(&place.kind),
            place.key.clone(),
            place.role != UseRole::Definition,
            place.base_path.clone(),
            kind_of_document(&place.document),
            place.document.slug().to_owned(),
            place.found.first().map(|(_, line)| *line),
            place.address.clone(),
        )
    });
}

/// All names that the thing that was asked for goes by, where it is defined.
fn names_in(found: &[FoundInCase]) -> BTreeSet<String> {
    let places = found.iter().flatten().filter_map(|(_, found)| match found {
        Found::Documents { places, .. } => Some(places),
        _ => None,
    });
    let definitions = places.flatten().filter_map(|place| match place.which {
        Which::Definition(index) => Some(&place.text.definitions[index]),
        Which::Reference(_) => None,
    });
    definitions
        .flat_map(|definition| definition.names.iter().cloned())
        .collect()
}

/// What the documents of a ref answer.
fn documents(loaded: &Loaded, wanted: &Wanted<'_>, texts: &Texts) -> Found {
    let mut told = Told::of(loaded);
    if let UseQuestion::Undefined | UseQuestion::Unmatched = wanted.question {
        told.add(undefined_elsewhere(loaded, wanted));
    }
    let (mut read, mut failed) = (Vec::new(), Vec::new());
    for name in loaded.names() {
        match text(loaded, name, wanted, texts, &mut told) {
            Ok(Some(text)) => read.push((name, text)),
            Ok(None) => {}
            Err(message) => failed.push(message),
        }
    }
    Found::Documents {
        places: answers(&read, wanted, lacks_documents(loaded)),
        failed,
        told,
    }
}

/// Whether documents that belong to the ref lie in a store that wasn't asked.
fn lacks_documents(loaded: &Loaded) -> bool {
    let mut warnings = loaded.warnings().iter();
    warnings.any(|warning| match warning {
        Warning::ImportsUnknown { kinds }
        | Warning::StoreUnusable { kinds, .. }
        | Warning::ProjectUnknown { kinds, .. } => !kinds.is_empty(),
        _ => false,
    })
}

/// Where no document could define a kind of things, the server holds them: that none is defined says nothing.
fn undefined_elsewhere(loaded: &Loaded, wanted: &Wanted<'_>) -> Vec<String> {
    let kinds: HashSet<&str> = loaded.names().map(DocumentName::kind).collect();
    let mut told = Vec::new();
    for (place, thing) in wanted.things.things.iter().enumerate() {
        let has_document = thing.defined_in.iter().any(|kind| kinds.contains(&**kind));
        if wanted.of(place).is_some() && !thing.defined_in.is_empty() && !has_document {
            told.push(format!(
                "references to things of the kind {} weren't checked: no document of the kind {} is there to define any",
                thing.kind,
                either(&thing.defined_in)
            ));
        }
    }
    told
}

/// The text of a document in a ref; `None` where it isn't there. What a reader of it should know is added to `told`.
fn text(
    loaded: &Loaded,
    name: &DocumentName,
    wanted: &Wanted<'_>,
    texts: &Texts,
    told: &mut Told,
) -> Result<Option<Arc<Text>>, String> {
    let document = loaded
        .document(name.as_str())
        .map_err(|error| error.to_string())?;
    let failed = |error: ReadError| failure(loaded, document, &error);
    let key = match document.error() {
        Some(_) => None,
        None => loaded
            .content_key(document)
            .map_err(|error| failed(error.into()))?,
    };
    let lock = || texts.lock().unwrap_or_else(PoisonError::into_inner);
    let id = key.map(|key| (name.clone(), key));
    let mut tell = |doubled: &Doubled| {
        told.add_document(name, told_of(loaded, document, doubled));
    };
    if let Some(known) = id.as_ref().and_then(|id| lock().get(id).cloned()) {
        tell(&known.doubled);
        return Ok(Some(known));
    }
    // Not under the lock: two threads may read one text, and one is kept.
    let Some(lifted) = LiftedDocument::of(loaded, document).map_err(failed)? else {
        tell(&None);
        return Ok(None);
    };
    let text = Text::read(&lifted, lifted.doubled(document), wanted);
    let text = text.map_err(|error| format!("{}: {error}", lifted.path()))?;
    let text = Arc::new(text);
    tell(&text.doubled);
    match id {
        Some(id) => Ok(Some(lock().entry(id).or_insert(text).clone())),
        None => Ok(Some(text)),
    }
}
