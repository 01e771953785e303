//! Accounts for every leaf value that a step touched.

use std::fmt;

use crate::ocl::Node;
use crate::text::visible_line;

/// What became of a leaf value. One that is not mentioned was kept where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is elsewhere, or under another name.
    Moved,
    /// It was replaced by the value of an expression that read it.
    Converted,
    /// It, or what holds it, was removed by name.
    Removed,
    /// It was replaced where `when` states which value it had.
    Pinned,
    /// Something else was put in its place without reading it: a loss, unless the step says `overwrites = true`.
    Overwritten,
}

/// A leaf value and what became of it; of a block, dictionary or list that was moved or removed as a whole, one stands for all
/// in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafFate {
    /// Its place in the document, before the step.
    pub place: String,
    /// Its text, as it stood in the document.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

impl LeafFate {
    /// What becomes of all values in a node, if there are any.
    pub(super) fn of_all(node: Node<'_>, fate: Fate) -> Option<LeafFate> {
        let value = node.value().unwrap_or(node);
        node.has_leaves().then(|| LeafFate {
            place: node.place(),
            text: value.source().into_owned(),
            fate,
        })
    }
}

/// How a value gets lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossCause {
    /// A step put something else over it without reading it.
    Overwritten,
    /// Migrating down: the older shape can't hold it.
    NotCarriedDown,
}

/// A value that a step doesn't carry on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How.
    pub cause: LossCause,
    /// The version of the step.
    pub version: u32,
    /// The step's name.
    pub step: String,
    /// The place in the document, before the step.
    pub place: String,
    /// The lost value, as it stood in the document; migrating down, as JSON.
    pub text: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Loss {
            version,
            step,
            place,
            text,
            cause,
        } = self;
        let shown = shorten(text);
        match cause {
            LossCause::Overwritten => write!(
                f,
                "step {version} {step} overwrites {place}, which was {shown}, without reading it"
            ),
            LossCause::NotCarriedDown => write!(
                f,
                "step {version} {step} can't carry {place} down, which is {shown}"
            ),
        }
    }
}

/// The beginning of a value, on one line.
pub(super) fn shorten(value: &str) -> String {
    const MOST: usize = 60;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", visible_line(&value[..end])),
        None => visible_line(value).into_owned(),
    }
}
