//! A set of nodes.

use super::raw::NodeId;

/// Nodes of one document, as a bit set: lookups in document order then stay local, which a hash table would scatter.
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
    fn a_set_contains_exactly_the_added_nodes() {
        let mut set = NodeSet::default();
        set.extend([0, 63, 64, 1000, 64].map(NodeId));
        let held: Vec<u32> = (0..2000).filter(|&n| set.contains(NodeId(n))).collect();
        assert_eq!(held, [0, 63, 64, 1000]);
    }
}
