//! Contracts that can't be used, or would take for ever: an error with its place, in bounded time.

use std::fmt::Write as _;

use insta::assert_snapshot;
use ocl_migrate::contract::Contracts;
use ocl_migrate::ocl::{Dialect, Document};

use super::Folder;

/// What is wrong with a schema.
fn refused(schema: &str) -> String {
    let catalog = Folder::with(schema).load().unwrap();
    Contracts::of(&catalog).unwrap_err().to_string()
}

#[test]
fn what_is_no_schema_is_told_with_its_place() {
    let mut said = String::new();
    for schema in [
        "",
        "{\n  \"type\": \"object\",\n}",
        "{\n  \"properties\": {\n    \"a\": { \"type\": \"strng\" }\n  }\n}",
        "{\n  \"minLength\": \"3\"\n}",
        "[]",
        "{ \"$schema\": \"https://example.com/own\" }",
        "{\n  \"properties\": {\n    \"a\": { \"$ref\": \"#/$defs/nothing\" }\n  }\n}",
        "{\n  \"format\": \"colour\"\n}",
    ] {
        writeln!(said, "{}\n", refused(schema)).unwrap();
    }
    assert_snapshot!(said);
}

/// Neither the network nor the file system is asked.
#[test]
fn a_contract_refers_to_nothing_but_itself() {
    let mut said = String::new();
    for reference in [
        "https://example.com/schema.json",
        "file:///etc/passwd",
        "other.json#/a",
        "../../secret.json",
    ] {
        let schema = format!("{{\n  \"items\": {{ \"$ref\": {reference:?} }}\n}}");
        writeln!(said, "{}\n", refused(&schema)).unwrap();
    }
    assert_snapshot!(said);
}

#[test]
fn patterns_are_matched_without_backtracking() {
    assert_snapshot!(refused(r#"{ "pattern": "(?=a)b" }"#));
    assert_snapshot!("back_reference", refused(r#"{ "pattern": "(a)\\1" }"#));
    assert_snapshot!("too_large", refused(r#"{ "pattern": "(\\w{999}){999}" }"#));
    // With backtracking this would take longer than anybody waits.
    let catalog = Folder::with(r#"{ "properties": { "a": { "pattern": "^(a+)+$" } } }"#);
    let contracts = Contracts::of(&catalog.load().unwrap()).unwrap();
    let text = format!("a = \"{}b\"\n", "a".repeat(50_000));
    let document = Document::parse(text, Dialect::Current).unwrap();
    let contract = contracts.at("room", 1).unwrap();
    assert_eq!(contract.check(&document).unwrap().len(), 1);
}

/// Every definition uses the next one twice: the whole is two to the power of their number.
#[test]
fn a_contract_that_doubles_with_every_step_is_refused() {
    let mut definitions = String::new();
    for number in 0..60 {
        let next = number + 1;
        write!(
            definitions,
            "\"d{number}\": {{ \"allOf\": [{{ \"$ref\": \"#/$defs/d{next}\" }}, {{ \"$ref\": \"#/$defs/d{next}\" }}] }},"
        )
        .unwrap();
    }
    let schema =
        format!("{{ \"$ref\": \"#/$defs/d0\", \"$defs\": {{ {definitions} \"d60\": {{}} }} }}");
    assert_snapshot!(refused(&schema));
}

/// It contains itself twice for every value, so each level of a document doubles the work.
#[test]
fn a_document_for_which_a_cyclic_contract_takes_for_ever_is_told() {
    let schema = r##"{ "additionalProperties": { "allOf": [{ "$ref": "#" }, { "$ref": "#" }] } }"##;
    let catalog = Folder::with(schema);
    let contracts = Contracts::of(&catalog.load().unwrap()).unwrap();
    let contract = contracts.at("room", 1).unwrap();
    let nested = |levels: usize| {
        let text = format!("{}a = 1\n{}", "b {\n".repeat(levels), "}\n".repeat(levels));
        Document::parse(text, Dialect::Current).unwrap()
    };
    assert_eq!(contract.check(&nested(3)).unwrap(), []);
    let flat = r##"{ "additionalProperties": { "items": { "allOf": [{ "$ref": "#" }, { "$ref": "#" }] } } }"##;
    let catalog = Folder::with(flat);
    let contracts = Contracts::of(&catalog.load().unwrap()).unwrap();
    let error = contracts.at("room", 1).unwrap().check(&nested(60));
    assert_snapshot!(error.unwrap_err());
}

#[test]
fn a_cycle_alone_is_allowed() {
    let schema = r##"{ "properties": { "b": { "items": { "$ref": "#" } }, "a": { "type": "integer" } }, "additionalProperties": false }"##;
    let catalog = Folder::with(schema);
    let contracts = Contracts::of(&catalog.load().unwrap()).unwrap();
    let document =
        Document::parse("b {\n    b {\n        c = 1\n    }\n}\n", Dialect::Current).unwrap();
    let found = contracts.at("room", 1).unwrap().check(&document).unwrap();
    assert_eq!(found.len(), 1);
    let loops = Folder::with(r##"{ "$ref": "#" }"##);
    let contracts = Contracts::of(&loops.load().unwrap()).unwrap();
    assert!(contracts.at("room", 1).unwrap().check(&document).is_ok());
}

#[test]
fn declarations_that_are_wrong_are_told_together() {
    let folder = Folder::with("{}");
    folder.write(
        "catalog.hcl",
        r#"catalog "hotel" { base_path = ".hotel" }
document "room" {
  path = "rooms/*.ocl"
  contract "0" { json_schema = "contracts/a.json" }
  contract "one" { json_schema = "contracts/a.json" }
  contract { json_schema = "contracts/a.json" }
  contract "1" { json_schema = "../a.json" }
  contract "1" { json_schema = "a.json" }
  contract "2" { json_shema = "contracts/a.json" }
  contract "3" { json_schema = "contracts/a.json" }
  contract "3" { json_schema = "contracts/a.json" }
  contrat "4" { json_schema = "contracts/a.json" }
}
"#,
    );
    assert_snapshot!(folder.load().unwrap_err());
    let folder = Folder::with("{}");
    folder.remove("contracts/room_1.json");
    assert_snapshot!("missing_file", folder.load().unwrap_err());
    folder.write("contracts/room_1.json", &" ".repeat(2 << 20));
    assert_snapshot!("large_file", folder.load().unwrap_err());
}
