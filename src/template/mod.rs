//! The substitution language in strings: `#{Name}`, its filters, conditions, loops and calculations.
//!
//! Octopus calls it Octostache. A [`Template`] is a text and the names that it refers to, each with its exact place; a new
//! name can be written there, byte by byte. Names in scripts (`$OctopusParameters["X"]`) are in [`script`].
//!
//! ```
//! use ocl_migrate::template::{Reading, Template};
//!
//! let text = "#{each machine in Machines}#{machine.Name | ToUpper}: #{Port}#{/each}";
//! let template = Template::read(text, Reading::Value);
//! let names: Vec<_> = template
//!     .names()
//!     .iter()
//!     .filter(|name| name.local.is_none())
//!     .map(|name| &text[name.path.place()])
//!     .collect();
//! assert_eq!(names, ["Machines", "Port"]);
//! ```
//!
//! Architecture Invariant: this room knows nothing of documents and variables, and uses no other room.

mod calculation;
mod character;
mod grammar;
mod items;
mod model;
mod path;
mod rename;
mod scan;
pub mod script;
mod walk;

use std::ops::Range;

pub use model::{
    Filter, Local, Loop, MAX_DEPTH, Mistake, MistakeKind, Name, Part, PartKind, Reading, Role,
    Template,
};
pub use path::{Path, Prefix, Step, StepKind};
pub use rename::RenameError;

impl<'t> Template<'t> {
    /// Reads a text. Every text can be read: what isn't the language is text, and said to be a [mistake](Self::mistakes).
    #[must_use]
    pub fn read(text: &'t str, reading: Reading) -> Template<'t> {
        walk::read(text, reading)
    }

    /// The text with a new name in some places, and otherwise the same to the byte. A place is that of a name's path or of one
    /// of its [prefixes](Path::prefixes).
    ///
    /// ```
    /// use ocl_migrate::template::{Reading, Template};
    ///
    /// let template = Template::read("#{Db.Host | ToLower}:#{Db.Port}", Reading::Value);
    /// let places: Vec<_> = template
    ///     .names()
    ///     .iter()
    ///     .filter_map(|name| name.path.prefixes().find(|prefix| prefix.key == "DB"))
    ///     .map(|prefix| prefix.place)
    ///     .collect();
    /// assert_eq!(template.rename(&places, "Database")?, "#{Database.Host | ToLower}:#{Database.Port}");
    /// # Ok::<(), ocl_migrate::template::RenameError>(())
    /// ```
    ///
    /// # Errors
    /// If a place isn't one of a name, or if the language can't say the new name there: nothing else may come to mean
    /// something else.
    pub fn rename(&self, places: &[Range<usize>], name: &str) -> Result<String, RenameError> {
        rename::rename(self, places, name)
    }
}
