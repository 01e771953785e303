//! Loads over HTTP, by one client on one connection, against loads in process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
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

fn serve() {
    let folder = generate::shared_document(2, DOCUMENT);
    let project = Project::open(&folder).unwrap();
    let options = LoadOptions {
        target: Some(VERSION),
    };
    let in_process = best(|| {
        let loaded = project.load("b0000", options).unwrap();
        assert!(
            loaded
                .documents()
                .all(|document| document.error().is_none())
        );
    });
    let mut client = Client::start(&folder);
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

struct Client {
    child: Child,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn start(folder: &std::path::Path) -> Client {
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
        let stream = TcpStream::connect(address.trim_end_matches('/')).unwrap();
        stream.set_nodelay(true).unwrap();
        Client {
            child,
            stream: BufReader::new(stream),
        }
    }

    /// Asks once: the status and the validator.
    fn ask(&mut self, headers: &str) -> (u16, Option<String>) {
        let host = self.stream.get_ref().peer_addr().unwrap();
        let request = format!(
            "GET /v1/projects/default/show?ref=b0000&to={VERSION} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n"
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

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
