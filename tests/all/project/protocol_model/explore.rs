//! Visits every state that can be reached, nearest first.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::rc::Rc;

use super::promises::Promise;
use super::protocol::Protocol;
use super::state::State;
use super::world;

/// Something that happens.
pub struct Step {
    what: (Option<usize>, &'static str),
    next: State,
}

impl Step {
    pub fn of(writer: usize, what: &'static str, next: State) -> Step {
        let what = (Some(writer), what);
        Step { what, next }
    }

    pub fn by_nobody(what: &'static str, next: State) -> Step {
        let what = (None, what);
        Step { what, next }
    }
}

/// A promise that was broken.
pub struct Broken {
    pub promise: &'static str,
    /// A shortest way there.
    pub way: String,
}

/// Visits the states that can be reached with no more failures than `most_failures`, until one breaks a promise.
/// Returns how many there are.
pub fn explore(
    protocol: Protocol,
    promises: &[Promise],
    start: State,
    most_failures: Option<u8>,
) -> Result<usize, Broken> {
    let start = Rc::new(start);
    let mut reached = Reached::from([(start.clone(), None)]);
    let mut pending = VecDeque::from([start]);
    while let Some(state) = pending.pop_front() {
        let mut broken = promises
            .iter()
            .filter(|promise| !(promise.holds)(protocol, &state));
        if let Some(promise) = broken.next() {
            return Err(Broken {
                promise: promise.says,
                way: way_to(&state, &reached),
            });
        }
        for Step { what, mut next } in world::steps(protocol, &state) {
            next.tidy();
            match most_failures {
                Some(most) if next.failures > most => continue,
                Some(_) => {}
                // It only counts whether there were any.
                None => next.failures = next.failures.min(1),
            }
            if !reached.contains_key(&next) {
                let next = Rc::new(next);
                reached.insert(next.clone(), Some((what, state.clone())));
                pending.push_back(next);
            }
        }
    }
    Ok(reached.len())
}

/// By which step each state was first reached, and from where.
type Reached = HashMap<Rc<State>, Option<((Option<usize>, &'static str), Rc<State>)>>;

fn way_to(state: &State, reached: &Reached) -> String {
    let mut steps = Vec::new();
    let mut at = state;
    while let Some(Some((step, before))) = reached.get(at) {
        steps.push(step);
        at = before;
    }
    let mut way = String::new();
    for (writer, what) in steps.iter().rev() {
        match writer {
            Some(writer) => writeln!(way, "  writer {writer} {what}"),
            None => writeln!(way, "  {what}"),
        }
        .expect("a text has room");
    }
    way
}
