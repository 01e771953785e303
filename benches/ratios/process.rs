//! Whole processes: their time and peak memory.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// What a shell command took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) time: Duration,
    /// The peak memory of any of its processes, in bytes.
    pub(crate) peak: u64,
}

/// The argument with which this program runs another one and prints what it took. A child's peak can't be less than its
/// parent's size when it was started, so the parent must be small.
pub(crate) const RUN: &str = "--run-and-tell";

/// Runs a shell command `rounds` times, discards its output, and returns the best round: other load can only make a round
/// slower.
pub(crate) fn shell(folder: &Path, command: &str, rounds: usize) -> Taken {
    let this = std::env::current_exe().expect("this program has a path");
    let round = |_| {
        let done = Command::new(&this)
            .args([RUN, command])
            .current_dir(folder)
            .stderr(Stdio::inherit())
            .output()
            .expect("this program can be started");
        let text = String::from_utf8_lossy(&done.stdout);
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(nanoseconds)), Some(Ok(peak))) => Taken {
                time: Duration::from_nanos(nanoseconds),
                peak,
            },
            _ => panic!("`{command}` failed"),
        }
    };
    let rounds: Vec<Taken> = (0..rounds).map(round).collect();
    let time = rounds.iter().map(|taken| taken.time).min();
    let peak = rounds.iter().map(|taken| taken.peak).max();
    Taken {
        time: time.expect("at least one round"),
        peak: peak.expect("at least one round"),
    }
}

/// The other side of [`shell`].
pub(crate) fn run_and_tell(command: &str) {
    let begin = Instant::now();
    // `exec`: a single command needs no shell beside it.
    let status = Command::new("sh")
        .args(["-c", command])
        .stdout(Stdio::null())
        .status()
        .expect("a shell can be started");
    let time = begin.elapsed();
    assert!(status.success(), "`{command}` ended with {status}");
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells");
    let peak = u64::try_from(usage.max_rss()).expect("memory is positive") * 1024;
    println!("{} {peak}", time.as_nanos());
}
