//! What holds whatever is renamed: on real projects, and for any name.

use std::collections::BTreeSet;
use std::path::Path;

use ocl_migrate::catalog::{Catalog, DocumentName};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::references::{References, RenamedThing, rename_thing};
use ocl_migrate::values::Values;
use proptest::prelude::*;

use crate::support;

type Project = [(DocumentName, Document)];

/// A name that a project has: the kind of its document, its line, its own kind and the name. What means the thing has none.
type Place = (String, usize, String, Option<String>);

fn places(project: &Project, kind: &str, key: &str) -> Vec<Place> {
    let catalog = Catalog::builtin();
    let found = project.iter().map(|(name, document)| {
        let values = Values::of(document, catalog.identity(name.kind()));
        (name, References::of(values, name, &catalog).unwrap())
    });
    let found: Vec<_> = found.collect();
    let defined: BTreeSet<(&str, &str)> = found
        .iter()
        .flat_map(|(_, found)| &found.definitions)
        .flat_map(|it| it.names.iter().map(|name| (it.kind, &*name.keys()[0])))
        .collect();
    let place = |document: &DocumentName, of: &str, line, meant: Option<&str>, text: &str| {
        let is_it = of == kind && meant == Some(key);
        let shown = (!is_it).then(|| without_indexes(text));
        (document.kind().to_owned(), line, of.to_owned(), shown)
    };
    let mut all = Vec::new();
    for (document, found) in &found {
        for it in &found.definitions {
            let names = it.names.iter();
            all.extend(names.map(|name| {
                let key = Some(&*name.keys()[0]);
                place(document, it.kind, it.line, key, name.text())
            }));
        }
        for it in &found.references {
            let meant = it.name.key(|key| defined.contains(&(it.kind, key)));
            all.push(place(document, it.kind, it.line, meant, it.name.text()));
        }
    }
    all
}

/// A name without what other names stand in: `X[#{Y}]`.
fn without_indexes(text: &str) -> String {
    let end = text.find(['[', '#']).unwrap_or(text.len());
    text[..end].to_owned()
}

fn key(kind: &str, name: &str) -> String {
    let text = format!("variable {name:?} {{}}\n");
    match kind {
        "variable" => {
            let project = [(
                "variables".parse().unwrap(),
                Document::parse(text, Dialect::Current).unwrap(),
            )];
            let (name, document): &(DocumentName, Document) = &project[0];
            let catalog = Catalog::builtin();
            let values = Values::of(document, catalog.identity("variables"));
            let found = References::of(values, name, &catalog).unwrap();
            found.definitions[0].names[0].keys()[0].clone()
        }
        "role" | "action" => name.to_lowercase(),
        "feed" if name == "feeds-builtin-releases" => "octopus-server-built-in".to_owned(),
        _ => name.to_owned(),
    }
}

/// The project with what a renaming says.
fn after(project: &Project, renamed: &RenamedThing) -> Vec<(DocumentName, Document)> {
    let documents = project.iter().map(|(name, document)| {
        let changed = renamed.documents.iter().find(|it| it.name == *name);
        match changed {
            None => (name.clone(), document.clone()),
            Some(it) => {
                let parsed = Document::parse(&*it.text, document.dialect()).unwrap();
                (it.new_name.clone(), parsed)
            }
        }
    });
    documents.collect()
}

/// The laws of a renaming that was made.
pub(super) fn check_laws(
    project: &Project,
    kind: &str,
    old: &str,
    new: &str,
    renamed: &RenamedThing,
) {
    let after = after(project, renamed);
    let (old_key, new_key) = (key(kind, old), key(kind, new));
    // Who named the old one names the new one, at the same lines, and nothing else changed what it names.
    if renamed.also.is_empty() {
        let was = places(project, kind, &old_key);
        assert_eq!(was, places(&after, kind, &new_key), "{kind} {old} {new}");
        let of_thing = was.iter().filter(|(.., name)| name.is_none()).count();
        assert_eq!(of_thing, renamed.places.len());
    }
    // Where all write the name alike, the way there and back leads to the same bytes.
    if renamed.places.iter().all(|place| spells(&place.name, old)) {
        let back = rename_thing(&after, &Catalog::builtin(), kind, new, old);
        let back = back.unwrap_or_else(|error| panic!("{kind} {old} {new}: {error}"));
        let again = self::after(&after, &back);
        for ((name, before), (_, again)) in project.iter().zip(&again) {
            assert_eq!(before.text(), again.text(), "{name}: {kind} {old} {new}");
        }
        assert_eq!(back.places.len(), renamed.places.len());
    }
    // Every line that differs is one of a place, or of the label that holds the name.
    for ((_, before), (name, now)) in project.iter().zip(&after) {
        let (before, now) = (before.text(), now.text());
        assert_eq!(before.lines().count(), now.lines().count(), "{name}");
        let lines = before.split('\n').zip(now.split('\n'));
        let differing = lines.filter(|(old, new)| old != new).count();
        assert!(differing <= renamed.places.len() * 2, "{name}");
    }
}

/// Whether a reference to `Name`, `Name.Of` or `Name[it]` writes the name as it is.
fn spells(written: &str, name: &str) -> bool {
    let rest = written.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The projects of the corpus as the server left them, at several versions.
fn real_projects() -> Vec<Vec<(DocumentName, Document)>> {
    let Some(root) = support::corpus() else {
        return Vec::new();
    };
    let catalog = Catalog::builtin();
    let mut folders: Vec<_> = std::fs::read_dir(root.join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().path().join("after"))
        .collect();
    folders.sort();
    let projects = folders.iter().map(|folder| {
        let mut documents = Vec::new();
        collect(folder, folder, &catalog, &mut documents);
        documents
    });
    projects.collect()
}

fn collect(
    folder: &Path,
    root: &Path,
    catalog: &Catalog,
    documents: &mut Vec<(DocumentName, Document)>,
) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, root, catalog, documents);
            continue;
        }
        let below = path.strip_prefix(root).unwrap().to_str().unwrap();
        let name = match below.strip_suffix(".ocl") {
            Some(name) if name.starts_with("runbooks/") => name.replacen("runbooks", "runbook", 1),
            Some(name) => name.to_owned(),
            None => continue,
        };
        let name: DocumentName = name.parse().unwrap();
        if catalog.kind(name.kind()).is_none() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        documents.push((name, Document::from_bytes(bytes, Dialect::Current).unwrap()));
    }
}

/// The names in a project, each kind's first few.
fn things(project: &Project, most: usize) -> BTreeSet<(String, String)> {
    let catalog = Catalog::builtin();
    let mut names: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, document) in project {
        let values = Values::of(document, catalog.identity(name.kind()));
        let found = References::of(values, name, &catalog).unwrap();
        let defined = found.definitions.iter();
        let defined = defined.flat_map(|it| it.names.iter().map(|name| (it.kind, name.text())));
        let referred = found.references.iter().map(|it| (it.kind, it.name.text()));
        for (kind, name) in defined.chain(referred) {
            let of_kind = names.iter().filter(|(known, _)| known == kind).count();
            if of_kind < most {
                names.insert((kind.to_owned(), name.to_owned()));
            }
        }
    }
    names
}

#[test]
fn real_projects_hold_the_laws() {
    let catalog = Catalog::builtin();
    let (mut renamed, mut refused) = (0, 0);
    // Every second one: they are many, and alike.
    for project in real_projects().into_iter().step_by(2) {
        for ((kind, old), new) in things(&project, 2)
            .into_iter()
            .zip(["zz-new", "Zz New.Name"].into_iter().cycle())
        {
            match rename_thing(&project, &catalog, &kind, &old, new) {
                Ok(done) => {
                    check_laws(&project, &kind, &old, new, &done);
                    renamed += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    if renamed + refused > 0 {
        assert!(
            renamed > 200 && renamed > 3 * refused,
            "{renamed} renamed, {refused} refused"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever the name: it is refused, or nothing but the name changes.
    #[test]
    fn any_name_is_refused_or_written_rightly(
        kind in prop::sample::select(vec!["variable", "environment", "role", "feed", "runbook", "step", "action"]),
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "a", "B", "é", " ", ".", "[", "]", "#{", "}", "|", "\"", "'", "\\", "$", "`", ",", "EOT", "in", "Service", "Host",
                "#", "{", "/", "-", "if ", "\n", "Octopus", "Item", "%",
            ]),
            1..5,
        ),
    ) {
        let project = super::whole();
        let new = pieces.concat();
        for old in ["Service.Host", "Service", "production", "web", "docker", "Back up", "backup", "deploy", "Deploy it"] {
            if let Ok(renamed) = rename_thing(&project, &Catalog::builtin(), kind, old, &new) {
                check_laws(&project, kind, old, &new, &renamed);
            }
        }
    }
}
