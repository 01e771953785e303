//! Who refers to a thing, against a search for its name as text.

use std::path::Path;
use std::process::Command;

use crate::corpus;
use crate::generate;
use crate::process::{Taken, shell};
use crate::rows::{BINARY, ROUNDS, Row, row};

pub(crate) const ALL: &[Row] = &[
    ("uses", uses_against_git_grep),
    ("uses-growth", ten_times_the_refs),
    ("check", check_against_rehearse),
    ("check-growth", check_ten_times_the_refs),
];

/// All branches and tags, whole processes. The name is one that the repository has.
fn uses_against_git_grep() {
    for (name, repository) in corpus::repositories().into_iter().flatten() {
        let listed = Command::new("git")
            .args([
                "for-each-ref",
                "--format=%(refname)",
                "refs/heads",
                "refs/tags",
            ])
            .current_dir(&repository)
            .output()
            .expect("git can be started");
        let refs = String::from_utf8_lossy(&listed.stdout).lines().count();
        for thing in ["Octopus.Release.Number", "Publish"] {
            let ours = uses(
                &repository,
                &format!("{thing} --refs 'refs/heads/*' 'refs/tags/*'"),
            );
            let search = format!(
                "git grep -n -i -F {thing} $(git for-each-ref --format='%(refname)' refs/heads refs/tags) -- .octopus || true"
            );
            let theirs = shell(&repository, &search, ROUNDS);
            let work = format!("`uses {thing}` in {refs} refs of {name}");
            row(&work, ours.time, "`git grep`", theirs.time, 1.0);
        }
    }
}

/// What nothing refers to ends the command with 1, as it ends a search for text.
fn uses(repository: &Path, arguments: &str) -> Taken {
    let command = format!("{BINARY} --repo . uses {arguments} 2>/dev/null || true");
    shell(repository, &command, ROUNDS)
}

/// Whole processes. What is wrong ends a check with 1.
fn check(repository: &Path) -> Taken {
    let command = format!("{BINARY} --repo . check --all >/dev/null 2>&1 || test $? = 1");
    shell(repository, &command, ROUNDS)
}

/// The same refs, which both read, lift and group.
fn check_against_rehearse() {
    for trees in [20, 200] {
        let many = generate::many_refs(3_000, trees);
        let ours = check(&many);
        let command = format!("{BINARY} --repo . rehearse --all >/dev/null 2>&1 || test $? = 1");
        let rehearse = shell(&many, &command, ROUNDS);
        let work = format!(
            "`check` of 3,000 refs over {trees} trees, peak {} kB",
            ours.peak >> 10
        );
        row(&work, ours.time, "`rehearse --all`", rehearse.time, 2.0);
    }
}

/// Ten times the refs over as many trees, and over ten times as many.
fn check_ten_times_the_refs() {
    for trees in [20, 200] {
        let many = generate::many_refs(3_000, trees);
        let few = generate::many_refs(300, 20);
        let work = format!("`check` of 3,000 refs over {trees} trees");
        let (ours, of_few) = (check(&many), check(&few));
        row(&work, ours.time, "of 300 over 20", of_few.time, 10.0);
    }
}

/// Ten times the refs over as many trees, and over ten times as many.
fn ten_times_the_refs() {
    for trees in [20, 200] {
        let many = generate::many_refs(3_000, trees);
        let few = generate::many_refs(300, 20);
        let ask = "'Step 1' --all";
        let work = format!("`uses` in 3,000 refs over {trees} trees");
        row(
            &work,
            uses(&many, ask).time,
            "in 300 over 20",
            uses(&few, ask).time,
            10.0,
        );
    }
}
