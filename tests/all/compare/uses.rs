//! Searching for one thing finds what looking at everything finds of it.

use ocl_migrate::compare::{LeftOut, UsePlace, UseQuestion, UseRole, Uses};
use ocl_migrate::git::{RefPattern, RefScope};
use ocl_migrate::project::{LoadOptions, Project};
use ocl_migrate::references::Certainty;

use super::corpus::projects;
use crate::support::Sandbox;
use crate::values::corpus::documents;

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
        .filter(|place| !matches!(place.role, UseRole::Use(Certainty::Dynamic)))
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

/// What documents of the corpus' repository at `main` say of these names.
fn worker_tools() -> Option<(tempfile::TempDir, Project)> {
    let mut all = projects().into_iter();
    all.find(|(_, project)| {
        let uses = ask(project, UseQuestion::Everything, None, &["refs/heads/main"]);
        let mut places = uses.places.iter();
        places.any(|place| place.name == "Docker.Manifest.ImageArgs")
    })
}

/// `#{each image in Docker.Manifest.Image}` goes through five variables, `Docker.Manifest.Image[ubuntu2204]` and others.
#[test]
fn a_loop_uses_every_item_in_a_real_document() {
    let Some((_folder, project)) = worker_tools() else {
        return;
    };
    let refs = &["refs/heads/main"][..];
    let is_item = |place: &&UsePlace| place.name.starts_with("Docker.Manifest.Image");
    let unused = ask(&project, UseQuestion::Unused, None, refs);
    let unused: Vec<&str> = unused
        .places
        .iter()
        .filter(is_item)
        .map(|it| &*it.name)
        .collect();
    // A step template uses it, which no document shows.
    assert_eq!(unused, ["Docker.Manifest.ImageArgs"]);
    let undefined = ask(&project, UseQuestion::Undefined, None, refs);
    assert_eq!(undefined.places.iter().find(is_item), None);

    let loops = |name: &str| -> Vec<String> {
        let question = UseQuestion::Thing(name.to_owned());
        let uses = ask(&project, question, Some("variable"), refs);
        let places = uses.places.iter();
        let uses = places.filter(|place| place.role != UseRole::Definition);
        uses.map(|it| format!("{} {}", it.name, it.address))
            .collect()
    };
    let address = "variable[\"Docker.Manifest.ImageArgs\"].value{action=";
    let looped = format!("Docker.Manifest.Image {address}build-multi-platform-manifest}}");
    let by_index = format!(
        "Docker.Manifest.Image[ubuntu2404amd64] {address}build-multi-platform-manifest-ubuntu-24-04}}"
    );
    assert_eq!(
        loops("docker.manifest.image[Ubuntu2404amd64]"),
        [looped.clone(), by_index]
    );
    // No variable is called as the template calls them all.
    for name in [
        "Docker.Manifest.Image[windows2022]",
        "Docker.Manifest.Image",
    ] {
        assert_eq!(loops(name), [&*looped], "{name}");
    }

    let everything = ask(&project, UseQuestion::Everything, Some("variable"), refs);
    let places = everything.places.iter();
    let looped = places.filter(|place| place.name == "Docker.Manifest.Image");
    let things: Vec<&str> = looped.map(|place| &*place.thing).collect();
    assert_eq!(things.len(), 5);
    for thing in things {
        assert!(thing.starts_with("Docker.Manifest.Image["), "{thing}");
    }
}

/// What no document defines there are variables of library sets, and what none refers to is used by step templates and by files.
#[test]
fn nothing_in_real_repositories_is_reported_that_is_right() {
    let (mut refs, mut left_out) = (0, LeftOut::default());
    for (_folder, project) in projects() {
        let mut check = project.check(LoadOptions::default()).unwrap();
        check.add_scope(RefScope::All).unwrap();
        let checked = check.run();
        let told: Vec<&str> = checked.findings.iter().map(|it| &*it.shown).collect();
        assert_eq!(told, [""; 0]);
        refs += checked.refs.len();
        left_out.undefined += checked.left_out.undefined;
        left_out.unused += checked.left_out.unused;
    }
    let expected = LeftOut {
        undefined: 11,
        unused: 18,
    };
    assert!(
        refs == 0 || left_out == expected,
        "{refs} refs: {left_out:?}"
    );
}

/// A variable in the body of a script, in a real runbook, in a branch at version 5.
#[test]
fn a_script_of_a_real_runbook_in_an_old_branch() {
    let repo = Sandbox::new("uses");
    repo.shell("git checkout -q old");
    let mut expected = Vec::new();
    let real = documents()
        .into_iter()
        .filter(|real| real.kind() == "runbook");
    for (index, real) in real.enumerate() {
        let text = real.document.text();
        let path = format!(".octopus/runbooks/real-{index}.ocl");
        std::fs::write(repo.path().join(path), text).unwrap();
        for call in text.split("$OctopusParameters[\"").skip(1) {
            let name = call.split('"').next().unwrap_or_default();
            let is_script = text.contains("Octopus.Action.Script.ScriptBody");
            if is_script && !name.contains(['$', '#', '\\']) {
                expected.push((format!("runbook/real-{index}"), name.to_owned()));
            }
        }
    }
    if expected.is_empty() {
        return;
    }
    repo.shell("git add -A && git commit -q -m Real");
    let project = Project::open(repo.path()).unwrap();
    let loaded = project.load_migrated("old").unwrap();
    assert_eq!(loaded.version().number(), 5);
    let all = expected.len();
    expected.retain(|(document, _)| loaded.document(document).unwrap().error().is_none());
    assert!(expected.len() * 10 > all * 9, "{} of {all}", expected.len());
    let question = |(document, name): &(String, String)| -> bool {
        let question = UseQuestion::Thing(name.clone());
        let uses = ask(&project, question, Some("variable"), &["refs/heads/old"]);
        let scripts = uses.places.iter().filter(|place| {
            place.role == UseRole::Use(Certainty::Script) && place.document.as_str() == document
        });
        let mut found = scripts.filter(|place| {
            let lifted = loaded.content(loaded.document(document).unwrap());
            let lifted = String::from_utf8(lifted.unwrap().unwrap()).unwrap();
            let line = lifted.lines().nth(place.found[0].1 - 1).unwrap();
            line.contains(&format!("$OctopusParameters[\"{name}"))
                && place.address.ends_with("ScriptBody\"]")
        });
        found.next().is_some()
    };
    // Each question looks at all of them.
    let step = expected.len().div_ceil(20);
    let missed: Vec<_> = expected
        .iter()
        .step_by(step)
        .filter(|it| !question(it))
        .collect();
    assert!(expected.len() > 100 && missed.is_empty(), "{missed:?}");
}
