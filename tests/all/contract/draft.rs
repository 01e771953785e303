//! Drafts of contracts: each allows what it was made from, and no name that none of that has.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::contract::{Contracts, Draft, Rule, Violation};
use ocl_migrate::ocl::{Dialect, Document};

use super::Folder;
use super::corpus::all_lifted;

fn document(text: &str) -> Document {
    Document::parse(text, Dialect::Current).unwrap_or_else(|error| panic!("{error}"))
}

fn drafted(documents: &[Document]) -> Draft {
    let mut draft = Draft::new("room", 1);
    documents.iter().for_each(|document| draft.add(document));
    draft
}

fn as_schema(draft: &Draft) -> Folder {
    Folder::with(&draft.json_schema().to_string())
}

/// `None` where no message can say it.
fn as_message(draft: &Draft) -> Option<Folder> {
    let message = draft.protobuf("hotel").ok()?;
    let labels: Vec<String> = message
        .labels
        .iter()
        .map(|(message, fields)| format!("\"{message}\" = {fields:?}"))
        .collect();
    let folder = Folder::declaring(&format!(
        "{{\n protobuf = \"contracts/room_1.proto\"\n message = \"{}\"\n labels = {{ {} }}\n}}",
        message.message,
        labels.join(", ")
    ));
    folder.write("contracts/room_1.proto", &message.text);
    Some(folder)
}

fn violations(folder: &Folder, document: &Document) -> Vec<Violation> {
    let catalog = folder.load().unwrap();
    let contracts = Contracts::of(&catalog).unwrap_or_else(|error| panic!("{error}"));
    contracts.at("room", 1).unwrap().check(document).unwrap()
}

/// The law, for one set of documents. Whether a message can say it.
fn holds(documents: &[Document]) -> bool {
    let draft = drafted(documents);
    let message = as_message(&draft);
    for folder in [Some(as_schema(&draft)), message].into_iter().flatten() {
        let catalog = folder.load().unwrap();
        let contracts = Contracts::of(&catalog).unwrap_or_else(|error| panic!("{error}"));
        let contract = contracts.at("room", 1).unwrap();
        for document in documents {
            let wrong = contract.check(document).unwrap();
            assert!(wrong.is_empty(), "{wrong:?}\n{}", document.text());
            let stranger = format!("nobody_has_this = 1\n{}", document.text());
            let wrong = contract.check(&self::document(&stranger)).unwrap();
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            // Where no name is known, none is allowed.
            let rules = [Rule::UnknownName, Rule::NotAllowed];
            assert!(rules.contains(&wrong[0].rule), "{wrong:?}");
        }
    }
    draft.protobuf("hotel").is_ok()
}

#[test]
fn a_draft_allows_every_real_document_that_it_was_made_from() {
    let catalog = Catalog::builtin();
    let mut kinds: BTreeMap<String, Vec<Document>> = BTreeMap::new();
    for (real, document) in all_lifted(&catalog) {
        kinds
            .entry(real.kind().to_owned())
            .or_default()
            .push(document);
    }
    for (kind, documents) in kinds {
        // A few are wrong in ways that no message has words for.
        let fits = documents.iter().filter(|it| {
            let contracts = Contracts::of(&catalog).unwrap();
            contracts
                .at(&kind, 14)
                .unwrap()
                .check(it)
                .unwrap()
                .is_empty()
        });
        let fits: Vec<Document> = fits.cloned().collect();
        assert!(fits.len() > 2, "{kind}");
        assert!(holds(&fits), "{kind}");
        holds(&documents);
    }
}

#[test]
fn a_draft_allows_what_is_odd() {
    let deep = format!("a = {}1{}\n", "[".repeat(60), "]".repeat(60));
    let blocks = |deep| format!("{}{}", "b \"x\" {\n".repeat(deep), "}\n".repeat(deep));
    let (blocks, many_blocks) = (blocks(30), blocks(31));
    let cases: &[(&[&str], bool)] = &[
        (&[""], true),
        (&["a = null\n", "a = 1\n"], true),
        (&["a = null\n"], true),
        (
            &[
                "a = 1\n",
                "a = 1.5\n",
                "a = 123456789012345678901234567890\n",
            ],
            true,
        ),
        (
            &["a = 1\n", "a = \"1\"\n", "a = [1]\n", "a = { b = 1 }\n"],
            true,
        ),
        (
            &["a = [1, \"1\", null, [2], { b = 3 }]\n", "a = []\n"],
            true,
        ),
        (
            &["a = {\nx = 1\ny = 2\n}\n", "a = {\ny = 3\nx = 4\n}\n"],
            true,
        ),
        (
            &["a = { x = 1 }\n", "a = { y = \"2\" }\n", "a = {}\n"],
            true,
        ),
        (&["a {\n}\n", "a = 1\n"], false),
        (&["a = [1]\na {\n}\n", "a {\n  b = 1\n}\n"], false),
        (
            &[
                "a \"x\" \"y\" {\n}\na {\n}\n",
                "a \"z\" {\n  name = 1\n  label = 2\n}\n",
            ],
            true,
        ),
        (
            &[
                "A {\n  A {\n    A = 1\n  }\n}\n",
                "b {\n  A {\n    google = []\n  }\n}\n",
            ],
            true,
        ),
        (
            &[
                "a {\n  b {\n    x = 1\n  }\n}\nb {\n  y = 1\n}\nc {\n  b {\n    z = [{ k = 1 }]\n  }\n}\n",
            ],
            true,
        ),
        (&["a-b = 1\n"], false),
        (&["é-ü = 1\n"], false),
        (&[&deep], true),
        (&[&blocks], true),
        (&[&many_blocks], false),
    ];
    for (texts, fits_message) in cases {
        let documents: Vec<Document> = texts.iter().map(|text| document(text)).collect();
        assert_eq!(holds(&documents), *fits_message, "{texts:?}");
    }
}

/// Names, types, what is always there, and dictionaries whose names vary.
#[test]
fn what_a_draft_says() {
    let draft = drafted(&[
        document(
            "floor = 1\nnotes = { a = \"x\" }\nsize = {\nw = 1\nh = 2\n}\n\nbed \"big\" {\n  pillows = 2\n}\n\nbed \"small\" {\n  pillows = 1\n  \
             kind = \"hard\"\n}\n",
        ),
        document(
            "floor = 2.5\ntags = [\"sea\"]\nnotes = { b = \"y\" }\nsize = {\nw = 2\nh = 3\n}\n",
        ),
    ]);
    assert_snapshot!("schema", format!("{:#}", draft.json_schema()));
    let message = draft.protobuf("Grand-Hotel 1").unwrap();
    assert_snapshot!("message", message.text);
    assert_eq!(message.message, "grand_hotel_1.v1.Room");
    assert_eq!(
        message.labels,
        [("Room.Bed".to_owned(), vec!["name".to_owned()])]
    );
    let wrong = [
        "floor = \"1\"\nnotes = {}\nsize = {\nw = 1\nh = 2\n}\n",
        "notes = {}\nsize = {\nw = 1\nh = 2\n}\n",
        "floor = 1\nnotes = { a = 1 }\nsize = {\nw = 1\nh = 2\n}\n",
        "floor = 1\nnotes = {}\nsize = {\nw = 1\nh = \"x\"\n}\n",
        "floor = 1\nnotes = {}\nsize = {\nw = 1\nh = 2\n}\nbed {\n  pillows = 1\n}\n",
    ];
    for (folder, name) in [
        (as_schema(&draft), "schema"),
        (as_message(&draft).unwrap(), "message"),
    ] {
        for text in wrong {
            assert_eq!(
                violations(&folder, &document(text)).len(),
                1,
                "{name}: {text}"
            );
        }
    }
}
