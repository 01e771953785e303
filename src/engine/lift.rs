//! A lift: a source's documents and what they become at another version.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use super::document::MigratedDocument;
use super::entry::{Entry, Parts, Returned, entries};
use super::path::Paths;
use super::reading::Reading;
use super::rows::{ReadImport, StoredRows};
use super::source::{Past, Source};
use crate::catalog::{BringBack, DocumentName};
use crate::migrate::removes;
use crate::plan::{
    LiveImport, Origin, Plan, PlanError, PlannedImport, PlannedReturn, Request,
    Source as RowSource, live_imports,
};

/// The documents of a source on their way from one version to another: planned when it is made, migrated when they are asked
/// for (see [`outcome`](super::outcome)).
pub(crate) struct Lift<S> {
    source: S,
    plan: Plan,
    entries: Vec<Entry<Lift<S>>>,
    /// One per entry, in the same order.
    pub(super) outcomes: Vec<OnceLock<MigratedDocument>>,
    imports: Vec<ReadImport>,
    /// The pasts that removes bring documents of a kind back from.
    pasts: Vec<(String, Arc<Lift<S>>)>,
    /// What removes would bring back if there were a past.
    without_past: Vec<PlannedReturn>,
    /// What steps read of other documents, by kind and by the index of the reading step in the catalog.
    pub(super) readings: Mutex<HashMap<(String, usize), Arc<Reading>>>,
}

/// Why a lift can't be made. An error in one document is that document's outcome instead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiftError<E> {
    #[error("{0}")]
    Source(E),
    #[error("{0}")]
    Plan(PlanError),
    #[error("version {version} brings `{kind}` back from {past}, which can't be loaded: {reason}")]
    Past {
        kind: String,
        version: u32,
        past: String,
        reason: String,
    },
}

impl<S: Source> Lift<S> {
    /// Plans the migration from one version to another.
    ///
    /// # Errors
    /// If there is no plan, or the source can't read something.
    pub(crate) fn new(
        source: S,
        version: u32,
        target: u32,
    ) -> Result<Lift<S>, LiftError<S::Error>> {
        let catalog = source.catalog();
        let live = live_imports(catalog, version, target);
        let rows = source.rows(&live).map_err(LiftError::Source)?;
        let mut plan = Plan::new(&Request {
            catalog,
            branch_version: version,
            target,
            held: source.held().slugs(),
            store: rows.as_ref().map(|rows| rows.state().clone()),
        })
        .map_err(LiftError::Plan)?;
        let (returned, without_past) = returned(&source, &plan)?;
        let pasts = returned.iter().filter_map(|(planned, returned)| {
            let Returned::Past(past, _) = returned else {
                return None;
            };
            Some((planned.kind.clone(), past.clone()))
        });
        let pasts: Vec<_> = pasts.collect();
        cross_unknown_versions(&pasts, &mut plan);
        let parts = Parts {
            catalog,
            plan: &plan,
            held: source.held(),
            rows: rows.as_ref(),
            check_name: S::check_name,
        };
        let entries = entries(&parts, returned);
        let imports = rows.map(|rows| rows.read_by(&plan.imports));
        Ok(Lift {
            outcomes: entries.iter().map(|_| OnceLock::new()).collect(),
            imports: imports.unwrap_or_default(),
            source,
            plan,
            entries,
            pasts,
            without_past,
            readings: Mutex::default(),
        })
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// Every pending step with its decision.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Sets the server version of the plan, if it isn't the catalog's.
    pub(crate) fn set_server_version(&mut self, version: u32) {
        self.plan.server_version = version;
    }

    /// The documents before their migration, in the order of the catalog's kinds and then of their slugs.
    pub(crate) fn entries(&self) -> &[Entry<Lift<S>>] {
        &self.entries
    }

    /// The index of a document among the entries.
    pub(crate) fn position(&self, name: &DocumentName) -> Option<usize> {
        let kinds = self.source.catalog().kinds();
        let kind = kinds.iter().position(|kind| kind.name == name.kind())?;
        let key = (kind, name.slug());
        self.entries
            .binary_search_by(|entry| (entry.kind, entry.name.slug()).cmp(&key))
            .ok()
    }

    /// The path below the base path at which the source holds a document of this entry's name.
    pub(crate) fn path_before(&self, entry: &Entry<Lift<S>>) -> Option<&str> {
        let held = &self.source.held().documents;
        entry.held.map(|index| &*held[index].path)
    }

    /// The paths after the migration, without the marker.
    pub(crate) fn paths(&self) -> Paths {
        let mut paths = Paths::new(self.source.held(), S::check_name);
        for path in self.entries.iter().flat_map(|entry| &entry.path) {
            paths.take(path);
        }
        paths
    }

    /// The rows that the imports read, in the plan's order.
    pub(crate) fn imports(&self) -> &[ReadImport] {
        &self.imports
    }

    /// The imports that run, for which the store is asked.
    pub(crate) fn live_imports(&self) -> Vec<LiveImport> {
        let (branch, target) = (self.plan.branch_version, self.plan.target);
        live_imports(self.source.catalog(), branch, target)
    }

    /// What the imports would read from these rows, in the order of [`imports`](Lift::imports).
    ///
    /// # Errors
    /// If there would be no plan.
    pub(crate) fn imports_with(&self, rows: &StoredRows) -> Result<Vec<ReadImport>, PlanError> {
        let plan = Plan::new(&Request {
            catalog: self.source.catalog(),
            branch_version: self.plan.branch_version,
            target: self.plan.target,
            held: self.source.held().slugs(),
            store: Some(rows.state().clone()),
        })?;
        Ok(rows.read_by(&plan.imports))
    }

    /// The lift itself, and those of the pasts that removes bring documents back from.
    pub(crate) fn with_pasts(&self) -> impl Iterator<Item = &Lift<S>> {
        std::iter::once(self).chain(self.pasts.iter().map(|(_, past)| &**past))
    }

    /// The kinds of which it isn't known what imports bring in, as no store knows the project.
    pub(crate) fn unknown_imports(&self) -> Vec<String> {
        let is_unknown = |import: &&PlannedImport| import.source == RowSource::Unknown;
        let own = self.plan.imports.iter().filter(is_unknown);
        let of_pasts = self.pasts.iter().filter_map(|(kind, past)| {
            let import = past.plan.import_of(kind);
            import.filter(is_unknown)
        });
        let imports = own.chain(of_pasts);
        imports.map(|import| import.kind.clone()).collect()
    }

    /// What removes would bring back if there were a past.
    pub(crate) fn without_past(&self) -> &[PlannedReturn] {
        &self.without_past
    }
}

type AllReturned<S> = Vec<(PlannedReturn, Returned<Lift<S>>)>;

/// What the removes of a plan bring back, and those for which there is no past.
fn returned<S: Source>(
    source: &S,
    plan: &Plan,
) -> Result<(AllReturned<S>, Vec<PlannedReturn>), LiftError<S::Error>> {
    let catalog = source.catalog();
    let (mut returned, mut without_past) = (Vec::new(), Vec::new());
    for planned in &plan.returns {
        let step = &catalog.steps()[planned.step];
        let past = match step.reverse().brings_back() {
            Some(BringBack::Content(text)) => {
                returned.push((planned.clone(), Returned::Step(text.clone())));
                continue;
            }
            Some(BringBack::History) => source.past(planned).map_err(LiftError::Source)?,
            None => None,
        };
        let Some(Past {
            source,
            version,
            name,
        }) = past
        else {
            without_past.push(planned.clone());
            continue;
        };
        let past = Lift::new(source, version, plan.target);
        let past = past.map_err(|error| LiftError::Past {
            kind: planned.kind.clone(),
            version: planned.version,
            past: name,
            reason: error.to_string(),
        })?;
        let slugs = slugs_of_past(&past, &planned.kind);
        returned.push((planned.clone(), Returned::Past(Arc::new(past), slugs)));
    }
    Ok((returned, without_past))
}

/// The slugs of a kind's documents that the past held, or imports, and that still exist at the target.
fn slugs_of_past<S: Source>(past: &Lift<S>, kind: &str) -> Vec<String> {
    let held = past.entries.iter().filter(|entry| {
        entry.name.kind() == kind
            && !matches!(entry.origin, Origin::BroughtBack { .. })
            && !entry.left_out
            && !removes(past.source.catalog(), &entry.steps)
    });
    held.map(|entry| entry.name.slug().to_owned()).collect()
}

/// Adds the unknown versions between the pasts' versions and the target to the plan.
fn cross_unknown_versions<S: Source>(pasts: &[(String, Arc<Lift<S>>)], plan: &mut Plan) {
    for (_, past) in pasts {
        for version in &past.plan.unknown_versions {
            if !plan.unknown_versions.contains(version) {
                plan.unknown_versions.push(*version);
            }
        }
    }
}
