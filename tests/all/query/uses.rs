//! `uses`: what refers to what.

use std::collections::HashMap;

use ocl_migrate::compare::{UseQuestion, UseRole};
use ocl_migrate::git::{RefScope, Repository};
use ocl_migrate::project::{LoadOptions, Project};
use ocl_migrate::query::{QueriedRefs, QueryError, QueryOptions};

use super::corpus::mirror;
use super::{lines, rows, try_rows};
use crate::support::{Sandbox, catalog};

/// The rows are the places that a search finds.
fn agrees(project: &Project) -> usize {
    let options = QueryOptions {
        refs: QueriedRefs::Scope(RefScope::Branches),
        timeout: None,
        ..QueryOptions::default()
    };
    let query = project.query(options).unwrap();
    let mut found = rows(
        &query,
        "SELECT full_name, u.base_path, document, address, line, kind, u.name, role, certainty \
         FROM refs AS r JOIN uses(r.full_name) AS u ON u.base_path = r.base_path WHERE r.version > 0",
    );
    let listed = rows(&query, "SELECT count(*) FROM uses");
    assert_eq!(listed[0][0], found.len().to_string());
    let search = project.uses(UseQuestion::Everything, None, LoadOptions::default());
    let mut search = search.unwrap();
    search.add_scope(RefScope::Branches).unwrap();
    let uses = search.run();
    let mut wanted = Vec::new();
    // A loop goes through several things: one place, which the search tells of each.
    let mut keys = HashMap::new();
    for place in &uses.places {
        let (role, certainty) = match place.role {
            UseRole::Definition => ("definition", "NULL"),
            UseRole::Use(certainty) => ("use", certainty.name()),
        };
        for (reference, line) in &place.found {
            let of_place = (&place.base_path, &place.document, &place.address);
            let of_place = (reference, of_place, &place.kind, &place.name, place.role);
            if *keys.entry(of_place).or_insert(&place.key) != &place.key {
                continue;
            }
            wanted.push(vec![
                uses.refs[*reference].name.clone(),
                place.base_path.clone(),
                place.document.to_string(),
                place.address.clone(),
                line.to_string(),
                place.kind.clone(),
                place.name.clone(),
                role.to_owned(),
                certainty.to_owned(),
            ]);
        }
    }
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    found.len()
}

#[test]
fn the_rows_are_the_places_that_a_search_finds() {
    let repo = Sandbox::new("uses");
    assert!(agrees(&Project::open(repo.path()).unwrap()) > 20);
    for (name, least) in [("cli", 1_000), ("worker-tools", 100)] {
        let Some((_folder, project)) = mirror(name) else {
            return;
        };
        let found = agrees(&project);
        assert!(found > least, "{name}: {found}");
    }
}

#[test]
fn a_name_and_a_kind_are_told_to_the_table() {
    let repo = Sandbox::new("uses");
    let project = Project::open(repo.path()).unwrap();
    let query = super::query(&project);
    let sql = "SELECT document, line, role, certainty FROM uses('main') WHERE kind = 'variable' AND name LIKE 'service.url'";
    insta::assert_snapshot!(lines(&query, sql).join("\n"));
    let plan = query.explain(sql).unwrap();
    assert_eq!(
        plan[0].text,
        "SCAN uses, told: revision =, kind =, name LIKE"
    );
}

#[test]
fn a_catalog_that_declares_no_references_is_an_error() {
    let repo = Sandbox::new("history");
    let repository = Repository::discover(repo.path()).unwrap();
    let project = Project::builder(repository, catalog("fizz: 3 import"));
    let project = project.build().unwrap();
    let query = super::query(&project);
    let error = try_rows(&query, "SELECT * FROM uses").unwrap_err();
    assert!(matches!(error, QueryError::NoThings), "{error}");
}
