//! What isn't committed: what is newer, lower, unknown or uncertain, and wasn't accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::error::CommitError;
use super::model::CommitRequest;
use super::told::{DoubledDocument, DoubledIn, MissingLookup};
use crate::catalog::{DocumentName, Step};
use crate::engine::{DocumentOutcome, DocumentWarning, LookupKey, MigratedDocument, join};
use crate::ocl::Document;
use crate::plan::Direction;
use crate::project::read::at::At;
use crate::project::read::base::Base;
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::loaded::Loaded;
use crate::project::read::warning::Warning;
use crate::project::read::way_back::come_in_again;
use crate::project::write::draft::{Change, Draft};
use crate::project::write::merged_in::MergedIn;
use crate::store;

impl Draft {
    /// Refuses to write a lower version unless it was asked for and nothing gets lost.
    pub(super) fn check_direction(&self, request: &CommitRequest) -> Result<(), CommitError> {
        let loaded = &self.loaded;
        let plan = loaded.plan();
        let (branch, target) = (plan.branch_version, plan.target);
        let catalog = loaded.project().catalog();
        if target == 0 {
            let kind = catalog.kinds().first().map(|kind| kind.name.clone());
            return Err(CommitError::NoSteps { kind });
        }
        match (plan.direction(), self.downgrade) {
            (Direction::Up, true) => return Err(CommitError::NotDownward { branch, target }),
            (Direction::Down, false) => return Err(CommitError::Downward { branch, target }),
            (Direction::Up, false) | (Direction::Down, true) => {}
        }
        self.check_way_back().map_err(|error| match error {
            CommitError::BelowImport {
                kind,
                import,
                target,
                branch,
                lowest: _,
            } => CommitError::BelowImport {
                kind,
                import,
                target,
                branch,
                lowest: self.lowest_writable(request),
            },
            error => error,
        })
    }

    /// Refuses what wouldn't come up again as it is.
    fn check_way_back(&self) -> Result<(), CommitError> {
        let loaded = &self.loaded;
        let plan = loaded.plan();
        let catalog = loaded.project().catalog();
        let target = plan.target;
        for import in plan.undone_imports(catalog) {
            if !import.left_out.is_empty() {
                return Err(CommitError::BelowImport {
                    kind: import.kind.clone(),
                    import: catalog.steps()[import.step].version(),
                    target,
                    branch: plan.branch_version,
                    lowest: None,
                });
            }
        }
        if let Some(again) = come_in_again(plan, loaded.lift().source())?
            .into_iter()
            .next()
        {
            return Err(CommitError::ComesInAgain {
                kind: again.kind,
                import: again.import,
                target,
                what: again.what,
            });
        }
        // What an import brings down from above the target counts as well.
        let set_aside = loaded
            .documents()
            .flat_map(|document| {
                let name = &document.name;
                let values = document.set_aside.iter();
                values.map(move |set_aside| format!("{name}: {set_aside}"))
            })
            .collect::<Vec<_>>();
        if set_aside.is_empty() {
            Ok(())
        } else {
            Err(CommitError::SetAside { values: set_aside })
        }
    }

    /// The lowest version between the target and the branch's that could be written, if there is one.
    fn lowest_writable(&self, request: &CommitRequest) -> Option<u32> {
        let loaded = &self.loaded;
        let plan = loaded.plan();
        let steps = loaded.project().catalog().steps().iter();
        let between: BTreeSet<u32> = steps
            .map(Step::version)
            .filter(|version| (plan.target + 1..plan.branch_version).contains(version))
            .collect();
        between
            .into_iter()
            .find(|version| self.is_writable_at(*version, request).unwrap_or(false))
    }

    fn is_writable_at(&self, version: u32, request: &CommitRequest) -> Result<bool, CommitError> {
        let (project, session) = (self.loaded.project(), self.loaded.session());
        let at = At::commit(self.loaded.tip());
        let tree = at.tip.map(|tip| tip.tree);
        let base_path = self.loaded.base_path().to_owned();
        let base = session.git(|reader| Base::find(reader, tree, base_path))?;
        let options = LoadOptions {
            target: Some(version),
        };
        let draft = load_base(project, &session, at, &base, options)?.edit();
        draft.check_way_back()?;
        draft.files()?;
        draft.refuse_warnings(request)?;
        Ok(true)
    }

    /// Refuses to cross versions that the catalog doesn't know, with the branch or with what is restored.
    fn refuse_unknown_versions(&self, request: &CommitRequest) -> Result<(), CommitError> {
        let versions = self.own_unknown_versions();
        let accepted = &request.accept_unknown_versions;
        let versions: Vec<u32> = versions.difference(accepted).copied().collect();
        if versions.is_empty() {
            Ok(())
        } else {
            Err(CommitError::UnknownVersions { versions })
        }
    }

    /// The versions that a commit crosses and that the catalog doesn't know:
    /// [`accept_unknown_versions`](CommitRequest::accept_unknown_versions) must name them.
    pub fn unknown_versions(&self) -> BTreeSet<u32> {
        let beside = self.beside().flat_map(Draft::own_unknown_versions);
        beside.chain(self.own_unknown_versions()).collect()
    }

    fn own_unknown_versions(&self) -> BTreeSet<u32> {
        let of_branch = self.loaded.plan().unknown_versions.iter().copied();
        of_branch
            .chain(self.unknown_versions.iter().copied())
            .collect()
    }

    /// The lookups without an answer whose defaults a commit would write, each with the documents:
    /// [`accept_missing_lookups`](CommitRequest::accept_missing_lookups) must name them.
    pub fn missing_lookups(&self) -> BTreeMap<LookupKey, Vec<DocumentName>> {
        let mut missing = self.own_missing_lookups();
        for beside in self.beside() {
            for (lookup, documents) in beside.own_missing_lookups() {
                missing.entry(lookup).or_default().extend(documents);
            }
        }
        missing
    }

    fn own_missing_lookups(&self) -> BTreeMap<LookupKey, Vec<DocumentName>> {
        let mut missing: BTreeMap<LookupKey, Vec<DocumentName>> = BTreeMap::new();
        // Of what no step reads, none asks.
        let asks = |document: &&MigratedDocument| {
            document.recorded.is_some() || self.loaded.is_of_past(&document.name)
        };
        for document in self.kept().filter(asks) {
            for warning in self.loaded.document_warnings(document) {
                if let DocumentWarning::MissingLookup(lookup) = warning {
                    let documents = missing.entry(lookup).or_default();
                    documents.push(document.name.clone());
                }
            }
        }
        for (document, carried) in &self.carried {
            for lookup in &carried.defaults {
                let documents = missing.entry(lookup.clone()).or_default();
                documents.push(document.clone());
            }
        }
        missing
    }

    /// The documents that the draft neither replaces nor removes.
    pub(super) fn kept(&self) -> impl Iterator<Item = &MigratedDocument> {
        let documents = self.loaded.documents();
        documents.filter(|document| !self.changes.contains_key(&document.name))
    }

    /// Whether a merge has nothing to do with a document: both sides have it as what they come from, and no step looks at it.
    pub(crate) fn is_untouched(&self, document: &MigratedDocument) -> bool {
        let is_as_it_was = |merged: &MergedIn| merged.untouched.contains(&document.name);
        document.recorded.is_none()
            && matches!(document.outcome, DocumentOutcome::Unchanged)
            && self.merged_in.as_ref().is_some_and(is_as_it_was)
    }

    /// Refuses to write documents whose meaning isn't certain: those that the draft neither replaces nor removes, and the texts
    /// that it puts.
    fn refuse_warnings(&self, request: &CommitRequest) -> Result<(), CommitError> {
        let loaded = &self.loaded;
        let mut doubled = Vec::new();
        for document in self.kept().filter(|it| !self.is_untouched(it)) {
            let path = document.path_before.as_ref().unwrap_or(&document.path);
            for warning in loaded.document_warnings(document) {
                if let DocumentWarning::DoubledName(name) = warning {
                    doubled.push(DoubledDocument {
                        document: document.name.clone(),
                        held_by: DoubledIn::Branch,
                        path: join(loaded.base_path(), path),
                        name,
                    });
                }
            }
        }
        let catalog = loaded.project().catalog();
        let dialect = catalog.dialect_at(loaded.plan().target);
        for (name, change) in &self.changes {
            if let Change::Put { path, text } = change
                && let Ok(document) = Document::parse(text.as_str(), dialect)
            {
                let carried = self.carried.get(name);
                let names = catalog.doubled_names(name.kind(), &document).into_iter();
                doubled.extend(names.map(|doubled| {
                    let source = carried.and_then(|carried| carried.source_of(&doubled));
                    match source.cloned() {
                        Some(source) if source.held_by == DoubledIn::Commit(loaded.commit()) => {
                            DoubledDocument {
                                held_by: DoubledIn::Branch,
                                ..source
                            }
                        }
                        Some(source) => source,
                        None => DoubledDocument {
                            document: name.clone(),
                            held_by: DoubledIn::Put,
                            path: join(loaded.base_path(), path),
                            name: doubled,
                        },
                    }
                }));
            }
        }
        if !doubled.is_empty() {
            return Err(CommitError::DoubledNames { documents: doubled });
        }
        let lookups = self.own_missing_lookups().into_iter();
        let lookups: Vec<MissingLookup> = lookups
            .filter(|(lookup, _)| !request.accept_missing_lookups.contains(lookup))
            .map(|(lookup, documents)| MissingLookup { lookup, documents })
            .collect();
        if lookups.is_empty() {
            Ok(())
        } else {
            Err(CommitError::MissingLookups { lookups })
        }
    }

    /// Refuses what isn't certain and wasn't accepted.
    pub(super) fn refuse_uncertain(&self, request: &CommitRequest) -> Result<(), CommitError> {
        self.refuse_unknown_versions(request)?;
        refuse_unknown_imports(&self.loaded)?;
        self.refuse_warnings(request)
    }
}

/// What was read without the store isn't written: its imports and its answers are unknown.
pub(super) fn refuse_unusable_store(loaded: &Loaded) -> Result<(), CommitError> {
    let session = loaded.session();
    let error = session.shared().unusable();
    match error.and_then(store::Error::unusable) {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

/// Refuses to begin a project beside one that lies elsewhere, unless somebody chose the base path.
pub(super) fn refuse_second_project(loaded: &Loaded) -> Result<(), CommitError> {
    match loaded.projects_elsewhere() {
        base_paths @ [_, ..] if loaded.project().base_path().is_none() => {
            Err(CommitError::ProjectElsewhere {
                base_path: loaded.base_path().to_owned(),
                base_paths: base_paths.to_vec(),
            })
        }
        _ => Ok(()),
    }
}

/// As Git does: blanks alone say nothing.
pub(super) fn refuse_empty_message(request: &CommitRequest) -> Result<(), CommitError> {
    let mut messages = [&request.message]
        .into_iter()
        .chain(&request.migration_message);
    if messages.any(|message| message.trim().is_empty()) {
        return Err(CommitError::EmptyMessage);
    }
    Ok(())
}

/// Refuses to write past an import when it isn't known what that brings in.
pub(super) fn refuse_unknown_imports(loaded: &Loaded) -> Result<(), CommitError> {
    let kinds = loaded.lift().unknown_imports();
    if kinds.is_empty() {
        return Ok(());
    }
    let unknown_project = loaded.warnings().iter().find_map(|warning| match warning {
        Warning::ProjectUnknown { project, .. } => Some(project.clone()),
        _ => None,
    });
    Err(match unknown_project {
        Some(project) => CommitError::UnknownProject { project, kinds },
        None => CommitError::NoStore { kinds },
    })
}
