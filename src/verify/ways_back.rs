//! Takes the project of the snapshots down from every version to each lower one, and up again.
//!
//! What comes back up must have the values that it had. Where a step can't carry one down, that value is named, and whoever
//! wrote the snapshots has to say that it may be. The same holds for what imports bring in from above the version asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::back::same_values;
use super::coverage::Coverage;
use super::files::Files;
use super::memory_project::{MemoryProject, MigratedFiles};
use super::report::{Check, Finding, NotCarried};
use super::server::ServerDocument;
use super::snapshots::{SERVER_FILE, Snapshots};
use crate::catalog::{Action, Catalog, DocumentName, Step};
use crate::engine::ResultCache;
use crate::migrate::SetAside;

/// A way to a lower version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WayBack {
    pub(super) from: u32,
    pub(super) to: u32,
    /// From nothing: imports bring the documents in, in the shape of `from`.
    imports: bool,
}

pub(super) struct WaysBack<'m> {
    catalog: &'m Catalog,
    snapshots: &'m Snapshots,
    coverage: &'m Coverage,
    cache: &'m ResultCache,
    findings: Vec<Finding>,
    /// Ways that end elsewhere, each with what is wrong.
    strayed: BTreeMap<WayBack, Finding>,
    /// What was set aside, by document and then by place.
    set_aside: BTreeMap<(DocumentName, String), SetAside>,
}

impl<'m> WaysBack<'m> {
    pub(super) fn new(
        catalog: &'m Catalog,
        snapshots: &'m Snapshots,
        coverage: &'m Coverage,
        cache: &'m ResultCache,
    ) -> WaysBack<'m> {
        WaysBack {
            catalog,
            snapshots,
            coverage,
            cache,
            findings: Vec::new(),
            strayed: BTreeMap::new(),
            set_aside: BTreeMap::new(),
        }
    }

    /// Every way down, the shortest from each version first.
    pub(super) fn ways(&self) -> Vec<WayBack> {
        let server = self.catalog.server_version();
        let versions: Vec<u32> = self
            .snapshots
            .versions()
            .filter(|version| (1..=server).contains(version))
            .collect();
        let from = versions.iter().enumerate();
        let way = |from: u32, to: u32, imports: bool| WayBack { from, to, imports };
        let mut ways: Vec<WayBack> = from
            .flat_map(|(index, &from)| {
                let lower = versions[..index].iter().rev();
                lower.map(move |to| way(from, *to, false))
            })
            .collect();
        if let Some((&last, lower)) = versions.split_last() {
            let arrivals = self.snapshots.arrivals(self.catalog);
            let any = |to: u32| arrivals.iter().any(|one| one.imported && one.version <= to);
            let lower = lower.iter().rev().filter(|to| any(**to));
            ways.extend(lower.map(|to| way(last, *to, true)));
        }
        ways
    }

    /// Takes the project down one way and up again, and notes what is wrong.
    pub(super) fn take(&mut self, way: WayBack) {
        let WayBack { from, to, imports } = way;
        let Some(files) = self.snapshots.at(from) else {
            return;
        };
        let down = if imports {
            self.migrate(&Files::default(), 0, self.rows(way), to)
        } else {
            self.migrate(files, from, Vec::new(), to)
        };
        let down = match down {
            Ok(down) => down,
            Err(message) => return self.stray(way, message),
        };
        let mut not_carried = BTreeSet::new();
        for document in &down.documents {
            for value in &document.set_aside {
                not_carried.insert(document.name.clone());
                self.sets_aside(way, &document.name, value);
            }
        }
        let back = match self.migrate(&down.files, to, Vec::new(), from) {
            Ok(back) => back,
            Err(message) => return self.stray(way, format!("up again: {message}")),
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
            // Imports bring in what they bring in; what else there is isn't on this way.
            if imports && !name.as_ref().is_some_and(came_in) {
                continue;
            }
            // Whether the marker is right is the snapshot's own affair.
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
                let message = format!("{path} doesn't come back up with the values that it had");
                let finding = Finding::new(Check::WayBack, way.describe(), message);
                let finding = finding.with_diff(path, before, found);
                self.strayed.insert(way, finding);
                return;
            }
        }
    }

    /// What was found on all ways, and what can't go down as the snapshots' author says.
    pub(super) fn finish(mut self) -> (Vec<Finding>, Vec<NotCarried>) {
        let strayed: Vec<WayBack> = self.strayed.keys().copied().collect();
        let is_within = |inner: &WayBack, outer: &WayBack| {
            // Where a way down strays, so do imports on it.
            inner != outer && !inner.imports && inner.from <= outer.from && inner.to >= outer.to
        };
        for (way, mut finding) in std::mem::take(&mut self.strayed) {
            // A longer way strays where a part of it does: that part alone says all.
            if strayed.iter().any(|inner| is_within(inner, &way)) {
                continue;
            }
            let longer = strayed.iter().filter(|outer| is_within(&way, outer));
            match longer.count() {
                0 => {}
                1 => finding.message.push_str(" (so with 1 longer way)"),
                more => finding
                    .message
                    .push_str(&format!(" (so with {more} longer ways)")),
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
                        "`set_aside` says that {place} of {name} can't go down, and it can, or isn't there"
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

    /// What the server's table has, in the shape of the version that a way comes from, as far as it can go down.
    fn rows(&self, way: WayBack) -> Vec<ServerDocument> {
        let arrivals = self.snapshots.arrivals(self.catalog).into_iter();
        let imported = arrivals.filter(|arrival| arrival.imported && arrival.version <= way.to);
        let rows = imported.filter_map(|arrival| {
            let mut row = arrival.row;
            let above = self.catalog.steps().iter().filter(|step| {
                let version = step.version();
                version > way.to && version <= way.from && step.concerns(row.name.kind())
            });
            let is_stopped = |step: &Step| {
                let ends = matches!(step.action(), Action::Import(_) | Action::Remove);
                ends || step.one_way().is_some()
            };
            if above.clone().any(is_stopped) {
                return None;
            }
            let kind = self.catalog.kind(row.name.kind())?;
            let path = self
                .catalog
                .path_at(kind, way.from)
                .path_of(row.name.slug());
            let content = self.snapshots.at(way.from)?.get(&path.ok()?)?;
            row.content = std::str::from_utf8(content).ok()?.into();
            row.shape = way.from;
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
    ) -> Result<MigratedFiles, String> {
        let migrated = MemoryProject::new(self.catalog, from, files)
            .lookups(&self.snapshots.lookups)
            .rows(rows)
            .observed(self.cache, self.coverage)
            .migrate(to)
            .map_err(|error| error.to_string())?;
        match migrated.failure() {
            Some(failure) => Err(failure),
            None => Ok(migrated),
        }
    }

    fn stray(&mut self, way: WayBack, message: String) {
        let finding = Finding::new(Check::WayBack, way.describe(), message);
        self.strayed.insert(way, finding);
    }

    fn sets_aside(&mut self, way: WayBack, document: &DocumentName, value: &SetAside) {
        let key = (document.clone(), value.place.clone());
        if self.set_aside.insert(key, value.clone()).is_some() {
            return;
        }
        if self.snapshots.is_set_aside(document, &value.place) {
            return;
        }
        let message = format!(
            "{document}: {value}; mend the step's `down`, or state the place under `set_aside` in {}",
            SERVER_FILE
        );
        self.findings
            .push(Finding::new(Check::WayBack, way.describe(), message));
    }
}

impl WayBack {
    fn describe(self) -> String {
        let WayBack { from, to, imports } = self;
        if imports {
            format!("imports in shape {from} down to v{to}")
        } else {
            format!("v{from} down to v{to}")
        }
    }
}
