//! What holds for every document and its defaults.

use ocl_migrate::catalog::Identity;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::{Leaf, Overrides, Value, Values, fill_in};
use proptest::prelude::*;

use crate::values::laws::says_the_same;
use crate::values::random::{identity, texts};

fn parse(text: String) -> Document {
    Document::parse(text, Dialect::Current).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_there_stays_and_what_is_missing_comes(own in texts(), other in texts(), identity in identity()) {
        let (own, other, empty) = (parse(own), parse(other), parse(String::new()));
        let (own, other, empty) = (
            Values::of(&own, &identity),
            Values::of(&other, &identity),
            Values::of(&empty, &identity),
        );
        for documents in [&[own][..], &[own, own], &[own, empty], &[empty, own]] {
            let filled = fill_in(documents).unwrap();
            says_the_same(own, filled.document().text());
        }
        let filled = fill_in(&[own, other]).unwrap();
        let again = fill_in(&[Values::of(filled.document(), &identity), other]).unwrap();
        says_the_same(Values::of(filled.document(), &identity), again.document().text());
        // Each value comes from the document that it is said to come from.
        for leaf in Values::of(filled.document(), &identity).leaves() {
            let from = if filled.origin(leaf.node()) == 0 { own } else { other };
            let mut values = from.leaves().map(|leaf| leaf.value());
            prop_assert!(values.any(|value| value == leaf.value()), "{leaf}\n{}", filled.document());
        }
    }
}

/// Values that aren't empty: what is empty may be filled in.
fn full<'a>(leaves: impl Iterator<Item = Leaf<'a>>) -> Vec<String> {
    let empty = [Value::EmptyBlock, Value::EmptyDictionary];
    let values = leaves.map(|leaf| leaf.value());
    let values = values.filter(|value| !empty.contains(value));
    let mut values: Vec<String> = values.map(|value| value.to_string()).collect();
    values.sort();
    values
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_filled_in_is_what_is_not_overridden(own in texts(), other in texts(), identity in identity()) {
        let (own, other) = (parse(own), parse(other));
        let (own, other) = (Values::of(&own, &identity), Values::of(&other, &identity));
        let filled = fill_in(&[own, other]).unwrap();
        let overrides = Overrides::of(own, other);
        let leaves = Values::of(filled.document(), &identity).leaves();
        let filled_in = full(leaves.filter(|leaf| filled.origin(leaf.node()) == 1));
        let applies = full(other.leaves().filter(|leaf| overrides.applies(leaf)));
        prop_assert_eq!(filled_in, applies, "{}\n--\n{}\n--\n{}", own.document(), other.document(), filled.document());
    }
}

#[test]
fn a_value_is_its_own_or_the_default() {
    let identity = Identity::parse(
        "key \"v\" {\n  by     = [\"env\"]\n  as_set = true\n  value  = [label, \"value\"]\n}\nkey \"s\" {\n  by      = label\n  ordered = true\n}",
    )
    .unwrap();
    let own = parse(
        "v \"1\" {\n}\nv {\n    env = [\"b\"]\n}\nlist = [1]\nempty = {\n}\ns \"x\" {\n    a = 1\n}\nodd = 1\n".into(),
    );
    let other = parse(
        "v \"2\" {\n}\nv \"3\" {\n    env = [\"a\"]\n}\nv \"4\" {\n    env = [\"b\"]\n}\nlist = [2, 3]\nempty = {\n    k = 1\n}\n\
         s \"w\" {\n}\ns \"x\" {\n    a = 2\n    b = 3\n}\nodd {\n    x = 1\n}\n"
            .into(),
    );
    let filled = fill_in(&[Values::of(&own, &identity), Values::of(&other, &identity)]).unwrap();
    let leaves = Values::of(filled.document(), &identity).leaves();
    let leaves: Vec<String> = leaves
        .map(|leaf| format!("{} {leaf}", filled.origin(leaf.node())))
        .collect();
    assert_eq!(
        leaves,
        [
            "0 v{} = \"1\"",
            "1 v{env=b} = \"4\"",
            "0 list[0] = 1",
            "1 empty[\"k\"] = 1",
            "0 s[\"x\"].a = 1",
            "1 s[\"x\"].b = 3",
            "0 odd = 1",
            "1 v{env=a} = \"3\"",
            "1 s[\"w\"] = {}",
        ]
    );
}

#[test]
fn what_is_known_by_its_parent_is_filled_in_once_however_that_is_spelt() {
    let identity = Identity::parse(
        "key \"a\" {\n  by          = label\n  ignore_case = true\n}\nkey \"a.b\" {\n  by   = label\n  else = parent\n}",
    )
    .unwrap();
    let (own, other) = (
        parse("a \"X\" {\n}\n".into()),
        parse("a \"x\" {\n    b {\n    }\n}\n".into()),
    );
    let other = Values::of(&other, &identity);
    let filled = fill_in(&[Values::of(&own, &identity), other]).unwrap();
    let again = fill_in(&[Values::of(filled.document(), &identity), other]).unwrap();
    says_the_same(
        Values::of(filled.document(), &identity),
        again.document().text(),
    );
}
