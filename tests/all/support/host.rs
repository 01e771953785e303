//! A host of Git repositories on loopback, by Git's own programs, whose connections can be cut.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use super::{ssh, write_program};

/// How a host is talked to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// `git daemon`.
    Git,
    /// `git http-backend`, behind a few lines of CGI; with a user and a password, if there are any.
    Http(Option<&'static str>),
    /// SSH, for a folder that is [prepared](ssh::prepare).
    Ssh,
}

/// A host of the repositories in a folder, until the test's process ends.
pub struct Host {
    protocol: Protocol,
    folder: PathBuf,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    open: Vec<TcpStream>,
    is_down: bool,
    is_silent: bool,
    connections: usize,
}

impl Host {
    pub fn new(folder: &Path, protocol: Protocol) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let served = folder.to_owned();
        let (folder, shared) = (folder.to_owned(), state.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let mut state = shared.lock().unwrap();
                state.connections += 1;
                if state.is_down {
                    continue;
                }
                state.open.push(stream.try_clone().unwrap());
                if state.is_silent {
                    continue;
                }
                drop(state);
                let folder = folder.clone();
                thread::spawn(move || match protocol {
                    Protocol::Git => daemon(&folder, stream),
                    // A client that goes away is its own affair.
                    Protocol::Ssh => ssh::serve(&folder, stream),
                    Protocol::Http(password) => drop(backend(&folder, password, stream)),
                });
            }
        });
        Host {
            protocol,
            folder: served,
            address,
            state,
        }
    }

    /// The address of a repository in its folder.
    pub fn url(&self, name: &str) -> String {
        let address = self.address;
        match self.protocol {
            Protocol::Git => format!("git://{address}/{name}"),
            Protocol::Http(_) => format!("http://{address}/{name}"),
            Protocol::Ssh => format!("ssh://{address}{}/{name}", self.folder.display()),
        }
    }

    /// Cuts the connections that there are. What was begun for them goes on.
    pub fn cut(&self) {
        for stream in self.state.lock().unwrap().open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Whether new connections are closed at once.
    pub fn set_down(&self, is_down: bool) {
        self.state.lock().unwrap().is_down = is_down;
    }

    /// Whether new connections are kept open without a word.
    pub fn set_silent(&self, is_silent: bool) {
        self.state.lock().unwrap().is_silent = is_silent;
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stderr(Stdio::null());
    git
}

fn daemon(folder: &Path, stream: TcpStream) {
    let output = stream.try_clone().unwrap();
    let mut base = std::ffi::OsString::from("--base-path=");
    base.push(folder);
    let mut git = git(folder);
    git.args(["daemon", "--inetd", "--export-all", "--enable=receive-pack"]);
    git.arg(base).arg(folder);
    git.stdin(OwnedFd::from(stream))
        .stdout(OwnedFd::from(output));
    git.status().unwrap();
}

/// One request by CGI, as a web server would do it.
fn backend(folder: &Path, password: Option<&str>, stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, _] = words[..] else {
        return Ok(());
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut git = git(folder);
    git.arg("http-backend")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", method)
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REMOTE_USER", "somebody");
    let (mut length, mut is_allowed) = (0, password.is_none());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match &*name.to_ascii_lowercase() {
            "content-length" => length = value.parse().unwrap(),
            "content-type" => drop(git.env("CONTENT_TYPE", value)),
            "content-encoding" => drop(git.env("HTTP_CONTENT_ENCODING", value)),
            "git-protocol" => drop(git.env("GIT_PROTOCOL", value)),
            "authorization" => is_allowed = Some(value) == password,
            _ => {}
        }
    }
    if !is_allowed {
        let refused = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"host\"\r\nContent-Length: 0\r\n\
                       Connection: close\r\n\r\n";
        return writer.write_all(refused.as_bytes());
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    git.env("CONTENT_LENGTH", length.to_string());
    let mut child = git.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().unwrap();
    let sent = thread::spawn(move || drop(stdin.write_all(&body)));
    let mut answer = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut answer)?;
    child.wait()?;
    sent.join().unwrap();
    let end = answer.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&answer[..end]);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: "));
    let status = status.unwrap_or("200 OK");
    let length = answer.len() - end - 4;
    let first = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    writer.write_all(first.as_bytes())?;
    writer.write_all(&answer)
}

/// A program that is Git without this machine's settings, in a folder, where SSH's may be.
pub fn git_alone(folder: &Path) -> PathBuf {
    let path = folder.join("git-alone");
    write_program(
        &path,
        "#!/bin/sh\nGIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_SSH_COMMAND=\"ssh -F ${0%/*}/ssh_config\" exec git \"$@\"\n",
    );
    path
}
