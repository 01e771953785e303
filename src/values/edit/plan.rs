//! Changes whose places are found, before they are made.

use std::collections::{HashMap, HashSet};

use super::error::ValueEditError;
use super::model::{EditedValue, ValueEdit};
use super::new_value::{NewValue, label_text, literal, type_of_literal};
use crate::catalog::identity::{Holder, KeyRule};
use crate::catalog::selector::{LABELS, Qualifier, Segment, Selector};
use crate::ocl::{Content, Editor, Kind, Literal, Node, NodeId};
use crate::values::element::{Element, ToldBy};
use crate::values::find::{FindError, find_in};
use crate::values::select::select_in;
use crate::values::value::Value;

/// A change, with its place found.
pub(super) struct Plan {
    done: EditedValue,
    work: Work,
    /// What it replaces or removes with all that is in it.
    whole: Option<NodeId>,
    /// Where it is, and what that is in.
    path: Vec<NodeId>,
}

enum Work {
    Replace {
        id: NodeId,
        value: Literal,
        /// The same item of a set, once more.
        again: Vec<NodeId>,
    },
    SetLabel {
        block: NodeId,
        at: usize,
        text: String,
    },
    AddLabel {
        block: NodeId,
        text: String,
    },
    Add {
        to: NodeId,
        name: String,
        value: Literal,
    },
    Remove(Vec<NodeId>),
}

impl Plan {
    pub(super) fn of(root: &Element<'_>, edit: &ValueEdit) -> Result<Plan, ValueEditError> {
        let selector = &edit.selector;
        if selector.is_empty() {
            return Err(ValueEditError::Whole);
        }
        let Some(value) = &edit.value else {
            return Ok(Plan::unset(&find_in(root, selector)?));
        };
        match find_in(root, selector) {
            Ok(element) => Plan::set(&element, value),
            Err(error @ FindError::Several { .. }) => Err(error.into()),
            Err(FindError::Nothing {
                selector: text,
                missing,
            }) => {
                let similar = missing.nearest.clone();
                let nothing = FindError::Nothing {
                    selector: text,
                    missing,
                };
                Plan::add(root, selector, value, similar, nothing)
            }
        }
    }

    fn unset(element: &Element<'_>) -> Plan {
        Plan {
            done: EditedValue {
                selector: element.to_string(),
                was: Some(type_of(element.content())),
                is: None,
                similar: None,
            },
            work: Work::Remove(element.all_alike()),
            whole: Some(element.id()),
            path: path_to(element),
        }
    }

    fn set(element: &Element<'_>, value: &NewValue) -> Result<Plan, ValueEditError> {
        let selector = element.to_string();
        let holder = match element.leaf().map(|leaf| leaf.node()) {
            Some(node) => node,
            None => element.content(),
        };
        let was = type_of(holder);
        let set_label = |block: NodeId, at: usize| {
            let text = label_text(value, &selector)?;
            Ok::<_, ValueEditError>(("string", Work::SetLabel { block, at, text }))
        };
        let (is, work) = match (element.told_by, holder.kind()) {
            (ToldBy::Label(at), _) => {
                let block = element.parent().map_or(element.id(), Element::id);
                set_label(block, at as usize)
            }
            (_, Kind::Label) => set_label(element.id(), 0),
            (_, Kind::Block) => {
                let takes_label = element.node().labels().next().is_none()
                    && element
                        .rule()
                        .is_some_and(|rule| rule.value.contains(&Holder::Label));
                if !takes_label {
                    return Err(ValueEditError::Block { selector });
                }
                let block = element.id();
                let text = label_text(value, &selector)?;
                Ok(("string", Work::AddLabel { block, text }))
            }
            _ => {
                let id = holder.id();
                let value = literal(value, Some(holder), &selector)?;
                let mut again = Vec::new();
                if matches!(element.told_by, ToldBy::Item { .. }) {
                    refuse_second(element, &value)?;
                    again = element.all_alike();
                    again.retain(|item| *item != id);
                }
                Ok((type_of_literal(&value), Work::Replace { id, value, again }))
            }
        }?;
        let is_whole = matches!(work, Work::Replace { .. });
        Ok(Plan {
            done: EditedValue {
                selector,
                was: Some(was),
                is: Some(is),
                similar: None,
            },
            work,
            whole: is_whole.then(|| element.id()),
            path: path_to(element),
        })
    }

    /// A value that isn't there yet: an attribute or an entry of what is there.
    fn add(
        root: &Element<'_>,
        selector: &Selector,
        value: &NewValue,
        similar: Option<String>,
        nothing: FindError,
    ) -> Result<Plan, ValueEditError> {
        let Some((
            Segment::Child {
                name: Some(name),
                qualifiers,
            },
            before,
        )) = selector.segments().split_last()
        else {
            return Err(nothing.into());
        };
        let (holder, name) = match qualifiers.split_last() {
            None if name != LABELS => {
                let holder = find_in(root, &Selector::new(before.to_vec()))?;
                refuse_member(&holder, name, nothing)?;
                (holder, name)
            }
            Some((Qualifier::Text(key), narrowed)) => {
                let dictionary = Segment::Child {
                    name: Some(name.clone()),
                    qualifiers: narrowed.to_vec(),
                };
                let mut segments = before.to_vec();
                segments.push(dictionary);
                let mut found = select_in(root, &Selector::new(segments));
                found.retain(|element| element.content().kind() == Kind::Dictionary);
                match <[Element<'_>; 1]>::try_from(found) {
                    Ok([dictionary]) => (dictionary, key),
                    Err(_) => return Err(nothing.into()),
                }
            }
            _ => return Err(nothing.into()),
        };
        let selector = selector.to_string();
        let value = literal(value, None, &selector)?;
        Ok(Plan {
            done: EditedValue {
                selector,
                was: None,
                is: Some(type_of_literal(&value)),
                similar,
            },
            work: Work::Add {
                to: holder.content().id(),
                name: name.clone(),
                value,
            },
            whole: None,
            path: path_to(&holder),
        })
    }

    pub(super) fn run(self, editor: &mut Editor) -> Result<EditedValue, ValueEditError> {
        match self.work {
            Work::Replace { id, value, again } => {
                editor.replace(id, value)?;
                for item in again {
                    editor.remove(item)?;
                }
            }
            Work::SetLabel { block, at, text } => editor.set_label(block, at, &text)?,
            Work::AddLabel { block, text } => editor.insert_label(block, 0, &text)?,
            Work::Add { to, name, value } => {
                editor.set(to, &name, value)?;
            }
            Work::Remove(ids) => {
                for id in ids {
                    editor.remove_with_comments(id)?;
                }
            }
        }
        Ok(self.done)
    }
}

/// Refuses what can't be added to an element, or is there and has no address.
fn refuse_member(
    holder: &Element<'_>,
    name: &str,
    nothing: FindError,
) -> Result<(), ValueEditError> {
    let content = holder.content();
    let selector = || holder.to_string();
    if !matches!(
        content.kind(),
        Kind::Document | Kind::Block | Kind::Dictionary
    ) {
        return Err(ValueEditError::NoMembers {
            selector: selector(),
            kind: type_of(content),
            name: name.to_owned(),
        });
    }
    if content.member(name).is_some() {
        return Err(nothing.into());
    }
    let is_key = |rule: &KeyRule| rule.attributes().iter().any(|known| known == name);
    if holder.rule().is_some_and(is_key) {
        return Err(ValueEditError::Key {
            selector: selector(),
            name: name.to_owned(),
        });
    }
    Ok(())
}

pub(super) fn refuse_overlaps(plans: &[Plan]) -> Result<(), ValueEditError> {
    let selector = |plan: &Plan| plan.done.selector.clone();
    let mut selectors = HashSet::new();
    let mut wholes = HashMap::new();
    for (index, plan) in plans.iter().enumerate() {
        if !selectors.insert(&*plan.done.selector) {
            return Err(ValueEditError::Twice {
                selector: selector(plan),
            });
        }
        wholes.extend(plan.whole.map(|whole| (whole, index)));
    }
    for (index, plan) in plans.iter().enumerate() {
        let mut inside = plan.path.iter().filter_map(|id| wholes.get(id));
        if let Some(outer) = inside.find(|outer| **outer != index) {
            return Err(ValueEditError::Overlap {
                part: selector(plan),
                whole: selector(&plans[*outer]),
            });
        }
    }
    Ok(())
}

fn path_to(element: &Element<'_>) -> Vec<NodeId> {
    let path = std::iter::successors(Some(element), |element| element.parent());
    path.map(Element::id).collect()
}

/// Refuses to give an item of a set the value of another one.
fn refuse_second(element: &Element<'_>, value: &Literal) -> Result<(), ValueEditError> {
    let Some(list) = element.node().parent() else {
        return Ok(());
    };
    let has_it = list
        .children()
        .filter(|item| !element.is_item_like(item))
        .any(|item| Content::from(item).is_same(&value.0));
    if has_it {
        let selector = element.to_string();
        return Err(ValueEditError::InSet { selector });
    }
    Ok(())
}

fn type_of(node: Node<'_>) -> &'static str {
    Value::of(node).type_name()
}
