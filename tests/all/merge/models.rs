//! Small documents, all of them: what must come out is decided by models that know nothing of how merging works.

use std::collections::{BTreeMap, BTreeSet};

use ocl_migrate::catalog::Identity;
use ocl_migrate::merge::ConflictKind;
use ocl_migrate::ocl::Document;
use ocl_migrate::values::Values;

use super::{merged, parse};

/// One value, or none: that of the side that changed it.
fn three_way<T: PartialEq + Copy>(base: T, ours: T, theirs: T) -> Option<T> {
    match () {
        () if ours == theirs || theirs == base => Some(ours),
        () if ours == base => Some(theirs),
        () => None,
    }
}

/// Calls it with every three of these.
fn each_three<T>(of: &[T], mut check: impl FnMut([&T; 3])) {
    for base in of {
        for ours in of {
            for theirs in of {
                check([base, ours, theirs]);
            }
        }
    }
}

fn leaves(document: &Document, identity: &Identity) -> BTreeSet<String> {
    let leaves = Values::of(document, identity).leaves();
    leaves.map(|leaf| leaf.to_string()).collect()
}

/// The values of `x` and `y`, where they are there.
type Pair = [Option<u8>; 2];

fn pairs() -> Vec<Pair> {
    let values = [None, Some(1), Some(2)];
    let each = |x| values.map(|y| [x, y]);
    values.into_iter().flat_map(each).collect()
}

fn written(pair: &Pair, write: fn(&str, u8) -> String) -> String {
    let named = ["x", "y"].into_iter().zip(pair);
    named
        .filter_map(|(name, value)| value.map(|value| write(name, value)))
        .collect()
}

/// All three documents, merged; and whether the kinds of conflict and the values are those of the model.
fn keyed(identity: &Identity, frame: fn(String) -> String, write: fn(&str, u8) -> String) -> usize {
    let mut proposed = 0;
    each_three(&pairs(), |three| {
        let documents = three.map(|pair| parse(&frame(written(pair, write))));
        let merged = merged(identity, &documents).unwrap();
        let [base, ours, theirs] = three;
        let decided = [0, 1].map(|at| three_way(base[at], ours[at], theirs[at]));
        let mut kinds = BTreeSet::new();
        for at in [0, 1].into_iter().filter(|at| decided[*at].is_none()) {
            kinds.insert(match (base[at], ours[at], theirs[at]) {
                (None, ..) => ConflictKind::AddedDifferently,
                (_, Some(_), Some(_)) => ConflictKind::BothChanged,
                _ => ConflictKind::ChangedAndRemoved,
            });
        }
        let found: BTreeSet<ConflictKind> =
            merged.conflicts().iter().map(|found| found.kind).collect();
        if found.contains(&ConflictKind::Identity) {
            // A block that went and one that came with its value: it may have got another key.
            proposed += 1;
            return;
        }
        assert_eq!(found, kinds, "{three:?}");
        if let [Some(x), Some(y)] = decided {
            let expected = parse(&frame(written(&[x, y], write)));
            let (expected, found) = (
                leaves(&expected, identity),
                leaves(merged.document(), identity),
            );
            assert_eq!(found, expected, "{three:?}\n{}", merged.document());
        }
    });
    proposed
}

#[test]
fn what_has_a_key_is_merged_by_itself() {
    let none = Identity::none();
    let entry = |name: &str, value: u8| format!("    {name} = {value}\n");
    let attribute = |name: &str, value: u8| format!("{name} = {value}\n");
    assert_eq!(
        keyed(&none, |entries| format!("d = {{\n{entries}}}\n"), entry),
        0
    );
    assert_eq!(
        keyed(&none, |entries| format!("b {{\n{entries}}}\n"), entry),
        0
    );
    assert_eq!(keyed(&none, |attributes| attributes, attribute), 0);
    let own = Identity::parse("key \"b\" {\n  by    = \"k\"\n  value = label\n}").unwrap();
    let block = |name: &str, value: u8| format!("b \"{value}\" {{\n    k = \"{name}\"\n}}\n");
    // One side renamed a block (2 sides, 2 blocks, 2 values), and the other one did something else with it (5 things: removed or
    // changed it, with or without adding a block of the new name).
    assert_eq!(keyed(&own, |blocks| blocks, block), 2 * 2 * 2 * 5);
}

#[test]
fn sets_are_merged_by_their_items() {
    let identity = Identity::parse("set \"s\" {}").unwrap();
    let subsets: Vec<[bool; 3]> = (0..8)
        .map(|bits| [1, 2, 4].map(|bit| bits & bit != 0))
        .collect();
    let write = |set: &[bool; 3]| {
        let items = ["\"a\"", "\"b\"", "\"c\""].into_iter().zip(set);
        let items: Vec<&str> = items
            .filter_map(|(item, is_in)| is_in.then_some(item))
            .collect();
        parse(&format!("s = [{}]\n", items.join(", ")))
    };
    each_three(&subsets, |three| {
        let documents = three.map(write);
        let merged = merged(&identity, &documents).unwrap();
        assert!(merged.conflicts().is_empty(), "{three:?}");
        let [base, ours, theirs] = three;
        let expected = [0, 1, 2].map(|at| three_way(base[at], ours[at], theirs[at]).unwrap());
        assert_eq!(
            leaves(merged.document(), &identity),
            leaves(&write(&expected), &identity),
            "{three:?}"
        );
    });
}

/// All orders of all subsets of three names.
fn sequences() -> Vec<Vec<char>> {
    let mut all = vec![Vec::new()];
    let mut at = 0;
    while at < all.len() {
        for name in ['a', 'b', 'c'] {
            if !all[at].contains(&name) {
                let mut longer: Vec<char> = all[at].clone();
                longer.push(name);
                all.push(longer);
            }
        }
        at += 1;
    }
    all
}

/// Which orders both sides' changes allow: each pair stands as on the side that changed it, or in the one that has both.
fn allowed(three: [&Vec<char>; 3]) -> Vec<Vec<char>> {
    let [base, ours, theirs] = three;
    let stays = |name: &char| {
        three_way(
            base.contains(name),
            ours.contains(name),
            theirs.contains(name),
        )
    };
    let stays = |name: &char| stays(name) == Some(true);
    let before = |sequence: &Vec<char>, a: char, b: char| {
        let place = |name| sequence.iter().position(|other| *other == name);
        Some(place(a)? < place(b)?)
    };
    let is_allowed = |sequence: &Vec<char>| {
        sequence.iter().enumerate().all(|(at, a)| {
            sequence[at + 1..].iter().all(|b| {
                let [base, ours, theirs] = three.map(|three| before(three, *a, *b));
                match (ours, theirs) {
                    (Some(ours), Some(theirs)) => {
                        base.map_or((ours == theirs).then_some(ours), |base| {
                            three_way(base, ours, theirs)
                        }) == Some(true)
                    }
                    (one, other) => one.or(other).unwrap_or(true),
                }
            })
        })
    };
    let all = sequences().into_iter();
    let all = all.filter(|sequence| {
        ['a', 'b', 'c']
            .iter()
            .all(|name| sequence.contains(name) == stays(name))
    });
    all.filter(is_allowed).collect()
}

#[test]
fn an_order_is_merged_where_both_sides_allow_one() {
    let identity = Identity::parse("key \"s\" {\n  by      = label\n  ordered = true\n}").unwrap();
    // Each block has a value of its own, so that none seems to be another one under a new key.
    let write = |sequence: &Vec<char>| {
        let blocks = sequence
            .iter()
            .map(|name| format!("s \"{name}\" {{\n    v = \"{name}\"\n}}\n"));
        parse(&blocks.collect::<String>())
    };
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    each_three(&sequences(), |three| {
        let documents = three.map(write);
        let merged = merged(&identity, &documents).unwrap();
        let allowed = allowed(three);
        if merged.conflicts().is_empty() {
            let result = merged.document().root();
            let result: Vec<char> = result
                .blocks("s")
                .map(|block| {
                    block
                        .get("v")
                        .unwrap()
                        .as_str()
                        .unwrap()
                        .chars()
                        .next()
                        .unwrap()
                })
                .collect();
            assert!(
                allowed.contains(&result),
                "{three:?} {result:?} {allowed:?}"
            );
            *outcomes.entry("merged").or_default() += 1;
            assert_eq!(
                allowed.len(),
                1,
                "{three:?} {result:?}: several orders are right: {allowed:?}"
            );
        } else {
            let mut kinds = merged.conflicts().iter().map(|conflict| conflict.kind);
            assert!(kinds.all(|kind| kind == ConflictKind::Order), "{three:?}");
            let why = match allowed.len() {
                0 => "no order is right",
                1 => "one order is right, and too near to tell",
                _ => "several orders are right",
            };
            *outcomes.entry(why).or_default() += 1;
        }
    });
    insta::assert_snapshot!("orders", format!("{outcomes:#?}"));
}
