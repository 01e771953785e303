//! `--resume FILE`: the output of a fleet's command in a file, so that what is done isn't done again.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::report::{Fleet, FleetHead};

/// What tells the last line of a repository from the others.
const DONE: &str = ",\"done\":{\"exit_code\":";

/// The file, locked until the end. It holds whole lines of whole repositories.
pub(super) struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Opens the file, which is empty or begins with this head; any other is refused and stays as it is. `visit` gets the lines that it
    /// holds, with their ends.
    pub(super) fn open(
        path: &Path,
        head: &FleetHead,
        head_line: &str,
        fleet: &mut Fleet,
        visit: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<Log, Failure> {
        let failed = |error: io::Error| Failure::File {
            path: path.display().to_string(),
            error,
        };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false);
        let file = file.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(failed(io::Error::other("another process is writing it")));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut log = Log {
            path: path.to_owned(),
            file,
        };
        let whole = log.read(head, head_line, fleet, visit)?;
        // What a killed process began and didn't end is done again.
        log.file.set_len(whole).map_err(failed)?;
        log.file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(log)
    }

    /// Reads what is there, up to the end of the last repository that is whole: so many bytes.
    fn read(
        &self,
        head: &FleetHead,
        head_line: &str,
        fleet: &mut Fleet,
        visit: &mut dyn FnMut(&str) -> Result<(), Failure>,
    ) -> Result<u64, Failure> {
        let mut reader = BufReader::new(&self.file);
        let (mut whole, mut number) = (0, 0);
        let (mut block, mut line) = (String::new(), Vec::new());
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            read.map_err(|error| self.failed(error))?;
            if !line.ends_with(b"\n") {
                // Only a head that a killed process didn't end is ours to write again.
                if number == 0 && !head_line.as_bytes().starts_with(&line) {
                    return Err(self.wrong(
                        1,
                        "this file isn't one that --resume has begun for this command: give another file, or delete this one",
                    ));
                }
                return Ok(whole);
            }
            number += 1;
            let text = str::from_utf8(&line)
                .map_err(|_| self.wrong(number, "this isn't text in UTF-8"))?;
            if number == 1 {
                let found = found_head(text)
                    .ok_or_else(|| self.wrong(1, "this file isn't one that --resume has begun"))?;
                if found != *head {
                    return Err(self.wrong(1, &other_run(&found, head)));
                }
            }
            block.push_str(text);
            if number == 1 || ends_repository(text) {
                for line in block.split_inclusive('\n') {
                    let added = fleet.add_line(line);
                    added.map_err(|error| self.wrong(number, &error.to_string()))?;
                    visit(line)?;
                }
                whole += block.len() as u64;
                block.clear();
            }
        }
    }

    /// Adds the lines of a repository, all at once.
    pub(super) fn add(&mut self, lines: &[u8]) -> Result<(), Failure> {
        self.file
            .write_all(lines)
            .map_err(|error| self.failed(error))
    }

    fn failed(&self, error: io::Error) -> Failure {
        Failure::File {
            path: self.path.display().to_string(),
            error,
        }
    }

    fn wrong(&self, line: usize, why: &str) -> Failure {
        let path = self.path.display().to_string();
        Failure::FleetOutput {
            shown: format!("--resume {path}"),
            path,
            line,
            why: why.to_owned(),
        }
    }
}

fn found_head(line: &str) -> Option<FleetHead> {
    let value: serde_json::Value = serde_json::from_str(line).ok()?;
    serde_json::from_value(value.get("fleet")?.clone()).ok()
}

/// Whether a line is the last one of its repository. Strings hold no bare quotes, so only the member itself looks like this.
fn ends_repository(line: &str) -> bool {
    line.contains(DONE)
}

fn other_run(found: &FleetHead, head: &FleetHead) -> String {
    let what = if found.shard != head.shard {
        "it is another part".to_owned()
    } else if (&found.list, &found.whole) != (&head.list, &head.whole) {
        format!(
            "its list of repositories was another one ({} then, {} now)",
            found.whole_size(),
            head.whole_size()
        )
    } else {
        format!(
            "it was begun by `{}` with other options or another catalog",
            found.command
        )
    };
    format!("{what}: begin another file, or ask what it was begun with")
}
