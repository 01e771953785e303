//! `effective`: values with their defaults, and where each comes from.

use std::fs;

use ocl_migrate::git::RefScope;
use ocl_migrate::project::Project;
use ocl_migrate::query::{QueriedRefs, QueryError, QueryOptions};

use super::corpus::mirror;
use super::{rows, try_rows};
use crate::compare::defaults::{ordered, shop};
use crate::support::Sandbox;

fn query(repo: &Sandbox, sql: &str, options: &[&str]) -> String {
    repo.run_plain(&[&["--catalog", "catalog", "query", sql], options].concat())
}

#[test]
fn a_value_is_its_own_or_the_default() {
    let repo = shop();
    let sql = "SELECT ref, document, address, value, type, origin, default_value FROM effective \
               WHERE kind = 'service' ORDER BY 1, 2, 3";
    insta::assert_snapshot!(query(&repo, sql, &[]));
    // With a ref of everybody's defaults, a ref has the documents of that too.
    insta::assert_snapshot!(query(&repo, sql, &["--defaults", "production"]));
    let setting = "defaults = \"production\"\n";
    fs::write(repo.path().join(".ocl-migrate.hcl"), setting).unwrap();
    let by_setting = query(&repo, sql, &[]);
    assert_eq!(by_setting, query(&repo, sql, &["--defaults", "production"]));
    let document = query(
        &repo,
        "SELECT ref, address, origin, path FROM effective('staging') WHERE document = 'service/api'",
        &[],
    );
    insta::assert_snapshot!(document);
}

/// What is said of a value is what `export --effective` says of it, and what `compare --overrides` says.
#[test]
fn the_first_that_says_something_counts() {
    let repo = ordered();
    let sql = "SELECT document, address, value, type, origin FROM effective('feature') WHERE kind = 'service'";
    let options = ["--csv", "--defaults", "main"];
    let table = query(&repo, sql, &options);
    let export = ["--catalog", "catalog", "export", "feature", "--as", "csv"];
    let effective = ["--effective", "--defaults", "main", "service/web"];
    assert_eq!(table, repo.run_plain(&[&export[..], &effective].concat()));
    let overrides = "SELECT address, value, default_value FROM effective('feature') \
                     WHERE kind = 'service' AND origin = 'own' AND value <> default_value";
    insta::assert_snapshot!(query(&repo, overrides, &["--defaults", "main"]));
}

#[test]
fn real_refs_have_the_values_that_loading_says() {
    let Some((_folder, project)) = mirror("cli") else {
        return;
    };
    let options = QueryOptions {
        refs: QueriedRefs::Scope(RefScope::Branches),
        defaults: Some("main".into()),
        timeout: None,
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    let defaults = project.load_migrated("main").unwrap();
    let names = rows(&query, "SELECT full_name FROM refs");
    let (mut own, mut filled) = (0, 0);
    for name in names.iter().step_by(7) {
        let loaded = project.load_migrated(&name[0]).unwrap();
        for document in loaded.effective_names(Some(&defaults)) {
            let effective = loaded.effective(&document, Some(&defaults)).unwrap();
            let effective = effective.unwrap();
            let default = defaults.values_of(document.as_str()).unwrap();
            let value_of = |address: &str| {
                let mut leaves = default.values().leaves();
                let leaf = leaves.find(|leaf| leaf.element().to_string() == address);
                leaf.map_or("NULL".to_owned(), |leaf| match leaf.value().as_str() {
                    Some(text) => text.to_owned(),
                    None => leaf.value().to_string(),
                })
            };
            let wanted = effective.values().leaves().map(|leaf| {
                let address = leaf.element().to_string();
                let value = leaf.value();
                let value = value.as_str().map_or(value.to_string(), str::to_owned);
                let default = value_of(&address);
                let origin = effective.origin(&leaf).word().to_owned();
                vec![address, value, origin, default]
            });
            let wanted: Vec<Vec<String>> = wanted.collect();
            let sql = format!(
                "SELECT address, value, origin, default_value FROM effective('{}') WHERE document = '{document}'",
                name[0]
            );
            assert_eq!(rows(&query, &sql), wanted, "{name:?} {document}");
            own += wanted.iter().filter(|row| row[2] == "own").count();
            filled += wanted.iter().filter(|row| row[2] == "default").count();
        }
    }
    assert!(own > 100 && filled > 10, "{own} {filled}");
}

#[test]
fn without_defaults_it_says_how_to_name_them() {
    let repo = Sandbox::new("history");
    let project = Project::open(repo.path()).unwrap();
    let query = project.query(QueryOptions::default()).unwrap();
    let error = try_rows(&query, "SELECT * FROM effective").unwrap_err();
    assert!(matches!(error, QueryError::NoDefaults), "{error}");
    let said = repo.run(&["query", "SELECT * FROM effective"]);
    assert!(said.contains("name a ref with --defaults REF"), "{said}");
    // A ref that isn't there is told before anything is read.
    let options = QueryOptions {
        defaults: Some("gone".into()),
        ..QueryOptions::default()
    };
    assert!(matches!(project.query(options), Err(QueryError::Load(_))));
}

/// Where the defaults can't be read, what the values are isn't guessed.
#[test]
fn defaults_that_cannot_be_read_are_a_problem_of_what_they_fill_in() {
    let repo = shop();
    repo.shell(
        "git checkout -q staging && printf 'a = \"b\\n' > config/service_defaults.ocl && git commit -qam bad && git checkout -q main",
    );
    let sql = "SELECT ref, document, address FROM effective WHERE kind = 'service' AND ref IN ('staging', 'main')";
    insta::assert_snapshot!(query(&repo, sql, &[]));
    insta::assert_snapshot!(query(&repo, sql, &["--defaults", "staging"]));
}
