//! Items of lists.

use super::editor::Editor;
use super::error::EditError;
use super::gap::{Gap, child_indent};
use super::lines::{
    end, first_on_line, inside, line_end_near, line_indent, next_sibling, previous_sibling,
    rest_of_line, start,
};
use super::removal::Removal;
use crate::ocl::literal::{Content, Literal};
use crate::ocl::node::Node;
use crate::ocl::parse::Part;
use crate::ocl::raw::{Kind, NodeId};
use crate::ocl::tree::{Cursor, Spot, Walk};
use crate::ocl::write::Slot;

impl Editor {
    /// Inserts an item before the one of that index, or at the end. The list may be given by its attribute or entry.
    ///
    /// # Errors
    /// Not a list; the index is past the end; the value can't be written.
    pub fn insert_item(
        &mut self,
        list: NodeId,
        index: usize,
        value: impl Into<Literal>,
    ) -> Result<NodeId, EditError> {
        self.insert_value(list, index, &value.into().0).map(NodeId)
    }

    fn insert_value(
        &mut self,
        list: NodeId,
        index: usize,
        value: &Content,
    ) -> Result<u32, EditError> {
        let named = self.index(list)?;
        let node = self.at(named);
        let list = node.value().unwrap_or(node);
        if list.kind() != Kind::List {
            return Err(self.wrong_kind(named, "insert an item in"));
        }
        let list = list.index();
        self.tree.open(list);
        let node = self.at(list);
        let previous = index
            .checked_sub(1)
            .and_then(|before| node.children().nth(before));
        if index > 0 && previous.is_none() {
            return Err(self.no_such_index(list, index, node.children().count()));
        }
        let next = match previous {
            Some(previous) => next_sibling(previous),
            None => node.children().next(),
        };
        let (previous, next) = (
            previous.map(|node| node.index()),
            next.map(|node| node.index()),
        );
        self.insert_between(list, previous, next, value)
    }

    /// Inserts an item between two neighbours, or at the start or end of an open list.
    pub(super) fn insert_between(
        &mut self,
        list: u32,
        previous: Option<u32>,
        next: Option<u32>,
        value: &Content,
    ) -> Result<u32, EditError> {
        let node = self.at(list);
        let (previous, next) = (
            previous.map(|previous| self.at(previous)),
            next.map(|next| self.at(next)),
        );
        let gap = item_gap(self, node, previous, next);
        let mut text = String::new();
        self.writer(node, previous.or(next), value)
            .value(value, Slot::Item, &gap.indent, &mut text)
            .map_err(|error| EditError::from_write(error, node.place()))?;
        self.insert_at(list, &gap, text, Part::Value)
    }
}

fn item_gap(
    editor: &Editor,
    list: Node<'_>,
    previous: Option<Node<'_>>,
    next: Option<Node<'_>>,
) -> Gap {
    let walk = list.tree().walk();
    let line_end = line_end_near(list, None);
    let own_line = |item: Node<'_>| first_on_line(walk, start(item));
    let line = || line_indent(walk, start(list));
    let (from, to, before, after, indent) = match (previous, next) {
        (None, None) => {
            let (open, close) = inside(list);
            let content = walk.skip_back(close, char::is_whitespace);
            if content == open {
                (open, close, String::new(), String::new(), line())
            } else {
                let at = walk.end_of_line(content);
                let indent = child_indent(editor, list, None);
                (at, at, line_end.to_owned() + &indent, String::new(), indent)
            }
        }
        (None, Some(next)) => {
            let at = start(next);
            let indent = line_indent(walk, at);
            let after = if own_line(next) {
                [",", line_end, &indent].concat()
            } else {
                ", ".to_owned()
            };
            (at, at, String::new(), after, indent)
        }
        (Some(previous), Some(_)) => {
            let at = behind_comma(walk, previous);
            match rest_of_line(walk, at).filter(|_| own_line(previous)) {
                Some(end) => {
                    let indent = line_indent(walk, start(previous));
                    let before = line_end.to_owned() + &indent;
                    (end, end, before, ",".to_owned(), indent)
                }
                None => (at, at, " ".to_owned(), ",".to_owned(), line()),
            }
        }
        (Some(previous), None) => {
            let at = end(previous);
            let rest = rest_of_line(walk, at);
            let is_heredoc = previous.kind() == Kind::Heredoc;
            match rest.filter(|_| is_heredoc || own_line(previous)) {
                // Nothing may follow an end tag on its line.
                _ if is_heredoc => {
                    let end = rest.unwrap_or(at);
                    let indent = line_indent(walk, start(previous));
                    let before = [line_end, &indent, ", "].concat();
                    (end, end, before, String::new(), indent)
                }
                Some(end) => {
                    let indent = line_indent(walk, start(previous));
                    let comment = walk.between(at, end);
                    let before = [",", &comment, line_end, &indent].concat();
                    (at, end, before, String::new(), indent)
                }
                None => (at, at, ", ".to_owned(), String::new(), line()),
            }
        }
    };
    Gap {
        spot: Spot {
            from,
            to,
            before,
            after,
        },
        indent,
        previous: previous.map(|previous| previous.index()),
        breaks_line: true,
    }
}

/// The position of the comma after an item that isn't the last.
fn comma(walk: Walk<'_>, item: Node<'_>) -> Cursor {
    walk.skip_trivia(end(item))
}

fn behind_comma(walk: Walk<'_>, item: Node<'_>) -> Cursor {
    walk.step(comma(walk, item))
}

/// The text to remove with an item, and its replacement: includes its comma, and its line if it has one of its own.
pub(super) fn item_removal(item: Node<'_>) -> Removal {
    let walk = item.tree().walk();
    let (start, end) = (start(item), end(item));
    let own_line = first_on_line(walk, start);
    let blank = |from: Cursor, to: Cursor| walk.all(from, to, char::is_whitespace);
    let (from, to, kept) = match (previous_sibling(item), next_sibling(item)) {
        (None, None) => {
            let (open, close) = item.parent().map_or((start, end), inside);
            if blank(open, start) && blank(end, close) {
                (open, close, String::new())
            } else {
                (start, end, String::new())
            }
        }
        (_, Some(next)) => {
            let comma = behind_comma(walk, item);
            let next = self::start(next);
            match rest_of_line(walk, comma).filter(|_| own_line) {
                Some(rest) => {
                    let to = walk.line_end(rest).map_or(rest, |(_, next_line)| next_line);
                    (walk.start_of_line(start), to, String::new())
                }
                None if blank(comma, next) => (start, next, String::new()),
                None => (start, comma, String::new()),
            }
        }
        (Some(previous), None) => {
            let after_previous = self::end(previous);
            let rest = rest_of_line(walk, end).filter(|_| own_line);
            let comma = comma(walk, previous);
            // The text between the two without the comma: usually comments on the last item but one.
            let between = walk.between(after_previous, comma).into_owned()
                + &walk.between(walk.step(comma), start);
            let is_heredoc = previous.kind() == Kind::Heredoc;
            let kept = match (rest, between.trim().is_empty()) {
                (_, true) if !is_heredoc => String::new(),
                (Some(_), _) => between.trim_end().to_owned(),
                (None, _) => between,
            };
            let kept = if is_heredoc && !kept.contains('\n') {
                line_end_near(previous, None).to_owned() + kept.trim_start()
            } else {
                kept
            };
            (after_previous, rest.unwrap_or(end), kept)
        }
    };
    Removal {
        from,
        to,
        kept,
        joins_lines: true,
    }
}
