//! Clients that are slow, and those that take nothing.

use std::io::{Read as _, Write as _};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::client::Running;
use super::{configure, configured, path};
use crate::support::{Sandbox, until};

/// A service that waits so many seconds for a client that takes nothing.
fn serve(sandbox: &Sandbox, stall_seconds: u32) -> Running {
    let limits = format!("limits {{\n  stall_seconds = {stall_seconds}\n}}\n");
    configure(sandbox, &limits, "  writable = true\n");
    configured(sandbox)
}

/// Asks for a list of some 12 MB, more than connections and the service hold back.
fn ask_much(running: &Running) -> std::net::TcpStream {
    let rows = "sql=WITH+RECURSIVE+c(x)+AS+(SELECT+1+UNION+ALL+SELECT+x%2B1+FROM+c+WHERE+x%3C40000)\
                +SELECT+x,printf('%25.250c','a')+AS+y+FROM+c&max_rows=100000&timeout=60";
    let mut stream = running.connect();
    let target = path(&format!("query?{rows}"));
    let request = format!(
        "GET {target} HTTP/1.1\r\nConnection: close\r\nHost: {}\r\n\r\n",
        running.address
    );
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

const LAST_CHUNK: &[u8] = b"\r\n0\r\n\r\n";

#[test]
fn a_client_that_is_slow_and_steady_gets_its_whole_answer() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox, 6);
    let mut stream = ask_much(&running);
    let mut answer = vec![0; 6_400];
    stream.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
    // 64 KB a second, for longer than a client may take nothing.
    let began = Instant::now();
    let mut part = [0; 6_400];
    while began.elapsed() < Duration::from_secs(15) {
        sleep(Duration::from_millis(100));
        stream.read_exact(&mut part).unwrap();
        answer.extend_from_slice(&part);
    }
    // All is there in the end, the last row too.
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.ends_with(LAST_CHUNK), "{} bytes", answer.len());
    let end = String::from_utf8_lossy(&answer[answer.len() - 1_000..]);
    assert!(end.contains("\"x\":40000"), "{end}");
}

#[test]
fn a_client_that_takes_nothing_is_disconnected() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox, 1);
    let mut stream = ask_much(&running);
    let mut answer = vec![0];
    stream.read_exact(&mut answer).unwrap();
    // The rest is more than the connection holds. Nothing tells from outside when the service gives the client up.
    sleep(Duration::from_secs(6));
    // The connection may be reset.
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.ends_with(LAST_CHUNK), "{} bytes", answer.len());
    assert_eq!(running.get("/healthz").status, 200);
}

/// More of them than there are answers at once, connections' threads, or places to wait.
const SLOW: usize = 64;

#[test]
fn clients_that_end_neither_their_requests_nor_their_answers_hold_nobody_up() {
    let sandbox = Sandbox::new("versions");
    let running = serve(&sandbox, 60);
    let mut halves = Vec::new();
    for number in 0..SLOW {
        let mut stream = running.connect();
        // A head, or a body, that never ends.
        let begun = match number % 2 {
            0 => format!("GET {} HTTP/1.1\r\nHost: ", path("status")),
            _ => format!(
                "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
                path("commit"),
                running.address
            ),
        };
        stream.write_all(begun.as_bytes()).unwrap();
        halves.push(stream);
    }
    // As many answers as are made at once wait for somebody to take them, and more.
    let unread: Vec<_> = (0..8).map(|_| ask_much(&running)).collect();
    for question in ["status?ref=main", "show?ref=main", "plan?ref=main"] {
        let answered = running.get(&path(question));
        assert_eq!(answered.status, 200, "{}", answered.text());
    }
    drop((halves, unread));
    assert_eq!(running.stop().0, Some(0));
}

/// A query without an end, but for the minute that it may take.
const ENDLESS: &str = "query?sql=WITH+RECURSIVE+c(x)+AS+(SELECT+1+UNION+ALL+SELECT+x%2B1+FROM+c)+SELECT+count(*)+FROM+c&timeout=60";

#[test]
fn what_nobody_waits_for_any_more_ends() {
    let sandbox = Sandbox::new("versions");
    configure(&sandbox, "limits {\n  answers = 1\n}\n", "");
    let running = configured(&sandbox);
    let answering = |count: usize| {
        let line = format!("ocl_migrate_answering {count}");
        let metrics = running.get("/metrics");
        metrics.text().lines().any(|known| known == line)
    };
    for times in 1..=3 {
        let mut stream = running.connect();
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\n\r\n",
            path(ENDLESS),
            running.address
        );
        stream.write_all(request.as_bytes()).unwrap();
        until("it is answered", || answering(1));
        let began = Instant::now();
        drop(stream);
        until("it has ended", || answering(0));
        // It would be a minute by itself.
        assert!(began.elapsed() < Duration::from_secs(50), "{times}");
    }
    assert_eq!(running.get(&path("status")).status, 200);
}
