//! What is told though nothing failed: warnings, and what `doctor` finds.

use std::path::PathBuf;
use std::time::Duration;

use crate::catalog::{Deprecation, DocumentName};
use crate::migrate::{Loss, LossCause};
use crate::plan::NeverRead;
use crate::project::{DoctorFinding, DocumentWarning, DraftWarning, LookupKey, Obstacle, Warning};
use crate::store::ProjectKey;

use super::super::doctor::Mender;
use super::super::doctor_mend::NEWER;
use super::{Messages, doubled, id};

fn main_branch() -> String {
    "refs/heads/main".into()
}

fn base_path() -> String {
    ".octopus".into()
}

fn project() -> ProjectKey {
    ProjectKey::new(base_path())
}

fn never_read(why: NeverRead) -> DoctorFinding {
    DoctorFinding::NeverRead {
        project: project(),
        base_path: base_path(),
        documents: vec![
            DocumentName::new("runbook", "a"),
            DocumentName::new("runbook", "b"),
        ],
        why,
    }
}

fn folder_in_the_way() -> Obstacle {
    Obstacle {
        path: ".octopus/variables.ocl".into(),
        found: "folder",
        needed: "the document `variables` belongs".into(),
    }
}

fn deprecation() -> Deprecation {
    Deprecation::parse("2027-01-01: the last server that writes it is gone").expect("right")
}

#[test]
fn of_warnings() {
    let mut messages = Messages::new("preview main");
    let kinds = || vec!["runbook".to_owned()];
    for warning in [
        Warning::UnknownVersions {
            versions: vec![11, 12],
        },
        Warning::Deprecated {
            version: 3,
            deprecation: deprecation(),
        },
        Warning::ImportsUnknown { kinds: kinds() },
        Warning::StoreUnusable {
            reason: "/srv/state.db is not a store: it is no SQLite database; it was left alone"
                .into(),
            kinds: kinds(),
        },
        Warning::LeftOut {
            documents: vec![
                DocumentName::new("runbook", "a"),
                DocumentName::new("runbook", "b"),
            ],
            target: 8,
        },
        Warning::ReadDownward {
            branch: 16,
            server: 14,
            digest: "ab".repeat(32),
        },
        Warning::ProjectUnknown {
            project: base_path(),
            kinds: kinds(),
        },
        Warning::Unclaimed {
            paths: vec![
                ".octopus/channels.ocl".into(),
                ".octopus/deployment-process.ocl".into(),
            ],
            former: vec![(
                ".octopus/deployment-process.ocl".into(),
                "deployment_process".into(),
            )],
        },
        Warning::OfRemovedKind {
            documents: vec![DocumentName::new("killswitch", "")],
            version: 10,
            removed_at: 9,
        },
        Warning::InTheWay {
            obstacles: vec![
                folder_in_the_way(),
                Obstacle {
                    path: ".octopus/runbooks".into(),
                    found: "file",
                    needed: "the folder of `runbook` documents belongs".into(),
                },
            ],
        },
        Warning::LooksOlder {
            paths: vec![".octopus/deployment_process.ocl".into()],
            version: 14,
            steps: vec![7, 8],
        },
        Warning::LeadsNowhere {
            places: vec!["runbook/a:12".into(), "variables:3".into()],
            kind: "action".into(),
            name: "Build it".into(),
            now: None,
            step: Some("4 deployment_process_slugs".into()),
        },
        Warning::LeadsNowhere {
            places: vec!["variables:3".into()],
            kind: "action".into(),
            name: "Build it".into(),
            now: Some("build-it".into()),
            step: None,
        },
        Warning::BlankInBasePath {
            base_path: " .octopus".into(),
        },
        Warning::NothingThere {
            base_path: ".octopus/wbe".into(),
            base_paths: vec![".octopus/app".into(), ".octopus/web".into()],
        },
        Warning::SimilarFolder {
            found: ".Octopus".into(),
            base_path: base_path(),
        },
        Warning::ComesInAgain {
            kind: "runbook".into(),
            import: 9,
            target: 8,
            what: "would bring in runbook/backup".into(),
        },
        Warning::NothingToBringBack {
            kind: "runbook".into(),
            version: 12,
        },
    ] {
        messages.says(&warning);
    }
    messages.covers("src/project/read/warning.rs", "Warning");
    messages.show("warnings");
}

#[test]
fn of_document_warnings() {
    let mut messages = Messages::new("preview main");
    for name in doubled() {
        messages.says(&DocumentWarning::DoubledName(name));
    }
    messages.says(&DocumentWarning::MissingLookup(LookupKey {
        table: "feeds".into(),
        key: "docker.io".into(),
    }));
    messages.says(&DocumentWarning::LeftBehind {
        version: 10,
        step: "runbook".into(),
        values: vec![("run_retention_policy.type".into(), "\"Count\"".into())],
    });
    messages.says(&DocumentWarning::NotParsed {
        path: ".octopus/variables.ocl".into(),
        error: super::not_ocl(),
    });
    messages.covers("src/engine/warning.rs", "DocumentWarning");
    messages.show("document_warnings");
}

#[test]
fn of_draft_warnings() {
    let mut messages = Messages::new("upgrade main -m Migrate");
    let document = || DocumentName::new("runbook", "backup");
    for warning in [
        DraftWarning::Loss {
            document: document(),
            loss: Loss {
                cause: LossCause::Overwritten,
                version: 10,
                step: "runbook_retention_type".into(),
                place: "retention.type".into(),
                text: "\"Default\"".into(),
            },
        },
        DraftWarning::Document {
            document: document(),
            warning: DocumentWarning::NotParsed {
                path: ".octopus/runbooks/backup.ocl".into(),
                error: super::not_ocl(),
            },
        },
        DraftWarning::NotMigrated {
            document: document(),
            version: 14,
            steps: vec![10],
        },
        DraftWarning::NotMigrated {
            document: document(),
            version: 14,
            steps: vec![10, 13],
        },
        DraftWarning::Removed {
            documents: vec![document()],
            version: 10,
            step: "runbooks_retired".into(),
        },
        DraftWarning::Removed {
            documents: vec![document(), DocumentName::new("runbook", "deploy")],
            version: 10,
            step: "runbooks_retired".into(),
        },
        DraftWarning::RemovedChange {
            document: document(),
            path: ".octopus/runbooks/backup.ocl".into(),
            theirs: "topic".into(),
            version: 10,
            step: "runbooks_retired".into(),
        },
        DraftWarning::DoubledBlocks {
            document: "variables".parse().expect("a name"),
            blocks: vec![(
                r#"variable["Retries"][0]"#.into(),
                r#"variable["Retries"][1]"#.into(),
            )],
        },
        DraftWarning::LineEnds {
            document: document(),
            crlf: true,
        },
        DraftWarning::LineEnds {
            document: document(),
            crlf: false,
        },
    ] {
        messages.says(&warning);
    }
    messages.covers("src/project/write/draft_warning.rs", "DraftWarning");
    messages.show("draft_warnings");
}

#[test]
fn of_findings() {
    let mut messages = Messages::new("doctor");
    let mender = Mender {
        program_of_store: "ocl-migrate".into(),
        program: "ocl-migrate".into(),
        git: "git -C /srv/shop".into(),
        newer: NEWER.into(),
        store_is_file: true,
        is_bare: false,
        with_other_store: None,
        only: None,
    };
    let path = || ".octopus/runbooks/backup.ocl".to_owned();
    let document = || DocumentName::new("runbook", "backup");
    for finding in [
        DoctorFinding::ProjectElsewhere {
            ref_name: "refs/heads/main".into(),
            also: 2,
            base_path: ".octopus".into(),
            base_paths: vec!["conf".into()],
        },
        DoctorFinding::LockFile {
            path: PathBuf::from("/srv/shop/.git/refs/heads/main.lock"),
            age: Duration::from_secs(7200),
        },
        DoctorFinding::LockFile {
            path: PathBuf::from("/srv/shop/.git/index.lock"),
            age: Duration::from_secs(7200),
        },
        DoctorFinding::LockFile {
            path: PathBuf::from("/srv/shop/.git/config.lock"),
            age: Duration::from_secs(20),
        },
        DoctorFinding::LeftOut {
            git_dir: PathBuf::from("/srv/shop/.git"),
            folder: base_path(),
            ref_name: main_branch(),
            also: 2,
            paths: vec![path()],
        },
        DoctorFinding::HistoryLeftOut {
            git_dir: PathBuf::from("/srv/shop/.git"),
            documents: 1,
        },
        DoctorFinding::ShallowClone {
            git_dir: PathBuf::from("/srv/shop/.git"),
            documents: 1200,
        },
        DoctorFinding::Invalid {
            ref_name: main_branch(),
            base_path: base_path(),
            reason: "the version is stated twice".into(),
            leads_nowhere: false,
        },
        DoctorFinding::Invalid {
            ref_name: "refs/remotes/origin/HEAD".into(),
            base_path: base_path(),
            reason: "it points to refs/remotes/origin/old, which doesn't exist".into(),
            leads_nowhere: true,
        },
        DoctorFinding::BrokenHead {
            git_dir: PathBuf::from("/srv/shop/.git"),
            reason: "its file is empty".into(),
        },
        DoctorFinding::EnvironmentWithoutRef {
            name: "staging".into(),
            revision: "release/7".into(),
        },
        DoctorFinding::ReplacedStore {
            files: vec![
                PathBuf::from("/srv/shop/.git/ocl-migrate/state.db.replaced-1"),
                PathBuf::from("/srv/shop/.git/ocl-migrate/state.db.replaced-1-wal"),
            ],
            age: Duration::from_secs(3 * 24 * 60 * 60),
        },
        DoctorFinding::Ahead {
            ref_name: main_branch(),
            base_path: base_path(),
            version: 16,
            server: 14,
        },
        DoctorFinding::Retired {
            ref_name: main_branch(),
            base_path: base_path(),
            version: 7,
            baseline: 10,
            lifted_by: "release 2026.4, the last that can".into(),
        },
        DoctorFinding::Deprecated {
            ref_name: main_branch(),
            also: 2,
            base_path: base_path(),
            version: 3,
            deprecation: deprecation(),
        },
        DoctorFinding::RefusedPath {
            ref_name: main_branch(),
            also: 0,
            document: DocumentName::new("runbook", "back\nup"),
            path: ".octopus/runbooks/back\nup.ocl".into(),
            reason: "\"back\\nup\" has the character '\\n', which no path may have".into(),
        },
        DoctorFinding::InTheWay {
            ref_name: main_branch(),
            also: 2,
            obstacle: folder_in_the_way(),
        },
        DoctorFinding::SamePath {
            ref_name: main_branch(),
            also: 0,
            document: document(),
            path: path(),
            other: "Variables.ocl".into(),
        },
        DoctorFinding::BrokenDocument {
            ref_name: main_branch(),
            also: 1,
            document: document(),
            path: path(),
            reason: "line 3, column 5: expected a value".into(),
        },
        DoctorFinding::DoubledNames {
            ref_name: main_branch(),
            also: 2,
            document: document(),
            path: path(),
            names: doubled(),
        },
        DoctorFinding::SameScope {
            ref_name: main_branch(),
            also: 1,
            document: "variables".parse().expect("a name"),
            path: ".octopus/variables.ocl".into(),
            values: vec![
                (
                    r#"variable["Retries"].value{environment=production}[0]"#.into(),
                    r#"variable["Retries"].value{environment=production}[1]"#.into(),
                ),
            ],
        },
        DoctorFinding::DoubledBlocks {
            ref_name: main_branch(),
            also: 0,
            document: "variables".parse().expect("a name"),
            path: ".octopus/variables.ocl".into(),
            blocks: vec![(
                r#"variable["Retries"][0]"#.into(),
                r#"variable["Retries"][1]"#.into(),
            )],
        },
        DoctorFinding::MixedShape {
            ref_name: main_branch(),
            also: 3,
            base_path: base_path(),
            document: document(),
            path: path(),
            version: 14,
            written_at: 9,
            commit: id(1),
            missed: vec![10],
        },
        DoctorFinding::LooksOlder {
            ref_name: main_branch(),
            base_path: base_path(),
            path: path(),
            document: document(),
            version: 14,
            steps: vec![10],
        },
        DoctorFinding::SameBasePath {
            ref_name: main_branch(),
            one: base_path(),
            other: ".Octopus".into(),
        },
        DoctorFinding::BlankInBasePath {
            ref_name: main_branch(),
            base_path: ".octopus/ web".into(),
        },
        DoctorFinding::StrayProject {
            project: ProjectKey::new("web"),
            version: 14,
            base_paths: vec![base_path()],
        },
        DoctorFinding::ProjectUnknown {
            project: project(),
            base_path: base_path(),
            ref_name: main_branch(),
            version: 14,
        },
        DoctorFinding::StoreBehind {
            ref_name: main_branch(),
            project: project(),
            base_path: base_path(),
            version: 14,
            store: 9,
        },
        DoctorFinding::UnsettledIntent {
            project: project(),
            base_path: base_path(),
            ref_name: main_branch(),
            commit: id(1).to_string(),
        },
        DoctorFinding::UnusedSnapshot {
            project: base_path(),
            kind: "runbook".into(),
            import_version: 9,
            documents: 3,
        },
        DoctorFinding::StoreUnusable {
            reason: "/srv/state.db is not a store: it is no SQLite database; it was left alone"
                .into(),
            file: Some("/srv/state.db".into()),
        },
        DoctorFinding::StoreDamaged {
            reason: "/srv/state.db is damaged (Tree 5 page 5: btreeInitPage() returns error code 11): replace it by a backup"
                .into(),
            file: Some("/srv/state.db".into()),
        },
        DoctorFinding::StoreDenied {
            reason: "/srv/state.db can't be read: permission denied".into(),
        },
        DoctorFinding::NeverAsked {
            project: project(),
            base_path: base_path(),
            lookups: vec![LookupKey {
                table: "enviroments".into(),
                key: String::new(),
            }],
        },
        never_read(NeverRead::BelowImport {
            kind: "runbook".into(),
            shape: 8,
            import: 9,
        }),
        never_read(NeverRead::BelowBaseline {
            kind: "runbook".into(),
            shape: 7,
            baseline: 10,
        }),
        never_read(NeverRead::AboveServer {
            kind: "runbook".into(),
            shape: 15,
            server: 14,
        }),
        never_read(NeverRead::Recorded {
            kind: "runbook".into(),
            import: 9,
        }),
        never_read(NeverRead::NoImport {
            kind: "runbook".into(),
        }),
        never_read(NeverRead::Removed {
            kind: "runbook".into(),
            shape: 13,
            remove: 12,
        }),
    ] {
        messages.says(&finding);
        for line in mender.mend(&finding).lines() {
            messages.text.push_str(&format!("    {line}\n"));
        }
    }
    messages.covers("src/project/survey/doctor/finding.rs", "DoctorFinding");
    messages.show("findings");
}
