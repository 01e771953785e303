//! What may enter a store. The tables' own CHECK constraints state the same limits.

use std::collections::BTreeSet;

use super::error::Error;
use super::model::{Intent, LookupEntry, ProjectKey, Row, Scope, StoredCatalog};

/// The longest name of a tenant, project, ref, commit or lookup table or key, in bytes.
pub const MAX_NAME_BYTES: usize = 4096;
/// The longest document kind, in bytes.
pub const MAX_KIND_BYTES: usize = 256;
/// The longest slug, in bytes. Slugs may hold slashes.
pub const MAX_SLUG_BYTES: usize = 4096;
/// The largest content of a document, in bytes of UTF-8.
pub const MAX_CONTENT_BYTES: usize = 64 << 20;
/// The largest value of a lookup, in bytes of JSON.
pub const MAX_VALUE_BYTES: usize = 1 << 20;
/// How many characters of a name that may be too long are shown.
const MOST_NAMED: usize = 60;

pub(super) fn check_project(project: &ProjectKey) -> Result<(), Error> {
    text("the tenant", &project.tenant, 0, MAX_NAME_BYTES)?;
    text("the project's name", &project.name, 1, MAX_NAME_BYTES)
}

pub(super) fn check_scope(scope: &Scope) -> Result<(), Error> {
    match scope {
        Scope::Project(project) => check_project(project),
        Scope::Tenant(tenant) => text("the tenant", tenant, 0, MAX_NAME_BYTES),
    }
}

pub(super) fn check_kind(kind: &str) -> Result<(), Error> {
    text("the document kind", kind, 1, MAX_KIND_BYTES)
}

pub(super) fn check_slug(slug: &str) -> Result<(), Error> {
    text("the slug", slug, 0, MAX_SLUG_BYTES)
}

/// Each entry on its own, and that no two have the same table and key. Their values, as JSON text.
pub(super) fn check_lookups(entries: &[LookupEntry]) -> Result<Vec<String>, Error> {
    let mut seen = BTreeSet::new();
    let mut values = Vec::with_capacity(entries.len());
    for LookupEntry { table, key, value } in entries {
        text(&named("the lookup table", table), table, 1, MAX_NAME_BYTES)?;
        let of_table = |what: &str| format!("{what} of the lookup table {table:?}");
        text(&of_table(&named("the key", key)), key, 0, MAX_NAME_BYTES)?;
        let of_key = || of_table(&named("the value under the key", key));
        let json = value.to_string();
        size(&of_key(), json.len(), MAX_VALUE_BYTES)?;
        if !seen.insert((table, key)) {
            return Err(invalid(&of_key(), "it is given twice"));
        }
        values.push(json);
    }
    Ok(values)
}

/// What has a name, with as much of it as tells which one it is.
fn named(what: &str, name: &str) -> String {
    let (shown, is_whole) = match name.char_indices().nth(MOST_NAMED) {
        Some((end, _)) => (&name[..end], false),
        None => (name, true),
    };
    format!("{what} {shown:?}{}", if is_whole { "" } else { "…" })
}

pub(super) fn check_catalog(catalog: &StoredCatalog) -> Result<(), Error> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if catalog.digest.len() != 64 || !catalog.digest.bytes().all(is_hex) {
        return Err(invalid(
            "the catalog's digest",
            "it must be 64 digits of lower-case hex",
        ));
    }
    check_version("the catalog's version", catalog.version)?;
    size("the catalog", catalog.content.len(), MAX_CONTENT_BYTES)
}

pub(super) fn check_version(what: &str, version: u32) -> Result<(), Error> {
    match version {
        0 => Err(invalid(what, "it must be positive")),
        _ => Ok(()),
    }
}

/// Each row on its own, and that no two have the same kind and slug.
pub(super) fn check_rows(rows: &[Row]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for row in rows {
        check_kind(&row.kind)?;
        check_slug(&row.slug)?;
        let what = match row.slug.as_str() {
            "" => row.kind.clone(),
            slug => [row.kind.as_str(), slug].join("/"),
        };
        size(&what, row.content.len(), MAX_CONTENT_BYTES)?;
        if row.shape == 0 {
            return Err(invalid(&what, "its shape must be positive"));
        }
        if !seen.insert((&row.kind, &row.slug)) {
            return Err(invalid(&what, "it is given twice"));
        }
    }
    Ok(())
}

/// The rows of one import.
pub(super) fn check_import(kind: &str, import_version: u32, rows: &[Row]) -> Result<(), Error> {
    check_kind(kind)?;
    check_version("the import's version", import_version)?;
    if let Some(row) = rows.iter().find(|row| row.kind != kind) {
        return Err(invalid(
            &row.kind,
            "it is given among the rows of another kind",
        ));
    }
    check_rows(rows)
}

/// An effect of an import.
pub(super) fn check_effect(kind: &str, import_version: u32, effect: &str) -> Result<(), Error> {
    check_import(kind, import_version, &[])?;
    text("the effect's name", effect, 1, MAX_NAME_BYTES)
}

pub(super) fn check_outcome(kind: &str, import_version: u32, outcome: &str) -> Result<(), Error> {
    check_import(kind, import_version, &[])?;
    size("the effect's outcome", outcome.len(), MAX_VALUE_BYTES)
}

/// An intent's imports as JSON text, if it may be stored.
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub(super) fn intent_imports(intent: &Intent) -> Result<String, Error> {
    check_intent(intent)?;
    serde_json::to_string(&intent.imports)
        .map_err(|error| invalid("the intent", &error.to_string()))
}

pub(super) fn check_intent(intent: &Intent) -> Result<(), Error> {
    text("the ref's name", &intent.ref_name, 1, MAX_NAME_BYTES)?;
    if let Some(old) = &intent.old {
        text("the old commit", old, 1, MAX_NAME_BYTES)?;
    }
    text("the new commit", &intent.new, 1, MAX_NAME_BYTES)?;
    check_version("the target", intent.target)?;
    let mut seen = BTreeSet::new();
    for import in &intent.imports {
        check_import(&import.kind, import.import_version, &import.rows)?;
        text("the hash", &import.hash, 0, MAX_NAME_BYTES)?;
        if !seen.insert(&import.kind) {
            return Err(invalid(&import.kind, "an intent takes a kind's rows once"));
        }
    }
    Ok(())
}

fn text(what: &str, value: &str, least: usize, most: usize) -> Result<(), Error> {
    if value.len() < least {
        return Err(invalid(what, "it is empty"));
    }
    size(what, value.len(), most)?;
    match value.chars().find(|c| c.is_control()) {
        Some(c) => {
            let found = u32::from(c);
            Err(invalid(
                what,
                &format!("it holds the control character U+{found:04X}"),
            ))
        }
        None => Ok(()),
    }
}

fn size(what: &str, bytes: usize, most: usize) -> Result<(), Error> {
    if bytes > most {
        return Err(invalid(
            what,
            &format!("it has {bytes} bytes, and {most} are allowed"),
        ));
    }
    Ok(())
}

fn invalid(what: &str, why: &str) -> Error {
    Error::Invalid {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}
