//! Conflicts between markers.

use ocl_migrate::catalog::Identity;
use ocl_migrate::merge::{
    Labels, MarkedMerge, MarkedText, MergeError, Side, merge_marked, merge_settled,
};
use ocl_migrate::ocl::Document;
use ocl_migrate::values::Values;

use super::{identity, parse};

pub const SIDES: [Side; 3] = [Side::Base, Side::Ours, Side::Theirs];

fn labels() -> Labels {
    Labels {
        ours: "main, version 9".into(),
        base: "1a2b3c4".into(),
        theirs: "feature/x".into(),
    }
}

pub fn marked<'a>(
    identity: &'a Identity,
    documents: &'a [Document; 3],
) -> Result<MarkedMerge<'a>, MergeError> {
    let [base, ours, theirs] = documents
        .each_ref()
        .map(|document| Values::of(document, identity));
    merge_marked(base, ours, theirs, &|_| None, &labels())
}

/// The merge with everything that is open settled for one side.
pub fn settled(
    identity: &Identity,
    documents: &[Document; 3],
    side: Side,
) -> Result<Document, MergeError> {
    let [base, ours, theirs] = documents
        .each_ref()
        .map(|document| Values::of(document, identity));
    merge_settled(base, ours, theirs, &|_| Some(side)).map(|merged| merged.document().clone())
}

fn shown(identity: &Identity, three: [&str; 3]) -> String {
    let documents = three.map(parse);
    let marked = marked(identity, &documents).unwrap();
    let text = marked.text.to_string();
    assert_eq!(
        MarkedText::parse(&text).as_ref(),
        Ok(&marked.text),
        "{text}"
    );
    for side in SIDES {
        let expected = settled(identity, &documents, side).unwrap();
        assert_eq!(marked.text.settled(side), expected.text(), "{side:?}");
    }
    text.replace('\t', " -> ")
}

#[test]
fn markers_stand_around_one_value() {
    let step = |retries: u8, script: &str| {
        format!(
            "step \"deploy\" {{\n    retries = {retries}\n    script = <<-EOT\n        first\n        {script}\n        \
             last\n    EOT\n    shell = \"Bash\"\n}}\n"
        )
    };
    let (base, ours, theirs) = (step(5, "a"), step(7, "a"), step(9, "b"));
    insta::assert_snapshot!(
        "value",
        shown(&identity("deployment_process"), [&base, &ours, &theirs])
    );
    let (ours, theirs) = (step(5, "ours"), step(9, "theirs"));
    insta::assert_snapshot!(
        "heredoc",
        shown(&identity("deployment_process"), [&base, &ours, &theirs])
    );
}

#[test]
fn markers_stand_around_what_one_side_removed() {
    let base = "a = 1\n\nstep \"x\" {\n    b = 1\n    c = 2\n}\n\nstep \"y\" {\n    b = 2\n}\n";
    let theirs = base.replace("c = 2", "c = 3");
    let ours = "a = 1\n\nstep \"y\" {\n    b = 2\n}\n";
    insta::assert_snapshot!(
        "removed",
        shown(&identity("deployment_process"), [base, ours, &theirs])
    );
    insta::assert_snapshot!(
        "removed_by_theirs",
        shown(&identity("deployment_process"), [base, &theirs, ours])
    );
}

#[test]
fn a_label_beside_the_key_is_settled_for_any_side() {
    let identity = Identity::parse("key \"b\" {\n  by    = \"k\"\n  value = label\n}").unwrap();
    let settled_for = |three: [&str; 3], side| {
        let documents =
            three.map(|labels| parse(&format!("b {labels} {{ # kept\n    k = 1\n}}\n")));
        let settled =
            settled(&identity, &documents, side).unwrap_or_else(|error| panic!("{error}"));
        settled.text().lines().next().unwrap_or_default().to_owned()
    };
    let (one, y, z) = (r#""x""#, r#""x" "y""#, r#""x" "z""#);
    for [base, ours, theirs] in [[one, y, z], [y, z, one], [y, one, z]] {
        for (side, expected) in SIDES.into_iter().zip([base, ours, theirs]) {
            assert_eq!(
                settled_for([base, ours, theirs], side),
                format!("b {expected} {{ # kept"),
                "{side:?}"
            );
        }
    }
}

#[test]
fn an_order_is_one_place() {
    let steps = |names: &str| -> String {
        let step = |name| format!("step \"{name}\" {{\n    b = \"{name}\"\n}}\n");
        names.chars().map(step).collect::<Vec<_>>().join("\n")
    };
    let three = ["abcd", "bcad", "bacd"].map(steps);
    let found = shown(
        &identity("deployment_process"),
        three.each_ref().map(String::as_str),
    );
    assert_eq!(found.matches("<<<<<<<").count(), 1, "{found}");
    insta::assert_snapshot!("order", found);
}

#[test]
fn a_text_without_a_last_line_end_comes_back_as_it_is() {
    let found = shown(&Identity::none(), ["a = 1", "a = 2", "a = 3\n"]);
    assert!(found.contains("\\ No newline at end of file"), "{found}");
    shown(
        &Identity::none(),
        ["a = 1\r\nb = 2", "a = 2\r\nb = 3", "b = 4\r\na = 3"],
    );
}

#[test]
fn a_line_that_looks_like_a_marker_is_refused() {
    let text = |value: u8, line: &str| format!("a = {value}\nb = <<EOT\n{line}\nEOT\n");
    for (line, is_refused) in [
        ("<<<<<<< HEAD", true),
        ("||||||| 1a2b3c4", true),
        (">>>>>>> x", true),
        // Only between others is it a marker.
        ("=======", false),
        ("<<<<<<<<", false),
    ] {
        let documents = [1, 2, 3].map(|value| parse(&text(value, line)));
        let none = Identity::none();
        let found = marked(&none, &documents);
        match found {
            Err(MergeError::Marker { line: named }) => {
                assert!(is_refused && named == line, "{named}")
            }
            Err(error) => panic!("{error}"),
            Ok(_) => {
                assert!(!is_refused, "{line}");
                let [base, ours, theirs] = [1, 2, 3].map(|value| text(value, line));
                shown(&none, [&base, &ours, &theirs]);
            }
        }
    }
    let none = Identity::none();
    let texts = ["x", "=======", "y"].map(|line| text(1, &format!("1\n{line}\n2")));
    let documents = texts.each_ref().map(|text| parse(text));
    assert!(matches!(
        marked(&none, &documents),
        Err(MergeError::Marker { .. })
    ));
}

#[test]
fn markers_that_do_not_belong_together_are_told_with_their_line() {
    for (text, expected) in [
        (
            "a = 1\n>>>>>>> x\n",
            "line 2: `>>>>>>>` stands where it can't: a marker before it is missing",
        ),
        (
            "<<<<<<< x\n<<<<<<< y\n",
            "line 2: `<<<<<<<` stands where it can't: a marker before it is missing",
        ),
        (
            "<<<<<<< x\n=======\n||||||| y\n",
            "line 3: `|||||||` stands where it can't: a marker before it is missing",
        ),
        (
            "\n<<<<<<< x\na = 1\n",
            "line 2: this conflict has no `>>>>>>>` that ends it",
        ),
    ] {
        let error = MarkedText::parse(text).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    // As Git writes them without a base.
    let git = MarkedText::parse("<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> x\n").unwrap();
    assert_eq!(git.settled(Side::Theirs), "a = 2\n");
    assert_eq!(
        MarkedText::parse("=======\n").unwrap().settled(Side::Ours),
        "=======\n"
    );
}

#[test]
fn places_are_settled_one_by_one() {
    let documents = [
        "a = 1\nb = 1\nc = 1\n",
        "a = 2\nb = 1\nc = 2\n",
        "a = 3\nb = 2\nc = 3\n",
    ]
    .map(parse);
    let none = Identity::none();
    let mut text = marked(&none, &documents).unwrap().text;
    text.settle(|open| open.addresses().eq(["c"]).then_some(Side::Theirs));
    let open: Vec<_> = text
        .open()
        .flat_map(|open| open.conflicts.clone())
        .collect();
    assert_eq!(open, ["both-changed a"]);
    text.settle(|_| Some(Side::Base));
    assert_eq!(text.to_string(), "a = 1\nb = 2\nc = 3\n");
}
