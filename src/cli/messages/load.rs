//! What loading, planning and reading say.

use std::path::PathBuf;
use std::sync::Arc;

use crate::catalog::{DocumentName, MarkerError, PortableError};
use crate::git;
use crate::migrate::{MigrationError, MigrationErrorKind};
use crate::plan::PlanError;
use crate::project::{LoadError, NotImported, ReadError, StoreSilent};
use crate::store;

use super::{Messages, not_ocl};

pub(super) fn ahead() -> PlanError {
    PlanError::BranchAhead {
        branch: 15,
        server: 14,
    }
}

fn retired() -> PlanError {
    PlanError::BranchRetired {
        branch: 7,
        baseline: 10,
        lifted_by: "release 2026.4, the last that can".into(),
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
    let mut messages = Messages::new("show main runbok/x");
    messages.fails(LoadError::Git(git::Error::Ambiguous {
        prefix: "abc".into(),
        candidates: vec!["abc1 (commit)".into(), "abc2 (tag)".into()],
    }));
    messages.fails(LoadError::Marker(MarkerError {
        path: ".octopus/schema_version.ocl".into(),
        also_at: Some(".octopus/schema-version.ocl".into()),
        position: None,
        message: "the version is stated twice".into(),
    }));
    messages.fails(LoadError::DocumentsWithoutMarker {
        marker: ".octopus/schema_version.ocl".into(),
        attribute: "version".into(),
        documents: vec![".octopus/variables.ocl".into()],
    });
    messages.fails(LoadError::LeftOut {
        git_dir: "/srv/shop.git".into(),
        trees: vec![git::ObjectId::EMPTY_TREE],
        folder: ".octopus".into(),
        paths: vec![".octopus/runbooks/".into(), ".octopus/variables.ocl".into()],
    });
    messages.fails(LoadError::NewerSteps {
        version: 16,
        digest: "ab".repeat(32),
        error: PortableError::Digest,
    });
    messages.fails(LoadError::Plan(ahead()));
    messages.fails(LoadError::NotBroughtBack {
        kind: "runbook".into(),
        version: 12,
        commit: "abababab".into(),
        reason: "the version is stated twice".into(),
    });
    messages.fails(LoadError::SeveralProjects {
        base_paths: vec![".octopus/a".into(), ".octopus/b".into()],
    });
    for meant in [None, Some("rel*/*".into())] {
        messages.fails(LoadError::NothingFits {
            pattern: "rel*".into(),
            meant,
        });
    }
    messages.fails(LoadError::InvalidBasePath {
        reason: "\"/etc\" is absolute".into(),
    });
    for base_paths in [
        vec![],
        vec![".octopus/web".into()],
        vec![".octopus/app".into(), ".octopus/web".into()],
    ] {
        messages.fails(LoadError::NoProjectAt {
            base_path: ".octopus/wbe".into(),
            base_paths,
        });
    }
    messages.fails(LoadError::NotAFolder {
        base_path: ".octopus".into(),
        found: "file",
    });
    messages.fails(LoadError::Store(store::Error::Absent {
        store: PathBuf::from("/srv/state.db").into(),
    }));
    messages.fails(LoadError::NoSuchDocument {
        name: "runbok/x".into(),
        known: vec![
            DocumentName::new("runbook", "x"),
            DocumentName::new("variables", ""),
        ],
        version: Some(8),
        not_imported: None,
        elsewhere: Vec::new(),
    });
    for why in [
        StoreSilent::Absent,
        StoreSilent::ProjectUnknown {
            project: ".octopus".into(),
        },
        StoreSilent::Unusable {
            reason: "/srv/state.db is not a store".into(),
        },
    ] {
        messages.fails(LoadError::NoSuchDocument {
            name: "runbook/x".into(),
            known: vec![DocumentName::new("variables", "")],
            version: None,
            not_imported: Some(NotImported { version: 9, why }),
            elsewhere: Vec::new(),
        });
    }
    for known in [vec![], vec![DocumentName::new("variables", "")]] {
        messages.fails(LoadError::NoSuchDocument {
            name: "nothing".into(),
            known,
            version: None,
            not_imported: None,
            elsewhere: Vec::new(),
        });
    }
    messages.fails(LoadError::NoSuchDocument {
        name: "variables".into(),
        known: vec![],
        version: None,
        not_imported: None,
        elsewhere: vec!["conf".into()],
    });
    messages.covers("src/project/error.rs", "LoadError");
    messages.show("loading");
}

#[test]
fn of_planning() {
    let mut messages = Messages::new("plan main");
    messages.fails(ahead());
    messages.fails(retired());
    messages.fails(PlanError::TargetRetired {
        target: 4,
        baseline: 10,
    });
    messages.fails(PlanError::TargetAboveServer {
        target: 15,
        server: 14,
    });
    messages.fails(PlanError::TargetZero);
    messages.fails(PlanError::MissingSnapshot {
        kind: "runbook".into(),
        import: 9,
        project: 10,
    });
    messages.covers("src/plan/model.rs", "PlanError");
    for error in [
        PortableError::Digest,
        PortableError::Version {
            stated: 16,
            found: 15,
        },
        PortableError::Content("unknown field `merge`".into()),
    ] {
        messages.says(&error);
    }
    messages.covers("src/catalog/portable.rs", "PortableError");
    messages.show("planning");
}

#[test]
fn of_reading() {
    let mut messages = Messages::new("show main");
    let name = || DocumentName::new("runbook", "backup");
    for error in [
        ReadError::Load(LoadError::Plan(ahead())),
        ReadError::Failed(name(), not_migrated()),
        ReadError::Removed(name()),
        ReadError::LeftOut {
            name: name(),
            version: 8,
        },
        ReadError::Shape(name(), "4:1: missing field `name`".into()),
    ] {
        messages.says(&error);
    }
    messages.covers("src/project/error.rs", "ReadError");
    messages.show("reading");
}
