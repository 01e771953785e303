//! The arrows between rooms point down; `docs/architecture.md` draws them.

mod dependencies;
mod imports;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up: each may use those before it that its entry names.
/// (`text` has none below it, and every room may use it.)
const ROOMS: [(&str, &[&str]); 24] = [
    ("text", &[]),
    ("ocl", &[]),
    ("template", &[]),
    ("git", &[]),
    ("store", &[]),
    ("serve", &[]),
    ("catalog", &["ocl"]),
    ("values", &["catalog", "ocl"]),
    ("contract", &["catalog", "ocl"]),
    ("references", &["values", "template", "catalog", "ocl"]),
    ("merge", &["values", "catalog", "ocl"]),
    ("export", &["ocl", "values"]),
    ("plan", &["catalog"]),
    ("migrate", &["plan", "catalog", "ocl"]),
    ("engine", &["migrate", "plan", "catalog", "ocl"]),
    (
        "project",
        &[
            "ocl",
            "git",
            "store",
            "catalog",
            "values",
            "references",
            "merge",
            "plan",
            "migrate",
            "engine",
        ],
    ),
    (
        "compare",
        &[
            "ocl",
            "git",
            "catalog",
            "values",
            "references",
            "migrate",
            "project",
        ],
    ),
    (
        "check",
        &[
            "ocl", "git", "catalog", "values", "contract", "migrate", "project", "compare",
        ],
    ),
    (
        "history",
        &["ocl", "git", "catalog", "values", "project", "compare"],
    ),
    (
        "query",
        &[
            "ocl",
            "git",
            "catalog",
            "values",
            "references",
            "project",
            "compare",
            "history",
        ],
    ),
    (
        "report",
        &[
            "ocl",
            "git",
            "store",
            "catalog",
            "values",
            "references",
            "plan",
            "migrate",
            "project",
            "compare",
            "check",
            "history",
        ],
    ),
    (
        "verify",
        &[
            "ocl", "catalog", "contract", "plan", "migrate", "engine", "report",
        ],
    ),
    ("fuzzing", &["ocl", "git", "catalog", "engine", "verify"]),
    (
        "cli",
        &[
            "ocl",
            "git",
            "store",
            "catalog",
            "values",
            "references",
            "merge",
            "plan",
            "migrate",
            "project",
            "compare",
            "contract",
            "check",
            "history",
            "query",
            "report",
            "verify",
            "export",
            "serve",
        ],
    ),
];

/// The only rooms that may name each of these crates.
const OWNERS: [(&str, &[&str]); 6] = [
    ("gix", &["git"]),
    ("hyper", &["serve"]),
    ("mysql", &["store"]),
    ("postgres", &["store"]),
    ("rusqlite", &["store", "query"]),
    ("tokio", &["serve"]),
];

/// The only file that may be `unsafe`.
const UNSAFE: &str = "query/virtual_table.rs";

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn room_of(path: &Path) -> String {
    let below = path.strip_prefix(source_folder()).unwrap();
    let first = below
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Every room that a file names by `crate::room`.
fn rooms_named(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut named = BTreeSet::new();
    for line in code {
        for (at, _) in line.match_indices("crate::") {
            // Not the end of another path, as in `ocl_migrate::` or `pub(crate)`.
            let rest = &line[at + "crate::".len()..];
            let length = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(rest.len());
            named.insert(rest[..length].to_owned());
        }
    }
    named
}

#[test]
fn no_room_uses_one_above_it() {
    let mut wrong = Vec::new();
    for path in sources(&source_folder()) {
        let room = room_of(&path);
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        for named in rooms_named(&fs::read_to_string(&path).unwrap()) {
            let is_room = ROOMS.iter().any(|(name, _)| *name == named);
            if is_room && named != room && named != "text" && !allowed.contains(&&*named) {
                wrong.push(format!("{}: `{room}` uses `{named}`", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "arrows must point down:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn every_room_is_on_the_map() {
    let known: BTreeSet<&str> = ROOMS
        .iter()
        .map(|(name, _)| *name)
        .chain(["lib", "main"])
        .collect();
    let map =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md"))
            .unwrap();
    for path in sources(&source_folder()) {
        let room = room_of(&path);
        assert!(
            known.contains(&*room),
            "the room `{room}` has no entry in this test"
        );
        assert!(
            room == "lib" || map.contains(&format!("src/{room}")),
            "docs/architecture.md does not mention src/{room}"
        );
    }
}

#[test]
fn git_and_sqlite_are_used_where_the_map_says() {
    for path in sources(&source_folder()) {
        let room = room_of(&path);
        let text = fs::read_to_string(&path).unwrap();
        for (library, owners) in OWNERS {
            let used = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(&format!("{library}::")));
            assert!(
                !used || owners.contains(&&*room),
                "{}: only {owners:?} may use {library}",
                path.display()
            );
        }
    }
}

/// The compiler refuses `unsafe` where no file allows it.
#[test]
fn one_file_is_unsafe() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"deny\""));
    let allowing: Vec<PathBuf> = sources(&source_folder())
        .into_iter()
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.contains(concat!("unsafe", "_code"))
        })
        .collect();
    assert_eq!(allowing, [source_folder().join(UNSAFE)]);
    let text = fs::read_to_string(source_folder().join(UNSAFE)).unwrap();
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    let is_unsafe = |line: &str| line.starts_with("unsafe ") || line.contains("unsafe {");
    for place in (0..lines.len()).filter(|place| is_unsafe(lines[*place])) {
        let before = lines[..place].iter().rev();
        let comment: Vec<&&str> = before.take_while(|line| line.starts_with("//")).collect();
        let says = comment
            .last()
            .is_some_and(|first| first.starts_with("// SAFETY:"));
        assert!(says, "line {} of {UNSAFE} says no reason", place + 1);
    }
}

/// Invariant 8: the library never prints, asks, reads the environment or exits. The room `cli` is the one exception.
#[test]
fn invariant_8_the_library_keeps_to_itself() {
    let forbidden = [
        "println!",
        "eprintln!",
        "print!(",
        "dbg!",
        "std::env::var",
        "env::args",
        "process::exit",
        "stdin()",
    ];
    for path in sources(&source_folder()) {
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        if is_test || ["cli", "main"].contains(&&*room_of(&path)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let code = !line.trim_start().starts_with("//");
            for word in forbidden {
                assert!(
                    !(code && line.contains(word)),
                    "{}:{}: {word}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
}
