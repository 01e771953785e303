//! Looks at many refs: those that can't differ are loaded once, and a text that many share is read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::base::{only_new, unreadable};
use super::document::{Looked, look, told_beside_findings};
use super::model::{Checked, Finding, Rule};
use super::named;
use crate::catalog::{CatalogError, DocumentName};
use crate::compare::{
    self, Answers, Found, GatheredWarnings, LiftedDocument, NamedCases, RefWarnings, Search,
    Unloaded, UseQuestion, Uses,
};
use crate::contract::Contracts;
use crate::git::{ObjectId, RefPattern, RefScope};
use crate::project::{
    ContentKey, DocumentOutcome, LoadError, LoadOptions, Loaded, MigratedDocument, Project, join,
};

/// The refs to look at. Begins with [`Project::check`].
pub struct Check<'p> {
    project: &'p Project,
    contracts: Contracts,
    cases: NamedCases,
    /// The place of the ref since which only what is new counts.
    base: Option<usize>,
}

impl Project {
    /// A check of no refs yet, with the contracts of the catalog.
    ///
    /// # Errors
    /// What is wrong with the contracts.
    pub fn check(&self, options: LoadOptions) -> Result<Check<'_>, CatalogError> {
        Ok(Check {
            project: self,
            contracts: Contracts::of(self.catalog())?,
            cases: NamedCases::new(self, options),
            base: None,
        })
    }
}

/// What is kept of one base path of a case.
struct Folder {
    documents: BTreeMap<DocumentName, Arc<Looked>>,
    /// Those among them that aren't there at the version looked at, below their import.
    left_out: BTreeSet<DocumentName>,
    /// Whether what every document says is known.
    is_read: bool,
    told: RefWarnings,
    /// What is referred to and not defined, and the reverse.
    unmatched: Answers,
}

/// The documents that were looked at, each once: what it is called, its file, where that lies, and what came of it.
type Known = Mutex<HashMap<(DocumentName, String, ObjectId, ContentKey), Arc<Looked>>>;

impl Check<'_> {
    /// Adds every ref of the scope.
    ///
    /// # Errors
    /// Where the refs can't be read. What is wrong with one ref is a finding.
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

    /// Counts only what this revision doesn't have.
    ///
    /// # Errors
    /// Where it names no commit.
    pub fn since(&mut self, revision: &str) -> Result<(), LoadError> {
        self.base = Some(self.cases.add_revision(revision)?);
        Ok(())
    }

    /// Looks at what was added, on all processors if it takes long. Nothing is written.
    #[must_use]
    pub fn run(self) -> Checked {
        let search = Search::new(self.project.catalog(), &UseQuestion::Unmatched, None);
        let known = Known::default();
        let folders = self
            .cases
            .look(|loaded| self.folder(loaded, &known, &search));
        let named = search.answer(&self.cases, &folders, self.base, |folder| &folder.unmatched);
        self.answer(&folders, &named)
    }

    fn folder(&self, loaded: &Loaded, known: &Known, search: &Search<'_>) -> Folder {
        let (mut documents, mut lifted) = (BTreeMap::new(), Vec::new());
        let mut left_out = BTreeSet::new();
        let mut told = RefWarnings::of(loaded);
        for document in loaded.documents() {
            told.add_document(&document.name, told_beside_findings(loaded, document));
            // What an import would bring in isn't in the ref.
            if let Some(path) = &document.path_before {
                let path = join(loaded.base_path(), path);
                let looked = self.document(loaded, document, path, known, &mut lifted);
                documents.insert(document.name.clone(), looked);
            }
            if matches!(document.outcome, DocumentOutcome::LeftOut) {
                left_out.insert(document.name.clone());
            }
        }
        let unmatched = search.look(loaded, &lifted);
        told.add(unmatched.unchecked.iter().cloned());
        Folder {
            is_read: documents.values().all(|looked| looked.is_read()),
            documents,
            left_out,
            told,
            unmatched,
        }
    }

    /// What is wrong with a document. If it was lifted for that, it is added to `lifted`.
    fn document(
        &self,
        loaded: &Loaded,
        document: &MigratedDocument,
        path: String,
        known: &Known,
        lifted: &mut Vec<LiftedDocument>,
    ) -> Arc<Looked> {
        let lock = || known.lock().unwrap_or_else(PoisonError::into_inner);
        let content = loaded.content_key(document).ok().flatten();
        let file = loaded.file(&document.name).map(|file| file.id);
        let key = content.zip(file);
        let key = key.map(|(content, file)| (document.name.clone(), path.clone(), file, content));
        if let Some(known) = key.as_ref().and_then(|key| lock().get(key).cloned()) {
            return known;
        }
        // Not under the lock: two threads may look at one document, and one result is kept.
        let (looked, here) = look(loaded, document, path, &self.contracts);
        lifted.extend(here);
        let looked = Arc::new(looked);
        match key {
            Some(key) => lock().entry(key).or_insert(looked).clone(),
            None => looked,
        }
    }

    fn answer(&self, folders: &[Vec<compare::Looked<Folder>>], named: &Uses) -> Checked {
        let mut gathered = Gathered::default();
        let mut checked = Checked {
            refs: Vec::with_capacity(self.cases.refs_len()),
            findings: Vec::new(),
            documents: 0,
            unread_contracts: self.contracts.unread(),
            left_out: named.left_out,
            warnings: Vec::new(),
            without_project: Vec::new(),
        };
        let mut warnings = GatheredWarnings::default();
        let mut documents = HashSet::new();
        let mut unreadable_base = Vec::new();
        for place in 0..self.cases.refs_len() {
            let reference = self.cases.reference(place);
            let is_base = self.base == Some(place);
            for folder in &folders[self.cases.case(place)] {
                match &folder.found {
                    Found::Nothing(_) if is_base => {}
                    Found::Nothing(told) => {
                        warnings.add_texts(place, told);
                        checked.without_project.push(reference.clone());
                    }
                    Found::Failed(reason) => {
                        let finding = not_loaded(&folder.base_path, reason);
                        gathered.add(place, &finding);
                        if is_base {
                            unreadable_base.push(unreadable(&reference.name, &finding));
                        }
                    }
                    Found::Documents(found) => {
                        let looked = found.documents.values();
                        let findings = looked.flat_map(|looked| &looked.findings);
                        findings.for_each(|finding| gathered.add(place, finding));
                        if is_base {
                            let failures = found.documents.values();
                            let failures = failures.filter_map(|looked| looked.failure());
                            unreadable_base
                                .extend(failures.map(|it| unreadable(&reference.name, it)));
                        } else {
                            warnings.add(place, &found.told);
                            let here = found.documents.iter();
                            let here = here.filter(|(name, _)| !found.left_out.contains(name));
                            let here = here.map(|(name, it)| (&folder.base_path, name, it.file));
                            documents.extend(here);
                        }
                    }
                }
            }
            checked.refs.push(reference);
        }
        checked.documents = documents.len();
        for place in &named.places {
            for ((reference, line), written_at) in place.found.iter().zip(&place.written_at) {
                let folders = &folders[self.cases.case(*reference)];
                let folder = folders.iter().find(|it| it.base_path == place.base_path);
                // Nothing can be said of a name where a document that may define it, or refer to it, can't be read.
                if let Some(Found::Documents(folder)) = folder.map(|it| &it.found)
                    && folder.is_read
                    && let Some(looked) = folder.documents.get(&place.document)
                    && let Some(texts) = &looked.texts
                {
                    let finding = named::finding(place, (*line, *written_at), texts);
                    gathered.add(*reference, &finding);
                }
            }
        }
        checked.warnings = warnings.in_words(&self.cases);
        checked.findings = gathered.findings;
        if let Some(base) = self.base {
            only_new(&mut checked.findings, base);
            let unreadable = unreadable_base.into_iter();
            checked.findings.extend(unreadable.map(|finding| Finding {
                found: vec![base],
                ..finding
            }));
        }
        self.sort(&mut checked.findings);
        checked
    }

    /// As the documents are listed, then by their places.
    fn sort(&self, findings: &mut [Finding]) {
        let kinds = self.project.catalog().kinds();
        findings.sort_by_cached_key(|finding| {
            let name = finding.document.as_ref();
            let kind = name.and_then(|name| kinds.iter().position(|it| it.name == name.kind()));
            (
                finding.base_path.clone(),
                kind,
                name.map(|name| name.slug().to_owned()),
                finding.path.clone(),
                finding.place,
                finding.severity,
                finding.address.clone(),
            )
        });
    }
}

/// Why a base path of a ref can't be loaded.
fn not_loaded(base_path: &str, reason: &Unloaded) -> Finding {
    let of_project = || Finding::of_file(Rule::Project, base_path, base_path, &reason.to_string());
    let Unloaded::Load(error) = reason else {
        return of_project();
    };
    match &**error {
        LoadError::Marker(wrong) => {
            // The message of one with a position shows the line.
            let message = wrong.message.lines().next().unwrap_or_default();
            Finding {
                place: wrong.position,
                shown: wrong.message.clone(),
                ..Finding::of_file(Rule::Marker, base_path, &wrong.path, message)
            }
        }
        LoadError::DocumentsWithoutMarker { marker, .. } => {
            Finding::of_file(Rule::Marker, base_path, marker, &error.to_string())
        }
        _ => of_project(),
    }
}

/// Findings, each once with all its refs.
#[derive(Default)]
struct Gathered {
    findings: Vec<Finding>,
    places: HashMap<String, Vec<usize>>,
}

impl Gathered {
    fn add(&mut self, reference: usize, finding: &Finding) {
        // What is shown has the file, the place and the line.
        let alike = self
            .places
            .get(&finding.shown)
            .map_or(&[][..], Vec::as_slice);
        let known = alike.iter().find(|place| {
            let known = &self.findings[**place];
            (&known.address, &known.document, known.rule)
                == (&finding.address, &finding.document, finding.rule)
        });
        if let Some(place) = known {
            let found = &mut self.findings[*place].found;
            if found.last() != Some(&reference) {
                found.push(reference);
            }
            return;
        }
        let shown = finding.shown.clone();
        self.places
            .entry(shown)
            .or_default()
            .push(self.findings.len());
        self.findings.push(Finding {
            found: vec![reference],
            ..finding.clone()
        });
    }
}
