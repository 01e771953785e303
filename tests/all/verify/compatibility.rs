//! The levels of compatibility that a contract promises.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::verify::{Check, Finding, Verification};
use tempfile::TempDir;

use crate::support::scratch;

/// A catalog with a contract for each text, of which the last promises a level.
fn catalog(extension: &str, texts: &[&str], level: &str) -> TempDir {
    let folder = scratch::folder();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let mut declared = String::new();
    for (index, text) in texts.iter().enumerate() {
        let version = index + 1;
        write(&format!("contracts/room_{version}.{extension}"), text);
        let language = match extension {
            "json" => format!("json_schema = \"contracts/room_{version}.json\""),
            _ => {
                let package = if text.contains("package q;") {
                    "q"
                } else {
                    "p"
                };
                format!(
                    "protobuf = \"contracts/room_{version}.proto\"\n message = \"{package}.Room\""
                )
            }
        };
        let promise = if version == texts.len() {
            level
        } else {
            "none"
        };
        writeln!(
            declared,
            "contract \"{version}\" {{\n {language}\n compatibility = \"{promise}\"\n }}"
        )
        .unwrap();
    }
    write(
        "catalog.hcl",
        &format!(
            "catalog \"hotel\" {{ base_path = \".hotel\" }}\n\
             document \"room\" {{\n path = \"room.ocl\"\n {declared} }}\n"
        ),
    );
    folder
}

fn broken(extension: &str, texts: &[&str], level: &str) -> Vec<Finding> {
    let folder = catalog(extension, texts, level);
    let catalog = Catalog::load(folder.path()).unwrap();
    let mut findings = Verification::of(&catalog).run().findings;
    findings.retain(|finding| finding.check == Check::Compatibility);
    findings
}

/// The rules that the second of two breaks.
fn rules(extension: &str, older: &str, newer: &str) -> BTreeSet<String> {
    let findings = broken(extension, &[older, newer], "backward");
    let rule = |finding: &Finding| {
        let (_, rule) = finding.message.rsplit_once(", ").unwrap();
        rule.trim_end_matches(')').to_owned()
    };
    findings.iter().map(rule).collect()
}

/// Parts of a file of protobuf, before and after.
const CHANGES: [(&str, &str); 39] = [
    (
        "message Room { string a = 1; }",
        "message Room { string a = 1; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { string a = 1; string b = 2; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { string b = 1; }",
    ),
    ("message Room { string a = 1; }", "message Room { }"),
    (
        "message Room { string a = 1; }",
        "message Room { reserved 1; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { reserved \"a\"; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { reserved 1; reserved \"a\"; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { string a = 2; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { string a = 1 [json_name = \"c\"]; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { repeated string a = 1; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { optional string a = 1; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { bytes a = 1; }",
    ),
    (
        "message Room { int32 a = 1; }",
        "message Room { int64 a = 1; }",
    ),
    (
        "message Room { int32 a = 1; }",
        "message Room { uint32 a = 1; }",
    ),
    (
        "message Room { int32 a = 1; }",
        "message Room { sint32 a = 1; }",
    ),
    (
        "message Room { fixed64 a = 1; }",
        "message Room { sfixed64 a = 1; }",
    ),
    (
        "message Room { repeated string a = 1; }",
        "message Room { map<string, string> a = 1; }",
    ),
    (
        "message Room { map<string, string> a = 1; }",
        "message Room { map<string, int32> a = 1; }",
    ),
    (
        "message Room { string a = 1; }",
        "message Room { oneof x { string a = 1; } }",
    ),
    (
        "message Room { oneof x { string a = 1; } }",
        "message Room { oneof y { string a = 1; } }",
    ),
    (
        "message Room { Bed a = 1; } message Bed { } message Cot { }",
        "message Room { Cot a = 1; } message Bed { } message Cot { }",
    ),
    (
        "message Room { Bed a = 1; } message Bed { string x = 1; }",
        "message Room { Bed a = 1; } message Bed { int32 x = 1; }",
    ),
    (
        "message Room { reserved 5 to 9; }",
        "message Room { reserved 5 to 7, 8, 9 to 12; }",
    ),
    (
        "message Room { reserved 5 to 9; }",
        "message Room { reserved 5, 7 to 9; }",
    ),
    ("message Room { reserved \"x\"; }", "message Room { }"),
    (
        "message Room { E a = 1; } enum E { Z = 0; O = 1; }",
        "message Room { E a = 1; } enum E { Z = 0; O = 1; T = 2; }",
    ),
    (
        "message Room { E a = 1; } enum E { Z = 0; O = 1; }",
        "message Room { E a = 1; } enum E { Z = 0; }",
    ),
    (
        "message Room { E a = 1; } enum E { Z = 0; O = 1; }",
        "message Room { E a = 1; } enum E { Z = 0; reserved 1; }",
    ),
    (
        "message Room { E a = 1; } enum E { Z = 0; O = 1; }",
        "message Room { E a = 1; } enum E { Z = 0; reserved 1; reserved \"O\"; }",
    ),
    (
        "message Room { E a = 1; } enum E { Z = 0; O = 1; }",
        "message Room { E a = 1; } enum E { Z = 0; P = 1; }",
    ),
    (
        "message Room { E a = 1; } enum E { Z = 0; reserved 3 to 9; }",
        "message Room { E a = 1; } enum E { Z = 0; reserved 3 to 8; }",
    ),
    (
        "message Room { A.E a = 1; } message A { enum E { Z = 0; } } message B { enum E { Y = 0; } }",
        "message Room { B.E a = 1; } message A { enum E { Z = 0; } } message B { enum E { Y = 0; } }",
    ),
    (
        "message Room { A.E a = 1; } message A { enum E { Z = 0; } } message B { enum E { Z = 0; O = 1; } }",
        "message Room { B.E a = 1; } message A { enum E { Z = 0; } } message B { enum E { Z = 0; O = 1; } }",
    ),
    (
        "2 message Room { required string a = 1; }",
        "2 message Room { optional string a = 1; }",
    ),
    (
        "2 message Room { }",
        "2 message Room { required string a = 1; }",
    ),
    (
        "2 message Room { optional int32 a = 1 [default = 5]; }",
        "2 message Room { optional int32 a = 1 [default = 6]; }",
    ),
    (
        "2 message Room { optional int32 a = 1 [default = 0]; }",
        "2 message Room { optional int32 a = 1; }",
    ),
    (
        "message Room { E a = 1; } enum E { Z = 0; }",
        "2 message Room { optional E a = 1; } enum E { Z = 0; }",
    ),
    (
        "message Room { string a = 1; }",
        "q message Room { string a = 1; }",
    ),
];

/// The file of a part, in proto3 and the package `p`, unless it begins with `2` or `q`.
fn protobuf(part: &str) -> String {
    let (head, rest) = part.split_at(2);
    let (syntax, package, part) = match head {
        "2 " => ("proto2", "p", rest),
        "q " => ("proto3", "q", rest),
        _ => ("proto3", "p", part),
    };
    format!("syntax = \"{syntax}\";\npackage {package};\n{part}\n")
}

#[test]
fn messages_are_compared_by_the_rules_of_json_on_the_wire() {
    let mut all = String::new();
    for (older, newer) in CHANGES {
        let broken = rules("proto", &protobuf(older), &protobuf(newer));
        let broken: Vec<String> = broken.into_iter().collect();
        writeln!(all, "- {older}\n+ {newer}\n  {}", broken.join(" ")).unwrap();
    }
    assert_snapshot!(all);
}

/// The path of buf; a Python package brings it, `buf-bin`.
fn buf() -> Option<String> {
    let buf = std::env::var("OCL_BUF").unwrap_or_else(|_| "buf".to_owned());
    let found = Command::new(&buf).arg("--version").output().is_ok();
    if !found {
        crate::support::skipped("there is no buf; OCL_BUF names the program");
    }
    found.then_some(buf)
}

#[test]
fn buf_finds_the_same() {
    let Some(buf) = buf() else { return };
    for (older, newer) in CHANGES {
        let folder = scratch::folder();
        for (name, part) in [("older", older), ("newer", newer)] {
            let inside = folder.path().join(name);
            fs::create_dir(&inside).unwrap();
            fs::write(inside.join("room.proto"), protobuf(part)).unwrap();
            let rules = "version: v2\nbreaking:\n  use: [WIRE_JSON]\n";
            fs::write(inside.join("buf.yaml"), rules).unwrap();
        }
        let done = Command::new(&buf)
            .args([
                "breaking",
                "newer",
                "--against",
                "older",
                "--error-format",
                "json",
            ])
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        let wrong = String::from_utf8_lossy(&done.stderr);
        assert!(wrong.is_empty(), "{older}: {wrong}");
        let theirs: BTreeSet<String> = said
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|line| line["type"].as_str().unwrap().to_owned())
            .collect();
        let ours = rules("proto", &protobuf(older), &protobuf(newer));
        assert_eq!(ours, theirs, "{older} -> {newer}");
    }
}

/// Two schemas and the rule of Confluent's table that the second breaks; none if the change is compatible.
const TABLE: [(&str, &str, &str); 42] = [
    (r#"{"type":"string"}"#, r#"{"type":["string","null"]}"#, ""),
    (
        r#"{"type":["string","null"]}"#,
        r#"{"type":"string"}"#,
        "TYPE_NARROWED",
    ),
    (
        r#"{"type":"string"}"#,
        r#"{"type":"boolean"}"#,
        "TYPE_CHANGED",
    ),
    (r#"{"type":"integer"}"#, r#"{"type":"number"}"#, ""),
    (
        r#"{"type":"number"}"#,
        r#"{"type":"integer"}"#,
        "TYPE_NARROWED",
    ),
    (r#"{}"#, r#"{"type":"integer"}"#, "TYPE_NARROWED"),
    (r#"{"enum":["a"]}"#, r#"{"enum":["a","b"]}"#, ""),
    (
        r#"{"enum":["a","b"]}"#,
        r#"{"enum":["a"]}"#,
        "ENUM_ARRAY_NARROWED",
    ),
    (
        r#"{"type":"string"}"#,
        r#"{"type":"string","enum":["a"]}"#,
        "ENUM_ARRAY_NARROWED",
    ),
    (
        r#"{"type":"string"}"#,
        r#"{"type":"string","maxLength":3}"#,
        "MAX_LENGTH_ADDED",
    ),
    (
        r#"{"type":"string","maxLength":4}"#,
        r#"{"type":"string","maxLength":3}"#,
        "MAX_LENGTH_DECREASED",
    ),
    (
        r#"{"type":"string","maxLength":3}"#,
        r#"{"type":"string","maxLength":4}"#,
        "",
    ),
    (
        r#"{"type":"string","maxLength":3}"#,
        r#"{"type":"string"}"#,
        "",
    ),
    (
        r#"{"type":"string","minLength":3}"#,
        r#"{"type":"string","minLength":4}"#,
        "MIN_LENGTH_INCREASED",
    ),
    (
        r#"{"type":"string"}"#,
        r#"{"type":"string","pattern":"a"}"#,
        "PATTERN_ADDED",
    ),
    (
        r#"{"type":"string","pattern":"b"}"#,
        r#"{"type":"string","pattern":"a"}"#,
        "PATTERN_CHANGED",
    ),
    (
        r#"{"type":"string","pattern":"b"}"#,
        r#"{"type":"string"}"#,
        "",
    ),
    (
        r#"{"type":"number","maximum":5}"#,
        r#"{"type":"number","maximum":4}"#,
        "MAXIMUM_DECREASED",
    ),
    (
        r#"{"type":"number","maximum":5}"#,
        r#"{"type":"number","maximum":6}"#,
        "",
    ),
    (
        r#"{"type":"number"}"#,
        r#"{"type":"number","exclusiveMinimum":6}"#,
        "EXCLUSIVE_MINIMUM_ADDED",
    ),
    (
        r#"{"type":"number","minimum":6}"#,
        r#"{"type":"number","minimum":5}"#,
        "",
    ),
    (
        r#"{"type":"number","multipleOf":6}"#,
        r#"{"type":"number","multipleOf":3}"#,
        "",
    ),
    (
        r#"{"type":"number","multipleOf":3}"#,
        r#"{"type":"number","multipleOf":6}"#,
        "MULTIPLE_OF_EXPANDED",
    ),
    (
        r#"{"type":"number","multipleOf":3}"#,
        r#"{"type":"number","multipleOf":5}"#,
        "MULTIPLE_OF_CHANGED",
    ),
    (
        r#"{"type":"number"}"#,
        r#"{"type":"number","multipleOf":5}"#,
        "MULTIPLE_OF_ADDED",
    ),
    (
        r#"{"type":"array","items":{"type":"string"}}"#,
        r#"{"type":"array","items":{"type":"boolean"}}"#,
        "TYPE_CHANGED",
    ),
    (
        r#"{"type":"array","items":{"type":"string"}}"#,
        r#"{"type":"array","items":{"type":"string","maxLength":5}}"#,
        "MAX_LENGTH_ADDED",
    ),
    (
        r#"{"type":"array"}"#,
        r#"{"type":"array","maxItems":5}"#,
        "MAX_ITEMS_ADDED",
    ),
    (
        r#"{"type":"array","minItems":1}"#,
        r#"{"type":"array","minItems":2}"#,
        "MIN_ITEMS_INCREASED",
    ),
    (
        r#"{"type":"array"}"#,
        r#"{"type":"array","uniqueItems":true}"#,
        "UNIQUE_ITEMS_ADDED",
    ),
    (
        r#"{"type":"array","uniqueItems":true}"#,
        r#"{"type":"array"}"#,
        "",
    ),
    (
        r#"{"type":"object"}"#,
        r#"{"type":"object","maxProperties":5}"#,
        "MAX_PROPERTIES_ADDED",
    ),
    (
        r#"{"type":"object","additionalProperties":false}"#,
        r#"{"type":"object"}"#,
        "",
    ),
    (
        r#"{"type":"object"}"#,
        r#"{"type":"object","additionalProperties":false}"#,
        "ADDITIONAL_PROPERTIES_REMOVED",
    ),
    (
        r#"{"type":"object"}"#,
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
        "ADDITIONAL_PROPERTIES_NARROWED",
    ),
    (
        r#"{"type":"object","additionalProperties":{"type":"string"}}"#,
        r#"{"type":"object","additionalProperties":{"type":"boolean"}}"#,
        "TYPE_CHANGED",
    ),
    (
        r#"{"type":"object"}"#,
        r#"{"type":"object","properties":{"b":{"type":"string"}}}"#,
        "PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
    ),
    (
        r#"{"type":"object"}"#,
        r#"{"type":"object","properties":{"b":{}}}"#,
        "",
    ),
    (
        r#"{"type":"object","additionalProperties":false}"#,
        r#"{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":false}"#,
        "",
    ),
    (
        r#"{"type":"object","additionalProperties":false}"#,
        r#"{"type":"object","properties":{"b":{"type":"string"}},"required":["b"],"additionalProperties":false}"#,
        "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL",
    ),
    (
        r#"{"type":"object","properties":{"b":{"type":"string"}},"additionalProperties":false}"#,
        r#"{"type":"object","additionalProperties":false}"#,
        "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    ),
    (
        r#"{"type":"object","properties":{"b":{"type":"string"}}}"#,
        r#"{"type":"object","properties":{"b":{"type":"string"}},"required":["b"]}"#,
        "REQUIRED_ATTRIBUTE_ADDED",
    ),
];

#[test]
fn schemas_are_compared_by_confluents_table() {
    let within = |schema: &str| {
        format!(r#"{{"type":"object","properties":{{"a":{schema}}},"additionalProperties":false}}"#)
    };
    for (older, newer, rule) in TABLE {
        let broken = rules("json", &within(older), &within(newer));
        let expected: BTreeSet<String> = [rule]
            .iter()
            .filter(|it| !it.is_empty())
            .map(|it| (*it).to_owned())
            .collect();
        assert_eq!(broken, expected, "{older} -> {newer}");
    }
}

#[test]
fn each_level_looks_where_it_should() {
    let a = protobuf("message Room { string a = 1; }");
    let b = protobuf("message Room { string a = 1; repeated string b = 2; }");
    let c = protobuf("message Room { string a = 1; string b = 2; }");
    let mut all = String::new();
    for level in [
        "none",
        "backward",
        "forward",
        "full",
        "backward_transitive",
        "forward_transitive",
        "full_transitive",
    ] {
        for texts in [[&*a, &*b, &*c], [&*c, &*b, &*b], [&*c, &*a, &*a]] {
            let found = broken("proto", &texts, level);
            writeln!(all, "{level}: {}", found.len()).unwrap();
            for finding in found {
                writeln!(all, "  {finding}").unwrap();
            }
        }
    }
    assert_snapshot!(all);
}

#[test]
fn what_can_not_be_compared_is_said() {
    let folder = catalog("json", &["{}"], "none");
    let path = folder.path().join("catalog.hcl");
    let text = fs::read_to_string(&path).unwrap();
    let second = " contract \"2\" {\n protobuf = \"contracts/room_2.proto\"\n message = \"p.Room\"\n compatibility = \"full\"\n }\n }\n";
    fs::write(
        &path,
        text.trim_end().trim_end_matches('}').to_owned() + second,
    )
    .unwrap();
    let proto = protobuf("message Room { }");
    fs::write(folder.path().join("contracts/room_2.proto"), proto).unwrap();
    let said = |folder: &Path| {
        let catalog = Catalog::load(folder).map_err(|error| error.to_string())?;
        let findings = Verification::of(&catalog).run().findings;
        let of_level = findings
            .iter()
            .filter(|it| it.check == Check::Compatibility);
        Ok::<String, String>(of_level.map(|it| format!("{it}\n")).collect())
    };
    assert_snapshot!(said(folder.path()).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"full\"", "\"ful\"")).unwrap();
    assert_snapshot!("unknown", said(folder.path()).unwrap_err());
}
