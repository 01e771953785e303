//! `query`, as it prints.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Sandbox, isolated};

/// What is printed on stdout.
fn out(repo: &Sandbox, arguments: &[&str]) -> String {
    String::from_utf8(repo.command(arguments).stdout).unwrap()
}

/// What is printed on stderr, and the exit code.
fn fails(repo: &Sandbox, arguments: &[&str]) -> (String, i32) {
    let done = repo.command(arguments);
    let code = done.status.code().unwrap();
    (String::from_utf8(done.stderr).unwrap(), code)
}

const TIMEOUT: &str = "SELECT ref, value FROM leaves WHERE address = 'variable[\"Timeout\"].value{environment=production}'";

#[test]
fn a_table_lines_of_json_or_values_with_commas() {
    let repo = Sandbox::new("history");
    assert_eq!(
        out(&repo, &["query", TIMEOUT]).lines().collect::<Vec<_>>(),
        [
            "ref              value",
            "feature/timeout  20",
            "main             20"
        ]
    );
    let json = [
        "--format",
        "json",
        "query",
        "SELECT 1 AS a, NULL AS b, 'x' AS a, 1.5, x'ff' AS c",
    ];
    let json = out(&repo, &json);
    assert_eq!(
        json.trim_end(),
        r#"{"format_version":1,"row":{"a":1,"b":null,"a_2":"x","1.5":1.5,"c":"ff"}}"#
    );
    let csv = [
        "query",
        "--csv",
        "SELECT 'a,b' AS \"x y\", NULL AS n, 'say \"hi\"' AS q",
    ];
    assert_eq!(
        out(&repo, &csv).trim_end(),
        "x y,n,q\n\"a,b\",,\"say \"\"hi\"\"\""
    );
    let none = out(&repo, &["query", "SELECT ref FROM leaves WHERE 0", "--csv"]);
    assert_eq!(none.trim_end(), "ref");
}

#[test]
fn sql_comes_from_standard_input_too() {
    let repo = Sandbox::new("history");
    let mut child = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repo.path())
        .args(["query", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input
        .write_all(b"SELECT 1 + 1 AS two -- a comment")
        .unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "two\n2\n");
}

#[test]
fn errors_say_what_and_where_and_what_there_is() {
    let repo = Sandbox::new("history");
    let (wrong, code) = fails(&repo, &["query", "SELECT adress\nFROM leaves"]);
    assert!(
        wrong.starts_with("error: no such column: adress\n --> SQL:1:8\n  |\n1 | SELECT adress\n  |        ^^^^^^\nhint: did you mean `address`?"),
        "{wrong}"
    );
    assert_eq!(code, 1);
    for sql in [
        "ATTACH 'x' AS y",
        "DELETE FROM refs",
        "UPDATE leaves SET value = 1",
    ] {
        let (refused, _) = fails(&repo, &["--format", "json", "query", sql]);
        assert!(refused.contains(r#""code":"sql-refused""#), "{refused}");
    }
    let many = ["query", "SELECT address FROM leaves", "--max-rows", "2"];
    assert_eq!(out(&repo, &many).lines().count(), 3);
    let (many, code) = fails(&repo, &many);
    assert_eq!(code, 1);
    assert!(
        many.contains("error: the query has more than 2 rows"),
        "{many}"
    );
    let endless =
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r";
    let (late, _) = fails(
        &repo,
        &["--format", "json", "query", endless, "--timeout", "1"],
    );
    assert!(late.contains(r#""code":"query-timed-out""#), "{late}");
}

#[test]
fn memory_is_bounded() {
    let repo = Sandbox::new("history");
    let large = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 60) \
                 SELECT count(*) FROM (SELECT randomblob(1000000) AS b FROM r ORDER BY b)";
    let (done, _) = fails(
        &repo,
        &["--format", "json", "query", large, "--memory", "32"],
    );
    assert!(done.contains(r#""code":"query-out-of-memory""#), "{done}");
    let done = out(&repo, &["query", large, "--memory", "512"]);
    assert!(done.ends_with("\n60\n"), "{done}");
}

#[test]
fn tables_and_plans_are_told() {
    let repo = Sandbox::new("history");
    insta::assert_snapshot!(repo.run_plain(&["query", "--tables"]));
    let plan = out(&repo, &["query", TIMEOUT, "--explain"]);
    assert_eq!(plan.trim_end(), "SCAN leaves, told: address =");
    let json = out(&repo, &["--format", "json", "query", TIMEOUT, "--explain"]);
    assert_eq!(
        json.trim_end(),
        r#"{"format_version":1,"depth":0,"plan":"SCAN leaves, told: address ="}"#
    );
}

#[test]
fn what_cannot_be_read_is_told_and_the_others_go_on() {
    let repo = Sandbox::new("history");
    repo.shell(
        "git switch -q -c bad main && printf 'a = \"b\\n' > .octopus/variables.ocl && git commit -q -a -m bad && git switch -q main",
    );
    let text = out(&repo, &["query", TIMEOUT]);
    assert!(text.contains("main             20"), "{text}");
    let (text, code) = fails(&repo, &["query", TIMEOUT]);
    assert!(text.contains("error: bad: "), "{text}");
    assert_eq!(code, 1);
    let json = out(&repo, &["--format", "json", "query", TIMEOUT]);
    assert!(
        json.contains(r#"{"format_version":1,"refs":["bad"],"document":"variables","error":""#),
        "{json}"
    );
}
