//! Looks for uses in many refs: those that can't differ are loaded once, and a text that many share is read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::model::{UsePlace, UseQuestion, UseRole, Uses};
use super::text::{Definition, Place, Reference, Text, Wanted};
use crate::catalog::{Catalog, DocumentName};
use crate::compare::document::{LiftedDocument, failure};
use crate::compare::refs::{ComparedRef, NamedCases};
use crate::git::{RefPattern, RefScope};
use crate::project::{
    ContentKey, LoadError, LoadOptions, Loaded, NotLoaded, Project, ReadError, for_each,
};
use crate::references::{Certainty, UnknownKind};
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
        warnings: Vec<String>,
    },
    Nothing,
    Failed(String),
}

/// A place that is part of the answer.
struct FoundPlace {
    document: DocumentName,
    text: Arc<Text>,
    key: String,
    which: Which,
}

/// One of a text's definitions or references, by its place among them.
#[derive(Clone, Copy)]
enum Which {
    Definition(usize),
    Reference(usize),
}

/// The texts that were read, each once. What a document is called decides what it defines.
type Texts = Mutex<TextsRead>;

type TextsRead = HashMap<(DocumentName, ContentKey), Arc<Text>>;

/// What became of each base path of a case.
type FoundInCase = Vec<(String, Found)>;

/// What is defined in a ref, by kind.
type Defined<'t> = Vec<HashSet<&'t str>>;

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
        failed: Vec::new(),
        warnings: Vec::new(),
        without_project: Vec::new(),
    };
    let mut failed: BTreeMap<&str, Vec<ComparedRef>> = BTreeMap::new();
    let mut told: BTreeMap<&str, Vec<ComparedRef>> = BTreeMap::new();
    let mut places: HashMap<_, usize> = HashMap::new();
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
                    warnings,
                } => {
                    for reason in reasons {
                        failed.entry(reason).or_default().push(reference.clone());
                    }
                    for warning in warnings {
                        told.entry(warning).or_default().push(reference.clone());
                    }
                    for found in here {
                        let (kind, role, at) = found.parts();
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
    let owned = |by_text: BTreeMap<&str, Vec<ComparedRef>>| {
        let owned = by_text.into_iter();
        owned.map(|(text, refs)| (refs, text.to_owned())).collect()
    };
    (uses.failed, uses.warnings) = (owned(failed), owned(told));
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

impl FoundPlace {
    fn parts(&self) -> (usize, UseRole, &Place) {
        match self.which {
            Which::Definition(index) => {
                let definition = &self.text.definitions[index];
                let place = definition.place.as_ref();
                let place = place.expect("what is part of the answer has its place");
                (definition.kind, UseRole::Definition, place)
            }
            Which::Reference(index) => {
                let Reference {
                    kind,
                    certainty,
                    place,
                    ..
                } = &self.text.references[index];
                (*kind, UseRole::Use(*certainty), place)
            }
        }
    }
}

/// What the documents of a ref answer.
fn documents(loaded: &Loaded, wanted: &Wanted<'_>, texts: &Texts) -> Found {
    let warnings = loaded.warnings().iter().map(ToString::to_string);
    let mut warnings: Vec<String> = warnings.collect();
    if let UseQuestion::Undefined | UseQuestion::Unmatched = wanted.question {
        warnings.extend(undefined_elsewhere(loaded, wanted));
    }
    let (mut read, mut failed) = (Vec::new(), Vec::new());
    for name in loaded.names() {
        match text(loaded, name, wanted, texts) {
            Ok(Some(text)) => read.push((name, text)),
            Ok(None) => {}
            Err(message) => failed.push(message),
        }
    }
    Found::Documents {
        places: answers(&read, wanted),
        failed,
        warnings,
    }
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

/// The text of a document in a ref; `None` where it isn't there.
fn text(
    loaded: &Loaded,
    name: &DocumentName,
    wanted: &Wanted<'_>,
    texts: &Texts,
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
    if let Some(known) = id.as_ref().and_then(|id| lock().get(id).cloned()) {
        return Ok(Some(known));
    }
    // Not under the lock: two threads may read one text, and one is kept.
    let Some(lifted) = LiftedDocument::of(loaded, document).map_err(failed)? else {
        return Ok(None);
    };
    let text =
        Text::read(&lifted, wanted).map_err(|error| format!("{}: {error}", lifted.path()))?;
    let text = Arc::new(text);
    match id {
        Some(id) => Ok(Some(lock().entry(id).or_insert(text).clone())),
        None => Ok(Some(text)),
    }
}

/// What is part of the answer, in one ref and folder.
fn answers(read: &[(&DocumentName, Arc<Text>)], wanted: &Wanted<'_>) -> Vec<FoundPlace> {
    let mut defined: Defined<'_> = vec![HashSet::new(); wanted.things.things.len()];
    for (_, text) in read {
        for definition in &text.definitions {
            let keys = definition.keys.iter().map(String::as_str);
            defined[definition.kind].extend(keys);
        }
    }
    match wanted.question {
        UseQuestion::Thing(_) | UseQuestion::Everything => uses(read, wanted, &defined),
        UseQuestion::Unused => unused(read, wanted, &defined),
        UseQuestion::Undefined => undefined(read, wanted, &defined),
        UseQuestion::Unmatched => {
            let mut found = unused(read, wanted, &defined);
            found.extend(undefined(read, wanted, &defined));
            found
        }
    }
}

/// The key of what is meant; where only the server knows, what is written.
fn meant<'r>(reference: &'r Reference, defined: &Defined<'_>) -> &'r str {
    let is_defined = |key: &str| defined[reference.kind].contains(key);
    let meant = reference.name.key(is_defined);
    meant.unwrap_or(reference.name.text())
}

fn uses(
    read: &[(&DocumentName, Arc<Text>)],
    wanted: &Wanted<'_>,
    defined: &Defined<'_>,
) -> Vec<FoundPlace> {
    // All names of one thing count as its first.
    let mut first: HashMap<(usize, &str), &str> = HashMap::new();
    for definition in read.iter().flat_map(|(_, text)| &text.definitions) {
        for key in &definition.keys {
            first
                .entry((definition.kind, key))
                .or_insert(&definition.keys[0]);
        }
    }
    let the_first = |kind: usize, key: &str| match first.get(&(kind, key)) {
        Some(first) => (*first).to_owned(),
        None => key.to_owned(),
    };
    let wanted_keys: Vec<Option<String>> = (0..wanted.things.things.len())
        .map(|kind| Some(the_first(kind, wanted.of(kind)?.key.as_deref()?)))
        .collect();
    let mut found = Vec::new();
    let mut push = |document: &DocumentName, text: &Arc<Text>, kind: usize, key: &str, which| {
        let key = the_first(kind, key);
        if wanted_keys[kind]
            .as_ref()
            .is_none_or(|wanted| *wanted == key)
        {
            found.push(FoundPlace {
                document: document.clone(),
                text: text.clone(),
                key,
                which,
            });
        }
    };
    for (document, text) in read {
        for (index, definition) in text.definitions.iter().enumerate() {
            if definition.place.is_some() {
                let which = Which::Definition(index);
                push(document, text, definition.kind, &definition.keys[0], which);
            }
        }
        for (index, reference) in text.references.iter().enumerate() {
            let which = Which::Reference(index);
            push(
                document,
                text,
                reference.kind,
                meant(reference, defined),
                which,
            );
        }
    }
    found
}

fn unused(
    read: &[(&DocumentName, Arc<Text>)],
    wanted: &Wanted<'_>,
    defined: &Defined<'_>,
) -> Vec<FoundPlace> {
    let references = read.iter().flat_map(|(_, text)| &text.references);
    let used: HashSet<(usize, &str)> = references
        .map(|reference| (reference.kind, meant(reference, defined)))
        .collect();
    let references = read.iter().flat_map(|(_, text)| &text.references);
    let computed: Vec<&Reference> = references
        .filter(|reference| reference.certainty == Certainty::Dynamic)
        .collect();
    let is_unused = |definition: &Definition| {
        let may_be = |key: &String| {
            let mut computed = computed.iter();
            used.contains(&(definition.kind, key))
                || computed.any(|it| it.kind == definition.kind && it.name.may_become(key))
        };
        !definition.keys.iter().any(may_be)
    };
    let mut found = Vec::new();
    for (document, text) in read {
        for (index, definition) in text.definitions.iter().enumerate() {
            let of_kind = wanted.of(definition.kind);
            if of_kind.is_some_and(|kind| kind.needs_use) && is_unused(definition) {
                found.push(FoundPlace {
                    document: (*document).clone(),
                    text: text.clone(),
                    key: definition.keys[0].clone(),
                    which: Which::Definition(index),
                });
            }
        }
    }
    found
}

fn undefined(
    read: &[(&DocumentName, Arc<Text>)],
    wanted: &Wanted<'_>,
    defined: &Defined<'_>,
) -> Vec<FoundPlace> {
    // Where no document could define a kind of things, the server holds them.
    let kinds: HashSet<&str> = read.iter().map(|(document, _)| document.kind()).collect();
    let things = wanted.things.things.iter();
    let could_be: Vec<bool> = things
        .map(|thing| thing.defined_in.iter().any(|kind| kinds.contains(&**kind)))
        .collect();
    let is_undefined = |reference: &Reference| {
        let keys = reference.name.keys();
        let built_in = wanted.of(reference.kind).map(|kind| &kind.built_in);
        let is_known = |key: &String| {
            defined[reference.kind].contains(key.as_str())
                || built_in.is_some_and(|built_in| built_in.contains(key))
        };
        could_be[reference.kind] && !keys.is_empty() && !keys.iter().any(is_known)
    };
    let mut found = Vec::new();
    for (document, text) in read {
        for (index, reference) in text.references.iter().enumerate() {
            if is_undefined(reference) {
                found.push(FoundPlace {
                    document: (*document).clone(),
                    text: text.clone(),
                    key: meant(reference, defined).to_owned(),
                    which: Which::Reference(index),
                });
            }
        }
    }
    found
}
