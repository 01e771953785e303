//! What holds for every plan, over random catalogs, branches, projects, documents and stores.

use super::random::{LAST_VERSION, Model, World, kinds, world};

use crate::catalog::{Action, DocumentName, OnExisting, Target};
use crate::plan::{
    Decision, Direction, Origin, Plan, PlanError, PlanRow, Refusal, Source, StoredDocument,
    live_imports,
};
use proptest::prelude::*;

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
        let imported = plan.imports.iter().flat_map(|import| &import.documents);
        let highest = imported.map(|document| document.shape).max().unwrap_or(0);
        for version in &plan.unknown_versions {
            prop_assert!(world.branch < *version && *version <= world.target.max(highest));
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
                let known = import.is_some_and(|import| {
                    if row.step < import.step {
                        let steps = &world.catalog.steps()[row.step..import.step];
                        let is_of_another = steps.iter().any(|step| {
                            step.concerns(kind) && matches!(step.action(), Action::Remove)
                        });
                        return !is_of_another && !import.documents.is_empty();
                    }
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
