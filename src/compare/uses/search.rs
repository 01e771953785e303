//! Looks for uses in many refs: those that can't differ are loaded once, and a text that many share is read once.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::answers::{FoundPlace, Which, answers};
use super::model::{LeftOut, UsePlace, UseQuestion, UseRole, Uses};
use super::text::{Text, Wanted};
use crate::catalog::{Catalog, DocumentName};
use crate::compare::document::{LiftedDocument, failure};
use crate::compare::refs::{Found, Looked, NamedCases, Told};
use crate::compare::told::{Doubled, GatheredWarnings, RefWarnings, told_of};
use crate::git::{RefPattern, RefScope};
use crate::project::{ContentKey, LoadError, LoadOptions, Loaded, Project, ReadError, Warning};
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

/// Looks for the answer to a question in one ref after the other.
pub(crate) struct Search<'q> {
    wanted: Wanted<'q>,
    /// The texts that were read, each once. What a document is called decides what it defines.
    texts: Mutex<HashMap<(DocumentName, ContentKey), Arc<Text>>>,
}

/// What the documents of a ref answer.
pub(crate) struct Answers {
    places: Vec<FoundPlace>,
    failed: Vec<String>,
    told: RefWarnings,
    /// Of an answer that tells only what is sure: which references couldn't be checked.
    pub(crate) unchecked: Vec<String>,
}

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
        let catalog = self.cases.project().catalog();
        let mut search = Search::new(catalog, &self.question, self.kind.as_deref());
        loop {
            let found = self.cases.look(|loaded| search.look(loaded, &[]));
            if !search.goes_on(&found) {
                return search.answer(&self.cases, &found, None, |answers| answers);
            }
        }
    }
}

impl<'q> Search<'q> {
    pub(crate) fn new(
        catalog: &'q Catalog,
        question: &'q UseQuestion,
        kind: Option<&str>,
    ) -> Search<'q> {
        Search {
            wanted: Wanted::new(catalog.things(), question, kind),
            texts: Mutex::default(),
        }
    }

    /// Whether all has to be looked at again: what goes by another name too may be referred to by that.
    fn goes_on(&mut self, found: &[Vec<Looked<Answers>>]) -> bool {
        let goes_on = self.wanted.is_filtered() && self.wanted.also(names_in(found));
        if goes_on {
            self.texts = Mutex::default();
        }
        goes_on
    }

    /// The answer, of what was found in each case; `of` gives the answers among what is kept of a base path. What only the ref at
    /// the place `beside` has isn't counted among what is left out.
    pub(crate) fn answer<T>(
        &self,
        cases: &NamedCases,
        found: &[Vec<Looked<T>>],
        beside: Option<usize>,
        of: impl Fn(&T) -> &Answers,
    ) -> Uses {
        let mut uses = Uses {
            refs: Vec::with_capacity(cases.refs_len()),
            places: Vec::new(),
            computed: self.texts().values().map(|text| text.computed).sum(),
            left_out: LeftOut::default(),
            failed: Vec::new(),
            warnings: Vec::new(),
            without_project: Vec::new(),
        };
        let (mut failed, mut warnings) = (Told::default(), GatheredWarnings::default());
        let mut places: HashMap<_, usize> = HashMap::new();
        let mut left_out = HashSet::new();
        for place in 0..cases.refs_len() {
            let reference = cases.reference(place);
            for Looked { base_path, found } in &found[cases.case(place)] {
                match found {
                    Found::Nothing(told) => {
                        warnings.add_texts(place, told);
                        uses.without_project.push(reference.clone());
                    }
                    Found::Failed(reason) => failed.add(reason.to_string(), reference.clone()),
                    Found::Documents(documents) => {
                        let answers = of(documents);
                        for reason in &answers.failed {
                            failed.add(reason, reference.clone());
                        }
                        warnings.add(place, &answers.told);
                        for found in &answers.places {
                            let (kind, role, at) = found.parts();
                            if found.is_unsure {
                                // As `uses` lists them: one heading for all base paths.
                                if beside != Some(place) {
                                    let is_definition = role == UseRole::Definition;
                                    left_out.insert((kind, &found.key, is_definition));
                                }
                                continue;
                            }
                            let id = (base_path, &found.document, kind, &found.key, role);
                            let id = (id, &at.name, &at.address);
                            let index = *places.entry(id).or_insert_with(|| {
                                let kind = self.wanted.thing(kind).kind.clone();
                                uses.places.push(UsePlace {
                                    kind,
                                    thing: String::new(),
                                    key: found.key.clone(),
                                    name: at.name.clone(),
                                    role,
                                    base_path: base_path.clone(),
                                    document: found.document.clone(),
                                    address: at.address.clone(),
                                    suggestion: found.suggestion.clone(),
                                    found: Vec::new(),
                                    written_at: Vec::new(),
                                });
                                uses.places.len() - 1
                            });
                            uses.places[index].found.push((place, at.line));
                            uses.places[index].written_at.push(at.from);
                        }
                    }
                }
            }
            uses.refs.push(reference);
        }
        let (unused, undefined): (Vec<_>, Vec<_>) = left_out.into_iter().partition(|it| it.2);
        uses.left_out = LeftOut {
            undefined: undefined.len(),
            unused: unused.len(),
        };
        (uses.failed, uses.warnings) = (failed.into_vec(), warnings.in_words(cases));
        sort(cases.project().catalog(), &mut uses.places);
        name_things(&mut uses.places);
        uses
    }

    /// What the documents of a ref answer. `lifted` are those that are at hand.
    pub(crate) fn look(&self, loaded: &Loaded, lifted: &[LiftedDocument]) -> Answers {
        let wanted = &self.wanted;
        let mut told = RefWarnings::of(loaded);
        if let UseQuestion::Undefined = wanted.question {
            told.add(undefined_elsewhere(loaded, wanted, |_| true));
        }
        let lifted: HashMap<&DocumentName, &LiftedDocument> = lifted
            .iter()
            .map(|lifted| (lifted.name(), lifted))
            .collect();
        let (mut read, mut failed) = (Vec::new(), Vec::new());
        for name in loaded.names() {
            match self.text(loaded, name, lifted.get(name).copied(), &mut told) {
                Ok(Some(text)) => read.push((name, text)),
                Ok(None) => {}
                Err(message) => failed.push(message),
            }
        }
        let mut unchecked = Vec::new();
        if let UseQuestion::Unmatched = wanted.question {
            let references = read.iter().flat_map(|(_, text)| &text.references);
            let named: HashSet<usize> = references.map(|it| it.kind).collect();
            let is_told = |kind| named.contains(&kind) && !wanted.thing(kind).elsewhere;
            unchecked = undefined_elsewhere(loaded, wanted, is_told);
        }
        Answers {
            places: answers(&read, wanted, lacks_documents(loaded)),
            failed,
            told,
            unchecked,
        }
    }

    fn texts(&self) -> MutexGuard<'_, HashMap<(DocumentName, ContentKey), Arc<Text>>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text of a document in a ref; `None` where it isn't there. What a reader of it should know is added to `told`.
    fn text(
        &self,
        loaded: &Loaded,
        name: &DocumentName,
        lifted: Option<&LiftedDocument>,
        told: &mut RefWarnings,
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
        let id = key.map(|key| (name.clone(), key));
        let mut tell = |doubled: &Doubled| {
            told.add_document(name, told_of(loaded, document, doubled));
        };
        if let Some(known) = id.as_ref().and_then(|id| self.texts().get(id).cloned()) {
            tell(&known.doubled);
            return Ok(Some(known));
        }
        // Not under the lock: two threads may read one text, and one is kept.
        let read;
        let lifted = match lifted {
            Some(lifted) => lifted,
            None => match LiftedDocument::of(loaded, document).map_err(failed)? {
                None => {
                    tell(&None);
                    return Ok(None);
                }
                Some(lifted) => {
                    read = lifted;
                    &read
                }
            },
        };
        let text = Text::read(lifted, lifted.doubled(document), &self.wanted)
            .map_err(|error| format!("{}: {error}", lifted.path()))?;
        let text = Arc::new(text);
        tell(&text.doubled);
        match id {
            Some(id) => Ok(Some(self.texts().entry(id).or_insert(text).clone())),
            None => Ok(Some(text)),
        }
    }
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

/// Says of each place which thing it is about, once they are sorted.
fn name_things(places: &mut [UsePlace]) {
    let of_one = |one: &UsePlace, next: &UsePlace| (&one.kind, &one.key) == (&next.kind, &next.key);
    for places in places.chunk_by_mut(of_one) {
        let thing = places[0].name.clone();
        for place in places {
            place.thing.clone_from(&thing);
        }
    }
}

/// All names that the thing that was asked for goes by, where it is defined.
fn names_in(found: &[Vec<Looked<Answers>>]) -> BTreeSet<String> {
    let places = found
        .iter()
        .flatten()
        .filter_map(|looked| match &looked.found {
            Found::Documents(answers) => Some(&answers.places),
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
fn undefined_elsewhere(
    loaded: &Loaded,
    wanted: &Wanted<'_>,
    is_told: impl Fn(usize) -> bool,
) -> Vec<String> {
    let kinds: HashSet<&str> = loaded.names().map(DocumentName::kind).collect();
    let mut told = Vec::new();
    for (place, thing) in wanted.things.things.iter().enumerate() {
        let has_document = thing.defined_in.iter().any(|kind| kinds.contains(&**kind));
        let is_asked_for = wanted.of(place).is_some() && !thing.defined_in.is_empty();
        if is_asked_for && !has_document && is_told(place) {
            told.push(format!(
                "references to things of the kind {} weren't checked: no document of the kind {} is there to define any",
                thing.kind,
                either(&thing.defined_in)
            ));
        }
    }
    told
}
