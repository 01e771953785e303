//! Questions that teams ask, in one line each, on a real repository.

use std::process::Output;

use tempfile::TempDir;

use crate::support::{corpus, isolated, scratch};

fn cli() -> Option<TempDir> {
    let bundle = corpus()?.join("repositories/cli.bundle");
    let folder = scratch::folder();
    let bundle = bundle.to_str().unwrap();
    let mut clone = isolated("git", folder.path());
    let done = clone
        .args(["clone", "-q", "--mirror", bundle, "."])
        .output()
        .unwrap();
    assert!(done.status.success());
    Some(folder)
}

fn command(folder: &TempDir, line: &[&str]) -> Output {
    let mut command = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), folder.path());
    command.args(line).output().unwrap()
}

fn ask(folder: &TempDir, line: &[&str]) -> String {
    let done = command(folder, line);
    String::from_utf8(done.stdout).unwrap()
}

/// One branch has another one.
const IMAGE: &str = "step[\"push-cli-to-chocolatey\"].action.container.image";

#[test]
fn the_value_of_x_on_every_branch() {
    let Some(folder) = cli() else { return };
    insta::assert_snapshot!(ask(
        &folder,
        &["compare", "deployment_process", IMAGE, "--list"]
    ));
}

#[test]
fn which_refs_override_the_default() {
    let Some(folder) = cli() else { return };
    let line = [
        "compare",
        "deployment_process",
        IMAGE,
        "--overrides",
        "--defaults",
        "main",
    ];
    insta::assert_snapshot!(ask(&folder, &line));
}

#[test]
fn what_differs_between_two_refs_whatever_their_versions() {
    let Some(folder) = cli() else { return };
    insta::assert_snapshot!(ask(&folder, &["diff", "v2.10.0", "v2.23.0"]));
    // The schema alone makes none: the migration is a commit of its own here.
    assert_eq!(
        ask(
            &folder,
            &["diff", "d8f1a549af~", "d8f1a549af", "--exit-code"]
        )
        .lines()
        .count(),
        4
    );
}

/// It changed a few times over the years.
const OTHER: &str = "step[\"publish-winget-update-pr\"].action.container.image";

#[test]
fn who_last_changed_x_seeing_through_migrations() {
    let Some(folder) = cli() else { return };
    insta::assert_snapshot!(ask(
        &folder,
        &["log", "main", "deployment_process", OTHER, "-n", "1"]
    ));
    // The file was migrated several times since.
    let name = "step[\"publish-to-apt-repo\"].name";
    insta::assert_snapshot!(ask(&folder, &["log", "main", "deployment_process", name]));
}

#[test]
fn what_x_was_on_a_day() {
    let Some(folder) = cli() else { return };
    let line = [
        "log",
        "main",
        "deployment_process",
        OTHER,
        "-n",
        "1",
        "--until",
        "2025-02-28",
    ];
    insta::assert_snapshot!(ask(&folder, &line));
}

#[test]
fn all_of_a_ref_in_another_format() {
    let Some(folder) = cli() else { return };
    let done = command(&folder, &["export", "main", "--as", "csv"]);
    assert!(done.status.success());
    let images = String::from_utf8(done.stdout).unwrap();
    let mut rows = csv::Reader::from_reader(images.as_bytes());
    let rows = rows.records().map(Result::unwrap);
    let images = rows.filter(|row| row[1].ends_with("container.image"));
    let images: Vec<String> = images
        .map(|row| row.iter().collect::<Vec<_>>().join(" "))
        .collect();
    insta::assert_snapshot!(images.join("\n"));
}
