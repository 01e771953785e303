//! Where three outcomes of a merge differ, and which conflicts that is about.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::super::conflict::{Conflict, ConflictKind};
use super::super::member::Three;
use super::super::order::{Piece, pieces};
use super::super::text::numbered;
use crate::ocl::{Kind, Node};
use crate::text::LineStarts;
use crate::values::{Element, Values};

/// Lines that differ.
pub(super) struct Hunk {
    pub(super) bytes: Three<Range<usize>>,
    /// The conflicts, by number.
    pub(super) conflicts: BTreeSet<usize>,
}

/// The lines on which what a conflict is about stands, in each of the three.
type Lines = Three<Vec<Range<usize>>>;

/// Where three outcomes of a merge differ, in order, without overlaps. What one conflict is about is one hunk, so that no half of it
/// can be taken from one side and the other half from the other; except for the lines of a text.
pub(super) fn hunks(outcomes: Three<Values<'_>>, conflicts: &[Conflict<'_>]) -> Vec<Hunk> {
    let texts = outcomes.map(|values| values.document().text());
    let lines = numbered([texts.base, texts.ours, texts.theirs]);
    let [base, ours, theirs] = &lines.numbers;
    let is_change = |piece: &Piece| {
        let ours = &ours[piece.ours.clone()];
        ours != &base[piece.base.clone()] || ours != &theirs[piece.theirs.clone()]
    };
    let changes: Vec<Piece> = pieces(base, ours, theirs)
        .into_iter()
        .filter(is_change)
        .collect();
    let places = Places::of(outcomes, conflicts);
    let groups = grouped(&changes, conflicts, &places);
    let starts = texts.map(LineStarts::of);
    let bytes = |lines: Range<usize>, starts: &LineStarts| {
        starts.bytes(lines.start).start..starts.bytes(lines.end).start
    };
    let hunk = |(range, conflicts): (Range<usize>, BTreeSet<usize>)| {
        let (first, last) = (&changes[range.start], &changes[range.end - 1]);
        Hunk {
            bytes: Three {
                base: bytes(first.base.start..last.base.end, &starts.base),
                ours: bytes(first.ours.start..last.ours.end, &starts.ours),
                theirs: bytes(first.theirs.start..last.theirs.end, &starts.theirs),
            },
            conflicts,
        }
    };
    groups.into_iter().map(hunk).collect()
}

/// Puts changes together that one conflict is about: ranges of changes, and the conflicts of each.
fn grouped(
    changes: &[Piece],
    conflicts: &[Conflict<'_>],
    places: &Places,
) -> Vec<(Range<usize>, BTreeSet<usize>)> {
    let about = about(changes, places);
    let mut of_conflict: Vec<Vec<usize>> = vec![Vec::new(); conflicts.len()];
    for (number, about) in about.iter().enumerate() {
        about.iter().for_each(|at| of_conflict[*at].push(number));
    }
    // Where the changes end that belong together.
    let ends = |(at, numbers): (usize, &Vec<usize>)| {
        let mut all = numbers.iter().map(|number| &changes[*number]);
        let is_apart = places.is_heredoc[at] && all.all(|change| places.lines[at].hold(change));
        numbers.last().filter(|_| !is_apart).map(|last| last + 1)
    };
    let ends: Vec<Option<usize>> = of_conflict.iter().enumerate().map(ends).collect();
    let mut groups: Vec<(Range<usize>, BTreeSet<usize>)> = Vec::new();
    for (number, about) in about.into_iter().enumerate() {
        let end = about.iter().filter_map(|at| ends[*at]).max();
        let end = end.unwrap_or(0).max(number + 1);
        match groups.last_mut() {
            Some((range, conflicts)) if number < range.end => {
                range.end = range.end.max(end);
                conflicts.extend(about);
            }
            _ => groups.push((number..end, about)),
        }
    }
    groups
}

/// The conflicts that each change is about.
fn about(changes: &[Piece], places: &Places) -> Vec<BTreeSet<usize>> {
    let by_line = places.by_line();
    let mut about: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); changes.len()];
    for (number, change) in changes.iter().enumerate() {
        for (lines, of_line) in [
            (&change.base, &by_line.base),
            (&change.ours, &by_line.ours),
            (&change.theirs, &by_line.theirs),
        ] {
            let found = lines.clone().filter_map(|line| of_line.get(&line));
            about[number].extend(found.flatten());
        }
        // An order is what nothing else is about.
        if about[number].is_empty() {
            let orders = (0..places.lines.len()).filter(|at| places.is_order[*at]);
            about[number].extend(orders.filter(|at| places.lines[*at].meet(change)));
        }
        // Else it is told with what it stands behind.
        if about[number].is_empty() && number > 0 {
            about[number] = about[number - 1].clone();
        }
    }
    if let Some(first) = about.iter().position(|about| !about.is_empty()) {
        let told = about[first].clone();
        about[..first].fill(told);
    }
    about
}

/// Where the conflicts are.
struct Places {
    lines: Vec<Lines>,
    is_order: Vec<bool>,
    /// Whether it is about the text of a heredoc, in all three.
    is_heredoc: Vec<bool>,
}

impl Places {
    fn of(outcomes: Three<Values<'_>>, conflicts: &[Conflict<'_>]) -> Places {
        let mut of_place: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, conflict) in conflicts.iter().enumerate() {
            let places: BTreeSet<u64> = conflict.elements().map(Element::place).collect();
            for place in places {
                of_place.entry(place).or_default().push(at);
            }
        }
        let holds_blocks = |conflict: &Conflict<'_>| {
            conflict.elements().all(|element| {
                let kind = element.content().kind();
                matches!(kind, Kind::Block | Kind::Document)
            })
        };
        let is_order = |conflict: &Conflict<'_>| {
            conflict.kind == ConflictKind::Order && holds_blocks(conflict)
        };
        let mut found = outcomes.map(|_| vec![Vec::new(); conflicts.len()]);
        let mut is_heredoc = vec![true; conflicts.len()];
        for (values, lines) in [
            (outcomes.base, &mut found.base),
            (outcomes.ours, &mut found.ours),
            (outcomes.theirs, &mut found.theirs),
        ] {
            let starts = LineStarts::of(values.document().text());
            visit(&values.root(), 0, &of_place, &mut |at, element| {
                let node = node_of(&conflicts[at], element);
                is_heredoc[at] &= node.value().unwrap_or(node).source().starts_with("<<");
                lines[at].extend(node.span().map(|span| lines_of(&starts, span)));
            });
        }
        let Three { base, ours, theirs } = found;
        let all = base.into_iter().zip(ours).zip(theirs);
        let all = all.map(|((base, ours), theirs)| Three { base, ours, theirs });
        Places {
            lines: all.collect(),
            is_order: conflicts.iter().map(is_order).collect(),
            is_heredoc,
        }
    }

    /// By each line of the three, what is about it; but for orders, whose lines are most of a document.
    fn by_line(&self) -> Three<HashMap<usize, Vec<usize>>> {
        let mut by_line = Three {
            base: HashMap::<usize, Vec<usize>>::new(),
            ours: HashMap::new(),
            theirs: HashMap::new(),
        };
        let all = self.lines.iter().enumerate();
        for (at, lines) in all.filter(|(at, _)| !self.is_order[*at]) {
            for (lines, by_line) in [
                (&lines.base, &mut by_line.base),
                (&lines.ours, &mut by_line.ours),
                (&lines.theirs, &mut by_line.theirs),
            ] {
                for line in lines.iter().cloned().flatten() {
                    by_line.entry(line).or_default().push(at);
                }
            }
        }
        by_line
    }
}

impl Lines {
    /// Whether lines that differ are among them, in any of the three.
    fn meet(&self, change: &Piece) -> bool {
        let meets = |lines: &[Range<usize>], changed: &Range<usize>| {
            let mut lines = lines.iter();
            lines.any(|lines| lines.start < changed.end && changed.start < lines.end)
        };
        meets(&self.base, &change.base)
            || meets(&self.ours, &change.ours)
            || meets(&self.theirs, &change.theirs)
    }

    /// Whether lines that differ are among those of one value, and neither its first line nor its last.
    fn hold(&self, change: &Piece) -> bool {
        let holds = |lines: &[Range<usize>], changed: &Range<usize>| match lines {
            [lines] => lines.start < changed.start && changed.end < lines.end,
            _ => false,
        };
        holds(&self.base, &change.base)
            && holds(&self.ours, &change.ours)
            && holds(&self.theirs, &change.theirs)
    }
}

/// What a conflict is about, where it is about the value that a block has beside what is in it.
fn node_of<'a>(conflict: &Conflict<'_>, element: &Element<'a>) -> Node<'a> {
    let value = element.leaf_and_members().0;
    let is_block = element.node().kind() == Kind::Block;
    match value {
        Some(value) if is_block && conflict.kind == ConflictKind::BothChanged => value.node(),
        _ => element.node(),
    }
}

/// Visits the elements that stand in one of the places.
fn visit<'a>(
    element: &Element<'a>,
    place: u64,
    of_place: &HashMap<u64, Vec<usize>>,
    found: &mut dyn FnMut(usize, &Element<'a>),
) {
    for at in of_place.get(&place).into_iter().flatten() {
        found(*at, element);
    }
    for member in element.members() {
        visit(&member, member.place_in(place), of_place, found);
    }
}

/// The lines on which bytes stand.
fn lines_of(starts: &LineStarts, bytes: Range<usize>) -> Range<usize> {
    let last = bytes.end.saturating_sub(1).max(bytes.start);
    starts.line_at(bytes.start)..starts.line_at(last) + 1
}
