//! Finds names that occur more than once, and tells whether a node has one of them.

use std::collections::HashMap;

use super::document::Document;
use super::doubled::{DoubledName, MOST_POSITIONS};
use super::error::LineColumn;
use super::node::Node;
use super::raw::NodeId;
use super::tree::Doubled;

/// The maximum number of names that are reported.
const MOST_NAMES: usize = 100;

impl Document {
    /// The names of attributes that occur more than once in one document or block, and of keys in one dictionary. At most
    /// the first hundred.
    ///
    /// ```
    /// use ocl_migrate::ocl::{Dialect, Document};
    ///
    /// let document = Document::parse("keep = 5\nunit = \"Days\"\nkeep = 100", Dialect::Current)?;
    /// let doubled = document.doubled_names();
    /// assert_eq!(
    ///     doubled[0].to_string(),
    ///     "the attribute `keep` occurs twice: at line 1, column 1 and line 3, column 1"
    /// );
    /// # Ok::<(), ocl_migrate::ocl::ParseError>(())
    /// ```
    #[must_use]
    pub fn doubled_names(&self) -> Vec<DoubledName> {
        self.doubled_names_and(&[])
    }

    /// The same and, among them, groups of blocks that should be one each.
    pub(crate) fn doubled_names_and(&self, blocks: &[Vec<NodeId>]) -> Vec<DoubledName> {
        names_of(self, &self.find_doubled(blocks))
    }

    fn find_doubled(&self, blocks: &[Vec<NodeId>]) -> Vec<Vec<u32>> {
        let mut groups = self.tree.find_doubled();
        if !blocks.is_empty() {
            let indexes = |group: &Vec<NodeId>| group.iter().map(|id| id.0).collect();
            groups.extend(blocks.iter().map(indexes));
            groups.sort_by_key(|group: &Vec<u32>| {
                let holder = Node::new(&self.tree, group[0]).parent();
                (holder.map(|holder| holder.index()), group[0])
            });
        }
        groups
    }

    /// The same, and marks them all in the document: see [`Node::doubled`].
    pub(crate) fn note_doubled(&mut self, blocks: &[Vec<NodeId>]) -> Vec<DoubledName> {
        let groups = self.find_doubled(blocks);
        if groups.is_empty() {
            return Vec::new();
        }
        let names = names_of(self, &groups);
        self.tree.set_doubled(Doubled {
            groups: by_node(&groups),
            names: names.clone(),
        });
        names
    }

    /// The same for the result of steps on an earlier text with these doubled names: reports their positions in the
    /// earlier text.
    pub(crate) fn note_doubled_of(&mut self, earlier: &[DoubledName], blocks: &[Vec<NodeId>]) {
        let groups = self.find_doubled(blocks);
        if groups.is_empty() {
            return;
        }
        let told = groups.iter().take(MOST_NAMES).map(|group| {
            let now = described(self, group, Vec::new());
            let same_name = |it: &&DoubledName| {
                (&it.name, it.kind, it.times) == (&now.name, now.kind, now.times)
            };
            let mut alike = earlier.iter().filter(same_name);
            let there = alike.clone().find(|it| it.holder == now.holder);
            // A step may have moved their parent; if several candidates fit, none is taken.
            let only = match (alike.next(), alike.next()) {
                (Some(only), None) => Some(only),
                _ => None,
            };
            there.or(only).cloned().unwrap_or(now)
        });
        let names = told.collect();
        self.tree.set_doubled(Doubled {
            groups: by_node(&groups),
            names,
        });
    }
}

impl<'a> Node<'a> {
    /// The doubled name of this attribute, entry or block, if it occurs more than once in its parent and the document's doubled
    /// names are marked.
    pub(crate) fn doubled(&self) -> Option<DoubledName> {
        let doubled = self.tree().doubled()?;
        let group = *doubled.groups.get(&self.index())?;
        let told = doubled.names.get(group).cloned();
        Some(told.unwrap_or_else(|| described_as(*self, 2, false, Vec::new())))
    }

    /// The doubled name of this node, or of the innermost node around it that has one.
    pub(crate) fn doubled_around(&self) -> Option<DoubledName> {
        self.tree().doubled()?;
        let mut around = std::iter::successors(Some(*self), Node::parent);
        around.find_map(|node| node.doubled())
    }

    /// Whether any name of its document is doubled.
    pub(crate) fn is_any_doubled(&self) -> bool {
        self.tree().doubled().is_some()
    }

    /// The first doubled name of its document.
    pub(crate) fn first_doubled(&self) -> Option<DoubledName> {
        self.tree().doubled()?.names.first().cloned()
    }
}

fn by_node(groups: &[Vec<u32>]) -> HashMap<u32, usize> {
    let groups = groups.iter().enumerate();
    groups
        .flat_map(|(group, nodes)| nodes.iter().map(move |&node| (node, group)))
        .collect()
}

fn names_of(document: &Document, groups: &[Vec<u32>]) -> Vec<DoubledName> {
    let told = &groups[..groups.len().min(MOST_NAMES)];
    let positions = positions_of(document, told);
    let names = told.iter().zip(positions);
    let names = names.map(|(group, positions)| described(document, group, positions));
    names.collect()
}

fn described(document: &Document, group: &[u32], positions: Vec<LineColumn>) -> DoubledName {
    let first = Node::new(&document.tree, group[0]);
    let mut kinds = group
        .iter()
        .map(|&node| Node::new(&document.tree, node).kind());
    let is_mixed = kinds.any(|kind| kind != first.kind());
    described_as(first, group.len(), is_mixed, positions)
}

fn described_as(
    first: Node<'_>,
    times: usize,
    is_mixed: bool,
    positions: Vec<LineColumn>,
) -> DoubledName {
    DoubledName {
        name: first.name().into_owned(),
        kind: first.kind(),
        is_mixed,
        holder: first
            .parent()
            .map_or_else(String::new, |holder| holder.place()),
        times,
        positions,
    }
}

/// The start of the first nodes of each group, found in one pass over the text.
fn positions_of(document: &Document, groups: &[Vec<u32>]) -> Vec<Vec<LineColumn>> {
    let text = document.text();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (group, nodes) in groups.iter().enumerate() {
        let spans = nodes.iter().take(MOST_POSITIONS);
        let spans = spans.filter_map(|&node| Node::new(&document.tree, node).span());
        starts.extend(spans.map(|span| (span.start, group)));
    }
    starts.sort_unstable();
    let mut positions = vec![Vec::new(); groups.len()];
    let (mut at, mut here) = (0, LineColumn { line: 1, column: 1 });
    for (start, group) in starts {
        let passed = &text[at..start];
        here = match memchr::memrchr(b'\n', passed.as_bytes()) {
            None => LineColumn {
                column: here.column + passed.chars().count(),
                ..here
            },
            Some(newline) => LineColumn {
                line: here.line + memchr::memchr_iter(b'\n', passed.as_bytes()).count(),
                column: passed[newline + 1..].chars().count() + 1,
            },
        };
        at = start;
        positions[group].push(here);
    }
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ocl::Dialect;

    fn reported(text: &str) -> Vec<String> {
        let mut document = Document::parse(text, Dialect::Current).unwrap();
        let names = document.note_doubled(&[]);
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn attributes_and_keys_are_found_with_their_positions() {
        let text = "name = \"a\"\nstep \"x\" {\n    keep = 5\n    properties = {\n        a = \"1\"\n        \"b\" = \"2\"\n        \
                    \"\\\\a\" = \"3\"\n        \"a\" = \"4\"\n    }\n    keep = 100\n    keep = 7\n}\nname = \"b\"\n";
        assert_eq!(
            reported(text),
            [
                "the attribute `name` occurs twice: at line 1, column 1 and line 13, column 1",
                "the attribute `keep` occurs 3 times in step[\"x\"]: at line 3, column 5, line 10, column 5 and line 11, column 5",
                "the key `a` occurs twice in step[\"x\"].properties: at line 5, column 9 and line 8, column 9",
            ]
        );
    }

    #[test]
    fn blocks_of_one_type_and_names_in_different_parents_are_not_doubled() {
        assert_eq!(
            reported("a = 1\nstep {\n a = 1\n}\nstep {\n a = 1\n}\nstep = 2\n"),
            [""; 0]
        );
        assert_eq!(reported("l = [{ a = 1 }, { a = 1 }]"), [""; 0]);
        assert_eq!(reported(""), [""; 0]);
    }

    #[test]
    fn of_many_names_a_part_is_reported_and_all_are_marked() {
        let many: String = (0..500)
            .map(|n| format!("é = {n}; ").replace("; ", "\n"))
            .collect();
        let mut document = Document::parse(many, Dialect::Current).unwrap();
        let names = document.note_doubled(&[]);
        assert_eq!(names.len(), 1);
        assert_eq!((names[0].times, names[0].positions.len()), (500, 10));
        assert!(names[0].to_string().ends_with("column 1 and 490 more"));
        let blocks = "b {\n a = 1\n a = 2\n}\n".repeat(300);
        let mut document = Document::parse(blocks, Dialect::Current).unwrap();
        assert_eq!(document.note_doubled(&[]).len(), 100);
        let last = document.root().children().last().unwrap();
        assert!(last.member("a").unwrap().doubled().is_some());
        assert!(last.doubled_around().is_none());
    }

    #[test]
    fn in_a_later_text_the_positions_are_those_of_the_first() {
        let first = "a = 1\nb {\n x = 1\n x = 2\n}\n";
        let mut document = Document::parse(first, Dialect::Current).unwrap();
        let names = document.note_doubled(&[]);
        let later = "c = 1\nz = 2\nnew {\n x = 1\n x = 2\n}\n";
        let mut later = Document::parse(later, Dialect::Current).unwrap();
        later.note_doubled_of(&names, &[]);
        let block = later.root().blocks("new").next().unwrap();
        assert_eq!(block.member("x").unwrap().doubled().as_ref(), names.first());
    }
}
