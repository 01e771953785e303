//! What is to be merged: two commits and the one that both come from, read at one version.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use super::at::At;
use super::content_key::ContentKey;
use super::load::{LoadOptions, load_at, version_at};
use super::loaded::Loaded;
use super::merge_side::{LiftFailure, MergeSide};
use super::merge_sides_error::MergeSidesError;
use super::session::Session;
use crate::catalog::DocumentName;
use crate::git::ObjectId;
use crate::ocl::Document;
use crate::plan::PlanError;
use crate::project::error::LoadError;
use crate::project::open::Project;

/// What is to be merged: two commits and the one that both come from, read at one version.
///
/// Documents are migrated and read when they are asked for.
pub struct MergeSides {
    base: Side,
    ours: Side,
    theirs: Side,
}

/// One of the three: a commit, or what several come to.
pub(crate) struct Side {
    loaded: Loaded,
    /// What is otherwise than in the commit.
    made: BTreeMap<DocumentName, Made>,
    /// The further commits that it is made of.
    also: Vec<Loaded>,
}

/// What a merge of commits makes of a document.
pub(crate) enum Made {
    Text(Document),
    Nothing,
    /// What it is can't be told: it is different from every other.
    Open,
}

/// One document on the three sides, at one version; `None` where a side doesn't have it.
#[derive(Debug, Clone)]
pub struct ThreeDocuments {
    /// In the commit that both come from.
    pub base: Option<Document>,
    /// On the side that the merge is written on.
    pub ours: Option<Document>,
    /// On the other side.
    pub theirs: Option<Document>,
}

/// A document that can't be brought to the version of the merge.
#[derive(Debug, Clone)]
pub struct NotLifted {
    /// Its name.
    pub name: DocumentName,
    /// Each side that it is about, with what is wrong there.
    pub failures: Vec<(MergeSide, LiftFailure)>,
}

/// What a side has of a document.
#[derive(PartialEq)]
enum Has {
    Text(Option<ContentKey>),
    /// A file that can't be migrated from a version.
    NotLifted(ObjectId, u32),
}

/// What a revision stands for.
struct Found {
    side: MergeSide,
    revision: String,
    at: At,
}

pub(crate) fn merge_sides(
    project: &Project,
    base: Option<&str>,
    ours: &str,
    theirs: &str,
    options: LoadOptions,
) -> Result<MergeSides, MergeSidesError> {
    merge_sides_moved(project, base, ours, theirs, None, options)
}

/// The same where ours has moved the project: the other two have it at the base path `elsewhere`.
pub(crate) fn merge_sides_moved(
    project: &Project,
    base: Option<&str>,
    ours: &str,
    theirs: &str,
    elsewhere: Option<&str>,
    options: LoadOptions,
) -> Result<MergeSides, MergeSidesError> {
    let session = Session::new(project);
    let ours = Found::resolve(&session, MergeSide::Ours, ours)?;
    let theirs = Found::resolve(&session, MergeSide::Theirs, theirs)?;
    let base = match base {
        Some(base) => Found::resolve(&session, MergeSide::Base, base)?,
        None => Found::merge_base(&session, &ours, &theirs)?,
    };
    // The other two are read where ours has its project; where it has none, theirs says where that is.
    let base_path = match ours.version(&session)? {
        (_, 0) => theirs.version(&session)?.0,
        (base_path, _) => base_path,
    };
    let project = project.at(&base_path);
    let session = Session::new(&project);
    // The store knows it by one name, wherever it lies.
    let there = elsewhere.map(|path| project.at(path).known_as(project.key(&base_path)));
    let there = there.map(|there| (Session::new(&there), there));
    let place = |side: MergeSide| match &there {
        Some((session, project)) if side != MergeSide::Ours => (project, session),
        _ => (&project, &session),
    };
    let version = |found: &Found| found.version(place(found.side).1);
    let mut highest = 0;
    let (_, at_base) = version(&base)?;
    for found in [&base, &ours, &theirs] {
        let (_, version) = version(found)?;
        // Read from version 0 on, it would have what the server once had.
        if version == 0 && at_base > 0 {
            return Err(MergeSidesError::ProjectGone {
                side: found.side,
                revision: found.revision.clone(),
                other: match found.side {
                    MergeSide::Theirs => ours.revision.clone(),
                    _ => theirs.revision.clone(),
                },
                base_path,
                moved_to: None,
            });
        }
        let server = project.catalog().server_version();
        if version > server {
            let branch = version;
            let source = PlanError::BranchAhead { branch, server }.into();
            return Err(not_loaded(found.side, &found.revision, source));
        }
        if let Some(target) = options.target.filter(|target| *target < version) {
            return Err(MergeSidesError::Below {
                side: found.side,
                revision: found.revision.clone(),
                version,
                target,
            });
        }
        highest = highest.max(version);
    }
    if highest == 0 {
        return Err(MergeSidesError::NoProject { base_path });
    }
    let target = Some(options.target.unwrap_or(highest));
    let load = |found: Found| {
        let (project, session) = place(found.side);
        load_at(project, session, found.at, LoadOptions { target })
            .map_err(|source| not_loaded(found.side, &found.revision, source))
    };
    let (ours, theirs) = (load(ours)?, load(theirs)?);
    let sides = [load(base)?, ours, theirs].map(Side::of);
    let [base, ours, theirs] = sides;
    Ok(MergeSides::of(base, ours, theirs))
}

impl Side {
    fn of(loaded: Loaded) -> Side {
        Side {
            loaded,
            made: BTreeMap::new(),
            also: Vec::new(),
        }
    }

    /// The same with other documents, merged with another side.
    pub(crate) fn with(mut self, made: BTreeMap<DocumentName, Made>, other: Side) -> Side {
        self.made.extend(made);
        self.also.push(other.loaded);
        self
    }

    /// The commits that it is made of.
    fn commits(&self) -> impl Iterator<Item = &Loaded> {
        std::iter::once(&self.loaded).chain(&self.also)
    }

    fn names(&self) -> impl Iterator<Item = &DocumentName> {
        self.loaded.names().chain(self.made.keys())
    }

    fn has(&self, name: &DocumentName) -> Option<Has> {
        match self.made.get(name) {
            Some(Made::Nothing) => Some(Has::Text(None)),
            Some(Made::Text(_) | Made::Open) => None,
            None => has(&self.loaded, name),
        }
    }

    fn lifted(&self, name: &DocumentName) -> Result<Option<Document>, LiftFailure> {
        match self.made.get(name) {
            Some(Made::Text(document)) => Ok(Some(document.clone())),
            Some(Made::Nothing | Made::Open) => Ok(None),
            None => lifted(&self.loaded, name),
        }
    }
}

impl Found {
    fn resolve(
        session: &Session,
        side: MergeSide,
        revision: &str,
    ) -> Result<Found, MergeSidesError> {
        let resolved = session.git(|reader| reader.resolve(revision));
        let at = resolved.map_err(|error| not_loaded(side, revision, error.into()))?;
        Ok(Found {
            side,
            revision: revision.to_owned(),
            at: at.into(),
        })
    }

    /// The commit that both come from.
    fn merge_base(
        session: &Session,
        ours: &Found,
        theirs: &Found,
    ) -> Result<Found, MergeSidesError> {
        let repository = session.project().repository();
        let bases = match (ours.at.tip, theirs.at.tip) {
            (Some(ours), Some(theirs)) => repository.merge_bases(ours.commit, theirs.commit)?,
            _ => Vec::new(),
        };
        match bases.as_slice() {
            [base] => Found::resolve(session, MergeSide::Base, &base.to_string()),
            [] => Err(MergeSidesError::Unrelated {
                ours: ours.revision.clone(),
                theirs: theirs.revision.clone(),
            }),
            _ => Err(MergeSidesError::SeveralBases {
                ours: ours.revision.clone(),
                theirs: theirs.revision.clone(),
                bases,
            }),
        }
    }

    /// The base path of its project and the version there.
    fn version(&self, session: &Session) -> Result<(String, u32), MergeSidesError> {
        match version_at(session, &self.at) {
            Ok((base, version)) => Ok((base.path.clone(), version)),
            Err(source) => Err(not_loaded(self.side, &self.revision, source)),
        }
    }
}

fn not_loaded(side: MergeSide, revision: &str, source: LoadError) -> MergeSidesError {
    MergeSidesError::Load {
        side,
        revision: revision.to_owned(),
        source,
    }
}

impl MergeSides {
    pub(crate) fn of(base: Side, ours: Side, theirs: Side) -> MergeSides {
        MergeSides { base, ours, theirs }
    }

    pub(crate) fn into_sides(self) -> (Side, Side, Side) {
        (self.base, self.ours, self.theirs)
    }

    /// The commit that both come from.
    pub fn base(&self) -> &Loaded {
        &self.base.loaded
    }

    /// The commits that both come from: several where branches were merged into each other.
    pub(crate) fn bases(&self) -> impl Iterator<Item = &Loaded> {
        self.base.commits()
    }

    /// Whether it can't be told what the commits that both come from make of a document.
    pub(crate) fn is_open(&self, side: MergeSide, name: &DocumentName) -> bool {
        matches!(self.of_side(side).made.get(name), Some(Made::Open))
    }

    fn of_side(&self, side: MergeSide) -> &Side {
        match side {
            MergeSide::Base => &self.base,
            MergeSide::Ours => &self.ours,
            MergeSide::Theirs => &self.theirs,
        }
    }

    /// The side that the merge is written on.
    pub fn ours(&self) -> &Loaded {
        &self.ours.loaded
    }

    /// The other side.
    pub fn theirs(&self) -> &Loaded {
        &self.theirs.loaded
    }

    /// One of the three.
    pub fn side(&self, side: MergeSide) -> &Loaded {
        &self.of_side(side).loaded
    }

    /// The version that all three are read at.
    pub fn target(&self) -> u32 {
        self.ours().plan().target
    }

    /// The names of all documents that one of the three has, in the order of the catalog's kinds and then of their slugs.
    pub fn names(&self) -> Vec<&DocumentName> {
        let kinds = self.ours().project().catalog().kinds();
        let kinds: BTreeMap<&str, usize> = kinds.iter().map(|kind| &*kind.name).zip(0..).collect();
        let sides = [&self.base, &self.ours, &self.theirs];
        let names = sides.into_iter().flat_map(Side::names);
        let names = names.map(|name| ((kinds.get(name.kind()), name.slug()), name));
        let names: BTreeMap<_, _> = names.collect();
        names.into_values().collect()
    }

    /// The documents of one file in all of the commits. Where these aren't at one version, the same bytes may say something else:
    /// none then.
    pub(crate) fn untouched(&self) -> HashSet<&DocumentName> {
        let ours = self.ours();
        let others = || self.bases().chain([self.theirs()]);
        if others().any(|other| other.version() != ours.version()) {
            return HashSet::new();
        }
        let mut files: HashMap<_, _> = ours.files().collect();
        for other in others() {
            let there: HashMap<_, _> = other.files().collect();
            files.retain(|name, file| there.get(name) == Some(file));
        }
        files.into_keys().collect()
    }

    /// Whether two of the three have one text of a document, or neither has it. `false` where that would take reading it.
    pub fn is_same(&self, name: &DocumentName, one: MergeSide, other: MergeSide) -> bool {
        let (one, other) = (self.of_side(one).has(name), self.of_side(other).has(name));
        one.is_some() && one == other
    }

    /// A document on the three sides.
    ///
    /// # Errors
    /// [`NotLifted`] where a side has it and it can't be brought to the version of the merge.
    pub fn document(&self, name: &DocumentName) -> Result<ThreeDocuments, NotLifted> {
        let mut failures = Vec::new();
        let mut read = |side: MergeSide| match self.lifted(side, name) {
            Ok(document) => document,
            Err(failure) => {
                failures.push((side, failure));
                None
            }
        };
        let three = ThreeDocuments {
            base: read(MergeSide::Base),
            ours: read(MergeSide::Ours),
            theirs: read(MergeSide::Theirs),
        };
        if failures.is_empty() {
            Ok(three)
        } else {
            let name = name.clone();
            Err(NotLifted { name, failures })
        }
    }

    /// A document on one of the three; `None` where that doesn't have it.
    ///
    /// # Errors
    /// As for [`document`](MergeSides::document).
    pub fn document_on(
        &self,
        side: MergeSide,
        name: &DocumentName,
    ) -> Result<Option<Document>, NotLifted> {
        self.lifted(side, name).map_err(|failure| NotLifted {
            name: name.clone(),
            failures: vec![(side, failure)],
        })
    }

    /// The commit that a side has a document from; `None` where several come to it.
    pub(crate) fn unmerged(&self, side: MergeSide, name: &DocumentName) -> Option<&Loaded> {
        let side = self.of_side(side);
        let is_made = side.made.contains_key(name);
        (!is_made).then_some(&side.loaded)
    }

    /// Whether a side has a document at the version of the merge, be it readable or not.
    pub fn has_document(&self, side: MergeSide, name: &DocumentName) -> bool {
        self.of_side(side).has(name) != Some(Has::Text(None))
    }

    pub(crate) fn into_parts(self) -> (Loaded, Loaded, Loaded) {
        (self.base.loaded, self.ours.loaded, self.theirs.loaded)
    }

    fn lifted(
        &self,
        side: MergeSide,
        name: &DocumentName,
    ) -> Result<Option<Document>, LiftFailure> {
        self.of_side(side).lifted(name)
    }
}

/// Whether two have one text of a document, or neither has it. `false` where that would take reading it.
pub(crate) fn have_same(one: &Loaded, other: &Loaded, name: &DocumentName) -> bool {
    let (one, other) = (has(one, name), has(other, name));
    one.is_some() && one == other
}

/// What there is of a document; `None` where that can't be told.
fn has(loaded: &Loaded, name: &DocumentName) -> Option<Has> {
    let Ok(document) = loaded.document(name.as_str()) else {
        return Some(Has::Text(None));
    };
    if document.error().is_none() {
        return loaded.content_key(document).ok().map(Has::Text);
    }
    let file = loaded.file(name)?;
    Some(Has::NotLifted(file.id, loaded.version().number()))
}

/// A document at the version that it is loaded at; `None` where there is none.
pub(crate) fn lifted(
    loaded: &Loaded,
    name: &DocumentName,
) -> Result<Option<Document>, LiftFailure> {
    // What isn't there is no error.
    let Ok(document) = loaded.document(name.as_str()) else {
        return Ok(None);
    };
    loaded
        .parsed(document, None)
        .map_err(|error| LiftFailure::of(loaded, document, &error))
}

impl fmt::Display for NotLifted {
    /// The messages one after the other, each once.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (_, LiftFailure { message, .. })) in self.failures.iter().enumerate() {
            let before = &self.failures[..index];
            if before.iter().all(|(_, told)| told.message != *message) {
                let separator = if index == 0 { "" } else { "\n" };
                write!(f, "{separator}{message}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for NotLifted {}
