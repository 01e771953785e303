//! SQL that wants more than reading.

use std::time::{Duration, Instant};

use ocl_migrate::project::Project;
use ocl_migrate::query::{Query, QueryError, QueryOptions};

use super::{lines, rows, try_rows};
use crate::support::{Sandbox, everything_in};

fn sandbox() -> (Sandbox, Project) {
    let repo = Sandbox::new("history");
    let project = Project::open(repo.path()).unwrap();
    (repo, project)
}

/// With limits, but so much time that no machine is too busy for it.
fn limited(project: &Project) -> Query {
    within(project, Duration::from_secs(60))
}

fn within(project: &Project, time: Duration) -> Query {
    let options = QueryOptions {
        timeout: Some(time),
        max_rows: Some(1_000),
        ..QueryOptions::default()
    };
    project.query(options).unwrap()
}

#[test]
fn a_query_can_do_nothing_but_read() {
    let (repo, project) = sandbox();
    let query = limited(&project);
    let before = everything_in(repo.path());
    let file = repo.path().join("x.db").display().to_string();
    for sql in [
        format!("ATTACH '{file}' AS x"),
        format!("VACUUM INTO '{file}'"),
        "VACUUM".into(),
        "PRAGMA writable_schema = ON".into(),
        "PRAGMA temp_store_directory = '/tmp'".into(),
        "PRAGMA hard_heap_limit = 0".into(),
        "SELECT * FROM pragma_database_list".into(),
        "SELECT load_extension('x')".into(),
        "SELECT fts3_tokenizer('simple')".into(),
        "SELECT * FROM sqlite_master".into(),
        "SELECT * FROM sqlite_schema".into(),
        "SELECT * FROM dbstat".into(),
        "SELECT count(*) FROM dbstat".into(),
        "SELECT count(*) FROM sqlite_master".into(),
        "CREATE TABLE x(a)".into(),
        "CREATE TEMP TABLE x(a)".into(),
        "CREATE TEMP VIEW x AS SELECT 1".into(),
        "CREATE VIRTUAL TABLE x USING fts5(a)".into(),
        "CREATE VIRTUAL TABLE x USING leaves".into(),
        "INSERT INTO leaves(value) VALUES ('x')".into(),
        "DELETE FROM leaves".into(),
        "UPDATE leaves SET value = 'x'".into(),
        "DROP TABLE leaves".into(),
        "BEGIN".into(),
        "SAVEPOINT x".into(),
        "DETACH main".into(),
        "REINDEX".into(),
        "ANALYZE".into(),
    ] {
        let done = try_rows(&query, &sql);
        assert!(
            matches!(
                done,
                Err(QueryError::Refused { .. } | QueryError::Sql { .. })
            ),
            "{sql}: {done:?}"
        );
    }
    assert_eq!(everything_in(repo.path()), before, "nothing is on disk");
    for sql in [
        "",
        ";",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "SELECT ?",
        "SELECT :a",
        "SELECT 1 \0",
    ] {
        let done = try_rows(&query, sql);
        assert!(
            matches!(done, Err(QueryError::Sql { .. })),
            "{sql}: {done:?}"
        );
    }
    assert_eq!(lines(&query, "SELECT 1;"), ["1"], "and it still works");
}

#[test]
fn a_query_ends_when_its_time_is_over() {
    let (_repo, project) = sandbox();
    let query = within(&project, Duration::from_millis(300));
    for sql in [
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM leaves a, leaves b, leaves c, leaves d, leaves e, leaves f, leaves g, leaves h, leaves i",
    ] {
        let begin = Instant::now();
        let done = try_rows(&query, sql);
        assert!(
            matches!(done, Err(QueryError::TimedOut { .. })),
            "{sql}: {done:?}"
        );
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
    let mut next = (0..20).map(|_| try_rows(&query, "SELECT 1"));
    // A busy machine may take longer for one of them.
    assert!(next.any(|done| done.is_ok()), "the next has its own");
}

#[test]
fn too_much_is_refused() {
    let (_repo, project) = sandbox();
    let query = limited(&project);
    for sql in [
        "SELECT zeroblob(1000000000)",
        "SELECT hex(zeroblob(60000000))",
        "SELECT length(randomblob(2000000000))",
        "SELECT printf('%.*c', 1000000000, 'x')",
        "SELECT replace(hex(zeroblob(1000000)), '0', hex(zeroblob(1000)))",
    ] {
        let done = try_rows(&query, sql);
        assert!(
            matches!(done, Err(QueryError::TooLarge { .. })),
            "{sql}: {done:?}"
        );
    }
    let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    let long = format!("SELECT '{}'", "x".repeat(2 << 20));
    let wide = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(5_000));
    let pattern = format!("SELECT 'a' LIKE '{}'", "%a".repeat(2_000));
    for sql in [deep, long, wide, pattern] {
        let done = try_rows(&query, &sql);
        assert!(
            matches!(
                done,
                Err(QueryError::Sql { .. } | QueryError::TooLarge { .. })
            ),
            "{done:?}"
        );
    }
    let many = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r";
    let mut given = 0;
    let done = query.prepare(many).unwrap().run(|_| {
        given += 1;
        Ok::<(), QueryError>(())
    });
    assert!(
        matches!(done, Err(QueryError::TooManyRows { most: 1_000 })),
        "{done:?}"
    );
    assert_eq!(given, 1_000, "the first ones are given out");
}

#[test]
fn what_is_wrong_is_shown_with_what_there_is() {
    let (_repo, project) = sandbox();
    let query = limited(&project);
    let told = |sql: &str| {
        let error = try_rows(&query, sql).unwrap_err();
        format!("{error}\n{}", error.hint().unwrap_or("no hint"))
    };
    let message = told("SELECT adress FROM leaves");
    assert!(
        message.starts_with(
            "no such column: adress\n --> SQL:1:8\n  |\n1 | SELECT adress FROM leaves\n  |        ^^^^^^\n"
        ),
        "{message}"
    );
    assert!(message.contains("did you mean `address`?"), "{message}");
    let message = told("SELECT * FROM leavs");
    assert!(
        message.contains("did you mean `leaves`? The tables are"),
        "{message}"
    );
    assert!(told("SELECT commit FROM refs").contains("write \"commit\""));
    assert!(told("SELECT * FROM values").contains("in `leaves`"));
    // A name that isn't there is no text.
    assert!(told("SELECT * FROM leaves WHERE ref = \"main\"").contains("no such column"));
    assert!(told("PRAGMA table_info(leaves)").contains("`PRAGMA table_info` is refused"));
}

#[test]
fn names_with_odd_characters_are_texts_like_others() {
    let (_repo, project) = sandbox();
    let query = limited(&project);
    for text in ["a'||char(0)||'b", "%", "*", "[", "'';--", "\u{202e}"] {
        for comparison in ["=", "LIKE", "GLOB"] {
            let sql = format!("SELECT * FROM leaves WHERE document {comparison} ('{text}') AND 0");
            assert!(rows(&query, &sql).is_empty(), "{sql}");
        }
    }
    for odd in ["CAST(x'ff00' AS TEXT)", "x'ff'", "5", "1.5", "NULL"] {
        for comparison in ["=", "LIKE", "GLOB", "IS"] {
            let sql = format!("SELECT * FROM leaves WHERE ref {comparison} {odd}");
            assert!(rows(&query, &sql).is_empty(), "{sql}");
        }
        let sql = format!("SELECT * FROM leaves WHERE ref IN ({odd}, 'nothing')");
        assert!(rows(&query, &sql).is_empty(), "{sql}");
    }
    assert!(rows(&query, "SELECT * FROM leaves('a' || char(0) || 'b')").is_empty());
    assert_eq!(query.problems().len(), 1);
}
