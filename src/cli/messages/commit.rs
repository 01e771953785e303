//! What drafts and commits say.

use ocl_migrate::catalog::DocumentName;
use ocl_migrate::git;
use ocl_migrate::project::{
    CommitError, CommitPoint, DraftError, FailedDocument, LoadError, SettledIntent,
};
use ocl_migrate::store::{self, IntentId};

use super::load::{ahead, not_migrated};
use super::{Reel, id, not_ocl, refused};

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
    let mut reel = Reel::new("commit main -m Rename --put runbook/backup=backup.ocl");
    reel.fails(DraftError::Load(LoadError::Plan(ahead())));
    reel.fails(DraftError::InvalidOcl {
        path: "backup.ocl".into(),
        error: Box::new(not_ocl()),
    });
    reel.fails(DraftError::NoSuchKind {
        name: "nothing".into(),
        kinds: vec!["variables (variables.ocl)".into()],
    });
    reel.fails(DraftError::Path {
        name: runbook(),
        reason: "its path runbooks/backup.ocl is taken".into(),
    });
    reel.fails(DraftError::NotInGit {
        name: runbook(),
        target: 8,
        reason: "the server keeps `runbook` itself before version 9".into(),
    });
    reel.fails(DraftError::NothingToEdit {
        name: runbook(),
        reason: "a step removed it".into(),
    });
    reel.fails(DraftError::NotRestored {
        name: runbook(),
        commit: id(1).to_string(),
        reason: "a step removes it on the way".into(),
    });
    reel.fails(DraftError::Edit {
        name: runbook(),
        source: "no such block".into(),
    });
    reel.fails(DraftError::BranchExists { branch: branch() });
    reel.fails(DraftError::NeedsParent {
        branch: "refs/heads/new".into(),
    });
    reel.covers("src/project/write/draft_error.rs", "DraftError");
    reel.show("drafting");
}

#[test]
fn of_commits() {
    let mut reel = Reel::new("commit main -m Rename --put runbook/backup=backup.ocl");
    reel.fails(CommitError::NotABranch {
        named: Some("refs/tags/main".into()),
        branch: Some(branch()),
    });
    reel.fails(CommitError::NotABranch {
        named: None,
        branch: None,
    });
    reel.fails(CommitError::Downward {
        branch: 14,
        target: 9,
    });
    reel.fails(CommitError::NotDownward {
        branch: 9,
        target: 9,
    });
    reel.fails(CommitError::BelowImport {
        kind: "runbook".into(),
        import: 9,
        target: 5,
    });
    reel.fails(CommitError::ComesInAgain {
        kind: "runbook".into(),
        import: 9,
        target: 5,
        what: "the table's runbook/backup".into(),
    });
    reel.fails(CommitError::SetAside {
        values: vec!["runbook/backup: step[\"a\"].name is \"A\"".into()],
    });
    reel.fails(CommitError::NoChange);
    reel.fails(CommitError::NothingToUpgrade { version: 14 });
    reel.fails(CommitError::CheckedOut {
        branch: branch(),
        work_tree: "/home/ada/shop".into(),
    });
    reel.fails(CommitError::UnknownVersions {
        versions: vec![11, 12],
    });
    reel.fails(CommitError::FailedDocuments {
        documents: vec![FailedDocument {
            name: runbook(),
            path: Some(".octopus/runbooks/backup.ocl".into()),
            error: not_migrated(),
        }],
    });
    reel.fails(CommitError::NoStore {
        kinds: vec!["runbook".into()],
    });
    reel.fails(CommitError::NoStoreToAdopt);
    reel.fails(CommitError::UnknownProject {
        project: ".octopus".into(),
        kinds: vec!["runbook".into()],
    });
    reel.fails(CommitError::StoreBehind {
        branch: 14,
        store: 9,
        rows: vec![runbook()],
    });
    reel.fails(CommitError::BranchMoved {
        branch: branch(),
        expected: Some(id(1)),
        found: Some(id(2)),
    });
    reel.fails(CommitError::ImportChanged {
        changed: vec![runbook().to_string()],
    });
    reel.fails(CommitError::LookupChanged {
        table: "environments".into(),
        key: "Production".into(),
    });
    reel.fails(CommitError::Overtaken);
    reel.fails(CommitError::Unconfirmed {
        branch: branch(),
        commit: id(2),
        source: Box::new(remote()),
    });
    reel.fails(CommitError::Unsettled {
        branch: branch(),
        commit: id(2),
        kind: "runbook".into(),
        source: Box::new(remote()),
    });
    reel.fails(CommitError::AfterSettling {
        settled: vec![SettledIntent {
            branch: branch(),
            commit: id(1).to_string(),
            applied: true,
            left: Vec::new(),
        }],
        source: Box::new(CommitError::Overtaken),
    });
    reel.fails(CommitError::DamagedIntent {
        id: IntentId(3),
        reason: "its rows don't match their hash".into(),
    });
    reel.fails(CommitError::Path {
        what: "the marker".into(),
        reason: "a folder lies there".into(),
    });
    reel.fails(CommitError::Draft(DraftError::BranchExists {
        branch: branch(),
    }));
    reel.fails(CommitError::Load(LoadError::Plan(ahead())));
    reel.fails(CommitError::Git(git::Error::NoIdentity {
        role: "author",
        what: "email",
    }));
    reel.fails(CommitError::Store(store::Error::Aborted));
    reel.fails(CommitError::Interrupted {
        point: CommitPoint::RowsTaken,
        source: refused(),
    });
    reel.covers("src/project/write/commit/error.rs", "CommitError");
    reel.show("committing");
}
