//! What real documents name: every declaration of the shipped catalog has a case among them.

use std::collections::BTreeMap;

use ocl_migrate::catalog::{Catalog, DocumentName};
use ocl_migrate::references::References;
use ocl_migrate::values::Values;

use crate::values::corpus::documents;

#[test]
fn every_kind_of_things_is_referred_to_in_real_documents() {
    let real = documents();
    if real.is_empty() {
        return;
    }
    let catalog = Catalog::builtin();
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for real in &real {
        let name = DocumentName::new(real.kind(), "");
        let values = Values::of(&real.document, catalog.identity(real.kind()));
        for reference in References::of(values, &name, &catalog).unwrap().references {
            let of_kind = counts.entry(reference.kind).or_default();
            *of_kind.entry(reference.certainty.name()).or_default() += 1;
            let node = reference.element.node().span().unwrap();
            let text = real.document.text();
            let first = text[..node.start].matches('\n').count() + 1;
            let last = text[..node.end].matches('\n').count() + 1;
            assert!(
                (first..=last).contains(&reference.line),
                "{}",
                reference.element
            );
        }
    }
    insta::assert_snapshot!("counts", format!("{counts:#?}"));
    let missing: Vec<&str> = catalog
        .thing_kinds()
        .filter(|kind| !counts.contains_key(kind))
        .collect();
    assert!(missing.is_empty(), "nothing refers to {missing:?}");
}
