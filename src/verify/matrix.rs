//! Takes the project of the snapshots every way there is from one version to another.
//!
//! Every way from N to M must end as the snapshot of M, to the byte. So N to M to the latest is N to the latest too: its
//! two halves are ways of their own.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::{self, Discriminant};

use super::cases::CaseFailure;
use super::coverage::Coverage;
use super::files::Files;
use super::memory_project::{MemoryProject, MemorySource, MigratedFiles};
use super::probe::{Defect, probe};
use super::report::{Check, Finding};
use super::server::ServerDocument;
use super::snapshots::{Arrival, Snapshots};
use crate::catalog::{Action, Catalog, DocumentName};
use crate::engine::{Lift, ResultCache};
use crate::migrate::{Context, Input, Loss, migrate};
use crate::text::count;

/// A way from one version to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// 0 where there is nothing yet.
    pub(super) from: u32,
    pub(super) to: u32,
    /// The shape of what the server has; what an import above it brings in is in the import's own.
    pub(super) shape: u32,
    /// Imports read from the snapshot, not from the table.
    pub(super) from_snapshot: bool,
    /// It is here for its imports.
    for_imports: bool,
}

pub(super) struct Matrix<'m> {
    catalog: &'m Catalog,
    snapshots: &'m Snapshots,
    arrivals: Vec<Arrival<'m>>,
    coverage: &'m Coverage,
    cache: &'m ResultCache,
    findings: Vec<Finding>,
    /// Ways between versions that end elsewhere, each with what is wrong.
    strayed: BTreeMap<(u32, u32), Finding>,
    /// Imports that end elsewhere.
    imports_strayed: BTreeMap<u32, (Finding, usize)>,
    /// Losses that were told already.
    told: BTreeSet<String>,
    /// Defects that were told already: the step's version and name, and what is wrong.
    probed: HashSet<(u32, String, Discriminant<CaseFailure>)>,
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
            strayed: BTreeMap::new(),
            imports_strayed: BTreeMap::new(),
            told: BTreeSet::new(),
            probed: HashSet::new(),
        }
    }

    /// Every way, the shortest of each version first.
    pub(super) fn ways(&self) -> Vec<Way> {
        let versions: Vec<u32> = self
            .snapshots
            .versions()
            .filter(|version| (1..=self.catalog.server_version()).contains(version))
            .collect();
        let mut ways = Vec::new();
        for &to in &versions {
            for from in std::iter::once(0).chain(versions.iter().copied()) {
                let is_last = versions.last() == Some(&to);
                if from < to || (from == to && is_last) {
                    ways.push(Way {
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
                    ways.push(Way {
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
        ways.retain(|way| known.insert(*way));
        ways
    }

    /// The versions of the imports, each with that of the remove that ends what it brought in.
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

    /// Takes the project one way, and notes what is wrong with where it ends.
    pub(super) fn take(&mut self, way: Way) {
        let project = MemoryProject::new(self.catalog, way.from, self.files(way.from))
            .lookups(&self.snapshots.lookups)
            .rows(self.rows(way))
            .imports_from_snapshot(way.from_snapshot)
            .observed(self.cache, self.coverage);
        let lift = project.lift(way.to);
        let migrated = match &lift {
            Ok(lift) => project.migrated(lift).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Some(finding) = self.compare(way, &migrated) {
            self.stray(way, finding);
        }
        let (Ok(lift), Ok(migrated)) = (lift, migrated) else {
            return;
        };
        if migrated.failure().is_some() {
            return;
        }
        for document in &migrated.documents {
            for loss in &document.losses {
                self.loss(way, &document.name, loss);
            }
        }
        let adjacent = self
            .snapshots
            .versions()
            .find(|version| *version > way.from);
        if adjacent == Some(way.to) && !way.for_imports {
            self.probe(way, &lift);
        }
    }

    /// What was found on all ways.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        // What goes wrong without regard to what imports read is told once.
        let messages: BTreeSet<&str> = self
            .strayed
            .values()
            .map(|finding| &*finding.message)
            .collect();
        self.imports_strayed
            .retain(|_, (finding, _)| !messages.contains(&*finding.message));
        let strayed: Vec<(u32, u32)> = self.strayed.keys().copied().collect();
        let within = |inner: &(u32, u32), outer: &(u32, u32)| {
            inner != outer && inner.0 >= outer.0 && inner.1 <= outer.1
        };
        for (way, mut finding) in mem::take(&mut self.strayed) {
            // A longer way strays where a part of it does: that part alone says all.
            if strayed.iter().any(|inner| within(inner, &way)) {
                continue;
            }
            let longer = strayed.iter().filter(|outer| within(&way, outer)).count();
            if longer > 0 {
                let longer = count(longer, "longer way");
                finding.message.push_str(&format!(" (so with {longer})"));
            }
            self.findings.push(finding);
        }
        for (mut finding, count) in mem::take(&mut self.imports_strayed).into_values() {
            if count > 1 {
                let others = count - 1;
                let more = format!(" (so with {others} more of sources and shapes)");
                finding.message.push_str(&more);
            }
            self.findings.push(finding);
        }
        self.findings
    }

    /// The project at a version; at 0 there is none.
    fn files(&self, version: u32) -> &'m Files {
        static NOTHING: std::sync::LazyLock<Files> = std::sync::LazyLock::new(Files::default);
        self.snapshots.at(version).unwrap_or(&NOTHING)
    }

    /// What the server has on this way.
    fn rows(&self, way: Way) -> Vec<ServerDocument> {
        let imported = self.arrivals.iter().filter(|arrival| arrival.imported);
        imported
            .filter(|arrival| arrival.version > way.from && arrival.version <= way.to)
            .filter_map(|arrival| {
                let row = &arrival.row;
                if way.shape <= arrival.version {
                    return Some(row.clone());
                }
                let kind = self.catalog.kind(row.name.kind())?;
                let path = self
                    .catalog
                    .path_at(kind, way.shape)
                    .path_of(row.name.slug())
                    .ok()?;
                let content = self.files(way.shape).get(&path)?;
                Some(ServerDocument {
                    shape: way.shape,
                    content: std::str::from_utf8(content).ok()?.into(),
                    ..row.clone()
                })
            })
            .collect()
    }

    fn compare(&self, way: Way, migrated: &Result<MigratedFiles, String>) -> Option<Finding> {
        let finding = |message: String| {
            let check = if way.for_imports {
                Check::Import
            } else {
                Check::Migration
            };
            Finding::new(check, way.describe(), message)
        };
        let migrated = match migrated {
            Ok(migrated) => migrated,
            Err(failure) => return Some(finding(failure.clone())),
        };
        if let Some(failure) = migrated.failure() {
            return Some(finding(failure));
        }
        let expected = self.files(way.to);
        let added = self.added_by_hand(way);
        let counts = |path: &str| {
            let document = self.catalog.classify(path, way.to);
            document.is_none_or(|(kind, slug)| !added.contains(&(kind.name.as_str(), slug)))
        };
        for (path, bytes) in expected.iter().filter(|(path, _)| counts(path)) {
            let found = migrated.files.get(path);
            if found != Some(bytes) {
                let message = match found {
                    Some(_) => format!("{path} does not become what snapshots/v{} has", way.to),
                    None => format!("{path} of snapshots/v{} does not come about", way.to),
                };
                return Some(finding(message).with_diff(path, bytes, found));
            }
        }
        let surplus = migrated.files.iter().map(|(path, _)| path);
        let mut surplus = surplus.filter(|path| counts(path) && expected.get(path).is_none());
        let first = surplus.next()?;
        Some(finding(format!(
            "{first} comes about, which snapshots/v{} does not have",
            way.to
        )))
    }

    /// Documents that users add on the way: no migration brings them about.
    fn added_by_hand(&self, way: Way) -> BTreeSet<(&str, &str)> {
        let added = self
            .arrivals
            .iter()
            .filter(|arrival| !arrival.imported && arrival.version > way.from)
            .filter(|arrival| arrival.version <= way.to);
        added
            .map(|arrival| (arrival.row.name.kind(), arrival.row.name.slug()))
            .collect()
    }

    fn stray(&mut self, way: Way, finding: Finding) {
        if way.for_imports {
            let entry = self.imports_strayed.entry(way.from);
            entry.or_insert_with(|| (finding, 0)).1 += 1;
        } else {
            self.strayed.insert((way.from, way.to), finding);
        }
    }

    fn loss(&mut self, way: Way, name: &DocumentName, loss: &Loss) {
        let step = self
            .catalog
            .steps()
            .iter()
            .find(|step| step.version() == loss.version && step.name() == loss.step);
        let key = format!("loss {} {} {name} {}", loss.version, loss.step, loss.place);
        if let Some(step) = step.filter(|_| self.told.insert(key)) {
            let message = format!(
                "{}: {name}: {loss}; pin its value in a `when`, read it, or say `overwrites = true`",
                way.describe()
            );
            self.findings
                .push(Finding::of_step(Check::Loss, step, message));
        }
    }

    /// Runs every step of every document again, on its own.
    fn probe(&mut self, way: Way, lift: &Lift<MemorySource<'_>>) {
        for (place, entry) in lift.entries().iter().enumerate() {
            let Ok(Some(text)) = lift.before(&entry.name) else {
                continue;
            };
            let shape = lift.plan().shape_of(entry.origin);
            let defects = lift.with_context(place, |context| {
                self.probe_steps(&entry.name, &entry.steps, shape, text, context)
            });
            for (step, defect) in defects {
                self.tell(way, &entry.name, step, defect);
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

    fn tell(&mut self, way: Way, name: &DocumentName, step: usize, defect: Defect) {
        let step = &self.catalog.steps()[step];
        let (failure, diff) = match defect {
            Defect::Loses(losses) => {
                losses.iter().for_each(|loss| self.loss(way, name, loss));
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
            .probed
            .insert((step.version(), step.name().to_owned(), rule))
        {
            let message = format!("{}: {name}: {failure}", way.describe());
            let mut finding = Finding::of_step(Check::Repeat, step, message);
            if let Some((expected, found)) = diff {
                finding = finding.with_diff(name.as_str(), &expected, found.as_deref());
            }
            self.findings.push(finding);
        }
    }
}

impl Way {
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
