//! Migrates the project of the snapshots from every version to every higher one.
//!
//! Every migration from N to M must give the snapshot of M, byte for byte. So migrating from N to M and then to the latest
//! version equals migrating from N to the latest: both halves are migrations of their own.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::{self, Discriminant};

use super::cases::CaseFailure;
use super::coverage::Coverage;
use super::files::Files;
use super::memory_project::{MemoryProject, MemorySource, MigratedFiles};
use super::probe::{Defect, probe};
use super::report::{Check, Finding, left_behind, step_name};
use super::server::ServerDocument;
use super::snapshots::{Arrival, SERVER_FILE, Snapshots};
use crate::catalog::{Action, Baseline, Catalog, DocumentName};
use crate::engine::{Lift, LookupKey, ResultCache};
use crate::migrate::{Context, Input, Loss, migrate};
use crate::text::count;

/// A migration from one version to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Migration {
    /// 0 for a project without a marker.
    pub(super) from: u32,
    pub(super) to: u32,
    /// The shape of the server's documents; those of an import above it are in the import's own shape.
    pub(super) shape: u32,
    /// Whether imports read from the snapshot, not from the table.
    pub(super) from_snapshot: bool,
    /// Whether it is run to check imports.
    for_imports: bool,
}

pub(super) struct Matrix<'m> {
    catalog: &'m Catalog,
    snapshots: &'m Snapshots,
    arrivals: Vec<Arrival<'m>>,
    coverage: &'m Coverage,
    cache: &'m ResultCache,
    findings: Vec<Finding>,
    /// Wrong results between two versions.
    wrong: BTreeMap<(u32, u32), Finding>,
    /// Wrong results of imports, each with the number of migrations that have it.
    wrong_imports: BTreeMap<u32, (Finding, usize)>,
    /// Lookups without an answer, each with a migration and a document for which it was asked.
    unanswered: BTreeMap<LookupKey, (String, DocumentName)>,
    /// Losses that were reported already.
    reported: BTreeSet<String>,
    /// Defects that were reported already: the step's version and name, and the defect.
    reported_defects: HashSet<(u32, String, Discriminant<CaseFailure>)>,
}

impl<'m> Matrix<'m> {
    pub(super) fn new(
        catalog: &'m Catalog,
        snapshots: &'m Snapshots,
        coverage: &'m Coverage,
        cache: &'m ResultCache,
    ) -> Matrix<'m> {
        Matrix {
            catalog,
            snapshots,
            arrivals: snapshots.arrivals(catalog),
            coverage,
            cache,
            findings: Vec::new(),
            wrong: BTreeMap::new(),
            wrong_imports: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            reported: BTreeSet::new(),
            reported_defects: HashSet::new(),
        }
    }

    /// Every migration, the shortest of each version first.
    pub(super) fn all(&self) -> Vec<Migration> {
        let versions: Vec<u32> = self
            .snapshots
            .versions()
            .filter(|version| {
                let catalog = self.catalog;
                (catalog.lowest_version()..=catalog.server_version()).contains(version)
            })
            .collect();
        let mut migrations = Vec::new();
        for &to in &versions {
            for from in std::iter::once(0).chain(versions.iter().copied()) {
                let is_last = versions.last() == Some(&to);
                if from < to || (from == to && is_last) {
                    migrations.push(Migration {
                        from,
                        to,
                        shape: 0,
                        from_snapshot: false,
                        for_imports: false,
                    });
                }
            }
        }
        for (import, last) in self.imports() {
            let earlier = versions.iter().rev().find(|version| **version < import);
            let Some(&to) = versions.iter().rev().find(|version| **version < last) else {
                continue;
            };
            let shapes = versions
                .iter()
                .filter(|shape| (import..=to).contains(shape));
            for &shape in shapes {
                for from_snapshot in [false, true] {
                    migrations.push(Migration {
                        from: earlier.copied().unwrap_or(0),
                        to,
                        shape,
                        from_snapshot,
                        for_imports: true,
                    });
                }
            }
        }
        let mut known = BTreeSet::new();
        migrations.retain(|migration| known.insert(*migration));
        migrations
    }

    /// The versions of the imports, each with that of the remove that ends the imported documents.
    fn imports(&self) -> Vec<(u32, u32)> {
        let steps = self.catalog.steps();
        let imports = steps
            .iter()
            .filter(|step| matches!(step.action(), Action::Import(_)));
        imports
            .map(|import| {
                let ends = steps.iter().find(|step| {
                    step.version() > import.version()
                        && step.target() == import.target()
                        && matches!(step.action(), Action::Remove)
                });
                (
                    import.version(),
                    ends.map_or(u32::MAX, crate::catalog::Step::version),
                )
            })
            .collect()
    }

    /// Runs one migration, and records what is wrong with its result.
    pub(super) fn run(&mut self, migration: Migration) {
        let project = self.project(migration);
        let lift = project.lift(migration.to);
        let migrated = match &lift {
            Ok(lift) => project.migrated(lift).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Ok(migrated) = &migrated {
            self.note_stops(migrated);
        }
        if let Some(finding) = self.compare(migration, &migrated) {
            self.record_wrong(migration, finding);
        }
        for document in migrated.iter().flat_map(|it| &it.documents) {
            let unanswered = document.unanswered();
            for lookup in unanswered.filter(|lookup| !self.snapshots.is_stated_absent(lookup)) {
                let asked = (migration.describe(), document.name.clone());
                self.unanswered.entry(lookup).or_insert(asked);
            }
        }
        let (Ok(lift), Ok(migrated)) = (lift, migrated) else {
            return;
        };
        if migrated.failure().is_some() {
            return;
        }
        for document in &migrated.documents {
            for loss in &document.losses {
                self.loss(migration, &document.name, loss);
            }
        }
        let adjacent = self
            .snapshots
            .versions()
            .find(|version| *version > migration.from);
        if adjacent == Some(migration.to) && !migration.for_imports {
            self.probe(migration, &lift);
        }
    }

    /// Migrates every snapshot to the latest version where that has none yet, so that the steps above the last snapshot run too.
    pub(super) fn run_beyond(&mut self) {
        let (catalog, latest) = (self.catalog, self.catalog.server_version());
        let known = |version: &u32| (catalog.lowest_version()..=latest).contains(version);
        if self.snapshots.at(latest).is_some() {
            return;
        }
        let versions: Vec<u32> = self.snapshots.versions().filter(known).collect();
        for from in std::iter::once(0).chain(versions) {
            let migration = Migration {
                from,
                to: latest,
                shape: 0,
                from_snapshot: false,
                for_imports: false,
            };
            // That there is no plan is told of a migration to a snapshot.
            let Ok(migrated) = self.project(migration).migrate(latest) else {
                continue;
            };
            self.note_stops(&migrated);
            let is_excused = self.snapshots.exceptions.contains_key(&latest);
            if let Some(failure) = migrated.failure().filter(|_| !is_excused) {
                let finding = Finding::new(Check::Migration, migration.describe(), failure);
                let finding = finding.at(migrated.failure_place());
                self.record_wrong(migration, finding);
            }
        }
    }

    fn project(&self, migration: Migration) -> MemoryProject<'m> {
        MemoryProject::new(self.catalog, migration.from, self.files(migration.from))
            .lookups(&self.snapshots.lookups)
            .rows(self.rows(migration))
            .imports_from_snapshot(migration.from_snapshot)
            .observed(self.cache, self.coverage)
    }

    fn note_stops(&self, migrated: &MigratedFiles) {
        for (document, step) in migrated.failed_steps() {
            self.coverage.stopped(document.kind(), step.version);
        }
    }

    /// What was found in all migrations.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        // Report once what goes wrong no matter what imports read.
        let messages: BTreeSet<&str> = self
            .wrong
            .values()
            .map(|finding| &*finding.message)
            .collect();
        self.wrong_imports
            .retain(|_, (finding, _)| !messages.contains(&*finding.message));
        let wrong: Vec<(u32, u32)> = self.wrong.keys().copied().collect();
        let within = |inner: &(u32, u32), outer: &(u32, u32)| {
            inner != outer && inner.0 >= outer.0 && inner.1 <= outer.1
        };
        for (migration, mut finding) in mem::take(&mut self.wrong) {
            // A longer migration fails if a part of it does: report that part alone.
            if wrong.iter().any(|inner| within(inner, &migration)) {
                continue;
            }
            let longer = wrong
                .iter()
                .filter(|outer| within(&migration, outer))
                .count();
            if longer > 0 {
                let longer = count(longer, "longer migration");
                finding.message.push_str(&format!(" (and in {longer})"));
            }
            self.findings.push(finding);
        }
        for (LookupKey { table, key }, (migration, document)) in mem::take(&mut self.unanswered) {
            let message = format!(
                "{migration}: {document}: the lookup table {table:?} has no key {key:?}, so the step had no answer: put the right value \
                 under `lookups` in {SERVER_FILE}"
            );
            let finding = Finding::new(Check::Lookup, "snapshots", message);
            self.findings.push(finding.into_warning());
        }
        for (mut finding, count) in mem::take(&mut self.wrong_imports).into_values() {
            if count > 1 {
                let others = count - 1;
                let more = format!(" (and with {others} other sources and shapes)");
                finding.message.push_str(&more);
            }
            self.findings.push(finding);
        }
        self.findings
    }

    /// The project at a version; empty for version 0.
    fn files(&self, version: u32) -> &'m Files {
        static NOTHING: std::sync::LazyLock<Files> = std::sync::LazyLock::new(Files::default);
        self.snapshots.at(version).unwrap_or(&NOTHING)
    }

    /// What the server has in this migration.
    fn rows(&self, migration: Migration) -> Vec<ServerDocument> {
        let imported = self.arrivals.iter().filter(|arrival| arrival.imported);
        imported
            .filter(|arrival| arrival.version > migration.from && arrival.version <= migration.to)
            .filter_map(|arrival| {
                let row = &arrival.row;
                // The server has saved what it had below the baseline again.
                let baseline = self.catalog.baseline().map_or(0, Baseline::version);
                let shape = migration.shape.max(baseline);
                if shape <= arrival.version {
                    return Some(row.clone());
                }
                let kind = self.catalog.kind(row.name.kind())?;
                let path = self
                    .catalog
                    .path_at(kind, shape)
                    .path_of(row.name.slug())
                    .ok()?;
                let content = self.files(shape).get(&path)?;
                Some(ServerDocument {
                    shape,
                    content: std::str::from_utf8(content).ok()?.into(),
                    ..row.clone()
                })
            })
            .collect()
    }

    fn compare(
        &self,
        migration: Migration,
        migrated: &Result<MigratedFiles, String>,
    ) -> Option<Finding> {
        let finding = |message: String| {
            let check = if migration.for_imports {
                Check::Import
            } else {
                Check::Migration
            };
            Finding::new(check, migration.describe(), message)
        };
        let migrated = match migrated {
            Ok(migrated) => migrated,
            Err(failure) => return Some(finding(failure.clone())),
        };
        if let Some(failure) = migrated.failure() {
            return Some(finding(failure).at(migrated.failure_place()));
        }
        let expected = self.files(migration.to);
        let added = self.added_by_hand(migration);
        let counts = |path: &str| {
            let document = self.catalog.classify(path, migration.to);
            document.is_none_or(|(kind, slug)| !added.contains(&(kind.name.as_str(), slug)))
        };
        for (path, bytes) in expected.iter().filter(|(path, _)| counts(path)) {
            let found = migrated.files.get(path);
            if found != Some(bytes) {
                let message = match found {
                    Some(_) => {
                        format!("{path} does not become that of snapshots/v{}", migration.to)
                    }
                    None => format!(
                        "{path} of snapshots/v{} is missing in the result",
                        migration.to
                    ),
                };
                return Some(finding(message).with_diff(path, bytes, found));
            }
        }
        let surplus = migrated.files.iter().map(|(path, _)| path);
        let mut surplus = surplus.filter(|path| counts(path) && expected.get(path).is_none());
        let first = surplus.next()?;
        Some(finding(format!(
            "{first} is in the result, but not in snapshots/v{}",
            migration.to
        )))
    }

    /// Documents that users add between the versions: no migration creates them.
    fn added_by_hand(&self, migration: Migration) -> BTreeSet<(&str, &str)> {
        let added = self
            .arrivals
            .iter()
            .filter(|arrival| !arrival.imported && arrival.version > migration.from)
            .filter(|arrival| arrival.version <= migration.to);
        added
            .map(|arrival| (arrival.row.name.kind(), arrival.row.name.slug()))
            .collect()
    }

    fn record_wrong(&mut self, migration: Migration, finding: Finding) {
        if migration.for_imports {
            let entry = self.wrong_imports.entry(migration.from);
            entry.or_insert_with(|| (finding, 0)).1 += 1;
        } else {
            self.wrong.insert((migration.from, migration.to), finding);
        }
    }

    fn loss(&mut self, migration: Migration, name: &DocumentName, loss: &Loss) {
        let step = self
            .catalog
            .steps()
            .iter()
            .find(|step| step.version() == loss.version && step.name() == loss.step);
        let key = format!("loss {} {} {name} {}", loss.version, loss.step, loss.place);
        if let Some(step) = step.filter(|_| self.reported.insert(key)) {
            let message = format!(
                "{}: {name}: {loss}; pin its value in a `when`, read it, or set `overwrites = true`",
                migration.describe()
            );
            self.findings
                .push(Finding::of_step(Check::Loss, step, message));
        }
    }

    /// Runs every step of every document again, on its own.
    fn probe(&mut self, migration: Migration, lift: &Lift<MemorySource<'_>>) {
        for (place, entry) in lift.entries().iter().enumerate() {
            let Ok(Some(text)) = lift.before(&entry.name) else {
                continue;
            };
            let shape = lift.plan().shape_of(entry.origin);
            let defects = lift.with_context(place, |context| {
                self.probe_steps(&entry.name, &entry.steps, shape, text, context)
            });
            for (step, defect) in defects {
                self.report_defect(migration, &entry.name, step, defect);
            }
        }
    }

    fn probe_steps(
        &self,
        name: &DocumentName,
        steps: &[usize],
        shape: u32,
        text: Vec<u8>,
        context: &dyn Context,
    ) -> Vec<(usize, Defect)> {
        let mut defects = Vec::new();
        let mut text = Some(text);
        for &step in steps {
            let Some(bytes) = &text else { break };
            let before = self.catalog.steps()[step].version().saturating_sub(1);
            let input = Input {
                kind: name.kind(),
                slug: name.slug(),
                shape: before.max(shape),
                bytes,
            };
            let Ok(first) = migrate(self.catalog, &[step], input, context) else {
                break;
            };
            let found = probe(self.catalog, step, input, &first, context);
            defects.extend(found.into_iter().map(|defect| (step, defect)));
            text = first.text.map(|text| text.as_bytes().to_vec());
        }
        defects
    }

    fn report_defect(
        &mut self,
        migration: Migration,
        name: &DocumentName,
        step: usize,
        defect: Defect,
    ) {
        let step = &self.catalog.steps()[step];
        let (failure, diff) = match defect {
            Defect::Loses(losses) => {
                losses
                    .iter()
                    .for_each(|loss| self.loss(migration, name, loss));
                return;
            }
            Defect::LeavesBehind(left) => {
                let about = format!("{}: {name}", migration.describe());
                if self
                    .reported
                    .insert(format!("left {} {name}", step_name(step)))
                {
                    self.findings.push(left_behind(step, &about, &left));
                }
                return;
            }
            Defect::Unsteady { first, second } => {
                let diff = (first.clone().unwrap_or_default(), second.clone());
                (CaseFailure::Unsteady { first, second }, Some(diff))
            }
            Defect::NotIdempotent { result, again } => {
                let diff = (result, Some(again.clone()));
                (CaseFailure::NotIdempotent { again }, Some(diff))
            }
            Defect::FailsLater(error) => (CaseFailure::FailsLater(error), None),
            Defect::FailsOnResult(error) => (CaseFailure::FailsOnResult(error), None),
        };
        let rule = mem::discriminant(&failure);
        if self
            .reported_defects
            .insert((step.version(), step.name().to_owned(), rule))
        {
            let message = format!("{}: {name}: {failure}", migration.describe());
            let mut finding = Finding::of_step(Check::Repeat, step, message);
            if let Some((expected, found)) = diff {
                finding = finding.with_diff(name.as_str(), &expected, found.as_deref());
            }
            self.findings.push(finding);
        }
    }
}

impl Migration {
    pub(super) fn describe(&self) -> String {
        let from = match self.from {
            0 => "nothing".to_owned(),
            version => format!("v{version}"),
        };
        let mut text = format!("{from} to v{}", self.to);
        if self.for_imports {
            let source = if self.from_snapshot {
                "snapshot"
            } else {
                "table"
            };
            text.push_str(&format!(
                ", imports from the {source}, in shape {}",
                self.shape
            ));
        }
        text
    }
}
