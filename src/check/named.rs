//! References that lead nowhere, and things that nothing refers to.

use super::lines::Texts;
use super::model::{Finding, Rule};
use crate::compare::{UsePlace, UseRole};

/// What a place found by a search says, at a line of the lifted document, in which the name is written from `written_at` on.
pub(super) fn finding(
    place: &UsePlace,
    (line, written_at): (usize, usize),
    texts: &Texts,
) -> Finding {
    let UsePlace { kind, name, .. } = place;
    let (rule, message) = match place.role {
        UseRole::Definition => (
            Rule::Unused,
            format!("nothing refers to the {kind} `{name}`"),
        ),
        UseRole::Use(_) => (
            Rule::Undefined,
            format!("no document defines the {kind} `{name}`"),
        ),
    };
    let mut problem = texts.problem(texts.line_span(line, name, written_at), &message);
    if let Some(suggestion) = &place.suggestion {
        problem = problem.help(format!("did you mean `{suggestion}`?"));
    }
    Finding::at(rule, &place.base_path, problem).about(&place.document, place.address.as_str())
}
