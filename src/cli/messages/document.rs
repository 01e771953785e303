//! What is said of one document: by its migration, by an edit, by its way through serde; and of catalogs.

use crate::catalog::{DocumentName, Problem, SourceFile};
use crate::migrate::{FailedStep, Loss, LossCause, MigrationError, MigrationErrorKind, SetAside};
use crate::ocl::{EditError, Kind, LineColumn, SerializeError};
use crate::plan::{Refusal, Source};
use crate::verify::RecordError;

use super::{Messages, doubled, not_ocl};

fn loss() -> Loss {
    Loss {
        cause: LossCause::Overwritten,
        version: 10,
        step: "runbook_retention_type".into(),
        place: "run_retention_policy.type".into(),
        text: "\"Forever\"".into(),
    }
}

fn one_way() -> MigrationErrorKind {
    MigrationErrorKind::OneWay("`remove` drops the value".into())
}

#[test]
fn of_migrations() {
    let mut messages = Messages::new("preview main");
    let place = || "step[\"deploy\"].action".to_owned();
    for kind in [
        MigrationErrorKind::Parse(not_ocl()),
        MigrationErrorKind::Rejected {
            message: "a retention policy without a number can't be migrated".into(),
            place: place(),
            position: Some(LineColumn { line: 3, column: 1 }),
        },
        MigrationErrorKind::Step {
            message: "`slug` is there already".into(),
            place: place(),
            position: None,
        },
        MigrationErrorKind::DoubledName {
            name: doubled().remove(0),
            read: None,
        },
        MigrationErrorKind::DoubledName {
            name: doubled().remove(0),
            read: Some(DocumentName::new("variables", "")),
        },
        MigrationErrorKind::Import(Refusal::BelowImport {
            shape: 4,
            import: 9,
        }),
        one_way(),
        MigrationErrorKind::Path("its path runbooks/backup.ocl is taken".into()),
        MigrationErrorKind::Read("object 01 is missing".into()),
        MigrationErrorKind::BrokenResult(not_ocl()),
    ] {
        messages.says(&kind);
    }
    messages.covers("src/migrate/error.rs", "MigrationErrorKind");
    messages.says(&MigrationError {
        step: Some(FailedStep {
            version: 10,
            name: "runbook_retention_type".into(),
            place: Some("0010_runbook_retention_type/step.hcl:4:3".into()),
        }),
        kind: one_way(),
    });
    messages.variants.clear();
    for refusal in [
        Refusal::BelowImport {
            shape: 4,
            import: 9,
        },
        Refusal::BelowBaseline {
            shape: 7,
            baseline: 10,
            lifted_by: "release 2026.4, the last that can".into(),
        },
        Refusal::AboveTarget {
            shape: 14,
            target: 9,
            step: 13,
            reason: "it is one-way".into(),
        },
        Refusal::AboveServer {
            shape: 15,
            server: 14,
        },
        Refusal::AlreadyInGit {
            origin: Source::Table,
            import: 9,
        },
    ] {
        messages.says(&refusal);
    }
    messages.covers("src/plan/model.rs", "Refusal");
    messages.says(&loss());
    messages.says(&Loss {
        cause: LossCause::NotCarriedDown,
        ..loss()
    });
    messages.says(&SetAside {
        version: 4,
        step: "slugs".into(),
        place: "step[\"deploy\"].name".into(),
        value: Some("\"Deploy\"".into()),
        back: None,
    });
    messages.show("migrating");
}

#[test]
fn of_edits() {
    let mut messages = Messages::new("preview main");
    let place = || "step[\"deploy\"]".to_owned();
    for error in [
        EditError::Removed,
        EditError::WrongKind {
            operation: "set the label of",
            place: place(),
            kind: Kind::Attribute,
        },
        EditError::InvalidName { name: "a b".into() },
        EditError::NameTaken {
            place: place(),
            name: "slug".into(),
        },
        EditError::InvalidValue {
            place: place(),
            message: "null has no form in a list".into(),
        },
        EditError::NoSuchIndex {
            place: place(),
            index: 2,
            count: 1,
        },
        EditError::InvalidPosition { place: place() },
        EditError::TooDeep { place: place() },
        EditError::TooLarge { bytes: 99_000_000 },
        EditError::Exhausted,
    ] {
        messages.says(&error);
    }
    messages.covers("src/ocl/edit/error.rs", "EditError");
    for error in [
        SerializeError::Custom("the value says no".into()),
        SerializeError::NotAnObject("a list"),
        SerializeError::NoForm("null has no form in a list".into()),
    ] {
        messages.says(&error);
    }
    messages.covers("src/ocl/ser.rs", "SerializeError");
    messages.show("editing");
}

#[test]
fn of_snapshots_and_catalogs() {
    let mut messages = Messages::new("preview main");
    for error in [
        RecordError::Frozen {
            version: 9,
            server: 14,
        },
        RecordError::NoSuchVersion {
            version: 15,
            server: 14,
        },
        RecordError::Migration {
            from: 13,
            version: 14,
            message: "runbook/backup: it reads nothing".into(),
        },
    ] {
        messages.says(&error);
    }
    messages.covers("src/verify/record.rs", "RecordError");
    let file = SourceFile {
        path: "0015_owner/step.hcl".into(),
        text: "modify {\n  sett = { owner = \"nobody\" }\n}\n".into(),
    };
    messages.says(
        &Problem::at(&file, 11..15, "there is no operation `sett`").help("did you mean `set`?"),
    );
    messages.show("catalogs");
}
