//! What loading, planning and reading say.

use std::path::PathBuf;
use std::sync::Arc;

use ocl_migrate::catalog::{DocumentName, MarkerError, PortableError};
use ocl_migrate::git;
use ocl_migrate::migrate::{MigrationError, MigrationErrorKind};
use ocl_migrate::plan::PlanError;
use ocl_migrate::project::{LoadError, ReadError};
use ocl_migrate::store;

use super::{Reel, not_ocl};

pub(super) fn ahead() -> PlanError {
    PlanError::BranchAhead {
        branch: 15,
        server: 14,
    }
}

pub(super) fn not_migrated() -> Arc<MigrationError> {
    Arc::new(MigrationError {
        step: None,
        kind: MigrationErrorKind::Parse(not_ocl()),
    })
}

#[test]
fn of_loading() {
    let mut reel = Reel::new("show main runbok/x");
    reel.fails(LoadError::Git(git::Error::Ambiguous {
        prefix: "abc".into(),
        candidates: vec!["abc1 (commit)".into(), "abc2 (tag)".into()],
    }));
    reel.fails(LoadError::Marker(MarkerError {
        path: ".octopus/schema_version.ocl".into(),
        also_at: Some(".octopus/schema-version.ocl".into()),
        position: None,
        message: "the version is stated twice".into(),
    }));
    reel.fails(LoadError::DocumentsWithoutMarker {
        marker: ".octopus/schema_version.ocl".into(),
        attribute: "version".into(),
        documents: vec![".octopus/variables.ocl".into()],
    });
    reel.fails(LoadError::NewerSteps {
        version: 16,
        digest: "ab".repeat(32),
        error: PortableError::Digest,
    });
    reel.fails(LoadError::Plan(ahead()));
    reel.fails(LoadError::NotBroughtBack {
        kind: "runbook".into(),
        version: 12,
        commit: "abababab".into(),
        reason: "the version is stated twice".into(),
    });
    reel.fails(LoadError::SeveralProjects {
        base_paths: vec![".octopus/a".into(), ".octopus/b".into()],
    });
    reel.fails(LoadError::NothingFits {
        pattern: "release/*".into(),
    });
    reel.fails(LoadError::InvalidBasePath {
        reason: "\"/etc\" is absolute".into(),
    });
    reel.fails(LoadError::NotAFolder {
        base_path: ".octopus".into(),
        found: "file",
    });
    reel.fails(LoadError::Store(store::Error::Absent {
        path: PathBuf::from("/srv/state.db"),
    }));
    reel.fails(LoadError::NoSuchDocument {
        name: "runbok/x".into(),
        known: vec![
            DocumentName::new("runbook", "x"),
            DocumentName::new("variables", ""),
        ],
    });
    reel.fails(LoadError::NoSuchDocument {
        name: "nothing".into(),
        known: Vec::new(),
    });
    reel.covers("src/project/error.rs", "LoadError");
    reel.show("loading");
}

#[test]
fn of_planning() {
    let mut reel = Reel::new("plan main");
    reel.fails(ahead());
    reel.fails(PlanError::TargetAboveServer {
        target: 15,
        server: 14,
    });
    reel.fails(PlanError::TargetZero);
    reel.fails(PlanError::MissingSnapshot {
        kind: "runbook".into(),
        import: 9,
        project: 10,
    });
    reel.covers("src/plan/model.rs", "PlanError");
    for error in [
        PortableError::Digest,
        PortableError::Version {
            stated: 16,
            found: 15,
        },
        PortableError::Content("unknown field `merge`".into()),
    ] {
        reel.says(&error);
    }
    reel.covers("src/catalog/portable.rs", "PortableError");
    reel.show("planning");
}

#[test]
fn of_reading() {
    let mut reel = Reel::new("show main");
    let name = || DocumentName::new("runbook", "backup");
    for error in [
        ReadError::Load(LoadError::Plan(ahead())),
        ReadError::Failed(name(), not_migrated()),
        ReadError::Removed(name()),
        ReadError::Shape(name(), "4:1: missing field `name`".into()),
    ] {
        reel.says(&error);
    }
    reel.covers("src/project/error.rs", "ReadError");
    reel.show("reading");
}
