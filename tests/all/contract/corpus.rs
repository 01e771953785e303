//! The shipped contracts and real documents: what is real fits, and what is changed so that it is wrong doesn't.

use std::collections::BTreeMap;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::contract::Contracts;
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::verify::{Files, MemoryProject};

use crate::values::corpus::{Real, documents};

/// A real document in the newest shape. Its version isn't known: steps leave alone what they have done before. None where a step
/// can't migrate it.
pub fn lifted(catalog: &Catalog, real: &Real) -> Option<Document> {
    let path = match real.kind() {
        "runbook" => "runbooks/a.ocl".to_owned(),
        kind => format!("{kind}.ocl"),
    };
    let files: Files = [(path.as_str(), real.document.text())]
        .into_iter()
        .collect();
    let migrated = MemoryProject::new(catalog, 3, &files).migrate(14).unwrap();
    let text = migrated.files.get(&path)?.to_vec();
    Some(Document::from_bytes(text, Dialect::Current).unwrap())
}

/// Every real document of a shipped kind, in the newest shape.
pub fn all_lifted(catalog: &Catalog) -> Vec<(Real, Document)> {
    let real = documents().into_iter();
    let known = real.filter(|real| catalog.kind(real.kind()).is_some());
    known
        .filter_map(|real| lifted(catalog, &real).map(|document| (real, document)))
        .collect()
}

/// Those that don't are wrong: the snapshot lists them. Most were written by a server before its first release, with `steps` for
/// `step`; the others by hand, and no server reads them.
#[test]
fn real_documents_keep_to_their_contracts() {
    let catalog = Catalog::builtin();
    let contracts = Contracts::of(&catalog).unwrap();
    assert_eq!(contracts.unread(), 0);
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (real, document) in all_lifted(&catalog) {
        let contract = contracts.at(real.kind(), 14).unwrap();
        let violations = contract.check(&document).unwrap();
        let (right, all) = counts.entry(real.kind()).or_default();
        *all += 1;
        match violations.first() {
            None => *right += 1,
            Some(first) => wrong.push(format!("{} {}: {first}", real.repository, real.path)),
        }
    }
    if counts.is_empty() {
        return;
    }
    wrong.sort();
    for (kind, (right, all)) in counts {
        wrong.push(format!("{kind}: {right} of {all} fit"));
    }
    insta::assert_snapshot!(wrong.join("\n"));
}
