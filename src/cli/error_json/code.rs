//! The code of each error. Scripts compare them: a code never changes, and a new error gets a new one. `docs/json.md` lists them.

use crate::git;
use crate::plan::PlanError;
use crate::project::{
    CommitError, DraftError, LoadError, MergeBranchError, MergeSidesError, ReadError,
};
use crate::query::QueryError;
use crate::references::RenameRefusal;
use crate::store;
use crate::values::{FindError, TakeError, ValueEditError};

use crate::cli::failure::{Failure, Refusal};

/// The code of an error.
pub(in crate::cli) fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Load(error) => of_load(error),
        Failure::Catalog(_) => "catalog-invalid",
        Failure::Plan(error) => of_plan(error),
        Failure::Commit(error) => of_commit(error),
        Failure::Merge(error) => of_merge(error),
        Failure::Store(error) => of_store(error),
        Failure::Settings(_) => "settings-invalid",
        Failure::File { error, .. } => match error.kind() {
            std::io::ErrorKind::NotFound => "file-not-found",
            _ => "file-failed",
        },
        Failure::Usage(_) | Failure::UnknownKind(_) => "usage",
        Failure::Missing { .. } => "not-in-store",
        Failure::NothingOpen { .. } => "no-conflict",
        Failure::FleetOutput { .. } => "fleet-output-invalid",
        Failure::NeverRead { .. } => "store-row-never-read",
        Failure::NoDocument { .. } => "document-not-found",
        Failure::NotExportable { .. } => "not-exportable",
        Failure::Find { error, .. } => of_find(error),
        Failure::Unread(unread) => of_read(&unread.error),
        Failure::Query(error) => of_query(error),
        Failure::Ocl { .. } => "ocl-invalid",
        Failure::Answers { .. } => "lookup-answers-invalid",
        Failure::Environment { .. } => "environment-not-written",
        Failure::Refused(why, _) => of_refusal(*why),
        Failure::Other(_) | Failure::ClosedPipe => "other",
    }
}

fn of_read(error: &ReadError) -> &'static str {
    match error {
        ReadError::Load(error) => of_load(error),
        ReadError::Failed(..) => "documents-failed",
        ReadError::Removed(_) => "document-removed",
        ReadError::LeftOut { .. } => "document-not-in-git",
        ReadError::Shape(..) => "other",
    }
}

fn of_find(error: &FindError) -> &'static str {
    match error {
        FindError::Nothing { .. } => "selector-selects-nothing",
        FindError::Several { .. } => "selector-selects-several",
    }
}

fn of_query(error: &QueryError) -> &'static str {
    match error {
        QueryError::Sql { .. } => "sql-invalid",
        QueryError::Refused { .. } => "sql-refused",
        QueryError::TimedOut { .. } => "query-timed-out",
        QueryError::TooManyRows { .. } => "query-too-many-rows",
        QueryError::OutOfMemory => "query-out-of-memory",
        QueryError::TooLarge { .. } => "query-value-too-large",
        QueryError::Load(error) => of_load(error),
        QueryError::Selector(_) | QueryError::NoDefaults => "usage",
        QueryError::NoThings => "things-not-declared",
        QueryError::Defect(_) => "other",
    }
}

fn of_refusal(why: Refusal) -> &'static str {
    match why {
        Refusal::EmbeddedRepository => "repository-embedded",
        Refusal::FileExists => "file-exists",
        Refusal::GitEnvironment => "git-environment",
        Refusal::MergeUnknown => "merge-unknown",
        Refusal::NotMerged => "document-not-merged",
        Refusal::NoMergeBase => "no-merge-base",
        Refusal::NoSuchThing => "thing-not-found",
        Refusal::NoThings => "things-not-declared",
        Refusal::NothingToRestore => "nothing-to-restore",
        Refusal::Output => "output-failed",
        Refusal::PlanImport => "import-impossible",
        Refusal::Snapshots => "snapshots-invalid",
        Refusal::SnapshotDiffers => "snapshot-differs",
        Refusal::StillNeeded => "steps-still-needed",
        Refusal::StoreElsewhere => "store-outside-repository",
    }
}

fn of_load(error: &LoadError) -> &'static str {
    match error {
        LoadError::Git(error) => of_git(error),
        LoadError::Marker(_) => "marker-invalid",
        LoadError::DocumentsWithoutMarker { .. } => "marker-missing",
        LoadError::NewerSteps { .. } => "newer-steps-unusable",
        LoadError::NotBroughtBack { .. } => "not-brought-back",
        LoadError::Plan(error) => of_plan(error),
        LoadError::SeveralProjects { .. } => "several-projects",
        LoadError::NothingFits { .. } => "pattern-fits-nothing",
        LoadError::InvalidBasePath { .. } => "base-path-invalid",
        LoadError::NoProjectAt { .. } => "base-path-without-project",
        LoadError::LeftOut { .. } => "git-object-not-fetched",
        LoadError::NotAFolder { .. } => "base-path-not-a-folder",
        LoadError::Store(error) => of_store(error),
        LoadError::NoSuchDocument {
            not_imported: Some(_),
            ..
        } => "document-not-imported",
        LoadError::NoSuchDocument { .. } => "document-not-found",
    }
}

fn of_plan(error: &PlanError) -> &'static str {
    match error {
        PlanError::BranchAhead { .. } => "branch-ahead",
        PlanError::BranchRetired { .. } => "branch-retired",
        PlanError::TargetRetired { .. } => "target-retired",
        PlanError::TargetAboveServer { .. } => "target-above-server",
        PlanError::TargetZero => "target-zero",
        PlanError::MissingSnapshot { .. } => "snapshot-missing",
    }
}

fn of_commit(error: &CommitError) -> &'static str {
    match error {
        CommitError::NotABranch { .. } => "not-a-branch",
        CommitError::Downward { .. } => "downward",
        CommitError::NotDownward { .. } => "not-downward",
        CommitError::BelowImport { .. } => "below-import",
        CommitError::ComesInAgain { .. } => "comes-in-again",
        CommitError::SetAside { .. } => "values-set-aside",
        CommitError::NoSteps { .. } => "catalog-without-steps",
        CommitError::EmptyMessage => "message-empty",
        CommitError::NoChange { .. } => "no-change",
        CommitError::NothingToUpgrade { .. } => "nothing-to-upgrade",
        CommitError::CheckedOut { .. } => "branch-checked-out",
        CommitError::UnknownVersions { .. } => "unknown-versions",
        CommitError::DoubledNames { .. } => "doubled-names",
        CommitError::MissingLookups { .. } => "missing-lookups",
        CommitError::FailedDocuments { .. } => "documents-failed",
        CommitError::NoStore { .. } | CommitError::NoStoreToAdopt => "store-needed",
        CommitError::ProjectElsewhere { .. } => "project-elsewhere",
        CommitError::UnknownProject { .. } => "store-project-unknown",
        CommitError::StoreBehind { .. } => "store-behind",
        CommitError::BranchMoved { .. } => "branch-moved",
        CommitError::ImportChanged { .. } => "import-changed",
        CommitError::LookupChanged { .. } => "lookup-changed",
        CommitError::Overtaken => "overtaken",
        CommitError::Unconfirmed { .. } => "commit-unconfirmed",
        CommitError::Unsettled { .. } => "other-commit-unsettled",
        CommitError::AfterSettling { source, .. } => of_commit(source),
        CommitError::InProject { source, .. } => of_commit(source),
        CommitError::SeveralImports { .. } => "several-imports",
        CommitError::UnknownEffect { .. } => "effect-unknown",
        CommitError::EffectFailed { .. } => "effect-failed",
        CommitError::DamagedIntent { .. } => "store-intent-damaged",
        CommitError::Path { .. } => "path-impossible",
        CommitError::Draft(error) => of_draft(error),
        CommitError::Load(error) => of_load(error),
        CommitError::Git(error) => of_git(error),
        CommitError::Store(error) => of_store(error),
        #[cfg(feature = "fault-injection")]
        CommitError::Interrupted { .. } => "other",
    }
}

fn of_merge(error: &MergeBranchError) -> &'static str {
    match error {
        MergeBranchError::Sides(error) => match error {
            MergeSidesError::Load { source, .. } => of_load(source),
            MergeSidesError::Git(error) => of_git(error),
            MergeSidesError::Unrelated { .. } => "no-merge-base",
            MergeSidesError::SeveralBases { .. } => "several-merge-bases",
            MergeSidesError::Below { .. } => "merge-downward",
            MergeSidesError::ProjectGone { .. } => "project-removed",
            MergeSidesError::NoProject { .. } => "base-path-without-project",
        },
        MergeBranchError::UpToDate { .. } => "up-to-date",
        MergeBranchError::NotLifted { .. } => "documents-failed",
        MergeBranchError::Document { .. } => "document-not-merged",
        MergeBranchError::Draft(error) => of_draft(error),
        MergeBranchError::NotABranch(source) | MergeBranchError::Theirs { source, .. } => {
            of_commit(source)
        }
        MergeBranchError::Git(error) => of_git(error),
        MergeBranchError::NoGitProgram { .. } => "files-not-merged",
        MergeBranchError::InProject { source, .. } => of_merge(source),
        MergeBranchError::InSeveralProjects { .. } => "several-projects",
        MergeBranchError::OtherProjects { .. } => "other-projects",
        MergeBranchError::NotUtf8 { .. } => "path-impossible",
        MergeBranchError::TwoSides { .. } => "usage",
        MergeBranchError::NoConflictAt { .. } => "no-conflict",
    }
}

fn of_draft(error: &DraftError) -> &'static str {
    match error {
        DraftError::Load(error) | DraftError::LoadFrom { source: error, .. } => of_load(error),
        DraftError::InvalidOcl { .. } => "ocl-invalid",
        DraftError::NoSuchKind { .. } => "kind-not-found",
        DraftError::Path { .. } => "path-impossible",
        DraftError::NotInGit { .. } => "document-not-in-git",
        DraftError::NothingToEdit { .. } => "document-not-editable",
        DraftError::NoProject { .. } => "base-path-without-project",
        DraftError::NotRestored { .. }
        | DraftError::NotHeld { .. }
        | DraftError::NothingToRestoreInto { .. } => "document-not-restored",
        DraftError::Edit { .. } => "edit-failed",
        DraftError::Value {
            source: ValueEditError::Find(error),
            ..
        } => of_find(error),
        DraftError::Value { .. } => "value-not-changed",
        DraftError::ValueNotRestored {
            source: TakeError::Find(error),
            ..
        } => of_find(error),
        DraftError::ValueNotRestored { .. } => "value-not-restored",
        DraftError::NotRenamed(error) => match error.refusal {
            RenameRefusal::NoSuchKind(_) => "kind-not-found",
            RenameRefusal::NotFound(_) => "thing-not-found",
            _ => "thing-not-renamed",
        },
        DraftError::OlderShape { .. } => "thing-not-renamed",
        DraftError::BranchExists { .. } => "branch-exists",
        DraftError::NeedsParent { .. } => "branch-needs-parent",
    }
}

fn of_store(error: &store::Error) -> &'static str {
    match error {
        store::Error::Absent { .. } => "store-not-found",
        store::Error::UnknownProject { .. } => "store-project-unknown",
        store::Error::ProjectExists { .. } => "store-project-exists",
        store::Error::RowsChanged(_) => "store-rows-changed",
        store::Error::AlreadyRecorded { .. } => "store-already-recorded",
        store::Error::NotInSnapshot { .. } => "store-not-in-snapshot",
        store::Error::Invalid { .. } | store::Error::OwnBackup { .. } => "store-value-invalid",
        store::Error::Aborted => "store-aborted",
        store::Error::Locked { .. } => "store-locked",
        store::Error::ReadOnly { .. } => "store-read-only",
        store::Error::Full { .. } => "store-disk-full",
        store::Error::Newer { .. } => "store-newer",
        store::Error::NotAStore { .. } => "store-not-a-store",
        store::Error::Corrupt { .. } => "store-damaged",
        store::Error::NoPermission { .. } => "store-no-permission",
        store::Error::Exists { .. } => "file-exists",
        store::Error::File { .. } => "store-file-failed",
        store::Error::Address { .. } => "store-address-invalid",
        store::Error::Unreachable { .. } => "store-unreachable",
        store::Error::Denied { .. } => "store-access-denied",
        store::Error::Unsupported { .. } => "store-server-unsupported",
        store::Error::Outdated { .. } => "store-outdated",
        store::Error::NoSuchVersion { .. } => "store-version-unknown",
        store::Error::OutcomeUnknown { .. } => "store-outcome-unknown",
        store::Error::CopyDiffers { .. } => "store-copy-differs",
        store::Error::Database { .. } => "store-failed",
    }
}

fn of_git(error: &git::Error) -> &'static str {
    match error {
        git::Error::RepositoryNotFound { .. } => "repository-not-found",
        git::Error::NotOwner { .. } => "repository-of-another-user",
        git::Error::Unsupported { .. } => "repository-unsupported",
        git::Error::RevisionNotFound { .. } => "revision-not-found",
        git::Error::InvalidRevision { .. } => "revision-invalid",
        git::Error::Ambiguous { .. } => "revision-ambiguous",
        git::Error::WrongKind { .. } => "git-object-wrong-kind",
        git::Error::ObjectNotFound { .. } => "git-object-missing",
        git::Error::LeftOutOfPartialClone { .. } => "git-object-not-fetched",
        git::Error::CutOffHistory { .. } => "git-history-cut-off",
        git::Error::BlobTooLarge { .. } => "git-blob-too-large",
        git::Error::TreeTooLarge { .. } => "git-tree-too-large",
        git::Error::InvalidPath { .. } => "git-path-invalid",
        git::Error::Corrupt { .. } => "git-damaged",
        git::Error::Io { .. } => "git-file-failed",
        git::Error::Storage { .. } => "git-storage-failed",
        git::Error::NotClean { .. } => "work-tree-not-clean",
        git::Error::InProgress { .. } => "work-tree-busy",
        git::Error::SeveralWorkTrees { .. } => "work-trees-several",
        git::Error::NotFollowed { .. } => "work-tree-not-updated",
        git::Error::NotMerged { .. } => "files-not-merged",
        git::Error::LeftStaged { .. } => "work-tree-left-staged",
        git::Error::NotSigned { .. } => "not-signed",
        git::Error::MovedButNotFlushed { .. } => "git-ref-not-flushed",
        git::Error::Remote { .. } => "git-remote-failed",
        git::Error::RefusedByRemote { .. } => "git-remote-refused",
        git::Error::InvalidRemote { .. } => "git-remote-invalid",
        git::Error::NotItsMirror { .. } => "git-mirror-unusable",
        git::Error::Locked { .. } => "git-locked",
        git::Error::RefNameClash { .. } => "git-ref-clash",
        git::Error::SymbolicRef { .. } => "git-ref-symbolic",
        git::Error::InvalidRefName { .. } => "git-ref-name-invalid",
        git::Error::TreeClash { .. } => "git-tree-clash",
        git::Error::NoIdentity { .. } => "git-identity-missing",
        git::Error::InvalidValue { .. } => "git-value-invalid",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn the_contract_lists_every_code_and_no_other() {
        let (code, _) = include_str!("code.rs").split_once("#[cfg(test)]").unwrap();
        let lines = code.lines().filter(|line| !line.contains("#["));
        let words = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let codes: BTreeSet<&str> = words.collect();
        let page = include_str!("../../../docs/json.md");
        let (_, section) = page.split_once("\n### Codes\n").unwrap();
        let (section, _) = section.split_once("\n#").unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
        let listed: BTreeSet<&str> = rows.map(|row| row.split_once('`').unwrap().0).collect();
        assert!(codes.len() > 70, "{codes:?}");
        let missing: Vec<_> = codes.symmetric_difference(&listed).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
