//! The questions in SQL, on real repositories. `UPDATE_DOCS=1 cargo test --test all docs` writes their answers anew.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::support::{corpus, isolated, project, scratch};

/// What a query prints: both streams but for warnings, and the exit code if it isn't 0.
fn answer(repository: &Path, options: &[&str], sql: &str) -> String {
    let mut child = isolated(env!("CARGO_BIN_EXE_ocl-migrate"), repository)
        .args(["query", "-"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(sql.as_bytes()).unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{sql}\n{told}");
    assert!(
        told.lines().all(|line| line.starts_with("warning: ")),
        "{sql}\n{told}"
    );
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn the_questions_have_the_answers_that_the_page_shows() {
    let Some(corpus) = corpus() else {
        return;
    };
    let page = project().join("docs/how-to/query.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let mut mirrors: BTreeMap<String, TempDir> = BTreeMap::new();
    let (mut written, mut rest) = (String::new(), &*text);
    let mut questions = 0;
    while let Some((before, after)) = rest.split_once("<!-- query: ") {
        let (arguments, after) = after.split_once(" -->\n```sql\n").unwrap();
        let (sql, after) = after.split_once("```\n\n```text\n").unwrap();
        let (_, after) = after.split_once("```").unwrap();
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let mirror = mirrors.entry(words[0].to_owned()).or_insert_with(|| {
            let folder = scratch::folder();
            let bundle = corpus.join(format!("repositories/{}.bundle", words[0]));
            let cloned = isolated("git", folder.path())
                .args(["clone", "-q", "--mirror"])
                .args([&*bundle.canonicalize().unwrap(), Path::new(".")])
                .status()
                .unwrap();
            assert!(cloned.success());
            folder
        });
        let answer = answer(mirror.path(), &words[1..], sql);
        assert!(
            answer.lines().count() > usize::from(!words.contains(&"--explain")),
            "{sql}"
        );
        written.push_str(&format!(
            "{before}<!-- query: {arguments} -->\n```sql\n{sql}```\n\n```text\n{answer}```"
        ));
        rest = after;
        questions += 1;
    }
    assert!(questions >= 10);
    super::pages::pin(&page, &(written + rest));
}
