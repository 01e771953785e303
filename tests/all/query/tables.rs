//! What the tables hold.

use ocl_migrate::git::RefPattern;
use ocl_migrate::project::Project;
use ocl_migrate::query::{QueriedRefs, QueryError, QueryOptions};

use super::{lines, query, rows, try_rows};
use crate::support::Sandbox;

fn history() -> (Sandbox, Project) {
    let repo = Sandbox::new("history");
    let project = Project::open(repo.path()).unwrap();
    (repo, project)
}

#[test]
fn refs_have_short_names_unless_two_would_have_one() {
    let (repo, project) = history();
    repo.shell("git tag v1; git tag main; git branch refs/heads/odd 2> /dev/null || true");
    let query = query(&project);
    let found = lines(
        &query,
        "SELECT name, full_name, version, pending, documents FROM refs ORDER BY full_name",
    );
    assert_eq!(
        found[0],
        "feature/timeout | refs/heads/feature/timeout | 8 | 4 | 2"
    );
    assert!(found.contains(&"refs/heads/main | refs/heads/main | 14 | 0 | 2".into()));
    assert!(found.contains(&"refs/tags/main | refs/tags/main | 14 | 0 | 2".into()));
    assert!(found.contains(&"v1 | refs/tags/v1 | 14 | 0 | 2".into()));
    // What a row calls a ref finds it again.
    let again = rows(
        &query,
        "SELECT r.name, l.ref, count(*) FROM refs r JOIN leaves(r.name) l GROUP BY 1, 2",
    );
    assert_eq!(again.len(), found.len());
    assert!(again.iter().all(|row| row[0] == row[1]), "{again:?}");
    assert!(query.problems().is_empty());
}

#[test]
fn values_are_those_that_show_and_diff_know() {
    let (_repo, project) = history();
    let query = query(&project);
    let sql = "SELECT ref, document, kind, slug, address, value, type, origin, base_path, path FROM leaves \
               WHERE ref = 'main' AND document LIKE 'run%' ORDER BY address";
    let found = lines(&query, sql);
    assert_eq!(
        found[0],
        "main | runbook/backup | runbook | backup | name | Back up | string | own | .octopus | .octopus/runbooks/backup.ocl"
    );
    let loaded = project.load_migrated("main").unwrap();
    for document in loaded.values() {
        let document = document.unwrap();
        for leaf in document.values().leaves() {
            let sql = "SELECT address, value FROM leaves WHERE ref = 'main' AND document = ";
            let (name, address) = (document.name(), leaf.element().to_string());
            let quoted = address.replace('\'', "''");
            let sql = format!("{sql}'{name}' AND address = '{quoted}'");
            let value = leaf.value();
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(rows(&query, &sql), [[address, value]]);
        }
    }
}

#[test]
fn an_environment_is_a_column_and_an_argument() {
    let (_repo, project) = history();
    let options = QueryOptions {
        environments: vec![
            ("production".into(), "feature/timeout".into()),
            ("old".into(), "main~2".into()),
            ("gone".into(), "release/9".into()),
        ],
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    let all = "SELECT name, environment, version FROM refs ORDER BY name";
    assert_eq!(
        lines(&query, all),
        [
            "feature/timeout | production | 8",
            "main | NULL | 14",
            "main~2 | old | 10",
            "release/9 | gone | NULL"
        ]
    );
    let value = "value FROM leaves WHERE address LIKE 'variable[\"Timeout\"]%' AND environment";
    assert_eq!(
        lines(
            &query,
            &format!("SELECT ref, {value} IN ('production', 'x')")
        ),
        ["feature/timeout | 20"]
    );
    let argument = "SELECT ref, environment, value FROM leaves('production') WHERE value = '20'";
    assert_eq!(
        lines(&query, argument),
        ["feature/timeout | production | 20"]
    );
    let problems = query.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].refs, ["release/9"]);
    let chosen = QueryOptions {
        refs: QueriedRefs::Chosen {
            patterns: vec![RefPattern::new("feature/*")],
            revisions: vec!["main~1".into(), "main".into()],
        },
        ..QueryOptions::default()
    };
    let chosen = project.query(chosen).unwrap();
    let names = lines(&chosen, "SELECT name FROM refs");
    assert_eq!(names, ["feature/timeout", "main~1", "main"]);
}

#[test]
fn what_cannot_be_read_is_a_row_with_an_error_and_a_problem() {
    let (repo, project) = history();
    repo.shell(
        "git switch -q -c bad main && printf 'a = \"b\\n' > .octopus/variables.ocl && git commit -q -a -m bad
        git switch -q -c worse main && printf 'version = x' > .octopus/schema_version.ocl && git commit -q -a -m worse
        git switch -q main",
    );
    let query = query(&project);
    let documents = "SELECT ref, document, outcome, error IS NULL FROM documents WHERE ref = 'bad' ORDER BY document";
    assert_eq!(
        lines(&query, documents),
        [
            "bad | runbook/backup | unchanged | 1",
            "bad | variables | failed | 0"
        ]
    );
    let problems = query.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].document.as_deref(), Some("variables"));
    assert!(
        problems[0].message.contains(".octopus/variables.ocl"),
        "{problems:?}"
    );
    let refs = "SELECT name, version, error IS NULL FROM refs WHERE name IN ('bad', 'worse') ORDER BY name";
    assert_eq!(lines(&query, refs), ["bad | 14 | 1", "worse | NULL | 0"]);
    let values = "SELECT ref, count(*) FROM leaves GROUP BY ref ORDER BY ref";
    let values = lines(&query, values);
    assert_eq!(
        values.len(),
        3,
        "the others go on, and the runbook of `bad`: {values:?}"
    );
    let told: Vec<String> = query
        .problems()
        .iter()
        .map(|problem| problem.refs.join(" "))
        .collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&"bad".to_owned()) && told.contains(&"worse".to_owned()));
    // A revision that isn't there is one too.
    assert!(lines(&query, "SELECT * FROM leaves('nowhere')").is_empty());
    assert_eq!(query.problems()[0].refs, ["nowhere"]);
}

#[test]
fn commits_and_changes_see_through_migrations() {
    let (_repo, project) = history();
    let query = query(&project);
    let commits = "SELECT subject, author, time FROM commits('main') ORDER BY time LIMIT 2";
    assert_eq!(
        lines(&query, commits),
        [
            "Begin | Ann | 2023-11-15 22:13:20",
            "Try more often | Bob | 2023-11-16 22:13:20"
        ]
    );
    let changes = "SELECT change, old, new, cause, author, subject FROM changes \
                   WHERE document = 'variables' AND address = 'variable[\"Retries\"].value{}' ORDER BY time";
    assert_eq!(
        lines(&query, changes),
        [
            "added | NULL | 5 | edit | Ann | Begin",
            "changed | 5 | 7 | edit | Bob | Try more often"
        ]
    );
    // With a selector, as `log` does.
    let last = "SELECT author, new FROM changes('main', 'variable[\"Timeout\"]') WHERE document = 'variables' \
                ORDER BY time DESC LIMIT 1";
    assert_eq!(lines(&query, last), ["Carol | 20"]);
    let of_head = lines(
        &query,
        "SELECT count(*), count(DISTINCT \"commit\") FROM changes",
    );
    assert_eq!(
        of_head,
        lines(
            &query,
            "SELECT count(*), count(DISTINCT \"commit\") FROM changes('main')"
        )
    );
    let on_a_day = "SELECT value FROM leaves((SELECT \"commit\" FROM commits('main') WHERE date(time) <= '2023-11-15' \
                    ORDER BY time DESC LIMIT 1)) WHERE address = 'variable[\"Retries\"].value{}'";
    assert_eq!(lines(&query, on_a_day), ["5"]);
    assert!(lines(&query, "SELECT * FROM changes(NULL)").is_empty());
    let wrong = try_rows(&query, "SELECT * FROM changes('main', 'variable[')");
    assert!(matches!(wrong, Err(QueryError::Selector(_))));
}

#[test]
fn another_version_can_be_asked_for() {
    let (_repo, project) = history();
    let options = QueryOptions {
        target: Some(8),
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    let found = lines(
        &query,
        "SELECT DISTINCT ref FROM leaves WHERE address LIKE 'run_retention_policy.quantity%'",
    );
    assert!(found.contains(&"feature/timeout".to_owned()), "{found:?}");
}
