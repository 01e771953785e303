//! The versions and base paths of refs.

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::finding::DoctorFinding;
use super::report::{RefToRead, Report};
use crate::catalog::Baseline;
use crate::git::{Head, RefScope};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::left_out::left_out;
use crate::project::survey::progress::{LISTED_AT_ONCE, SurveyProgress};
use crate::project::survey::status::{RefState, RefStatus, StatusReader};

/// Finds the refs of which a partial clone left something out, which are told of together.
pub(super) fn look_for_left_out(project: &Project, report: &mut Report) -> Result<(), LoadError> {
    let (repository, folder) = (project.repository(), project.folder());
    if !repository.is_partial_clone() {
        return Ok(());
    }
    let (mut known, mut first) = (HashMap::new(), None);
    project.read_with(|reader| {
        reader.for_each_tip(RefScope::All, |name, tip| {
            let Ok(tip) = tip else {
                return Ok(());
            };
            let paths = match known.entry(tip.tree) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(left_out(reader, tip.tree, folder)?),
            };
            if !paths.is_empty() {
                first.get_or_insert_with(|| (name.to_owned(), paths.clone()));
                report.left_out.insert(name.to_owned());
            }
            Ok::<(), LoadError>(())
        })
    })?;
    if let Some((ref_name, paths)) = first {
        report.findings.push(DoctorFinding::LeftOut {
            git_dir: repository.git_dir().to_owned(),
            folder: folder.to_owned(),
            ref_name,
            also: report.left_out.len() - 1,
            paths,
        });
    }
    Ok(())
}

/// Looks at the version and the base paths of every ref.
pub(super) fn look_at_refs(
    project: &Project,
    report: &mut Report,
    progress: &mut dyn FnMut(SurveyProgress),
) -> Result<(), LoadError> {
    let (catalog, repository) = (project.catalog(), project.repository());
    let server = catalog.server_version();
    // Branches are brought up to date one by one: one is named for each version, and the others are counted.
    let mut deprecated: BTreeMap<u32, DoctorFinding> = BTreeMap::new();
    let mut elsewhere: BTreeMap<Vec<String>, DoctorFinding> = BTreeMap::new();
    let lifted_by = project.catalog().baseline().map(Baseline::lifted_by);
    let lifted_by = lifted_by.unwrap_or_default();
    let head = match project.repository().head()? {
        Head::Branch => None,
        Head::Detached(commit) => Some(commit),
        Head::Broken(reason) => {
            let git_dir = project.repository().git_dir().to_owned();
            let finding = DoctorFinding::BrokenHead { git_dir, reason };
            report.findings.push(finding);
            None
        }
    };
    let is_listed = Cell::new(false);
    let mut look = |status: &RefStatus<'_>| {
        if head.is_some() && status.commit == head {
            is_listed.set(true);
        }
        let (ref_name, base_path) = (status.ref_name.to_owned(), status.base_path.to_owned());
        if report.refs.insert(ref_name.clone()) && report.refs.len().is_multiple_of(LISTED_AT_ONCE)
        {
            progress(SurveyProgress::Listed(report.refs.len()));
        }
        if status.commit.is_none() && matches!(status.state, RefState::Uninitialised) {
            // A tag of a file, say: it can't have a project.
            return Ok(());
        }
        match status.state {
            RefState::Invalid(_) if report.left_out.contains(&ref_name) => {}
            RefState::Invalid(reason) => report.findings.push(DoctorFinding::Invalid {
                ref_name: ref_name.clone(),
                base_path: base_path.clone(),
                reason: reason.to_owned(),
                leads_nowhere: status.commit.is_none() && repository.is_symbolic(&ref_name),
            }),
            RefState::Retired(version) => report.findings.push(DoctorFinding::Retired {
                ref_name: ref_name.clone(),
                base_path: base_path.clone(),
                version,
                baseline: project.catalog().lowest_version(),
                lifted_by: lifted_by.clone(),
            }),
            RefState::Ahead(version) => report.findings.push(DoctorFinding::Ahead {
                ref_name: ref_name.clone(),
                base_path: base_path.clone(),
                version,
                server,
            }),
            _ => {}
        }
        // What a tag has is as it is.
        if !status.elsewhere.is_empty() && ref_name.starts_with("refs/heads/") {
            match elsewhere.get_mut(status.elsewhere) {
                Some(DoctorFinding::ProjectElsewhere { also, .. }) => *also += 1,
                _ => {
                    let base_paths = status.elsewhere.to_vec();
                    let finding = DoctorFinding::ProjectElsewhere {
                        ref_name: ref_name.clone(),
                        also: 0,
                        base_path: base_path.clone(),
                        base_paths: base_paths.clone(),
                    };
                    elsewhere.insert(base_paths, finding);
                }
            }
        }
        let version = status.state.version();
        let lowest = report.lowest.entry(base_path.clone()).or_insert(u32::MAX);
        *lowest = (*lowest).min(version.unwrap_or(0));
        if let Some(version) = version {
            let marked = report.marked.entry(ref_name.clone()).or_default();
            marked.push(base_path.clone());
            if !report.base_paths.contains(&base_path) {
                report.base_paths.insert(base_path.clone());
            }
            // One that this catalog can't read can't be caught up with either.
            let is_readable = project.catalog().retires(version).is_none() && version <= server;
            if let Some(commit) = status.commit
                && is_readable
                && !report.left_out.contains(&ref_name)
            {
                report.to_read.push(RefToRead {
                    ref_name: ref_name.clone(),
                    base_path: base_path.clone(),
                    commit,
                });
            }
            if ref_name.starts_with("refs/heads/") && is_readable {
                if let Some(deprecation) = status.deprecation {
                    match deprecated.get_mut(&version) {
                        Some(DoctorFinding::Deprecated { also, .. }) => *also += 1,
                        _ => {
                            let finding = DoctorFinding::Deprecated {
                                ref_name: ref_name.clone(),
                                also: 0,
                                base_path: base_path.clone(),
                                version,
                                deprecation: deprecation.clone(),
                            };
                            deprecated.insert(version, finding);
                        }
                    }
                }
                let highest = report.highest.entry(base_path).or_default();
                if version > highest.0 {
                    *highest = (version, ref_name);
                }
            }
        }
        Ok::<(), LoadError>(())
    };
    let mut statuses = StatusReader::new(project);
    statuses.every_ref(RefScope::All, &mut look)?;
    if head.is_some() && !is_listed.get() {
        // What is checked out, which no ref leads to; one that isn't there is told by Git.
        match statuses.revision("HEAD", &mut look) {
            Err(LoadError::Git(_)) => {}
            looked => looked?,
        }
    }
    report.findings.extend(elsewhere.into_values());
    report.findings.extend(deprecated.into_values());
    let mut told = BTreeSet::new();
    for (ref_name, base_paths) in &report.marked {
        let mut by_folded: BTreeMap<String, &String> = BTreeMap::new();
        for base_path in base_paths {
            let has_blank = base_path.split('/').any(|part| part.trim() != part);
            if has_blank && told.insert((base_path, base_path)) {
                report.findings.push(DoctorFinding::BlankInBasePath {
                    ref_name: ref_name.clone(),
                    base_path: base_path.clone(),
                });
            }
            let parts = base_path.split('/').map(|part| part.trim().to_lowercase());
            let folded = parts.collect::<Vec<_>>().join("/");
            match by_folded.insert(folded, base_path) {
                Some(other) if told.insert((other, base_path)) => {
                    report.findings.push(DoctorFinding::SameBasePath {
                        ref_name: ref_name.clone(),
                        one: other.clone(),
                        other: base_path.clone(),
                    });
                }
                _ => {}
            }
        }
    }
    Ok(())
}
