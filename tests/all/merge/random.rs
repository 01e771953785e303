//! The laws on random documents and random edits.

use proptest::prelude::*;

use super::laws;
use crate::values::random::{branched, declared_identity};
use proptest::test_runner::RngSeed;

/// The same documents each time, so that no run fails by chance. Others for another `OCL_RANDOM_SEED`.
fn seed() -> RngSeed {
    let seed = std::env::var("OCL_RANDOM_SEED").ok();
    RngSeed::Fixed(seed.map_or(1, |seed| seed.parse().expect("a number")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, rng_seed: seed(), ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_for_random_documents_and_edits((identity, texts) in branched()) {
        laws::hold(&declared_identity(identity), &texts.map(|text| super::parse(&text)));
    }
}

#[test]
fn a_block_and_an_attribute_of_one_name_have_no_order() {
    let texts = ["a {\n}\n", "a {\na = \"x\"\n}\na = \"x\"\n", "a = \"x\"\n"];
    laws::hold(&declared_identity(1), &texts.map(super::parse));
}

#[test]
fn labels_beside_the_key_are_settled_for_any_side() {
    // The second label that both added.
    let texts = [
        "b \"x\" {\n}\n",
        "b \"x\" \"y\" {\n}\n",
        "b \"x\" \"X\" {\n}\n",
    ];
    laws::hold(&declared_identity(1), &texts.map(super::parse));
    laws::hold(&declared_identity(2), &texts.map(super::parse));
    // The label that one side changed and the other one removed.
    let texts = [
        "b \"x\" \"y\" {\n}\n",
        "b \"x\" \"X\" {\n}\n",
        "b \"x\" {\n}\n",
    ];
    laws::hold(&declared_identity(1), &texts.map(super::parse));
    laws::hold(&declared_identity(2), &texts.map(super::parse));
}

#[test]
fn labels_of_which_both_sides_changed_the_number_are_one_conflict() {
    let block = |labels: &str| format!("b {labels} {{\n}}\n");
    let all = [
        r#""#,
        r#""x""#,
        r#""x" "y""#,
        r#""x" "X""#,
        r#""x" "y" "z""#,
        r#""y" "x" "z""#,
    ];
    for base in all {
        for ours in all {
            for theirs in all {
                let documents = [base, ours, theirs].map(|labels| super::parse(&block(labels)));
                laws::hold(&declared_identity(1), &documents);
            }
        }
    }
}

#[test]
fn several_blocks_of_one_key_are_merged_or_refused() {
    for texts in [
        [
            "b \"x\" \"X\" {\n}\n",
            "b \"x\" \"X\" {\n}\nb \"x\" \"x\" {\n}\n",
            "b \"X\" {\n}\nb \"x\" \"x\" {\n}\n",
        ],
        [
            "a \"x\" \"X\" {\n}\n",
            "a \"X\" \"x\" {\na {\n}\n}\n",
            "a \"x\" \"X\" {\nb {\na = \"x\"\n}\na = \"x\"\n}\na \"x\" \"X\" {\nb {\na = \"x\"\n}\na = \"x\"\n}\n",
        ],
    ] {
        laws::hold(&declared_identity(1), &texts.map(super::parse));
    }
}

#[test]
fn a_block_in_an_attributes_place_keeps_the_order_of_its_side() {
    let texts = ["b = \"x\"\n", "b = \"x\"\n", "a {\na = \"x\"\n}\nb {\n}\n"];
    laws::hold(&declared_identity(3), &texts.map(super::parse));
    // Beside what the other side added, moved and removed; and where both made it a block.
    for [ours, theirs] in [
        ["a {\n}\nb = \"x\"\n", "b {\n}\n"],
        ["b {\n}\na {\n}\n", "a {\n}\nb {\n}\n"],
        ["b {\n}\n", "b {\n}\nc {\n}\n"],
        ["d {\n}\nc {\n}\nb = \"x\"\n", "c {\n}\nb {\n}\nd {\n}\n"],
        ["b = \"x\"\nd {\n}\n", "c {\n}\nd {\n}\nb {\n}\n"],
        ["b = \"y\"\nc {\n}\n", "c {\n}\nb {\n}\n"],
    ] {
        for base in ["b = \"x\"\n", "b = \"x\"\nc {\n}\nd {\n}\n"] {
            laws::hold(
                &declared_identity(3),
                &[base, ours, theirs].map(super::parse),
            );
        }
    }
}

#[test]
fn doubled_names_in_blocks_of_one_key_keep_their_order() {
    let block =
        |first, last| format!("a {{\nv = {first:?}\na = \"x\"\na = \"x\"\nv = {last:?}\n}}\n");
    let (forth, back) = (block("y", "x"), block("x", "y"));
    let ours = format!("a {{\n}}\n{forth}{back}");
    let texts = ["a {\n}\n", &ours, &format!("a {{\n}}\na {{\n}}\n{back}")];
    laws::hold(&declared_identity(2), &texts.map(super::parse));
}
