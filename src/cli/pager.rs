//! Long output goes through a pager, as Git's does.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A pager that reads what is written to it.
pub(super) struct Pager {
    child: Child,
}

impl Pager {
    /// Starts the pager that the environment names; `None` where none is wanted, or it can't be started.
    pub(super) fn start() -> Option<(Pager, ChildStdin)> {
        let named = ["GIT_PAGER", "PAGER"]
            .iter()
            .find_map(|name| std::env::var(name).ok());
        let command = named.unwrap_or_else(|| "less".into());
        if matches!(command.trim(), "" | "cat") {
            return None;
        }
        let mut pager = command_of(&command);
        pager.stdin(Stdio::piped());
        // F: quit if it fits one screen; R: colours; X: leave the screen as it is; K: an interrupt ends it, as it ends us.
        for (name, value) in [("LESS", "FRXK"), ("LV", "-c")] {
            if std::env::var_os(name).is_none() {
                pager.env(name, value);
            }
        }
        let mut child = pager.spawn().ok()?;
        let input = child.stdin.take()?;
        Some((Pager { child }, input))
    }

    /// Waits until the reader has seen enough.
    pub(super) fn wait(mut self) -> io::Result<()> {
        io::stderr().flush()?;
        self.child.wait().map(drop)
    }
}

/// The variable holds a command line, as in Git: `less -S`. Only one that needs a shell gets one: a shell starts even where
/// the pager isn't there, and what was to be shown would be lost.
fn command_of(line: &str) -> Command {
    let plain = |c: char| c.is_alphanumeric() || " -_./:+,@".contains(c);
    let mut words = line.split_whitespace();
    match words.next() {
        Some(program) if line.chars().all(plain) => {
            let mut command = Command::new(program);
            command.args(words);
            command
        }
        _ => {
            let (shell, flag) = if cfg!(windows) {
                ("cmd", "/C")
            } else {
                ("sh", "-c")
            };
            let mut command = Command::new(shell);
            command.args([flag, line]);
            command
        }
    }
}
