//! A change of one value, and what became of it.

use super::new_value::NewValue;
use crate::catalog::selector::Selector;
use crate::ocl::Literal;

/// A change of one value.
#[derive(Debug, Clone)]
pub struct ValueEdit {
    /// Where it is.
    pub selector: Selector,
    /// What it is to be; `None` to remove it.
    pub value: Option<NewValue>,
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
    /// What was there, in one word, as [`Value::type_name`](crate::values::Value::type_name) says it; `None` for nothing.
    pub was: Option<&'static str>,
    /// What is there now; `None` for nothing.
    pub is: Option<&'static str>,
    /// For what was added: an address there that is written much like it.
    pub similar: Option<String>,
}
