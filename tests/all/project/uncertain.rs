//! What a document leaves uncertain: names that stand more than once, and lookups without an answer.

use std::fs;
use std::sync::Arc;

use crate::support::{World, request, scratch};
use ocl_migrate::catalog::{Catalog, CatalogParts, DocumentKind, PathPattern, Step};
use ocl_migrate::migrate::{MigrationError, MigrationErrorKind};
use ocl_migrate::ocl::LineColumn;
use ocl_migrate::project::{
    CommitError, DoctorFinding, DocumentOutcome, DocumentWarning, LoadOptions, Loaded, LookupKey,
    MigratedDocument,
};
use ocl_migrate::store::{Scope, Store};

/// A catalog with these steps about `fizz`; a step that begins with `buzz` is about that.
fn world(steps: &[&str]) -> World {
    world_of(steps, "")
}

fn world_of(steps: &[&str], of_fizz: &str) -> World {
    let folder = scratch::folder();
    let head = format!(
        "catalog \"test\" {{ base_path = \".octopus\" }}\ndocument \"fizz\" {{\npath = \"fizz.ocl\"\n{of_fizz}\n}}\n\
         document \"buzz\" {{ path = \"buzz.ocl\" }}\n"
    );
    fs::write(folder.path().join("catalog.hcl"), head).unwrap();
    for (version, body) in (2..).zip(steps) {
        let (kind, body) = match body.strip_prefix("buzz: ") {
            Some(body) => ("buzz", body),
            None => ("fizz", *body),
        };
        let step = folder.path().join(format!("{version:04}_step"));
        fs::create_dir(&step).unwrap();
        let text = format!(
            "description = \"a step\"\ndocument = \"{kind}\"\none_way = \"a test\"\n{body}\n"
        );
        fs::write(step.join("step.hcl"), text).unwrap();
    }
    let mut world = World::new("fizz: 1 modify");
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    world.catalog = Arc::new(catalog);
    world
}

/// The same with blocks of `fizz` that stand once.
fn single_world(steps: &[&str]) -> World {
    world_of(steps, "single = [\"policy\", \"step.*\"]")
}

/// The error of a document that no step may touch, because a name stands at these places.
fn refused_for_doubled_names<'d>(
    document: &'d MigratedDocument,
    places: [LineColumn; 2],
    step: &str,
) -> &'d MigrationError {
    let Some(error) = document.error() else {
        panic!("{step}: {:?}", document.outcome);
    };
    match &error.kind {
        MigrationErrorKind::DoubledName { name, read: None } => {
            assert_eq!(name.positions, places, "{step}");
        }
        other => panic!("{step}: {other:?}"),
    }
    error
}

fn at(line: usize, column: usize) -> LineColumn {
    LineColumn { line, column }
}

fn warnings(loaded: &Loaded, name: &str) -> Vec<String> {
    let warnings = loaded.document_warnings(loaded.document(name).unwrap());
    warnings.iter().map(ToString::to_string).collect()
}

const POLICY: &str = "other = 1\npolicy \"a\" {\n    keep = 5\n    map = {\n        k = \"1\"\n        \"k\" = \"2\"\n    }\n    \
                      keep = 100\n}\ntwo = {\n    x = \"1\"\n}\ntwo = {\n    y = \"2\"\n}\n";

#[test]
fn no_step_touches_a_doubled_name() {
    let keep = [at(3, 5), at(8, 5)];
    let key = [at(5, 9), at(6, 9)];
    let two = [at(10, 1), at(13, 1)];
    for (body, places) in [
        ("in \"policy\" { convert = { keep = value + 1 } }", keep),
        ("in \"policy\" { set = { keep = 1 } }", keep),
        ("in \"policy\" { rename = { keep = \"kept\" } }", keep),
        ("in \"policy\" { remove = [\"keep\"] }", keep),
        ("move = { two = \"policy.two\" }", two),
        (
            "move = { other = \"policy.map.other\" }\nremove = [\"two\"]",
            two,
        ),
        ("in \"policy\" { set = { copy = self.keep } }", keep),
        (
            "in \"policy\" {\n when = self.keep == 5\n set = { a = 1 }\n}",
            keep,
        ),
        (
            "in \"policy\" {\n when = can(self.keep) ? try(self.keep, 0) == 7 : false\n set = { a = 1 }\n}",
            keep,
        ),
        ("set = { first = self.policy[0].keep }", keep),
        (
            "set = { copied = [for key, value in self.policy[0].map : key] }",
            key,
        ),
        ("in \"policy.map\" { set = { k = \"3\" } }", key),
        // What lies in one of two dictionaries is as uncertain as they are.
        ("in \"two\" { set = { z = 1 } }", two),
        (
            "in \"**\" {\n when = self.x == \"1\"\n set = { z = 1 }\n}",
            two,
        ),
        ("in \"policy\" { label = self.keep }", keep),
    ] {
        let world = world(&[&format!("modify {{\n{body}\n}}")]);
        world.branch("main", 1, &[("fizz.ocl", POLICY)]);
        let loaded = world.load("main");
        let document = loaded.document("fizz").unwrap();
        let error = refused_for_doubled_names(document, places, body);
        assert_eq!(error.step.as_ref().map(|step| step.version), Some(2));
        assert_eq!(error.position(), Some((places[0].line, places[0].column)));
    }
}

#[test]
fn a_document_whose_doubled_names_no_step_touches_passes_with_a_warning_and_is_not_written() {
    let world = world(&["modify {\n rename = { other = \"another\" }\n}"]);
    world.branch("main", 1, &[("fizz.ocl", POLICY), ("buzz.ocl", "b = 1\n")]);
    let loaded = world.load("main");
    let document = loaded.document("fizz").unwrap();
    assert!(matches!(document.outcome, DocumentOutcome::Changed));
    let told = [
        "the attribute `two` occurs twice: at line 10, column 1 and line 13, column 1",
        "the attribute `keep` occurs twice in policy[\"a\"]: at line 3, column 5 and line 8, column 5",
        "the key `k` occurs twice in policy[\"a\"].map: at line 5, column 9 and line 6, column 9",
    ];
    for (warning, told) in warnings(&loaded, "fizz").iter().zip(told) {
        assert!(warning.starts_with(told), "{warning}");
    }
    assert_eq!(warnings(&loaded, "fizz").len(), 3);
    assert_eq!(warnings(&loaded, "buzz"), [""; 0]);

    let before = (world.repo.git(&["for-each-ref"]), world.store_text());
    let upgraded = world.edit("main").upgrade().commit(request("no"));
    let error = upgraded.unwrap_err();
    let CommitError::DoubledNames { documents } = &error else {
        panic!("{error}");
    };
    assert_eq!(documents.len(), 3);
    assert!(
        error
            .to_string()
            .contains(&format!("\n.octopus/fizz.ocl: {}", told[1]))
    );
    // Neither beside a change to another document, nor with a text that has them too.
    let error = world.put("main", "buzz", "b = 2\n").unwrap_err();
    assert!(matches!(error, CommitError::DoubledNames { .. }));
    let error = world
        .put("main", "fizz", "another = 1\nanother = 2\n")
        .unwrap_err();
    assert!(matches!(&error, CommitError::DoubledNames { documents } if documents.len() == 1));
    assert_eq!(
        before,
        (world.repo.git(&["for-each-ref"]), world.store_text())
    );
    let _ = world.put("main", "fizz", "another = 1\n").unwrap();
}

#[test]
fn a_document_with_doubled_names_may_be_removed() {
    let world = world(&["modify {\n remove = [\"keep\"]\n}"]);
    world.branch(
        "main",
        1,
        &[
            ("fizz.ocl", "keep = 1\nkeep = 2\n"),
            ("buzz.ocl", "b = 1\n"),
        ],
    );
    let mut draft = world.edit("main");
    draft.remove("fizz").unwrap();
    let _ = draft.commit(request("Remove it")).unwrap();
}

#[test]
fn a_document_that_no_step_looks_at_is_looked_at_for_its_warnings() {
    let world = world(&["modify {\n remove = [\"keep\"]\n}"]);
    world.branch(
        "main",
        2,
        &[("fizz.ocl", "keep = 1\nkeep = 2\n"), ("buzz.ocl", "b = \n")],
    );
    let loaded = world.load("main");
    assert_eq!(warnings(&loaded, "fizz").len(), 1);
    let told = warnings(&loaded, "buzz");
    let expected =
        "it can't be read, and stays as it is, since no step touches it: .octopus/buzz.ocl:1:5: ";
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with(expected), "{told:?}");
    let error = world.put("main", "buzz", "b = 2\n").unwrap_err();
    assert!(matches!(error, CommitError::DoubledNames { .. }), "{error}");
}

#[test]
fn after_other_steps_the_places_are_those_of_the_text_in_git() {
    let world = world(&[
        "modify {\n set = { a_new = [1, 2, 3] }\n remove = [\"other\"]\n}",
        "modify {\n in \"policy\" { label = \"b\" }\n}",
        "modify {\n in \"policy\" { convert = { keep = 1 } }\n}",
    ]);
    world.branch("main", 1, &[("fizz.ocl", POLICY)]);
    let loaded = world.load("main");
    let error = loaded.document("fizz").unwrap().error().unwrap().clone();
    let MigrationErrorKind::DoubledName { name, .. } = &error.kind else {
        panic!("{error}");
    };
    assert_eq!(name.positions, [at(3, 5), at(8, 5)]);
    assert_eq!(error.step.map(|step| step.version), Some(4));
}

#[test]
fn a_doubled_name_of_another_document_is_not_read_either() {
    let read = |name: &str| {
        format!(
            "buzz: reads = [\"fizz\"]\nmodify {{\n set = {{ copy = documents.fizz.{name} }}\n}}"
        )
    };
    for (name, fails) in [("two", true), ("other", false)] {
        let world = world(&[&read(name)]);
        world.branch("main", 1, &[("fizz.ocl", POLICY), ("buzz.ocl", "b = 1\n")]);
        let loaded = world.load("main");
        let error = loaded.document("buzz").unwrap().error();
        assert_eq!(error.is_some(), fails, "{error:?}");
        let Some(error) = error else {
            continue;
        };
        let MigrationErrorKind::DoubledName { name, read } = &error.kind else {
            panic!("{error}");
        };
        assert_eq!(read.as_ref().map(|read| read.as_str()), Some("fizz"));
        assert_eq!(name.positions, [at(10, 1), at(13, 1)]);
        assert_eq!(error.position(), None);
    }
}

/// Two of a block that should stand once: on the top, and within another.
const TWO_POLICIES: &str = "other = 1\npolicy {\n    keep = 5\n}\nstep \"a\" {\n    box {\n        x = 1\n    }\n    box {\n        x = 2\n    \
                            }\n}\nstep \"b\" {\n    box {\n        x = 3\n    }\n}\npolicy {\n    keep = 100\n}\n";

const POLICIES_AT: [LineColumn; 2] = [
    LineColumn { line: 2, column: 1 },
    LineColumn {
        line: 18,
        column: 1,
    },
];
const BOXES_AT: [LineColumn; 2] = [
    LineColumn { line: 6, column: 5 },
    LineColumn { line: 9, column: 5 },
];

#[test]
fn no_step_touches_one_of_two_blocks_of_which_there_should_be_one() {
    for (body, places) in [
        (
            "in \"policy\" { convert = { keep = value + 1 } }",
            POLICIES_AT,
        ),
        ("in \"policy\" { default = { unit = 1 } }", POLICIES_AT),
        ("rename = { policy = \"rule\" }", POLICIES_AT),
        ("remove = [\"policy\"]", POLICIES_AT),
        ("set = { copy = self.policy[0].keep }", POLICIES_AT),
        ("set = { count = length(self.policy) }", POLICIES_AT),
        (
            "set = { all = [for policy in self.policy : policy.keep] }",
            POLICIES_AT,
        ),
        ("in \"step.box\" { set = { x = 1 } }", BOXES_AT),
        ("in \"step\" { set = { x = self.box[0].x } }", BOXES_AT),
        (
            "in \"step\" { set = { text = jsonencode(self) } }",
            BOXES_AT,
        ),
    ] {
        let text = format!("modify {{\n{body}\n}}");
        let world = single_world(&["modify {\n default = { new = 1 }\n}", &text]);
        world.branch("main", 1, &[("fizz.ocl", TWO_POLICIES)]);
        let loaded = world.load("main");
        let document = loaded.document("fizz").unwrap();
        refused_for_doubled_names(document, places, body);
        // The same document in a catalog that doesn't say so is as good as any.
        let other = world_of(&["modify {\n default = { new = 1 }\n}", &text], "");
        other.branch("main", 1, &[("fizz.ocl", TWO_POLICIES)]);
        let loaded = other.load("main");
        let error = loaded.document("fizz").unwrap().error();
        assert!(error.is_none(), "{body}: {error:?}");
    }
}

#[test]
fn two_blocks_of_which_there_should_be_one_are_told_and_not_written() {
    let world = single_world(&["modify {\n rename = { other = \"another\" }\n}"]);
    world.branch(
        "main",
        1,
        &[("fizz.ocl", TWO_POLICIES), ("buzz.ocl", TWO_POLICIES)],
    );
    let loaded = world.load("main");
    let told = [
        "the block `policy` occurs twice: at line 2, column 1 and line 18, column 1; it isn't clear which one counts: keep \
         the right one",
        "the block `box` occurs twice in step[\"a\"]: at line 6, column 5 and line 9, column 5; it isn't clear which one \
         counts: keep the right one",
    ];
    assert_eq!(warnings(&loaded, "fizz"), told);
    assert_eq!(warnings(&loaded, "buzz"), [""; 0]);
    let text = loaded.content(loaded.document("fizz").unwrap()).unwrap();
    assert!(text.unwrap().starts_with(b"another = 1\npolicy {"));
    let refused = |result: Result<_, CommitError>| match result.map(drop).unwrap_err() {
        CommitError::DoubledNames { documents } => {
            let names = documents
                .iter()
                .map(|doubled| (doubled.path.clone(), doubled.name.positions.clone()));
            let path = ".octopus/fizz.ocl".to_owned();
            assert_eq!(
                names.collect::<Vec<_>>(),
                [
                    (path.clone(), POLICIES_AT.to_vec()),
                    (path, BOXES_AT.to_vec())
                ]
            );
        }
        other => panic!("{other}"),
    };
    refused(world.edit("main").upgrade().commit(request("Migrate")));
    refused(world.put("main", "buzz", "x = 1\n"));
    let _ = world.put("main", "fizz", "another = 1\n").unwrap();
    refused(world.put("main", "fizz", TWO_POLICIES));
}

#[test]
fn a_step_that_makes_two_blocks_of_which_there_should_be_one_fails() {
    let insert = "modify {\n insert = { policy = { unit = 1 } }\n}";
    let world = single_world(&[insert]);
    let text = "policy {\n    keep = 5\n}\n";
    world.branch("main", 1, &[("fizz.ocl", text)]);
    let loaded = world.load("main");
    let error = loaded.document("fizz").unwrap().error().expect("an error");
    assert_eq!(
        error.to_string(),
        "step 2 step (0002_step/step.hcl): in its result the block `policy` occurs twice: at line 1, column 1 and line 5, \
         column 1, and the catalog says that there is at most one (at the document)"
    );
    // Only the end counts: a later step may take one of them away.
    let remove = "modify {\n in \"policy\" {\n when = self.unit == null\n remove = true\n}\n}";
    let world = single_world(&[insert, remove]);
    world.branch("main", 1, &[("fizz.ocl", text)]);
    let loaded = world.load("main");
    let document = loaded.document("fizz").unwrap();
    let content = loaded.content(document).unwrap().unwrap();
    assert_eq!(content, b"policy {\n    unit = 1\n}\n");
    // A step between the two reads it as it is there.
    let reads =
        "buzz: reads = [\"fizz\"]\nmodify {\n set = { count = length(documents.fizz.policy) }\n}";
    let world = single_world(&[insert, reads, remove]);
    world.branch("main", 1, &[("fizz.ocl", text), ("buzz.ocl", "x = 1\n")]);
    let loaded = world.load("main");
    for (name, expected) in [
        ("fizz", "policy {\n    unit = 1\n}\n"),
        ("buzz", "count = 2\nx = 1\n"),
    ] {
        let document = loaded.document(name).unwrap();
        let content = loaded.content(document).unwrap();
        assert_eq!(content.as_deref(), Some(expected.as_bytes()), "{name}");
    }
}

/// Migrated one version at a time, the second step would find what the first brings in.
#[test]
fn a_step_does_not_read_nothing_where_an_import_is_skipped() {
    let folder = scratch::folder();
    let files = [
        (
            "catalog.hcl",
            "catalog \"test\" { base_path = \".octopus\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n\
             document \"buzz\" { path = \"buzz.ocl\" }",
        ),
        (
            "0001_fizz/step.hcl",
            "description = \"a\"\ndocument = \"fizz\"\nimport {}",
        ),
        (
            "0001_buzz/step.hcl",
            "description = \"a\"\ndocument = \"buzz\"\nimport {}",
        ),
        (
            "0002_fill/step.hcl",
            "description = \"a\"\ndocument = \"buzz\"\nreads = [\"fizz\"]\n\
             modify {\n default = { percent = documents.fizz.percent }\n}",
        ),
        (
            "0003_gone/step.hcl",
            "description = \"a\"\ndocument = \"fizz\"\nremove {}",
        ),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut world = World::new("fizz: 1 import; buzz: 1 import");
    world.catalog = Arc::new(Catalog::load(folder.path()).unwrap());
    world.row("fizz", "percent = 10\n", 1);
    world.row("buzz", "a = 1\n", 1);
    world.repo.commit("main", None, &[("readme.md", Some(""))]);
    let text = |to: Option<u32>| {
        let options = LoadOptions { target: to };
        let loaded = world.project().load("main", options).unwrap();
        let document = loaded.document("buzz").unwrap();
        match document.error() {
            Some(error) => error.to_string(),
            None => String::from_utf8(loaded.content(document).unwrap().unwrap()).unwrap(),
        }
    };
    assert_eq!(text(Some(2)), "a = 1\npercent = 10\n");
    assert_eq!(
        text(None),
        "step 2 fill (0002_fill/step.hcl): it reads `fizz`, whose import at version 1 is skipped because version 3 \
         removes `fizz` again: migrate to version 2 first, then further (at the document)"
    );
}

/// A step reads another document as it is just before it: later texts know of two blocks as well.
#[test]
fn two_blocks_are_known_in_a_document_that_a_step_reads() {
    let world = single_world(&[
        "modify {\n set = { other = 2 }\n}",
        "buzz: reads = [\"fizz\"]\nmodify {\n set = { keep = documents.fizz.policy[0].keep }\n}",
    ]);
    world.branch(
        "main",
        1,
        &[("fizz.ocl", TWO_POLICIES), ("buzz.ocl", "a = 1\n")],
    );
    let loaded = world.load("main");
    let error = loaded.document("buzz").unwrap().error().expect("an error");
    match &error.kind {
        MigrationErrorKind::DoubledName { name, read } => {
            assert_eq!(read.as_ref().map(|read| read.as_str()), Some("fizz"));
            assert_eq!(name.positions, POLICIES_AT);
        }
        other => panic!("{other:?}"),
    }
}

/// What a step in Rust has looked at can't be told, so it must not change such a document.
#[test]
fn a_step_in_rust_changes_no_document_with_doubled_names() {
    let mut world = World::new("fizz: 1 modify");
    let kind =
        |name: &str| DocumentKind::new(name, PathPattern::parse(&format!("{name}.ocl")).unwrap());
    let step = Step::modify(2, "step", "fizz", |editor, _| {
        let root = editor.root();
        if editor.document().get("wanted").is_some() {
            editor.set(root, "new", 1)?;
        }
        Ok(())
    });
    world.catalog = Arc::new(
        Catalog::new(CatalogParts {
            kinds: vec![kind("fizz")],
            steps: vec![step],
            ..CatalogParts::new("test", ".octopus")
        })
        .unwrap(),
    );
    for (wanted, fails) in [("wanted = 1\n", true), ("", false)] {
        let text = format!("{wanted}keep = 1\nkeep = 2\n");
        world.branch("main", 1, &[("fizz.ocl", &text)]);
        let loaded = world.load("main");
        let error = loaded.document("fizz").unwrap().error();
        let doubled =
            error.is_some_and(|error| matches!(error.kind, MigrationErrorKind::DoubledName { .. }));
        assert_eq!(doubled, fails, "{error:?}");
        world.repo.git(&["update-ref", "-d", "refs/heads/main"]);
    }
}

#[test]
fn doctor_finds_doubled_names_once_for_all_branches() {
    let world = world(&["modify {\n remove = [\"keep\"]\n}"]);
    for branch in ["main", "topic"] {
        let text = format!("keep = 1\nkeep = 2\nof = \"{branch}\"\n");
        world.branch(branch, 2, &[("fizz.ocl", &text)]);
    }
    let findings = world.project().diagnose().unwrap().findings;
    let doubled = findings
        .iter()
        .filter(|finding| matches!(finding, DoctorFinding::DoubledNames { .. }));
    let doubled: Vec<String> = doubled.map(ToString::to_string).collect();
    assert_eq!(
        doubled,
        [
            "refs/heads/main: .octopus/fizz.ocl: the attribute `keep` occurs twice: at line 1, column 1 and line 2, column 1 \
             (the same on another ref)"
        ]
    );
}

#[test]
fn doctor_finds_two_blocks_of_which_there_should_be_one() {
    let world = single_world(&["modify {\n remove = [\"keep\"]\n}"]);
    world.branch("main", 2, &[("fizz.ocl", TWO_POLICIES)]);
    let findings = world.project().diagnose().unwrap().findings;
    let found = findings.iter().find_map(|finding| match finding {
        DoctorFinding::DoubledNames { names, .. } => Some(names.len()),
        _ => None,
    });
    assert_eq!(found, Some(2), "{findings:?}");
}

/// The shipped step writes references to feeds as text.
#[test]
fn an_answer_that_is_no_text_is_not_written() {
    let mut world = World::new("fizz: 1 modify");
    world.catalog = Arc::new(Catalog::builtin().clone());
    let scope = Scope::Project(world.key());
    world
        .store()
        .put_lookup(&scope, "feeds", "Docker Hub", &20.into())
        .unwrap();
    let process = "step \"one\" {\n\n    action {\n        packages \"x\" {\n            feed = \"Docker Hub\"\n        }\n    }\n}\n";
    world.branch("main", 3, &[("deployment_process.ocl", process)]);
    let loaded = world.load("main");
    let document = loaded.document("deployment_process").unwrap();
    let error = document.error().expect("an error").to_string();
    assert!(
        error.contains("step 4 deployment_process_slugs (0004_deployment_process_slugs/step.hcl:")
            && error.contains(
                "the server's table \"feeds\" has a number under \"Docker Hub\", where this step takes a string"
            ),
        "{error}"
    );
}

const LOOKUP: &str = "modify {\n convert = { feed = lookup(\"feeds\", value, \"guess-\") }\n}";

fn feed(table: &str, key: &str) -> LookupKey {
    LookupKey {
        table: table.into(),
        key: key.into(),
    }
}

#[test]
fn a_default_in_place_of_an_answer_is_told_and_written_only_where_it_is_accepted() {
    let world = world(&[LOOKUP]);
    world.branch("main", 1, &[("fizz.ocl", "feed = \"Docker/Hub\"\n")]);
    let loaded = world.load("main");
    let document = loaded.document("fizz").unwrap();
    assert_eq!(
        loaded.document_warnings(document),
        [DocumentWarning::MissingLookup(feed("feeds", "Docker/Hub"))]
    );
    let before = world.repo.git(&["for-each-ref"]);
    let upgrade = |accepted: &[LookupKey]| {
        let mut request = request("Migrate");
        request.accept_missing_lookups = accepted.iter().cloned().collect();
        world.edit("main").upgrade().commit(request)
    };
    for accepted in [&[][..], &[feed("feeds", "Docker")]] {
        let error = upgrade(accepted).unwrap_err();
        let CommitError::MissingLookups { lookups } = &error else {
            panic!("{error}");
        };
        assert_eq!(lookups[0].lookup, feed("feeds", "Docker/Hub"));
        assert_eq!(lookups[0].documents[0].as_str(), "fizz");
        assert_eq!(world.repo.git(&["for-each-ref"]), before);
    }
    let _ = upgrade(&[feed("feeds", "Docker/Hub")]).unwrap();
}

#[test]
fn an_answer_needs_no_consent_nor_does_a_document_that_is_replaced() {
    let world = world(&[LOOKUP]);
    world.branch("main", 1, &[("fizz.ocl", "feed = \"Hub\"\n")]);
    world.branch("topic", 1, &[("fizz.ocl", "feed = \"Hub\"\n")]);
    let _ = world.put("topic", "fizz", "feed = \"hub\"\n").unwrap();
    let scope = Scope::Project(world.key());
    world
        .store()
        .put_lookup(&scope, "feeds", "Hub", &"hub".into())
        .unwrap();
    let loaded = world.load("main");
    assert_eq!(warnings(&loaded, "fizz"), [""; 0]);
    let _ = world
        .edit("main")
        .upgrade()
        .commit(request("Migrate"))
        .unwrap();
}

/// The text that is written holds the default, whichever way it came into the commit.
#[test]
fn a_default_needs_consent_in_a_document_that_is_edited_or_restored_too() {
    let world = world(&[LOOKUP]);
    world.branch("main", 1, &[("fizz.ocl", "feed = \"Hub\"\n")]);
    let accepting = || {
        let mut request = request("Write");
        request.accept_missing_lookups = [feed("feeds", "Hub")].into();
        request
    };
    let missing = |result: Result<_, CommitError>| match result.map(drop).unwrap_err() {
        CommitError::MissingLookups { lookups } => {
            assert_eq!(lookups[0].lookup, feed("feeds", "Hub"))
        }
        other => panic!("{other}"),
    };
    let edited = || {
        let mut draft = world.edit("main");
        let set = |editor: &mut ocl_migrate::ocl::Editor| {
            let root = editor.root();
            editor.set(root, "new", 1)?;
            Ok(())
        };
        draft.edit("fizz", set).unwrap();
        draft.edit("fizz", |_| Ok(())).unwrap();
        draft
    };
    missing(edited().commit(request("Edit")));
    let old = world.repo.git(&["rev-parse", "main"]);
    let _ = edited().commit(accepting()).unwrap();

    let restored = || world.project().restore("main", old.trim(), &[]).unwrap();
    missing(restored().draft.commit(request("Restore")));
    let _ = restored().draft.commit(accepting()).unwrap();
}
