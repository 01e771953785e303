//! From a selector to what it selects.

use super::document::Values;
use super::element::{Element, ToldBy};
use super::key::{Key, folded, folded_text, folded_value, scalar};
use crate::catalog::identity::KeyRule;
use crate::catalog::selector::{KeyValue, LABELS, Qualifier, Scalar, Segment, Selector};
use crate::ocl::Kind;

impl<'a> Values<'a> {
    /// What a selector selects, in document order, each once. Nothing, where there is nothing.
    ///
    /// A name alone selects all that have it; `**` selects the element that it starts from and all that is below it.
    ///
    /// ```
    /// use ocl_migrate::catalog::Catalog;
    /// use ocl_migrate::ocl::{Dialect, Document};
    /// use ocl_migrate::values::Values;
    ///
    /// let text = "variable \"Retries\" {\n    value \"5\" {}\n    value \"9\" {\n        environment = [\"production\"]\n    }\n}";
    /// let document = Document::parse(text, Dialect::Current)?;
    /// let catalog = Catalog::builtin();
    /// let values = Values::of(&document, catalog.identity("variables"));
    ///
    /// let selector = r#"variable["Retries"].value"#.parse()?;
    /// let found: Vec<String> = values.select(&selector).iter().map(ToString::to_string).collect();
    /// assert_eq!(found, [r#"variable["Retries"].value{}"#, r#"variable["Retries"].value{environment=production}"#]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn select(&self, selector: &Selector) -> Vec<Element<'a>> {
        select_in(&self.root(), selector)
    }
}

/// What a selector selects below a document's root.
pub(super) fn select_in<'a>(root: &Element<'a>, selector: &Selector) -> Vec<Element<'a>> {
    let mut found = vec![root.clone()];
    for segment in selector.segments() {
        found = step(&found, segment);
    }
    found
}

/// What a segment selects in elements; in document order, each once.
pub(super) fn step<'a>(from: &[Element<'a>], segment: &Segment) -> Vec<Element<'a>> {
    let mut found = Vec::new();
    for element in from {
        match segment {
            Segment::AnyDepth => descend(element.clone(), &mut found),
            Segment::Child { name, qualifiers } => {
                for siblings in named(element, name.as_deref(), qualifiers.is_empty()) {
                    found.extend(qualified(siblings, qualifiers));
                }
            }
        }
    }
    found.sort_by_key(Element::id);
    found.dedup_by_key(|element| element.id());
    found
}

fn descend<'a>(element: Element<'a>, found: &mut Vec<Element<'a>>) {
    let members = element.expand().members;
    found.push(element);
    for member in members {
        descend(member, found);
    }
}

/// The attributes, blocks or entries of a name, or of any, in an element: a group for each name, or one of all where they
/// are not to be told apart.
fn named<'a>(element: &Element<'a>, name: Option<&str>, together: bool) -> Vec<Vec<Element<'a>>> {
    let kind = element.content().kind();
    if !matches!(kind, Kind::Document | Kind::Block | Kind::Dictionary) {
        return Vec::new();
    }
    let members = element.expand().members.into_iter();
    let Some(name) = name else {
        let mut members: Vec<_> = members.filter(|member| member.name() != LABELS).collect();
        if together {
            return vec![members];
        }
        members.sort_by(|a, b| a.name().cmp(&b.name()).then(a.id().cmp(&b.id())));
        let groups = members.chunk_by(|a, b| a.name() == b.name());
        let mut groups: Vec<_> = groups.map(<[Element<'a>]>::to_vec).collect();
        groups.sort_by_key(|group| group[0].id());
        return groups;
    };
    let members: Vec<_> = members.filter(|member| member.name() == name).collect();
    if members.is_empty() {
        return Vec::new();
    }
    vec![members]
}

/// Narrows siblings of one name.
fn qualified<'a>(siblings: Vec<Element<'a>>, qualifiers: &[Qualifier]) -> Vec<Element<'a>> {
    let mut found = siblings;
    // Whether these are siblings that a position can pick from, and how many of their labels are stated.
    let mut are_siblings = true;
    let mut labels = 0;
    for qualifier in qualifiers {
        if found.is_empty() {
            break;
        }
        let has_blocks = found.iter().any(is_block);
        match qualifier {
            Qualifier::Text(text) if has_blocks => {
                found.retain(|element| has_label(element, labels, text));
                labels += 1;
            }
            Qualifier::NoLabel => found.retain(|element| has_labels(element, labels)),
            Qualifier::Key(entries) => found.retain(|element| has_key(element, entries)),
            Qualifier::Position(position)
                if are_siblings && (has_blocks || found.len() > 1 || is_label(&found[0])) =>
            {
                found = sibling_at(found, *position);
                are_siblings = false;
            }
            Qualifier::Text(key) => {
                let entries = found
                    .iter()
                    .filter(|element| holds(element, Kind::Dictionary));
                let entries = entries.flat_map(|element| element.expand().members);
                found = entries.filter(|entry| entry.name() == *key).collect();
                are_siblings = true;
            }
            Qualifier::Position(position) => {
                let lists = found.iter().filter(|element| holds(element, Kind::List));
                let items = lists.flat_map(|element| element.expand().members);
                let is_at = |item: &Element<'_>| matches!(item.told_by, ToldBy::Position(at) if at == *position);
                found = items.filter(is_at).collect();
                are_siblings = false;
            }
            Qualifier::Item(wanted) => {
                let lists = found.iter().filter(|element| holds(element, Kind::List));
                let items = lists.flat_map(|element| element.expand().members);
                found = items.filter(|item| is_item(item, wanted)).collect();
                are_siblings = false;
            }
        }
    }
    found
}

/// The sibling at a position: of labels the one that stands there, of attributes and blocks the attribute.
fn sibling_at(siblings: Vec<Element<'_>>, position: u32) -> Vec<Element<'_>> {
    let has_attributes = !siblings.iter().all(is_block);
    let at = |(index, element): &(usize, Element<'_>)| match element.told_by {
        ToldBy::Label(at) => at == position,
        _ => *index == position as usize,
    };
    let counted = siblings.into_iter();
    let counted = counted.filter(|element| !has_attributes || !is_block(element));
    let found = counted.enumerate().find(at);
    found.map(|(_, element)| element).into_iter().collect()
}

fn is_block(element: &Element<'_>) -> bool {
    element.node().kind() == Kind::Block
}

fn is_label(element: &Element<'_>) -> bool {
    matches!(element.told_by, ToldBy::Label(_))
}

fn holds(element: &Element<'_>, kind: Kind) -> bool {
    element.content().kind() == kind
}

fn has_label(element: &Element<'_>, position: usize, wanted: &str) -> bool {
    if !is_block(element) {
        return false;
    }
    let ignore_case = element.ignores_case();
    let label = element.key_labels().nth(position);
    label.is_some_and(|label| {
        folded_text(label, ignore_case) == folded_text(wanted.into(), ignore_case)
    })
}

/// Whether a block is known by so many labels, and nothing else.
fn has_labels(element: &Element<'_>, count: usize) -> bool {
    is_block(element)
        && !matches!(element.told_by, ToldBy::Attributes(_))
        && element.key_labels().count() == count
}

/// Whether a block is known by exactly these attributes.
fn has_key(element: &Element<'_>, wanted: &[(String, KeyValue<'static>)]) -> bool {
    let ToldBy::Attributes(rule) = element.told_by else {
        return false;
    };
    let Key::Attributes(entries) = element.key() else {
        return false;
    };
    entries.len() == wanted.len()
        && wanted.iter().all(|(name, value)| {
            let mut names = rule.attributes().iter();
            let Some(index) = names.position(|known| known == name) else {
                return false;
            };
            entries.contains(&(index, in_form(value, rule)))
        })
}

/// The form in which values of a key are compared, however this one is written.
fn in_form<'v>(value: &KeyValue<'v>, rule: &KeyRule) -> KeyValue<'v> {
    match folded_value(value.clone(), rule.ignore_case) {
        KeyValue::Many(mut items) if rule.as_set => {
            items.sort();
            items.dedup();
            match items.len() {
                1 => KeyValue::One(items.remove(0)),
                _ => KeyValue::Many(items),
            }
        }
        other => other,
    }
}

fn is_item(item: &Element<'_>, wanted: &Scalar<'static>) -> bool {
    let ignore_case = item.ignores_case();
    scalar(item.node())
        .is_some_and(|item| folded(item, ignore_case) == folded(wanted.clone(), ignore_case))
}
