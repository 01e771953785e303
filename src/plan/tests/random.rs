//! Random catalogs, branches, projects, documents and stores, and which steps run there in the rules' own words.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    Action, Catalog, CatalogParts, DocumentKind, Marker, OnExisting, PathPattern, Step, Target,
};
use crate::plan::{Plan, PlanError, Request, Source, StoreState, StoredDocument, StoredKind};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

pub(super) const LAST_VERSION: u32 = 10;
/// Two single documents and a collection.
pub(super) const KINDS: [(&str, bool); 3] = [("fizz", false), ("buzz", false), ("rb", true)];
const SLUGS: [&str; 4] = ["a", "b", "c", "d"];

/// All that a plan is made from.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) catalog: Catalog,
    pub(super) branch: u32,
    pub(super) target: u32,
    pub(super) held: BTreeMap<String, Vec<String>>,
    pub(super) store: Option<StoreState>,
}

impl World {
    pub(super) fn plan(&self) -> Result<Plan, PlanError> {
        self.plan_between(self.branch, self.target, self.held.clone())
    }

    pub(super) fn plan_between(
        &self,
        branch: u32,
        target: u32,
        held: BTreeMap<String, Vec<String>>,
    ) -> Result<Plan, PlanError> {
        Plan::new(&Request {
            catalog: &self.catalog,
            branch_version: branch,
            target,
            held,
            store: self.store.clone(),
        })
    }

    pub(super) fn held(&self, kind: &str) -> &[String] {
        self.held.get(kind).map_or(&[], Vec::as_slice)
    }

    pub(super) fn step(&self, index: usize) -> &Step {
        &self.catalog.steps()[index]
    }

    pub(super) fn is_import(&self, index: usize) -> bool {
        matches!(self.step(index).action(), Action::Import(_))
    }

    /// The steps that bring content of a shape down to the target.
    pub(super) fn steps_above_target(&self, kind: &str, shape: u32) -> Vec<usize> {
        let steps = (0..self.catalog.steps().len()).rev();
        let is_pending = |index: &usize| {
            let step = self.step(*index);
            step.concerns(kind) && step.version() > self.target && step.version() <= shape
        };
        steps.filter(is_pending).collect()
    }

    /// The version of the highest of those that can't be undone: all but renames and dialects here.
    pub(super) fn obstacle(&self, kind: &str, shape: u32) -> Option<u32> {
        let steps = self.steps_above_target(kind, shape);
        let steps = steps.into_iter().map(|index| self.step(index));
        let mut stuck =
            steps.filter(|step| !matches!(step.action(), Action::Rename(_) | Action::Dialect));
        stuck.next().map(Step::version)
    }

    pub(super) fn is_remove(&self, index: usize) -> bool {
        matches!(self.step(index).action(), Action::Remove)
    }
}

/// What may happen to a kind in a version; what its life cycle doesn't allow is left out.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Nothing,
    Import(OnExisting),
    Modify,
    Rename,
    Remove,
}

fn happening(imports: bool) -> impl Strategy<Value = Happening> {
    let import = if imports { 4 } else { 0 };
    prop_oneof![
        4 => Just(Happening::Nothing),
        import => prop_oneof![Just(OnExisting::Refuse), Just(OnExisting::Keep)].prop_map(Happening::Import),
        4 => Just(Happening::Modify),
        1 => Just(Happening::Rename),
        2 => Just(Happening::Remove),
    ]
}

fn catalog(imports: bool) -> impl Strategy<Value = Catalog> {
    let lives = vec(vec(happening(imports), LAST_VERSION as usize), KINDS.len());
    let version = || proptest::option::of(1..=LAST_VERSION);
    (lives, version(), version(), version()).prop_map(|(lives, dialect, marker, unknown)| {
        let mut steps = Vec::new();
        steps.extend(dialect.map(|version| Step::dialect(version, "m_dialect")));
        steps.extend(marker.map(|version| {
            let from = PathPattern::parse("old-marker.ocl").expect("a path");
            Step::rename(version, "marker", "schema_version", from)
        }));
        for ((name, is_collection), life) in KINDS.into_iter().zip(lives) {
            let mut before = None;
            for (version, happening) in (1..).zip(life) {
                if Some(version) == dialect {
                    continue;
                }
                let removed = matches!(before, Some(Happening::Remove));
                let step = match happening {
                    Happening::Import(on_existing) if before.is_none() || removed => {
                        Step::import(version, "import", name, on_existing)
                    }
                    Happening::Modify if !removed => {
                        Step::modify(version, "modify", name, |_, _| Ok(()))
                    }
                    Happening::Rename if !removed => {
                        let from = path(&format!("{name}-{version}"), is_collection);
                        Step::rename(version, "rename", name, from)
                    }
                    Happening::Remove if !removed => Step::remove(version, "remove", name),
                    _ => continue,
                };
                steps.push(step);
                before = Some(happening);
            }
        }
        let known: BTreeSet<u32> = steps.iter().map(Step::version).collect();
        Catalog::new(CatalogParts {
            unknown_versions: unknown.into_iter().filter(|v| !known.contains(v)).collect(),
            marker: Marker {
                legacy_paths: vec!["old-marker.ocl".into()],
                ..Marker::default()
            },
            kinds: KINDS
                .map(|(name, is_collection)| DocumentKind::new(name, path(name, is_collection)))
                .into(),
            steps,
            ..CatalogParts::new("laws", ".octopus")
        })
        .expect("the generator makes well-formed catalogs only")
    })
}

fn path(name: &str, is_collection: bool) -> PathPattern {
    let file = if is_collection { "/*.ocl" } else { ".ocl" };
    PathPattern::parse(&format!("{name}{file}")).expect("a path")
}

fn slugs(is_collection: bool) -> impl Strategy<Value = Vec<String>> {
    let all = if is_collection {
        SLUGS.to_vec()
    } else {
        vec![""]
    };
    let count = 0..=all.len();
    subsequence(all, count).prop_map(|slugs| slugs.into_iter().map(str::to_owned).collect())
}

fn stored(is_collection: bool) -> impl Strategy<Value = Vec<StoredDocument>> {
    let shapes = vec(0..=LAST_VERSION + 1, SLUGS.len());
    (slugs(is_collection), shapes).prop_map(|(slugs, shapes)| {
        let rows = slugs.into_iter().zip(shapes);
        rows.map(|(slug, shape)| StoredDocument { slug, shape })
            .collect()
    })
}

fn stored_kind(is_collection: bool) -> impl Strategy<Value = StoredKind> {
    // Mostly recorded, or most random worlds would lack a snapshot and have no plan.
    let snapshot = proptest::option::weighted(0.8, stored(is_collection));
    (stored(is_collection), snapshot).prop_map(|(table, snapshot)| StoredKind { table, snapshot })
}

fn per_kind<T: std::fmt::Debug, S: Strategy<Value = T>>(
    each: impl Fn(bool) -> S,
) -> impl Strategy<Value = BTreeMap<String, T>> {
    let values: Vec<S> = KINDS
        .iter()
        .map(|(_, is_collection)| each(*is_collection))
        .collect();
    values.prop_map(|values| {
        let names = KINDS.iter().map(|(name, _)| (*name).to_owned());
        names.zip(values).collect()
    })
}

fn store() -> impl Strategy<Value = StoreState> {
    (0..=LAST_VERSION, per_kind(stored_kind)).prop_map(|(project_version, content)| StoreState {
        project_version,
        content,
    })
}

pub(super) fn world(imports: bool) -> impl Strategy<Value = World> {
    let versions = (0..=LAST_VERSION, 0..=LAST_VERSION);
    let store = proptest::option::weighted(0.9, store());
    (catalog(imports), versions, per_kind(slugs), store).prop_map(
        |(catalog, (a, b), held, store)| {
            let server = catalog.server_version();
            World {
                branch: a.min(b).min(server),
                target: a.max(b).min(server),
                catalog,
                held,
                store,
            }
        },
    )
}

/// Section 6 in its own words, for one kind, document by document: no segments, only what comes before and after.
pub(super) struct Model<'w> {
    world: &'w World,
    /// The pending steps of the kind, in run order.
    pub(super) pending: Vec<usize>,
}

impl<'w> Model<'w> {
    pub(super) fn of(world: &'w World, kind: &str) -> Model<'w> {
        let is_pending = |(_, step): &(usize, &Step)| {
            let about = match step.target() {
                Target::Kind(name) => name == kind,
                Target::AllKinds => true,
                Target::Marker => false,
            };
            about && (world.branch < step.version() && step.version() <= world.target)
        };
        let steps = world.catalog.steps().iter().enumerate();
        let pending = steps.filter(is_pending).map(|(index, _)| index).collect();
        Model { world, pending }
    }

    /// Every pending step runs on what Git holds, up to the first remove; imports pass it over.
    pub(super) fn steps_on_git(&self) -> Vec<usize> {
        let mut ran = Vec::new();
        for &step in &self.pending {
            if !self.world.is_import(step) {
                ran.push(step);
            }
            if self.world.is_remove(step) {
                break;
            }
        }
        ran
    }

    /// The import after which nothing removes the document.
    pub(super) fn live_import(&self) -> Option<usize> {
        let last = self
            .pending
            .iter()
            .rposition(|step| self.world.is_import(*step))?;
        let removed_later = self.pending[last..]
            .iter()
            .any(|step| self.world.is_remove(*step));
        (!removed_later).then(|| self.pending[last])
    }

    /// What comes after the import and above the shape.
    pub(super) fn steps_on_imported(&self, import: usize, shape: u32) -> Vec<usize> {
        let version = |step: usize| self.world.step(step).version();
        let pending = self.pending.iter().copied();
        pending
            .filter(|step| version(*step) > version(import).max(shape))
            .collect()
    }

    pub(super) fn still_in_git_at(&self, import: usize) -> bool {
        let before = self.pending.iter().take_while(|step| **step != import);
        before.into_iter().all(|step| !self.world.is_remove(*step))
    }

    /// Whether the step stands between an import and the remove that undoes it, or before that import with no other
    /// remove between.
    pub(super) fn passes_by(&self, step: usize) -> bool {
        let at = self
            .pending
            .iter()
            .position(|other| *other == step)
            .expect("a pending step");
        let is_remove = |index: &usize| self.world.is_remove(*index);
        let Some(end) = self.pending[at..]
            .iter()
            .position(is_remove)
            .map(|end| at + end)
        else {
            return false;
        };
        let life = self.pending[..end]
            .iter()
            .rev()
            .take_while(|step| !is_remove(step));
        life.into_iter().any(|step| self.world.is_import(*step))
    }

    /// Where the live import reads from, and the rows it finds there. `Err` where it has nothing to read from.
    pub(super) fn rows(
        &self,
        kind: &str,
        import: usize,
    ) -> Result<(Source, &'w [StoredDocument]), ()> {
        let Some(store) = &self.world.store else {
            return Ok((Source::Unknown, &[]));
        };
        let content = &store.content[kind];
        if store.project_version < self.world.step(import).version() {
            return Ok((Source::Table, &content.table));
        }
        match &content.snapshot {
            Some(snapshot) => Ok((Source::Snapshot, snapshot)),
            None if content.table.is_empty() => Err(()),
            None => Ok((Source::Table, &content.table)),
        }
    }
}

pub(super) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}
