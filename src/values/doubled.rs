//! Blocks beside each other that have one key.

use std::collections::HashMap;

use super::element::Element;

/// Of what an element holds, each block that an earlier one's declared key has too, behind that one: by their places. Which of several
/// values of one scope applies is asked otherwise: [`Scoped::clashes`](super::Scoped::clashes).
pub(crate) fn doubled_keys(members: &[Element<'_>]) -> Vec<(usize, usize)> {
    let is_doubled = |member: &Element<'_>| {
        let has_scopes = || member.rule().is_some_and(|it| !it.precedence.is_empty());
        member.alike.is_some() && member.has_declared_key() && !has_scopes()
    };
    let doubled = members.iter().enumerate();
    let doubled = doubled.filter(|(_, member)| is_doubled(member));
    let mut first = HashMap::new();
    let mut found = Vec::new();
    for (index, member) in doubled {
        let earlier = *first.entry(member.sibling()).or_insert(index);
        if earlier != index {
            found.push((earlier, index));
        }
    }
    found
}
