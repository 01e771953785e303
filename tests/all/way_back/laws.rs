//! What holds for migrating down, over random catalogs of steps that lose nothing, and random documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use ocl_migrate::catalog::Catalog;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{One, migrate_one, scratch};

/// A step that loses nothing, on one of the document's parts.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// Renames attribute `n`, to a name that it has only from then on.
    Rename(usize),
    RenameInBox,
    RenameBox,
    Add(usize, i32),
    SubtractFrom(usize, i32),
    Negate(usize),
    Not,
    /// Two texts change places, and others stay.
    Exchange(usize),
    /// All texts become others.
    Table(usize),
    Label,
    /// Into the block `side`, which every document has.
    Move(usize),
    /// Two blocks deep, in some of the blocks only.
    Deep,
    /// Two operations in one block: the second finds what the first made.
    Together(usize, i32),
    /// Refuses what no document holds.
    Reject,
}

fn change() -> impl Strategy<Value = Change> {
    let number = 0..NUMBERS;
    let text = 0..TEXTS;
    prop_oneof![
        (0..NUMBERS).prop_map(Change::Rename),
        Just(Change::RenameInBox),
        Just(Change::RenameBox),
        (number.clone(), -50..50).prop_map(|(n, by)| Change::Add(n, by)),
        (number.clone(), -50..50).prop_map(|(n, from)| Change::SubtractFrom(n, from)),
        number.prop_map(Change::Negate),
        Just(Change::Not),
        text.clone().prop_map(Change::Exchange),
        text.prop_map(Change::Table),
        Just(Change::Label),
        (0..NUMBERS).prop_map(Change::Move),
        Just(Change::Deep),
        (0..NUMBERS, 1..50).prop_map(|(n, by)| Change::Together(n, by)),
        Just(Change::Reject),
    ]
}

const NUMBERS: usize = 3;
const TEXTS: usize = 2;

/// What the parts of a document are called, and which texts they hold, at one version.
struct Names {
    numbers: [String; NUMBERS],
    /// Whether a number lies in the block `side`.
    aside: [bool; NUMBERS],
    texts: [[String; 3]; TEXTS],
    inner: String,
    block: String,
    labels: [String; 3],
    deep: String,
}

impl Names {
    fn new() -> Names {
        let abc = || ["a", "b", "c"].map(str::to_owned);
        Names {
            numbers: ["n0", "n1", "n2"].map(str::to_owned),
            aside: [false; NUMBERS],
            texts: [abc(), abc()],
            inner: "inner".into(),
            block: "box".into(),
            labels: ["one", "two", "three"].map(str::to_owned),
            deep: "deep".into(),
        }
    }

    /// The bodies of a step and of its reverse, written by hand.
    fn step(&mut self, version: usize, change: Change) -> (String, String) {
        let within =
            |path: &str, operation: String| format!("  in {path:?} {{\n    {operation}\n  }}\n");
        let place = |aside: bool| if aside { "side" } else { "" };
        match change {
            Change::Rename(n) => {
                let old = self.numbers[n].clone();
                let new = format!("r{version}");
                self.numbers[n] = new.clone();
                let at = place(self.aside[n]);
                let rename = |from: &str, to: &str| format!("rename = {{ {from} = {to:?} }}");
                (
                    within(at, rename(&old, &new)),
                    within(at, rename(&new, &old)),
                )
            }
            Change::RenameInBox => {
                let old = std::mem::replace(&mut self.inner, format!("i{version}"));
                let rename = |from: &str, to: &str| format!("rename = {{ {from} = {to:?} }}");
                let (up, down) = (rename(&old, &self.inner), rename(&self.inner, &old));
                (within(&self.block, up), within(&self.block, down))
            }
            Change::RenameBox => {
                let old = std::mem::replace(&mut self.block, format!("b{version}"));
                let rename = |from: &str, to: &str| format!("  rename = {{ {from} = {to:?} }}\n");
                (rename(&old, &self.block), rename(&self.block, &old))
            }
            Change::Add(n, by) => {
                let at = place(self.aside[n]);
                let name = &self.numbers[n];
                let add = |by: i32| format!("convert = {{ {name} = value + ({by}) }}");
                (
                    within(
                        at,
                        format!("convert = {{ {name} = value + {by} }}").replace("+ -", "- "),
                    ),
                    within(at, add(-by)),
                )
            }
            Change::SubtractFrom(n, from) => {
                let at = place(self.aside[n]);
                let (name, from) = (&self.numbers[n], from.abs());
                let both = format!("convert = {{ {name} = {from} - value }}");
                (within(at, both.clone()), within(at, both))
            }
            Change::Negate(n) => {
                let both = format!("convert = {{ {} = -value }}", self.numbers[n]);
                let at = place(self.aside[n]);
                (within(at, both.clone()), within(at, both))
            }
            Change::Not => {
                let both = "  convert = { flag = !value }\n".to_owned();
                (both.clone(), both)
            }
            Change::Exchange(t) => {
                let [a, b, _] = &self.texts[t];
                let both = format!(
                    "  convert = {{ t{t} = value == {a:?} ? {b:?} : value == {b:?} ? {a:?} : value }}\n"
                );
                (both.clone(), both)
            }
            Change::Table(t) => {
                let old = self.texts[t].clone();
                self.texts[t] = [0, 1, 2].map(|index| format!("v{version}{index}"));
                let (up, down) = tables(&old, &self.texts[t]);
                (
                    format!("  convert = {{ t{t} = {up} }}\n"),
                    format!("  convert = {{ t{t} = {down} }}\n"),
                )
            }
            Change::Label => {
                let old = self.labels.clone();
                self.labels = [0, 1, 2].map(|index| format!("l{version}{index}"));
                let (up, down) = tables(&old, &self.labels);
                let label = |table: String| format!("label = {table}");
                (
                    within(&self.block, label(up)),
                    within(&self.block, label(down)),
                )
            }
            Change::Deep => {
                let old = std::mem::replace(&mut self.deep, format!("d{version}"));
                let both = |from: &str, to: &str| {
                    let inner = format!(
                        "in \"floor\" {{\n      when = self.on == true\n      rename = {{ {from} = {to:?} }}\n    }}"
                    );
                    within("house", inner)
                };
                (both(&old, &self.deep), both(&self.deep, &old))
            }
            Change::Together(n, by) => {
                let at = place(self.aside[n]);
                let old = self.numbers[n].clone();
                let new = format!("r{version}");
                self.numbers[n] = new.clone();
                (
                    within(
                        at,
                        format!(
                            "rename = {{ {old} = {new:?} }}\n    convert = {{ {new} = value + {by} }}"
                        ),
                    ),
                    within(
                        at,
                        format!(
                            "convert = {{ {new} = value - {by} }}\n    rename = {{ {new} = {old:?} }}"
                        ),
                    ),
                )
            }
            Change::Reject => {
                let both = within(
                    &self.block,
                    "when = self.never == true\n    reject = \"no\"".into(),
                );
                (both.clone(), both)
            }
            Change::Move(n) if self.aside[n] => self.step(version, Change::Rename(n)),
            Change::Move(n) => {
                self.aside[n] = true;
                let name = &self.numbers[n];
                (
                    format!("  move = {{ {name} = \"side.{name}\" }}\n"),
                    within("side", format!("move = {{ {name} = \"parent.{name}\" }}")),
                )
            }
        }
    }
}

fn tables(old: &[String; 3], new: &[String; 3]) -> (String, String) {
    let table = |from: &[String; 3], to: &[String; 3]| {
        let entries: Vec<String> = from
            .iter()
            .zip(to)
            .map(|(from, to)| format!("{from} = {to:?}"))
            .collect();
        format!("{{ {} }}[value]", entries.join(", "))
    };
    (table(old, new), table(new, old))
}

/// The same steps with their derived reverses, and with those written by hand.
fn catalogs(changes: &[Change]) -> (Catalog, Catalog) {
    let mut names = Names::new();
    let bodies: Vec<(String, String)> = (2..)
        .zip(changes)
        .map(|(version, change)| names.step(version, *change))
        .collect();
    let catalog = |written: bool| {
        let folder = scratch::folder();
        let head = "catalog \"laws\" { base_path = \".octopus\" }\n\
                    document \"fizz\" { path = \"fizz.ocl\" }\n";
        fs::write(folder.path().join("catalog.hcl"), head).unwrap();
        for (version, (up, down)) in (2..).zip(&bodies) {
            let mut text = String::from("description = \"a step\"\ndocument = \"fizz\"\n");
            write!(text, "modify {{\n{up}}}\n").unwrap();
            if written {
                write!(text, "down {{\n{down}}}\n").unwrap();
            }
            let step = folder.path().join(format!("{version:04}_step"));
            fs::create_dir(&step).unwrap();
            fs::write(step.join("step.hcl"), text).unwrap();
        }
        Catalog::load(folder.path()).unwrap_or_else(|error| panic!("{error}"))
    };
    (catalog(false), catalog(true))
}

fn document() -> impl Strategy<Value = String> {
    let boxes = vec((0..3usize, -9..9i32), 0..4);
    let texts = proptest::array::uniform2(0..3usize);
    let numbers = proptest::array::uniform3(proptest::option::weighted(0.8, -99..99i32));
    let floors = vec((any::<bool>(), -9..9i32), 0..3);
    (numbers, texts, any::<bool>(), boxes, floors, any::<bool>()).prop_map(
        |(numbers, texts, flag, boxes, floors, crlf)| {
            let mut text = String::new();
            // What is moved comes last, as it does when it comes back.
            for (index, chosen) in texts.into_iter().enumerate() {
                writeln!(text, "t{index}   = \"{}\"", ["a", "b", "c"][chosen]).unwrap();
            }
            writeln!(text, "flag = {flag} # kept").unwrap();
            for (index, number) in numbers.into_iter().enumerate() {
                if let Some(number) = number {
                    writeln!(text, "n{index} = {number}").unwrap();
                }
            }
            for (label, inner) in boxes {
                let label = ["one", "two", "three"][label];
                writeln!(text, "\nbox \"{label}\" {{\n    inner = {inner}\n}}").unwrap();
            }
            text.push_str("\nhouse {\n");
            for (on, deep) in floors {
                writeln!(
                    text,
                    "    floor {{\n        on = {on}\n        deep = {deep}\n    }}"
                )
                .unwrap();
            }
            text.push_str("}\n\nside {\n}\n");
            if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            }
        },
    )
}

/// The version before the first step.
const FIRST: u32 = 1;

fn go(catalog: &Catalog, text: &str, from: u32, to: u32) -> One {
    let migrated = migrate_one(catalog, "fizz", text.as_bytes(), from, to);
    if let Some(error) = migrated.document.error() {
        panic!("{error}\n{text}");
    }
    migrated
}

fn text(migrated: One) -> String {
    let set_aside = &migrated.document.set_aside;
    assert!(set_aside.is_empty(), "{set_aside:?}");
    migrated.text.unwrap()
}

fn json(text: &str) -> serde_json::Value {
    ocl_migrate::ocl::Document::parse(text, ocl_migrate::ocl::Dialect::Current)
        .unwrap()
        .root()
        .to_json()
}

fn moves(changes: &[Change]) -> bool {
    changes
        .iter()
        .any(|change| matches!(change, Change::Move(_)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_such_step_has_a_derived_reverse(changes in vec(change(), 1..8)) {
        let (derived, _) = catalogs(&changes);
        for (step, change) in derived.steps().iter().zip(&changes) {
            prop_assert_eq!(step.reverse().name(), "derived", "{:?}: {:?}", change, step.one_way());
        }
    }

    /// From N to M and back to N, byte for byte, where nothing moves to another place; else value for value.
    #[test]
    fn up_then_down_gives_the_same(changes in vec(change(), 1..8), document in document(), n in 1..9u32) {
        let (derived, _) = catalogs(&changes);
        let last = derived.server_version();
        let n = n.min(last);
        let start = text(go(&derived, &document, FIRST, n));
        let there = text(go(&derived, &start, n, last));
        let back = text(go(&derived, &there, last, n));
        if moves(&changes) {
            prop_assert_eq!(json(&back), json(&start));
        } else {
            prop_assert_eq!(back, start);
        }
    }

    #[test]
    fn down_then_up_gives_the_same(changes in vec(change(), 1..8), document in document(), n in 1..9u32) {
        let (derived, _) = catalogs(&changes);
        let last = derived.server_version();
        let start = text(go(&derived, &document, FIRST, last));
        let there = text(go(&derived, &start, last, n.min(last)));
        let back = text(go(&derived, &there, n.min(last), last));
        if moves(&changes) {
            prop_assert_eq!(json(&back), json(&start));
        } else {
            prop_assert_eq!(back, start);
        }
    }

    #[test]
    fn two_legs_down_give_what_one_does(changes in vec(change(), 2..8), document in document(), n in 1..9u32) {
        let (derived, _) = catalogs(&changes);
        let last = derived.server_version();
        let n = n.min(last);
        let start = text(go(&derived, &document, FIRST, last));
        let half = text(go(&derived, &start, last, n));
        prop_assert_eq!(text(go(&derived, &half, n, FIRST)), text(go(&derived, &start, last, FIRST)));
    }

    #[test]
    fn a_derived_reverse_agrees_with_the_written_one(changes in vec(change(), 1..8), document in document()) {
        let (derived, written) = catalogs(&changes);
        let last = derived.server_version();
        let start = text(go(&derived, &document, FIRST, last));
        prop_assert_eq!(text(go(&derived, &start, last, FIRST)), text(go(&written, &start, last, FIRST)));
    }

    /// What is written down where it could be derived is taken for what it is: nothing is left of the derived one.
    #[test]
    fn what_is_written_counts(changes in vec(change(), 1..4)) {
        let (_, written) = catalogs(&changes);
        for step in written.steps() {
            prop_assert_eq!(step.reverse().name(), "written");
        }
    }

    /// What didn't come out of a step is refused on the way down: nothing is guessed.
    #[test]
    fn what_holds_both_names_is_refused(old in "[a-f]{1,3}", new in "[g-m]{1,3}") {
        let folder = scratch::folder();
        let step = folder.path().join("0002_step");
        fs::create_dir(&step).unwrap();
        let head = "catalog \"laws\" { base_path = \".octopus\" }\ndocument \"fizz\" { path = \"fizz.ocl\" }\n";
        fs::write(folder.path().join("catalog.hcl"), head).unwrap();
        let body = format!("description = \"a\"\ndocument = \"fizz\"\nmodify {{\n rename = {{ {old} = {new:?} }}\n}}\n");
        fs::write(step.join("step.hcl"), body).unwrap();
        let catalog = Catalog::load(folder.path()).unwrap();
        let bytes = format!("{old} = 1\n{new} = 2\n");
        let refused = migrate_one(&catalog, "fizz", bytes.as_bytes(), 2, 1).document;
        let refused = refused.error().unwrap();
        prop_assert!(refused.to_string().contains("would leave only one of them"), "{}", refused);
    }
}

/// Each change does something to many of the documents: nothing above holds because nothing happened.
#[test]
fn the_documents_hold_what_the_steps_touch() {
    let mut runner = TestRunner::deterministic();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for _ in 0..300 {
        let pair = (vec(change(), 1..8), document());
        let (changes, document) = pair.new_tree(&mut runner).unwrap().current();
        let (derived, _) = catalogs(&changes);
        let last = derived.server_version();
        let up = go(&derived, &document, FIRST, last);
        let changed_up: Vec<usize> = up
            .document
            .changes()
            .iter()
            .map(|change| change.step)
            .collect();
        let down = go(&derived, &text(up), last, FIRST);
        let changed_down: Vec<usize> = down
            .document
            .changes()
            .iter()
            .map(|change| change.step)
            .collect();
        for (index, change) in changes.iter().enumerate() {
            let name = format!("{change:?}");
            let name = name.split('(').next().unwrap().to_owned();
            let count = counts.entry(name).or_default();
            count.0 += usize::from(changed_up.contains(&index));
            count.1 += usize::from(changed_down.contains(&index));
        }
    }
    println!("changed on the way up, and down: {counts:?}");
    assert_eq!(counts.remove("Reject"), Some((0, 0)));
    assert_eq!(counts.len(), 13);
    for (name, (up, down)) in counts {
        assert!(up >= 20 && down == up, "{name}: {up} up, {down} down");
    }
}
