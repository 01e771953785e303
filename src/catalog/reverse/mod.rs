//! How a step is undone: derived from its operations if nothing has to be guessed, stated in the step, or not at
//! all.

mod derive;
mod inverse;

use super::action::{Action, Body, Modify, Reverse};

/// How an action is undone if its step doesn't say.
pub(super) fn of(action: &Action) -> Reverse {
    match action {
        Action::Import(_) | Action::Rename(_) | Action::Dialect => Reverse::Inherent,
        Action::Remove => {
            Reverse::OneWay("it doesn't say where to get the removed documents from".into())
        }
        Action::Modify(Modify(Body::Native(_))) => {
            Reverse::OneWay("it is written in Rust and has no `down`".into())
        }
        Action::Modify(Modify(Body::Declared(body))) => match derive::reverse(body.selection()) {
            Ok(selection) => Reverse::Derived(selection.into()),
            Err(reason) => Reverse::OneWay(reason),
        },
    }
}
