//! What merging says.

use crate::catalog::DocumentName;
use crate::git;
use crate::merge::MergeError;
use crate::project::{
    CommitError, DraftError, LiftFailure, MergeBranchError, MergeSide, MergeSidesError, NotLifted,
};

use super::load::ahead;
use super::{Messages, id};

#[test]
fn of_merging() {
    let mut messages = Messages::new("merge feature/x --into main -m Merge --ours runbook/a");
    let sides = |error: MergeSidesError| MergeBranchError::Sides(error);
    for error in [
        MergeSidesError::Load {
            side: MergeSide::Theirs,
            revision: "feature/x".into(),
            source: ahead().into(),
        },
        MergeSidesError::Git(git::Error::Ambiguous {
            prefix: "abc".into(),
            candidates: vec!["abc1 (commit)".into(), "abc2 (tag)".into()],
        }),
        MergeSidesError::Unrelated {
            ours: "main".into(),
            theirs: "feature/x".into(),
        },
        MergeSidesError::SeveralBases {
            ours: "main".into(),
            theirs: "feature/x".into(),
            bases: vec![id(1), id(2)],
        },
        MergeSidesError::Below {
            side: MergeSide::Base,
            revision: id(1).to_string(),
            version: 9,
            target: 8,
        },
        MergeSidesError::ProjectGone {
            side: MergeSide::Theirs,
            revision: "feature/x".into(),
            other: "main".into(),
            base_path: ".octopus".into(),
            moved_to: None,
        },
        MergeSidesError::ProjectGone {
            side: MergeSide::Theirs,
            revision: "feature/x".into(),
            other: "main".into(),
            base_path: ".octopus".into(),
            moved_to: Some(".octopus/web".into()),
        },
        MergeSidesError::NoProject {
            base_path: ".octopus".into(),
        },
    ] {
        messages.variant(&error);
        messages.fails(sides(error));
    }
    messages.covers("src/project/read/merge_sides_error.rs", "MergeSidesError");
    messages.variant(&sides(MergeSidesError::NoProject {
        base_path: String::new(),
    }));
    messages.fails(MergeBranchError::UpToDate {
        branch: "main".into(),
        theirs: "feature/x".into(),
    });
    let failure = |what: &str| LiftFailure {
        missing_lookups: Vec::new(),
        message: format!(".octopus/runbooks/a.ocl: step 9 runbooks: {what}"),
        path: Some(".octopus/runbooks/a.ocl".into()),
        error: None,
    };
    messages.fails(MergeBranchError::NotLifted {
        documents: vec![NotLifted {
            name: "runbook/a".parse().expect("it is a name"),
            failures: vec![
                (MergeSide::Base, failure("a run must have a process")),
                (MergeSide::Ours, failure("a run must have a process")),
                (MergeSide::Theirs, failure("a run must have a name")),
            ],
        }],
        ours: "main".into(),
        theirs: "feature/x".into(),
    });
    messages.fails(MergeBranchError::Document {
        name: "runbook/a".parse().expect("it is a name"),
        source: MergeError::Lost {
            selector: "step[\"a\"].name".into(),
        },
    });
    messages.fails(MergeBranchError::Draft(DraftError::Path {
        name: "runbook/a".parse().expect("it is a name"),
        reason: "another file has that path".into(),
    }));
    messages.fails(MergeBranchError::NotABranch(Box::new(
        CommitError::NotABranch {
            named: Some("refs/tags/main".into()),
            branch: None,
        },
    )));
    messages.fails(MergeBranchError::Theirs {
        theirs: "feature/x".into(),
        source: Box::new(CommitError::StoreBehind {
            branch: 14,
            store: 8,
            rows: vec![DocumentName::new("runbook", "backup")],
        }),
    });
    messages.fails(MergeBranchError::Git(git::Error::NotMerged {
        reason: "`git` can't be run: No such file or directory".into(),
    }));
    messages.fails(MergeBranchError::NoGitProgram {
        paths: vec!["notes.txt".into()],
    });
    messages.fails(MergeBranchError::InProject {
        base_path: ".octopus/web".into(),
        source: Box::new(MergeBranchError::NotUtf8 {
            path: "caf\u{fffd}.txt".into(),
        }),
    });
    messages.fails(MergeBranchError::InSeveralProjects {
        address: "runbook/a".into(),
        base_paths: vec![".octopus".into(), ".octopus/web".into()],
    });
    messages.fails(MergeBranchError::OtherProjects {
        theirs: "feature/x".into(),
        base_paths: vec![".octopus/api".into()],
    });
    messages.fails(MergeBranchError::NotUtf8 {
        path: "caf\u{fffd}.txt".into(),
    });
    messages.fails(MergeBranchError::TwoSides {
        ours: "variables".into(),
        theirs: "variables".into(),
    });
    messages.fails(MergeBranchError::TwoSides {
        ours: "variables **".into(),
        theirs: "variables variable[\"Url\"]".into(),
    });
    for conflicts in [
        &[][..],
        &["runbook/b"],
        &["runbook/a step[\"y\"]", "runbook/b"],
    ] {
        messages.fails(MergeBranchError::NoConflictAt {
            address: "runbook/a step[\"x\"]".into(),
            conflicts: conflicts.iter().map(ToString::to_string).collect(),
        });
    }
    messages.covers("src/project/write/merge/error.rs", "MergeBranchError");
    messages.show("merging");
}
