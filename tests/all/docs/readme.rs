//! What the README shows is what the demo prints.

use std::path::Path;
use std::process::Command;

use crate::support::scratch;

/// What the commits that the demo makes are called hangs on these.
const WHO_AND_WHEN: [(&str, &str); 6] = [
    ("GIT_AUTHOR_NAME", "Ada"),
    ("GIT_AUTHOR_EMAIL", "ada@example.com"),
    ("GIT_AUTHOR_DATE", "1700000000 +0000"),
    ("GIT_COMMITTER_NAME", "Ada"),
    ("GIT_COMMITTER_EMAIL", "ada@example.com"),
    ("GIT_COMMITTER_DATE", "1700000000 +0000"),
];

/// What the demo prints for each command, by the command's beginning.
fn demo() -> Vec<(String, String)> {
    let folder = scratch::folder();
    let done = Command::new(env!("CARGO_BIN_EXE_ocl-migrate"))
        .args(["demo", folder.path().to_str().unwrap()])
        .envs(WHO_AND_WHEN)
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = String::from_utf8(done.stdout).unwrap();
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ocl-migrate --repo REPO ") {
            commands.push((command.to_owned(), format!("$ ocl-migrate {command}\n")));
        } else if let Some((_, output)) = commands.last_mut() {
            output.push_str(line);
            output.push('\n');
        }
    }
    commands
}

#[test]
fn the_readme_shows_what_the_demo_prints() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let commands = demo();
    let mut written = String::new();
    let mut rest = readme.as_str();
    while let Some((before, after)) = rest.split_once("<!-- demo: ") {
        let (wanted, after) = after.split_once(" -->\n```console\n").unwrap();
        let (_, after) = after.split_once("```").unwrap();
        let (_, output) = commands
            .iter()
            .find(|(command, _)| command.starts_with(wanted))
            .unwrap();
        // The demo's words to its next command are not the command's output.
        let output = output.split("\n\n# ").next().unwrap().trim_end();
        written.push_str(&format!(
            "{before}<!-- demo: {wanted} -->\n```console\n{output}\n```"
        ));
        rest = after;
    }
    written.push_str(rest);
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, &written).unwrap();
    }
    assert!(
        readme == written,
        "the README is out of date: UPDATE_README=1 cargo test --test all readme"
    );
}
