//! A ref that was loaded: its plan, and its documents, migrated when they are asked for.

use std::sync::Arc;

use super::at::At;
use super::layout::GitFile;
use super::left_out::told_together;
use super::marker::{BranchVersion, FoundMarker};
use super::parallel;
use super::session::Session;
use super::shape::Older;
use super::source::GitSource;
use super::warning::Warning;
use crate::catalog::DocumentName;
use crate::engine::{
    Asked, DocumentOutcome, DocumentWarning, Entry, Lift, LookupKey, MigratedDocument, Original,
    join,
};
use crate::git::{self, ObjectId, Tip};
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::ocl::{self, Document};
use crate::plan::{Origin, Plan, PlanError, PlannedImport, Source};
use crate::project::error::{LoadError, ReadError};
use crate::project::not_imported::{NotImported, StoreSilent};
use crate::project::open::Project;
use crate::text::visible_line;

/// A ref that was loaded. `Send` and `Sync`; documents are migrated once, when they are first asked for.
///
/// All answers of the store that it gets stay as they are as long as it lives.
pub struct Loaded {
    lift: Lift<GitSource>,
    at: At,
    version: BranchVersion,
    warnings: Vec<Warning>,
    /// The digest of a newer server's steps.
    newer_steps: Option<String>,
}

impl Loaded {
    pub(crate) fn new(lift: Lift<GitSource>, at: At, warnings: Vec<Warning>) -> Loaded {
        let marker = lift.source().layout.marker.as_ref();
        Loaded {
            version: marker.map_or(BranchVersion::Uninitialised, |marker| {
                BranchVersion::At(marker.version)
            }),
            lift,
            at,
            warnings,
            newer_steps: None,
        }
    }

    /// As a server of this version has read it with a newer server's steps.
    pub(crate) fn with_newer_steps(mut self, server_version: u32, digest: String) -> Loaded {
        self.lift.set_server_version(server_version);
        let warning = Warning::ReadDownward {
            branch: self.version.number(),
            server: server_version,
            digest: digest.clone(),
        };
        // Whatever the version, this server can't write it.
        self.warnings
            .retain(|it| !matches!(it, Warning::ComesInAgain { .. }));
        self.warnings.insert(0, warning);
        self.newer_steps = Some(digest);
        self
    }

    /// The same under the name of another ref, or of none.
    pub(crate) fn called(mut self, ref_name: Option<&str>) -> Loaded {
        self.at.ref_name = ref_name.map(str::to_owned);
        self
    }

    /// The commit that was loaded. For a branch that begins with nothing, all zeros, which is Git's word for no commit.
    pub fn commit(&self) -> ObjectId {
        self.at
            .tip
            .map_or(ObjectId::from_bytes([0; 20]), |tip| tip.commit)
    }

    /// The full name of the ref, if the revision named one.
    pub fn ref_name(&self) -> Option<&str> {
        self.at.ref_name.as_deref()
    }

    /// Further refs that the same short name fits.
    pub fn also_named(&self) -> &[String] {
        &self.at.also_named
    }

    /// The folder of the project's documents.
    pub fn base_path(&self) -> &str {
        &self.lift.source().base_path
    }

    /// The version of the branch.
    pub fn version(&self) -> BranchVersion {
        self.version
    }

    /// Where the marker lies now and where it belongs at the target, below the base path.
    pub fn marker_paths(&self) -> (Option<&str>, &str) {
        let target = self.project().catalog().marker_path_at(self.plan().target);
        let found = self.marker().map(|marker| &*marker.path);
        (found, target)
    }

    /// Every pending step with its decision.
    pub fn plan(&self) -> &Plan {
        self.lift.plan()
    }

    /// The project it belongs to.
    pub fn project(&self) -> &Project {
        &self.lift.source().project
    }

    /// Identifies the newer server's steps, in the store, with which a branch above this server's version was read. Such a
    /// branch can only be read. `None` for every other.
    pub fn newer_steps(&self) -> Option<&str> {
        self.newer_steps.as_deref()
    }

    /// What is read with a newer server's steps can't be written.
    pub(crate) fn refuse_newer(&self) -> Result<(), LoadError> {
        let plan = self.plan();
        match self.newer_steps() {
            None => Ok(()),
            Some(_) => Err(LoadError::Plan(PlanError::BranchAhead {
                branch: plan.branch_version,
                server: plan.server_version,
            })),
        }
    }

    /// What a reader should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Files below the base path that belong to no kind.
    pub fn unclaimed(&self) -> &[String] {
        &self.lift.source().layout.held.unclaimed
    }

    /// The names of the documents, in the order of the catalog's kinds and then of their slugs.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &DocumentName> {
        self.lift.entries().iter().map(|entry| &entry.name)
    }

    /// The documents' names with their paths before and after, below the base path. Nothing is migrated for this.
    pub fn paths(&self) -> impl Iterator<Item = (&DocumentName, Option<&str>, Option<&str>)> {
        self.lift.entries().iter().map(|entry| {
            let before = self.lift.path_before(entry);
            (&entry.name, before, entry.path.as_deref().ok())
        })
    }

    /// Refuses documents that a partial clone left out, among those of these names.
    ///
    /// # Errors
    /// [`LoadError::LeftOut`], which names all that was left out of the project, with one command that fetches it.
    pub fn refuse_left_out<'n>(
        &self,
        names: impl IntoIterator<Item = &'n DocumentName>,
    ) -> Result<(), LoadError> {
        let Some(Tip { tree, .. }) = self.at.tip else {
            return Ok(());
        };
        if !self.project().repository().is_partial_clone() {
            return Ok(());
        }
        let files = names.into_iter().filter_map(|name| self.file(name));
        let texts = files.filter(|file| file.is_text()).map(|file| file.id);
        self.project().read_with(|reader| {
            let refused = reader.refuse_left_out(texts);
            refused.map_err(|error| told_together(reader, tree, self.base_path(), error.into()))
        })
    }

    /// All documents, migrated.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = &MigratedDocument> {
        let session = self.session();
        (0..self.lift.entries().len()).map(move |place| {
            // What they ask is answered in one transaction.
            let _ = &session;
            self.lift.document(place)
        })
    }

    /// Migrates the documents that weren't yet, on all processors if it takes long; [`document`](Loaded::document) and
    /// [`documents`](Loaded::documents) find them done. For a process that looks at one ref: where many are looked at,
    /// a thread for each serves better.
    pub fn migrate_all(&self) {
        let _session = self.session();
        parallel::for_each(self.lift.entries().len(), |place| {
            self.lift.document(place);
        });
    }

    /// A document by its name, migrated now if it wasn't yet.
    ///
    /// # Errors
    /// [`LoadError::NoSuchDocument`]. That it couldn't be migrated is its outcome.
    pub fn document(&self, name: &str) -> Result<&MigratedDocument, LoadError> {
        let _session = self.session();
        let parsed = name.parse().ok();
        parsed
            .and_then(|name| self.lift.named(&name))
            .ok_or_else(|| self.no_such_document(name))
    }

    /// The bytes of a document after its migration; `None` if it was removed, left out or failed.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn content(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, LoadError> {
        self.lift.content(document)
    }

    /// The bytes of a document before its migration: what Git holds, or what the store gave. `None` if neither does.
    ///
    /// # Errors
    /// Where Git can't read it.
    pub fn before(&self, document: &MigratedDocument) -> Result<Option<Vec<u8>>, LoadError> {
        self.lift.before(&document.name)
    }

    /// The import that brings a document in: its values are in the store, and no commit of the ref has them yet. `None` where
    /// Git holds it, and where there is no such document.
    pub fn pending_import(&self, name: &DocumentName) -> Option<&PlannedImport> {
        let entry = self.entry(name)?;
        let is_pending = matches!(entry.origin, Origin::Imported { .. });
        self.plan().import_of(name.kind()).filter(|_| is_pending)
    }

    /// Whether an import of a kind is pending, and a store says what it brings in.
    pub(crate) fn knows_stored(&self, kind: &str) -> bool {
        let import = self.plan().import_of(kind);
        import.is_some_and(|import| import.source != Source::Unknown)
    }

    /// Whether a remove that is undone brings a document back from a commit behind the one that was loaded.
    pub(crate) fn is_of_past(&self, name: &DocumentName) -> bool {
        let entry = self.entry(name);
        entry.is_some_and(|entry| matches!(entry.original, Original::Past(_)))
    }

    /// The shape of a document's content before its migration.
    pub fn shape_of(&self, document: &MigratedDocument) -> u32 {
        let origin = self.entry(&document.name).map(|entry| entry.origin);
        self.plan().shape_of(origin.unwrap_or(Origin::Git))
    }

    /// A document's content in a shape that the server's own code can read.
    ///
    /// # Errors
    /// Where it couldn't be migrated, was removed, or doesn't have the shape of `T`.
    pub fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<T, ReadError> {
        let document = self.document(name)?;
        let name = &document.name;
        let Some(parsed) = self.parsed(document, None)? else {
            return Err(ReadError::Removed(name.clone()));
        };
        ocl::from_document(&parsed)
            .map_err(|error| ReadError::Shape(name.clone(), error.to_string()))
    }

    /// A document at the target version, with less work the more it has in common with one that is known; `None` where it isn't there
    /// at that version.
    pub(crate) fn parsed(
        &self,
        document: &MigratedDocument,
        known: Option<&Document>,
    ) -> Result<Option<Document>, ReadError> {
        let name = &document.name;
        if let DocumentOutcome::Failed(error) = &document.outcome {
            return Err(ReadError::Failed(name.clone(), error.clone()));
        }
        let Some(bytes) = self.content(document)? else {
            return Ok(None);
        };
        let dialect = self.project().catalog().dialect_at(self.plan().target);
        let parsed = match known {
            Some(known) => Document::from_bytes_like(bytes, dialect, known),
            None => Document::from_bytes(bytes, dialect),
        };
        parsed.map(Some).map_err(|error| {
            let error = MigrationError::before_any_step(MigrationErrorKind::Parse(error));
            ReadError::Failed(name.clone(), Arc::new(error))
        })
    }

    /// What a reader of a document should know, though it can be migrated: names that stand more than once, lookups without
    /// an answer, a text that isn't OCL. A document that no step looks at is read for this.
    pub fn document_warnings(&self, document: &MigratedDocument) -> Vec<DocumentWarning> {
        let _session = self.session();
        self.warnings_about(document)
    }

    /// The same within a session.
    pub(crate) fn warnings_about(&self, document: &MigratedDocument) -> Vec<DocumentWarning> {
        let mut warnings = self.lift.warnings(&document.name);
        for warning in &mut warnings {
            if let DocumentWarning::NotParsed { path, .. } = warning {
                *path = join(self.base_path(), path);
            }
        }
        warnings
    }

    /// What steps asked the store for a document that has no answer.
    pub(crate) fn missing_lookups(&self, document: &MigratedDocument) -> Vec<LookupKey> {
        let warnings = self.document_warnings(document).into_iter();
        warnings
            .filter_map(DocumentWarning::into_missing_lookup)
            .collect()
    }

    /// What a reader of a document's values should know, in words: values that a step overwrites without reading them, values that
    /// the older shape can't hold, names that stand more than once, and lookups without an answer. Refs that share a document
    /// share this too.
    pub fn told_of(&self, document: &MigratedDocument) -> Arc<[String]> {
        let _session = self.session();
        self.lift.told(&document.name)
    }

    /// Says which of these documents steps up to the branch's version would still change, and won't. A marker that was raised by
    /// hand does that, or a merge, or somebody who mixes old names with new ones. Told is only what the text in Git itself shows:
    /// a step that would have to ask the server, or to read other documents, says nothing, nor does one that isn't idempotent, nor
    /// one whose old names a later step uses again.
    ///
    /// Not among [`warnings`](Loaded::warnings), since each of the documents is read and parsed for it, also where no step
    /// touches it; loading does neither. One that can't be read is passed over: its outcome says why.
    pub fn looks_older<'d>(
        &self,
        documents: impl IntoIterator<Item = &'d MigratedDocument>,
    ) -> Option<Warning> {
        let mut older = Older::than(self.plan().branch_version);
        for document in documents {
            let Some(path) = &document.path_before else {
                continue;
            };
            if let Ok(Some(bytes)) = self.before(document) {
                let path = join(self.base_path(), path);
                older.look(self.project().catalog(), &document.name, path, &bytes);
            }
        }
        older.warning()
    }

    /// A document's path in the repository, if Git holds it.
    pub fn repository_path(&self, document: &MigratedDocument) -> Option<String> {
        let path = document.path_before.as_ref()?;
        Some(join(self.base_path(), path))
    }

    /// A session that goes on from what the store has said so far.
    pub(crate) fn session(&self) -> Session {
        self.lift.source().shared.session()
    }

    pub(crate) fn lift(&self) -> &Lift<GitSource> {
        &self.lift
    }

    pub(crate) fn tip(&self) -> Option<Tip> {
        self.at.tip
    }

    pub(crate) fn marker(&self) -> Option<&FoundMarker> {
        self.lift.source().layout.marker.as_ref()
    }

    /// What Git holds of a document.
    pub(crate) fn file(&self, name: &DocumentName) -> Option<GitFile> {
        let held = self.entry(name)?.held?;
        Some(self.lift.source().layout.files[held])
    }

    /// The documents that the ref holds, with their files.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&DocumentName, GitFile)> {
        let layout = &self.lift.source().layout;
        let documents = layout.held.documents.iter().zip(&layout.files);
        documents.map(|(document, file)| (&document.name, *file))
    }

    /// The bytes of a file.
    pub(crate) fn content_of(&self, file: GitFile) -> Result<Vec<u8>, git::Error> {
        self.project().read_with(|reader| reader.blob(file.id))
    }

    /// Where there is no project at the base path: the base paths of the projects that the commit has elsewhere.
    pub fn projects_elsewhere(&self) -> &[String] {
        let mut warnings = self.warnings.iter();
        let elsewhere = warnings.find_map(|warning| match warning {
            Warning::NothingThere { base_paths, .. } => Some(&**base_paths),
            _ => None,
        });
        elsewhere.unwrap_or_default()
    }

    pub(crate) fn entries(&self) -> &[Entry<Lift<GitSource>>] {
        self.lift.entries()
    }

    /// A document before its migration.
    pub(crate) fn entry(&self, name: &DocumentName) -> Option<&Entry<Lift<GitSource>>> {
        let place = self.lift.position(name)?;
        Some(&self.lift.entries()[place])
    }

    /// Every question to the server with its answer. Documents not asked for yet are migrated for this.
    pub(crate) fn asked(&self) -> Vec<&Asked> {
        let _session = self.session();
        self.lift.asked().collect()
    }

    pub(crate) fn no_such_document(&self, name: &str) -> LoadError {
        no_such_document(&[self], name, self.names().cloned().collect())
    }

    /// Why a document isn't there, by its name or path, that an import would bring in from a store.
    fn not_imported(&self, typed: &str) -> Option<NotImported> {
        // Where there is no project, no store would help.
        if !self.projects_elsewhere().is_empty() {
            return None;
        }
        let (plan, catalog) = (self.plan(), self.project().catalog());
        let name: Option<DocumentName> = typed.parse().ok();
        let named = name.as_ref().and_then(|name| plan.import_of(name.kind()));
        let import = named.or_else(|| {
            let below = typed.strip_prefix(self.base_path());
            let below = below.and_then(|rest| rest.strip_prefix('/'));
            let (kind, _) = catalog.classify(below.unwrap_or(typed), plan.target)?;
            plan.import_of(&kind.name)
        });
        let import = import.filter(|import| import.source == Source::Unknown)?;
        let why = self.warnings.iter().find_map(|warning| match warning {
            Warning::ImportsUnknown { .. } => Some(StoreSilent::Absent),
            Warning::ProjectUnknown { project, .. } => Some(StoreSilent::ProjectUnknown {
                project: project.clone(),
            }),
            Warning::StoreUnusable { reason, .. } => Some(StoreSilent::Unusable {
                reason: reason.clone(),
            }),
            _ => None,
        })?;
        let version = import.version;
        Some(NotImported { version, why })
    }
}

/// None of these refs has a document; `known` is what they have.
pub(crate) fn no_such_document(
    refs: &[&Loaded],
    name: &str,
    known: Vec<DocumentName>,
) -> LoadError {
    let mut targets = refs.iter().map(|loaded| {
        let server = loaded.project().catalog().server_version();
        Some(loaded.plan().target).filter(|target| *target != server)
    });
    LoadError::NoSuchDocument {
        name: name.to_owned(),
        known,
        version: targets.next().flatten(),
        not_imported: refs.iter().find_map(|loaded| loaded.not_imported(name)),
        elsewhere: refs
            .iter()
            .flat_map(|loaded| loaded.projects_elsewhere().iter().cloned())
            .collect(),
    }
}

/// Why a document can't be read, as a message that names its file; if the text is wrong, it shows the line.
pub(crate) fn failure(loaded: &Loaded, document: &MigratedDocument, error: &ReadError) -> String {
    let path = document.path_before.as_ref().unwrap_or(&document.path);
    let path = join(loaded.base_path(), path);
    let path = visible_line(&path);
    match error {
        ReadError::Failed(_, error) => match &error.kind {
            MigrationErrorKind::Parse(wrong) if document.path_before.is_some() => {
                wrong.render(&path)
            }
            _ => format!("{path}: {error}"),
        },
        error => format!("{path}: {error}"),
    }
}
