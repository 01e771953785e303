//! Checks the repository and the store, under the catalog.

use std::collections::BTreeSet;

use super::documents::look_at_documents;
use super::finding::DoctorFinding;
use super::in_store::look_into_store;
use super::refs::{look_at_refs, look_for_left_out};
use super::report::{Diagnosis, Report};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::survey::progress::SurveyProgress;

/// What is wrong with a repository, its store and its catalog.
///
/// # Errors
/// Where the repository or the store can't be read at all.
pub(crate) fn diagnose(
    project: &Project,
    progress: &mut dyn FnMut(SurveyProgress),
) -> Result<Diagnosis, LoadError> {
    let mut report = Report::default();
    for lock in project.repository().lock_files()? {
        report.findings.push(DoctorFinding::LockFile {
            path: lock.path,
            age: lock.age,
        });
    }
    let after_locks = report.findings.len();
    look_for_left_out(project, &mut report)?;
    look_at_refs(project, &mut report, progress)?;
    let read: BTreeSet<&String> = report.to_read.iter().map(|it| &it.ref_name).collect();
    let read = read.len();
    let branches = report.to_read.iter().filter(|it| it.is_local_branch());
    let branches: BTreeSet<&String> = branches.map(|it| &it.ref_name).collect();
    let branches = branches.len();
    look_at_documents(project, &mut report, progress)?;
    look_into_store(project, &mut report)?;
    if project.repository().is_shallow() {
        let finding = DoctorFinding::ShallowClone {
            git_dir: project.repository().git_dir().to_owned(),
            documents: report.of_unknown_age,
        };
        report.findings.insert(after_locks, finding);
    } else if report.of_unknown_age > 0 {
        let finding = DoctorFinding::HistoryLeftOut {
            git_dir: project.repository().git_dir().to_owned(),
            documents: report.of_unknown_age,
        };
        report.findings.insert(after_locks, finding);
    }
    Ok(Diagnosis {
        refs: report.refs.len(),
        read,
        branches,
        base_paths: report.base_paths,
        findings: report.findings,
    })
}
