//! Which rows of the store's table are never read: what plans say, over all of them.

use std::collections::BTreeMap;

use super::case::catalog;
use crate::catalog::{Action, Catalog};
use crate::plan::{
    NeverRead, Plan, Request, Source, StoreState, StoredDocument, StoredKind, live_imports,
    never_read,
};

/// Whether any plan, from any version to any higher one, brings the table's only row in.
fn is_read(catalog: &Catalog, shape: u32, project_version: u32, recorded: &[u32]) -> bool {
    let row = StoredDocument {
        slug: String::new(),
        shape,
    };
    let server = catalog.server_version();
    let ways =
        (0..server).flat_map(|branch| (branch + 1..=server).map(move |target| (branch, target)));
    ways.into_iter().any(|(branch_version, target)| {
        let live = live_imports(catalog, branch_version, target).into_iter();
        let content = live.map(|import| {
            let stored = StoredKind {
                table: vec![row.clone()],
                snapshot: recorded.contains(&import.version).then(Vec::new),
            };
            (import.kind, stored)
        });
        let plan = Plan::new(&Request {
            catalog,
            branch_version,
            target,
            held: BTreeMap::new(),
            store: Some(StoreState {
                project_version,
                content: content.collect(),
            }),
        });
        let imports = plan.expect("a plan").imports;
        imports
            .iter()
            .any(|import| import.source == Source::Table && import.documents.contains(&row))
    })
}

#[test]
fn a_row_is_never_read_where_no_plan_reads_it() {
    let mut counts = [0, 0];
    for notation in [
        "fizz: 3 import, 4 modify; buzz: 6 modify",
        "fizz: 2 import, 4 remove, 6 import, 7 modify",
        "fizz: 2 import, 4 remove; buzz: 6 modify",
        "fizz: 1 import, 3 rename; buzz: 5 modify; marker: 4 rename",
        "fizz: 4 modify",
    ] {
        let catalog = catalog(notation);
        let steps = catalog.steps().iter();
        let imports: Vec<u32> = steps
            .filter(|step| matches!(step.action(), Action::Import(_)))
            .map(|step| step.version())
            .collect();
        for project_version in 0..=catalog.server_version() {
            let passed = imports.iter().filter(|import| **import <= project_version);
            let passed: Vec<u32> = passed.copied().collect();
            for which in 0..1_u32 << passed.len() {
                let mut recorded = passed.clone();
                let mut bit = 0;
                recorded.retain(|_| {
                    bit += 1;
                    which >> (bit - 1) & 1 == 1
                });
                for shape in 1..=catalog.server_version() + 1 {
                    let why = never_read(&catalog, "fizz", shape, project_version, &recorded);
                    let read = is_read(&catalog, shape, project_version, &recorded);
                    assert_eq!(
                        why.is_none(),
                        read,
                        "{notation}: shape {shape}, project {project_version}, recorded {recorded:?}: {why:?}"
                    );
                    counts[usize::from(read)] += 1;
                }
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 20), "{counts:?}");
}

#[test]
fn the_reason_names_the_import() {
    let catalog = catalog("fizz: 2 import, 4 remove, 6 import; buzz: 3 modify");
    let why = |kind, shape, recorded: &[u32]| never_read(&catalog, kind, shape, 6, recorded);
    let kind = || "fizz".to_owned();
    let below = |shape, import| NeverRead::BelowImport {
        kind: kind(),
        shape,
        import,
    };
    assert_eq!(why("fizz", 1, &[]), Some(below(1, 2)));
    assert_eq!(why("fizz", 5, &[]), Some(below(5, 6)));
    let recorded = NeverRead::Recorded {
        kind: kind(),
        import: 6,
    };
    assert_eq!(why("fizz", 6, &[2, 6]), Some(recorded));
    let above = NeverRead::AboveServer {
        kind: kind(),
        shape: 7,
        server: 6,
    };
    assert_eq!(why("fizz", 7, &[]), Some(above));
    let none = NeverRead::NoImport {
        kind: "buzz".into(),
    };
    assert_eq!(why("buzz", 3, &[]), Some(none));
}
