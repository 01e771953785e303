//! Running the effects of imports, and refusing what can't be run.

use super::commit::error::CommitError;
use super::effect::{Effect, EffectRun, Effects, ImportEffect};
use crate::catalog::{Catalog, Step};
use crate::plan::{LiveImport, live_imports};
use crate::project::read::loaded::Loaded;
use crate::store::{self, ProjectKey, Row, WriteTransaction};

/// The commit that an effect runs for.
#[derive(Clone, Copy)]
pub(crate) struct Occasion<'o> {
    pub(crate) project: &'o ProjectKey,
    pub(crate) branch: &'o str,
    pub(crate) commit: &'o str,
    /// Now, in Unix seconds.
    pub(crate) time: i64,
}

fn find<'e>(effects: &'e Effects, planned: &ImportEffect) -> Result<&'e dyn Effect, CommitError> {
    let unknown = || CommitError::UnknownEffect {
        effect: planned.effect.clone(),
        kind: planned.kind.clone(),
        import: planned.import_version,
    };
    effects.get(&planned.effect).ok_or_else(unknown)
}

/// Runs an effect that was begun, and records its outcome.
pub(crate) fn run(
    effects: &Effects,
    planned: &mut ImportEffect,
    rows: &[Row],
    occasion: Occasion<'_>,
    transaction: &mut dyn WriteTransaction,
) -> Result<(), CommitError> {
    let effect = find(effects, planned)?;
    let Occasion {
        project,
        branch,
        commit,
        time,
    } = occasion;
    let mut run = EffectRun {
        project,
        kind: &planned.kind,
        import_version: planned.import_version,
        rows,
        branch,
        commit,
        may_have_run: planned.may_have_run,
        transaction: &mut *transaction,
    };
    let outcome = effect
        .run(&mut run)
        .map_err(|source| CommitError::EffectFailed {
            effect: planned.effect.clone(),
            kind: planned.kind.clone(),
            import: planned.import_version,
            source,
        })?;
    transaction.record_effect(&planned.kind, planned.import_version, &outcome, time)?;
    tracing::info!(
        effect = planned.effect,
        kind = planned.kind,
        version = planned.import_version,
        outcome,
        "ran an import's effect"
    );
    planned.outcome = Some(outcome);
    Ok(())
}

/// Refuses to persist an import whose effect isn't registered here, before anything is written.
pub(crate) fn refuse_unknown(loaded: &Loaded, target: u32) -> Result<(), CommitError> {
    let project = loaded.project();
    let (catalog, effects) = (project.catalog(), project.effects());
    let is_lacking = |step: &Step| {
        let effect = step.effect().filter(|_| step.version() <= target);
        effect.is_some_and(|effect| effects.get(effect).is_none())
    };
    let Some(store) = project.store() else {
        return Ok(());
    };
    if !catalog.steps().iter().any(is_lacking) {
        return Ok(());
    }
    let version = match store.read(&project.key(loaded.base_path())) {
        Err(store::Error::Absent { .. }) => None,
        read => read?.version()?,
    };
    let planned = version.map_or_else(Vec::new, |version| planned(catalog, version, target));
    planned
        .iter()
        .try_for_each(|planned| find(effects, planned).map(drop))
}

/// The effects of the imports that are first persisted when a project goes from a version to another, and which of them isn't
/// registered.
pub(crate) fn planned_with(
    registered: &Effects,
    catalog: &Catalog,
    from: u32,
    to: u32,
) -> Vec<ImportEffect> {
    let mut planned = planned(catalog, from, to);
    for effect in &mut planned {
        effect.is_unknown = registered.get(&effect.effect).is_none();
    }
    planned
}

/// The effects of the imports that are first persisted when a project goes from a version to another.
pub(crate) fn planned(catalog: &Catalog, from: u32, to: u32) -> Vec<ImportEffect> {
    let effect_of = |LiveImport { kind, version }: LiveImport| {
        let mut steps = catalog.steps().iter();
        let step = steps.find(|step| step.version() == version && step.concerns(&kind))?;
        Some(ImportEffect {
            effect: step.effect()?.to_owned(),
            kind,
            import_version: version,
            outcome: None,
            may_have_run: false,
            is_unknown: false,
        })
    };
    let live = live_imports(catalog, from, to).into_iter();
    live.filter_map(effect_of).collect()
}
