//! What happens to writers: they die, somebody edits the row, and moves that nobody waits for any more arrive or get
//! lost.

use super::explore::Step;
use super::protocol::Protocol;
use super::state::{At, Content, State};

/// Everything that can happen next.
pub fn steps(protocol: Protocol, state: &State) -> Vec<Step> {
    let mut steps = edit(state);
    steps.extend(arrivals(state));
    for writer in 0..state.writers.len() {
        steps.extend(death(state, writer));
        steps.extend(protocol.steps_of(state, writer));
    }
    steps
}

/// Somebody edits D's row, once, while no writer holds it.
fn edit(state: &State) -> Vec<Step> {
    if state.is_edited || state.holder.is_some() || state.table.is_none() {
        return Vec::new();
    }
    let mut next = state.clone();
    next.table = Some(Content::Edited);
    next.is_edited = true;
    vec![Step::by_nobody("the row is edited", next)]
}

fn death(state: &State, writer: usize) -> Option<Step> {
    if matches!(state.writers[writer].at, At::Done | At::Dead) {
        return None;
    }
    let mut next = state.clone();
    next.release(writer);
    next.writers[writer].at = At::Dead;
    next.failures += 1;
    Some(Step::of(writer, "dies", next))
}

fn arrivals(state: &State) -> Vec<Step> {
    let mut steps = Vec::new();
    for (place, push) in state.on_the_way.iter().enumerate() {
        let mut lost = state.clone();
        lost.on_the_way.remove(place);
        let mut arrived = lost.clone();
        let writer = push.commit.writer;
        if arrived.move_branch(*push) {
            steps.push(Step::of(
                writer,
                "sees nothing of it: its move arrives",
                arrived,
            ));
        }
        steps.push(Step::of(
            writer,
            "sees nothing of it: its move is lost",
            lost,
        ));
    }
    steps
}
