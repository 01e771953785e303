//! The shipped catalog on real documents of every origin, taken for documents of every version: it may refuse what it
//! says it refuses, and nothing else may go wrong.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ocl_migrate::catalog::{Action, Catalog};
use ocl_migrate::migrate::MigrationErrorKind;
use ocl_migrate::ocl::{Document, Kind};

use crate::support::{corpus, migrate_one};

/// Every document that is OCL, with its kind.
fn documents(corpus: &Path, catalog: &Catalog) -> Vec<(String, String, Vec<u8>)> {
    let table = fs::read_to_string(corpus.join("documents.tsv")).expect("the corpus has a table");
    let mut documents = Vec::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (name, state, path) = (fields[0], fields[1], fields[4]);
        // The base path isn't known: a document lies at the end of its path.
        let kind = path.match_indices('/').find_map(|(slash, _)| {
            let (kind, _) = catalog.classify(&path[slash + 1..], catalog.server_version())?;
            Some(kind.name.clone())
        });
        if let Some(kind) = kind.filter(|_| state != "invalid") {
            let file = corpus.join("documents").join(format!("{name}.ocl"));
            let bytes = fs::read(file).expect("the corpus has its documents");
            documents.push((name.to_owned(), kind, bytes));
        }
    }
    documents
}

/// What the shipped catalog says of single blocks holds for every real document, and many have them.
#[test]
fn no_real_document_has_two_of_a_single_block() {
    let Some(corpus) = corpus() else { return };
    let catalog = Catalog::builtin();
    let mut held = BTreeMap::new();
    for (name, kind, bytes) in documents(&corpus, &catalog) {
        let document = Document::from_bytes(bytes, catalog.dialect_at(1)).expect("it is OCL");
        let doubled = catalog.doubled_names(&kind, &document);
        let blocks = doubled.iter().filter(|doubled| doubled.kind == Kind::Block);
        assert_eq!(blocks.count(), 0, "{name}: {doubled:?}");
        for block in document
            .root()
            .subtree()
            .filter(|node| node.kind() == Kind::Block)
        {
            let single = [
                "connectivity_policy",
                "container",
                "donor_package",
                "process",
                "prompt",
                "run_retention_policy",
            ];
            if let Some(single) = single.iter().find(|single| block.name() == **single) {
                *held.entry(*single).or_insert(0) += 1;
            }
        }
    }
    assert!(
        held.len() == 6 && held.values().all(|count| *count > 50),
        "{held:?}"
    );
}

#[test]
fn real_documents_taken_for_every_version_are_migrated_or_refused_as_stated() {
    let Some(corpus) = corpus() else { return };
    let catalog = Catalog::builtin();
    let latest = catalog.server_version();
    let documents = documents(&corpus, &catalog);
    assert!(documents.len() > 1000, "only {} documents", documents.len());

    // Between them, nothing is changed.
    let mut versions: Vec<u32> = catalog
        .steps()
        .iter()
        .filter(|step| matches!(step.action(), Action::Modify(_) | Action::Dialect))
        .map(|step| step.version() - 1)
        .collect();
    versions.dedup();

    let mut causes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut rejections: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = |cause: String, name: &str, version: u32| {
        let found = causes.entry(cause).or_default();
        found.push(format!("{name} at {version}"));
    };
    for (name, kind, bytes) in &documents {
        for &version in &versions {
            let run = |bytes: &[u8], from, to| migrate_one(&catalog, kind, bytes, from, to);
            let whole = run(bytes, version, latest);
            if let Some(error) = whole.document.error() {
                match &error.kind {
                    MigrationErrorKind::Rejected { message, .. } => {
                        *rejections.entry(message.clone()).or_default() += 1;
                    }
                    _ => wrong(error.to_string(), name, version),
                }
                continue;
            }
            for loss in &whole.document.losses {
                wrong(format!("loses: {loss}"), name, version);
            }
            let text = whole.text.as_deref().unwrap_or_default();
            if let Err(error) = Document::parse(text, catalog.dialect_at(latest)) {
                wrong(format!("is no OCL any more: {error}"), name, version);
            }
            // The next steps, run again over their own result.
            let once = run(bytes, version, version + 1);
            let once = once.text.unwrap_or_default();
            let same_dialect = catalog.dialect_at(version) == catalog.dialect_at(version + 1);
            let twice = run(once.as_bytes(), version, version + 1);
            if same_dialect && twice.text != Some(once) {
                wrong("changes again".into(), name, version);
            }
            // On the way there, a branch may stop at any version.
            let halfway = (version + latest) / 2;
            let first = run(bytes, version, halfway);
            let first = first.text.unwrap_or_default();
            let second = run(first.as_bytes(), halfway, latest);
            if second.text != whole.text {
                wrong(format!("is another by way of {halfway}"), name, version);
            }
        }
    }
    println!("{} documents; refused: {rejections:#?}", documents.len());
    assert!(causes.is_empty(), "{causes:#?}");
}
