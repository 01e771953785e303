//! What PostgreSQL's catalogs say of the store's tables.

use std::collections::BTreeMap;

use super::versions;
use crate::store::server::connection::{Connection, Failure, Layout, Record};

/// The tables of this dialect.
pub(super) static LAYOUT: Layout = Layout {
    schemas: versions::SCHEMAS,
    #[cfg(feature = "fault-injection")]
    next: versions::NEXT,
    names,
    differences,
};

/// The names of the tables where the store's would be made.
fn names(connection: &mut dyn Connection) -> Result<Vec<String>, Failure> {
    let found = connection.query(
        "SELECT convert_to(relname, 'UTF8') FROM pg_catalog.pg_class
         WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p', 'v', 'm', 'f')
           AND relname LIKE 'oclm\\_%' ORDER BY relname",
        &[],
    )?;
    found.into_iter().map(|mut record| record.text()).collect()
}

/// What there is: each part by what it is and which table it is of, with its definition.
pub(super) type Parts = BTreeMap<String, String>;

/// Everything that has a definition, by what it is: of the tables in a schema, the one that `$SCHEMA` is.
const DEFINITIONS: &str = "
    WITH tables AS (
      SELECT oid, relname, relpersistence, relrowsecurity, relkind FROM pg_catalog.pg_class
      WHERE relnamespace = $SCHEMA AND relkind IN ('r', 'p', 'v', 'm', 'f') AND relname LIKE 'oclm\\_%'
    ), defined (what, definition) AS (
      SELECT format('table %s', relname), format('%s%s', CASE relkind WHEN 'r' THEN 'a table' ELSE 'no table, but of kind ' || relkind::TEXT END,
          CASE WHEN relrowsecurity THEN ' with row security' END)
        FROM tables
      UNION ALL
      SELECT format('column %s.%s', relname, attname), concat_ws(' ', format_type(atttypid, atttypmod),
          CASE WHEN attnotnull THEN 'not null' END, 'identity ' || nullif(CAST(attidentity AS TEXT), ''),
          'default ' || pg_get_expr(adbin, adrelid))
        FROM tables JOIN pg_catalog.pg_attribute ON attrelid = tables.oid
        LEFT JOIN pg_catalog.pg_attrdef ON adrelid = tables.oid AND adnum = attnum
        WHERE attnum > 0 AND NOT attisdropped
      UNION ALL
      SELECT format('constraint %s of %s', conname, relname),
          pg_get_constraintdef(pg_constraint.oid, true) || CASE WHEN convalidated THEN '' ELSE ' not validated' END
        FROM tables JOIN pg_catalog.pg_constraint ON conrelid = tables.oid
      UNION ALL
      SELECT format('index %s of %s', indexes.relname, tables.relname),
          pg_get_indexdef(indexrelid, 0, true) || CASE WHEN indisvalid THEN '' ELSE ' not valid' END
        FROM tables JOIN pg_catalog.pg_index ON indrelid = tables.oid
        JOIN pg_catalog.pg_class AS indexes ON indexes.oid = indexrelid
      UNION ALL
      SELECT format('trigger %s of %s', tgname, relname), pg_get_triggerdef(pg_trigger.oid, true)
        FROM tables JOIN pg_catalog.pg_trigger ON tgrelid = tables.oid WHERE NOT tgisinternal
    )
    SELECT convert_to(what, 'UTF8'), convert_to(definition, 'UTF8') FROM defined";

/// What differs from what statements make of nothing, which is tried with temporary tables.
fn differences(connection: &mut dyn Connection, whole: &str) -> Result<Vec<String>, Failure> {
    let found = definitions(connection, "to_regnamespace(quote_ident(current_schema()))")?;
    let mut differences = Vec::new();
    let unlogged = connection.query(
        "SELECT convert_to(relname, 'UTF8') FROM pg_catalog.pg_class
         WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind = 'r'
           AND relname LIKE 'oclm\\_%' AND relpersistence <> 'p' ORDER BY relname",
        &[],
    )?;
    for mut table in unlogged {
        differences.push(format!(
            "table {}: a crash of the server would empty it (UNLOGGED)",
            table.text()?
        ));
    }
    connection.batch("SET LOCAL search_path = pg_temp")?;
    connection.batch(whole)?;
    let expected = definitions(connection, "pg_my_temp_schema()")?;
    differences.extend(compared(&expected, &found));
    Ok(differences)
}

/// How what there is differs from what should be.
pub(super) fn compared(expected: &Parts, found: &Parts) -> Vec<String> {
    let mut differences = Vec::new();
    for (what, definition) in expected {
        match found.get(what) {
            // Its columns, constraints and indexes went with it.
            None if is_of_missing_table(what, expected, found) => {}
            None => differences.push(format!("{what} is missing: {definition}")),
            Some(other) if other != definition => {
                differences.push(format!("{what} is {other}, and should be {definition}"));
            }
            Some(_) => {}
        }
    }
    for (what, definition) in found {
        // An index more changes no answer; what keeps one alone is a constraint too.
        if !expected.contains_key(what) && !what.starts_with("index ") {
            differences.push(format!("{what} is there, and shouldn't be: {definition}"));
        }
    }
    differences
}

fn is_of_missing_table(what: &str, expected: &Parts, found: &Parts) -> bool {
    let table = match what.strip_prefix("column ") {
        Some(column) => column.split_once('.').map(|(table, _)| table),
        None => what.rsplit_once(" of ").map(|(_, table)| table),
    };
    table.is_some_and(|table| {
        let table = format!("table {table}");
        expected.contains_key(&table) && !found.contains_key(&table)
    })
}

fn definitions(connection: &mut dyn Connection, schema: &str) -> Result<Parts, Failure> {
    let found = connection.query(&DEFINITIONS.replace("$SCHEMA", schema), &[])?;
    let both = |mut record: Record| Ok((record.text()?, record.text()?));
    found.into_iter().map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_table_is_one_difference() {
        let parts = |of: &[&str]| -> Parts {
            let parts = of.iter().flat_map(|table| {
                [
                    format!("table {table}"),
                    format!("column {table}.id"),
                    format!("constraint {table}_key of {table}"),
                    format!("index {table}_key of {table}"),
                ]
            });
            parts.map(|part| (part, "so".to_owned())).collect()
        };
        let expected = parts(&["oclm_lookups", "oclm_projects"]);
        let mut found = parts(&["oclm_projects"]);
        assert_eq!(
            compared(&expected, &found),
            ["table oclm_lookups is missing: so"]
        );
        found.remove("column oclm_projects.id");
        assert_eq!(
            compared(&expected, &found),
            [
                "column oclm_projects.id is missing: so",
                "table oclm_lookups is missing: so"
            ]
        );
    }
}
