//! References: which things a document names, where, and which it defines, as the catalog declares it.
//!
//! A name stands in a string of its own, in a template (`#{Name}`), or in a script. What it is a name of is compared by keys:
//! two spellings of one name have one key.
//!
//! Architecture Invariant: this room is pure, and a document is looked at once, in order, however many things it names.

mod definitions;
mod doubled;
mod filter;
mod kind;
mod line;
mod model;
mod name;
mod place;
mod rename;
mod walk;

use crate::catalog::{Catalog, DocumentName};
use crate::values::Values;

pub(crate) use doubled::{DoubledBlock, DoubledPairs, doubled_blocks};
pub(crate) use filter::Filter;
pub use kind::UnknownKind;
pub use model::{ConditionError, Definition, Reference, References};
pub use name::{Certainty, Name};
pub use place::ThingPlace;
pub use rename::{RenameRefusal, RenameThingError, RenamedDocument, RenamedThing, rename_thing};

impl<'a> References<'a> {
    /// Those of a document in the newest shape, by what a catalog declares.
    ///
    /// ```
    /// use ocl_migrate::catalog::Catalog;
    /// use ocl_migrate::ocl::{Dialect, Document};
    /// use ocl_migrate::references::References;
    /// use ocl_migrate::values::Values;
    ///
    /// let catalog = Catalog::builtin();
    /// let text = "variable \"Url\" {\n    value \"https://#{Host}/\" {\n        environment = [\"production\"]\n    }\n}\n";
    /// let document = Document::parse(text, Dialect::Current)?;
    /// let values = Values::of(&document, catalog.identity("variables"));
    ///
    /// let found = References::of(values, &"variables".parse()?, &catalog)?;
    /// let names: Vec<_> = found.references.iter().map(|it| (it.kind, it.name.text(), it.line)).collect();
    /// assert_eq!(names, [("variable", "Host", 2), ("environment", "production", 3)]);
    /// assert_eq!(found.definitions[0].names[0].text(), "Url");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConditionError`].
    pub fn of(
        values: Values<'a>,
        document: &DocumentName,
        catalog: &'a Catalog,
    ) -> Result<References<'a>, ConditionError> {
        walk::walk(values, document, catalog.things(), None)
    }

    /// Only those that may be what a filter is made for, and every name that is computed.
    pub(crate) fn that_may_be(
        filter: Option<&Filter>,
        values: Values<'a>,
        document: &DocumentName,
        catalog: &'a Catalog,
    ) -> Result<References<'a>, ConditionError> {
        walk::walk(values, document, catalog.things(), filter)
    }
}
