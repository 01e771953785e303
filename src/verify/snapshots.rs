//! One project at every version, and the data of its server.
//!
//! ```text
//! snapshots/
//!   v1/, v2/, ...       the files in the base path at that version, with its marker; frozen
//!   arrivals/v9/        documents that are new at version 9, in shape 9: from the server's table if version 9 imports
//!                       their kind, otherwise added by a user; below a baseline in the baseline's shape
//!   server.hcl          the server's lookup tables, and the versions that can't be verified
//! ```
//!
//! ```hcl
//! lookups    = { environments = { "Production EU" = "prod-eu" } }
//! exceptions = { v11 = "what version 11 changed is known to the server only" }
//! set_aside  = { "runbook/backup" = ["owner"] }    # places of documents that can't be migrated down
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::files::Files;
use super::hcl_file;
use super::report::{Check, Finding};
use super::server::{Lookups, ServerDocument};
use crate::catalog::{Action, Baseline, Catalog, DocumentName, Target, marker};
use crate::engine::LookupKey;
use crate::ocl::Document;

/// The file beside the snapshots with the server's lookup tables.
pub const SERVER_FILE: &str = "server.hcl";

/// The message about a version without a snapshot.
pub(crate) const NOT_RECORDED: &str =
    "it has no snapshot: record one, or say under `exceptions` in server.hcl why not";

/// The snapshots of a catalog.
#[derive(Debug, Clone, Default)]
pub struct Snapshots {
    pub(super) versions: BTreeMap<u32, Files>,
    pub(super) arrivals: BTreeMap<u32, Files>,
    pub(super) lookups: Lookups,
    pub(super) exceptions: BTreeMap<u32, String>,
    /// Places that can't be migrated down, by the documents' names.
    pub(super) set_aside: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Server {
    lookups: Lookups,
    exceptions: BTreeMap<String, String>,
    set_aside: BTreeMap<String, BTreeSet<String>>,
}

/// A document that is new at a version.
pub(super) struct Arrival<'s> {
    pub(super) version: u32,
    pub(super) path: &'s str,
    pub(super) row: ServerDocument,
    /// Whether an import adds it; otherwise a user does.
    pub(super) imported: bool,
}

impl Snapshots {
    /// Whether the files of a folder are snapshots.
    pub fn are(files: &Files) -> bool {
        let folders = files.folders();
        let is_one = |name: &&str| version_of(name).is_some() || *name == "arrivals";
        files.get(SERVER_FILE).is_some() || folders.iter().any(is_one)
    }

    /// The snapshots among the files of their folder, and what is wrong with the others.
    pub fn of_files(files: &Files) -> (Snapshots, Vec<Finding>) {
        let mut snapshots = Snapshots::default();
        let mut findings = Vec::new();
        let mut wrong = |subject: &str, message: &str| {
            findings.push(Finding::new(
                Check::Snapshot,
                format!("snapshots/{subject}"),
                message,
            ));
        };
        const NAMES: &str = "a snapshot's folder is `v` and its version, from 1 on: `v9`";
        for name in files.folders() {
            match version_of(name) {
                Some(version) => drop(snapshots.versions.insert(version, files.below(name))),
                None if name == "arrivals" => {}
                None => wrong(name, NAMES),
            }
        }
        let arrivals = files.below("arrivals");
        for name in arrivals.folders() {
            match version_of(name) {
                Some(version) => drop(snapshots.arrivals.insert(version, arrivals.below(name))),
                None => wrong(&format!("arrivals/{name}"), NAMES),
            }
        }
        if let Some(bytes) = files.get(SERVER_FILE) {
            let text = String::from_utf8_lossy(bytes);
            match hcl_file::read::<Server>(&text) {
                Err(error) => wrong(SERVER_FILE, &error),
                Ok(server) => {
                    snapshots.lookups = server.lookups;
                    snapshots.set_aside = server.set_aside;
                    for (name, reason) in server.exceptions {
                        match version_of(&name) {
                            Some(version) => drop(snapshots.exceptions.insert(version, reason)),
                            None => wrong(SERVER_FILE, &format!("exceptions: `{name}`: {NAMES}")),
                        }
                    }
                }
            }
        }
        (snapshots, findings)
    }

    /// The versions that have a snapshot.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.versions.keys().copied()
    }

    /// The project at a version.
    pub fn at(&self, version: u32) -> Option<&Files> {
        self.versions.get(&version)
    }

    /// Whether `lookups` states, by `null`, that the server has no such key.
    pub(super) fn is_stated_absent(&self, LookupKey { table, key }: &LookupKey) -> bool {
        let table = self.lookups.get(table);
        table
            .and_then(|table| table.get(key))
            .is_some_and(serde_json::Value::is_null)
    }

    /// Whether `set_aside` states that a place of a document can't be migrated down.
    pub(super) fn is_set_aside(&self, document: &DocumentName, place: &str) -> bool {
        let places = self.set_aside.get(document.as_str());
        places.is_some_and(|places| places.contains(place))
    }

    /// The versions that should have a snapshot: those of the steps, unknown ones, and those at which documents
    /// arrive. Without a step, a version that nobody knows has nothing beside it that a snapshot could show.
    pub(super) fn expected_versions(&self, catalog: &Catalog) -> BTreeSet<u32> {
        let steps = catalog.steps().iter().map(crate::catalog::Step::version);
        let unknown = catalog.unknown_versions().iter().copied();
        let unknown = unknown.filter(|_| !catalog.steps().is_empty());
        let arrivals = self.arrivals.keys().copied();
        let expected = steps.chain(unknown).chain(arrivals);
        let baseline = catalog.baseline().map(Baseline::version);
        let lowest = catalog.lowest_version();
        expected
            .filter(|version| *version >= lowest)
            .chain(baseline)
            .collect()
    }

    /// The documents that are new, by version. Files of no kind are left out.
    pub(super) fn arrivals<'s>(&'s self, catalog: &'s Catalog) -> Vec<Arrival<'s>> {
        let mut arrivals = Vec::new();
        for (&version, files) in &self.arrivals {
            for (path, content) in files.iter() {
                let Some((kind, slug)) = catalog.classify(path, version) else {
                    continue;
                };
                // `check` reports the others.
                let Ok(content) = std::str::from_utf8(content) else {
                    continue;
                };
                let imports = catalog.steps().iter().any(|step| {
                    step.version() == version
                        && *step.target() == Target::Kind(kind.name.clone())
                        && matches!(step.action(), Action::Import(_))
                });
                arrivals.push(Arrival {
                    version,
                    path,
                    row: ServerDocument {
                        name: DocumentName::new(&kind.name, slug),
                        shape: version,
                        content: content.into(),
                    },
                    imported: imports,
                });
            }
        }
        arrivals
    }

    /// Documents that users add and that the snapshot of their version doesn't have as they are, so that no step is ever tried on
    /// them.
    pub fn unseen_arrivals(&self, catalog: &Catalog) -> Vec<Finding> {
        let mut findings = Vec::new();
        for arrival in self.arrivals(catalog) {
            let Arrival { version, path, .. } = arrival;
            let Some(snapshot) = self.at(version).filter(|_| !arrival.imported) else {
                continue;
            };
            if removed(catalog, path, version).is_some() {
                continue;
            }
            let wrong = match snapshot.get(path) {
                None => "was recorded without it",
                Some(bytes) if bytes != arrival.row.content.as_bytes() => "has another text of it",
                Some(_) => continue,
            };
            let message = format!(
                "snapshots/v{version} {wrong}, so that no step is tried on it: move it to the arrivals of a version that isn't recorded \
                 yet, or write a case with it; if version {version} was never released, remove the snapshots from v{version} on, and \
                 record them again"
            );
            let subject = format!("snapshots/arrivals/v{version}/{path}");
            findings.push(Finding::new(Check::Snapshot, subject, message));
        }
        findings
    }

    /// What is wrong with the snapshots on their own.
    pub(super) fn check(&self, catalog: &Catalog) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (lowest, server_version) = (catalog.lowest_version(), catalog.server_version());
        for (&version, files) in &self.versions {
            let subject = format!("snapshots/v{version}");
            let mut wrong = |path: &str, message: String| {
                let place = Some(format!("{subject}/{path}"));
                findings.push(Finding::new(Check::Snapshot, &*subject, message).at(place));
            };
            if !(lowest..=server_version).contains(&version) {
                let message = format!("the catalog's versions are {lowest} to {server_version}");
                wrong("", message);
                continue;
            }
            let marker_path = catalog.marker_path_at(version);
            match files.get(marker_path) {
                None => wrong(marker_path, "the marker is missing".into()),
                Some(bytes) => {
                    let stated = marker::read(bytes, &catalog.marker().attribute, marker_path);
                    match stated {
                        Ok(stated) if stated == version => {}
                        Ok(stated) => wrong(marker_path, format!("it states version {stated}")),
                        Err(error) => wrong(marker_path, error.message),
                    }
                }
            }
            for other in catalog.marker_paths().filter(|path| *path != marker_path) {
                if files.get(other).is_some() {
                    let message =
                        format!("at version {version} the marker's path is {marker_path}");
                    wrong(other, message);
                }
            }
            for (path, bytes) in files.iter() {
                if catalog.classify(path, version).is_some()
                    && let Err(error) =
                        Document::from_bytes(bytes.to_vec(), catalog.dialect_at(version))
                {
                    wrong(path, error.render(path));
                }
            }
        }
        for (&version, files) in &self.arrivals {
            for (path, bytes) in files.iter() {
                let message = if version == 0 || version > server_version {
                    format!("the catalog's versions are 1 to {server_version}")
                } else if catalog.classify(path, version).is_none() {
                    format!("no document of the catalog has this path at version {version}")
                } else if let Some((kind, removed)) = removed(catalog, path, version) {
                    format!(
                        "version {removed} removed `{kind}`, so that no document of it can arrive at version {version}: remove this \
                         file; a document that the remove takes away arrives before it"
                    )
                } else if let Err(error) =
                    Document::from_bytes(bytes.to_vec(), catalog.dialect_at(version))
                {
                    error.render(path)
                } else {
                    continue;
                };
                let subject = format!("snapshots/arrivals/v{version}/{path}");
                findings.push(Finding::new(Check::Snapshot, subject, message));
            }
        }
        findings.extend(self.unseen_arrivals(catalog));
        for version in self.exceptions.keys() {
            if !(1..=server_version).contains(version) {
                let message = format!(
                    "exceptions: there is no version {version}: the catalog's versions are {lowest} to {server_version}"
                );
                let subject = format!("snapshots/{SERVER_FILE}");
                let finding = Finding::new(Check::Snapshot, subject, message);
                findings.push(finding.into_warning());
            }
        }
        for version in self.expected_versions(catalog) {
            // What arrives above is told there.
            if version > server_version {
                continue;
            }
            let unknown = catalog.unknown_versions().contains(&version);
            let excused = self.exceptions.contains_key(&version);
            if excused && !unknown && self.versions.contains_key(&version) {
                let message =
                    format!("exceptions: version {version} has a snapshot, so it needs none");
                let subject = format!("snapshots/{SERVER_FILE}");
                let finding = Finding::new(Check::Snapshot, subject, message);
                findings.push(finding.into_warning());
                continue;
            }
            if !self.versions.contains_key(&version) && !excused {
                findings.push(Finding::new(
                    Check::MissingSnapshot,
                    format!("version {version}"),
                    NOT_RECORDED,
                ));
            } else if unknown && !excused {
                findings.push(Finding::new(
                    Check::MissingSnapshot,
                    format!("version {version}"),
                    "the catalog doesn't have its changes, so its snapshot shows nothing: say so under `exceptions` in server.hcl",
                ));
            }
        }
        findings
    }
}

/// The kind of a document that can't be there at a version, and the version that removed it.
fn removed<'c>(catalog: &'c Catalog, path: &str, version: u32) -> Option<(&'c str, u32)> {
    let (kind, _) = catalog.classify(path, version)?;
    let removed = catalog.removed_before(&kind.name, version)?;
    Some((&kind.name, removed))
}

/// `v9` is 9.
pub(super) fn version_of(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('v')?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}
