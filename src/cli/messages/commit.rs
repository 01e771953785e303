//! What drafts and commits say.

use crate::catalog::DocumentName;
use crate::git::{self, ObjectId};
use crate::project::{
    CommitError, CommitPoint, DoubledDocument, DoubledIn, DraftError, FailedDocument, LoadError,
    LookupKey, MissingLookup, RemovedKind, SettledIntent,
};
use crate::references::{Certainty, RenameRefusal, RenameThingError, ThingPlace};
use crate::store::{self, IntentId};
use crate::values::{TakeError, ValueEditError};

use super::load::{ahead, not_migrated};
use super::{Messages, doubled, id, not_ocl, refused};

fn runbook() -> DocumentName {
    DocumentName::new("runbook", "backup")
}

fn branch() -> String {
    "refs/heads/main".into()
}

fn remote() -> git::Error {
    git::Error::Remote {
        remote: "origin".into(),
        source: "the connection was reset".into(),
    }
}

#[test]
fn of_drafts() {
    let mut messages = Messages::new("commit main -m Rename --put runbook/backup=backup.ocl");
    messages.fails(DraftError::Load(LoadError::Plan(ahead())));
    messages.fails(DraftError::LoadFrom {
        revision: "old".into(),
        source: LoadError::DocumentsWithoutMarker {
            marker: ".octopus/schema_version.ocl".into(),
            attribute: "version".into(),
            documents: vec![".octopus/variables.ocl".into()],
        },
    });
    messages.fails(DraftError::InvalidOcl {
        name: runbook(),
        path: "backup.ocl".into(),
        error: Box::new(not_ocl()),
    });
    messages.fails(DraftError::NoSuchKind {
        name: "nothing".into(),
        kinds: vec!["variables (variables.ocl)".into()],
    });
    messages.fails(DraftError::Path {
        name: runbook(),
        reason: "its path runbooks/backup.ocl is taken".into(),
    });
    messages.fails(DraftError::NotInGit {
        name: runbook(),
        target: 8,
        reason: "the server keeps `runbook` itself before version 9".into(),
        removed: None,
    });
    messages.fails(DraftError::NotInGit {
        name: runbook(),
        target: 12,
        reason: "`runbook` was removed at version 12".into(),
        removed: Some(RemovedKind {
            version: 12,
            last: Some(11),
        }),
    });
    messages.fails(DraftError::NothingToEdit {
        name: runbook(),
        path: Some(".octopus/runbooks/backup.ocl".into()),
        reason: "a step removed it".into(),
        failed: None,
        missing_lookups: Vec::new(),
    });
    messages.fails(DraftError::NothingToRestoreInto {
        name: runbook(),
        commit: id(1).to_string(),
    });
    messages.fails(DraftError::NoProject {
        revision: "main".into(),
        is_from: false,
        base_path: ".octopus/web".into(),
        base_paths: vec![".octopus/shop".into()],
    });
    messages.fails(DraftError::NotHeld {
        name: runbook(),
        commit: id(1).to_string(),
        import: Some(9),
        is_on_branch: true,
    });
    messages.fails(DraftError::NotRestored {
        name: runbook(),
        commit: id(1).to_string(),
        seen_in: id(1).to_string(),
        path: None,
        version: 9,
        reason: "a step removes it on the way".into(),
        failed: None,
        missing_lookups: Vec::new(),
        upgrade_to: Some(12),
    });
    messages.fails(DraftError::Edit {
        name: runbook(),
        source: "no such block".into(),
    });
    messages.fails(DraftError::Value {
        name: runbook(),
        source: ValueEditError::Block {
            selector: "process.step[\"dump\"]".into(),
        },
    });
    messages.fails(DraftError::ValueNotRestored {
        name: runbook(),
        commit: id(1).to_string(),
        version: 9,
        source: TakeError::OtherKind {
            selector: "process.step[\"dump\"]".into(),
        },
    });
    messages.fails(DraftError::NotRenamed(Box::new(RenameThingError {
        kind: "variable".into(),
        old: "Url".into(),
        new: "Link".into(),
        refusal: RenameRefusal::Computed,
        places: vec![ThingPlace {
            document: runbook(),
            line: 7,
            address: "process.step[\"dump\"].name".into(),
            kind: "variable".into(),
            name: "Url[#{Region}]".into(),
            certainty: Some(Certainty::Dynamic),
        }],
    })));
    messages.fails(DraftError::OlderShape {
        target: 9,
        newest: 14,
    });
    messages.fails(DraftError::BranchExists { branch: branch() });
    messages.of_another("commit main -m Rename --new --remove fizz", |messages| {
        messages.fails(DraftError::NeedsParent {
            branch: "refs/heads/new".into(),
        });
    });
    messages.covers("src/project/write/draft_error.rs", "DraftError");
    messages.show("drafting");
}

#[test]
fn of_commits() {
    let mut messages = Messages::new("commit main -m Rename --put runbook/backup=backup.ocl");
    messages.fails(CommitError::NotABranch {
        named: Some("refs/tags/main".into()),
        branch: Some(branch()),
    });
    messages.fails(CommitError::NotABranch {
        named: None,
        branch: None,
    });
    messages.fails(CommitError::Downward {
        branch: 14,
        target: 9,
    });
    messages.fails(CommitError::NotDownward {
        branch: 9,
        target: 9,
    });
    messages.fails(CommitError::BelowImport {
        kind: "runbook".into(),
        import: 9,
        target: 5,
        branch: 14,
        lowest: Some(9),
    });
    messages.fails(CommitError::BelowImport {
        kind: "runbook".into(),
        import: 9,
        target: 5,
        branch: 9,
        lowest: None,
    });
    messages.fails(CommitError::ComesInAgain {
        kind: "runbook".into(),
        import: 9,
        target: 5,
        what: "would bring in the table's runbook/backup".into(),
    });
    messages.fails(CommitError::ComesInAgain {
        kind: "runbook".into(),
        import: 9,
        target: 5,
        what: "would fail: the store lacks the snapshot of `runbook` of version 9".into(),
    });
    messages.of_another("downgrade main --to 9 -m Back", |messages| {
        messages.fails(CommitError::SetAside {
            values: vec!["runbook/backup: step[\"a\"].name is \"A\"".into()],
        });
    });
    messages.fails(CommitError::NoSteps {
        kind: Some("runbook".into()),
    });
    messages.fails(CommitError::EmptyMessage);
    messages.fails(CommitError::NoChange { is_migrated: false });
    messages.fails(CommitError::NoChange { is_migrated: true });
    messages.fails(CommitError::NothingToUpgrade { version: 14 });
    messages.fails(CommitError::CheckedOut {
        branch: branch(),
        work_tree: "/home/ada/shop".into(),
    });
    messages.fails(CommitError::UnknownVersions {
        versions: vec![11, 12],
    });
    let doubled = |held_by, path: &str| CommitError::DoubledNames {
        documents: vec![DoubledDocument {
            document: runbook(),
            held_by,
            path: path.into(),
            name: doubled().remove(0),
        }],
    };
    let path = ".octopus/runbooks/backup.ocl";
    messages.fails(doubled(DoubledIn::Branch, path));
    messages.fails(doubled(DoubledIn::Put, "backup.ocl"));
    let old = DoubledIn::Commit(ObjectId::from_bytes([7; 20]));
    messages.fails(doubled(old, path));
    let lookup = |key: &str| MissingLookup {
        lookup: LookupKey {
            table: "feeds".into(),
            key: key.into(),
        },
        documents: vec![DocumentName::new("deployment_process", ""), runbook()],
    };
    messages.fails(CommitError::MissingLookups {
        lookups: vec![lookup("Docker Hub"), lookup("nuget")],
    });
    messages.fails(CommitError::FailedDocuments {
        documents: vec![FailedDocument {
            name: runbook(),
            path: Some(".octopus/runbooks/backup.ocl".into()),
            written_at: 9,
            error: not_migrated(),
            missing_lookups: Vec::new(),
        }],
    });
    messages.fails(CommitError::NoStore {
        kinds: vec!["runbook".into()],
    });
    messages.fails(CommitError::NoStoreToAdopt);
    messages.fails(CommitError::ProjectElsewhere {
        base_path: ".octopus".into(),
        base_paths: vec!["conf".into()],
    });
    messages.fails(CommitError::UnknownProject {
        project: ".octopus".into(),
        kinds: vec!["runbook".into()],
    });
    messages.fails(CommitError::StoreBehind {
        branch: 14,
        store: 9,
        rows: vec![runbook()],
    });
    messages.fails(CommitError::BranchMoved {
        branch: branch(),
        expected: Some(id(1)),
        found: Some(id(2)),
    });
    messages.fails(CommitError::ImportChanged {
        changed: vec![runbook().to_string()],
    });
    messages.fails(CommitError::LookupChanged {
        table: "environments".into(),
        key: "Production".into(),
    });
    messages.fails(CommitError::Overtaken);
    messages.fails(CommitError::Unconfirmed {
        branch: branch(),
        commit: id(2),
        source: Box::new(remote()),
    });
    messages.fails(CommitError::Unsettled {
        branch: branch(),
        commit: id(2),
        kind: "runbook".into(),
        source: Box::new(remote()),
    });
    messages.fails(CommitError::AfterSettling {
        settled: vec![SettledIntent {
            branch: branch(),
            commit: id(1).to_string(),
            applied: true,
            left: Vec::new(),
            effects: Vec::new(),
        }],
        source: Box::new(CommitError::Overtaken),
    });
    messages.fails(CommitError::InProject {
        base_path: ".octopus/web".into(),
        source: Box::new(CommitError::UnknownVersions { versions: vec![11] }),
    });
    messages.fails(CommitError::SeveralImports {
        base_paths: vec![".octopus".into(), ".octopus/web".into()],
    });
    messages.fails(CommitError::DamagedIntent {
        id: IntentId(3),
        reason: "its rows don't match their hash".into(),
    });
    messages.fails(CommitError::UnknownEffect {
        effect: "update_references".into(),
        kind: "runbook".into(),
        import: 9,
    });
    messages.fails(CommitError::EffectFailed {
        effect: "update_references".into(),
        kind: "runbook".into(),
        import: 9,
        source: "a trigger refers to a runbook that isn't there".into(),
    });
    messages.fails(CommitError::Path {
        what: "the marker".into(),
        reason: "there is a folder of this name".into(),
    });
    messages.fails(CommitError::Draft(DraftError::BranchExists {
        branch: branch(),
    }));
    messages.fails(CommitError::Load(LoadError::Plan(ahead())));
    messages.fails(CommitError::Git(git::Error::NoIdentity {
        role: "author",
        what: "email",
    }));
    messages.fails(CommitError::Store(store::Error::Aborted));
    messages.fails(CommitError::Interrupted {
        point: CommitPoint::RowsTaken,
        source: refused(),
    });
    messages.covers("src/project/write/commit/error.rs", "CommitError");
    messages.show("committing");
}
