//! What holds for every document, and for every two: checked on random ones and on real ones.

use std::collections::{BTreeMap, BTreeSet};

use ocl_migrate::ocl::{Dialect, Document, Kind};
use ocl_migrate::values::{Change, Difference, Element, Selector, Values, difference};

/// Every leaf has an address of its own, which reads back as it prints and finds the leaf. Returns how many there are.
pub fn addresses_name_their_leaves(values: Values<'_>) -> usize {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for leaf in values.leaves() {
        let printed = leaf.element().to_string();
        let selector = leaf.selector();
        assert_eq!(printed, selector.to_string());
        assert!(!printed.contains(char::is_control), "{printed:?}");
        let parsed: Selector = printed.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(parsed, selector, "{printed}");
        let found = values
            .find(&parsed)
            .unwrap_or_else(|error| panic!("{error}\n{}", values.document()));
        assert_eq!(&found, leaf.element(), "{printed}");
        assert_eq!(found.value(), Some(leaf.value()), "{printed}");
        assert!(seen.insert(printed), "{} stands twice", leaf);
        count += 1;
    }
    count
}

/// Every part of the document is found by its address, leaf or not.
pub fn elements_are_found(values: Values<'_>) {
    let everything: Selector = "**".parse().unwrap();
    for element in values.select(&everything) {
        let printed = element.to_string();
        let found = values.find(&printed.parse().unwrap()).unwrap();
        assert_eq!(found, element, "{printed}");
    }
}

/// A text that says the same has the same addresses and values, and no difference.
pub fn says_the_same(values: Values<'_>, text: &str) {
    let other = Document::parse(text, values.document().dialect())
        .unwrap_or_else(|error| panic!("{}", error.render(text)));
    let other = Values::of(&other, values.identity());
    assert_eq!(
        all(values),
        all(other),
        "\n{}\n---\n{text}",
        values.document()
    );
    for found in [difference(values, other), difference(other, values)] {
        assert!(
            found.is_empty(),
            "{}\n{}\n---\n{text}",
            lines(&found),
            values.document()
        );
        assert!(found.renames().is_empty());
    }
}

/// The difference between two documents is right, from both sides. Returns how many changes there are.
pub fn the_difference_leads_from_one_to_the_other(old: Values<'_>, new: Values<'_>) -> usize {
    let found = difference(old, new);
    let shown = || {
        format!(
            "{}\n{}\n---\n{}",
            lines(&found),
            old.document(),
            new.document()
        )
    };
    applied(old, new, &found, &shown);
    lists_are_led_over(old, new, &found, &shown);
    order_is_led_over(old, new, &found, &shown);
    exact_where_everything_has_a_key(old, new, &found, &shown);

    let mirrored = difference(new, old);
    let mut forth: Vec<String> = found.changes().iter().map(swapped).collect();
    let mut back: Vec<String> = mirrored.changes().iter().map(described).collect();
    forth.sort();
    back.sort();
    assert_eq!(forth, back, "{}", shown());
    let renames = |found: &Difference<'_>| -> BTreeSet<[String; 2]> {
        let renames = found.renames().iter();
        renames
            .map(|rename| [rename.old.to_string(), rename.new.to_string()])
            .collect()
    };
    let turned: BTreeSet<[String; 2]> = renames(&mirrored)
        .into_iter()
        .map(|[a, b]| [b, a])
        .collect();
    assert_eq!(renames(&found), turned, "{}", shown());
    found.changes().len()
}

/// Addresses and values, whatever their order.
fn all(values: Values<'_>) -> BTreeMap<String, String> {
    let leaves = values.leaves();
    leaves
        .map(|leaf| (leaf.element().to_string(), shown(&leaf)))
        .collect()
}

fn shown(leaf: &ocl_migrate::values::Leaf<'_>) -> String {
    format!("{} {}", leaf.value().type_name(), leaf.value())
}

pub fn lines(found: &Difference<'_>) -> String {
    let lines = found.changes().iter().map(ToString::to_string);
    lines.collect::<Vec<_>>().join("\n")
}

/// A change, with what it says about both documents.
fn described(change: &Change<'_>) -> String {
    let (name, old, new) = parts(change);
    format!("{name} {old:?} {new:?}")
}

/// The same, seen from the other side.
fn swapped(change: &Change<'_>) -> String {
    let (name, old, new) = parts(change);
    let name = match name {
        "added" => "removed",
        "removed" => "added",
        name => name,
    };
    format!("{name} {new:?} {old:?}")
}

fn parts(change: &Change<'_>) -> (&'static str, Option<String>, Option<String>) {
    let of = |element: &Element<'_>| format!("{element} {:?}", element.order());
    let (old, new) = match change {
        Change::Moved { old, new } | Change::Respelled { old, new } => {
            (Some(of(old)), Some(of(new)))
        }
        Change::Added { new, whole, .. } => {
            let whole = whole.as_ref().map(ToString::to_string);
            (None, Some(format!("{new} {whole:?}")))
        }
        Change::Removed { old, whole, .. } => {
            let whole = whole.as_ref().map(ToString::to_string);
            (Some(format!("{old} {whole:?}")), None)
        }
        change => (
            change.old_leaf().map(ToString::to_string),
            change.new_leaf().map(ToString::to_string),
        ),
    };
    (change.name(), old, new)
}

/// An address without what depends on other blocks: positions and `[]`.
fn unplaced(address: &str) -> String {
    let mut kept = String::new();
    let mut rest = address;
    while let Some(c) = rest.chars().next() {
        if c == '"' {
            let end = end_of_quoted(rest);
            kept.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        if let Some(inside) = rest.strip_prefix('[')
            && let Some((digits, after)) = inside.split_once(']')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
        {
            rest = after;
            continue;
        }
        kept.push(c);
        rest = &rest[c.len_utf8()..];
    }
    kept
}

/// Whether an address is by names and keys alone, whatever else there is. `[]` of a block with a declared key is a key too.
fn is_placeless(address: &str) -> bool {
    unplaced(address)
        == address
            .replace("action[]", "action")
            .replace("packages[]", "packages")
}

fn end_of_quoted(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

type Bag = BTreeMap<(String, String), isize>;

fn put(bag: &mut Bag, leaf: &ocl_migrate::values::Leaf<'_>, count: isize) {
    // How a key that ignores case is spelt is told by other changes.
    let address = unplaced(&leaf.element().to_string()).to_lowercase();
    let key = (address, shown(leaf));
    let entry = bag.entry(key).or_default();
    *entry += count;
}

/// The old leaves, less those that went, with those that came, are the new leaves.
fn applied(old: Values<'_>, new: Values<'_>, found: &Difference<'_>, shown: &impl Fn() -> String) {
    let mut bag = Bag::new();
    old.leaves().for_each(|leaf| put(&mut bag, &leaf, 1));
    for change in found.changes() {
        if let Some(leaf) = change.old_leaf() {
            put(&mut bag, leaf, -1);
        }
        assert!(
            bag.values().all(|count| *count >= 0),
            "{change}: what isn't there can't go\n{}",
            shown()
        );
        if let Some(leaf) = change.new_leaf() {
            put(&mut bag, leaf, 1);
        }
        if let Change::Added {
            new: leaf, within, ..
        } = change
        {
            let found = old.find(&within.selector());
            assert_eq!(found.as_ref(), Ok(within), "{}", shown());
            let inner = unplaced(&leaf.element().to_string()).to_lowercase();
            assert!(
                inner.starts_with(&unplaced(&within.to_string()).to_lowercase()),
                "{}",
                shown()
            );
        }
    }
    new.leaves().for_each(|leaf| put(&mut bag, &leaf, -1));
    assert!(
        bag.values().all(|count| *count == 0),
        "{bag:?}\n{}",
        shown()
    );
}

/// The lists of plain values that are told by names and keys alone, with their items.
fn lists(values: Values<'_>) -> BTreeMap<String, Vec<String>> {
    let everything: Selector = "**".parse().unwrap();
    let mut found = BTreeMap::new();
    for element in values.select(&everything) {
        let items: Vec<Element<'_>> = element.members().collect();
        let is_item = |item: &Element<'_>| {
            item.name().is_empty() && item.value().is_some() && item.to_string().ends_with(']')
        };
        let address = element.to_string();
        let is_list = element.content().kind() == Kind::List;
        if is_list && !items.is_empty() && items.iter().all(is_item) && is_placeless(&address) {
            let items = items.iter().map(|item| shown(&item.leaf().unwrap()));
            found.insert(address, items.collect());
        }
    }
    found
}

/// Taking out of a list what went and putting in what came, each at its position, gives the new list.
fn lists_are_led_over(
    old: Values<'_>,
    new: Values<'_>,
    found: &Difference<'_>,
    context: &impl Fn() -> String,
) {
    let (old, new) = (lists(old), lists(new));
    for (address, items) in &old {
        let Some(wanted) = new.get(address) else {
            continue;
        };
        let position = |leaf: &ocl_migrate::values::Leaf<'_>| {
            let text = leaf.element().to_string();
            let inside = text.strip_prefix(address.as_str())?;
            let digits = inside.strip_prefix('[')?.strip_suffix(']')?;
            digits.parse::<usize>().ok()
        };
        let gone: BTreeSet<usize> = found
            .changes()
            .iter()
            .filter_map(|change| position(change.old_leaf()?))
            .collect();
        let mut list: Vec<String> = items
            .iter()
            .enumerate()
            .filter(|(index, _)| !gone.contains(index))
            .map(|(_, item)| item.clone())
            .collect();
        let came: BTreeMap<usize, String> = found
            .changes()
            .iter()
            .filter_map(|change| {
                let leaf = change.new_leaf()?;
                Some((position(leaf)?, shown(leaf)))
            })
            .collect();
        for (position, item) in came {
            assert!(position <= list.len(), "{address}\n{}", context());
            list.insert(position, item);
        }
        assert_eq!(&list, wanted, "{address}\n{}", context());
    }
}

/// The blocks whose order matters, by what holds them, where these are told by names and keys alone.
fn orders(values: Values<'_>) -> BTreeMap<String, Vec<String>> {
    let everything: Selector = "**".parse().unwrap();
    let mut found = BTreeMap::new();
    for element in values.select(&everything) {
        let ordered = element.members().filter(|member| member.order().is_some());
        let ordered: Vec<String> = ordered.map(|member| member.to_string()).collect();
        let holder = element.to_string();
        let has_keys = ordered
            .iter()
            .chain([&holder])
            .all(|address| is_placeless(address));
        if !ordered.is_empty() && has_keys {
            found.insert(holder, ordered);
        }
    }
    found
}

/// Taking out the blocks that went or moved, and putting those that came or moved at their place, gives the new order.
fn order_is_led_over(
    old: Values<'_>,
    new: Values<'_>,
    found: &Difference<'_>,
    shown: &impl Fn() -> String,
) {
    let (old, new) = (orders(old), orders(new));
    let moved: BTreeMap<String, usize> = found
        .changes()
        .iter()
        .filter_map(|change| match change {
            Change::Moved { new, .. } => Some((new.to_string(), new.order().unwrap())),
            _ => None,
        })
        .collect();
    for (address, blocks) in &old {
        let Some(wanted) = new.get(address) else {
            continue;
        };
        let stays = |block: &&String| wanted.contains(block) && !moved.contains_key(*block);
        let mut order: Vec<String> = blocks.iter().filter(stays).cloned().collect();
        for (position, block) in wanted.iter().enumerate() {
            if !blocks.contains(block) || moved.contains_key(block) {
                order.insert(position.min(order.len()), block.clone());
            }
        }
        assert_eq!(&order, wanted, "{address}\n{}", shown());
    }
}

/// Where no position is part of any address, the changes are what two maps differ in, and no others.
fn exact_where_everything_has_a_key(
    old: Values<'_>,
    new: Values<'_>,
    found: &Difference<'_>,
    shown: &impl Fn() -> String,
) {
    let (a, b) = (all(old), all(new));
    if !a.keys().chain(b.keys()).all(|key| is_placeless(key)) {
        return;
    }
    let mut wanted = BTreeSet::new();
    for (address, value) in &a {
        match b.get(address) {
            None => drop(wanted.insert(format!("removed {address}"))),
            Some(other) if other != value => drop(wanted.insert(format!("changed {address}"))),
            Some(_) => {}
        }
    }
    let added = b.keys().filter(|address| !a.contains_key(*address));
    wanted.extend(added.map(|address| format!("added {address}")));
    let changes = found.changes().iter();
    let changes = changes.filter(|change| change.old_leaf().or(change.new_leaf()).is_some());
    let changes: Vec<String> = changes
        .map(|change| format!("{} {}", change.name(), change.element()))
        .collect();
    let distinct: BTreeSet<String> = changes.iter().cloned().collect();
    assert_eq!(distinct.len(), changes.len(), "{}", shown());
    assert_eq!(distinct, wanted, "{}", shown());
}

#[test]
fn the_helpers_of_these_laws_know_what_they_compare() {
    assert_eq!(
        unplaced(r#"a[2].b[]["x[3]"]{K="[4]"}[0]"#),
        r#"a.b["x[3]"]{K="[4]"}"#
    );
    let document = Document::parse("a = [1, 2]\nb {\n}\n", Dialect::Current).unwrap();
    let identity = ocl_migrate::catalog::Identity::none();
    assert_eq!(
        lists(Values::of(&document, &identity))["a"],
        ["number 1", "number 2"]
    );
}
