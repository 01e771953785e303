//! A small server: threads answer "what are this branch's documents?" for random branches, while another process commits to
//! them, packs them and packs their refs. Nothing is reopened, and every answer must be at least as new as the last commit
//! that finished before the question.
//!
//! `cargo run --release --example server -- [SECONDS] [THREADS]` prints throughput and latencies, and fails if memory
//! or open files grow, so it serves as the soak test too.

#![allow(clippy::print_stdout)] // an example prints

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::Repository;
use ocl_migrate::project::Project;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const BRANCHES: usize = 40;
const RUNBOOKS: usize = 8;

/// The number of commits after which the other process packs everything.
const PACK_EVERY: u64 = 40;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let threads = arguments.next().map_or(Ok(4), |text| text.parse())?;
    let report = soak(Duration::from_secs(seconds), threads)?;
    println!("{report}");
    report.check()
}

/// What a run measured.
pub(crate) struct Report {
    took: Duration,
    loads: u64,
    commits: u64,
    packs: u64,
    latencies: Histogram,
    /// After a quarter of the time, and at the end.
    memory: [u64; 2],
    files: [usize; 2],
    hits: f64,
}

/// Serves for that long.
pub(crate) fn soak(time: Duration, threads: usize) -> Result<Report, Failure> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    git(
        path,
        &["init", "--quiet", "--bare", "--initial-branch=main", "."],
        "",
    )?;
    git(path, &["config", "gc.auto", "0"], "")?;
    let first: String = (0..BRANCHES).map(|branch| change(branch, 0)).collect();
    git(path, &["fast-import", "--quiet"], &first)?;

    // A server's cache fills up sooner or later; a small one does so at once.
    let project = Project::builder(Repository::discover(path)?, Arc::new(Catalog::builtin()))
        .cache_bytes(4 << 20)
        .build()?;
    let finished: Vec<AtomicU64> = (0..BRANCHES).map(|_| AtomicU64::new(0)).collect();
    let (stop, packs) = (AtomicBool::new(false), AtomicU64::new(0));
    let begin = Instant::now();
    let mut report = std::thread::scope(|scope| {
        let stop_at_end = StopAtEnd(&stop);
        let serving: Vec<_> = (0..threads)
            .map(|thread| {
                let (project, finished, stop) = (&project, &finished, &stop);
                scope.spawn(move || serve(project, finished, stop, thread as u64))
            })
            .collect();
        let committing = scope.spawn(|| commit(path, &finished, &stop, &packs));
        std::thread::sleep(time / 4);
        let before = (memory()?, open_files()?);
        std::thread::sleep(time - time / 4);
        let after = (memory()?, open_files()?);
        drop(stop_at_end);
        let mut latencies = Histogram::default();
        for thread in serving {
            latencies.add(&thread.join().map_err(|_| "a serving thread panicked")??);
        }
        let commits = committing
            .join()
            .map_err(|_| "the committing thread panicked")??;
        Ok::<Report, Failure>(Report {
            took: begin.elapsed(),
            loads: latencies.count(),
            commits,
            packs: packs.load(Ordering::Relaxed),
            latencies,
            memory: [before.0, after.0],
            files: [before.1, after.1],
            hits: 0.0,
        })
    })?;
    let figures = project.cache_stats().migrations;
    report.hits = figures.hits as f64 / (figures.hits + figures.misses).max(1) as f64;
    Ok(report)
}

/// Ends the threads, also when this one fails.
struct StopAtEnd<'s>(&'s AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn serve(
    project: &Project,
    finished: &[AtomicU64],
    stop: &AtomicBool,
    seed: u64,
) -> Result<Histogram, Failure> {
    let mut latencies = Histogram::default();
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    while !stop.load(Ordering::Relaxed) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let branch = usize::try_from(random % BRANCHES as u64)?;
        let finished = finished[branch].load(Ordering::Acquire);
        let begin = Instant::now();
        let loaded = project.load_migrated(&name(branch))?;
        let mut found = None;
        for document in loaded.documents() {
            if let Some(error) = document.error() {
                return Err(format!("{} of {}: {error}", document.name, name(branch)).into());
            }
            let content = loaded.content(document)?.unwrap_or_default();
            if document.name == "deployment_process" {
                found = Some(number_in(&content)?);
            }
        }
        latencies.record(begin.elapsed());
        let found = found.ok_or("the branch has no deployment process")?;
        if found < finished {
            return Err(format!(
                "{} is at {found}, and {finished} was finished before",
                name(branch)
            )
            .into());
        }
    }
    Ok(latencies)
}

/// Commits to one branch after the other, by running Git.
fn commit(
    path: &Path,
    finished: &[AtomicU64],
    stop: &AtomicBool,
    packs: &AtomicU64,
) -> Result<u64, Failure> {
    let mut commits = 0;
    while !stop.load(Ordering::Relaxed) {
        let branch = usize::try_from(commits % BRANCHES as u64)?;
        commits += 1;
        git(path, &["fast-import", "--quiet"], &change(branch, commits))?;
        finished[branch].store(commits, Ordering::Release);
        if commits % PACK_EVERY == 0 {
            git(path, &["repack", "-adq"], "")?;
            git(path, &["pack-refs", "--all"], "")?;
            git(path, &["prune", "--expire=now"], "")?;
            packs.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(commits)
}

fn name(branch: usize) -> String {
    format!("refs/heads/feature/{branch}")
}

/// A commit for `git fast-import`: its number is written into the process; the first commit holds everything.
fn change(branch: usize, number: u64) -> String {
    let name = name(branch);
    let mut stream = format!(
        "commit {name}\ncommitter Ann <ann@example.com> {} +0000\ndata 1\n.\n",
        1_700_000_000 + number
    );
    let mut file = |path: &str, text: &str| {
        stream.push_str(&format!(
            "M 100644 inline .octopus/{path}\ndata {}\n{text}\n",
            text.len()
        ));
    };
    let process = format!(
        "step \"deploy\" {{\n    name = \"Deploy\"\n    number = {number}\n    text = <<-EOT\n            {branch}\n        EOT\n}}\n"
    );
    file("deployment_process.ocl", &process);
    if number == 0 {
        file("schema_version.ocl", "version = 5");
        for runbook in 0..RUNBOOKS {
            let text = format!("name = \"Runbook {runbook}\"\n");
            file(&format!("runbooks/runbook-{runbook}.ocl"), &text);
        }
        stream.push('\n');
    } else {
        stream = stream.replacen("data 1\n.\n", &format!("data 1\n.\nfrom {name}^0\n"), 1);
        stream.push('\n');
    }
    stream
}

fn number_in(content: &[u8]) -> Result<u64, Failure> {
    let text = std::str::from_utf8(content)?;
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("number = "));
    Ok(line.ok_or("the process has no number")?.parse()?)
}

fn git(path: &Path, arguments: &[&str], input: &str) -> Result<(), Failure> {
    let mut child = Command::new("git")
        .current_dir(path)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("git {arguments:?} ended with {status}").into())
    }
}

/// The process's own memory in bytes, without mapped files such as Git's packs. 0 if the system doesn't say.
fn memory() -> Result<u64, Failure> {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return Ok(0);
    };
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.map_or(Ok(0), str::parse::<u64>)? << 10)
}

/// The number of open and mapped files. 0 if the system doesn't say.
fn open_files() -> Result<usize, Failure> {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else {
        return Ok(0);
    };
    let maps = std::fs::read_to_string("/proc/self/maps")?;
    Ok(open.count()
        + maps
            .lines()
            .filter(|line| line.contains(".pack") || line.contains(".idx"))
            .count())
}

/// A histogram of latencies with 16 buckets for each power of two, so that it never grows.
struct Histogram {
    counts: Vec<u64>,
}

const STEPS: u32 = 16;

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram {
            counts: vec![0; 64 * STEPS as usize],
        }
    }
}

impl Histogram {
    fn record(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos())
            .unwrap_or(u64::MAX)
            .max(u64::from(STEPS));
        let power = nanoseconds.ilog2();
        let step = (nanoseconds >> (power - STEPS.ilog2())) as usize - STEPS as usize;
        self.counts[power as usize * STEPS as usize + step] += 1;
    }

    fn add(&mut self, other: &Histogram) {
        for (count, other) in self.counts.iter_mut().zip(&other.counts) {
            *count += other;
        }
    }

    fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The latency at a percentile.
    fn percentile(&self, percent: f64) -> Duration {
        let wanted = (self.count() as f64 * percent / 100.0).ceil() as u64;
        let mut seen = 0;
        for (index, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && *count > 0 {
                let (power, step) = (index as u32 / STEPS, index as u32 % STEPS);
                return Duration::from_nanos(
                    u64::from(STEPS + step + 1) << (power - STEPS.ilog2()),
                );
            }
        }
        Duration::ZERO
    }
}

impl Report {
    /// # Errors
    /// If something grew, or nothing was done.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let [before, after] = self.memory;
        if after > before + before / 4 + (8 << 20) {
            return Err(format!("memory grew from {before} to {after} bytes").into());
        }
        let [before, after] = self.files;
        // While the other process packs, readers map the old packs beside the new ones.
        if after > before * 2 + 64 {
            return Err(format!("open and mapped files grew from {before} to {after}").into());
        }
        if self.loads == 0 || self.commits == 0 {
            return Err("nothing was served, or nothing was committed".into());
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_second = self.loads as f64 / self.took.as_secs_f64();
        writeln!(
            f,
            "{} loads in {:.1?}, {per_second:.0} in a second; {} commits by others, packed {} times",
            self.loads, self.took, self.commits, self.packs
        )?;
        write!(f, "latency:")?;
        for percent in [50.0, 90.0, 99.0, 99.9, 100.0] {
            write!(f, " {percent}% {:.1?}", self.latencies.percentile(percent))?;
        }
        writeln!(
            f,
            "\nanswered from memory: {:.1}% of migrations",
            self.hits * 100.0
        )?;
        write!(
            f,
            "memory {} kB, then {} kB; open and mapped files {}, then {}",
            self.memory[0] >> 10,
            self.memory[1] >> 10,
            self.files[0],
            self.files[1]
        )
    }
}
