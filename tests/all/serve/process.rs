//! The process: its start, its health, its log and its end.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};

use nix::sys::signal::{Signal, kill};
use serde_json::Value;

use super::{fizz, path, serve};
use crate::support::{Sandbox, project};

#[test]
fn only_loopback_is_served() {
    let sandbox = Sandbox::new("versions");
    for address in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0"] {
        let said = sandbox.run(&["serve", "--listen", address]);
        assert!(
            said.contains("only loopback addresses are served"),
            "{said}"
        );
        assert!(said.ends_with("exit 2"), "{said}");
    }
}

/// The one operation of a path.
fn operation(operations: &Value) -> &Value {
    operations.get("get").unwrap_or(&operations["post"])
}

#[test]
fn the_description_is_the_one_in_docs() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let served = running.get("/openapi.json");
    let file = project().join("docs/openapi.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &served.body).unwrap();
    }
    assert!(
        std::fs::read(&file).is_ok_and(|known| known == served.body),
        "docs/openapi.json isn't what is served: UPDATE_DOCS=1 writes it"
    );
    let described = served.json();
    let paths = described["paths"].as_object().unwrap();
    let summaries: BTreeSet<String> = paths
        .values()
        .map(|operations| operation(operations)["summary"].to_string())
        .collect();
    assert_eq!(summaries.len(), paths.len(), "each says what it is about");
    for (path, operations) in paths {
        let path = path.replace("{project}", "default");
        if operations.get("post").is_some() {
            let response = running.get(&path);
            assert_eq!(
                (response.status, response.header("allow")),
                (405, Some("POST"))
            );
            continue;
        }
        let required = operations["get"]["parameters"]
            .as_array()
            .into_iter()
            .flatten();
        let required: Vec<&str> = required
            .filter(|parameter| parameter["required"] == true)
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let response = running.get(&path);
        match &*required {
            [] => assert!(
                [200, 400, 404, 422].contains(&response.status),
                "{path}: {}",
                response.text()
            ),
            [first, ..] => {
                assert_eq!(response.status, 400, "{path}");
                assert!(
                    response.text().contains(first),
                    "{path}: {}",
                    response.text()
                );
            }
        }
    }
}

#[test]
fn health_metrics_and_log_tell_what_happens() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    assert_eq!(running.get("/healthz").text(), "ok\n");
    assert_eq!(running.get("/readyz").text(), "ok\n");
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [("traceparent", trace), ("X-Request-Id", "mine-1")];
    let asked = running.ask("GET", &path("show?ref=main"), &headers, "");
    assert_eq!(asked.header("x-request-id"), Some("mine-1"));
    let forged = running.ask(
        "GET",
        &path("status?ref=nope"),
        &[("X-Request-Id", "a b\"c")],
        "",
    );
    assert_ne!(forged.header("x-request-id"), Some("a b\"c"));
    let metrics = running.get("/metrics");
    for line in [
        "ocl_migrate_requests_total{endpoint=\"show\",status=\"200\"} 1",
        "ocl_migrate_requests_total{endpoint=\"status\",status=\"404\"} 1",
        "ocl_migrate_request_seconds_count{endpoint=\"show\"} 1",
        "ocl_migrate_answering 0",
    ] {
        assert!(
            metrics.text().lines().any(|known| known == line),
            "{line}\n{}",
            metrics.text()
        );
    }
    std::fs::rename(sandbox.path().join(".git"), sandbox.path().join("gone")).unwrap();
    assert_eq!(running.get("/readyz").status, 503);
    assert_eq!(running.get("/healthz").status, 200);
    let (exit, log) = running.stop();
    assert_eq!(exit, Some(0));
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let shown = lines
        .iter()
        .find(|line| line["request_id"] == "mine-1")
        .unwrap();
    assert_eq!(shown["path"], path("show"));
    assert_eq!(shown["status"], 200);
    assert_eq!(shown["trace_id"], "0af7651916cd43dd8448eb211c80319c");
}

#[test]
fn a_repository_that_is_gone_is_not_answered_as_an_empty_one() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let tag = running.get(&path("show?ref=main"));
    let tag = tag.header("etag").unwrap();
    let (there, gone) = (sandbox.path().join(".git"), sandbox.path().join("gone"));
    std::fs::rename(&there, &gone).unwrap();
    for question in [
        "status",
        "doctor",
        "check",
        "show?ref=main",
        "query?sql=SELECT+1",
        "",
    ] {
        let response = running.ask("GET", &path(question), &[("If-None-Match", tag)], "");
        assert_eq!(
            (response.status, &*response.code()),
            (503, "repository-not-found"),
            "{question}"
        );
        assert!(response.header("retry-after").is_some());
        assert!(response.header("etag").is_none());
    }
    assert_eq!(running.get("/readyz").status, 503);
    std::fs::rename(&gone, &there).unwrap();
    assert_eq!(
        running.get(&path("show?ref=main")).header("etag"),
        Some(tag)
    );
    assert_eq!(running.get(&path("status")).status, 200);
}

#[test]
fn a_stop_finishes_what_runs_and_takes_nothing_more() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    // An idle connection and one whose request is half there hold nothing up.
    let _idle = running.connect();
    let mut open = running.connect();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
        path("rehearse"),
        running.address
    );
    open.write_all(request.as_bytes()).unwrap();
    let mut first = [0; 1];
    open.read_exact(&mut first).unwrap();
    kill(running.pid(), Signal::SIGINT).unwrap();
    let mut rest = String::new();
    open.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("TTP/1.1 200 OK"), "{rest}");
    assert!(rest.contains("\"summary\""), "{rest}");
    let address = running.address;
    let (exit, _) = running.stop();
    assert_eq!(exit, Some(0));
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_store_that_was_named_must_be_there() {
    let sandbox = Sandbox::new("versions");
    let [option, catalog] = fizz();
    let said = sandbox.run_plain(&[&option, &catalog, "--store", "nowhere.db", "serve"]);
    assert!(said.contains("nowhere.db"), "{said}");
    assert!(said.ends_with("exit 1"), "{said}");
}
