//! What imports would bring in again after migrating down.

use std::collections::BTreeMap;

use crate::catalog::DocumentName;
use crate::plan::{Plan, Request, live_imports};
use crate::project::error::LoadError;
use crate::project::read::loaded::Loaded;
use crate::project::read::store_view::ImportRows;
use crate::text::list;

/// What an import of a kind would do when the branch is migrated up again from the target, in words; `None` where it brings in
/// nothing.
pub(crate) fn comes_in_again(loaded: &Loaded, kind: &str) -> Result<Option<String>, LoadError> {
    let (plan, source) = (loaded.plan(), loaded.lift().source());
    let catalog = loaded.project().catalog();
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
