//! A service that runs, and a client that sends it bytes.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::isolated;

/// No test waits longer for bytes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command `serve`, as a process.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
    log: Arc<Log>,
    /// Reads its log all along, as a supervisor does: one that nobody reads holds the service up.
    reader: Option<JoinHandle<()>>,
}

/// What a service has logged so far.
#[derive(Default)]
struct Log {
    text: Mutex<String>,
    grows: Condvar,
}

impl Log {
    fn read(&self, stderr: impl Read) {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        while stderr.read_until(b'\n', &mut line).is_ok_and(|it| it > 0) {
            let mut text = self.text.lock().unwrap();
            text.push_str(std::str::from_utf8(&line).unwrap());
            self.grows.notify_all();
            line.clear();
        }
    }
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Running {
    /// Starts it in a folder; `global` are options before `serve`, and `own` those after.
    pub fn start(folder: &Path, global: &[&str], own: &[&str]) -> Running {
        Running::start_at(folder, "127.0.0.1:0", global, own)
    }

    /// The same at another address.
    pub fn start_at(folder: &Path, listen: &str, global: &[&str], own: &[&str]) -> Running {
        let own = [&["--listen", listen], own].concat();
        Running::begin(folder, global, &own)
    }

    /// The same where a file says the address.
    pub fn start_without_address(folder: &Path, own: &[&str]) -> Running {
        Running::begin(folder, &[], own)
    }

    fn begin(folder: &Path, global: &[&str], own: &[&str]) -> Running {
        let mut child = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), folder)
            .args(global)
            .arg("serve")
            .args(own)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Log::default());
        let (stderr, read) = (child.stderr.take().unwrap(), log.clone());
        let reader = thread::spawn(move || read.read(stderr));
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut line).unwrap();
        let address = line
            .strip_prefix("serving http")
            .and_then(|rest| rest.trim_start_matches('s').strip_prefix("://"))
            .and_then(|rest| rest.trim_end().strip_suffix('/'));
        let Some(address) = address else {
            child.wait().unwrap();
            reader.join().unwrap();
            panic!("{line}{}", log.text.lock().unwrap());
        };
        Running {
            address: address.parse().unwrap(),
            child,
            log,
            reader: Some(reader),
        }
    }

    /// A connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn get(&self, path: &str) -> Response {
        self.ask("GET", path, &[], "")
    }

    /// Sends a request of its own connection. `Host` is the service's, unless another is given.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
        self.send(request(self.address, method, path, headers, body).as_bytes())
    }

    /// Waits until its log says something.
    pub fn wait_for_log(&self, said: &str) {
        let log = self.log.text.lock().unwrap();
        let is_missing = |log: &mut String| !log.contains(said);
        let waited = self.log.grows.wait_timeout_while(log, PATIENCE, is_missing);
        let (log, waited) = waited.unwrap();
        assert!(!waited.timed_out(), "{said}: {log}");
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends bytes, and reads a response.
    pub fn send(&self, bytes: &[u8]) -> Response {
        let mut stream = self.connect();
        // A service that refuses what is sent may close before all is sent.
        let _ = stream.write_all(bytes);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        Response::parse(&response, bytes.starts_with(b"HEAD"))
    }

    /// Tells it to stop; how it ended, and its log.
    pub fn stop(mut self) -> (Option<i32>, String) {
        kill(self.pid(), Signal::SIGTERM).unwrap();
        self.reader.take().unwrap().join().unwrap();
        let log = std::mem::take(&mut *self.log.text.lock().unwrap());
        (self.child.wait().unwrap().code(), log)
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }
}

fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{request}\r\n{body}")
}

/// The response of a service that may be killed meanwhile; none where it isn't whole.
pub fn try_ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Response> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let request = request(address, method, path, headers, body);
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).ok()?;
    let end = response.windows(4).position(|it| it == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&response[..end]).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1)?;
    let length: usize = length.split("\r\n").next()?.parse().ok()?;
    (response.len() == end + 4 + length).then(|| Response::parse(&response, false))
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Response {
    /// Reads a whole response: with its length, in chunks, or up to the end of the connection.
    fn parse(bytes: &[u8], is_head: bool) -> Response {
        let text = String::from_utf8_lossy(bytes);
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no response: {text:?}"));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        });
        let mut response = Response {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: bytes[end + 4..].to_vec(),
        };
        if response.header("transfer-encoding") == Some("chunked") {
            response.body = unchunked(&response.body);
        } else if let (Some(length), false) = (response.header("content-length"), is_head) {
            assert_eq!(length.parse(), Ok(response.body.len()), "{head}");
        }
        response
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    /// The code of a problem.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        problem["code"].as_str().unwrap().to_owned()
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = bytes
            .windows(2)
            .position(|it| it == b"\r\n")
            .expect("a chunk");
        let length = std::str::from_utf8(&bytes[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
}
