//! The rows of the table.

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{RefScope, Repository};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::project::{LoadError, Loaded, Project, RefStatus};

use crate::process::{Taken, shell};
use crate::{corpus, generate};

pub(crate) type Row = (&'static str, fn());

pub(crate) const ALL: &[Row] = &[
    ("start", start),
    ("read-hcl", read_against_hcl),
    ("read-memchr", read_against_memchr),
    ("status-real", status_of_real_repositories),
    ("status-many", status_of_many_refs),
    ("million", a_million_refs),
    ("rehearse", rehearse_against_status),
    ("doctor", doctor_against_rehearse),
    ("again", load_again),
    ("show", show_against_git_show),
    ("commits", load_every_commit),
    ("large", large_documents),
];

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_ocl-migrate");
pub(crate) const ROUNDS: usize = 30;
const MANY_REFS: usize = 100_000;
const TREES: usize = 200;

/// One line of the table; `reach` is the highest ratio that we accept. Without one, the line is for information.
pub(crate) fn row(
    work: &str,
    ours: Duration,
    against: &str,
    theirs: Duration,
    reach: impl Into<Option<f64>>,
) {
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    let (reach, verdict) = match reach.into() {
        None => (String::new(), ""),
        Some(reach) if ratio <= reach => (format!("{reach:.2}"), "reached"),
        Some(reach) => (format!("{reach:.2}"), "missed"),
    };
    println!(
        "| {work} | {} | {against}: {} | {ratio:.2} | {reach} | {verdict} |",
        shown(ours),
        shown(theirs)
    );
}

pub(crate) fn shown(time: Duration) -> String {
    let milliseconds = time.as_secs_f64() * 1000.0;
    if milliseconds < 10.0 {
        format!("{milliseconds:.2} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}

/// The best of some rounds: other load can only make a round slower.
pub(crate) fn best(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    };
    (0..ROUNDS).map(round).min().expect("at least one round")
}

/// What every whole process below includes: the shell that `exec`s it, and its start.
fn start() {
    let here = Path::new(".");
    let ours = ours(here, "--version");
    let theirs = shell(here, "git --version", ROUNDS);
    row(
        "`--version`",
        ours.time,
        "`git --version`",
        theirs.time,
        None,
    );
    let nothing = shell(here, "env", ROUNDS);
    row("`--version`", ours.time, "`env`", nothing.time, None);
}

fn read_against_hcl() {
    let Some(texts) = corpus::documents() else {
        return;
    };
    let both: Vec<&String> = texts
        .iter()
        .filter(|text| Document::parse(text.as_str(), Dialect::Current).is_ok())
        .filter(|text| hcl_edit::parser::parse_body(text).is_ok())
        .collect();
    let bytes: usize = both.iter().map(|text| text.len()).sum();
    let ours = best(|| read(&both));
    let theirs = best(|| {
        for text in &both {
            let _ = black_box(hcl_edit::parser::parse_body(black_box(text)));
        }
    });
    let work = format!("read {} documents of {bytes} bytes", both.len());
    row(&work, ours, "`hcl-edit`", theirs, 1.0 / 25.0);
}

fn read_against_memchr() {
    let Some(texts) = corpus::documents() else {
        return;
    };
    let good: Vec<&String> = texts
        .iter()
        .filter(|text| Document::parse(text.as_str(), Dialect::Current).is_ok())
        .collect();
    let bytes: usize = good.iter().map(|text| text.len()).sum();
    let ours = best(|| read(&good));
    let theirs = best(|| {
        for text in &good {
            for end in memchr::memchr_iter(b'\n', black_box(text.as_bytes())) {
                black_box(end);
            }
        }
    });
    let work = format!("read {} documents of {bytes} bytes", good.len());
    row(&work, ours, "`memchr_iter` of line ends", theirs, 4.0);
}

fn read(texts: &[&String]) {
    for text in texts {
        // The copy that a document owns is part of reading it.
        let _ = black_box(Document::parse(black_box(text.as_str()), Dialect::Current));
    }
}

fn status_of_real_repositories() {
    for (name, repository) in corpus::repositories().into_iter().flatten() {
        let markers = markers(&repository);
        let ours = ours(&repository, "status --all");
        let theirs = shell(
            &repository,
            &format!(
                "git for-each-ref >/dev/null & git cat-file --batch < {}; wait",
                markers.display()
            ),
            ROUNDS,
        );
        let work = format!("`status --all` of {name}");
        row(
            &work,
            ours.time,
            "`git for-each-ref` and `cat-file --batch` of the markers",
            theirs.time,
            0.5,
        );
    }
}

/// A file with a line for each marker of each ref, as `git cat-file --batch` takes it.
fn markers(repository: &Path) -> PathBuf {
    let project = Project::open(repository).unwrap();
    let mut lines = String::new();
    let mut status = project.status();
    let visit = |status: &RefStatus<'_>| {
        let paths = project.catalog().marker_paths();
        let paths = paths.map(|path| format!("{}/{path}", status.base_path));
        let listed = Command::new("git")
            .current_dir(repository)
            .args(["ls-tree", "--name-only", status.ref_name, "--"])
            .args(paths)
            .output()
            .unwrap();
        for path in String::from_utf8(listed.stdout).unwrap().lines() {
            let _ = writeln!(lines, "{}:{path}", status.ref_name);
        }
        Ok::<(), LoadError>(())
    };
    status.every_ref(RefScope::All, visit).unwrap();
    let file = generate::folder().join("markers");
    fs::write(&file, lines).unwrap();
    file
}

pub(crate) fn ours(repository: &Path, arguments: &str) -> Taken {
    shell(
        repository,
        &format!("{BINARY} --repo . {arguments} 2>/dev/null"),
        ROUNDS,
    )
}

const MARKERS: &str =
    "git for-each-ref --format='%(refname):.octopus/schema_version.ocl' | git cat-file --batch";

fn status_of_many_refs() {
    let many = generate::many_refs(MANY_REFS, TREES);
    let few = generate::many_refs(1_000, TREES);
    let theirs = shell(&many, MARKERS, 3);
    for arguments in ["status --all", "--format json status --all"] {
        let (of_many, of_few) = (ours(&many, arguments), ours(&few, arguments));
        let work = format!("`{arguments}` of {MANY_REFS} refs over {TREES} trees");
        row(
            &work,
            of_many.time,
            "`git for-each-ref \\| git cat-file --batch`",
            theirs.time,
            0.5,
        );
        let more = of_many.peak.saturating_sub(of_few.peak) / (MANY_REFS as u64 - 1_000);
        let verdict = if more < 300 { "reached" } else { "missed" };
        println!(
            "| the same: peak memory | {} kB | with 1,000 refs: {} kB | {more} bytes per ref | 300 | {verdict} |",
            of_many.peak >> 10,
            of_few.peak >> 10
        );
    }
}

/// Ten times the refs take ten times as long, and no more memory for each.
fn a_million_refs() {
    const TREES: usize = 500;
    let more = 10 * MANY_REFS;
    let (many, fewer) = (
        generate::many_refs(more, TREES),
        generate::many_refs(MANY_REFS, TREES),
    );
    for arguments in ["status --all", "rehearse --all"] {
        let command = format!("{BINARY} {arguments}");
        let (of_many, of_fewer) = (shell(&many, &command, 3), shell(&fewer, &command, 3));
        let work = format!("`{arguments}` of {more} refs over {TREES} trees");
        let against = format!("of {MANY_REFS}");
        row(&work, of_many.time, &against, of_fewer.time, 12.0);
        let each = of_many.peak.saturating_sub(of_fewer.peak) / (more - MANY_REFS) as u64;
        let verdict = if each < 300 { "reached" } else { "missed" };
        println!(
            "| the same: peak memory | {} kB | {against}: {} kB | {each} bytes per ref | 300 | {verdict} |",
            of_many.peak >> 10,
            of_fewer.peak >> 10
        );
    }
}

fn rehearse_against_status() {
    let mut repositories = corpus::repositories().unwrap_or_default();
    repositories.push((
        "100,000 refs".to_owned(),
        generate::many_refs(MANY_REFS, TREES),
    ));
    for (name, repository) in repositories {
        let rehearse = ours(&repository, "rehearse --all");
        let status = ours(&repository, "status --all");
        let work = format!(
            "`rehearse --all` of {name}, peak {} kB",
            rehearse.peak >> 10
        );
        row(&work, rehearse.time, "`status --all`", status.time, 3.0);
    }
}

fn doctor_against_rehearse() {
    let [many, few] = [3_000, 300].map(|branches| generate::many_documents(branches, 500));
    let taken = |repository: &Path, command: &str| {
        // It exits with 1 where it finds something.
        let command = format!("{BINARY} --repo . {command} 2>/dev/null || test $? = 1");
        shell(repository, &command, 3)
    };
    let (doctor, rehearse) = (taken(&many, "doctor"), taken(&many, "rehearse"));
    let work = format!(
        "`doctor` of 3,001 branches with 500 documents, peak {} kB",
        doctor.peak >> 10
    );
    row(&work, doctor.time, "`rehearse`", rehearse.time, 2.0);
    let of_few = taken(&few, "doctor");
    let work = "the same, ten times as many branches";
    row(work, doctor.time, "`doctor` of 301", of_few.time, 12.0);
}

fn load_again() {
    for (of, repository) in corpus::repositories().into_iter().flatten() {
        let project = Project::open(&repository).unwrap();
        let mut place = None;
        let mut visit = |status: &RefStatus<'_>| {
            place.get_or_insert_with(|| (status.ref_name.to_owned(), status.base_path.to_owned()));
            Ok::<(), LoadError>(())
        };
        project
            .status()
            .every_ref(RefScope::All, &mut visit)
            .unwrap();
        let (name, base_path) = place.unwrap();
        let repository = Repository::discover(&repository).unwrap();
        let project = Project::builder(repository, project.catalog().clone())
            .base_path(base_path)
            .build()
            .unwrap();
        let first = Instant::now();
        contents(&project.load_migrated(&name).unwrap());
        let first = first.elapsed();
        let before = project.cache_stats();
        let again = Instant::now();
        contents(&project.load_migrated(&name).unwrap());
        let again = again.elapsed();
        let after = project.cache_stats();
        let read = after.objects_read - before.objects_read;
        let computed = after.migrations.misses - before.migrations.misses;
        let listed = after.layouts.misses - before.layouts.misses;
        let fetched = after.originals.misses - before.originals.misses;
        let verdict = if read + computed + listed + fetched == 0 {
            "reached"
        } else {
            "missed"
        };
        println!(
            "| `load_migrated` again, {of} | {} | the first time: {} | {read} objects read, {computed} migrated, {listed} \
             listed, {fetched} originals read | 0 | {verdict} |",
            shown(again),
            shown(first)
        );
    }
}

/// Asks for every document. Returns how many bytes they have.
fn contents(loaded: &Loaded) -> usize {
    let contents = loaded
        .documents()
        .map(|document| loaded.content(document).unwrap());
    contents
        .map(|content| content.map_or(0, |content| content.len()))
        .sum()
}

fn show_against_git_show() {
    let large = generate::large_documents(40);
    show(&large, "large/0001", "six documents of 100 bytes to 600 kB");
    for (name, repository) in corpus::repositories().into_iter().flatten() {
        if name == "cli" {
            show(&repository, "main", "one ref of cli");
        }
    }
}

fn show(repository: &Path, reference: &str, what: &str) {
    let listed = Command::new("git")
        .current_dir(repository)
        .args(["ls-tree", "-r", "--name-only", reference, ".octopus"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let documents = listed
        .lines()
        .filter(|path| path.ends_with(".ocl") && !path.contains("schema"));
    let documents: Vec<String> = documents
        .map(|path| format!("'{reference}:{path}'"))
        .collect();
    let ours = ours(repository, &format!("show {reference}"));
    let theirs = shell(
        repository,
        &format!("git show {}", documents.join(" ")),
        ROUNDS,
    );
    let work = format!("`show` of {what}");
    row(&work, ours.time, "`git show`", theirs.time, 1.5);
}

fn load_every_commit() {
    let repository = generate::history(20_000);
    let list = Command::new("git")
        .current_dir(&repository)
        .args(["rev-list", "main"])
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let commits: Vec<&str> = list.lines().collect();
    let mut names = String::new();
    for commit in &commits {
        for path in [
            "deployment_process",
            "runbooks/runbook-1",
            "runbooks/runbook-2",
            "runbooks/runbook-3",
        ] {
            let _ = writeln!(names, "{commit}:.octopus/{path}.ocl");
        }
    }
    let file = generate::folder().join("documents-of-history");
    fs::write(&file, names).unwrap();
    let theirs = shell(
        &repository,
        &format!("git cat-file --batch < {}", file.display()),
        3,
    );
    let threads = std::thread::available_parallelism().unwrap().get();
    let ours = (0..3).map(|_| {
        let project = Project::builder(
            Repository::discover(&repository).unwrap(),
            Arc::new(Catalog::builtin()),
        )
        .build()
        .unwrap();
        let begin = Instant::now();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(commit) = commits.get(next.fetch_add(1, Ordering::Relaxed)) {
                        black_box(contents(&project.load_migrated(commit).unwrap()));
                    }
                });
            }
        });
        begin.elapsed()
    });
    let work = format!(
        "`load_migrated` of {} commits, {threads} threads",
        commits.len()
    );
    row(
        &work,
        ours.min().unwrap(),
        "`git cat-file --batch`",
        theirs.time,
        2.0,
    );
}

fn large_documents() {
    let repository = generate::large_documents(40);
    let (rehearse, status) = (
        ours(&repository, "rehearse --all"),
        ours(&repository, "status --all"),
    );
    let theirs = shell(&repository, MARKERS, ROUNDS);
    row(
        "`status --all` of 40 branches with 80 MB, half of it loose",
        status.time,
        "git",
        theirs.time,
        0.5,
    );
    let work = format!("`rehearse --all` of them, peak {} kB", rehearse.peak >> 10);
    row(&work, rehearse.time, "`status --all`", status.time, None);
}
