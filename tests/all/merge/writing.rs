//! What is written: the text of ours, with what theirs changed.

use ocl_migrate::catalog::Identity;
use ocl_migrate::merge::{MergeError, Side, merge_settled};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::Values;

use super::{identity, merged, outcome, parse};

fn written(kind: &str, texts: [&str; 3]) -> String {
    outcome(&identity(kind), texts).unwrap_or_else(|conflicts| panic!("{conflicts:?}"))
}

#[test]
fn formatting_comments_and_order_of_ours_stay() {
    let base =
        "step \"a\" {\n    name = \"A\"\n    start = 1\n}\n\nstep \"b\" {\n    name = \"B\"\n}\n";
    let ours = "# Ours.\nstep \"a\" {\n  start=1   # soon\n  name=\"A\"\n}\nstep \"b\" {\n  name = \"B\"\n} # last\n";
    let theirs =
        "step \"a\" {\n    name = \"A\"\n    start = 2\n}\n\nstep \"b\" {\n    name = \"BB\"\n}\n";
    assert_eq!(
        written("deployment_process", [base, ours, theirs]),
        "# Ours.\nstep \"a\" {\n  start=2   # soon\n  name=\"A\"\n}\nstep \"b\" {\n  name = \"BB\"\n} # last\n"
    );
}

#[test]
fn what_comes_brings_its_comments_and_takes_the_indent_of_ours() {
    let base = "step \"a\" {\n    x = 1\n}\n";
    let ours = "step \"a\" {\n\tx = 1\n}\n# The end.\n";
    let theirs = "step \"a\" {\n    # Why y.\n    y = 2 # two\n    x = 1\n}\n\n# Runs last.\nstep \"b\" { # begins\n    s = <<-EOT\n        one\n          two\n    EOT\n} # ends\n";
    assert_eq!(
        written("deployment_process", [base, ours, theirs]),
        "step \"a\" {\n\tx = 1\n\t# Why y.\n\ty = 2 # two\n}\n\n# Runs last.\nstep \"b\" { # begins\n    s = <<-EOT\n        one\n          two\n    EOT\n} # ends\n# The end.\n"
    );
}

#[test]
fn what_goes_takes_its_comments_along() {
    let base = "a = 1\n\n# About b.\n# More about b.\nb = 2\nc = 3\n";
    let ours = "a = 1\n\n# About b.\n# More about b.\nb = 2\nc = 4\n";
    let theirs = "a = 1\n\nc = 3\n";
    let none = Identity::none();
    assert_eq!(
        outcome(&none, [base, ours, theirs]).unwrap(),
        "a = 1\n\nc = 4\n"
    );
}

#[test]
fn moved_blocks_are_moved_with_their_text() {
    let base =
        "step \"a\" {\n    x = 1\n}\n\nstep \"b\" {\n    x = 2\n}\n\nstep \"c\" {\n    x = 3\n}\n";
    let ours = "step \"a\" {\n    x = 11 # one\n}\n\n# b is next.\nstep \"b\" {\n    x = 2\n}\n\n# c is last.\nstep \"c\" {\n    x = 3 # three\n}\n";
    let theirs = "step \"c\" {\n    x = 33\n}\n\nstep \"a\" {\n    x = 1\n}\n\nstep \"d\" {\n    x = 4\n}\n\nstep \"b\" {\n    x = 2\n}\n";
    assert_eq!(
        written("deployment_process", [base, ours, theirs]),
        "# c is last.\nstep \"c\" {\n    x = 33 # three\n}\n\nstep \"a\" {\n    x = 11 # one\n}\n\nstep \"d\" {\n    x = 4\n}\n\n# b is next.\nstep \"b\" {\n    x = 2\n}\n"
    );
}

#[test]
fn line_ends_of_ours_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let base = "a = 1\nb = 2\n";
    let theirs = "a = 1\nb = 2\nx \"y\" {\n    c = [\n        1\n    ]\n}\n";
    let ours = crlf("a = 11\nb = 2\n");
    let expected = crlf("a = 11\nb = 2\n\nx \"y\" {\n    c = [\n        1\n    ]\n}\n");
    assert_eq!(
        outcome(&Identity::none(), [base, &ours, theirs]).unwrap(),
        expected
    );
}

#[test]
fn a_heredoc_stays_one_and_both_sides_lines_are_in_it() {
    let text = |first: &str, last: &str| {
        format!("s = <<-EOT\n        {first}\n        middle\n        {last}\n    EOT\nt = 1\n")
    };
    let (base, ours, theirs) = (text("one", "two"), text("one!", "two"), text("one", "two!"));
    let merged = outcome(&Identity::none(), [&base, &ours, &theirs]).unwrap();
    assert_eq!(merged, text("one!", "two!"));
    // However it is written.
    let quoted = "t = 1\ns = \"one\\nmiddle\\ntwo!\"\n";
    let base = base.replace("        ", "    ");
    let ours = ours.replace("        ", "    ");
    let merged = outcome(&Identity::none(), [&base, &ours, quoted]).unwrap();
    assert_eq!(merged, text("one!", "two!").replace("        ", "    "));
}

#[test]
fn one_value_has_one_conflict() {
    let text = |lines: &str| format!("s = <<EOT\n{lines}\nEOT\n");
    let [base, ours, theirs] = ["a\nb\nc\nd", "A\nb\nC\nd", "1\nb\n2\nd"].map(text);
    let conflicts = outcome(&Identity::none(), [&base, &ours, &theirs]).unwrap_err();
    assert_eq!(
        conflicts,
        [r#"both-changed s: base "a\nb\nc\nd", ours "A\nb\nC\nd", theirs "1\nb\n2\nd""#]
    );
}

#[test]
fn a_key_that_ignores_case_is_written_as_the_side_has_it_that_changed_it() {
    let base =
        "variable \"retries\" {\n    value \"5\" {\n        environment = [\"test\"]\n    }\n}\n";
    let theirs =
        "variable \"Retries\" {\n    value \"5\" {\n        environment = [\"test\"]\n    }\n}\n";
    let ours = base.replace("\"5\"", "\"7\"");
    assert_eq!(
        written("variables", [base, &ours, theirs]),
        theirs.replace("\"5\"", "\"7\"")
    );
    let ours = base.replace("retries", "RETRIES");
    let conflicts = outcome(&identity("variables"), [base, &ours, theirs]).unwrap_err();
    assert_eq!(
        conflicts,
        [
            "identity variable[\"retries\"]: base variable[\"retries\"], ours variable[\"RETRIES\"], theirs variable[\"Retries\"]"
        ]
    );
}

#[test]
fn a_side_with_the_text_of_the_base_gives_the_other_to_the_byte() {
    let (base, other) = ("a = 1\n", "# New.\n\n\na = 1 # same\nb=[ ]");
    let none = Identity::none();
    assert_eq!(outcome(&none, [base, base, other]).unwrap(), other);
    assert_eq!(outcome(&none, [base, other, base]).unwrap(), other);
    assert_eq!(outcome(&none, [base, other, other]).unwrap(), other);
}

#[test]
fn documents_of_two_shapes_are_refused() {
    let none = Identity::none();
    let documents = [Dialect::Current, Dialect::Current, Dialect::Legacy]
        .map(|dialect| Document::parse("a = 1\n", dialect).unwrap());
    let error = merged(&none, &documents).unwrap_err();
    assert!(matches!(error, MergeError::Shapes), "{error}");
}

/// For each kind of conflict, three documents, and what comes out if ours or theirs is right.
#[test]
fn a_conflict_is_settled_by_either_side() {
    let none = Identity::none();
    let process = identity("deployment_process");
    let step = |key: &str, x: u8| format!("step \"{key}\" {{\n    x = {x}\n    y = 0\n}}\n\n");
    let steps = |steps: &[(&str, u8)]| -> String {
        let text: String = steps.iter().map(|(key, x)| step(key, *x)).collect();
        text.trim_end().to_owned() + "\n"
    };
    let cases: Vec<(&Identity, [String; 3])> = vec![
        (
            &none,
            ["a = 1\nb = 0\n", "a = 2\nb = 0\n", "a = 3\nb = 0\n"].map(str::to_owned),
        ),
        (
            &none,
            ["a = 1\nb = 0\n", "a = 2\nb = 0\n", "a = [3]\nb = 0\n"].map(str::to_owned),
        ),
        (
            &none,
            ["a = 1\nb = 0\n", "a = 2\nb = 0\n", "b = 0\n"].map(str::to_owned),
        ),
        (
            &none,
            ["b = 0\n", "a = 2\nb = 0\n", "a = 3\nb = 0\n"].map(str::to_owned),
        ),
        (
            &none,
            ["b = 0\n", "a = 2\nb = 0\n", "b = 0\na {}\n"].map(str::to_owned),
        ),
        (
            &none,
            ["l = [1, 2]\n", "l = [1, 3, 2]\n", "l = [1, 4, 2]\n"].map(str::to_owned),
        ),
        (
            &process,
            [
                steps(&[("a", 1), ("b", 2)]),
                steps(&[("a", 1), ("c", 3), ("b", 2)]),
                steps(&[("a", 1), ("d", 4), ("b", 2)]),
            ],
        ),
        (
            &process,
            [
                steps(&[("a", 1), ("b", 2)]),
                steps(&[("a", 3), ("b", 2)]),
                steps(&[("c", 1), ("b", 2)]),
            ],
        ),
        (
            &process,
            [
                steps(&[("a", 1), ("b", 2)]),
                steps(&[("c", 1), ("b", 2)]),
                steps(&[("d", 1), ("b", 2)]),
            ],
        ),
        (
            &process,
            [
                steps(&[("a", 1), ("b", 2)]),
                steps(&[("b", 2)]),
                steps(&[("d", 1), ("b", 2)]),
            ],
        ),
    ];
    let mut told = String::new();
    for (identity, texts) in cases {
        for documents in [[0, 1, 2], [0, 2, 1]].map(|order| order.map(|at| parse(&texts[at]))) {
            let [base, ours, theirs] = documents
                .each_ref()
                .map(|document| Values::of(document, identity));
            let merged = merge_settled(base, ours, theirs, &|_| None).unwrap();
            assert_eq!(merged.conflicts().len(), 1, "{:?}", merged.conflicts());
            told.push_str(&format!("{}\n", merged.conflicts()[0]));
            for side in [Side::Ours, Side::Theirs] {
                let merged = merge_settled(base, ours, theirs, &|_| Some(side)).unwrap();
                assert!(merged.conflicts().is_empty());
                let leaves = Values::of(merged.document(), identity).leaves();
                let leaves: Vec<String> = leaves.map(|leaf| leaf.to_string()).collect();
                told.push_str(&format!("    {side:?}: {}\n", leaves.join("  ")));
            }
        }
    }
    insta::assert_snapshot!("settled", told);
}

/// Time is as the documents are long: a quadratic merge would take hours for this.
#[test]
fn a_document_of_a_megabyte_is_merged() {
    let text = |set: &dyn Fn(usize) -> Option<usize>| -> String {
        let variable = |at: usize| {
            let value = set(at)?;
            Some(format!(
                "variable \"n{at}\" {{\n    value \"{value}\" {{}}\n    list = [{value}, 2, 3]\n}}\n\n"
            ))
        };
        (0..16_000).filter_map(variable).collect()
    };
    let documents = [
        text(&Some),
        text(&|at| match at % 4 {
            0 => Some(at + 1),
            1 if at % 8 == 1 => None,
            _ => Some(at),
        }),
        text(&|at| match at % 4 {
            2 => Some(at + 1),
            3 if at % 8 == 3 => None,
            _ => Some(at),
        }),
    ]
    .map(|text| parse(&text));
    assert!(documents[0].text().len() > 1_000_000);
    let identity = identity("variables");
    let merged = merged(&identity, &documents).unwrap();
    assert!(merged.conflicts().is_empty());
    let expected = text(&|at| match at % 8 {
        1 | 3 => None,
        0 | 2 | 4 | 6 => Some(at + 1),
        _ => Some(at),
    });
    assert!(super::says_the_same(
        &identity,
        merged.document(),
        &parse(&expected)
    ));
}
