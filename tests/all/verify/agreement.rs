//! What a contract changes, a step carries.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use ocl_migrate::catalog::{Catalog, Step};
use ocl_migrate::verify::{Check, Files, Verification};
use tempfile::TempDir;

use crate::support::scratch;

fn fixture() -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/catalogs/flags");
    Files::read(&folder).unwrap()
}

fn written<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> TempDir {
    let folder = scratch::folder();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// What is said of contracts, one finding a line.
fn told(verification: &Verification<'_>) -> String {
    let mut told = String::new();
    for finding in verification.run().findings {
        if matches!(finding.check, Check::Agreement | Check::Contract) {
            writeln!(told, "{:?} {finding}", finding.severity).unwrap();
        }
    }
    told
}

#[test]
fn the_fixture_is_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/catalogs/flags");
    let catalog = Catalog::load(&folder).unwrap();
    let verification = Verification::of(&catalog).folder(&folder).unwrap();
    verification.run().assert_sound();
}

/// A message gains, loses, renames and retypes a field, and each needs its step.
#[test]
fn every_change_of_a_message_needs_its_step() {
    let files = fixture();
    let mut all = String::new();
    for without in [
        "0002_owner",
        "0003_note",
        "0004_percentage",
        "0005_percentage_number",
    ] {
        let kept = files
            .iter()
            .filter(|(path, _)| !path.starts_with(without) && !path.starts_with("snapshots"));
        let folder = written(kept);
        let catalog = Catalog::load(folder.path()).unwrap();
        let verification = Verification::of(&catalog).folder(folder.path()).unwrap();
        writeln!(all, "without {without}:\n{}", told(&verification)).unwrap();
    }
    assert_snapshot!(all);
}

/// The step is there and names the field, but nothing shows what it does.
#[test]
fn a_step_without_a_case_carries_nothing() {
    let files = fixture();
    let kept = files.iter().filter(|(path, _)| {
        !path.starts_with("0005_percentage_number/cases") && !path.starts_with("snapshots")
    });
    let folder = written(kept);
    let catalog = Catalog::load(folder.path()).unwrap();
    let verification = Verification::of(&catalog).folder(folder.path()).unwrap();
    assert_snapshot!(told(&verification));
}

const CATALOG: &str = r#"catalog "hotel" { base_path = ".hotel" }
document "room" {
  path = "room.ocl"
  contract "1" { json_schema = "contracts/room_1.json" }
  contract "2" { json_schema = "contracts/room_2.json" }
}
"#;

const IMPORT: &str = "description = \"Rooms are in Git\"\ndocument = \"room\"\nimport {}\n";

const OLD: &str = r##"{
  "type": "object",
  "properties": {
    "name": { "type": "string" },
    "kind": { "enum": ["single", "double", "suite"] },
    "any": {},
    "guests": { "type": "array", "items": { "type": "string" } },
    "bed": { "type": "array", "items": { "$ref": "#/$defs/bed" } },
    "options": { "type": "object", "additionalProperties": { "type": ["string", "null"] } },
    "rate": { "oneOf": [{ "type": "number" }, { "type": "string" }] }
  },
  "additionalProperties": false,
  "$defs": {
    "bed": {
      "type": "object",
      "properties": {
        "width": { "type": "integer" },
        "under": { "type": "array", "items": { "$ref": "#/$defs/bed" } }
      },
      "additionalProperties": false
    }
  }
}"##;

/// The schemas at 1 and 2, the text of step 2, and the documents of its cases.
fn hotel(old: &str, new: &str, step: &str, cases: &[(&str, &str)]) -> TempDir {
    let mut files = vec![
        ("catalog.hcl".to_owned(), CATALOG.to_owned()),
        ("0001_rooms/step.hcl".to_owned(), IMPORT.to_owned()),
        ("contracts/room_1.json".to_owned(), old.to_owned()),
        ("contracts/room_2.json".to_owned(), new.to_owned()),
    ];
    if !step.is_empty() {
        files.push(("0002_step/step.hcl".to_owned(), step.to_owned()));
    }
    for (number, (before, after)) in cases.iter().enumerate() {
        for (name, text) in [("before", before), ("after", after)] {
            let path = format!("0002_step/cases/c{number}/{name}.ocl");
            files.push((path, (*text).to_owned()));
        }
    }
    written(files.iter().map(|(path, text)| (&**path, text.as_bytes())))
}

fn told_of(folder: &TempDir) -> String {
    let catalog = Catalog::load(folder.path()).unwrap();
    told(&Verification::of(&catalog).folder(folder.path()).unwrap())
}

#[test]
fn every_change_of_a_schema_needs_its_step() {
    let new = OLD
        .replace("\"suite\"", "\"flat\"")
        .replace(
            "\"width\": { \"type\": \"integer\" }",
            "\"size\": { \"type\": \"integer\" }",
        )
        .replace(
            "\"items\": { \"type\": \"string\" }",
            "\"items\": { \"type\": \"integer\" }",
        )
        .replace("[\"string\", \"null\"]", "\"string\"")
        .replace(
            "{ \"oneOf\": [{ \"type\": \"number\" }, { \"type\": \"string\" }] }",
            "{ \"type\": \"number\" }",
        )
        .replace(
            "\"additionalProperties\": false\n    }",
            "\"required\": [\"size\"],\n      \"additionalProperties\": false\n    }",
        );
    assert_snapshot!(told_of(&hotel(OLD, &new, "", &[])));
    // The step is at 2 for both; of its cases, one shows the enumeration and one the beds.
    let step = "description = \"Rooms\"\ndocument = \"room\"\none_way = \"a flat was a suite\"\n\
                modify {\n  in \"bed\" {\n    rename = { width = \"size\" }\n  }\n\
                \x20 in \"\" {\n    when = try(self.kind, \"\") == \"suite\"\n    set = { kind = \"flat\" }\n  }\n}\n";
    let cases = [
        ("kind = \"suite\"\n", "kind = \"flat\"\n"),
        ("bed {\n    width = 90\n}\n", "bed {\n    size = 90\n}\n"),
    ];
    assert_snapshot!("in_part", told_of(&hotel(OLD, &new, step, &cases)));
}

/// What only allows more needs no step.
#[test]
fn what_only_allows_more_is_free() {
    let new = OLD
        .replace("\"suite\"", "\"suite\", \"flat\"")
        .replace(
            "\"type\": \"integer\"",
            "\"type\": [\"number\", \"string\"]",
        )
        .replace(
            "\"any\": {},",
            "\"any\": {}, \"view\": { \"type\": \"string\" },",
        )
        .replace("\"additionalProperties\": false,", "");
    // The version is there for another reason.
    let step = "description = \"Rooms\"\ndocument = \"room\"\none_way = \"it may have been there\"\n\
                modify {\n  default = { any = 1 }\n}\n";
    assert_eq!(told_of(&hotel(OLD, &new, step, &[])), "");
    // Of an open schema nothing goes.
    let gone = "{ \"type\": \"object\" }";
    assert_eq!(told_of(&hotel(OLD, gone, step, &[])), "");
    // Without a step there is no such version, and no document is held to the contract.
    let said = told_of(&hotel(OLD, &new, "", &[]));
    assert!(
        said.contains(
            "no document is held to it: it holds from version 2 on, and the catalog's newest is 1"
        ),
        "{said}"
    );
}

#[test]
fn a_step_in_rust_carries_what_its_snapshots_show() {
    let new = OLD.replace("\"name\"", "\"title\"");
    let folder = hotel(OLD, &new, "", &[]);
    let step = Step::modify(2, "title", "room", |edit, _| {
        if let Some(name) = edit.document().member("name").map(|name| name.id()) {
            edit.rename(name, "title")?;
        }
        Ok(())
    });
    let catalog = Catalog::load(folder.path()).unwrap();
    let catalog = catalog.with_steps([step]).unwrap();
    let snapshots: Files = [
        ("v1/room.ocl", "name = \"a\"\n"),
        ("v1/schema_version.ocl", "version = 1"),
        ("v2/room.ocl", "title = \"a\"\n"),
        ("v2/schema_version.ocl", "version = 2"),
    ]
    .into_iter()
    .collect();
    assert_eq!(told(&Verification::of(&catalog).snapshots(&snapshots)), "");
    let said = told(&Verification::of(&catalog));
    assert!(said.contains("`name` went"), "{said}");
    assert!(said.contains("(in Rust)"), "{said}");
}

/// The latest version has no snapshot, so nothing else would look.
#[test]
fn every_snapshot_fits_the_newest_contract_once_it_is_migrated() {
    let new = OLD.replace(
        "\"enum\": [\"single\", \"double\", \"suite\"]",
        "\"enum\": [\"single\"]",
    );
    let step = "description = \"Rooms\"\ndocument = \"room\"\none_way = \"it was a double\"\n\
                modify {\n  when = try(self.kind, \"\") == \"double\"\n  set  = { kind = \"single\" }\n}\n";
    let cases = [("kind = \"double\"\n", "kind = \"single\"\n")];
    let folder = hotel(OLD, &new, step, &cases);
    let write = |path: &str, text: &str| {
        let path = folder.path().join("snapshots").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("v1/room.ocl", "kind = \"suite\"\n");
    write("v1/schema_version.ocl", "version = 1");
    assert_snapshot!(told_of(&folder));
}

/// Where the kind left Git in between, or came to it, no document has the older shape.
#[test]
fn a_removed_kind_has_nothing_to_carry() {
    let new = OLD.replace("\"name\"", "\"title\"");
    let step =
        "description = \"No rooms\"\ndocument = \"room\"\none_way = \"they are gone\"\nremove {}\n";
    assert_eq!(told_of(&hotel(OLD, &new, step, &[])), "");
}

/// What an unknown version did isn't known: a warning.
#[test]
fn an_unknown_version_may_have_carried_it() {
    let new = OLD.replace("\"name\"", "\"title\"");
    let folder = hotel(OLD, &new, "", &[]);
    let catalog = CATALOG.replace(
        "base_path = \".hotel\"",
        "\n  base_path = \".hotel\"\n  unknown_versions = [2]\n",
    );
    fs::write(folder.path().join("catalog.hcl"), catalog).unwrap();
    assert_snapshot!(told_of(&folder));
}
