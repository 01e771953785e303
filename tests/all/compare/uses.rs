//! Searching for one thing finds what looking at everything finds of it.

use ocl_migrate::compare::{UsePlace, UseQuestion, UseRole, Uses};
use ocl_migrate::git::RefPattern;
use ocl_migrate::project::{LoadOptions, Project};

use super::corpus::projects;
use crate::support::Sandbox;

fn ask(project: &Project, question: UseQuestion, kind: Option<&str>, refs: &[&str]) -> Uses {
    let mut search = project
        .uses(question, kind, LoadOptions::default())
        .unwrap();
    let patterns: Vec<RefPattern> = refs.iter().map(|text| RefPattern::new(*text)).collect();
    search.add_matching(&patterns).unwrap();
    search.run()
}

/// Every name that stands at a place, and the same in another case.
fn compare_each(project: &Project, refs: &[&str], most: usize) -> usize {
    let everything = ask(project, UseQuestion::Everything, None, refs);
    let shown = |place: &UsePlace| {
        let UsePlace {
            name,
            role,
            document,
            address,
            found,
            ..
        } = place;
        format!("{name} {role:?} {document} {address} {found:?}")
    };
    let mut things: Vec<(&str, &str)> = everything
        .places
        .iter()
        .filter(|place| {
            !matches!(
                place.role,
                UseRole::Use(ocl_migrate::references::Certainty::Dynamic)
            )
        })
        .map(|place| (&*place.kind, &*place.key))
        .collect();
    things.dedup();
    let step = things.len().div_ceil(most).max(1);
    let mut compared = 0;
    for (kind, key) in things.into_iter().step_by(step) {
        let of_thing = everything.places.iter();
        let of_thing = of_thing.filter(|place| (&*place.kind, &*place.key) == (kind, key));
        let expected: Vec<String> = of_thing.map(shown).collect();
        let found = ask(
            project,
            UseQuestion::Thing(key.to_owned()),
            Some(kind),
            refs,
        );
        let found: Vec<String> = found.places.iter().map(shown).collect();
        assert_eq!(found, expected, "{kind} {key}");
        compared += 1;
    }
    compared
}

#[test]
fn one_thing_of_real_repositories() {
    for (_folder, project) in projects() {
        let compared = compare_each(&project, &["refs/heads/m*"], 25);
        assert!(compared > 5, "{compared}");
    }
}

/// A runbook that is looked for by its slug is referred to by its name, in a text that doesn't have the slug.
#[test]
fn one_thing_of_a_small_one() {
    let repo = Sandbox::new("uses");
    let project = Project::open(repo.path()).unwrap();
    assert!(compare_each(&project, &["refs/heads/main"], 100) > 8);
}
