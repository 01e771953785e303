//! Why a value can't be changed.

use crate::ocl::{DoubledJsonName, EditError};
use crate::values::find::FindError;

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
    /// The JSON of a value holds a name twice.
    #[error("what `{selector}` is to be can't be told, as its JSON holds a name twice: {source}")]
    DoubledName {
        /// The address.
        selector: String,
        /// The name and its places.
        source: DoubledJsonName,
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
