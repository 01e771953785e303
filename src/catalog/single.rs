//! Blocks that stand at most once where they stand.

use std::collections::{BTreeMap, BTreeSet};

use super::selector::{Selector, SelectorError};
use crate::ocl::{Document, Kind, NodeId};

/// A path to blocks of a document, as `in` takes it: `process.step.action.container`.
///
/// ```
/// use ocl_migrate::catalog::BlockPath;
///
/// assert!(BlockPath::parse("versioning_strategy.donor_package").is_ok());
/// assert!(BlockPath::parse("").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockPath {
    selector: Selector,
}

impl BlockPath {
    /// A path from its text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<BlockPath, String> {
        BlockPath::parse_at(text).map_err(|(_, message)| message)
    }

    /// The same, with the place in the text.
    pub(super) fn parse_at(text: &str) -> Result<BlockPath, SelectorError> {
        if text.is_empty() {
            return Err((0..0, "an empty path is the document itself".to_owned()));
        }
        let selector = Selector::parse_plain(text)?;
        Ok(BlockPath { selector })
    }
}

/// The blocks of a document of which there should be one and are several, each group in document order. An attribute of the name
/// counts as one of them.
pub(crate) fn doubled_blocks(single: &[BlockPath], document: &Document) -> Vec<Vec<NodeId>> {
    if !any_alike(single, document) {
        return Vec::new();
    }
    // Several paths may lead to one block.
    let mut found = BTreeSet::new();
    for path in single {
        found.extend(path.selector.select(document.root()).nodes);
    }
    let mut groups: BTreeMap<_, Vec<NodeId>> = BTreeMap::new();
    for id in found {
        let node = document.node(id);
        if node.kind() == Kind::Block {
            let parent = node.parent().map(|parent| parent.id());
            groups.entry((parent, node.name())).or_default().push(id);
        }
    }
    for ((parent, name), group) in &mut groups {
        let parent = parent.map(|parent| document.node(parent));
        let beside = parent.into_iter().flat_map(|parent| parent.children());
        let beside = beside.filter(|it| it.kind() == Kind::Attribute && it.name() == *name);
        group.extend(beside.map(|it| it.id()));
        group.sort_unstable();
    }
    groups
        .into_values()
        .filter(|group| group.len() > 1)
        .collect()
}

/// Whether any node holds two blocks, or a block and an attribute, of a name that a path ends with: hardly a document does, and this finds out at once.
fn any_alike(single: &[BlockPath], document: &Document) -> bool {
    let names = single.iter().map(|path| path.selector.last_name());
    let Some(names) = names.collect::<Option<Vec<&str>>>() else {
        return true;
    };
    let blocks = document.root().subtree();
    let blocks = blocks.filter(|node| matches!(node.kind(), Kind::Block | Kind::Attribute));
    let mut alike: Vec<(Option<NodeId>, usize)> = blocks
        .filter_map(|block| {
            let name = block.name();
            let place = names.iter().position(|known| *known == name)?;
            Some((block.parent().map(|parent| parent.id()), place))
        })
        .collect();
    alike.sort_unstable();
    alike.windows(2).any(|two| two[0] == two[1])
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::ocl::{Dialect, Document};

    fn catalog(single: &str) -> Catalog {
        let text = format!(
            "catalog \"test\" {{ base_path = \".config\" }}\ndocument \"fizz\" {{\n  path = \"fizz.ocl\"\n{single}\n}}\n\
             document \"buzz\" {{ path = \"buzz.ocl\" }}\n"
        );
        let step = "description = \"a\"\ndocument = \"fizz\"\nimport {}\n";
        let files = [("catalog.hcl", &*text), ("0001_a/step.hcl", step)];
        Catalog::from_texts(&files).unwrap()
    }

    /// Another server reads a document with the same rule.
    #[test]
    fn single_blocks_travel_with_the_catalog_and_count_for_its_digest() {
        let here = catalog("single = [\"policy\", \"*.box\", \"**.box\"]");
        let there = Catalog::from_portable(&here.portable().unwrap()).unwrap();
        let text = "policy {\n}\nstep {\n    box {\n    }\n    box {\n    }\n}\nstep {\n    box {\n    }\n}\npolicy {\n}\n";
        let document = Document::parse(text, Dialect::Current).unwrap();
        for catalog in [&here, &there] {
            let told = catalog.doubled_names("fizz", &document);
            let told: Vec<String> = told.iter().map(ToString::to_string).collect();
            assert_eq!(
                told,
                [
                    "the block `policy` occurs twice: at line 1, column 1 and line 13, column 1",
                    "the block `box` occurs twice in step: at line 4, column 5 and line 6, column 5",
                ]
            );
            assert_eq!(catalog.doubled_names("buzz", &document), []);
        }
        assert_ne!(here.digest(), catalog("").digest());
    }

    #[test]
    fn an_attribute_beside_a_single_block_is_one_too_many() {
        let catalog = catalog("single = [\"policy\"]");
        let told = |text: &str| {
            let document = Document::parse(text, Dialect::Current).unwrap();
            let told = catalog.doubled_names("fizz", &document);
            told.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            told("policy = {\n}\nother = 1\npolicy {\n}\n"),
            [
                "the name `policy` occurs twice, as an attribute and as a block: at line 1, column 1 and line 4, column 1"
            ]
        );
        assert_eq!(
            told("policy {\n    policy = 1\n}\npolicy = 2\n"),
            [
                "the name `policy` occurs twice, as an attribute and as a block: at line 1, column 1 and line 4, column 1"
            ]
        );
        assert!(told("policy = {\n}\nstep {\n    policy {\n    }\n}\n").is_empty());
    }
}
