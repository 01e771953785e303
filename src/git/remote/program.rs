//! Running Git's own program where it talks to another repository: within a time, and without questions to anybody.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::url::PROTOCOLS;
use crate::git::git_program::GitProgram;
use crate::text;

/// So much of what Git prints is kept, in bytes.
const KEPT: usize = 256 << 10;

/// So much of it stands in a message, in lines and characters.
const SHOWN: (usize, usize) = (8, 600);

/// How long output is waited for once the program has ended: a hook of a remote in a folder may keep it open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// What Git said.
pub(super) struct Told {
    /// How it ended; none: it had to be stopped.
    status: Option<ExitStatus>,
    pub(super) stdout: String,
    stderr: String,
    limit: Duration,
}

impl Told {
    pub(super) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
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
        match self.status {
            None if said.is_empty() => format!("no answer within {} s", self.limit.as_secs()),
            None => format!("no answer within {} s; {said}", self.limit.as_secs()),
            Some(status) if said.is_empty() => format!("Git ended without a word: {status}"),
            Some(_) => said,
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
        // A signal at the terminal is for the program, which may finish what it has begun.
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
        let told = run(command, limit)?;
        if told.is_success() {
            Ok(())
        } else {
            Err(io::Error::other(told.reason()))
        }
    }

    /// Runs Git, for so long at most. An error is a program that never ran.
    pub(super) fn talk(
        &self,
        git_dir: &Path,
        arguments: &[&str],
        limit: Duration,
    ) -> io::Result<Told> {
        let mut command = self.remote_command(git_dir);
        command.args(arguments);
        run(command, limit)
    }
}

fn run(mut command: Command, limit: Duration) -> io::Result<Told> {
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
            break Some(status);
        }
        if ended.is_err() || began.elapsed() > limit {
            // What it has started ends with its streams.
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    Ok(Told {
        status,
        stdout: stdout.text(),
        stderr: stderr.text(),
        limit,
    })
}

/// A stream that is read on a thread of its own.
struct Output {
    kept: Kept,
    is_over: Receiver<()>,
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
        let (over, is_over) = channel();
        let mut copy = kept.clone();
        thread::spawn(move || {
            if let Some(mut stream) = stream {
                let _ = io::copy(&mut stream, &mut copy);
            }
            let _ = over.send(());
        });
        Output { kept, is_over }
    }

    fn text(self) -> String {
        let _ = self.is_over.recv_timeout(LAST_WORDS);
        let bytes = self.kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
