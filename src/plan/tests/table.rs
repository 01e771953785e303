//! Planning by hand: the table of the planning rules, and the shapes of what the store has.

use super::case::{TABLE, TABLE_WITH_REMOVE, on};
use crate::plan::Origin;
use insta::assert_snapshot;

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
