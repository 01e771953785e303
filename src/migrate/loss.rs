//! Accounts for every leaf value that a step touches.

use std::fmt;

use crate::ocl::Node;
use crate::text::visible_line;

/// What happened to a leaf value. One that isn't mentioned was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was moved or renamed.
    Moved,
    /// It was replaced by the value of an expression that read it.
    Converted,
    /// It, or a node that contains it, was removed by name.
    Removed,
    /// It was removed unread with a node of which the step wrote other values elsewhere.
    LeftBehind,
    /// It was replaced under a `when` that states its old value.
    Pinned,
    /// It was overwritten without being read: a loss, unless the step says `overwrites = true`.
    Overwritten,
}

/// A leaf value and what happened to it. For a block, dictionary or list that was moved or removed as a whole, one entry stands
/// for all values in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafFate {
    /// Its path in the document, before the step.
    pub place: String,
    /// Its text in the document.
    pub text: String,
    /// What happened to it.
    pub fate: Fate,
}

impl LeafFate {
    /// One fate for all values in a node; `None` if it has none.
    pub(super) fn of_all(node: Node<'_>, fate: Fate) -> Option<LeafFate> {
        let value = node.value().unwrap_or(node);
        node.has_leaves().then(|| LeafFate {
            place: node.place(),
            text: value.source().into_owned(),
            fate,
        })
    }
}

/// How a value is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossCause {
    /// A step overwrote it without reading it.
    Overwritten,
    /// Migrating down: the older shape can't hold it.
    NotCarriedDown,
}

/// A value that a migration loses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// How.
    pub cause: LossCause,
    /// The version of the step.
    pub version: u32,
    /// The step's name.
    pub step: String,
    /// The path in the document, before the step.
    pub place: String,
    /// The lost value: its text in the document; when migrating down, its JSON.
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
pub(crate) fn shorten(value: &str) -> String {
    const MOST: usize = 60;
    match value.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", visible_line(&value[..end])),
        None => visible_line(value).into_owned(),
    }
}
