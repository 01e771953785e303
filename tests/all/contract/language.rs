//! What is found in a document, and how it is said.

use std::fmt::Write as _;

use insta::assert_snapshot;
use ocl_migrate::contract::Contracts;
use ocl_migrate::ocl::{Dialect, Document};

use super::Folder;

const SCHEMA: &str = r##"{
  "type": "object",
  "properties": {
    "name": { "type": "string", "minLength": 1, "maxLength": 5 },
    "kind": { "enum": ["single", "double"] },
    "floor": { "type": "integer", "minimum": 0, "maximum": 9, "multipleOf": 1 },
    "code": { "type": "string", "pattern": "^[A-Z]+$" },
    "mail": { "type": "string", "format": "email" },
    "guests": { "type": "array", "items": { "type": "string" }, "uniqueItems": true, "maxItems": 2 },
    "options": { "type": "object", "additionalProperties": { "type": "string" }, "propertyNames": { "pattern": "^o" } },
    "bed": { "type": "array", "items": { "$ref": "#/$defs/bed" }, "minItems": 1, "maxItems": 2 },
    "rate": { "oneOf": [{ "type": "number" }, { "type": "array", "items": { "$ref": "#/$defs/rate" } }] },
    "closed": false
  },
  "required": ["name", "bed"],
  "additionalProperties": false,
  "$defs": {
    "bed": {
      "type": "object",
      "properties": {
        "$labels": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 1 },
        "width": { "type": "integer" }
      },
      "required": ["$labels", "width"],
      "additionalProperties": false
    },
    "rate": { "type": "object", "properties": { "price": { "type": "number" } }, "required": ["price"], "additionalProperties": false }
  }
}"##;

fn found(schema: &str, text: &str) -> String {
    let catalog = Folder::with(schema).load().unwrap();
    let contracts = Contracts::of(&catalog).unwrap();
    let document = Document::parse(text, Dialect::Current).unwrap();
    let contract = contracts.at("room", 1).unwrap();
    let mut said = String::new();
    for violation in contract.check(&document).unwrap() {
        let at = document.node(violation.node).position().unwrap();
        let rule = violation.rule.name();
        writeln!(said, "{}:{} {rule}: {violation}", at.line, at.column).unwrap();
    }
    said
}

#[test]
fn what_is_right_is_not_reported() {
    let text = "name = \"a\"\nkind = \"single\"\nfloor = 003\nbed \"left\" {\n    width = 90\n}\n";
    assert_eq!(found(SCHEMA, text), "");
}

#[test]
fn everything_that_is_wrong_is_told_at_its_place() {
    assert_snapshot!(found(
        SCHEMA,
        r#"nmae = "a"
kind = "singel"
floor = 12
code = "a"
mail = "nobody"
guests = ["x", "x", 3]
options = {
    "o1" = 1
    "p" = "x"
}
closed = true
bed {
    widht = 90
    width = "wide"
}
bed "a" "b" {
    width = 1.5
}
bed "c" {
}
"#
    ));
}

#[test]
fn blocks_where_attributes_belong_and_the_other_way_round() {
    assert_snapshot!(found(
        SCHEMA,
        "name {\n}\nbed = \"left\"\noptions {\n    a = 1\n}\nguests \"x\" {\n}\n"
    ));
    assert_snapshot!(
        "forms",
        found(
            SCHEMA,
            "name = \"abcdef\"\nrate {\n    prise = 3\n}\nbed \"a\" {\n    width = 1\n}\n"
        )
    );
    assert_snapshot!(
        "no_form",
        found(
            SCHEMA,
            "name = \"\"\nrate = \"3\"\nbed \"a\" {\n    width = 1\n}\n"
        )
    );
}

/// A contract holds until that of the kind's next version.
#[test]
fn each_version_has_the_contract_that_holds_there() {
    let folder = Folder::with("{}");
    folder.write(
        "catalog.hcl",
        "catalog \"hotel\" { base_path = \".hotel\" }\n\
         document \"room\" {\n  path = \"rooms/*.ocl\"\n  contract \"5\" { json_schema = \"contracts/b.json\" }\n  \
         contract \"2\" { json_schema = \"contracts/a.json\" }\n}\n",
    );
    folder.write("contracts/a.json", "true");
    folder.write("contracts/b.json", "{ \"maxProperties\": 1 }");
    let catalog = folder.load().unwrap();
    let contracts = Contracts::of(&catalog).unwrap();
    let version_at = |version| {
        contracts
            .at("room", version)
            .map(|contract| contract.version)
    };
    assert_eq!(
        [1, 2, 4, 5, 9].map(version_at),
        [None, Some(2), Some(2), Some(5), Some(5)]
    );
    assert!(contracts.at("other", 9).is_none());
}
