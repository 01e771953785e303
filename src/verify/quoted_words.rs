//! Words of `catalog.hcl` that stand in quotes, and so name attributes that no snapshot has.

use std::collections::BTreeSet;

use super::report::{Check, Finding};
use super::snapshots::Snapshots;
use crate::catalog::Catalog;
use crate::ocl::{Document, Kind, Node};

pub(super) fn findings(catalog: &Catalog, snapshots: &Snapshots) -> Vec<Finding> {
    let words = catalog.quoted_words();
    if words.is_empty() {
        return Vec::new();
    }
    let mut attributes = BTreeSet::new();
    let mut documents = 0;
    for version in snapshots.versions() {
        let dialect = catalog.dialect_at(version);
        for (path, bytes) in snapshots.at(version).into_iter().flat_map(|it| it.iter()) {
            if catalog.classify(path, version).is_some()
                && let Ok(document) = Document::from_bytes(bytes.to_owned(), dialect)
            {
                documents += 1;
                gather(document.root(), &mut attributes);
            }
        }
    }
    let words = words.into_iter();
    // Without a document nothing can be told.
    let surely_not_meant = words.filter(|it| documents > 0 && !attributes.contains(&it.word));
    let findings = surely_not_meant.map(|it| {
        let (attribute, word) = (it.attribute, it.word);
        let message = format!(
            "`{attribute} = \"{word}\"` names an attribute `{word}`, which no document of a snapshot has: the word `{word}` stands without \
             quotes"
        );
        Finding::new(Check::Unreached, "catalog.hcl", message)
            .at(Some(it.place))
            .into_warning()
    });
    findings.collect()
}

fn gather(node: Node<'_>, attributes: &mut BTreeSet<String>) {
    for child in node.children() {
        if !matches!(child.kind(), Kind::Block) {
            attributes.insert(child.name().into_owned());
        }
        gather(child, attributes);
    }
}
