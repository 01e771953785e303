//! The shell of the examples that spread a fleet, run as a matrix of jobs and an indexed job would: a process for each part.

use std::path::{Path, PathBuf};

use crate::support::{Sandbox, isolated, project};

/// The shell of a file's block, without the indent that YAML takes away.
fn shell_of(file: &str, before: &str) -> String {
    let text = std::fs::read_to_string(project().join("docs/examples").join(file)).unwrap();
    let (_, shell) = text.split_once(before).unwrap();
    let (_, shell) = shell.split_once("|\n").unwrap();
    let indent = shell.len() - shell.trim_start_matches(' ').len();
    let lines = shell.lines();
    let lines = lines.take_while(|line| line.len() - line.trim_start_matches(' ').len() >= indent);
    lines.map(|line| format!("{}\n", &line[indent..])).collect()
}

fn run(repo: &Sandbox, program: &[&str], shell: &str, variables: &[(&str, &str)]) -> String {
    let mut path: Vec<PathBuf> = vec![
        Path::new(env!("CARGO_BIN_EXE_ocl-migrate"))
            .parent()
            .unwrap()
            .to_owned(),
    ];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let done = isolated(program[0], repo.path())
        .args(&program[1..])
        .arg(shell)
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("REPOSITORIES", "fleet/*.git")
        .env(
            "OCL_MIGRATE_CATALOG",
            project().join("fixtures/catalogs/fizz"),
        )
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{shell}\n{said}");
    String::from_utf8(done.stdout).unwrap()
}

/// Repositories in which nothing is wrong.
fn fleet() -> Sandbox {
    let repo = Sandbox::new("versions");
    repo.shell(
        "set -e; for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
            git init -q --bare -b main fleet/$n.git; git push -q fleet/$n.git main old; done; rm -rf part-*",
    );
    repo
}

const WHOLE: &str = "12 repositories: 12 changed, 12 unchanged\n";

#[test]
fn a_matrix_of_jobs_makes_one_report() {
    let repo = fleet();
    let (job, report) = ("- name: Rehearse\n", "- name: Report\n");
    let bash = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"];
    for part in ["1", "2", "3", "4"] {
        let shell = shell_of("rehearse-fleet.yml", job);
        run(&repo, &bash, &shell, &[("PART", part), ("PARTS", "4")]);
    }
    let told = run(&repo, &bash, &shell_of("rehearse-fleet.yml", report), &[]);
    assert!(told.ends_with(WHOLE), "{told}");
    let page = std::fs::read_to_string(repo.path().join("report.html")).unwrap();
    assert!(page.contains("12 repositories"));
}

#[test]
fn an_indexed_job_makes_one_report_and_a_pod_that_died_goes_on() {
    let repo = fleet();
    let shell = shell_of("rehearse-fleet-job.yaml", "args:\n");
    std::fs::create_dir(repo.path().join("output")).unwrap();
    let pod = |index: usize| {
        let index = index.to_string();
        let variables = [
            ("JOB_COMPLETION_INDEX", &*index),
            ("PARTS", "10"),
            ("OUTPUT", "output"),
        ];
        run(&repo, &["sh", "-ec"], &shell, &variables)
    };
    for index in 0..10 {
        pod(index);
    }
    let file = (1..=10).map(|part| repo.path().join(format!("output/part-{part}.jsonl")));
    let mut file = file.filter(|file| std::fs::read_to_string(file).unwrap().lines().count() > 1);
    let file = file.next().unwrap();
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 10]).unwrap();
    let report = "ocl-migrate report output/part-*.jsonl || true";
    let told = run(&repo, &["sh", "-ec"], report, &[]);
    assert!(told.contains("11 repositories: "), "{told}");
    for index in 0..10 {
        pod(index);
    }
    assert_eq!(std::fs::read(&file).unwrap(), whole);
    assert!(run(&repo, &["sh", "-ec"], report, &[]).ends_with(WHOLE));
}
