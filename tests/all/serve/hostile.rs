//! Requests that nobody honest sends.

use std::io::Write as _;

use super::{path, serve};
use crate::support::{Sandbox, everything_in};

#[test]
fn words_of_a_question_are_never_options() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let before = everything_in(sandbox.path());
    for question in [
        "status?ref=--all",
        "status?ref=--html%3Dx.html",
        "show?ref=--repo%3D/etc&document=--raw",
        "show?ref=main&document=--help",
        "export?ref=main&as=json&document=-o&selector=x",
        "query?sql=--csv",
        "diff?old=--html%3Dx&new=main",
        "log?ref=main&document=fizz&since=--html%3Dx",
        "check?base=--repos%3D*",
        "uses?thing=--html&kind=x",
    ] {
        let response = running.get(&path(question));
        assert!(
            (400..500).contains(&response.status),
            "{question}: {}",
            response.text()
        );
        response.code();
    }
    for question in [
        "status?html=x.html",
        "status?repos=*",
        "rehearse?also_repo=/",
        "export?ref=main&as=json&output=x",
        "show?ref=main&ref=old",
        "show",
        "show?ref=main&to=six",
        "show?ref=main&raw=maybe",
        "query?sql=-",
        "query?sql=SELECT+1&timeout=0",
        "query?sql=SELECT+1&memory=4000000000",
        "diff?old=a..b&new=main",
        "diff?old=main&selector=x",
        "export?ref=main&as=exe",
        "?page=-1",
        "?page=first",
        "?sort=age",
        "?state=old",
        "?version=first",
        "show?ref=%ff",
        "show?ref=%00",
    ] {
        let response = running.get(&path(question));
        assert_eq!(
            (response.status, &*response.code()),
            (400, "usage"),
            "{question}"
        );
    }
    assert!(before == everything_in(sandbox.path()));
}

#[test]
fn paths_lead_nowhere_else() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    for path in [
        "/v1/projects/other/status",
        "/v1/projects/default/store",
        "/v1/projects/default/../../etc/passwd",
        "/v1/projects/default//status",
        "/v1/projects/default/status/",
        "/v1/projects/%64efault/status",
        "/../../etc/passwd",
        "/favicon.ico",
    ] {
        let response = running.get(path);
        assert_eq!(
            (response.status, &*response.code()),
            (404, "path-not-found"),
            "{path}"
        );
    }
    let long = path(&format!("show?ref={}", "a".repeat(9_000)));
    assert_eq!(running.get(&long).status, 414);
    let post = running.ask(
        "POST",
        &path("status"),
        &[("Content-Type", "application/json")],
        "{}",
    );
    assert_eq!(
        (post.status, post.header("allow")),
        (405, Some("GET, HEAD"))
    );
    let trace = running.ask("TRACE", "/healthz", &[], "");
    assert_eq!((trace.status, &*trace.code()), (405, "method-not-allowed"));
}

#[test]
fn other_names_and_sites_are_refused() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let status = |headers: &[(&str, &str)]| running.ask("GET", &path("status"), headers, "").status;
    assert_eq!(status(&[("Host", "evil.example")]), 421);
    assert_eq!(status(&[("Origin", "http://evil.example")]), 403);
    assert_eq!(status(&[("Sec-Fetch-Site", "cross-site")]), 403);
    // A target that names its host is judged by that.
    let named = |host: &str| {
        running
            .get(&format!("http://{host}{}", path("status")))
            .status
    };
    assert_eq!(named("evil.example"), 421);
    assert_eq!(named(&running.address.to_string()), 200);
    let own = format!("http://{}", running.address);
    assert_eq!(status(&[("Origin", &own)]), 200);
    let answered = running.ask("GET", &path("status"), &[("Origin", &own)], "");
    assert_eq!(answered.header("access-control-allow-origin"), None);
}

#[test]
fn nonsense_and_floods_are_refused_and_others_served() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox);
    let flood = |count: usize, length: usize| {
        let mut request = format!(
            "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
            running.address
        );
        for number in 0..count {
            request.push_str(&format!("X-{number}: {}\r\n", "a".repeat(length)));
        }
        running.send((request + "\r\n").as_bytes()).status
    };
    assert_eq!(flood(10, 10), 200);
    assert_eq!(flood(100, 10), 431);
    assert_eq!(flood(10, 10_000), 431);
    for nonsense in [
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1}",
    ] {
        let mut stream = running.connect();
        stream.write_all(nonsense.as_bytes()).unwrap();
    }
    // Clients that send nothing, and those that take nothing.
    let idle: Vec<_> = (0..64).map(|_| running.connect()).collect();
    let slow: Vec<_> = (0..64)
        .map(|_| {
            let mut stream = running.connect();
            let request = format!(
                "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
                path("rehearse"),
                running.address
            );
            stream.write_all(request.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(running.get(&path("status")).status, 200);
    drop((idle, slow));
    assert_eq!(running.stop().0, Some(0));
}
