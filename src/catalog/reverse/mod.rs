//! How a step is undone: derived from its operations where nothing has to be guessed, written down elsewhere, or not at
//! all.

mod derive;
mod inverse;

use std::fmt;
use std::sync::Arc;

use super::modify::Selection;
use super::step::{Action, DeclaredModify, Modify};

/// How a step is undone, on the way to a lower version.
#[derive(Clone)]
#[non_exhaustive]
pub enum Reverse {
    /// By what the step is: documents move back, are written in the older dialect, or are left to the store again.
    Inherent,
    /// By what follows from the step's operations, without guessing.
    Derived(Modify),
    /// By the step's own `down` body.
    Written(Modify),
    /// By bringing back what the step removed.
    BringsBack(BringBack),
    /// Not at all, and why.
    OneWay(String),
}

/// From where a remove brings documents back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BringBack {
    /// As the branch last held them before the remove's version was written: from the newest commit on the way that a
    /// branch itself went (its first parents) whose marker states a lower version.
    History,
    /// This text, for a document of which there is one: in the shape just below the remove's version.
    Content(Arc<str>),
}

impl Reverse {
    /// How an action is undone as long as its step says nothing about it.
    pub(super) fn of(action: &Action) -> Reverse {
        match action {
            Action::Import(_) | Action::Rename(_) | Action::Dialect => Reverse::Inherent,
            Action::Remove => {
                Reverse::OneWay("it doesn't say from where to bring back what it removes".into())
            }
            Action::Modify(Modify::Native(_)) => {
                Reverse::OneWay("it is written in Rust and has no `down`".into())
            }
            Action::Modify(Modify::Declared(body)) => match derive::reverse(body.selection()) {
                Ok(selection) => Reverse::Derived(declared(selection)),
                Err(reason) => Reverse::OneWay(reason),
            },
        }
    }

    /// What runs on a document; `None` where nothing has to, or nothing can.
    pub fn body(&self) -> Option<&Modify> {
        match self {
            Reverse::Derived(body) | Reverse::Written(body) => Some(body),
            Reverse::Inherent | Reverse::BringsBack(_) | Reverse::OneWay(_) => None,
        }
    }

    /// From where documents are brought back.
    pub fn brings_back(&self) -> Option<&BringBack> {
        match self {
            Reverse::BringsBack(from) => Some(from),
            _ => None,
        }
    }

    /// Why the step can't be undone; `None` where it can.
    pub fn one_way(&self) -> Option<&str> {
        match self {
            Reverse::OneWay(reason) => Some(reason),
            _ => None,
        }
    }

    /// `inherent`, `derived`, `written`, `brings_back` or `one_way`.
    pub fn name(&self) -> &'static str {
        match self {
            Reverse::Inherent => "inherent",
            Reverse::Derived(_) => "derived",
            Reverse::Written(_) => "written",
            Reverse::BringsBack(_) => "brings_back",
            Reverse::OneWay(_) => "one_way",
        }
    }
}

pub(super) fn declared(selection: Selection) -> Modify {
    DeclaredModify::new(selection).into()
}

impl fmt::Debug for Reverse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self.one_way() {
            Some(reason) => write!(f, "({reason:?})"),
            None => Ok(()),
        }
    }
}
