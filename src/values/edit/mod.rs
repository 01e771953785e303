//! Changes of single values, by their addresses.

mod error;
mod model;
mod new_value;
mod plan;

pub use error::ValueEditError;
pub use model::{EditedValue, ValueEdit};
pub use new_value::NewValue;

use self::plan::{Plan, refuse_overlaps};
use super::element::Element;
use crate::catalog::Identity;
use crate::ocl::Editor;

/// Changes values of a document, told apart as its kind's identity says.
///
/// All addresses are read in the document as it is before. A value that is there is replaced. One that isn't is added as an
/// attribute to a block, or as an entry to a dictionary, that is there; a missing block is an error. Nothing else of the text
/// changes. After an error, the editor may hold some of the changes.
///
/// ```
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::ocl::{Dialect, Document};
/// use ocl_migrate::values::{ValueEdit, edit_values};
///
/// let text = "variable \"Retries\" {\n    value \"5\" {} # the default\n    value \"9\" {\n        environment = [\"production\"]\n    }\n}\n";
/// let mut editor = Document::parse(text, Dialect::Current)?.edit();
/// let catalog = Catalog::builtin();
/// edit_values(&mut editor, catalog.identity("variables"), &[
///     ValueEdit::set("variable[\"Retries\"].value{}".parse()?, "7"),
///     ValueEdit::set("variable[\"Retries\"].type".parse()?, "String"),
///     ValueEdit::unset("variable[\"Retries\"].value{environment=production}".parse()?),
/// ])?;
/// assert_eq!(editor.text(), "variable \"Retries\" {\n    type = \"String\"\n\n    value \"7\" {} # the default\n}\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ValueEditError`].
pub fn edit_values(
    editor: &mut Editor,
    identity: &Identity,
    edits: &[ValueEdit],
) -> Result<Vec<EditedValue>, ValueEditError> {
    let root = Element::root(editor.document(), identity);
    let plans = edits.iter().map(|edit| Plan::of(&root, edit));
    let plans: Vec<Plan> = plans.collect::<Result<_, _>>()?;
    refuse_overlaps(&plans)?;
    plans.into_iter().map(|plan| plan.run(editor)).collect()
}
