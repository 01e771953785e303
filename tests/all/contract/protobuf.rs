//! Contracts that are messages of protobuf files.

use std::fmt::Write as _;

use insta::assert_snapshot;
use ocl_migrate::contract::Contracts;
use ocl_migrate::ocl::{Dialect, Document};

use super::Folder;

const ROOM: &str = r#"{
    protobuf = "contracts/room.proto"
    message  = "hotel.v1.Room"
    labels   = { Bed = "name", "hotel.v1.Rate" = ["season", "board"] }
  }"#;

const FILE: &str = r#"syntax = "proto2";
package hotel.v1;

import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "shared/money.proto";

message Room {
  required string name = 1;
  optional Kind kind = 2;
  optional int32 floor = 3;
  optional uint64 code = 4;
  optional bool smoking = 5;
  optional double size = 6;
  optional float height = 7;
  optional bytes photo = 8;
  repeated string guests = 9;
  repeated Bed bed = 10;
  optional Safe safe = 11;
  map<string, string> options = 12;
  map<int32, Safe> safes = 13;
  repeated Rate rate = 14;
  oneof view {
    string sea = 15;
    string street = 16;
    Safe garden = 17;
  }
  optional google.protobuf.Timestamp built = 18;
  optional google.protobuf.Duration stay = 19;
  optional google.protobuf.Struct notes = 20;
  optional google.protobuf.Value anything = 21;
  optional google.protobuf.ListValue many = 22;
  optional google.protobuf.Int32Value stars = 23;
}

enum Kind {
  SINGLE = 0;
  DOUBLE = 1;
}

enum Season { SUMMER = 0; WINTER = 1; }

message Bed {
  required string name = 1;
  required int32 width = 2;
  optional Bed under = 3;
}

message Safe {
  optional string colour = 1;
  repeated Safe inner = 2;
  required int32 size = 3;
}

message Rate {
  optional Season season = 1;
  optional string board = 2;
  optional hotel.shared.Money price = 3;
}
"#;

const MONEY: &str = "syntax = \"proto3\";\npackage hotel.shared;\nmessage Money {\n  int64 cents = 1;\n  string currency_code = 2;\n}\n";

fn folder() -> Folder {
    let folder = Folder::declaring(ROOM);
    folder.write("contracts/room.proto", FILE);
    folder.write("contracts/shared/money.proto", MONEY);
    folder
}

fn found(text: &str) -> String {
    let catalog = folder().load().unwrap();
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
    let text = r#"name = "a"
kind = "DOUBLE"
floor = -003
code = 18446744073709551615
smoking = false
size = 12.50
height = 2
photo = "aGVsbG8"
guests = ["x", "y"]
options = {
    any = "thing"
    "with blanks" = "too"
}
safes = {
    1 = {
        size = 2
        inner = [{ size = 1 }]
    }
}
sea = "blue"
street = null
built = "2026-11-22T10:00:00Z"
stay = "86400.5s"
notes = { a = [1, { b = null }] }
anything = 3
many = [1, "two"]
stars = 5

bed "left" {
    width = 90

    under "low" {
        width = 80
    }
}

bed {
    name = "right"
    width = 90
}

safe {
    size = 1
}

rate "SUMMER" "half" {
    price {
        cents = 9007199254740993
        currency_code = "EUR"
    }
}

rate {
}
"#;
    assert_eq!(found(text), "");
}

#[test]
fn everything_that_is_wrong_has_its_place() {
    let text = &format!(
        "size = 1{}\nheight = 1{}\n{TEXT}",
        "0".repeat(400),
        "0".repeat(40)
    );
    assert_snapshot!(found(text));
}

const TEXT: &str = r#"nme = "a"
kind = "DUOBLE"
floor = 3000000000
code = -1
smoking = "yes"
photo = "%"
guests = "x"
options = { a = 1 }
safes = { x = { colur = "red" } }
sea = "blue"
street = "loud"
built = "yesterday"
stay = "5 days"
notes = []
many = { a = 1 }
stars = "5"
bed = "left"

bed "left" "second" {
    widht = 90
}

bed "one" {
    name = "two"
    width = 1.5
    under "a" {
        width = 1
    }
    under "b" {
        width = 1
    }
}

safe "x" {
    size = 1
    currencyCode = "EUR"
}

name {
}

rate "SPRING" {
    price {
        currencyCode = "EUR"
        cents = "100"
    }
}
"#;

fn refused(contract: &str, files: &[(&str, &str)]) -> String {
    let folder = Folder::declaring(contract);
    for (path, text) in files {
        folder.write(path, text);
    }
    match folder.load() {
        Err(error) => error.to_string(),
        Ok(catalog) => Contracts::of(&catalog).unwrap_err().to_string(),
    }
}

const PLAIN: &str = r#"{
    protobuf = "contracts/room.proto"
    message  = "Room"
  }"#;

#[test]
fn a_file_that_can_not_be_used_is_told_with_its_place() {
    let mut said = String::new();
    let huge = format!(
        "syntax = \"proto3\";\nmessage Room {{ }} // {}",
        "{".repeat(300)
    );
    let deep = format!("{}{}", "message a { ".repeat(40), "}".repeat(40));
    for file in [
        "",
        "not protobuf",
        "syntax = \"proto3\";\nmessage Room {\n  string a = 1\n}\n",
        "syntax = \"proto3\";\nmessage Room {\n  Missing a = 1;\n}\n",
        "syntax = \"proto3\";\nmessage Room {\n  string a = 1;\n  string b = 1;\n}\n",
        "syntax = \"proto3\";\nmessage Rom { }\n",
        "syntax = \"proto3\";\nimport \"google/protobuf/any.proto\";\nmessage Room {\n  google.protobuf.Any a = 1;\n}\n",
        "edition = \"2023\";\nmessage Room { }\n",
        &huge,
        &deep,
    ] {
        let file = refused(PLAIN, &[("contracts/room.proto", file)]);
        writeln!(said, "{file}\n").unwrap();
    }
    assert_snapshot!(said);
}

/// Neither the network nor files outside of the folder are read.
#[test]
fn imports_lie_beside_the_contract() {
    let mut said = String::new();
    for import in [
        "https://example.com/room.proto",
        "../catalog.proto",
        "/etc/passwd",
        "other.proto",
        "room.proto",
        "circle.proto",
    ] {
        let file = format!("syntax = \"proto3\";\nimport {import:?};\nmessage Room {{ }}\n");
        let files = [
            ("contracts/room.proto", &*file),
            ("contracts/circle.proto", "import \"round.proto\";"),
            ("contracts/round.proto", "import \"room.proto\";"),
        ];
        writeln!(said, "{}\n", refused(PLAIN, &files)).unwrap();
    }
    assert_snapshot!(said);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_catalog_is_refused() {
    let folder = Folder::declaring(PLAIN);
    folder.write("contracts/room.proto", "message Room { }");
    folder.link("contracts/hosts.proto", "/etc/hosts");
    let said = folder.load().unwrap_err().to_string();
    assert!(said.contains("leads out of the catalog"), "{said}");
    assert!(said.contains("contracts/hosts.proto"), "{said}");
}

#[test]
fn a_declaration_that_can_not_be_is_told_with_its_place() {
    let mut said = String::new();
    for contract in [
        "{ }",
        "{ protobuf = \"contracts/room.proto\" }",
        "{\n    protobuf = \"contracts/room.proto\"\n    json_schema = \"contracts/room.json\"\n  }",
        "{\n    json_schema = \"contracts/room.json\"\n    message = \"Room\"\n  }",
        "{\n    protobuf = \"room.proto\"\n    message = \"Room\"\n  }",
        "{\n    protobuf = \"contracts/nowhere.proto\"\n    message = \"Room\"\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"hotel.Room\"\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"google.protobuf.Struct\"\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"Room\"\n    labels = \"name\"\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"Room\"\n    labels = { Bde = \"name\" }\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"Room\"\n    labels = { Bed = \"nme\" }\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"Room\"\n    labels = { Bed = [\"width\"] }\n  }",
        "{\n    protobuf = \"contracts/room.proto\"\n    message = \"Room\"\n    labels = { Bed = [\"name\", \"name\"] }\n  }",
    ] {
        let file = "message Room { repeated Bed bed = 1; }\n\
                    message Bed { optional string name = 1; optional int32 width = 2; }\n";
        let files = [
            ("contracts/room.proto", file),
            ("contracts/room.json", "{}"),
        ];
        writeln!(said, "{}\n", refused(contract, &files)).unwrap();
    }
    assert_snapshot!(said);
}

/// Recursive messages, many fields and long documents: about as much work as there is text.
#[test]
fn a_large_document_is_checked_once() {
    let mut fields = String::new();
    for number in 2..2_000 {
        writeln!(fields, "  optional string field_{number} = {number};").unwrap();
    }
    let file = format!("message Room {{\n  repeated Room room = 1;\n{fields}}}\n");
    let folder = Folder::declaring(PLAIN);
    folder.write("contracts/room.proto", &file);
    let contracts = Contracts::of(&folder.load().unwrap()).unwrap();
    let contract = contracts.at("room", 1).unwrap();
    let text = "room {\n    fild_7 = 1\n}\n".repeat(20_000);
    let document = Document::parse(text, Dialect::Current).unwrap();
    let violations = contract.check(&document).unwrap();
    assert_eq!(violations.len(), 20_000);
    let suggested = violations.iter().filter(|it| it.suggestion.is_some());
    assert_eq!(suggested.count(), 50);
}
