//! A new name for a thing: where it is defined, and wherever it is referred to.

mod check;
mod model;
mod named;
mod plan;
mod splice;

use crate::catalog::{Catalog, DocumentName};
use crate::ocl::Document;

pub use model::{RenameRefusal, RenameThingError, RenamedDocument, RenamedThing};

use self::model::Refused;
use self::named::Named;
use self::plan::Plan;
use super::kind::UnknownKind;

/// Renames a thing in all documents of a project, in the newest shape: its definition and every reference, and not a byte besides.
///
/// What the result means is checked: everything that named the thing names it by its new name, and everything else what it named
/// before. A name in a template or a script is renamed where it stands.
///
/// ```
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::references::rename_thing;
///
/// let text = "variable \"Host\" {\n    value \"db\" {}\n}\n\nvariable \"Url\" {\n    value \"https://#{ host | ToLower }/\" {}\n}\n";
/// let documents = [("variables".parse()?, Document::parse(text, Dialect::Current)?)];
/// let renamed = rename_thing(&documents, &Catalog::builtin(), "variable", "Host", "Db.Host")?;
/// assert_eq!(
///     renamed.documents[0].text,
///     text.replace("\"Host\"", "\"Db.Host\"").replace("host |", "Db.Host |"),
/// );
/// assert_eq!(renamed.places.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`RenameThingError`]: nothing is guessed. It names every place that is in the way.
pub fn rename_thing(
    documents: &[(DocumentName, Document)],
    catalog: &Catalog,
    kind: &str,
    old: &str,
    new: &str,
) -> Result<RenamedThing, RenameThingError> {
    rename(documents, catalog, kind, old, new).map_err(|refused| RenameThingError {
        kind: kind.to_owned(),
        old: old.to_owned(),
        new: new.to_owned(),
        refusal: refused.refusal,
        places: refused.places,
    })
}

fn rename(
    documents: &[(DocumentName, Document)],
    catalog: &Catalog,
    kind: &str,
    old: &str,
    new: &str,
) -> Result<RenamedThing, Refused> {
    refuse_unnameable(new)?;
    let things = catalog.things();
    let Some(thing) = things.thing(kind) else {
        return Err(RenameRefusal::NoSuchKind(UnknownKind::of(kind, catalog)).into());
    };
    let before = Named::of(documents, catalog)?;
    let plan = Plan::of(&before, things, thing, old, new)?;
    plan.refuse_taken(&before, things)?;
    plan.refuse_computed(&before)?;
    plan.refuse_other_items(&before)?;
    let changes = plan.changes(&before)?;
    let renamed = splice::apply(documents, &before, &changes, new)?;
    let after = Named::of(&renamed, catalog)?;
    check::check(&plan, &before, &after)?;
    let mut result = RenamedThing {
        documents: Vec::new(),
        places: changes.places(&before),
        is_of_server: thing.defined_in.is_empty(),
        also: plan.also(),
    };
    for ((name, document), (new_name, renamed)) in documents.iter().zip(&renamed) {
        if name != new_name || document.text() != renamed.text() {
            result.documents.push(RenamedDocument {
                name: name.clone(),
                new_name: new_name.clone(),
                text: renamed.text().to_owned(),
            });
        }
    }
    if result.documents.is_empty() {
        return Err(RenameRefusal::Unchanged.into());
    }
    Ok(result)
}

/// What no name may be, whatever the kind.
fn refuse_unnameable(new: &str) -> Result<(), Refused> {
    let reason = if new.trim().is_empty() {
        "it is empty"
    } else if new != new.trim() {
        "blanks at its ends don't count"
    } else if new.chars().any(char::is_control) {
        "it has control characters"
    } else {
        return Ok(());
    };
    Err(RenameRefusal::Invalid(reason).into())
}
