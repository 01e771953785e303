//! What imports would bring in again after migrating down.

use std::collections::BTreeMap;

use super::source::GitSource;
use super::store_view::ImportRows;
use crate::catalog::DocumentName;
use crate::plan::{Plan, Request, live_imports};
use crate::project::error::LoadError;
use crate::text::list;

/// An import that is undone, of a kind of which the branch has no document: migrating up again from the target would not give the
/// same.
pub(crate) struct ComesInAgain {
    pub(crate) kind: String,
    /// The import's version.
    pub(crate) import: u32,
    /// What it would do, in words.
    pub(crate) what: String,
}

/// The imports that would bring something in again; what is read is told of them, and what would be written is refused.
pub(crate) fn come_in_again(
    plan: &Plan,
    source: &GitSource,
) -> Result<Vec<ComesInAgain>, LoadError> {
    let catalog = source.project.catalog();
    let mut found = Vec::new();
    // Documents that are there are left out, which is another reason.
    let undone = plan.undone_imports(catalog);
    for row in undone.filter(|row| row.left_out.is_empty()) {
        if let Some(what) = comes_in_again(plan, source, &row.kind)? {
            found.push(ComesInAgain {
                kind: row.kind.clone(),
                import: catalog.steps()[row.step].version(),
                what,
            });
        }
    }
    Ok(found)
}

/// What an import of a kind would do when the branch is migrated up again from the target, in words; `None` where it brings in
/// nothing.
fn comes_in_again(
    plan: &Plan,
    source: &GitSource,
    kind: &str,
) -> Result<Option<String>, LoadError> {
    let catalog = source.project.catalog();
    // All of them: the way up passes the other kinds' too.
    let live = live_imports(catalog, plan.target, plan.branch_version);
    if !live.iter().any(|import| import.kind == kind) {
        return Ok(None);
    }
    let ImportRows::Known(rows) = source.import_rows(&live)? else {
        let unknown = "would bring in something unknown (there is no store that knows the project)";
        return Ok(Some(unknown.to_owned()));
    };
    let up = Plan::new(&Request {
        catalog,
        branch_version: plan.target,
        target: plan.branch_version,
        held: BTreeMap::new(),
        store: Some(rows.state().clone()),
    });
    Ok(match up {
        // What the store lacks is an error then.
        Err(error) => Some(format!("would fail: {error}")),
        Ok(up) => up.import_of(kind).and_then(|import| {
            let documents = import.documents.iter();
            let refused = import.refused.iter().map(|(document, _)| document);
            let names: Vec<String> = documents
                .chain(refused)
                .map(|document| DocumentName::new(kind, &document.slug).to_string())
                .collect();
            (!names.is_empty()).then(|| format!("would bring in {}", list(names)))
        }),
    })
}
