//! Answers are the command's.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Output;

use flate2::read::GzDecoder;
use serde_json::Value;

use super::client::{Response, Running};
use super::{fizz, path, serve};
use crate::support::{Sandbox, corpus, isolated, scratch};

/// What the command prints as JSON.
fn printed(folder: &Path, global: &[&str], words: &[&str]) -> Output {
    isolated(env!("CARGO_BIN_EXE_ocl-migrate"), folder)
        .args(["--format", "json"])
        .args(global)
        .args(words)
        .output()
        .unwrap()
}

/// Holds an answer to what the command prints.
fn assert_same(response: &Response, done: &Output, question: &str) {
    let exit = done.status.code().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    let told: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    if response.status == 200 {
        assert_eq!(
            response.text(),
            String::from_utf8_lossy(&done.stdout),
            "{question}"
        );
        assert_eq!(
            response.header("ocl-migrate-exit-code"),
            Some(&*exit.to_string()),
            "{question}"
        );
        let heard = response.header("ocl-migrate-told");
        let heard: Vec<Value> = heard.map_or_else(Vec::new, |it| serde_json::from_str(it).unwrap());
        assert_eq!(heard, told, "{question}");
        return;
    }
    let error = &told
        .last()
        .unwrap_or_else(|| panic!("{question}: {}", response.text()))["error"];
    let problem = response.json();
    for (member, of) in [
        ("code", "code"),
        ("message", "detail"),
        ("remedy", "remedy"),
        ("places", "places"),
        ("exit_code", "exit_code"),
    ] {
        assert_eq!(problem[of], error[member], "{question}: {member}");
    }
}

#[test]
fn each_command_answers_as_it_prints() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let [option, catalog] = fizz();
    for (question, words) in [
        ("status", &["status"][..]),
        ("status?all", &["status", "--all"]),
        ("status?ref=main&ref=old", &["status", "main", "old"]),
        ("status?ref=nope", &["status", "nope"]),
        ("plan?ref=old", &["plan", "old"]),
        ("plan?ref=old&to=4", &["plan", "old", "--to", "4"]),
        ("plan?branch_version=2", &["plan", "--branch-version", "2"]),
        ("plan?ref=future", &["plan", "future"]),
        ("plan?ref=twice", &["plan", "twice"]),
        ("plan?ref=several", &["plan", "several"]),
        ("preview?ref=old", &["preview", "old"]),
        ("preview?ref=broken", &["preview", "broken"]),
        ("preview", &["preview"]),
        ("show?ref=main", &["show", "main"]),
        ("show?ref=old&raw=true", &["show", "old", "--raw"]),
        (
            "show?ref=old&document=fizz&to=5",
            &["show", "old", "fizz", "--to", "5"],
        ),
        ("show?ref=old&document=nope", &["show", "old", "nope"]),
        ("show?ref=old&to=99", &["show", "old", "--to", "99"]),
        ("rehearse", &["rehearse"]),
        ("rehearse?ref=o*&to=5", &["rehearse", "o*", "--to", "5"]),
        ("diff?old=old&new=main", &["diff", "old", "main"]),
        (
            "diff?old=old&new=main&document=fizz&text=true",
            &["diff", "old..main", "fizz", "--text"],
        ),
        (
            "diff?old=old&new=main&since_fork=true",
            &["diff", "old...main"],
        ),
        (
            "compare?ref=main&ref=old",
            &["compare", "--refs", "main", "old"],
        ),
        (
            "compare?document=fizz&selector=size",
            &["compare", "fizz", "size"],
        ),
        ("log?ref=main&document=fizz", &["log", "main", "fizz"]),
        (
            "log?ref=main&document=fizz&limit=1&migrations",
            &["log", "main", "fizz", "-n1", "--migrations"],
        ),
        (
            "log?ref=main&document=fizz&since=soon",
            &["log", "main", "fizz", "--since", "soon"],
        ),
        ("blame?ref=main&document=fizz", &["blame", "main", "fizz"]),
        (
            "export?ref=main&as=json",
            &["export", "main", "--as", "json"],
        ),
        (
            "export?ref=main&as=csv&document=fizz",
            &["export", "main", "--as", "csv", "fizz"],
        ),
        ("uses?kind=team", &["uses", "--kind", "team"]),
        ("check?ref=main", &["check", "main"]),
        ("check?all&as=sarif", &["check", "--all", "--as", "sarif"]),
        (
            "query?sql=SELECT%20name,%20version%20FROM%20refs",
            &["query", "SELECT name, version FROM refs"],
        ),
        ("query?sql=SELECT+1&csv", &["query", "SELECT 1", "--csv"]),
        ("query?tables", &["query", "--tables"]),
        ("query?sql=DELETE+FROM+refs", &["query", "DELETE FROM refs"]),
        ("query?sql=SELEC", &["query", "SELEC"]),
        ("doctor", &["doctor"]),
        (
            "explain?ref=old&document=team/gold",
            &["explain", "old", "team/gold"],
        ),
        ("explain?ref=empty", &["explain", "empty"]),
        (
            "applies?ref=main&for=environment%3Dproduction",
            &["applies", "main", "--for", "environment=production"],
        ),
    ] {
        let response = running.get(&path(question));
        let done = printed(sandbox.path(), &[&option, &catalog], words);
        assert_same(&response, &done, question);
    }
    assert_eq!(running.stop().0, Some(0));
}

#[test]
fn real_repositories_answer_as_they_print() {
    let Some(corpus) = corpus() else { return };
    for bundle in ["cli", "worker-tools", "pitstop"] {
        let folder = scratch::folder();
        let bundle = corpus.join("repositories").join(format!("{bundle}.bundle"));
        let cloned = isolated("git", folder.path())
            .args([
                "clone",
                "-q",
                "--mirror",
                bundle.to_str().unwrap(),
                "repo.git",
            ])
            .status();
        assert!(cloned.unwrap().success());
        let global = ["--repo", "repo.git"];
        let running = Running::start(folder.path(), &global, &[]);
        for (question, words) in [
            ("status?all", &["status", "--all"][..]),
            ("show?ref=HEAD", &["show", "HEAD"]),
            ("preview", &["preview"]),
            ("check", &["check"]),
            (
                "export?ref=HEAD&as=yaml",
                &["export", "HEAD", "--as", "yaml"],
            ),
            ("uses?undefined", &["uses", "--undefined"]),
            ("rehearse", &["rehearse"]),
            (
                "query?sql=SELECT+ref,address,value+FROM+leaves+ORDER+BY+1,2,3+LIMIT+20000",
                &[
                    "query",
                    "SELECT ref,address,value FROM leaves ORDER BY 1,2,3 LIMIT 20000",
                ],
            ),
            ("doctor", &["doctor"]),
            (
                "applies?ref=HEAD&for=environment%3Dproduction",
                &["applies", "HEAD", "--for", "environment=production"],
            ),
        ] {
            let response = running.get(&path(question));
            let done = printed(folder.path(), &global, words);
            if response.header("transfer-encoding").is_some() {
                assert_eq!(response.status, 200);
                assert!(response.body == done.stdout, "{question}");
            } else {
                assert_same(&response, &done, question);
            }
        }
        assert_eq!(running.stop().0, Some(0));
    }
}

#[test]
fn an_answer_is_compressed_for_who_reads_it() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let question = path("status?all");
    let plain = running.get(&question);
    let packed = running.ask("GET", &question, &[("Accept-Encoding", "gzip")], "");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len());
    let mut unpacked = String::new();
    GzDecoder::new(&*packed.body)
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, plain.text());
    // Two representations, two validators.
    assert_ne!(packed.header("etag"), plain.header("etag"));
    assert_eq!(plain.header("vary"), Some("accept, accept-encoding"));
}

#[test]
fn long_work_tells_how_far_it_is() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let events = [("Accept", "text/event-stream")];
    let response = running.ask("GET", &path("rehearse"), &events, "");
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    let plain = running.get(&path("rehearse"));
    let events: Vec<(&str, &str)> = response
        .text()
        .split_terminator("\n\n")
        .map(|event| {
            let (name, data) = event.split_once("\ndata: ").unwrap();
            (name.strip_prefix("event: ").unwrap(), data)
        })
        .collect();
    let lines = events.iter().filter(|(name, _)| *name == "line");
    let lines: String = lines.map(|(_, data)| format!("{data}\n")).collect();
    assert_eq!(lines, plain.text());
    assert!(
        events.iter().any(|(name, _)| *name == "progress"),
        "{events:?}"
    );
    let exit = plain.header("ocl-migrate-exit-code").unwrap();
    assert_eq!(
        events.last(),
        Some(&("end", &*format!("{{\"exit_code\":{exit}}}")))
    );
    let failed = running.ask(
        "GET",
        &path("show?ref=nope"),
        &[("Accept", "text/event-stream")],
        "",
    );
    assert!(
        failed.text().starts_with("event: problem\ndata: {"),
        "{}",
        failed.text()
    );
}

#[test]
fn an_answer_that_fails_late_is_a_problem() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let rows = "sql=SELECT+a.name,b.name,c.name,d.name+FROM+refs+a,refs+b,refs+c,refs+d";
    // Longer than a part of an answer, and not begun yet when it fails.
    for form in ["", "&csv"] {
        let failed = running.get(&path(&format!("query?{rows}&max_rows=3000{form}")));
        assert_eq!(
            (failed.status, &*failed.code()),
            (422, "query-too-many-rows")
        );
    }
}

#[test]
fn a_long_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let rows = "sql=WITH+RECURSIVE+c(x)+AS+(SELECT+1+UNION+ALL+SELECT+x%2B1+FROM+c+WHERE+x<20000)\
                +SELECT+x,printf('%25.200c','a')+AS+y+FROM+c&max_rows=15000";
    let rows = rows.replace('<', "%3C");
    let asked = |form: &str| {
        let mut stream = running.connect();
        let request = format!(
            "GET {} HTTP/1.1\r\nConnection: close\r\nHost: {}\r\n\r\n",
            path(&format!("query?{rows}{form}")),
            running.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Vec::new();
        // The service closes the connection early, which may be an error here.
        let _ = stream.read_to_end(&mut response);
        String::from_utf8(response).unwrap()
    };
    const LAST_CHUNK: &str = "\r\n0\r\n\r\n";
    let lines = asked("");
    assert!(lines.starts_with("HTTP/1.1 200 OK"), "{lines:.500}");
    assert!(lines.ends_with(LAST_CHUNK));
    let problem = lines.lines().rev().find(|line| line.starts_with('{'));
    assert!(problem.unwrap().contains("query-too-many-rows"));
    let csv = asked("&csv");
    assert!(csv.starts_with("HTTP/1.1 200 OK"), "{csv:.500}");
    assert!(csv.contains("text/csv") && csv.contains("\n9000,"));
    assert!(!csv.contains("query-too-many-rows"));
    assert!(!csv.ends_with(LAST_CHUNK));
}

#[test]
fn people_get_the_pages() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let browser = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for question in [
        "status",
        "plan?ref=old",
        "preview?ref=old",
        "diff?old=old&new=main",
        "compare",
        "log?ref=main&document=fizz",
        "blame?ref=main&document=fizz",
        "rehearse",
    ] {
        let page = running.ask("GET", &path(question), &browser, "");
        assert_eq!(page.status, 200, "{question}: {}", page.text());
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{question}"
        );
        assert!(page.text().starts_with("<!doctype html>"), "{question}");
        assert!(
            page.header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'")
        );
    }
    let root = running.ask("GET", "/", &browser, "");
    assert!(
        root.text().contains("href=\"/v1/projects/default/\""),
        "{}",
        root.text()
    );
    // Nothing is written beside them.
    assert!(!sandbox.path().join("page").exists());
}
