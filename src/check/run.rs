//! Looks at many refs: those that can't differ are loaded once, and a text that many share is read once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::base::only_new;
use super::document::{Looked, look, told_beside_findings};
use super::model::{Checked, Finding, Rule};
use super::named;
use crate::catalog::{CatalogError, DocumentName};
use crate::compare::{LeftOut, NamedCases, Told, ToldOfRefs, UseQuestion, Uses, look_up};
use crate::contract::Contracts;
use crate::git::{ObjectId, RefPattern, RefScope};
use crate::project::{
    ContentKey, LoadError, LoadOptions, Loaded, MigratedDocument, NotLoaded, Project, for_each,
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

/// What became of one base path of a case.
struct Folder {
    base_path: String,
    found: Found,
}

enum Found {
    Documents {
        documents: BTreeMap<DocumentName, Arc<Looked>>,
        told: Told,
    },
    Nothing,
    Failed(Box<Finding>),
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
        let folders: Vec<OnceLock<Vec<Folder>>> = std::iter::repeat_with(OnceLock::new)
            .take(self.cases.len())
            .collect();
        let known = Known::default();
        for_each(folders.len(), |case| {
            folders[case].get_or_init(|| self.look(case, &known));
        });
        let folders: Vec<Vec<Folder>> = folders
            .into_iter()
            .map(|folders| folders.into_inner().unwrap_or_default())
            .collect();
        let mut kinds = self.project.catalog().thing_kinds();
        let named = kinds.next();
        let named = named.map(|_| look_up(&self.cases, &UseQuestion::Unmatched, None));
        let mut checked = self.answer(&folders, named.as_ref());
        checked.documents = known
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .len();
        checked
    }

    /// Loads a case, and looks at its documents.
    fn look(&self, case: usize, known: &Known) -> Vec<Folder> {
        let looked = self.cases.load(case, |base_path, loaded| Folder {
            base_path: base_path.to_owned(),
            found: match loaded {
                Err(error) => Found::Failed(Box::new(not_loaded(base_path, &error))),
                Ok(loaded) if loaded.plan().branch_version == 0 => Found::Nothing,
                Ok(loaded) => self.documents(&loaded, known),
            },
        });
        looked.unwrap_or_else(|nothing| {
            let folder = self.project.folder();
            let found = match nothing {
                NotLoaded::NotACommit(_) => Found::Nothing,
                NotLoaded::Broken(reason) => {
                    let finding = Finding::of_file(Rule::Project, folder, folder, &reason);
                    Found::Failed(Box::new(finding))
                }
            };
            let base_path = folder.to_owned();
            vec![Folder { base_path, found }]
        })
    }

    fn documents(&self, loaded: &Loaded, known: &Known) -> Found {
        let mut documents = BTreeMap::new();
        let mut told = Told::of(loaded);
        for document in loaded.documents() {
            told.add_document(&document.name, told_beside_findings(loaded, document));
            // What an import would bring in isn't in the ref.
            if let Some(path) = &document.path_before {
                let path = match loaded.base_path() {
                    "" => path.clone(),
                    base_path => format!("{base_path}/{path}"),
                };
                let looked = self.document(loaded, document, path, known);
                documents.insert(document.name.clone(), looked);
            }
        }
        Found::Documents { documents, told }
    }

    fn document(
        &self,
        loaded: &Loaded,
        document: &MigratedDocument,
        path: String,
        known: &Known,
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
        let looked = Arc::new(look(loaded, document, path, &self.contracts));
        match key {
            Some(key) => lock().entry(key).or_insert(looked).clone(),
            None => looked,
        }
    }

    fn answer(&self, folders: &[Vec<Folder>], named: Option<&Uses>) -> Checked {
        let mut gathered = Gathered::default();
        let mut checked = Checked {
            refs: Vec::with_capacity(self.cases.refs_len()),
            findings: Vec::new(),
            documents: 0,
            unread_contracts: self.contracts.unread(),
            left_out: named.map_or_else(LeftOut::default, |named| named.left_out),
            warnings: Vec::new(),
            without_project: Vec::new(),
        };
        let mut warnings = ToldOfRefs::default();
        for place in 0..self.cases.refs_len() {
            let reference = self.cases.reference(place);
            let is_base = self.base == Some(place);
            for folder in &folders[self.cases.case(place)] {
                match &folder.found {
                    Found::Nothing if is_base => {}
                    Found::Nothing => checked.without_project.push(reference.clone()),
                    Found::Failed(finding) => gathered.add(place, finding),
                    Found::Documents { documents, told } => {
                        let findings = documents.values().flat_map(|looked| &looked.findings);
                        findings.for_each(|finding| gathered.add(place, finding));
                        if !is_base {
                            warnings.add(place, told);
                        }
                    }
                }
            }
            checked.refs.push(reference);
        }
        for place in named.into_iter().flat_map(|uses| &uses.places) {
            for (reference, line) in &place.found {
                let folders = &folders[self.cases.case(*reference)];
                let folder = folders.iter().find(|it| it.base_path == place.base_path);
                // Nothing can be said of a name where a document that may define it, or refer to it, can't be read.
                if let Some(Found::Documents { documents, .. }) = folder.map(|it| &it.found)
                    && documents.values().all(|looked| looked.is_read())
                    && let Some(looked) = documents.get(&place.document)
                    && let Some(texts) = &looked.texts
                {
                    gathered.add(*reference, &named::finding(place, *line, texts));
                }
            }
        }
        checked.warnings = warnings.in_words(&self.cases);
        checked.findings = gathered.findings;
        if let Some(base) = self.base {
            only_new(&mut checked.findings, base);
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
fn not_loaded(base_path: &str, error: &LoadError) -> Finding {
    match error {
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
        _ => Finding::of_file(Rule::Project, base_path, base_path, &error.to_string()),
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
