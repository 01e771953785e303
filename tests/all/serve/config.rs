//! The file that says what is served.

use super::client::Running;
use super::{check, configured, path};
use crate::support::{Sandbox, project, until};

/// A folder with two repositories beside each other.
fn two() -> Sandbox {
    let sandbox = Sandbox::empty();
    let script = project().join("fixtures/repositories/versions.sh");
    for name in ["one", "other"] {
        sandbox.shell(&format!(
            "set -e; mkdir {name}; cd {name}; git init -q -b main .; . '{}'",
            script.display()
        ));
    }
    sandbox
}

fn write(sandbox: &Sandbox, text: &str) {
    let catalog = project().join("fixtures/catalogs/fizz");
    let text = text.replace("FIZZ", catalog.to_str().unwrap());
    std::fs::write(sandbox.path().join("serve.hcl"), text).unwrap();
}

const TWO: &str = "
limits {
  answers        = 1
  head_seconds   = 1
}
project \"one\" {
  repository = \"one\"
  catalog    = \"FIZZ\"
}
project \"other.2\" {
  repository = \"other\"
  catalog    = \"FIZZ\"
  base_path  = \".config/two\"
}
host = \"config.example\"
";

#[test]
fn a_file_names_projects_and_limits() {
    let sandbox = two();
    write(&sandbox, TWO);
    let running = configured(&sandbox);
    let projects = running.get("/v1/projects");
    assert_eq!(
        projects.text(),
        "{\"format_version\":1,\"projects\":[\"one\",\"other.2\"]}\n"
    );
    let one = running.get("/v1/projects/one/show?ref=main");
    assert_eq!(one.json()["base_path"], ".config");
    let other = running.get("/v1/projects/other.2/show?ref=several");
    assert_eq!(other.json()["base_path"], ".config/two", "{}", other.text());
    assert_eq!(running.get(&path("status")).status, 404);
    for host in ["config.example", "CONFIG.example"] {
        assert_eq!(
            running
                .ask("GET", "/v1/projects", &[("Host", host)], "")
                .status,
            200
        );
    }
    // A client that begins a request and never ends it is let go.
    let mut stream = running.connect();
    std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nHost:").unwrap();
    let mut rest = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut rest);
    assert!(
        !rest.starts_with(b"HTTP/1.1 2"),
        "{}",
        String::from_utf8_lossy(&rest)
    );
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn check_opens_all_and_serves_nothing() {
    let sandbox = two();
    write(&sandbox, TWO);
    let said = check(&sandbox);
    assert_eq!(said, "--- stderr\n2 projects can be served\n--- exit 0");
    write(&sandbox, &TWO.replace("\"other\"", "\"nowhere\""));
    let said = check(&sandbox);
    assert!(
        said.contains("nowhere") && said.ends_with("exit 1"),
        "{said}"
    );
    write(&sandbox, TWO);
    let said = sandbox.run_plain(&["--project", "x", "serve", "--config", "serve.hcl"]);
    assert!(said.contains("--project is about one project"), "{said}");
}

#[test]
fn a_mistake_in_the_file_is_shown_at_its_place() {
    let sandbox = two();
    for (text, message) in [
        ("", "serve.hcl:1:1"),
        ("listen = \"nowhere\"", "serve.hcl:1:10"),
        ("listn = \"127.0.0.1:1\"", "did you mean `listen`?"),
        (
            "project { repository = \"one\" }",
            "`project \"NAME\" { ... }`",
        ),
        (
            "project \"a/b\" { repository = \"one\" }",
            "stands in paths",
        ),
        ("project \"..\" { repository = \"one\" }", "stands in paths"),
        ("project \"a\" { }", "needs its repository"),
        (
            "project \"a\" { repository = \"one\" }\nproject \"a\" { repository = \"one\" }",
            "serve.hcl:2:1",
        ),
        (
            "project \"a\" {\n  repo = \"one\"\n}",
            "needs its repository",
        ),
        ("limits {\n  answers = 0\n}", "no limit that can be kept"),
        ("limits {\n  answer = 1\n}", "did you mean `answers`?"),
        ("limits {\n  answers = \"1\"\n}", "expected a whole number"),
        ("host = \"a b\"", "serve.hcl:1:8"),
        (
            "listen = \"0.0.0.0:80\"\nproject \"a\" {\n  repository = \"one\"\n}",
            "only loopback",
        ),
    ] {
        write(&sandbox, text);
        let said = check(&sandbox);
        assert!(said.contains(message), "{text}\n{said}");
        assert!(!said.ends_with("exit 0"), "{text}\n{said}");
    }
}

/// Asks until an answer is as expected: a signal takes its time.
fn wait_for(running: &Running, path: &str, status: u16) {
    until(path, || running.get(path).status == status);
}

#[test]
fn a_hangup_signal_makes_it_read_the_file_again() {
    use nix::sys::signal::{Signal, kill};
    let sandbox = two();
    write(&sandbox, TWO);
    let running = configured(&sandbox);
    let (one, third) = ("/v1/projects/one/status", "/v1/projects/third/status");
    assert_eq!(running.get(third).status, 404);
    let added =
        format!("{TWO}project \"third\" {{\n  repository = \"one\"\n  catalog = \"FIZZ\"\n}}\n");
    write(&sandbox, &added);
    kill(running.pid(), Signal::SIGHUP).unwrap();
    wait_for(&running, third, 200);
    // What is wrong is said, and changes nothing.
    write(
        &sandbox,
        &added.replace("\"third\" {", "\"third\" {\n  stoer = \"x\""),
    );
    kill(running.pid(), Signal::SIGHUP).unwrap();
    running.wait_for_log("not-reloaded");
    assert_eq!(running.get(third).status, 200);
    write(&sandbox, &TWO.replace("answers        = 1", "answers = 2"));
    kill(running.pid(), Signal::SIGHUP).unwrap();
    wait_for(&running, third, 404);
    assert_eq!(running.get(one).status, 200);
    let (exit, log) = running.stop();
    assert_eq!(exit, Some(0));
    let events = log.lines().filter(|line| line.contains("\"event\""));
    let events: Vec<&str> = events.collect();
    assert_eq!(events.len(), 3, "{log}");
    assert!(
        events[0].contains("\"third\"],\"needs_restart\":false"),
        "{log}"
    );
    assert!(
        events[1].contains("not-reloaded") && events[1].contains("did you mean `store`?"),
        "{log}"
    );
    assert!(
        events[2].contains("\"needs_restart\":true,\"waits_for_restart\":[\"limits\"]"),
        "{log}"
    );
}

#[test]
fn what_a_hangup_signal_opens_or_cannot_change_is_told() {
    use nix::sys::signal::{Signal, kill};
    let sandbox = two();
    let of_one = "project \"one\" {\n  repository = \"one\"\n  catalog = \"FIZZ\"\n}\n";
    write(
        &sandbox,
        &format!("listen = \"127.0.0.1:0\"\ntokens = \"tokens\"\n{of_one}"),
    );
    // The address is the file's own.
    let running = Running::start_without_address(sandbox.path(), &["--config", "serve.hcl"]);
    assert_eq!(running.get("/v1/projects").status, 401);
    write(&sandbox, &format!("listen = \"127.0.0.1:1\"\n{of_one}"));
    kill(running.pid(), Signal::SIGHUP).unwrap();
    wait_for(&running, "/v1/projects", 200);
    running.wait_for_log("\"event\":\"reloaded\"");
    let (_, log) = running.stop();
    let event = log
        .lines()
        .find(|line| line.contains("\"event\":\"reloaded\""));
    let event: serde_json::Value = serde_json::from_str(event.unwrap()).unwrap();
    assert_eq!(event["waits_for_restart"], serde_json::json!(["listen"]));
    let warning = event["warnings"][0].as_str().unwrap();
    assert!(
        warning.contains("tokens are no longer asked for"),
        "{warning}"
    );
}

/// Who may write to one project of a repository neither sees what another has there nor takes it along, by a merge either.
#[test]
fn a_merge_changes_no_project_but_its_own() {
    let sandbox = two();
    sandbox.shell(
        "set -e; cd other; git checkout -q -b side several; echo 'colour = \"secret\"' > .config/one/fizz.ocl; git commit -qam side
         git checkout -q several; echo 'colour = \"own\"' > .config/one/fizz.ocl; git commit -qam own
         git checkout -q -b ahead; git checkout -q main",
    );
    write(
        &sandbox,
        &TWO.replace("base_path ", "writable = true\n  base_path "),
    );
    let running = configured(&sandbox);
    let path = |question: &str| format!("/v1/projects/other.2/{question}");
    let status = running.get(&path("status?ref=several")).json();
    let tag = format!("\"{}\"", status["commit"].as_str().unwrap());
    let headers = [("Content-Type", "application/json"), ("If-Match", &*tag)];
    for theirs in ["[]", "[\".config/one/fizz\"]"] {
        let body = format!(
            "{{\"ref\":\"several\",\"from\":\"side\",\"message\":\"M\",\"theirs\":{theirs}}}"
        );
        let refused = running.ask("POST", &path("merge"), &headers, &body);
        assert_eq!((refused.status, &*refused.code()), (409, "other-projects"));
        assert!(!refused.text().contains("secret"), "{}", refused.text());
    }
    assert!(
        sandbox
            .shell("cd other; git show several:.config/one/fizz.ocl")
            .contains("own")
    );
}
