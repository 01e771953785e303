//! Restoring documents of an old commit, migrated to the branch's version.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Carried, Draft};
use super::draft_error::DraftError;
use crate::catalog::{DocumentName, check_relative_path};
use crate::engine::{DocumentOutcome, MigratedDocument};
use crate::git::EntryKind;
use crate::migrate::{Loss, MigrationError, MigrationErrorKind};
use crate::ocl::{Document, ParseError};
use crate::plan::Origin;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::layout::projects_below;
use crate::project::read::load::{LoadOptions, load, load_at};
use crate::project::read::loaded::{Loaded, no_such_document};
use crate::project::read::removed::removed_by_steps;
use crate::project::read::session::Session;
use crate::text::visible_line;
use crate::values::{Address, Selector, Values, take_over};

/// What restoring puts into a draft. Nothing is written before that is committed.
#[must_use = "nothing is restored before the draft is committed"]
pub struct Restoration {
    /// The branch with the old values, at the branch's version.
    pub draft: Draft,
    /// Documents that get the old commit's values.
    pub restored: Vec<DocumentName>,
    /// Documents that the old commit didn't hold, and that are removed.
    pub removed: Vec<DocumentName>,
    /// Documents that have the old commit's values already.
    pub same: Vec<DocumentName>,
    /// Documents that stay as they are, since the old commit is from before their kind lay in Git.
    pub untouched: Vec<DocumentName>,
    /// Documents of the old commit that the branch's version doesn't have any more, each with the version and the name of the step
    /// that removes it.
    pub gone: Vec<(DocumentName, u32, String)>,
    /// Values that the old commit had, and that the branch's version has no more, of documents that have nothing to restore.
    /// Those of documents that are restored are among [`Draft::warnings`].
    pub losses: Vec<(DocumentName, Loss)>,
    /// The branch and the old commit, as they were named.
    named: Named,
}

#[derive(Clone)]
struct Named {
    branch: String,
    from: String,
}

/// What to restore from.
#[derive(Debug, Clone, Copy)]
pub struct RestoreFrom<'a> {
    /// The old commit.
    pub revision: &'a str,
    /// The base path of the project there; that of the branch, unless said otherwise.
    pub base_path: Option<&'a str>,
}

impl<'a, T: AsRef<str> + ?Sized> From<&'a T> for RestoreFrom<'a> {
    fn from(revision: &'a T) -> RestoreFrom<'a> {
        RestoreFrom {
            revision: revision.as_ref(),
            base_path: None,
        }
    }
}

/// Begins a change that gives documents of a branch the values that they had in an old commit: see
/// [`Project::restore`](crate::project::Project::restore).
pub(crate) fn restore(
    project: &Project,
    branch: &str,
    from: RestoreFrom<'_>,
    names: &[String],
) -> Result<Restoration, DraftError> {
    let (mut restoration, old) = begin(project, branch, from)?;
    let mut chosen = restoration.choose(&old, names)?;
    if names.is_empty() {
        let gone: BTreeMap<_, _> = removed_by_steps(&old).into_iter().collect();
        chosen.retain(|name| !gone.contains_key(name));
        let gone = gone.into_iter();
        let gone = gone.map(|(name, step)| (name.clone(), step.version(), step.name().to_owned()));
        restoration.gone = gone.collect();
    }
    for name in chosen {
        restoration.document(&old, &name)?;
    }
    Ok(restoration)
}

/// Begins a change that gives one value of a branch what it was in an old commit: see
/// [`Project::restore_value`](crate::project::Project::restore_value).
pub(crate) fn restore_value(
    project: &Project,
    branch: &str,
    from: RestoreFrom<'_>,
    address: &Address,
) -> Result<Restoration, DraftError> {
    let (mut restoration, old) = begin(project, branch, from)?;
    let names = restoration.choose(&old, std::slice::from_ref(&address.document))?;
    for name in names {
        restoration.value(&old, &name, &address.selector)?;
    }
    Ok(restoration)
}

/// The branch, with nothing restored so far, and the old commit at its version.
fn begin(
    project: &Project,
    branch: &str,
    from: RestoreFrom<'_>,
) -> Result<(Restoration, Loaded), DraftError> {
    let session = Session::new(project);
    let now = load(&session, branch, LoadOptions::default())?;
    now.refuse_newer()?;
    let version = now.version().number();
    if version == 0 {
        return Err(no_project(&now, branch, false));
    }
    let options = LoadOptions {
        target: Some(version),
    };
    let target = load(&session, branch, options)?;
    // Where the repository holds several projects, the old commit's is the one of the same base path, unless it has moved since.
    let base_path = from.base_path.unwrap_or(target.base_path());
    let base_path = base_path.trim_end_matches('/');
    check_relative_path(base_path).map_err(|reason| LoadError::InvalidBasePath { reason })?;
    let at_base = project.at(base_path);
    let from = from.revision;
    let session = Session::new(&at_base);
    // What is no revision is named as it is.
    let at = session
        .git(|reader| reader.resolve(from))
        .map_err(LoadError::Git)?;
    let old = load_at(&at_base, &session, at.into(), options);
    let old = old.map_err(|source| DraftError::LoadFrom {
        revision: from.to_owned(),
        source,
    })?;
    if old.version().number() == 0 {
        return Err(no_project(&old, from, true));
    }
    let restoration = Restoration {
        draft: Draft::of(target),
        restored: Vec::new(),
        removed: Vec::new(),
        same: Vec::new(),
        untouched: Vec::new(),
        gone: Vec::new(),
        losses: Vec::new(),
        named: Named {
            branch: branch.to_owned(),
            from: from.to_owned(),
        },
    };
    Ok((restoration, old))
}

/// A commit that has no project where it was looked for, and the projects that it has.
fn no_project(loaded: &Loaded, revision: &str, is_from: bool) -> DraftError {
    let project = loaded.project();
    let reader = project.repository().reader();
    let projects = || {
        let tree = reader.tree_of(loaded.commit()).ok()?;
        projects_below(&reader, project.catalog(), "", tree).ok()
    };
    let projects = projects().unwrap_or_default().into_iter();
    DraftError::NoProject {
        revision: revision.to_owned(),
        is_from,
        base_path: loaded.base_path().to_owned(),
        base_paths: projects.map(|project| project.base_path).collect(),
    }
}

impl Restoration {
    /// The documents to restore.
    fn choose(&self, old: &Loaded, names: &[String]) -> Result<Vec<DocumentName>, DraftError> {
        let now = self.draft.loaded();
        let known: BTreeSet<&DocumentName> = held(now).chain(held(old)).collect();
        if names.is_empty() {
            return Ok(known.into_iter().cloned().collect());
        }
        let find = |name: &String| {
            let found = known.iter().find(|known| ***known == name.as_str());
            found
                .map(|found| DocumentName::clone(found))
                .ok_or_else(|| {
                    let named = self.draft.identify(name);
                    // The store may have had it, which a restoration doesn't read.
                    let imported = named.filter(|name| imported_since(old, name).is_some());
                    if let Some(name) = imported {
                        return self.not_held(old, &name);
                    }
                    let known = known.iter().copied().cloned().collect();
                    no_such_document(&[now, old], name, known).into()
                })
        };
        names.iter().map(find).collect()
    }

    /// Restores one value of a document that both have.
    fn value(
        &mut self,
        old: &Loaded,
        name: &DocumentName,
        selector: &Selector,
    ) -> Result<(), DraftError> {
        let now = self.draft.loaded();
        if is_held(old, name) && !is_held(now, name) {
            return Err(DraftError::NothingToRestoreInto {
                name: name.clone(),
                commit: self.named.from.clone(),
            });
        }
        let was_held = is_held(old, name);
        if !was_held && imported_since(old, name).is_some() {
            return Err(self.not_held(old, name));
        }
        let side = |loaded, place| self.named.side(loaded, name, place);
        let today = side(now, Side::Branch)?;
        let then = if was_held {
            side(old, Side::From)?
        } else {
            // Without the document, the value isn't there either.
            Document::parse("", today.dialect()).expect("an empty text is a document")
        };
        let identity = now.project().catalog().identity(name.kind());
        let [today, then] = [&today, &then].map(|document| Values::of(document, identity));
        let taken = take_over(today, then, selector);
        let taken = taken.map_err(|source| DraftError::ValueNotRestored {
            name: name.clone(),
            commit: self.named.from.clone(),
            version: old.plan().target,
            source,
        })?;
        let Some(text) = taken else {
            if was_held {
                self.keep(old.document(name.as_str())?);
            }
            return Ok(());
        };
        // Which of the two texts a default came from can't be told.
        let mut carried = Carried::of(now, now.document(name.as_str())?);
        if was_held {
            let then = Carried::of(old, old.document(name.as_str())?);
            carried.extend(then);
        }
        self.draft.put(name.as_str(), text)?;
        self.draft.carried.insert(name.clone(), carried);
        let crossed = &old.plan().unknown_versions;
        self.draft.unknown_versions.extend(crossed);
        self.restored.push(name.clone());
        Ok(())
    }

    fn document(&mut self, old: &Loaded, name: &DocumentName) -> Result<(), DraftError> {
        let is_there = is_held(self.draft.loaded(), name);
        if !is_held(old, name) {
            if imported_since(old, name).is_some() {
                self.untouched.push(name.clone());
            } else {
                self.draft.remove(name.as_str())?;
                self.removed.push(name.clone());
            }
            return Ok(());
        }
        let then = old.document(name.as_str())?;
        let named = self.named.clone();
        let refused = |reason, document| named.refused(old, name, Side::From, reason, document);
        if let Some(reason) = obstacle(then, old) {
            return Err(refused(reason, Some(then)));
        }
        let Some(bytes) = old.content(then)? else {
            let reason = "a step between the two versions removes it";
            return Err(refused(reason.into(), None));
        };
        let current = if is_there {
            let now = self.draft.loaded();
            now.content(now.document(name.as_str())?)?
        } else {
            None
        };
        if current.as_ref() != Some(&bytes) {
            let put = self.draft.put(name.as_str(), bytes);
            put.map_err(|error| match error {
                DraftError::InvalidOcl { error, .. } => {
                    named.not_ocl(old, then, Side::From, *error)
                }
                other => other,
            })?;
            let carried = Carried::of(old, then);
            self.draft.carried.insert(name.clone(), carried);
            let crossed = &old.plan().unknown_versions;
            self.draft.unknown_versions.extend(crossed);
            let file = old.file(name).map(|file| file.kind);
            if !is_there && file == Some(EntryKind::Executable) {
                let modes = &mut self.draft.modes;
                modes.insert(name.clone(), EntryKind::Executable);
            }
            self.restored.push(name.clone());
        } else {
            self.keep(then);
        }
        Ok(())
    }

    fn not_held(&self, old: &Loaded, name: &DocumentName) -> DraftError {
        DraftError::NotHeld {
            name: name.clone(),
            commit: old.commit().to_string(),
            import: imported_since(old, name),
            is_on_branch: is_held(self.draft.loaded(), name),
        }
    }

    /// A document stays, as the old one says the same at the branch's version.
    fn keep(&mut self, then: &MigratedDocument) {
        self.same.push(then.name.clone());
        let losses = then.losses.iter().cloned();
        let losses = losses.map(|loss| (then.name.clone(), loss));
        self.losses.extend(losses);
    }
}

/// Which of the two it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Branch,
    From,
}

impl Named {
    /// Why a document of one side can't be used, and where, if it failed.
    fn refused(
        &self,
        loaded: &Loaded,
        name: &DocumentName,
        side: Side,
        reason: String,
        document: Option<&MigratedDocument>,
    ) -> DraftError {
        let own = loaded.version().number();
        let failed = document.and_then(|document| document.error());
        let is_of_the_way = document.is_some() && failed.is_none_or(|it| it.step.is_some());
        let is_downward = side == Side::From && own > loaded.plan().target;
        DraftError::NotRestored {
            upgrade_to: (is_downward && is_of_the_way).then_some(own),
            name: name.clone(),
            commit: self.from.clone(),
            seen_in: match side {
                Side::Branch => self.branch.clone(),
                Side::From => self.from.clone(),
            },
            path: document.and_then(|document| loaded.repository_path(document)),
            version: loaded.plan().target,
            reason,
            failed: failed.cloned().map(Box::new),
            missing_lookups: document
                .map(|document| loaded.missing_lookups(document))
                .unwrap_or_default(),
        }
    }

    /// The same of a document whose text no step has read.
    fn not_ocl(
        &self,
        loaded: &Loaded,
        document: &MigratedDocument,
        side: Side,
        error: ParseError,
    ) -> DraftError {
        let reason = match loaded.repository_path(document) {
            Some(path) => error.render(&visible_line(&path)),
            None => error.to_string(),
        };
        let mut refused = self.refused(loaded, &document.name, side, reason, Some(document));
        if let DraftError::NotRestored {
            failed, upgrade_to, ..
        } = &mut refused
        {
            *upgrade_to = None;
            let kind = MigrationErrorKind::Parse(error);
            *failed = Some(Box::new(MigrationError::before_any_step(kind)));
        }
        refused
    }

    /// A document that one value of is restored, or taken from.
    fn side(
        &self,
        loaded: &Loaded,
        name: &DocumentName,
        side: Side,
    ) -> Result<Document, DraftError> {
        let refused = |reason, document| self.refused(loaded, name, side, reason, document);
        let place = match side {
            Side::From => "there",
            Side::Branch => "on the branch",
        };
        if !is_held(loaded, name) {
            return Err(refused(format!("it is not in Git {place}"), None));
        }
        let document = loaded.document(name.as_str())?;
        if let Some(reason) = obstacle(document, loaded) {
            return Err(refused(reason, Some(document)));
        }
        let Some(bytes) = loaded.content(document)? else {
            return Err(refused(format!("a step removes it {place}"), None));
        };
        let dialect = loaded.project().catalog().dialect_at(loaded.plan().target);
        Document::from_bytes(bytes, dialect)
            .map_err(|error| self.not_ocl(loaded, document, side, error))
    }
}

/// The documents that Git holds.
fn held(loaded: &Loaded) -> impl Iterator<Item = &DocumentName> {
    let entries = loaded.entries().iter();
    let held = entries.filter(|entry| entry.origin == Origin::Git);
    held.map(|entry| &entry.name)
}

fn is_held(loaded: &Loaded, name: &DocumentName) -> bool {
    let entry = loaded.entry(name);
    entry.is_some_and(|entry| entry.origin == Origin::Git)
}

/// The version of the import since which documents of this kind lie in Git, if the old commit is from before that.
fn imported_since(old: &Loaded, name: &DocumentName) -> Option<u32> {
    let mut imports = old.lift().live_imports().into_iter();
    let import = imports.find(|import| import.kind == name.kind())?;
    Some(import.version)
}

fn obstacle(then: &MigratedDocument, old: &Loaded) -> Option<String> {
    match &then.outcome {
        DocumentOutcome::Failed(_) => then.failure(old.base_path()),
        DocumentOutcome::LeftOut => Some("the branch is below the import of its kind".into()),
        _ => {
            let set_aside = then.set_aside.iter().map(ToString::to_string);
            let set_aside: Vec<String> = set_aside.collect();
            (!set_aside.is_empty()).then(|| set_aside.join("; "))
        }
    }
}
