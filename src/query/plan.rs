//! Which conditions of a query a table takes over: SQLite asks before it runs the query.

use rusqlite::vtab::{IndexConstraintOp, IndexInfo};

use super::condition::{Comparison, Pushed, describe};
use super::table::TableInfo;

/// What one scan of a table is to do, as SQLite keeps it.
pub(super) struct Plan {
    /// Which of the table's arguments come first, bit by bit, in the order of the columns.
    pub(super) arguments: i32,
    /// The conditions, in the order of the values that come after the arguments.
    pub(super) text: String,
}

/// Chooses what is pushed down; false where an argument's value isn't known yet, so that SQLite looks at the tables in another
/// order.
///
/// An argument is taken over for good. Everything else SQLite tests again: what is pushed down may let too much through.
pub(super) fn choose(table: &TableInfo, info: &mut IndexInfo) -> rusqlite::Result<bool> {
    let constraints: Vec<(usize, IndexConstraintOp, bool)> = info
        .constraints()
        .map(|it| (column(it.column()), it.operator(), it.is_usable()))
        .collect();
    let mut arguments: Vec<(usize, usize)> = Vec::new();
    for (place, (column, operator, is_usable)) in constraints.iter().enumerate() {
        let is_argument = table.columns.get(*column).is_some_and(|it| it.argument);
        if !is_argument || !matches!(operator, IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ) {
            continue;
        }
        if !is_usable {
            return Ok(false);
        }
        if !arguments.iter().any(|(known, _)| known == column) {
            arguments.push((*column, place));
        }
    }
    arguments.sort_unstable();
    let mut next = 1;
    let mut bits = 0;
    for (column, place) in &arguments {
        let mut usage = info.constraint_usage(*place);
        usage.set_argv_index(next);
        usage.set_omit(true);
        next += 1;
        bits |= 1 << first_argument(table, *column);
    }
    let mut pushed = Vec::new();
    for (place, (column, operator, is_usable)) in constraints.into_iter().enumerate() {
        let is_pushed = table.columns.get(column).is_some_and(|it| it.pushed);
        if !is_pushed || !is_usable {
            continue;
        }
        let comparison = match operator {
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => {
                // Another collation finds more texts equal.
                if !info.collation(place)?.eq_ignore_ascii_case("BINARY") {
                    continue;
                }
                if info.is_in_constraint(place)? {
                    info.set_in_constraint(place, true)?;
                    Comparison::In
                } else {
                    Comparison::Equal
                }
            }
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GLOB => Comparison::Glob,
            IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LIKE => Comparison::Like,
            _ => continue,
        };
        info.constraint_usage(place).set_argv_index(next);
        next += 1;
        pushed.push(Pushed { column, comparison });
    }
    let rows = estimate(table, &arguments, &pushed);
    info.set_estimated_cost(rows);
    info.set_estimated_rows(rows as i64);
    let plan = Plan {
        arguments: bits,
        text: describe(table, &pushed),
    };
    info.set_idx_num(plan.arguments);
    info.set_idx_str(&plan.text);
    Ok(true)
}

/// The place of an argument among the arguments.
fn first_argument(table: &TableInfo, column: usize) -> usize {
    let first = table.columns.iter().position(|column| column.argument);
    column - first.unwrap_or(column)
}

/// The rowid is -1.
fn column(number: i32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// About how many rows a scan has: it decides in which order tables are joined.
fn estimate(table: &TableInfo, arguments: &[(usize, usize)], pushed: &[Pushed]) -> f64 {
    let mut rows: f64 = match table.name {
        "refs" => 1e3,
        "documents" => 1e4,
        "leaves" | "effective" => 1e6,
        _ => 1e5,
    };
    if !arguments.is_empty() {
        rows /= 1e2;
    }
    for condition in pushed {
        let is_one = condition.comparison == Comparison::Equal;
        rows /= match table.columns[condition.column].name {
            "ref" | "name" | "full_name" if is_one => 1e3,
            "address" if is_one => 1e3,
            "document" | "environment" if is_one => 1e1,
            _ => 3.0,
        };
    }
    rows.max(1.0)
}
