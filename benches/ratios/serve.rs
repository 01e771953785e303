//! Loads over HTTP, by one client and by many, against loads in process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::num::NonZeroUsize;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ocl_migrate::project::{LoadOptions, Project};

use crate::generate;
use crate::rows::{BINARY, Row, row};

pub(crate) const ALL: &[Row] = &[("serve", serve)];

const LOADS: u32 = 2_000;
const ROUNDS: usize = 5;
/// That of the generated branches: nothing is pending.
const VERSION: u32 = 3;
const DOCUMENT: &str = "name = \"a\"\n";
const PROJECT: &str = "/v1/projects/default/";
/// Clients that begin a request and don't end it, or ask for much and take nothing.
const SLOW: usize = 64;

fn serve() {
    let folder = generate::shared_document(2, DOCUMENT);
    let project = Project::open(&folder).unwrap();
    let options = LoadOptions {
        target: Some(VERSION),
    };
    let load = || {
        let loaded = project.load("b0000", options).unwrap();
        assert!(
            loaded
                .documents()
                .all(|document| document.error().is_none())
        );
    };
    let in_process = best(load);
    let service = Service::start(&folder);
    let mut client = service.connect();
    let tag = client.ask("").1.expect("an answer has a validator");
    let plain = best(|| assert_eq!(client.ask("").0, 200));
    let known = format!("If-None-Match: {tag}\r\n");
    let tagged = best(|| assert_eq!(client.ask(&known).0, 304));
    let work = "`show` over HTTP, of a ref with nothing pending";
    row(
        work,
        plain,
        "`load` and its documents in process",
        in_process,
        2.5,
    );
    row("the same with its `ETag`", tagged, "without", plain, 0.83);
    let cores = thread::available_parallelism().map_or(2, NonZeroUsize::get);
    let in_threads = best_of_many((0..cores).map(|_| load).collect());
    let against = format!("in process by {cores} threads");
    for connections in [16, 64] {
        let by_many = |headers: &str, status| {
            best_of_many(
                (0..connections)
                    .map(|_| {
                        let mut client = service.connect();
                        move || assert_eq!(client.ask(headers).0, status)
                    })
                    .collect(),
            )
        };
        let work = format!("`show` over HTTP by {connections} connections, for each");
        row(&work, by_many("", 200), &against, in_threads, 2.5);
        let work = format!("the same with its `ETag` by {connections} connections");
        row(&work, by_many(&known, 304), &against, in_threads, 0.83);
    }
    let slow: Vec<TcpStream> = (0..SLOW).map(|number| service.slow(number)).collect();
    let beside = best(|| assert_eq!(client.ask("").0, 200));
    drop(slow);
    let work = format!("`show` over HTTP beside {SLOW} slow clients");
    row(&work, beside, "alone", plain, 1.5);
}

/// The best round's time for one load.
fn best(mut load: impl FnMut()) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        (0..LOADS).for_each(|_| load());
        begin.elapsed() / LOADS
    });
    rounds.min().expect("at least one round")
}

/// The best round's time for one load, where each of these is a thread of its own.
fn best_of_many(mut loads: Vec<impl FnMut() + Send>) -> Duration {
    let each = LOADS.div_ceil(u32::try_from(loads.len()).unwrap());
    let all = each * u32::try_from(loads.len()).unwrap();
    let rounds = (0..ROUNDS).map(|_| {
        let begin = Instant::now();
        thread::scope(|scope| {
            for load in &mut loads {
                scope.spawn(|| (0..each).for_each(|_| load()));
            }
        });
        begin.elapsed() / all
    });
    rounds.min().expect("at least one round")
}

struct Service {
    child: Child,
    address: String,
}

impl Service {
    fn start(folder: &std::path::Path) -> Service {
        let mut child = Command::new(BINARY)
            .arg("--repo")
            .arg(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let address = line.trim_start_matches("serving http://").trim_end();
        let address = address.trim_end_matches('/').to_owned();
        Service { child, address }
    }

    fn connect(&self) -> Client {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            stream: BufReader::new(stream),
        }
    }

    /// A client that doesn't end its request, or takes nothing of an answer of some 12 MB.
    fn slow(&self, number: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = if number.is_multiple_of(2) {
            format!("GET {PROJECT}show?ref=b0000 HTTP/1.1\r\nHost: ")
        } else {
            let rows = "WITH+RECURSIVE+c(x)+AS+(SELECT+1+UNION+ALL+SELECT+x%2B1+FROM+c+WHERE+x%3C40000)\
                        +SELECT+x,printf('%25.250c','a')+AS+y+FROM+c";
            format!(
                "GET {PROJECT}query?sql={rows}&max_rows=100000 HTTP/1.1\r\nHost: {}\r\n\r\n",
                self.address
            )
        };
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }
}

struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Asks once: the status and the validator.
    fn ask(&mut self, headers: &str) -> (u16, Option<String>) {
        let host = self.stream.get_ref().peer_addr().unwrap();
        let request = format!(
            "GET {PROJECT}show?ref=b0000&to={VERSION} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut tag, mut length) = (0, None, 0);
        for number in 0.. {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            if number == 0 {
                status = line.split(' ').nth(1).unwrap().parse().unwrap();
            } else if let Some((name, value)) = line.split_once(": ") {
                match name {
                    "etag" => tag = Some(value.to_owned()),
                    "content-length" if status == 200 => length = value.parse().unwrap(),
                    _ => {}
                }
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        (status, tag)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
