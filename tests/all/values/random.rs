//! The laws on random documents: few names and texts, so that much is alike, and odd shapes are frequent.

use std::fmt::Write as _;

use ocl_migrate::catalog::Identity;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::{Selector, Values, difference};
use proptest::prelude::*;

use super::laws::{
    addresses_name_their_leaves, elements_are_found, says_the_same,
    the_difference_leads_from_one_to_the_other,
};
use super::rewriting::{Random, Rewriting};

/// Every kind of declaration, and names that none is about; with the attributes that are sets in a key.
const IDENTITIES: [(&str, &[&str]); 4] = [
    ("", &[]),
    (
        r#"
    key "a" {
      by          = label
      ignore_case = true
      ordered     = true
    }
    key "b" {
      by         = ["k", "l"]
      as_set     = true
      value      = [label, "v"]
      precedence = ["l", "k"]
    }
    key "a.b" {
      by      = label
      else    = parent
      ordered = true
    }
    key "b.a" {
      by   = label
      else = "c"
    }
    set "s" {}
    set "**.b.s" { ignore_case = true }
    "#,
        &["k", "l"],
    ),
    (
        r#"
    key "**.a" { by = "v" }
    key "**.b" {
      by          = ["k", "s"]
      as_set      = true
      ignore_case = true
      ordered     = true
    }
    key "**.c" { by = label }
    set "**.s" {}
    "#,
        &["k", "s"],
    ),
    (
        r#"
    key "*" {
      by      = label
      else    = parent
      ordered = true
      value   = "v"
    }
    key "*.**.a" {
      by    = ["v", "k"]
      value = label
    }
    set "**.k" {}
    "#,
        &[],
    ),
];

const NAMES: [&str; 7] = ["a", "b", "c", "k", "l", "s", "v"];
const TEXTS: [&str; 16] = [
    "x",
    "y",
    "X",
    "",
    "a b",
    "1",
    "true",
    "null",
    "]",
    "}",
    "=",
    "\"",
    "\\",
    "\n",
    "\u{1b}[2J\u{202e}",
    "Ä/ö.ü:-_",
];

/// A part of a document, before it is written.
#[derive(Debug, Clone)]
enum Part {
    Attribute(usize, Value),
    Block(usize, Vec<usize>, Vec<Part>),
}

#[derive(Debug, Clone)]
enum Value {
    Text(usize),
    Heredoc(usize),
    Literal(usize),
    List(Vec<Value>),
    Dictionary(Vec<(usize, Value)>),
}

const LITERALS: [&str; 8] = ["1", "1.0", "-2", "01", "true", "false", "null", "2"];

fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        4 => (0..TEXTS.len()).prop_map(Value::Text),
        1 => (0..TEXTS.len()).prop_map(Value::Heredoc),
        2 => (0..LITERALS.len()).prop_map(Value::Literal),
    ];
    plain.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            1 => prop::collection::vec((0..TEXTS.len(), inner), 0..4).prop_map(Value::Dictionary),
        ]
    })
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let attribute =
        (0..NAMES.len(), value()).prop_map(|(name, value)| Part::Attribute(name, value));
    let label = prop_oneof![3 => 0..3_usize, 1 => 0..TEXTS.len()];
    let labels = prop::collection::vec(label, 0..3);
    let part = attribute.prop_recursive(3, 24, 6, move |inner| {
        let parts = prop::collection::vec(inner, 0..6);
        (0..3_usize, labels.clone(), parts)
            .prop_map(|(name, labels, parts)| Part::Block(name, labels, parts))
    });
    prop::collection::vec(part, 0..8)
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}

fn write(parts: &[Part], text: &mut String) {
    for part in parts {
        match part {
            Part::Attribute(name, value) => {
                let _ = write!(text, "{} = ", NAMES[*name]);
                write_value(value, text);
                text.push('\n');
            }
            Part::Block(name, labels, parts) => {
                text.push_str(NAMES[*name]);
                for label in labels {
                    let _ = write!(text, " {}", quoted(TEXTS[*label]));
                }
                text.push_str(" {\n");
                write(parts, text);
                text.push_str("}\n");
            }
        }
    }
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Text(index) => text.push_str(&quoted(TEXTS[*index])),
        Value::Heredoc(index) => {
            let _ = write!(text, "<<EOT\n{}\nEOT", TEXTS[*index]);
        }
        Value::Literal(index) => text.push_str(LITERALS[*index]),
        Value::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_value(item, text);
                // What stands behind an end tag must be on a line of its own.
                text.push_str(if matches!(item, Value::Heredoc(_)) {
                    "\n"
                } else {
                    ""
                });
            }
            text.push(']');
        }
        Value::Dictionary(entries) => {
            text.push_str("{\n");
            for (key, value) in entries {
                let _ = write!(text, "{} = ", quoted(TEXTS[*key]));
                write_value(value, text);
                text.push('\n');
            }
            text.push('}');
        }
    }
}

/// A few changes of any sort, anywhere.
fn edit(parts: &mut Vec<Part>, random: &mut Random, other: &[Part]) {
    for _ in 0..=random.below(3) {
        edit_once(parts, random, other);
    }
}

fn edit_once(parts: &mut Vec<Part>, random: &mut Random, other: &[Part]) {
    let blocks: Vec<usize> = (0..parts.len())
        .filter(|index| matches!(parts[*index], Part::Block(..)))
        .collect();
    if !blocks.is_empty()
        && random.below(2) == 0
        && let Part::Block(_, _, inner) = &mut parts[blocks[random.below(blocks.len())]]
    {
        return edit_once(inner, random, other);
    }
    let at = random.below(parts.len() + 1);
    let found = parts.get(at).cloned();
    match (random.below(6), found) {
        (0, Some(_)) => drop(parts.remove(at)),
        (1, Some(part)) => parts.insert(at, part),
        (2, Some(_)) => {
            let other = random.below(parts.len());
            parts.swap(at, other);
        }
        (3, Some(Part::Block(name, mut labels, inner))) => {
            labels.reverse();
            labels.truncate(1 + random.below(2));
            labels.extend((random.below(2) == 0).then(|| random.below(3)));
            parts[at] = Part::Block(name, labels, inner);
        }
        (4, Some(Part::Attribute(name, Value::List(mut items)))) => {
            let position = random.below(items.len() + 1);
            match items.get(position).cloned() {
                Some(item) if random.below(2) == 0 => items.push(item),
                Some(_) => drop(items.remove(position)),
                None => items.insert(0, Value::Text(random.below(4))),
            }
            parts[at] = Part::Attribute(name, Value::List(items));
        }
        (5, Some(Part::Attribute(name, _))) => {
            parts[at] = Part::Attribute(name, Value::Text(random.below(4)));
        }
        _ => {
            let from = other.get(random.below(other.len().max(1)));
            parts.extend(from.cloned());
        }
    }
}

fn document(parts: &[Part]) -> Document {
    let mut text = String::new();
    write(parts, &mut text);
    Document::parse(text.as_str(), Dialect::Current)
        .unwrap_or_else(|error| panic!("{}", error.render(&text)))
}

/// The texts of random documents.
pub fn texts() -> impl Strategy<Value = String> {
    parts().prop_map(|parts| text(&parts))
}

fn text(parts: &[Part]) -> String {
    let mut text = String::new();
    write(parts, &mut text);
    text
}

/// A random document and two that come from it by a few changes each, and the identity by whose number they are seen.
pub fn branched() -> impl Strategy<Value = (usize, [String; 3])> {
    (0..IDENTITIES.len(), parts(), parts(), any::<[u64; 2]>()).prop_map(
        |(identity, base, other, seeds)| {
            let [ours, theirs] = seeds.map(|seed| {
                let mut side = base.clone();
                edit(&mut side, &mut Random(seed), &other);
                text(&side)
            });
            (identity, [text(&base), ours, theirs])
        },
    )
}

pub fn declared_identity(number: usize) -> Identity {
    Identity::parse(IDENTITIES[number].0).unwrap()
}

fn declared() -> impl Strategy<Value = (Identity, &'static [&'static str])> {
    let declared = IDENTITIES.map(|(text, sets)| (Identity::parse(text).unwrap(), sets));
    prop::sample::select(declared.to_vec())
}

pub fn identity() -> impl Strategy<Value = Identity> {
    declared().prop_map(|(identity, _)| identity)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_leaf_has_one_address_and_every_address_one_leaf(parts in parts(), identity in identity()) {
        let document = document(&parts);
        let values = Values::of(&document, &identity);
        addresses_name_their_leaves(values);
        elements_are_found(values);
    }

    #[test]
    fn white_space_and_order_without_meaning_make_no_difference(
        parts in parts(), (identity, key_sets) in declared(), seed in any::<u64>(),
    ) {
        let document = document(&parts);
        let values = Values::of(&document, &identity);
        for shuffled in [false, true] {
            let rewriting = Rewriting { random: Random(seed), shuffled, key_sets };
            says_the_same(values, &rewriting.of(values));
        }
    }

    #[test]
    fn the_difference_of_any_two_documents_is_right(old in parts(), new in parts(), identity in identity()) {
        let (old, new) = (document(&old), document(&new));
        the_difference_leads_from_one_to_the_other(Values::of(&old, &identity), Values::of(&new, &identity));
    }

    #[test]
    fn the_difference_of_similar_documents_is_right(
        old in parts(), other in parts(), identity in identity(), seed in any::<u64>(),
    ) {
        let mut new = old.clone();
        edit(&mut new, &mut Random(seed), &other);
        let (old, new) = (document(&old), document(&new));
        the_difference_leads_from_one_to_the_other(Values::of(&old, &identity), Values::of(&new, &identity));
    }

    #[test]
    fn what_both_documents_begin_and_end_with_changes_nothing(
        begin in parts(), old in parts(), other in parts(), end in parts(), identity in identity(), seed in any::<u64>(),
    ) {
        let mut new = old.clone();
        edit(&mut new, &mut Random(seed), &other);
        let text = |between: &[Part]| {
            let mut text = String::new();
            write(&[&begin, between, &end].concat(), &mut text);
            text
        };
        let told = |first: &str, last: &str| {
            let [old, new] = [(&old, "0"), (&new, "1")].map(|(parts, mark)| {
                let text = format!("{}{}{}", first.replace('?', mark), text(parts), last.replace('?', mark));
                Document::parse(text, Dialect::Current).unwrap()
            });
            let found = difference(Values::of(&old, &identity), Values::of(&new, &identity));
            let changes: Vec<String> = found.changes().iter().map(|change| format!("{change:?}")).collect();
            let renames = found.renames().iter().map(|rename| format!("{rename:?}"));
            (changes.into_iter().filter(|change| !change.contains("at_the_")).collect::<Vec<_>>(), renames.collect::<Vec<_>>())
        };
        // Where the first and the last line differ, nothing is left out.
        prop_assert_eq!(told("", ""), told("at_the_begin = ?\n", "at_the_end = ?\n"));
    }

    #[test]
    fn whatever_a_selector_is_read_from_it_prints_as_the_same(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "a", "é-_1", "*", "**", ".", "\"x y\"", "[", "]", "\"\\n\"", "[\"x\"]", "[]", "[0]", "[12]", "{", "}", "{}",
            "{a=b}", "{a=[b, \"c d\"], \"e f\"=1}", "{x}", "{-1.5}", "{\"1\"}", "{null}", "{a/b:c.d}", "$labels", " ", "\\",
            "\u{1b}", "{a=[]}",
        ]), 0..6),
    ) {
        let text = pieces.concat();
        if let Ok(selector) = text.parse::<Selector>() {
            let printed = selector.to_string();
            prop_assert_eq!(&printed.parse::<Selector>().unwrap(), &selector, "{}", printed);
            prop_assert!(!printed.contains(char::is_control));
        }
    }
}
