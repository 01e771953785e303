//! What a baseline changes for plans, over the same random worlds: nothing from it on.

use super::random::{LAST_VERSION, World, kinds, world};

use crate::catalog::{Baseline, Catalog, CatalogParts, Target};
use crate::plan::{Origin, PlanError, Refusal, StoredDocument};
use proptest::prelude::*;

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
