//! A set of nodes.

use super::raw::NodeId;

/// Nodes of one document, a bit each: a large set is looked up in the order of the document, which a hash table would scatter.
#[derive(Debug, Default)]
pub(crate) struct NodeSet {
    words: Vec<u64>,
}

impl NodeSet {
    pub(crate) fn contains(&self, node: NodeId) -> bool {
        let (word, bit) = place(node);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }
}

impl Extend<NodeId> for NodeSet {
    fn extend<I: IntoIterator<Item = NodeId>>(&mut self, nodes: I) {
        for node in nodes {
            let (word, bit) = place(node);
            if word >= self.words.len() {
                self.words.resize(word + 1, 0);
            }
            self.words[word] |= bit;
        }
    }
}

fn place(node: NodeId) -> (usize, u64) {
    (node.0 as usize / 64, 1 << (node.0 % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_and_nothing_else() {
        let mut set = NodeSet::default();
        set.extend([0, 63, 64, 1000, 64].map(NodeId));
        let held: Vec<u32> = (0..2000).filter(|&n| set.contains(NodeId(n))).collect();
        assert_eq!(held, [0, 63, 64, 1000]);
    }
}
