//! Names of variables in scripts: `$OctopusParameters["X"]`, `get_octopusvariable "X"` and their likes.
//!
//! A script's comments and strings aren't understood, nor is what it computes: a name found here is likely, not certain.
//!
//! ```
//! use ocl_migrate::template::script::{Syntax, names};
//!
//! let script = "$url = $OctopusParameters['Service.Url']";
//! let found = names(script, Some(Syntax::PowerShell));
//! assert_eq!(found[0].name, "Service.Url");
//! assert_eq!(&script[found[0].place.clone()], "Service.Url");
//! ```

mod calls;
mod syntax;

use std::ops::Range;

use self::calls::{WAYS, mentions};
pub use self::syntax::Syntax;

/// A name of a variable in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptName<'t> {
    /// The name as it is written. [`Path::read`](super::Path::read) tells its steps.
    pub name: &'t str,
    /// Where it stands, without its quotes, in bytes.
    pub place: Range<usize>,
    /// Whether the script computes a part of it: `"Url.$region"`.
    pub computed: bool,
}

/// The names in a script, in the order of their places. Without a syntax, every way to name one is tried.
#[must_use]
pub fn names(script: &str, syntax: Option<Syntax>) -> Vec<ScriptName<'_>> {
    let mentions = mentions(script);
    let mut found: Vec<ScriptName<'_>> = Vec::new();
    for way in WAYS {
        let taken_by = way.taken_by;
        if mentions.is_empty() || syntax.is_some_and(|syntax| !taken_by.contains(&syntax)) {
            continue;
        }
        for call in way.calls(script, &mentions) {
            let name = &script[call.name.clone()];
            let quote = script.as_bytes()[call.name.start - 1];
            let computes = match syntax {
                Some(syntax) => syntax.computes_in(quote),
                None => taken_by.iter().any(|syntax| syntax.computes_in(quote)),
            };
            found.push(ScriptName {
                name,
                place: call.name,
                computed: computes && name.contains(['$', '`']),
            });
        }
    }
    found.sort_by_key(|name| name.place.start);
    found.dedup_by_key(|name| name.place.start);
    found
}
