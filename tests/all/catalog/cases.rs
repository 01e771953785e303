//! Every step of the shipped catalog does what its cases say.

use std::path::Path;

use ocl_migrate::catalog::{Action, Catalog};
use ocl_migrate::report::FileDiff;
use ocl_migrate::verify::cases::{self, CaseFailure};
use ocl_migrate::verify::{Check, Files, Severity, Verification};

use crate::support::scratch;

fn steps() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/steps"))
}

#[test]
fn every_case_of_the_shipped_catalog_holds() {
    let catalog = Catalog::load(steps()).unwrap_or_else(|error| panic!("{error}"));
    let cases = cases::read(steps(), &catalog).unwrap_or_else(|error| panic!("{error}"));
    let mut failures = String::new();
    for case in &cases {
        if let Err(failure) = case.run(&catalog) {
            failures += &format!("{}: {failure}\n", case.path);
            if let CaseFailure::Differs { expected, found } = failure {
                failures += &difference(&expected, &found.unwrap_or_default());
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");

    let without: Vec<_> = catalog
        .steps()
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step.action(), Action::Modify(_) | Action::Dialect))
        .filter(|(index, _)| !cases.iter().any(|case| case.step == *index))
        .map(|(_, step)| step.name())
        .collect();
    assert!(without.is_empty(), "no case for {without:?}");
    let unreached = unreached(&catalog, steps());
    assert!(unreached.is_empty(), "{}", unreached.join("\n"));
}

#[test]
fn the_catalog_in_the_binary_is_the_one_in_the_folder() {
    let folder = Catalog::load(steps()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(Catalog::builtin().digest(), folder.digest());
}

/// The places of blocks that no case reaches.
fn unreached(catalog: &Catalog, folder: &Path) -> Vec<String> {
    let files = Files::read(folder).unwrap_or_else(|error| panic!("{error}"));
    let report = Verification::of(catalog).cases(&files).run();
    let findings = report.findings.into_iter();
    let unreached = findings
        .filter(|finding| finding.check == Check::Unreached && finding.severity == Severity::Error);
    // A step that no case is about at all, as imports are, has no line.
    let places = unreached.filter_map(|finding| finding.place);
    places.filter(|place| place.contains(".hcl:")).collect()
}

fn difference(expected: &[u8], found: &[u8]) -> String {
    FileDiff::new(Some(("after.ocl", expected)), Some(("result", found))).to_string()
}

/// What becomes of the one case of a catalog's one step.
fn verdict(body: &str, files: &[(&str, &str)]) -> String {
    let folder = scratch::folder();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a file in a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write(
        "catalog.hcl",
        "catalog \"small\" {\n  base_path = \".small\"\n}\n\
         document \"fizz\" { path = \"fizz.ocl\" }\ndocument \"buzz\" { path = \"buzz/*.ocl\" }\n",
    );
    let head = "description = \"One\"\ndocument = \"fizz\"\n";
    write("0001_one/step.hcl", &format!("{head}{body}\n"));
    for (name, text) in files {
        write(&format!("0001_one/cases/first/{name}"), text);
    }
    let catalog = Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}"));
    let cases = match cases::read(folder.path(), &catalog) {
        Ok(cases) => cases,
        Err(error) => return error.message,
    };
    let places = unreached(&catalog, folder.path());
    match cases[0].run(&catalog) {
        Err(failure) => failure.to_string(),
        Ok(()) if places.is_empty() => "holds".into(),
        Ok(()) => format!("holds, without reaching {}", places.join(", ")),
    }
}

#[test]
fn a_case_that_does_not_hold_says_why() {
    let set = "modify {\n  set = { a = 2 }\n}";
    let both = |before, after| verdict(set, &[("before.ocl", before), ("after.ocl", after)]);
    assert_eq!(both("b = 1", "a = 2\nb = 1"), "holds");
    assert_eq!(
        both("b = 1", "b = 1\na = 2"),
        "the result is not `after.ocl`"
    );
    assert_eq!(
        both("a = 1", "a = 2"),
        "step 1 one overwrites a, which was 1, without reading it"
    );
    assert!(both("a = ", "a = 2").starts_with("it fails: "));
    assert_eq!(
        verdict(set, &[("before.ocl", "b = 1"), ("error.txt", "no\n")]),
        "it should be refused with \"no\", but it isn't"
    );
    assert_eq!(
        verdict(set, &[("before.ocl", "b = 1")]),
        "a case has either `after.ocl` or `error.txt`"
    );

    let refuse = "modify {\n  reject = \"never\"\n}";
    let message = |text| verdict(refuse, &[("before.ocl", "b = 1"), ("error.txt", text)]);
    assert_eq!(message("never (at the document)"), "holds");
    assert_eq!(
        message("no"),
        "it is refused with \"never (at the document)\", but `error.txt` states \"no\""
    );

    let count = |head: &str| {
        let body = format!("{head}modify {{\n  convert = {{ a = value + 1 }}\n}}");
        verdict(&body, &[("before.ocl", "a = 1"), ("after.ocl", "a = 2")])
    };
    assert!(count("").starts_with("run on its own result, the step changes it again"));
    assert_eq!(
        count("idempotent = false\nreason = \"it counts\"\n"),
        "holds"
    );

    let unreached = "modify {\n  set = { a = 2 }\n  in \"x\" {\n    remove = [\"y\"]\n  }\n}";
    assert_eq!(
        verdict(
            unreached,
            &[("before.ocl", "b = 1"), ("after.ocl", "a = 2\nb = 1")]
        ),
        "holds, without reaching 0001_one/step.hcl:5:3"
    );
}

#[test]
fn a_case_says_what_the_server_and_other_documents_answer() {
    let body = "reads = [\"buzz\"]\nmodify {\n  convert = {\n    a = lookup(\"names\", value, \"unknown\")\n  }\n  \
                set = { b = documents.buzz.one.c, d = documents.buzz.one.list[1] }\n}";
    let case = "lookups = { names = { \"A Name\" = \"slug\" } }\ndocuments = { \"buzz/one\" = \"one.ocl\" }\n";
    let files = [
        ("before.ocl", "a = \"A Name\""),
        ("after.ocl", "a = \"slug\"\nb = 3\nd = \"y\""),
        ("case.hcl", case),
        ("one.ocl", "x {\n    y = 1\n}\nc = 3\nlist = [\"x\", \"y\"]"),
    ];
    // Running again, the step asks for what it made itself.
    let body = format!("idempotent = false\nreason = \"short\"\n{body}");
    assert_eq!(verdict(&body, &files), "holds");
    let mut other = files;
    other[2].1 = "lookup = {}\n";
    assert!(verdict(&body, &other).contains("lookup"));
}

#[test]
fn values_of_one_operation_are_accounted_for_though_each_edit_shifts_the_next() {
    // `a` is new and comes first: what was read of `x` and `y` stands elsewhere after that.
    let body = "idempotent = false\nreason = \"swaps\"\nmodify {\n  set = { a = 1, x = self.y, y = self.x }\n}";
    let files = [
        ("before.ocl", "x = \"one\"\ny = \"two\""),
        ("after.ocl", "a = 1\nx = \"two\"\ny = \"one\""),
    ];
    assert_eq!(verdict(body, &files), "holds");
}

/// What a case of a step with this body is told to lose.
fn loses(body: &str, before: &str, after: &str) -> String {
    let body = format!("idempotent = false\nreason = \"short\"\nmodify {{\n  {body}\n}}");
    verdict(&body, &[("before.ocl", before), ("after.ocl", after)])
}

#[test]
fn a_convert_that_reads_a_part_of_a_value_loses_the_rest() {
    let first = loses(
        "convert = { l = try(value[0], value) }",
        "l = [1, 2, 3]",
        "l = 1",
    );
    assert!(first.contains("overwrites l[1], which was 2"), "{first}");
    let part = loses(
        "convert = { d = { q = value.k } }",
        "d = {\n    k = 1\n    z = \"lost\"\n}",
        "d = {\n    q = 1\n}",
    );
    assert!(part.contains("which was \"lost\""), "{part}");
    let items = loses(
        "convert = { d = [for x in value : x.k] }",
        "d = [{\n    k = 1\n    z = \"lost\"\n}]",
        "d = [1]",
    );
    assert!(items.contains("which was \"lost\""), "{items}");
    let all = loses(
        "convert = { l = value[0] + max(value...) }",
        "l = [1, 2]",
        "l = 3",
    );
    assert_eq!(all, "holds");
}

#[test]
fn that_a_value_is_there_and_how_large_it_is_does_not_carry_it() {
    for body in [
        "convert = { a = value != null ? \"new\" : \"\" }",
        "set = { a = self.a == null ? \"old\" : \"new\" }",
        "set = { a = length(self) == 1 ? \"new\" : \"\" }",
        "set = { a = length(self.a) > 0 ? \"new\" : \"\" }",
        "set = { a = contains(keys(self), \"a\") ? \"new\" : \"\" }",
    ] {
        let told = loses(body, "a = \"user\"", "a = \"new\"");
        let lost = "overwrites a, which was \"user\"";
        assert!(told.contains(lost), "{body}: {told}");
    }
    for (body, before, after) in [
        // Null is all that a null is.
        (
            "convert = { a = value == null ? 1 : value }",
            "a = null",
            "a = 1",
        ),
        (
            "set = { a = self.a == null ? 1 : self.a + 1 }",
            "a = 1",
            "a = 2",
        ),
        (
            "convert = { a = value == \"user\" ? 1 : value }",
            "a = \"user\"",
            "a = 1",
        ),
    ] {
        assert_eq!(loses(body, before, after), "holds", "{body}");
    }
}

#[test]
fn a_name_that_a_json_text_holds_twice_is_refused() {
    for decode in ["jsondecode(value)", "try(jsondecode(value).a, null)"] {
        let body = format!("convert = {{ j = {decode} }}");
        let told = loses(&body, r#"j = "{\"a\":1,\"a\":2}""#, "j = 1");
        let twice =
            "\"a\" stands there twice at line 1 column 8, and before that at line 1 column 2";
        assert!(told.contains(twice), "{told}");
    }
}

#[test]
fn an_attribute_that_insert_would_turn_into_blocks_is_refused() {
    let dictionaries = "b \"l\" {\n    l = [{\n        a = 1\n    }]\n}";
    let copied = "in \"\" {\n    when = self.b != null\n    insert = { n = [for x in self.b : x] }\n    remove = [\"b\"]\n  }";
    let envs = "envs = {\n    dev = [{\n        a = 1\n    }, {\n        a = 2\n    }]\n}";
    let states = "insert = { env = [for name, state in self.envs : { \"$labels\" = [name], state = state }] }\n  remove = [\"envs\"]";
    for (body, before, place) in [
        (
            copied,
            dictionaries,
            "`l` would become blocks: it is an attribute that holds a list of dictionaries (at b[\"l\"].l)",
        ),
        (
            states,
            envs,
            "`state` would become blocks: it is an attribute that holds a list of dictionaries (at envs[\"dev\"])",
        ),
    ] {
        let told = loses(body, before, "x = 1");
        assert!(told.contains(place), "{told}");
    }
    // Lists that an expression makes are blocks, and other lists are attributes.
    let after = "n \"l\" {\n    l = [1]\n}";
    assert_eq!(loses(copied, "b \"l\" {\n    l = [1]\n}", after), "holds");
    let meant =
        "insert = { env = { state = [for x in self.envs.dev : x] } }\n  remove = [\"envs\"]";
    let after = "env {\n    state {\n        a = 1\n    }\n\n    state {\n        a = 2\n    }\n}";
    assert_eq!(loses(meant, envs, after), "holds");
    let bodies = "insert = { env = self.envs.dev }\n  remove = [\"envs\"]";
    let after = "env {\n    a = 1\n}\n\nenv {\n    a = 2\n}";
    assert_eq!(loses(bodies, envs, after), "holds");
}
