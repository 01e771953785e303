//! Running Git's own program where it talks to another repository: within a time, and without questions to anybody.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::talks::{Talk, Talks};
use super::url::PROTOCOLS;
use crate::git::git_program::GitProgram;
use crate::text;

/// So much of what Git prints is kept, in bytes.
const KEPT: usize = 256 << 10;

/// So much of it stands in a message, in lines and characters.
const SHOWN: (usize, usize) = (8, 600);

/// How long output is waited for once the program has ended: a hook of a remote in a folder may keep it open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How long a program that has to end may take for it.
pub(super) const TIME_TO_CLEAN_UP: Duration = Duration::from_secs(1);

/// Why one had to.
pub(super) const ENDED: &str = "the program that talks to it ends";

/// What Git said.
pub(super) struct Told {
    /// How it ended; an error is why it had to be stopped.
    status: Result<ExitStatus, String>,
    pub(super) stdout: String,
    stderr: String,
}

impl Told {
    pub(super) fn is_success(&self) -> bool {
        matches!(&self.status, Ok(status) if status.success())
    }

    /// The branches that Git, when it fetched, didn't make of something else than a commit.
    pub(super) fn no_commits(&self) -> Vec<String> {
        // What the remote says stands behind `remote: `.
        let lines = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("error: "));
        let names = lines.filter_map(|line| {
            let (_, rest) = line.split_once("trying to write non-commit object ")?;
            let (_, name) = rest.split_once(" to branch '")?;
            name.strip_suffix('\'')
        });
        names.map(str::to_owned).collect()
    }

    /// Whether a lock was in its way.
    pub(super) fn is_locked_out(&self) -> bool {
        !self.is_success() && self.stderr.contains(".lock': File exists")
    }

    /// Why it didn't succeed, in its own words.
    pub(super) fn reason(&self) -> String {
        let lines = self.stderr.lines().map(str::trim_end);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("hint:"));
        let lines: Vec<_> = lines.take(SHOWN.0).map(text::visible_line).collect();
        let mut said = lines.join("; ");
        if let Some((end, _)) = said.char_indices().nth(SHOWN.1) {
            said.truncate(end);
            said.push_str("...");
        }
        match &self.status {
            Err(why) if said.is_empty() => why.clone(),
            Err(why) => format!("{why}; {said}"),
            Ok(status) if said.is_empty() => format!("Git ended without a word: {status}"),
            Ok(_) => said,
        }
    }
}

impl GitProgram {
    /// The program in a bare repository, with nothing that asks a person, runs a hook, or goes elsewhere than it is told.
    fn remote_command(&self, git_dir: &Path) -> Command {
        let mut command = self.alone();
        command
            .arg("--git-dir")
            .arg(git_dir)
            .args(["-c", "core.hooksPath=/dev/null"])
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", PROTOCOLS.join(":"))
            // Without it, SSH would ask at a terminal, if there is one.
            .env("SSH_ASKPASS_REQUIRE", "force");
        // A signal at the terminal is for the program, which may finish what it has begun; and what Git starts ends with it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    /// Makes an empty bare repository in a folder, of the kind that can be read here.
    pub(super) fn make_bare(&self, folder: &Path, limit: Duration) -> io::Result<()> {
        let mut command = self.remote_command(folder);
        command
            .env("GIT_DEFAULT_HASH", "sha1")
            .env("GIT_DEFAULT_REF_FORMAT", "files")
            .args(["init", "--quiet", "--bare", "--template="])
            .args(["--initial-branch=main"]);
        let told = run(command, limit, &Talks::default().begin())?;
        if told.is_success() {
            Ok(())
        } else {
            Err(io::Error::other(told.reason()))
        }
    }

    /// Runs Git, for so long at most, and until the talks with the remote end. An error is a program that never ran.
    pub(super) fn talk(
        &self,
        git_dir: &Path,
        stdin: File,
        arguments: &[&str],
        limit: Duration,
        talk: &Talk,
    ) -> io::Result<Told> {
        let mut command = self.remote_command(git_dir);
        command.args(arguments).stdin(stdin);
        run(command, limit, talk)
    }
}

fn run(mut command: Command, limit: Duration, talk: &Talk) -> io::Result<Told> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let streams = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = (Output::of(streams.0), Output::of(streams.1));
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    let status = loop {
        let ended = child.try_wait();
        if let Ok(Some(status)) = ended {
            break Ok(status);
        }
        let why = if talk.must_end() {
            ENDED.to_owned()
        } else if ended.is_err() || began.elapsed() > limit {
            format!("no answer within {} s", limit.as_secs())
        } else {
            thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
            continue;
        };
        end(&mut child, [&stdout, &stderr]);
        break Err(why);
    };
    Ok(Told {
        status,
        stdout: stdout.text(),
        stderr: stderr.text(),
    })
}

/// Ends the program and all that it has started: first so that they can remove their lock files, then in any case.
#[cfg(unix)]
fn end(child: &mut Child, streams: [&Output; 2]) {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
    // It is nobody else's, as the child isn't waited for before the last signal: until then its number stays taken.
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Signal::TERM);
    let deadline = Instant::now() + TIME_TO_CLEAN_UP;
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let runs = || matches!(waitid(WaitId::Pid(group), look), Ok(None));
    // What it has started has its streams.
    while (runs() || streams.iter().any(|stream| !stream.is_over())) && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait();
}

#[cfg(not(unix))]
fn end(child: &mut Child, _: [&Output; 2]) {
    let _ = child.kill();
    let _ = child.wait();
}

/// A stream that is read on a thread of its own.
struct Output {
    kept: Kept,
    over: Receiver<()>,
}

/// What was read of a stream. What is too much is forgotten, so that nobody waits to be read.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let length = bytes.len().min(KEPT - kept.len());
        kept.extend_from_slice(&bytes[..length]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output {
    fn of(stream: Option<impl Read + Send + 'static>) -> Output {
        let kept = Kept::default();
        let (ends, over) = channel::<()>();
        let mut copy = kept.clone();
        thread::spawn(move || {
            if let Some(mut stream) = stream {
                let _ = io::copy(&mut stream, &mut copy);
            }
            drop(ends);
        });
        Output { kept, over }
    }

    fn is_over(&self) -> bool {
        self.over.try_recv() == Err(TryRecvError::Disconnected)
    }

    fn text(self) -> String {
        let _ = self.over.recv_timeout(LAST_WORDS);
        let bytes = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
