//! What it takes to write thousands of documents.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::generate;
use crate::process::shell;
use crate::rows::{BINARY, Row, row};

pub(crate) const ALL: &[Row] = &[("upgrade", upgrade_against_git_commit)];

/// Each round writes to a new copy: what is there already isn't written again.
const ROUNDS: usize = 3;
const FEW: usize = 1_000;
const MANY: usize = 10_000;

fn upgrade_against_git_commit() {
    let upgrade = |documents| {
        best_in_copies(&behind(documents), |copy| {
            let upgrade = "upgrade main -m Migrate --accept-unknown 11,12";
            shell(copy, &format!("{BINARY} --repo . {upgrade} 2>/dev/null"), 1).time
        })
    };
    let (few, many) = (upgrade(FEW), upgrade(MANY));
    // The files are there; Git has to read them, and ours to migrate what it reads.
    let flushed = "-c core.fsync=committed,loose-object -c core.fsyncMethod=batch";
    let commit = best_in_copies(&behind(MANY), |copy| {
        shell(
            copy,
            "git switch -q main && sed -i 's/quantity_to_keep = 100/type = \"Default\"/' .octopus/runbooks/*",
            1,
        );
        shell(
            copy,
            &format!("git {flushed} add -A && git {flushed} commit -qm x"),
            1,
        )
        .time
    });
    let work = format!("`upgrade` of {MANY} documents");
    row(
        &work,
        many,
        "`git add`, `git commit` of the same, flushed in a batch",
        commit,
        None,
    );
    row(&work, many, &format!("of {FEW}"), few, 10.0);
}

fn best_in_copies(repository: &Path, mut work: impl FnMut(&Path) -> Duration) -> Duration {
    let copy = repository.with_extension("copy");
    let shown = |path: &Path| path.display().to_string();
    let round = |_| {
        let (from, to) = (shown(repository), shown(&copy));
        shell(
            Path::new("/"),
            &format!("rm -rf '{to}' && cp -r '{from}' '{to}' && sync"),
            1,
        );
        work(&copy)
    };
    let best = (0..ROUNDS).map(round).min().expect("at least one round");
    fs::remove_dir_all(&copy).expect("the copy can go");
    best
}

/// A repository whose branch `main`, which isn't checked out, has this many runbooks at version 9.
fn behind(documents: usize) -> PathBuf {
    let path = generate::folder().join(format!("upgrade-{documents}"));
    if path.join(".git/complete").exists() {
        return path;
    }
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join(".octopus/runbooks")).expect("a folder");
    let write = |file: String, text: String| {
        fs::write(path.join(".octopus").join(file), text).expect("a file");
    };
    write("schema_version.ocl".into(), "version = 9".into());
    for number in 0..documents {
        write(
            format!("runbooks/runbook-{number}.ocl"),
            format!(
                "name = \"Runbook {number}\"\n\nrun_retention_policy {{\n    quantity_to_keep = 100\n}}\n"
            ),
        );
    }
    generate::git(&path, &["init", "-q", "-b", "main"]);
    // It would run beside the one below, and in the rounds.
    generate::git(&path, &["config", "gc.auto", "0"]);
    generate::git(&path, &["config", "user.name", "Ann"]);
    generate::git(&path, &["config", "user.email", "ann@example.com"]);
    generate::git(&path, &["add", "."]);
    generate::git(&path, &["commit", "-q", "-m", "At version 9"]);
    generate::git(&path, &["gc", "-q"]);
    generate::git(&path, &["switch", "-q", "--detach"]);
    fs::write(path.join(".git/complete"), "").expect("a file");
    path
}
