//! Migrates the project of the snapshots down from every version to each lower one, and up again.
//!
//! The result must have the original values. If a step can't carry one down, that value is reported, unless the author of the
//! snapshots has stated it. The same holds for documents that imports above the target add.

use std::collections::{BTreeMap, BTreeSet};

use super::back::same_values;
use super::coverage::Coverage;
use super::files::Files;
use super::memory_project::{MemoryProject, MigratedFiles};
use super::report::{Check, Finding, NotCarried};
use super::server::ServerDocument;
use super::snapshots::{SERVER_FILE, Snapshots};
use crate::catalog::{Catalog, DocumentName, Step};
use crate::engine::ResultCache;
use crate::migrate::SetAside;

/// A migration to a lower version and back up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Downgrade {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Starts with an empty project: imports add the documents, in the shape of `from`.
    imports: bool,
}

pub(super) struct Downgrades<'m> {
    catalog: &'m Catalog,
    snapshots: &'m Snapshots,
    coverage: &'m Coverage,
    cache: &'m ResultCache,
    findings: Vec<Finding>,
    /// Wrong results, by downgrade.
    wrong: BTreeMap<Downgrade, Finding>,
    /// What was set aside, by document and then by place.
    set_aside: BTreeMap<(DocumentName, String), SetAside>,
}

impl<'m> Downgrades<'m> {
    pub(super) fn new(
        catalog: &'m Catalog,
        snapshots: &'m Snapshots,
        coverage: &'m Coverage,
        cache: &'m ResultCache,
    ) -> Downgrades<'m> {
        Downgrades {
            catalog,
            snapshots,
            coverage,
            cache,
            findings: Vec::new(),
            wrong: BTreeMap::new(),
            set_aside: BTreeMap::new(),
        }
    }

    /// Every downgrade, the shortest from each version first.
    pub(super) fn all(&self) -> Vec<Downgrade> {
        let server = self.catalog.server_version();
        let versions: Vec<u32> = self
            .snapshots
            .versions()
            .filter(|version| (1..=server).contains(version))
            .collect();
        let from = versions.iter().enumerate();
        let downgrade = |from: u32, to: u32, imports: bool| Downgrade { from, to, imports };
        let mut downgrades: Vec<Downgrade> = from
            .flat_map(|(index, &from)| {
                let lower = versions[..index].iter().rev();
                lower.map(move |to| downgrade(from, *to, false))
            })
            .collect();
        if let Some((&last, lower)) = versions.split_last() {
            let arrivals = self.snapshots.arrivals(self.catalog);
            let any = |to: u32| arrivals.iter().any(|one| one.imported && one.version <= to);
            let lower = lower.iter().rev().filter(|to| any(**to));
            downgrades.extend(lower.map(|to| downgrade(last, *to, true)));
        }
        downgrades
    }

    /// Migrates the project down and up again, and records what is wrong.
    pub(super) fn run(&mut self, downgrade: Downgrade) {
        let Downgrade { from, to, imports } = downgrade;
        let Some(files) = self.snapshots.at(from) else {
            return;
        };
        let down = if imports {
            self.migrate(&Files::default(), 0, self.rows(downgrade), to)
        } else {
            self.migrate(files, from, Vec::new(), to)
        };
        let down = match down {
            Ok(down) => down,
            Err(failed) => return self.record_wrong(downgrade, "", failed),
        };
        let mut not_carried = BTreeSet::new();
        for document in &down.documents {
            for value in &document.set_aside {
                not_carried.insert(document.name.clone());
                self.sets_aside(downgrade, &document.name, value);
            }
        }
        let back = match self.migrate(&down.files, to, Vec::new(), from) {
            Ok(back) => back,
            Err(failed) => return self.record_wrong(downgrade, "up again: ", failed),
        };
        let missing: BTreeSet<&DocumentName> = down.missing().collect();
        let came_in =
            |name: &DocumentName| down.documents.iter().any(|document| document.name == *name);
        for (path, before) in files.iter() {
            let kind = self.catalog.classify(path, from);
            let name = kind.map(|(kind, slug)| DocumentName::new(&kind.name, slug));
            if let Some(name) = &name
                && (missing.contains(name) || not_carried.contains(name))
            {
                continue;
            }
            // Check only documents that the imports add: the project is otherwise empty.
            if imports && !name.as_ref().is_some_and(came_in) {
                continue;
            }
            // The check of the snapshot itself covers the marker.
            if self.catalog.marker_paths().any(|marker| marker == path) {
                continue;
            }
            let found = back.files.get(path);
            let is_same = match (found, &name) {
                (None, _) => false,
                (Some(found), None) => found == before,
                (Some(found), Some(_)) => same_values(self.catalog.dialect_at(from), before, found),
            };
            if !is_same {
                let message = format!(
                    "{path} doesn't have its original values after migrating down and up again"
                );
                let finding = Finding::new(Check::WayBack, downgrade.describe(), message);
                let finding = finding.with_diff(path, before, found);
                self.wrong.insert(downgrade, finding);
                return;
            }
        }
    }

    /// The findings, and the values that can't be migrated down as the snapshots' author states.
    pub(super) fn finish(mut self) -> (Vec<Finding>, Vec<NotCarried>) {
        let wrong: Vec<Downgrade> = self.wrong.keys().copied().collect();
        let is_within = |inner: &Downgrade, outer: &Downgrade| {
            // If a downgrade of the project fails, so do its imports.
            inner != outer && !inner.imports && inner.from <= outer.from && inner.to >= outer.to
        };
        for (downgrade, mut finding) in std::mem::take(&mut self.wrong) {
            // A longer downgrade fails if a part of it does: report that part alone.
            if wrong.iter().any(|inner| is_within(inner, &downgrade)) {
                continue;
            }
            let longer = wrong.iter().filter(|outer| is_within(&downgrade, outer));
            match longer.count() {
                0 => {}
                1 => finding.message.push_str(" (and in 1 longer downgrade)"),
                more => finding
                    .message
                    .push_str(&format!(" (and in {more} longer downgrades)")),
            }
            self.findings.push(finding);
        }
        for (name, places) in &self.snapshots.set_aside {
            for place in places {
                let is_one = |(document, at): &(DocumentName, String)| {
                    *document == name.as_str() && at == place
                };
                if !self.set_aside.keys().any(is_one) {
                    let message = format!(
                        "`set_aside` states that {place} of {name} can't be migrated down, but it can, or doesn't exist"
                    );
                    let file = format!("snapshots/{}", SERVER_FILE);
                    self.findings
                        .push(Finding::new(Check::WayBack, file, message));
                }
            }
        }
        let not_carried = self.set_aside.into_iter();
        let not_carried = not_carried
            .filter(|((document, place), _)| self.snapshots.is_set_aside(document, place))
            .map(|((document, _), value)| NotCarried { document, value });
        (self.findings, not_carried.collect())
    }

    /// The server's table in the shape of the version that a downgrade starts from, as far as it can be migrated down.
    fn rows(&self, downgrade: Downgrade) -> Vec<ServerDocument> {
        let arrivals = self.snapshots.arrivals(self.catalog).into_iter();
        let imported =
            arrivals.filter(|arrival| arrival.imported && arrival.version <= downgrade.to);
        let rows = imported.filter_map(|arrival| {
            let mut row = arrival.row;
            let above = self.catalog.steps().iter().filter(|step| {
                let version = step.version();
                version > downgrade.to
                    && version <= downgrade.from
                    && step.concerns(row.name.kind())
            });
            let is_stopped =
                |step: &Step| step.action().begins_or_ends() || step.one_way().is_some();
            if above.clone().any(is_stopped) {
                return None;
            }
            let kind = self.catalog.kind(row.name.kind())?;
            let path = self
                .catalog
                .path_at(kind, downgrade.from)
                .path_of(row.name.slug());
            let content = self.snapshots.at(downgrade.from)?.get(&path.ok()?)?;
            row.content = std::str::from_utf8(content).ok()?.into();
            row.shape = downgrade.from;
            Some(row)
        });
        rows.collect()
    }

    fn migrate(
        &self,
        files: &Files,
        from: u32,
        rows: Vec<ServerDocument>,
        to: u32,
    ) -> Result<MigratedFiles, Failed> {
        let migrated = MemoryProject::new(self.catalog, from, files)
            .lookups(&self.snapshots.lookups)
            .rows(rows)
            .observed(self.cache, self.coverage)
            .migrate(to)
            .map_err(|error| Failed {
                message: error.to_string(),
                place: None,
            })?;
        match migrated.failure() {
            Some(message) => Err(Failed {
                message,
                place: migrated.failure_place(),
            }),
            None => Ok(migrated),
        }
    }

    fn record_wrong(&mut self, downgrade: Downgrade, when: &str, failed: Failed) {
        let message = format!("{when}{}", failed.message);
        let finding = Finding::new(Check::WayBack, downgrade.describe(), message);
        self.wrong.insert(downgrade, finding.at(failed.place));
    }

    fn sets_aside(&mut self, downgrade: Downgrade, document: &DocumentName, value: &SetAside) {
        let key = (document.clone(), value.place.clone());
        if self.set_aside.insert(key, value.clone()).is_some() {
            return;
        }
        if self.snapshots.is_set_aside(document, &value.place) {
            return;
        }
        let message = format!(
            "{document}: {value}; fix the step's `down`, or state the place under `set_aside` in {}",
            SERVER_FILE
        );
        self.findings
            .push(Finding::new(Check::WayBack, downgrade.describe(), message));
    }
}

/// Why a project can't be migrated.
struct Failed {
    message: String,
    /// Where the step that fails does so.
    place: Option<String>,
}

impl Downgrade {
    fn describe(self) -> String {
        let Downgrade { from, to, imports } = self;
        if imports {
            format!("imports in shape {from} down to v{to}")
        } else {
            format!("v{from} down to v{to}")
        }
    }
}
