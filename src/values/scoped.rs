//! Values that hold in a scope only: which of several applies where.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::iter::successors;
use std::sync::Arc;

use super::document::Values;
use super::element::{Element, ToldBy};
use super::key::{Key, folded_text};
use super::scope::{Scope, member_name};
use crate::catalog::identity::KeyRule;
use crate::catalog::selector::{KeyValue, Selector};

/// Blocks beside each other of which one applies, depending on the scope: the values of one variable.
#[derive(Debug, Clone)]
pub struct Scoped<'a> {
    /// The block that holds them; of several blocks of one key, which count as one, the first.
    pub holder: Element<'a>,
    /// In document order.
    pub alternatives: Vec<Alternative<'a>>,
    rule: &'a KeyRule,
}

/// One of several blocks that hold in a scope.
#[derive(Debug, Clone)]
pub struct Alternative<'a> {
    /// The block.
    pub element: Element<'a>,
    /// For each type of scope, by its position among the key's attributes, the members of which one must apply. All types
    /// must.
    types: BTreeMap<usize, BTreeSet<String>>,
    /// Types whose members can't be read, as they are no plain list: whether they apply is never known.
    unclear: BTreeSet<usize>,
    /// The more specific, the higher: a bit for each type that it has, the most specific type the highest.
    rank: u64,
}

/// Which of several blocks applies in a scope.
#[derive(Debug, Clone)]
pub struct Effective<'a> {
    /// The one that applies if nothing that is unknown says otherwise. None where no block surely applies.
    pub applies: Option<Alternative<'a>>,
    /// Others that apply as surely and are as specific: which of them the server takes is not determined.
    pub equal: Vec<Alternative<'a>>,
    /// Those that would apply instead, depending on types of scope that are unknown. The most specific first.
    pub depends_on: Vec<Dependence<'a>>,
}

/// A block that would apply if something unknown were so.
#[derive(Debug, Clone)]
pub struct Dependence<'a> {
    /// The block.
    pub alternative: Alternative<'a>,
    /// The types of scope that decide.
    pub types: Vec<&'a str>,
}

impl<'a> Values<'a> {
    /// The blocks whose key is declared with a `precedence`, those of one name in one block together.
    ///
    /// ```
    /// use ocl_migrate::catalog::Catalog;
    /// use ocl_migrate::ocl::{Dialect, Document};
    /// use ocl_migrate::values::{Scope, Values};
    ///
    /// let text = "variable \"Retries\" {\n    value \"5\" {}\n    value \"9\" {\n        environment = [\"production\"]\n    }\n\
    ///             \n    value \"0\" {\n        role = [\"web\"]\n    }\n}";
    /// let document = Document::parse(text, Dialect::Current)?;
    /// let catalog = Catalog::builtin();
    /// let values = Values::of(&document, catalog.identity("variables"));
    ///
    /// let retries = values.scoped().next().expect("one variable");
    /// let production = Scope::new().with("environment", ["production"]);
    /// let effective = retries.effective(&production);
    /// let applies = effective.applies.expect("a value for production");
    /// assert_eq!(applies.element.value().expect("a value").to_string(), "\"9\"");
    /// assert_eq!(effective.depends_on[0].types, ["role"]);
    ///
    /// let no_targets = production.with("role", [""; 0]);
    /// assert!(retries.effective(&no_targets).depends_on.is_empty());
    /// # Ok::<(), ocl_migrate::ocl::ParseError>(())
    /// ```
    pub fn scoped(&self) -> impl Iterator<Item = Scoped<'a>> + use<'a> {
        let mut open = vec![OneKey::of(self.root())];
        let mut ready: std::vec::IntoIter<Scoped<'a>> = Vec::new().into_iter();
        std::iter::from_fn(move || {
            loop {
                if let Some(scoped) = ready.next() {
                    return Some(scoped);
                }
                let holder = open.pop()?;
                let members = holder.members();
                ready = groups(&holder.shown, &members).into_iter();
                // The last is looked at first, so that they come in document order.
                open.extend(holder.hold(members).into_iter().rev());
            }
        })
    }
}

/// A part of a document, or several blocks of one key: what is in any of them may apply.
struct OneKey<'a> {
    /// In document order.
    blocks: Vec<Element<'a>>,
    /// The first; of several blocks, without what tells it from the others.
    shown: Element<'a>,
}

impl<'a> OneKey<'a> {
    fn of(element: Element<'a>) -> OneKey<'a> {
        OneKey {
            shown: element.clone(),
            blocks: vec![element],
        }
    }

    fn members(&self) -> Vec<Element<'a>> {
        self.blocks.iter().flat_map(Element::members).collect()
    }

    /// What it holds, blocks of one key together.
    fn hold(&self, members: Vec<Element<'a>>) -> Vec<OneKey<'a>> {
        let is_several = self.blocks.len() > 1;
        let parent = is_several.then(|| Arc::new(self.shown.clone()));
        let mut known = HashMap::new();
        let mut held: Vec<OneKey<'a>> = Vec::new();
        for member in members {
            if (is_several || member.alike.is_some()) && member.has_declared_key() {
                let index = *known.entry(member.sibling()).or_insert(held.len());
                if let Some(first) = held.get_mut(index) {
                    first.shown.alike = None;
                    first.blocks.push(member);
                    continue;
                }
            }
            let mut one = OneKey::of(member);
            if let Some(parent) = &parent {
                one.shown.parent = Some(Arc::clone(parent));
            }
            held.push(one);
        }
        held
    }
}

impl<'a> Values<'a> {
    /// Those of which a selector selects a block, or what holds them.
    #[must_use]
    pub fn scoped_in(&self, selector: &Selector) -> Vec<Scoped<'a>> {
        let selected = self.select(selector);
        let selected: HashSet<_> = selected.iter().map(|it| it.node().id()).collect();
        let is_selected = |element: &Element<'a>| selected.contains(&element.node().id());
        let is_wanted = |scoped: &Scoped<'a>| {
            let blocks = scoped.alternatives.iter();
            // Several blocks of one key may hold them.
            let mut around =
                blocks.flat_map(|it| successors(Some(&it.element), |element| element.parent()));
            around.any(is_selected)
        };
        self.scoped().filter(is_wanted).collect()
    }
}

/// The groups of alternatives among what a block holds, each at the place of its first.
fn groups<'a>(holder: &Element<'a>, members: &[Element<'a>]) -> Vec<Scoped<'a>> {
    let mut groups: Vec<Scoped<'a>> = Vec::new();
    let mut by_name = HashMap::new();
    for member in members {
        let ToldBy::Attributes(rule) = member.told_by else {
            continue;
        };
        if rule.precedence.is_empty() {
            continue;
        }
        let index = *by_name.entry(member.name()).or_insert(groups.len());
        if index == groups.len() {
            groups.push(Scoped {
                holder: holder.clone(),
                alternatives: Vec::new(),
                rule,
            });
        }
        let alternative = Alternative::of(member.clone(), rule);
        groups[index].alternatives.push(alternative);
    }
    groups
}

impl<'a> Alternative<'a> {
    fn of(element: Element<'a>, rule: &KeyRule) -> Alternative<'a> {
        let mut types = BTreeMap::new();
        if let Key::Attributes(entries) = element.key() {
            for (index, value) in entries {
                let members = match value {
                    KeyValue::One(one) => vec![one],
                    KeyValue::Many(items) => items,
                };
                // An empty list limits nothing.
                if !members.is_empty() {
                    let names = members.iter().map(|member| {
                        folded_text(member_name(member).into(), rule.ignore_case).into_owned()
                    });
                    types.insert(index, names.collect());
                }
            }
        }
        let mut unclear = BTreeSet::new();
        // What is part of the key is no member.
        for member in element.members() {
            let mut names = rule.attributes().iter();
            let index = names.position(|name| *name == member.name());
            unclear.extend(index.filter(|index| !types.contains_key(index)));
        }
        let ranks = rule.precedence.iter().rev().enumerate();
        let counts = |index: &usize| types.contains_key(index) || unclear.contains(index);
        let bits = ranks.filter(|(_, index)| counts(index));
        let rank = bits.map(|(bit, _)| 1_u64 << bit).sum();
        Alternative {
            element,
            types,
            unclear,
            rank,
        }
    }

    /// Whether it applies in a scope: surely, not at all, or depending on types that are unknown.
    fn applies(&self, rule: &'a KeyRule, scope: &Scope) -> Option<Vec<&'a str>> {
        let names = rule.attributes();
        let unclear = self.unclear.iter().filter_map(|index| names.get(*index));
        let mut unknown: Vec<&str> = unclear.map(String::as_str).collect();
        for (index, members) in &self.types {
            let name = names.get(*index)?;
            match scope.members(name) {
                None => unknown.push(&**name),
                Some(known) => {
                    let applies = |member: &String| {
                        members.contains(&*folded_text(member.into(), rule.ignore_case))
                    };
                    if !known.iter().any(applies) {
                        return None;
                    }
                }
            }
        }
        Some(unknown)
    }
}

impl<'a> Scoped<'a> {
    /// What selects all of the blocks.
    #[must_use]
    pub fn selector(&self) -> Selector {
        let name = self.alternatives.first().map(|first| first.element.name());
        self.holder.selector().child(&name.unwrap_or_default())
    }

    /// The members of a type of scope for which the blocks say something.
    pub fn members(&self, scope_type: &str) -> impl Iterator<Item = &str> {
        let mut names = self.rule.attributes().iter();
        let index = names.position(|name| name == scope_type);
        let of_type = self.alternatives.iter().filter_map(move |alternative| {
            let members = alternative.types.get(&index?)?;
            Some(members.iter().map(String::as_str))
        });
        of_type.flatten()
    }

    /// A member as [`members`](Scoped::members) has it: in lower case where case doesn't count.
    #[must_use]
    pub fn spelled<'m>(&self, member: &'m str) -> Cow<'m, str> {
        folded_text(member.into(), self.rule.ignore_case)
    }

    /// Which of the blocks applies in a scope.
    ///
    /// A block applies if each type of scope that it has applies, and a type applies if any of its members does. Of several
    /// that apply, the more specific one does: the one that has the first type, by the declared precedence, that not both
    /// have.
    #[must_use]
    pub fn effective(&self, scope: &Scope) -> Effective<'a> {
        let mut sure: Vec<&Alternative<'a>> = Vec::new();
        let mut perhaps = Vec::new();
        for alternative in &self.alternatives {
            match alternative.applies(self.rule, scope) {
                Some(unknown) if unknown.is_empty() => sure.push(alternative),
                Some(unknown) => perhaps.push((alternative, unknown)),
                None => {}
            }
        }
        let highest = sure.iter().map(|alternative| alternative.rank).max();
        let mut best = sure
            .into_iter()
            .filter(|alternative| Some(alternative.rank) == highest);
        let applies = best.next().cloned();
        let equal = best.cloned().collect();
        // What is less specific than one that surely applies never does.
        perhaps.retain(|(alternative, _)| Some(alternative.rank) >= highest);
        perhaps.sort_by_key(|(alternative, _)| std::cmp::Reverse(alternative.rank));
        let depends_on = perhaps.into_iter().map(|(alternative, types)| Dependence {
            alternative: alternative.clone(),
            types,
        });
        Effective {
            applies,
            equal,
            depends_on: depends_on.collect(),
        }
    }

    /// Blocks that have the same scope as an earlier one, with that: which of them applies is never determined.
    pub fn clashes(&self) -> impl Iterator<Item = (&Alternative<'a>, &Alternative<'a>)> {
        let mut first = HashMap::new();
        self.alternatives.iter().filter_map(move |alternative| {
            if !alternative.unclear.is_empty() {
                return None;
            }
            match first.entry(&alternative.types) {
                std::collections::hash_map::Entry::Occupied(earlier) => {
                    Some((*earlier.get(), alternative))
                }
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(alternative);
                    None
                }
            }
        })
    }
}
