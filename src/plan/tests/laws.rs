//! What holds for every plan, over random catalogs, branches, projects, documents and stores.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::{
    Action, Baseline, Catalog, CatalogParts, DocumentKind, DocumentName, Marker, OnExisting,
    PathPattern, Step, Target,
};
use crate::plan::{
    Decision, Direction, Origin, Plan, PlanError, PlanRow, Refusal, Request, Source, StoreState,
    StoredDocument, StoredKind, live_imports,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;

const LAST_VERSION: u32 = 10;
/// Two single documents and a collection.
const KINDS: [(&str, bool); 3] = [("fizz", false), ("buzz", false), ("rb", true)];
const SLUGS: [&str; 4] = ["a", "b", "c", "d"];

/// All that a plan is made from.
#[derive(Debug, Clone)]
struct World {
    catalog: Catalog,
    branch: u32,
    target: u32,
    held: BTreeMap<String, Vec<String>>,
    store: Option<StoreState>,
}

impl World {
    fn plan(&self) -> Result<Plan, PlanError> {
        self.plan_between(self.branch, self.target, self.held.clone())
    }

    fn plan_between(
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

    fn held(&self, kind: &str) -> &[String] {
        self.held.get(kind).map_or(&[], Vec::as_slice)
    }

    fn step(&self, index: usize) -> &Step {
        &self.catalog.steps()[index]
    }

    fn is_import(&self, index: usize) -> bool {
        matches!(self.step(index).action(), Action::Import(_))
    }

    /// The steps that bring content of a shape down to the target.
    fn steps_above_target(&self, kind: &str, shape: u32) -> Vec<usize> {
        let steps = (0..self.catalog.steps().len()).rev();
        let is_pending = |index: &usize| {
            let step = self.step(*index);
            step.concerns(kind) && step.version() > self.target && step.version() <= shape
        };
        steps.filter(is_pending).collect()
    }

    /// The version of the highest of those that can't be undone: all but renames and dialects here.
    fn obstacle(&self, kind: &str, shape: u32) -> Option<u32> {
        let steps = self.steps_above_target(kind, shape);
        let steps = steps.into_iter().map(|index| self.step(index));
        let mut stuck =
            steps.filter(|step| !matches!(step.action(), Action::Rename(_) | Action::Dialect));
        stuck.next().map(Step::version)
    }

    fn is_remove(&self, index: usize) -> bool {
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

fn world(imports: bool) -> impl Strategy<Value = World> {
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
struct Model<'w> {
    world: &'w World,
    /// The pending steps of the kind, in run order.
    pending: Vec<usize>,
}

impl<'w> Model<'w> {
    fn of(world: &'w World, kind: &str) -> Model<'w> {
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
    fn steps_on_git(&self) -> Vec<usize> {
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
    fn live_import(&self) -> Option<usize> {
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
    fn steps_on_imported(&self, import: usize, shape: u32) -> Vec<usize> {
        let version = |step: usize| self.world.step(step).version();
        let pending = self.pending.iter().copied();
        pending
            .filter(|step| version(*step) > version(import).max(shape))
            .collect()
    }

    fn still_in_git_at(&self, import: usize) -> bool {
        let before = self.pending.iter().take_while(|step| **step != import);
        before.into_iter().all(|step| !self.world.is_remove(*step))
    }

    /// Whether the step stands between an import and the remove that undoes it, or before that import with no other
    /// remove between.
    fn passes_by(&self, step: usize) -> bool {
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
    fn rows(&self, kind: &str, import: usize) -> Result<(Source, &'w [StoredDocument]), ()> {
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

fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(name, _)| *name)
}

/// What is undone for documents that an import brings in above the target stands in rows of its own.
fn upward(plan: &Plan) -> impl Iterator<Item = &PlanRow> {
    let rows = plan.rows.iter();
    rows.filter(|row| row.direction == Direction::Up)
}

fn non_import_rows<'p>(
    world: &'p World,
    plan: &'p Plan,
    kind: &'p str,
) -> impl Iterator<Item = &'p PlanRow> {
    let rows = upward(plan).filter(move |row| row.kind == kind);
    rows.filter(|row| !world.is_import(row.step))
}

proptest! {
    #[test]
    fn no_plan_exactly_where_a_live_import_has_nothing_to_read_from(world in world(true)) {
        let lacks_all = |kind: &str| {
            let model = Model::of(&world, kind);
            model.live_import().is_some_and(|import| model.rows(kind, import).is_err())
        };
        match world.plan() {
            Ok(_) => prop_assert!(!kinds().any(lacks_all)),
            Err(PlanError::MissingSnapshot { kind, .. }) => prop_assert!(lacks_all(&kind)),
            Err(other) => prop_assert!(false, "{other}"),
        }
    }

    #[test]
    fn nothing_runs_outside_the_branch_version_and_the_target(world in world(true)) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let inside = |step: usize| {
            let version = world.step(step).version();
            world.branch < version && version <= world.target
        };
        for row in upward(&plan) {
            prop_assert!(inside(row.step));
        }
        for kind in kinds() {
            for origin in [Origin::Git, Origin::Imported { shape: 0 }, Origin::Imported { shape: 5 }] {
                for step in plan.steps_for(&world.catalog, kind, origin) {
                    let is_undone = matches!(origin, Origin::Imported { shape } if shape > world.target);
                    prop_assert!(inside(step) || is_undone);
                }
            }
        }
        for version in &plan.unknown_versions {
            prop_assert!(world.branch < *version && *version <= world.target);
        }
    }

    #[test]
    fn at_most_one_import_of_a_kind_runs_and_it_is_the_live_one(world in world(true)) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let announced = live_imports(&world.catalog, world.branch, world.target);
        for kind in kinds() {
            let model = Model::of(&world, kind);
            let live: Vec<usize> = model.live_import().into_iter().collect();
            let rows = upward(&plan).filter(|row| row.kind == kind && world.is_import(row.step));
            let may_run = |row: &&PlanRow| matches!(row.decision, Decision::Run | Decision::Unknown);
            let runs: Vec<&PlanRow> = rows.filter(may_run).collect();
            prop_assert_eq!(runs.iter().map(|row| row.step).collect::<Vec<_>>(), live.clone());
            prop_assert_eq!(plan.import_of(kind).map(|import| import.step), live.first().copied());
            let versions = live.iter().map(|step| world.step(*step).version());
            let announced = announced.iter().filter(|import| import.kind == kind);
            prop_assert_eq!(announced.map(|import| import.version).collect::<Vec<_>>(), versions.collect::<Vec<_>>());
            for row in upward(&plan).filter(|row| row.kind == kind) {
                let source = plan.import_of(kind).map(|import| import.source);
                prop_assert_eq!(row.source, source.filter(|_| live.contains(&row.step)));
            }
        }
    }

    #[test]
    fn what_is_imported_and_removed_again_runs_only_for_what_git_holds(world in world(true)) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        for kind in kinds() {
            let model = Model::of(&world, kind);
            for row in upward(&plan).filter(|row| row.kind == kind) {
                if !model.passes_by(row.step) {
                    prop_assert_ne!(row.decision, Decision::ImportedThenRemoved);
                    continue;
                }
                for shape in 0..=LAST_VERSION {
                    let ran = plan.steps_for(&world.catalog, kind, Origin::Imported { shape });
                    prop_assert!(!ran.contains(&row.step));
                }
                prop_assert!(row.skipped_for.is_empty());
                let on_git = !world.held(kind).is_empty() && model.steps_on_git().contains(&row.step);
                prop_assert_eq!(row.decision == Decision::Run, on_git && !is_contested(&plan, &world, kind));
            }
        }
    }

    #[test]
    fn two_legs_run_what_one_does_where_nothing_is_imported(
        world in world(false),
        middle in 0..=LAST_VERSION,
    ) {
        let middle = middle.clamp(world.branch, world.target);
        let whole = world.plan().expect("no import, nothing to lack");
        let first = world.plan_between(world.branch, middle, world.held.clone()).expect("no import");
        let mut held = world.held.clone();
        for kind in kinds() {
            let ran = first.steps_for(&world.catalog, kind, Origin::Git);
            if ran.iter().any(|step| world.is_remove(*step)) {
                held.remove(kind);
            }
        }
        let second = world.plan_between(middle, world.target, held.clone()).expect("no import");
        for kind in kinds() {
            let steps = |plan: &Plan| plan.steps_for(&world.catalog, kind, Origin::Git);
            let mut legs = steps(&first);
            if held.contains_key(kind) {
                legs.extend(steps(&second));
            }
            prop_assert_eq!(legs, steps(&whole));
        }
        let decisions = |plan: &Plan| -> Vec<(usize, String, Decision)> {
            upward(plan).map(|row| (row.step, row.kind.clone(), row.decision)).collect()
        };
        prop_assert_eq!([decisions(&first), decisions(&second)].concat(), decisions(&whole));
    }

    #[test]
    fn every_pending_step_is_one_row_for_each_of_its_kinds_in_run_order(world in world(true)) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let mut wanted = Vec::new();
        for (index, step) in world.catalog.steps().iter().enumerate() {
            if step.version() <= world.branch || step.version() > world.target {
                continue;
            }
            match step.target() {
                Target::Kind(kind) => wanted.push((index, kind.clone())),
                Target::Marker => wanted.push((index, "schema_version".to_owned())),
                Target::AllKinds => wanted.extend(kinds().map(|kind| (index, kind.to_owned()))),
            }
        }
        let rows: Vec<_> = upward(&plan).map(|row| (row.step, row.kind.clone())).collect();
        prop_assert_eq!(rows, wanted);
        let order = |row: &PlanRow| (world.step(row.step).version(), world.step(row.step).name().to_owned());
        prop_assert!(upward(&plan).map(order).is_sorted());
    }

    #[test]
    fn a_row_says_run_where_the_step_runs_for_a_document_or_nothing_is_known_to_be_there(world in world(true)) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        for kind in kinds() {
            let model = Model::of(&world, kind);
            let import = plan.import_of(kind);
            let on_git = if world.held(kind).is_empty() || is_contested(&plan, &world, kind) {
                Vec::new()
            } else {
                plan.steps_for(&world.catalog, kind, Origin::Git)
            };
            for row in non_import_rows(&world, &plan, kind) {
                let version = world.step(row.step).version();
                let brought = import.map_or(&[][..], |import| &import.documents);
                let on_imported = brought.iter().any(|document| {
                    let origin = Origin::Imported { shape: document.shape };
                    plan.steps_for(&world.catalog, kind, origin).contains(&row.step)
                });
                let runs = on_git.contains(&row.step) || on_imported;
                let is_unknown = import.is_some_and(|import| {
                    row.step > import.step && import.source == Source::Unknown
                });
                let known = import.filter(|import| row.step > import.step).is_some_and(|import| {
                    let refused = import.refused.iter().map(|(document, _)| document);
                    import.documents.iter().chain(refused).any(|document| document.shape >= version)
                });
                let wanted = match (runs, model.passes_by(row.step), known) {
                    // What Git holds decides where it runs; else, without a store, nothing does.
                    (false, false, _) if is_unknown => Decision::Unknown,
                    (true, _, _) | (false, false, false) => Decision::Run,
                    (false, true, _) => Decision::ImportedThenRemoved,
                    (false, false, true) => Decision::AlreadyInShape,
                };
                prop_assert_eq!(row.decision, wanted, "{:?}", row);
            }
        }
    }

    #[test]
    fn no_step_at_or_below_its_shape_runs_on_a_document(world in world(true), shape in 0..=LAST_VERSION) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        for kind in kinds() {
            for step in plan.steps_for(&world.catalog, kind, Origin::Imported { shape }) {
                let is_undone = shape > world.target && world.step(step).version() > world.target;
                prop_assert_eq!(world.step(step).version() > shape, !is_undone);
            }
            for step in plan.steps_for(&world.catalog, kind, Origin::Git) {
                prop_assert!(world.step(step).version() > world.branch);
            }
        }
    }

    #[test]
    fn kept_names_what_an_import_passes_over_and_skipped_for_what_a_running_step_leaves_out(
        world in world(true),
    ) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        for row in upward(&plan) {
            let held: Vec<DocumentName> = world
                .held(&row.kind)
                .iter()
                .map(|slug| DocumentName::new(&row.kind, slug))
                .collect();
            let imported = plan.import_of(&row.kind).map_or(&[][..], |import| &import.documents);
            let left_out: Vec<DocumentName> = imported
                .iter()
                .filter(|document| document.shape >= world.step(row.step).version())
                .map(|document| DocumentName::new(&row.kind, &document.slug))
                .collect();
            if world.is_import(row.step) {
                prop_assert!(row.kept.iter().all(|name| held.contains(name)));
                prop_assert!(row.kept.iter().all(|name| plan.kept().any(|kept| kept == name)));
                prop_assert!(row.skipped_for.is_empty());
            } else {
                prop_assert!(row.kept.is_empty());
                prop_assert!(row.skipped_for.iter().all(|name| left_out.contains(name)));
                let after = plan.import_of(&row.kind).is_some_and(|import| row.step > import.step);
                if row.decision == Decision::Run && after {
                    prop_assert_eq!(&row.skipped_for, &left_out);
                } else {
                    prop_assert!(row.skipped_for.is_empty());
                }
            }
        }
    }

    #[test]
    fn every_document_fares_as_the_design_says(world in world(true)) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        for kind in kinds() {
            let model = Model::of(&world, kind);
            prop_assert_eq!(plan.steps_for(&world.catalog, kind, Origin::Git), model.steps_on_git());
            let Some(import) = model.live_import() else { continue };
            let planned = plan.import_of(kind).expect("a live import runs");
            let (source, rows) = model.rows(kind, import).expect("there is a plan");
            prop_assert_eq!(planned.source, source);
            let (version, server) = (world.step(import).version(), world.catalog.server_version());
            let keeps = matches!(world.step(import).action(), Action::Import(OnExisting::Keep));
            let kept = &upward(&plan).find(|row| row.step == import).expect("its row").kept;
            let in_git = |slug: &String| world.held(kind).contains(slug) && model.still_in_git_at(import);
            for slug in world.held(kind) {
                let contested = !keeps && rows.iter().any(|row| row.slug == *slug);
                let is_kept = kept.contains(&DocumentName::new(kind, slug));
                prop_assert_eq!(is_kept, in_git(slug) && !contested, "{}", slug);
            }
            for row in rows {
                let brought = planned.documents.contains(row);
                let refused = planned.refused.iter().find(|(document, _)| document == row).map(|(_, why)| why);
                let shape = row.shape;
                let wanted = if in_git(&row.slug) {
                    (!keeps).then_some(Refusal::AlreadyInGit { origin: source, import: version })
                } else if shape < version {
                    Some(Refusal::BelowImport { shape, import: version })
                } else if shape > server {
                    Some(Refusal::AboveServer { shape, server })
                } else if let Some(step) = world.obstacle(kind, shape) {
                    let reason = match refused {
                        Some(Refusal::AboveTarget { reason, .. }) => reason.clone(),
                        _ => "there is one".into(),
                    };
                    Some(Refusal::AboveTarget { shape, target: world.target, step, reason })
                } else {
                    None
                };
                prop_assert_eq!(refused, wanted.as_ref());
                prop_assert_eq!(brought, wanted.is_none() && !in_git(&row.slug));
                if brought && shape > world.target {
                    let undone = plan.steps_for(&world.catalog, kind, Origin::Imported { shape });
                    prop_assert_eq!(undone, world.steps_above_target(kind, shape));
                } else if brought {
                    let ran = plan.steps_for(&world.catalog, kind, Origin::Imported { shape });
                    prop_assert_eq!(ran, model.steps_on_imported(import, shape));
                }
            }
            prop_assert!(planned.documents.iter().all(|document| rows.contains(document)));
            prop_assert!(planned.refused.iter().all(|(document, _)| rows.contains(document)));
        }
    }

    #[test]
    fn the_project_version_chooses_no_step(world in world(true), other in 0..=LAST_VERSION) {
        let mut elsewhere = world.clone();
        if let Some(store) = &mut elsewhere.store {
            store.project_version = other;
        }
        let (Ok(one), Ok(two)) = (world.plan(), elsewhere.plan()) else { return Ok(()) };
        for kind in kinds() {
            let imports = [&one, &two].map(|plan| plan.import_of(kind).map(|import| import.step));
            prop_assert_eq!(imports[0], imports[1]);
            for origin in [Origin::Git, Origin::Imported { shape: 0 }, Origin::Imported { shape: 5 }] {
                let steps = [&one, &two].map(|plan| plan.steps_for(&world.catalog, kind, origin));
                prop_assert_eq!(&steps[0], &steps[1]);
            }
        }
    }

    #[test]
    fn the_same_request_gives_the_same_plan(world in world(true)) {
        prop_assert_eq!(world.plan(), world.plan());
    }
}

/// Whether every document that Git holds of the kind is refused, because the store has it too.
fn is_contested(plan: &Plan, world: &World, kind: &str) -> bool {
    world.held(kind).iter().all(|slug| {
        plan.import_of(kind).is_some_and(|import| {
            let contested = |(document, why): &(StoredDocument, Refusal)| {
                document.slug == *slug && matches!(why, Refusal::AlreadyInGit { .. })
            };
            import.refused.iter().any(contested)
        })
    })
}

/// The catalog with a baseline, without the steps that it makes superfluous.
fn retired(catalog: &Catalog, version: u32) -> Catalog {
    let gone: Vec<(u32, &str, &Target)> = catalog
        .superfluous_steps(version)
        .into_iter()
        .map(|step| (step.version(), step.name(), step.target()))
        .collect();
    let left = catalog.steps().iter().filter(|step| {
        let this = (step.version(), step.name(), step.target());
        !gone.contains(&this)
    });
    let unknown = catalog.unknown_versions().iter().copied();
    Catalog::new(CatalogParts {
        unknown_versions: unknown.filter(|unknown| *unknown > version).collect(),
        baseline: Some(Baseline::new(version, None).expect("it is above 0")),
        marker: catalog.marker().clone(),
        kinds: catalog.kinds().to_vec(),
        steps: left.cloned().collect(),
        ..CatalogParts::new(catalog.name(), catalog.base_path())
    })
    .expect("what is left is well-formed")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// A baseline changes nothing for a branch at it or above it, nor for one without a version, as long as what the store has
    /// isn't below it.
    #[test]
    fn a_baseline_changes_no_plan_from_it_on(world in world(true), version in 1..=LAST_VERSION) {
        let server = world.catalog.server_version();
        let highest = server.min(world.target);
        prop_assume!(highest > 0);
        let version = 1 + (version - 1) % highest;
        let mut world = world;
        if world.branch == 0 {
            // Documents without a version are refused before there is a plan.
            world.held.values_mut().for_each(Vec::clear);
        }
        let later = World { catalog: retired(&world.catalog, version), ..world.clone() };
        prop_assert_eq!(later.catalog.server_version(), server);
        if (1..version).contains(&world.branch) {
            let is_refused = matches!(later.plan(), Err(PlanError::BranchRetired { .. }));
            prop_assert!(is_refused);
            return Ok(());
        }
        let (before, after) = match (world.plan(), later.plan()) {
            (Ok(before), Ok(after)) => (before, after),
            (before, after) => {
                prop_assert_eq!(before.err(), after.err());
                return Ok(());
            }
        };
        let below: Vec<u32> = before.unknown_versions.clone();
        let below: Vec<u32> = below.into_iter().filter(|unknown| *unknown > version).collect();
        prop_assert_eq!(below, after.unknown_versions.clone());
        let named = |world: &World, steps: Vec<usize>| {
            let steps = steps.into_iter().map(|index| world.step(index));
            let steps = steps.map(|step| (step.version(), step.name().to_owned()));
            steps.collect::<Vec<_>>()
        };
        for kind in kinds() {
            if world.branch > 0 {
                let before = before.steps_for(&world.catalog, kind, Origin::Git);
                let after = after.steps_for(&later.catalog, kind, Origin::Git);
                prop_assert_eq!(named(&world, before), named(&later, after));
            }
            for shape in version..=server {
                let origin = Origin::Imported { shape };
                let before = before.steps_for(&world.catalog, kind, origin);
                let after = after.steps_for(&later.catalog, kind, origin);
                prop_assert_eq!(named(&world, before), named(&later, after));
            }
            let (before, after) = (before.import_of(kind), after.import_of(kind));
            prop_assert_eq!(before.is_some(), after.is_some());
            let (Some(before), Some(after)) = (before, after) else { continue };
            prop_assert_eq!((before.version, before.source), (after.version, after.source));
            // Nothing of the store gets lost without a word, and only what is below the baseline is refused.
            let is_left = |row: &&StoredDocument| row.shape >= version;
            let left: Vec<_> = before.documents.iter().filter(is_left).collect();
            prop_assert_eq!(left, after.documents.iter().collect::<Vec<_>>());
            let rows = |import: &crate::plan::PlannedImport| import.documents.len() + import.refused.len();
            prop_assert_eq!(rows(before), rows(after));
            for (row, why) in &after.refused {
                let is_known = before.refused.contains(&(row.clone(), why.clone()));
                let is_below = matches!(why, Refusal::BelowBaseline { .. }) && row.shape < version;
                prop_assert!(is_known || is_below, "{:?} {}", row, why);
            }
        }
    }
}
