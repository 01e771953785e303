//! The laws on random documents and random edits.

use proptest::prelude::*;

use super::laws;
use crate::values::random::{branched, declared_identity};

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_for_random_documents_and_edits((identity, texts) in branched()) {
        let (identity, documents) = (declared_identity(identity), texts.map(|text| super::parse(&text)));
        prop_assume!(!laws::is_guessed(&identity, &documents));
        laws::hold(&identity, &documents);
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
