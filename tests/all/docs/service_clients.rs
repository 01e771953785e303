//! The programs on the page about clients of the service do what the page says.

use std::process::Command;

use crate::serve::client::Running;
use crate::support::{isolated, project, scratch, skipped};

/// The program on the page in a language, asking this service.
fn program(language: &str, running: &Running) -> String {
    let page = project().join("docs/how-to/service-clients.md");
    let text = std::fs::read_to_string(page).unwrap();
    let (_, rest) = text.split_once(&format!("```{language}\n")).unwrap();
    let (program, _) = rest.split_once("\n```").unwrap();
    let address = "127.0.0.1:7878";
    assert!(program.contains(address), "{program}");
    program.replace(address, &running.address.to_string())
}

/// Runs it by an interpreter, where there is one.
fn changes_the_template(interpreter: &str, language: &str, file: &str) {
    if Command::new(interpreter).arg("--version").output().is_err() {
        return skipped(&format!("there is no {interpreter}"));
    }
    let top = scratch::folder();
    let running = Running::start(top.path(), &[], &["--demo", "--writable"]);
    std::fs::write(top.path().join(file), program(language, &running)).unwrap();
    let run = || {
        let done = isolated(interpreter, top.path())
            .arg(file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        String::from_utf8(done.stdout).unwrap()
    };
    let template = "#{Octopus.Version.LastMajor}.#{Octopus.Version.NextMinor}\n";
    assert_eq!(run(), format!("v{template}"));
    assert_eq!(run(), format!("vv{template}"));
    // Somebody is faster: of two at once, both are done, one after the other.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(run);
        }
    });
    assert_eq!(run(), format!("vvvvv{template}"));
    let asked = "/v1/projects/default/log?ref=main&document=deployment_settings&limit=5";
    let log = running.get(asked);
    let commits = log.text().matches("Say which version it is").count();
    assert_eq!(commits, 5, "{}", log.text());
}

#[test]
fn the_program_in_python_changes_a_value() {
    changes_the_template("python3", "python", "client.py");
}

/// What it says is JavaScript, too: all of its types are found out.
#[test]
fn the_program_in_typescript_changes_a_value() {
    changes_the_template("node", "ts", "client.mjs");
}
