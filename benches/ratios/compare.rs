//! Refs side by side, against Git's own diff and a listing of the refs.

use std::process::Command;

use crate::corpus;
use crate::generate;
use crate::process::shell;
use crate::rows::{BINARY, ROUNDS, Row, ours, row};

pub(crate) const ALL: &[Row] = &[
    ("diff", diff_against_git),
    ("compare", compare_against_status),
];

/// Two commits some way apart, whole processes.
fn diff_against_git() {
    for (name, repository) in corpus::repositories().into_iter().flatten() {
        let log = Command::new("git")
            .args([
                "log",
                "--format=%H",
                "--max-count=30",
                "--all",
                "--",
                ".octopus",
            ])
            .current_dir(&repository)
            .output()
            .expect("git can be started");
        let log = String::from_utf8_lossy(&log.stdout);
        let (Some(new), Some(old)) = (log.lines().next(), log.lines().last()) else {
            continue;
        };
        let arguments = format!("diff {old} {new}");
        let done = Command::new(BINARY)
            .args(["--repo", "."])
            .args(arguments.split(' '))
            .current_dir(&repository)
            .output();
        // Where there are several projects, one would have to be chosen.
        if !done.is_ok_and(|done| done.status.success()) {
            continue;
        }
        let ours = ours(&repository, &arguments);
        let theirs = shell(
            &repository,
            &format!("git diff {old} {new} -- .octopus"),
            ROUNDS,
        );
        let work = format!("`diff` of two commits of {name}");
        row(&work, ours.time, "`git diff`", theirs.time, 1.5);
    }
}

/// The values that differ between many refs.
fn compare_against_status() {
    for trees in [20, 200] {
        let refs = 3_000;
        let repository = generate::many_refs(refs, trees);
        let compare = ours(&repository, "compare --all");
        let status = ours(&repository, "status --all");
        let work = format!(
            "`compare --all` of {refs} refs over {trees} trees, peak {} kB",
            compare.peak >> 10
        );
        row(&work, compare.time, "`status --all`", status.time, 3.0);
    }
}
