//! Planning by hand: the table of the planning rules, and every rule beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalog::{
    Catalog, CatalogParts, DocumentKind, DocumentName, Marker, OnExisting, PathPattern, Step,
};
use crate::plan::{
    LiveImport, Origin, Plan, Request, StoreState, StoredDocument, StoredKind, live_imports,
};
use insta::assert_snapshot;

fn joined(names: &[DocumentName]) -> String {
    let names: Vec<&str> = names.iter().map(DocumentName::as_str).collect();
    names.join(" ")
}

/// A catalog in one line: `fizz: 3 import, 4 modify; buzz: 5 modify`.
///
/// `fizz[]` is a collection, `*` all kinds, `marker` the marker; `unknown: 11, 12` are versions nobody knows.
pub(super) fn catalog(notation: &str) -> Catalog {
    let mut parts = CatalogParts {
        marker: Marker {
            legacy_paths: vec!["old-marker.ocl".into()],
            ..Marker::default()
        },
        ..CatalogParts::new("test", ".octopus")
    };
    for lane in notation.split(';').map(str::trim) {
        let (kind, steps) = lane.split_once(':').expect("a kind, a colon, its steps");
        let steps = steps.split(',').map(str::trim).filter(|s| !s.is_empty());
        if kind == "unknown" {
            parts.unknown_versions = steps.map(|v| v.parse().expect("a version")).collect();
            continue;
        }
        let (name, file) = match kind.strip_suffix("[]") {
            Some(name) => (name, "/*.ocl"),
            None => (kind, ".ocl"),
        };
        if !matches!(kind, "*" | "marker") {
            let path = PathPattern::parse(&format!("{name}{file}")).expect("a path");
            parts.kinds.push(DocumentKind::new(name, path));
        }
        for step in steps {
            let (version, action) = step.split_once(' ').expect("a version and an action");
            let version = version.parse().expect("a version");
            parts.steps.push(match action {
                "import" => Step::import(version, "import", name, OnExisting::Refuse),
                "import keep" => Step::import(version, "import", name, OnExisting::Keep),
                "modify" => Step::modify(version, "modify", name, |_, _| Ok(())),
                "remove" => Step::remove(version, "remove", name),
                "dialect" => Step::dialect(version, "dialect"),
                "rename" if name == "marker" => {
                    let from = PathPattern::parse("old-marker.ocl").expect("a path");
                    Step::rename(version, "rename", "schema_version", from)
                }
                "rename" => {
                    let from = PathPattern::parse(&format!("{name}-{version}{file}"));
                    Step::rename(version, "rename", name, from.expect("a path"))
                }
                other => panic!("no action {other}"),
            });
        }
    }
    Catalog::new(parts).unwrap_or_else(|error| panic!("{error}"))
}

/// What a plan is asked for.
struct Case {
    catalog: Catalog,
    branch: u32,
    target: Option<u32>,
    held: BTreeMap<String, Vec<String>>,
    store: Option<StoreState>,
}

fn on(notation: &str) -> Case {
    Case {
        catalog: catalog(notation),
        branch: 0,
        target: None,
        held: BTreeMap::new(),
        store: None,
    }
}

/// `fizz@5` is a single document in shape 5, `rb/a@3` one of a collection.
fn rows(notation: &str) -> impl Iterator<Item = (&str, Option<StoredDocument>)> {
    notation.split_whitespace().map(|word| {
        let Some((name, shape)) = word.split_once('@') else {
            return (word, None);
        };
        let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
        let document = StoredDocument {
            slug: slug.to_owned(),
            shape: shape.parse().expect("a shape"),
        };
        (kind, Some(document))
    })
}

impl Case {
    fn branch(mut self, version: u32) -> Case {
        self.branch = version;
        self
    }

    fn to(mut self, target: u32) -> Case {
        self.target = Some(target);
        self
    }

    /// There is a store, and the project is at this version.
    fn project(mut self, version: u32) -> Case {
        self.store.get_or_insert_default().project_version = version;
        self
    }

    fn held(mut self, names: &str) -> Case {
        for name in names.split_whitespace() {
            let (kind, slug) = name.split_once('/').unwrap_or((name, ""));
            let slugs = self.held.entry(kind.to_owned()).or_default();
            slugs.push(slug.to_owned());
        }
        self
    }

    fn table(mut self, notation: &str) -> Case {
        for (kind, document) in rows(notation) {
            self.stored(kind).table.push(document.expect("a shape"));
        }
        self
    }

    /// A kind without a shape (`fizz`) was recorded as "there was nothing".
    fn snapshot(mut self, notation: &str) -> Case {
        for (kind, document) in rows(notation) {
            let snapshot = self.stored(kind).snapshot.get_or_insert_default();
            snapshot.extend(document);
        }
        self
    }

    fn stored(&mut self, kind: &str) -> &mut StoredKind {
        let store = self.store.as_mut().expect("`project` comes first");
        store.content.entry(kind.to_owned()).or_default()
    }

    fn plan(&self) -> Result<Plan, String> {
        let request = Request {
            catalog: &self.catalog,
            branch_version: self.branch,
            target: self.target.unwrap_or(self.catalog.server_version()),
            held: self.held.clone(),
            store: self.store.clone(),
        };
        Plan::new(&request).map_err(|error| error.to_string())
    }

    /// The plan as text: a line per row, then what the imports bring in and refuse.
    fn text(&self) -> String {
        let plan = match self.plan() {
            Ok(plan) => plan,
            Err(error) => return format!("error: {error}"),
        };
        let mut text = String::new();
        for row in &plan.rows {
            let step = &self.catalog.steps()[row.step];
            let (version, action) = (step.version(), step.action().name());
            let decision = row.decision.name();
            write!(text, "{version} {} {action}: {decision}", row.kind).expect("a string grows");
            if let Some(source) = row.source {
                write!(text, " from {source}").expect("a string grows");
            }
            if let Some(reason) = row.decision.reason() {
                write!(text, ", {reason}").expect("a string grows");
            }
            for (what, names) in [("kept", &row.kept), ("skipped for", &row.skipped_for)] {
                if !names.is_empty() {
                    write!(text, "; {what} {}", joined(names)).expect("a string grows");
                }
            }
            text.push('\n');
        }
        for import in &plan.imports {
            for document in &import.documents {
                let name = DocumentName::new(&import.kind, &document.slug);
                writeln!(text, "  brings {name}@{}", document.shape).expect("a string grows");
            }
            for (document, why) in &import.refused {
                let name = DocumentName::new(&import.kind, &document.slug);
                writeln!(text, "  refuses {name}: {why}").expect("a string grows");
            }
        }
        for version in &plan.unknown_versions {
            writeln!(text, "  nobody knows {version}").expect("a string grows");
        }
        text
    }

    /// The versions of the steps that run on a document.
    fn versions_for(&self, kind: &str, origin: Origin) -> Vec<u32> {
        let plan = self.plan().expect("a plan");
        let steps = plan.steps_for(&self.catalog, kind, origin).into_iter();
        steps
            .map(|step| self.catalog.steps()[step].version())
            .collect()
    }
}

const TABLE: &str = "fizz: 3 import, 4 modify; buzz: 5 modify";
const TABLE_WITH_REMOVE: &str = "fizz: 3 import, 4 modify, 5 remove; buzz: 5 modify";

// The seven cases of the design's table.

#[test]
fn table_row_in_the_servers_shape() {
    assert_snapshot!(on(TABLE).branch(2).project(2).table("fizz@5").text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
    5 buzz modify: run
      brings fizz@5
    ");
}

#[test]
fn table_row_in_the_shape_of_the_import() {
    assert_snapshot!(on(TABLE).branch(2).project(2).table("fizz@3").text(), @"
    3 fizz import: run from table
    4 fizz modify: run
    5 buzz modify: run
      brings fizz@3
    ");
}

#[test]
fn snapshot_in_the_servers_shape() {
    assert_snapshot!(on(TABLE).branch(2).project(3).snapshot("fizz@5").text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: skip, already_in_shape
    5 buzz modify: run
      brings fizz@5
    ");
}

#[test]
fn snapshot_in_the_shape_of_the_import() {
    assert_snapshot!(on(TABLE).branch(2).project(3).snapshot("fizz@3").text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
      brings fizz@3
    ");
}

#[test]
fn a_branch_that_has_been_through_the_import() {
    assert_snapshot!(on(TABLE).branch(3).project(3).held("fizz").text(), @"
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn imported_and_removed_again_before_the_target() {
    let case = on(TABLE_WITH_REMOVE).branch(2).project(2).table("fizz@5");
    assert_snapshot!(case.text(), @"
    3 fizz import: skip, imported_then_removed
    4 fizz modify: skip, imported_then_removed
    5 buzz modify: run
    5 fizz remove: skip, imported_then_removed
    ");
}

#[test]
fn a_remove_runs_on_a_branch_that_has_the_document() {
    let case = on(TABLE_WITH_REMOVE).branch(3).project(3).held("fizz");
    assert_snapshot!(case.text(), @"
    4 fizz modify: run
    5 buzz modify: run
    5 fizz remove: run
    ");
}

// Where an import reads from.

#[test]
fn the_table_is_read_just_below_the_import_and_the_snapshot_from_it_on() {
    let both = |project| {
        on(TABLE)
            .branch(2)
            .project(project)
            .table("fizz@5")
            .snapshot("fizz@3")
    };
    assert_snapshot!(both(2).text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
    5 buzz modify: run
      brings fizz@5
    ");
    assert_snapshot!(both(3).text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
      brings fizz@3
    ");
    assert_snapshot!(both(5).text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
      brings fizz@3
    ");
}

#[test]
fn the_branch_version_alone_chooses_the_steps() {
    // A fork at version 2 of a project that is at 5: nothing of it was migrated.
    assert_snapshot!(on(TABLE).branch(2).project(5).held("buzz").snapshot("fizz@3").text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
      brings fizz@3
    ");
    // And a branch ahead of its project.
    assert_snapshot!(on(TABLE).branch(4).project(1).held("fizz buzz").text(), @"5 buzz modify: run");
}

#[test]
fn without_a_snapshot_rows_that_never_left_the_table_are_read() {
    assert_snapshot!(on(TABLE).branch(2).project(4).table("fizz@4").text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
    5 buzz modify: run
      brings fizz@4
    ");
}

#[test]
fn a_snapshot_of_nothing_is_not_a_missing_one() {
    assert_snapshot!(on(TABLE).branch(2).project(4).snapshot("fizz").text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn a_snapshot_of_nothing_is_taken_over_rows_that_came_later() {
    assert_snapshot!(on(TABLE).branch(2).project(4).snapshot("fizz").table("fizz@5").text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn a_missing_snapshot_without_rows_is_an_error() {
    assert_snapshot!(on(TABLE).branch(2).project(4).text(), @"error: the import of `fizz` at version 3 reads from its snapshot, because the project is at version 4 already; the store has neither that snapshot nor rows of the kind: restore the store");
}

#[test]
fn an_import_that_does_not_run_needs_no_snapshot() {
    assert_snapshot!(on(TABLE_WITH_REMOVE).branch(2).project(5).text(), @"
    3 fizz import: skip, imported_then_removed
    4 fizz modify: skip, imported_then_removed
    5 buzz modify: run
    5 fizz remove: skip, imported_then_removed
    ");
    assert_snapshot!(on(TABLE).branch(3).project(5).text(), @"
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn an_empty_table_brings_nothing_and_later_steps_run_on_nothing() {
    assert_snapshot!(on(TABLE).branch(2).project(2).text(), @"
    3 fizz import: run from table
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn without_a_store_the_source_is_unknown() {
    assert_snapshot!(on(TABLE).branch(2).text(), @"
    3 fizz import: unknown from unknown, depends_on_store
    4 fizz modify: unknown, depends_on_store
    5 buzz modify: run
    ");
    // What Git holds is known without a store; whether the store holds it too isn't.
    assert_snapshot!(on(TABLE).branch(2).held("fizz").text(), @"
    3 fizz import: unknown from unknown, depends_on_store; kept fizz
    4 fizz modify: run
    5 buzz modify: run
    ");
}

// Shapes.

#[test]
fn steps_run_from_the_shape_on() {
    let lane = "fizz: 3 import, 4 modify, 6 modify, 7 rename, 9 modify";
    for shape in 3..=9 {
        let case = on(lane)
            .branch(2)
            .project(2)
            .table(&format!("fizz@{shape}"));
        let ran = case.versions_for("fizz", Origin::Imported { shape });
        let wanted: Vec<u32> = [4, 6, 7, 9].into_iter().filter(|v| *v > shape).collect();
        assert_eq!(ran, wanted, "shape {shape}");
    }
    // Shape 5 lies in a gap.
    assert_snapshot!(on(lane).branch(2).project(2).table("fizz@5").text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
    6 fizz modify: run
    7 fizz rename: run
    9 fizz modify: run
      brings fizz@5
    ");
}

#[test]
fn a_shape_below_the_import_is_refused() {
    assert_snapshot!(on(TABLE).branch(2).project(2).table("fizz@2").text(), @"
    3 fizz import: run from table
    4 fizz modify: run
    5 buzz modify: run
      refuses fizz: the store's content has shape 2, below its import at version 3: save it again on the server
    ");
    assert_snapshot!(on(TABLE).branch(2).project(5).snapshot("fizz@2").text(), @"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
      refuses fizz: the store's content has shape 2, below its import at version 3: save it again on the server
    ");
}

#[test]
fn a_shape_above_the_target_is_refused() {
    assert_snapshot!(on(TABLE).branch(2).to(4).project(2).table("fizz@5").text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
      brings fizz@5
    ");
    assert_snapshot!(on(TABLE).branch(2).to(4).project(2).table("fizz@4").text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
      brings fizz@4
    ");
}

#[test]
fn a_shape_above_the_server_is_refused() {
    assert_snapshot!(on(TABLE).branch(2).project(2).table("fizz@6").text(), @"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
    5 buzz modify: run
      refuses fizz: the store's content has shape 6, above this server's version 5: upgrade the server
    ");
}

// Life cycles.

#[test]
fn a_remove_without_an_import_runs() {
    let lane = "fizz: 3 modify, 4 remove";
    assert_snapshot!(on(lane).branch(2).project(2).text(), @"
    3 fizz modify: run
    4 fizz remove: run
    ");
    assert_snapshot!(on(lane).branch(3).project(2).text(), @"4 fizz remove: run");
}

#[test]
fn removed_and_imported_again() {
    let lane = "fizz: 1 import, 2 modify, 3 remove, 4 import, 5 modify";
    // From the beginning: the first life passes by, the second is live.
    assert_snapshot!(on(lane).project(0).table("fizz@5").text(), @"
    1 fizz import: skip, imported_then_removed
    2 fizz modify: skip, imported_then_removed
    3 fizz remove: skip, imported_then_removed
    4 fizz import: run from table
    5 fizz modify: skip, already_in_shape
      brings fizz@5
    ");
    // From within the first life: what Git holds ends, then the second begins.
    let within = on(lane).branch(1).project(1).held("fizz").table("fizz@4");
    assert_snapshot!(within.text(), @"
    2 fizz modify: run
    3 fizz remove: run
    4 fizz import: run from table
    5 fizz modify: run
      brings fizz@4
    ");
    assert_eq!(within.versions_for("fizz", Origin::Git), [2, 3]);
    assert_eq!(
        within.versions_for("fizz", Origin::Imported { shape: 4 }),
        [5]
    );
}

#[test]
fn three_lives() {
    let lane = "fizz: 1 import, 2 remove, 3 import, 4 modify, 5 remove, 6 import, 7 modify";
    assert_snapshot!(on(lane).project(0).table("fizz@6").text(), @"
    1 fizz import: skip, imported_then_removed
    2 fizz remove: skip, imported_then_removed
    3 fizz import: skip, imported_then_removed
    4 fizz modify: skip, imported_then_removed
    5 fizz remove: skip, imported_then_removed
    6 fizz import: run from table
    7 fizz modify: run
      brings fizz@6
    ");
    assert_snapshot!(on(lane).to(5).project(0).table("fizz@6").text(), @"
    1 fizz import: skip, imported_then_removed
    2 fizz remove: skip, imported_then_removed
    3 fizz import: skip, imported_then_removed
    4 fizz modify: skip, imported_then_removed
    5 fizz remove: skip, imported_then_removed
    ");
    assert_snapshot!(on(lane).to(4).branch(1).project(0).held("fizz").table("fizz@3").text(), @"
    2 fizz remove: run
    3 fizz import: run from table
    4 fizz modify: run
      brings fizz@3
    ");
}

#[test]
fn a_document_refused_in_its_second_life_does_not_disturb_its_first() {
    let lane = "fizz: 2 import, 3 modify, 4 remove, 6 import, 7 modify";
    let case = on(lane).branch(1).project(1).held("fizz").table("fizz@5");
    assert_snapshot!(case.text(), @"
    2 fizz import: skip, imported_then_removed; kept fizz
    3 fizz modify: run
    4 fizz remove: run
    6 fizz import: run from table
    7 fizz modify: run
      refuses fizz: the store's content has shape 5, below its import at version 6: save it again on the server
    ");
}

#[test]
fn an_uninitialised_branch_imports_everything() {
    let all = "fizz: 1 import, 2 modify; rb[]: 1 import, 3 modify; buzz: 2 modify";
    assert_snapshot!(on(all).project(0).table("fizz@3 rb/a@3 rb/b@2").text(), @"
    1 fizz import: run from table
    1 rb import: run from table
    2 fizz modify: skip, already_in_shape
    2 buzz modify: run
    3 rb modify: run; skipped for rb/a
      brings fizz@3
      brings rb/a@3
      brings rb/b@2
    ");
}

// What Git holds.

#[test]
fn both_git_and_the_store_hold_it() {
    assert_snapshot!(on(TABLE).branch(2).project(2).held("fizz").table("fizz@5").text(), @r#"
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
    5 buzz modify: run
      refuses fizz: both Git and the store's table hold it, and the import at version 3 doesn't say which to take: remove one of them, or let the import say `on_existing = "keep"`
    "#);
    assert_snapshot!(on(TABLE).branch(2).project(3).held("fizz").snapshot("fizz@3").text(), @r#"
    3 fizz import: run from snapshot
    4 fizz modify: run
    5 buzz modify: run
      refuses fizz: both Git and the store's snapshot hold it, and the import at version 3 doesn't say which to take: remove one of them, or let the import say `on_existing = "keep"`
    "#);
}

#[test]
fn keep_lets_the_document_of_git_stay() {
    let keep = "fizz: 3 import keep, 4 modify; buzz: 5 modify";
    assert_snapshot!(on(keep).branch(2).project(2).held("fizz").table("fizz@5").text(), @"
    3 fizz import: run from table; kept fizz
    4 fizz modify: run
    5 buzz modify: run
    ");
    // The kept document's shape is the branch's: what the store has doesn't matter.
    assert_snapshot!(on(keep).branch(2).project(2).held("fizz").table("fizz@2").text(), @"
    3 fizz import: run from table; kept fizz
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn an_import_passes_over_what_only_git_holds() {
    assert_snapshot!(on(TABLE).branch(2).project(2).held("fizz").text(), @"
    3 fizz import: run from table; kept fizz
    4 fizz modify: run
    5 buzz modify: run
    ");
}

#[test]
fn what_git_holds_is_removed_too_where_the_import_is_skipped() {
    let case = on(TABLE_WITH_REMOVE)
        .branch(2)
        .project(2)
        .held("fizz")
        .table("fizz@5");
    assert_snapshot!(case.text(), @"
    3 fizz import: skip, imported_then_removed; kept fizz
    4 fizz modify: run
    5 buzz modify: run
    5 fizz remove: run
    ");
    assert_eq!(case.versions_for("fizz", Origin::Git), [4, 5]);
}

#[test]
fn a_remove_before_the_import_ends_what_git_held() {
    let lane = "fizz: 2 remove, 3 import, 4 modify";
    let case = on(lane).branch(1).project(1).held("fizz").table("fizz@4");
    assert_snapshot!(case.text(), @"
    2 fizz remove: run
    3 fizz import: run from table
    4 fizz modify: skip, already_in_shape
      brings fizz@4
    ");
    assert_eq!(case.versions_for("fizz", Origin::Git), [2]);
}

#[test]
fn a_document_that_was_ended_does_not_run_the_next_life_that_passes() {
    let lane = "fizz: 2 remove, 3 import, 4 modify, 5 remove";
    let case = on(lane).branch(1).project(1).held("fizz").table("fizz@5");
    assert_snapshot!(case.text(), @"
    2 fizz remove: run
    3 fizz import: skip, imported_then_removed
    4 fizz modify: skip, imported_then_removed
    5 fizz remove: skip, imported_then_removed
    ");
    assert_eq!(case.versions_for("fizz", Origin::Git), [2]);
}

#[test]
fn a_collection_is_decided_document_by_document() {
    let keep = "rb[]: 3 import keep, 4 modify, 5 modify";
    let case = on(keep).branch(2).project(2);
    let case = case
        .held("rb/kept rb/only-git")
        .table("rb/kept@5 rb/old@3 rb/mid@4 rb/new@5");
    assert_snapshot!(case.text(), @"
    3 rb import: run from table; kept rb/kept rb/only-git
    4 rb modify: run; skipped for rb/mid rb/new
    5 rb modify: run; skipped for rb/new
      brings rb/old@3
      brings rb/mid@4
      brings rb/new@5
    ");

    let refuse = "rb[]: 3 import, 4 modify";
    let case = on(refuse).branch(2).project(2);
    let case = case
        .held("rb/both rb/only-git")
        .table("rb/both@4 rb/new@4 rb/ancient@1");
    assert_snapshot!(case.text(), @r#"
    3 rb import: run from table; kept rb/only-git
    4 rb modify: run; skipped for rb/new
      brings rb/new@4
      refuses rb/both: both Git and the store's table hold it, and the import at version 3 doesn't say which to take: remove one of them, or let the import say `on_existing = "keep"`
      refuses rb/ancient: the store's content has shape 1, below its import at version 3: save it again on the server
    "#);
}

#[test]
fn a_document_that_is_refused_makes_no_step_run() {
    let lane = "rb[]: 3 import, 4 modify";
    let case = on(lane)
        .branch(2)
        .project(2)
        .held("rb/both")
        .table("rb/both@4 rb/new@4");
    assert_snapshot!(case.text(), @r#"
    3 rb import: run from table
    4 rb modify: skip, already_in_shape
      brings rb/new@4
      refuses rb/both: both Git and the store's table hold it, and the import at version 3 doesn't say which to take: remove one of them, or let the import say `on_existing = "keep"`
    "#);
}

// Steps for all kinds, and for the marker.

#[test]
fn a_step_for_all_kinds_is_a_row_for_each() {
    let all = "fizz: 3 import, 8 modify; buzz: 5 modify; rb[]: 2 import, 7 remove; *: 6 dialect";
    let case = on(all)
        .branch(1)
        .project(1)
        .held("buzz")
        .table("fizz@6 rb/a@2");
    assert_snapshot!(case.text(), @"
    2 rb import: skip, imported_then_removed
    3 fizz import: run from table
    5 buzz modify: run
    6 fizz dialect: skip, already_in_shape
    6 buzz dialect: run
    6 rb dialect: skip, imported_then_removed
    7 rb remove: skip, imported_then_removed
    8 fizz modify: run
      brings fizz@6
    ");
}

#[test]
fn a_step_for_all_kinds_between_two_lives() {
    let lane = "fizz: 2 modify, 3 remove, 5 import, 6 modify; *: 4 dialect";
    let case = on(lane).branch(1).project(1).held("fizz").table("fizz@5");
    assert_snapshot!(case.text(), @"
    2 fizz modify: run
    3 fizz remove: run
    4 fizz dialect: run
    5 fizz import: run from table
    6 fizz modify: run
      brings fizz@5
    ");
    assert_eq!(case.versions_for("fizz", Origin::Git), [2, 3]);
    assert_eq!(
        case.versions_for("fizz", Origin::Imported { shape: 5 }),
        [6]
    );
}

#[test]
fn a_step_for_all_kinds_after_a_remove_runs_on_nothing() {
    let lane = "fizz: 2 modify, 3 remove; *: 4 dialect";
    let case = on(lane).branch(1).project(1).held("fizz");
    assert_snapshot!(case.text(), @"
    2 fizz modify: run
    3 fizz remove: run
    4 fizz dialect: run
    ");
    assert_eq!(case.versions_for("fizz", Origin::Git), [2, 3]);
}

#[test]
fn the_rename_of_the_marker_is_a_row() {
    let case = on("fizz: 2 import, 4 modify; marker: 3 rename")
        .project(0)
        .table("fizz@4");
    assert_snapshot!(case.text(), @"
    2 fizz import: run from table
    3 schema_version rename: run
    4 fizz modify: skip, already_in_shape
      brings fizz@4
    ");
    assert_eq!(case.versions_for("schema_version", Origin::Git), [3]);
}

#[test]
fn within_a_version_steps_run_by_name() {
    // `import` before `modify` before `rename`, whatever kind stands first in the catalog.
    assert_snapshot!(on("a: 2 rename; b: 2 modify; c: 2 import").project(0).text(), @"
    2 c import: run from table
    2 b modify: run
    2 a rename: run
    ");
}

// Versions.

#[test]
fn unknown_versions_on_the_way_are_named() {
    let all = "fizz: 3 modify, 6 modify; unknown: 2, 4, 5, 9";
    assert_snapshot!(on(all).branch(2).to(6).text(), @"
    3 fizz modify: run
    6 fizz modify: run
      nobody knows 4
      nobody knows 5
    ");
    // The newest version may be an unknown one.
    assert_snapshot!(on(all).branch(6).text(), @"  nobody knows 9");
}

#[test]
fn nothing_is_pending_at_the_servers_version() {
    assert_snapshot!(on(TABLE).branch(5).project(5).held("fizz buzz").text(), @"");
}

#[test]
fn versions_that_do_not_fit_are_refused() {
    assert_snapshot!(on(TABLE).branch(6).text(), @"error: the branch is at version 6, and this server only knows versions up to 5: upgrade the server");
    assert_snapshot!(on(TABLE).branch(2).to(6).text(), @"error: version 6 is above this server's version 5");
    assert_snapshot!(on(TABLE).branch(4).to(3).text(), @"4 fizz modify: refuse, one_way");
}

#[test]
fn the_plan_states_its_versions() {
    let plan = on(TABLE)
        .branch(2)
        .to(4)
        .project(3)
        .snapshot("fizz@3")
        .plan()
        .expect("a plan");
    let versions = (plan.branch_version, plan.target, plan.server_version);
    assert_eq!((versions, plan.project_version), ((2, 4, 5), Some(3)));
    assert_eq!(
        on(TABLE).branch(2).plan().expect("a plan").project_version,
        None
    );
}

#[test]
fn keeps_knows_the_documents_by_name() {
    let plan = on("rb[]: 3 import keep")
        .branch(2)
        .project(2)
        .held("rb/a")
        .table("rb/b@3");
    let plan = plan.plan().expect("a plan");
    assert!(plan.kept().any(|name| *name == "rb/a"));
    assert!(!plan.kept().any(|name| *name == "rb/b"));
    assert!(!plan.kept().any(|name| *name == "rb"));
}

#[test]
fn live_imports_are_those_that_run() {
    let all = "fizz: 1 import, 3 remove, 5 import; buzz: 2 import, 6 remove; rb[]: 4 import";
    let catalog = catalog(all);
    let live = |branch, target| -> Vec<String> {
        let imports = live_imports(&catalog, branch, target).into_iter();
        imports
            .map(|LiveImport { kind, version }| format!("{kind}@{version}"))
            .collect()
    };
    assert_eq!(live(0, 6), ["fizz@5", "rb@4"]);
    assert_eq!(live(0, 2), ["fizz@1", "buzz@2"]);
    assert_eq!(live(1, 5), ["fizz@5", "buzz@2", "rb@4"]);
    assert_eq!(live(5, 6), [""; 0]);
    assert_eq!(live(6, 0), [""; 0]);
}
