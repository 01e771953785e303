//! What the store records when the last row of a kind is removed by hand.

use crate::catalog::Catalog;
use crate::plan::passing_imports;
use crate::store::{Error, ProjectKey, Store};

/// Records that there is nothing to import of a kind that has no row any more, for imports which the project has passed together with
/// the removal behind them: branches between the two ask for that. For whoever removes rows with [`Store::remove_document`]. `time` is now, in seconds since 1970. Returns whether anything
/// was recorded.
///
/// # Errors
/// Where the store can't be written.
pub fn record_emptied(
    catalog: &Catalog,
    store: &dyn Store,
    key: &ProjectKey,
    kind: &str,
    time: i64,
) -> Result<bool, Error> {
    let mut write = store.write(key)?;
    let version = write.version()?.unwrap_or_default();
    let mut passed = passing_imports(catalog, 0, version);
    passed.retain(|import| import.kind == kind);
    if passed.is_empty() || !write.documents(kind)?.is_empty() {
        return Ok(false);
    }
    let recorded = write.recorded_imports()?;
    passed.retain(|import| {
        let mut recorded = recorded.iter();
        !recorded.any(|it| (&it.kind, it.import_version) == (&import.kind, import.version))
    });
    for import in &passed {
        write.record_snapshot(kind, import.version, &[], time)?;
    }
    write.commit()?;
    Ok(!passed.is_empty())
}
