//! What a query reads.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use ocl_migrate::git::RefScope;
use ocl_migrate::project::Project;
use ocl_migrate::query::{QueriedRefs, QueryOptions};
use tempfile::TempDir;

use super::{lines, query};
use crate::support::scratch;

/// So many branches, which share all but one of so many distinct texts.
fn repository(branches: usize, texts: usize) -> TempDir {
    let folder = scratch::folder();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(folder.path());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    };
    let init = git(&["init", "-q", "--bare", "--initial-branch=main", "."])
        .status()
        .unwrap();
    assert!(init.success());
    let mut stream = String::new();
    let file = |path: &str, text: &str| {
        let length = text.len();
        format!("M 100644 inline {path}\ndata {length}\n{text}\n")
    };
    for branch in 0..branches {
        let number = branch % texts;
        let text = format!("variable \"Number\" {{\n    value \"{number}\" {{}}\n}}\n");
        let files = [
            file(".octopus/schema_version.ocl", "version = 14"),
            file(".octopus/variables.ocl", &text),
            file(".octopus/runbooks/same.ocl", "name = \"Same\"\n"),
        ];
        let _ = write!(
            stream,
            "commit refs/heads/b{branch}\ncommitter A <a@b> 1700000000 +0000\ndata 1\nx\n{}\n",
            files.concat()
        );
    }
    let mut import = git(&["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    import
        .stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(import.wait().unwrap().success());
    folder
}

#[test]
fn a_query_that_names_one_ref_reads_one_ref() {
    let folder = repository(200, 200);
    let read = |sql: &str| {
        let project = Project::open(folder.path()).unwrap();
        let query = query(&project);
        let found = lines(&query, sql);
        (found, project.cache_stats().objects_read)
    };
    let (found, objects) =
        read("SELECT value FROM leaves WHERE ref = 'b7' AND document = 'variables'");
    assert_eq!(found, ["7"]);
    assert!(objects < 20, "{objects}");
    let (found, objects) = read("SELECT value FROM leaves WHERE value = '7' LIMIT 1");
    assert_eq!(found, ["7"]);
    assert!(objects < 12 * 200, "{objects}");
    let (found, objects) = read("SELECT name FROM refs WHERE name IN ('b1', 'b2') ORDER BY 1");
    assert_eq!(found, ["b1", "b2"]);
    assert!(objects < 24, "{objects}");
    let (_, named) = read("SELECT count(*) FROM documents");
    let (_, all) = read("SELECT count(*) FROM leaves");
    assert!(
        named < all,
        "documents are not read for their names: {named}, {all}"
    );
}

#[test]
fn refs_that_share_documents_cost_their_distinct_documents() {
    let folder = repository(3_000, 4);
    let project = Project::open(folder.path()).unwrap();
    let query = query(&project);
    let found = lines(
        &query,
        "SELECT value, count(*) FROM leaves WHERE document = 'variables' GROUP BY value ORDER BY value",
    );
    assert_eq!(found, ["0 | 750", "1 | 750", "2 | 750", "3 | 750"]);
    let objects = project.cache_stats().objects_read;
    // Each commit once, for its tree.
    assert!(objects < 3_000 * 2 + 100, "{objects}");
}

/// What is filled in is filled in once for all refs that have it, and references are looked for once.
#[test]
fn defaults_and_references_cost_distinct_documents_too() {
    let folder = repository(3_000, 4);
    let project = Project::open(folder.path()).unwrap();
    let options = QueryOptions {
        defaults: Some("b1".into()),
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    let overrides = "SELECT value, default_value, count(*) FROM effective \
                     WHERE document = 'variables' GROUP BY value ORDER BY value";
    assert_eq!(
        lines(&query, overrides),
        ["0 | 1 | 750", "1 | 1 | 750", "2 | 1 | 750", "3 | 1 | 750"]
    );
    let defined = "SELECT name, count(*) FROM uses WHERE kind = 'variable' GROUP BY name";
    assert_eq!(lines(&query, defined), ["Number | 3000"]);
    let objects = project.cache_stats().objects_read;
    assert!(objects < 3_000 * 2 + 100, "{objects}");
}

/// Texts that are dropped from the cache are read again.
#[test]
fn a_small_cache_changes_nothing() {
    let folder = repository(40, 20);
    let project = Project::open(folder.path()).unwrap();
    let of = |cache_bytes| {
        let options = QueryOptions {
            cache_bytes,
            refs: QueriedRefs::Scope(RefScope::Branches),
            defaults: Some("b3".into()),
            ..QueryOptions::default()
        };
        let query = project.query(options).unwrap();
        let sql = "SELECT a.ref, b.ref, a.value FROM leaves a JOIN leaves b ON b.value = a.value ORDER BY 1, 2, 3";
        let mut found = lines(&query, sql);
        found.extend(lines(
            &query,
            "SELECT ref, address, value, default_value FROM effective ORDER BY 1, 2",
        ));
        found
    };
    let whole = of(256 << 20);
    assert!(whole.len() > 40);
    assert_eq!(of(0), whole);
    assert_eq!(of(20_000), whole);
}
