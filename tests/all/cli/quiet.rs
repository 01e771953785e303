//! What a command must not do: write, panic, or complain about a reader that has gone away.

use std::io::Read;
use std::process::Stdio;

use crate::support::{Sandbox, everything_in, isolated, project};

/// Invariant 3: reading writes nothing: not in Git, not in the store, not on the disk.
#[test]
fn invariant_3_reading_writes_nothing() {
    let repo = Sandbox::new("versions");
    let before = everything_in(repo.path());
    for branch in [
        "old",
        "feature/teams",
        "main",
        "future",
        "unmarked",
        "twice",
        "broken",
        "several",
        "empty",
        "v2",
    ] {
        for arguments in [
            &["preview", branch][..],
            &["preview", "--by-step", branch],
            &["plan", branch],
            &["show", branch],
            &["show", "--raw", branch],
            &["status", branch],
        ] {
            repo.run(arguments);
        }
    }
    repo.run(&["status", "--all"]);
    assert!(
        before == everything_in(repo.path()),
        "a reading command changed a file"
    );
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let repo = Sandbox::new("versions");
    // More output than a pipe holds.
    repo.shell("for i in $(seq 3000); do echo \"create refs/heads/many/branch-$i main\"; done | git update-ref --stdin");
    let catalog = project().join("fixtures/catalogs/fizz");
    let mut child = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
        .args([
            "--catalog",
            catalog.to_str().unwrap(),
            "--format",
            "json",
            "status",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stderr), "");
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn after_a_closed_pipe_what_is_known_tells_the_exit_code() {
    let repo = Sandbox::new("versions");
    let list: Vec<String> = (0..20_000)
        .map(|item| format!("    \"item {item}\""))
        .collect();
    let long = list.join(",\n");
    std::fs::create_dir_all(repo.path().join(".config/teams")).unwrap();
    let write = |path: &str, text: &str| {
        std::fs::write(repo.path().join(".config").join(path), text).unwrap();
    };
    repo.shell("git switch -qc long main");
    write("fizz.ocl", "color = \"red");
    write("teams/long.ocl", &format!("members = [\n{long}\n]\n"));
    repo.shell("git add .config && git commit -qm Long");
    let closed = |arguments: &str, expected: &str| {
        let program = env!("CARGO_BIN_EXE_ocl-migrate");
        let catalog = project().join("fixtures/catalogs/fizz");
        let told = repo.shell(&format!(
            "set +o pipefail; {program} --catalog {} {arguments} 2> told | head -c 10 > /dev/null; echo ${{PIPESTATUS[0]}}",
            catalog.display()
        ));
        assert_eq!(told.trim(), expected, "{arguments}");
    };
    for (arguments, expected) in [
        ("diff main long", "1"),
        ("--format json diff main long", "1"),
        ("--format json compare --refs main long", "1"),
        ("compare --refs main long", "1"),
        ("--format json show long", "1"),
        ("query 'SELECT * FROM leaves'", "1"),
        ("diff main long team/long --exit-code", "3"),
        ("diff main long team/long", "0"),
    ] {
        closed(arguments, expected);
    }
}

#[test]
fn bare_repositories_and_folders_within_are_found() {
    let repo = Sandbox::new("versions");
    let plain = repo.run(&["preview", "old"]);
    repo.shell("git clone -q --mirror . bare.git; mkdir -p sub/folder");
    assert_eq!(repo.run(&["--repo", "bare.git", "preview", "old"]), plain);
    assert_eq!(repo.run(&["--repo", "sub/folder", "preview", "old"]), plain);
}

#[test]
fn the_same_bytes_every_time() {
    let repo = Sandbox::new("versions");
    let first = repo.run(&["--format", "json", "preview", "old"]);
    for _ in 0..3 {
        assert_eq!(repo.run(&["--format", "json", "preview", "old"]), first);
    }
}
