//! Planning by hand: what is removed, imported again, and in Git as well as in the store; and every rule beside the table.

use super::case::{TABLE, TABLE_WITH_REMOVE, catalog, on};
use crate::plan::{LiveImport, Origin, live_imports};
use insta::assert_snapshot;

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
    4 fizz dialect: skip, already_in_shape
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
    // What comes in from above crosses them on its way down.
    let stored = on("fizz: 1 import; unknown: 2, 3, 4").branch(0).to(1);
    assert_snapshot!(stored.project(0).table("fizz@3").text(), @"
    1 fizz import: run from table
      brings fizz@3
      nobody knows 2
      nobody knows 3
    ");
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
