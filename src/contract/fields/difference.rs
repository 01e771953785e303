//! What documents that fit one contract may break in another.

use std::collections::BTreeSet;
use std::fmt;

use super::super::place::Place;
use super::field::{EACH, Field, Fields, Type, Types};
use crate::ocl::{Document, Kind, Node};
use crate::text::{either, some_of};

/// One change from a contract to a newer one, by which documents in the older shape may be wrong in the newer.
#[derive(Debug)]
pub(crate) struct Difference {
    path: Vec<String>,
    change: Change,
    /// Where the older contract has it, or what it stands in.
    pub(crate) older: Place,
    /// The same in the newer one.
    pub(crate) newer: Place,
}

#[derive(Debug)]
enum Change {
    Gone {
        label: Option<usize>,
    },
    Required {
        label: Option<usize>,
    },
    Type {
        from: Types,
        types: Types,
        items: Types,
    },
    Texts {
        lost: Vec<String>,
        allowed: BTreeSet<String>,
    },
}

/// So many names are shown.
const SHOWN: usize = 3;

/// Every such change, by path.
pub(crate) fn differences(older: &Fields, newer: &Fields) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut add = |path: &[String], change, older: &Field, newer: &Field| {
        found.push(Difference {
            path: path.to_vec(),
            change,
            older: older.place.clone(),
            newer: newer.place.clone(),
        });
    };
    for (path, old) in older.iter() {
        let Some((name, parent)) = path.split_last() else {
            continue;
        };
        let Some(new) = newer.get(path) else {
            let holder = newer.get(parent).filter(|holder| !holder.open);
            let mut each = parent.to_vec();
            each.push(EACH.to_owned());
            let stays_a_label = |holder: &Field| {
                let label = old.label;
                label.is_some_and(|index| holder.labels.allow(index))
            };
            if let Some(holder) = holder
                && name != EACH
                && newer.get(&each).is_none()
                && !stays_a_label(holder)
            {
                add(path, Change::Gone { label: old.label }, old, holder);
            }
            continue;
        };
        if new.required && !old.required {
            add(path, Change::Required { label: new.label }, old, new);
        }
        // That what was absent was null is said by the line above; and a message can't say that something is never null.
        let may_be_null = new.required || !matches!(old.place, Place::Pointer(_));
        let is_null = |lost: &BTreeSet<Type>| may_be_null && *lost == BTreeSet::from([Type::Null]);
        let lost = lost(&old.types, &new.types).filter(|lost| !is_null(lost));
        let lost_items = self::lost(&old.items, &new.items);
        if lost.is_some() || lost_items.is_some() {
            let change = Change::Type {
                from: lost.or(lost_items),
                types: new.types.clone(),
                items: new.items.clone(),
            };
            add(path, change, old, new);
        } else if let Some(allowed) = &new.texts {
            let lost: Vec<String> = match &old.texts {
                Some(old) => old.difference(allowed).cloned().collect(),
                None => Vec::new(),
            };
            let was_any = old.texts.is_none() && old.types.is_some();
            if was_any || !lost.is_empty() {
                let allowed = allowed.clone();
                add(path, Change::Texts { lost, allowed }, old, new);
            }
        }
    }
    for (path, new) in newer.iter() {
        let Some((_, parent)) = path.split_last() else {
            continue;
        };
        let was_a_label = |holder: &Field| new.label.is_some_and(|index| holder.labels.need(index));
        if let Some(holder) = older.get(parent)
            && new.required
            && older.get(path).is_none()
            && !was_a_label(holder)
        {
            add(path, Change::Required { label: new.label }, holder, new);
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The types that the older contract allows and the newer doesn't. What was open to anything isn't one.
fn lost(older: &Types, newer: &Types) -> Types {
    let (older, newer) = (older.as_ref()?, newer.as_ref()?);
    let lost: BTreeSet<Type> = older.difference(newer).copied().collect();
    (!lost.is_empty()).then_some(lost)
}

impl Difference {
    /// In how many places a document is wrong by it.
    pub(crate) fn breaks(&self, document: &Document) -> usize {
        let Some((name, parent)) = self.path.split_last() else {
            return 0;
        };
        let mut holders = vec![document.root()];
        for segment in parent {
            let inner = holders.iter().flat_map(|holder| values(*holder, segment));
            holders = inner.flat_map(|value| holders_in(value)).collect();
        }
        let has_label = |holder: &Node<'_>, label: Option<usize>| {
            label.is_some_and(|index| holder.labels().nth(index).is_some())
        };
        let mut found = 0;
        for holder in holders {
            found += match &self.change {
                Change::Gone { label } => {
                    values(holder, name).count() + usize::from(has_label(&holder, *label))
                }
                Change::Required { label } => {
                    let is_there = values(holder, name).any(|value| !value.is_null());
                    usize::from(!is_there && !has_label(&holder, *label))
                }
                Change::Type { types, items, .. } => values(holder, name)
                    .filter(|value| {
                        let of_items = if value.kind() == Kind::Block {
                            vec![Type::Dictionary]
                        } else {
                            value.children().map(|item| Type::of(item)).collect()
                        };
                        let is_list = Type::of(*value) == Type::List;
                        !allows(types, Type::of(*value))
                            || is_list && of_items.iter().any(|item| !allows(items, *item))
                    })
                    .count(),
                Change::Texts { allowed, .. } => values(holder, name)
                    .filter(|value| value.as_str().is_some_and(|text| !allowed.contains(&*text)))
                    .count(),
            };
        }
        found
    }

    /// The last name of its path.
    pub(crate) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

fn allows(types: &Types, found: Type) -> bool {
    types.as_ref().is_none_or(|types| types.contains(&found))
}

/// What stands under a name: blocks, and the values of attributes and entries.
fn values<'d>(holder: Node<'d>, name: &str) -> impl Iterator<Item = Node<'d>> {
    let children = holder.children();
    let named = children.filter(move |child| name == EACH || child.name() == name);
    named.map(|child| child.value().unwrap_or(child))
}

/// What of a value can hold names: a block or dictionary itself, the dictionaries of a list.
fn holders_in(value: Node<'_>) -> Vec<Node<'_>> {
    match value.kind() {
        Kind::Block | Kind::Dictionary => vec![value],
        Kind::List => {
            let items = value.children();
            items
                .filter(|item| item.kind() == Kind::Dictionary)
                .collect()
        }
        _ => Vec::new(),
    }
}

impl fmt::Display for Difference {
    /// What changed, as a sentence without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.join(".");
        let nouns = |types: &Types| {
            let types = types.iter().flatten();
            either(types.map(|it| it.noun()))
        };
        match &self.change {
            Change::Gone { .. } => write!(f, "`{path}` went"),
            Change::Required { .. } => write!(f, "`{path}` came as required"),
            Change::Type { from, .. } => {
                write!(f, "`{path}` may no longer be {}", nouns(from))
            }
            Change::Texts { lost, .. } if lost.is_empty() => {
                write!(f, "`{path}` may no longer be any text")
            }
            Change::Texts { lost, .. } => {
                let lost: Vec<String> = lost.iter().map(|text| format!("`{text}`")).collect();
                write!(f, "`{path}` may no longer be {}", some_of(lost, SHOWN))
            }
        }
    }
}
