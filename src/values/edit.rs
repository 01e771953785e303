//! Changes of single values, by their addresses.

use std::collections::{HashMap, HashSet};

use super::element::{Element, ToldBy};
use super::find::{FindError, find_in};
use super::select::select_in;
use crate::catalog::Identity;
use crate::catalog::identity::Holder;
use crate::catalog::selector::{LABELS, Qualifier, Segment, Selector};
use crate::ocl::{Content, EditError, Editor, Kind, Literal, Node, NodeId};

/// A change of one value.
#[derive(Debug, Clone)]
pub struct ValueEdit {
    /// Where it is.
    pub selector: Selector,
    /// What it is to be; `None` to remove it.
    pub value: Option<NewValue>,
}

/// What a value is to be.
#[derive(Debug, Clone)]
pub enum NewValue {
    /// This, whatever is there.
    Exactly(Literal),
    /// What a person typed. Where a string or a label stands, it stays one: the text, or the content of a JSON string.
    /// Elsewhere it is JSON if it reads as such, else a text.
    Typed(String),
}

impl ValueEdit {
    /// Sets a value.
    pub fn set(selector: Selector, value: impl Into<Literal>) -> ValueEdit {
        ValueEdit {
            selector,
            value: Some(NewValue::Exactly(value.into())),
        }
    }

    /// Removes what is at an address.
    #[must_use]
    pub fn unset(selector: Selector) -> ValueEdit {
        ValueEdit {
            selector,
            value: None,
        }
    }
}

/// What became of a [`ValueEdit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedValue {
    /// The address of what was changed, added or removed, as it prints.
    pub selector: String,
    /// What was there, in one word, as [`Value::type_name`](super::Value::type_name) says it; `None` for nothing.
    pub was: Option<&'static str>,
    /// What is there now; `None` for nothing.
    pub is: Option<&'static str>,
    /// For what was added: an address there that is written much like it.
    pub similar: Option<String>,
}

/// Why a value can't be changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueEditError {
    /// The address selects nothing, or several things.
    #[error(transparent)]
    Find(#[from] FindError),
    /// The address is that of the whole document.
    #[error("this address is that of the whole document: name a value in it")]
    Whole,
    /// A block isn't a value, and this one has none of its own.
    #[error("`{selector}` is a block, which has no value of its own: name a value in it")]
    Block {
        /// The block.
        selector: String,
    },
    /// What would hold the value can't hold any.
    #[error("`{name}` can't be added to `{selector}`, which is a {kind}")]
    NoMembers {
        /// What would hold it.
        selector: String,
        /// What that is.
        kind: &'static str,
        /// What was to be added.
        name: String,
    },
    /// The attribute is part of what a block is known by.
    #[error("`{name}` is part of the address of `{selector}`, so setting it would make it another")]
    Key {
        /// The block.
        selector: String,
        /// The attribute.
        name: String,
    },
    /// The value stands in a label, which holds a text.
    #[error("the value of `{selector}` is a label, which can't hold {kind}: only a text")]
    Label {
        /// The block.
        selector: String,
        /// What it was to be.
        kind: &'static str,
    },
    /// A set has an item already.
    #[error("`{selector}` can't get this value: the set has it already")]
    InSet {
        /// The item.
        selector: String,
    },
    /// Two changes are about one value.
    #[error("`{selector}` is changed twice: what it is to be can't be told")]
    Twice {
        /// Its address.
        selector: String,
    },
    /// A change is about a part of what another one replaces or removes.
    #[error("`{part}` is changed, and so is `{whole}` that it is a part of")]
    Overlap {
        /// The part.
        part: String,
        /// What is replaced or removed as a whole.
        whole: String,
    },
    /// The editor refuses it.
    #[error(transparent)]
    Edit(#[from] EditError),
}

/// Changes values of a document, told apart as its kind's identity says.
///
/// All addresses are read in the document as it is before. A value that is there is replaced. One that isn't is added as an
/// attribute to a block, or as an entry to a dictionary, that is there; a missing block is an error. Nothing else of the text
/// changes. After an error, the editor may hold some of the changes.
///
/// ```
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{ValueEdit, edit_values};
///
/// let text = "variable \"Retries\" {\n    value \"5\" {} # the default\n    value \"9\" {\n        environment = [\"production\"]\n    }\n}\n";
/// let mut editor = Document::parse(text, Dialect::Current)?.edit();
/// let catalog = Catalog::builtin();
/// edit_values(&mut editor, catalog.identity("variables"), &[
///     ValueEdit::set("variable[\"Retries\"].value{}".parse()?, "7"),
///     ValueEdit::set("variable[\"Retries\"].type".parse()?, "String"),
///     ValueEdit::unset("variable[\"Retries\"].value{environment=production}".parse()?),
/// ])?;
/// assert_eq!(editor.text(), "variable \"Retries\" {\n    type = \"String\"\n\n    value \"7\" {} # the default\n}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValueEditError`].
pub fn edit_values(
    editor: &mut Editor,
    identity: &Identity,
    edits: &[ValueEdit],
) -> Result<Vec<EditedValue>, ValueEditError> {
    let root = Element::root(editor.document(), identity);
    let plans = edits.iter().map(|edit| Plan::of(&root, edit));
    let plans: Vec<Plan> = plans.collect::<Result<_, _>>()?;
    refuse_overlaps(&plans)?;
    plans.into_iter().map(|plan| plan.run(editor)).collect()
}

/// A change, with its place found.
struct Plan {
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
    fn of(root: &Element<'_>, edit: &ValueEdit) -> Result<Plan, ValueEditError> {
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
        let ids = match element.told_by {
            ToldBy::Item { .. } => same_items(element),
            _ => vec![element.id()],
        };
        Plan {
            done: EditedValue {
                selector: element.to_string(),
                was: Some(type_of(element.content())),
                is: None,
                similar: None,
            },
            work: Work::Remove(ids),
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
                let value = literal(value, Some(holder));
                let mut again = Vec::new();
                if matches!(element.told_by, ToldBy::Item { .. }) {
                    refuse_second(element, &value)?;
                    again = same_items(element);
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
        let value = literal(value, None);
        Ok(Plan {
            done: EditedValue {
                selector: selector.to_string(),
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

    fn run(self, editor: &mut Editor) -> Result<EditedValue, ValueEditError> {
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
                    editor.remove(id)?;
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
    let is_key = |rule: &crate::catalog::identity::KeyRule| {
        rule.attributes().iter().any(|known| known == name)
    };
    if holder.rule().is_some_and(is_key) {
        return Err(ValueEditError::Key {
            selector: selector(),
            name: name.to_owned(),
        });
    }
    Ok(())
}

fn refuse_overlaps(plans: &[Plan]) -> Result<(), ValueEditError> {
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

/// The items of a set that are this one; a second time means nothing.
fn same_items(element: &Element<'_>) -> Vec<NodeId> {
    let Some(list) = element.node().parent() else {
        return vec![element.id()];
    };
    let items = list
        .children()
        .filter(|item| element.is_item_like(item))
        .map(|item| item.id());
    items.collect()
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

fn label_text(value: &NewValue, selector: &str) -> Result<String, ValueEditError> {
    let content = match value {
        NewValue::Typed(text) => return Ok(unquoted(text)),
        NewValue::Exactly(literal) => &literal.0,
    };
    match content {
        Content::String(text) | Content::Number(text) => Ok(text.clone()),
        Content::Bool(value) => Ok(value.to_string()),
        _ => Err(ValueEditError::Label {
            selector: selector.to_owned(),
            kind: match content {
                Content::Null => "null",
                Content::List(_) => "a list",
                _ => "a dictionary",
            },
        }),
    }
}

/// What is to be written in the place of a value, or of none.
fn literal(value: &NewValue, there: Option<Node<'_>>) -> Literal {
    let text = match value {
        NewValue::Exactly(literal) => return literal.clone(),
        NewValue::Typed(text) => text,
    };
    if there.is_some_and(|there| matches!(there.kind(), Kind::String | Kind::Heredoc)) {
        return unquoted(text).into();
    }
    match serde_json::from_str::<serde_json::Value>(text) {
        // OCL has no exponents.
        Ok(serde_json::Value::Number(_)) if text.contains(['e', 'E']) => text.as_str().into(),
        Ok(json) => json.into(),
        Err(_) => text.as_str().into(),
    }
}

/// The content of a JSON string, else the text.
fn unquoted(text: &str) -> String {
    serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
}

fn type_of_literal(value: &Literal) -> &'static str {
    match value.0 {
        Content::Null => "null",
        Content::Bool(_) => "boolean",
        Content::Number(_) => "number",
        Content::String(_) => "string",
        Content::List(_) => "list",
        Content::Object(_) => "dictionary",
    }
}

fn type_of(node: Node<'_>) -> &'static str {
    super::Value::of(node).type_name()
}
