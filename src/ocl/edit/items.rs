//! Items of lists.

use std::ops::Range;

use serde_json::Value;

use super::layout::{
    child_indent, first_on_line, inside, line_end_near, line_indent, next_sibling,
    previous_sibling, rest_of_line,
};
use super::patch::Patch;
use super::{EditError, Editor, Handle};
use crate::ocl::lexical::{end_of_line, line_end, skip_trivia, start_of_line};
use crate::ocl::node::{Kind, Node};
use crate::ocl::parse::Part;
use crate::ocl::write::Slot;

/// Text around a new item: `before` + item + `after` take the place of the range.
struct ItemGap {
    range: Range<usize>,
    before: String,
    after: String,
    indent: String,
}

impl Editor {
    /// Inserts an item before the one of that index, or at the end. The list may be named by its attribute or entry.
    ///
    /// # Errors
    /// Not a list; the index is past the end; the value can't be written.
    pub fn insert_item(
        &mut self,
        list: Handle,
        index: usize,
        value: &Value,
    ) -> Result<Handle, EditError> {
        let handle = self.index(list)?;
        let node = self.at(handle);
        let list = node.value().unwrap_or(node);
        if list.kind() != Kind::List {
            return Err(self.wrong_kind(handle, "insert an item in"));
        }
        let items: Vec<_> = list.children().collect();
        if index > items.len() {
            return Err(self.no_such_index(list.id().0, index, items.len()));
        }
        let previous = index.checked_sub(1).map(|at| items[at]);
        let next = items.get(index).copied();
        let node = next.map_or(list.id().0 + list.subtree_size(), |next| next.id().0);
        let gap = item_gap(list, previous, next);
        let mut text = String::new();
        self.writer(list, previous.or(next))
            .value(value, Slot::Item, &gap.indent, &mut text)
            .map_err(|error| EditError::from_write(error, list.place()))?;
        let parent = list.id().0;
        let fragment = self.fragment(text, Part::Value, parent)?;
        let text = [&gap.before, &fragment.text, &gap.after]
            .map(String::as_str)
            .concat();
        self.apply(Patch {
            range: gap.range,
            text: &text,
            parent,
            nodes: node..node,
            fragment: Some((&fragment, gap.before.len())),
            keep_handle: false,
        })?;
        Ok(self.handles.of_node(node))
    }
}

fn item_gap(list: Node<'_>, previous: Option<Node<'_>>, next: Option<Node<'_>>) -> ItemGap {
    let text = list.document().text();
    let line_end = line_end_near(list, None);
    let own_line = |item: Node<'_>| first_on_line(text, item.span().start);
    let line = line_indent(text, list.span().start).to_owned();
    match (previous, next) {
        (None, None) => {
            let inside = inside(list);
            match text[inside.clone()].trim_end().len() {
                0 => ItemGap {
                    range: inside,
                    before: String::new(),
                    after: String::new(),
                    indent: line,
                },
                content => {
                    let at = end_of_line(text.as_bytes(), inside.start + content);
                    let indent = child_indent(list, None);
                    ItemGap {
                        range: at..at,
                        before: [line_end, &indent].concat(),
                        after: String::new(),
                        indent,
                    }
                }
            }
        }
        (None, Some(next)) => {
            let at = next.span().start;
            let indent = line_indent(text, at).to_owned();
            let after = match own_line(next) {
                true => [",", line_end, &indent].concat(),
                false => ", ".to_owned(),
            };
            ItemGap {
                range: at..at,
                before: String::new(),
                after,
                indent,
            }
        }
        (Some(previous), Some(_)) => {
            let at = comma_after(text, previous) + 1;
            match rest_of_line(text, at).filter(|_| own_line(previous)) {
                Some(end) => {
                    let indent = line_indent(text, previous.span().start).to_owned();
                    let before = [line_end, &indent].concat();
                    ItemGap {
                        range: end..end,
                        before,
                        after: ",".to_owned(),
                        indent,
                    }
                }
                None => ItemGap {
                    range: at..at,
                    before: " ".to_owned(),
                    after: ",".to_owned(),
                    indent: line,
                },
            }
        }
        (Some(previous), None) => {
            let at = previous.span().end;
            let indent = line_indent(text, previous.span().start).to_owned();
            let rest = rest_of_line(text, at);
            if previous.kind() == Kind::Heredoc {
                // Nothing may stand behind an end tag.
                let before = [line_end, &indent, ", "].concat();
                let end = rest.unwrap_or(at);
                return ItemGap {
                    range: end..end,
                    before,
                    after: String::new(),
                    indent,
                };
            }
            match rest.filter(|_| own_line(previous)) {
                Some(end) => {
                    let before = [",", &text[at..end], line_end, &indent].concat();
                    ItemGap {
                        range: at..end,
                        before,
                        after: String::new(),
                        indent,
                    }
                }
                None => ItemGap {
                    range: at..at,
                    before: ", ".to_owned(),
                    after: String::new(),
                    indent: line,
                },
            }
        }
    }
}

/// The comma that follows an item which is not the last.
fn comma_after(text: &str, item: Node<'_>) -> usize {
    skip_trivia(text, item.span().end)
}

/// What gives way when an item is removed, and to what: its comma goes with it, and its line if it has one of its own.
pub(super) fn item_removal(item: Node<'_>) -> (Range<usize>, String) {
    let text = item.document().text();
    let bytes = text.as_bytes();
    let span = item.span();
    let own_line = first_on_line(text, span.start);
    match (previous_sibling(item), next_sibling(item)) {
        (None, None) => {
            let inside = item.parent().map_or(span.clone(), inside);
            let alone = text[inside.start..span.start].trim().is_empty()
                && text[span.end..inside.end].trim().is_empty();
            (if alone { inside } else { span }, String::new())
        }
        (_, Some(next)) => {
            let comma = comma_after(text, item) + 1;
            match rest_of_line(text, comma).filter(|_| own_line) {
                Some(end) => {
                    let start = start_of_line(bytes, span.start);
                    (start..line_end(bytes, end).unwrap_or(end), String::new())
                }
                None if text[comma..next.span().start].trim().is_empty() => {
                    (span.start..next.span().start, String::new())
                }
                None => (span.start..comma, String::new()),
            }
        }
        (Some(previous), None) => {
            let comma = comma_after(text, previous);
            let after_previous = previous.span().end;
            let end = rest_of_line(text, span.end).filter(|_| own_line);
            // What stands between the two but the comma: comments on the last item but one, as a rule.
            let between = [&text[after_previous..comma], &text[comma + 1..span.start]].concat();
            let heredoc = previous.kind() == Kind::Heredoc;
            let kept = match (end, between.trim().is_empty()) {
                (_, true) if !heredoc => String::new(),
                (Some(_), _) => between.trim_end().to_owned(),
                (None, _) => between,
            };
            let kept = match heredoc && !kept.contains('\n') {
                true => line_end_near(previous, None).to_owned() + kept.trim_start(),
                false => kept,
            };
            (after_previous..end.unwrap_or(span.end), kept)
        }
    }
}
