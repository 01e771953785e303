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

use std::ops::Range;

use self::calls::{WAYS, mentions};

/// What a script is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// `$OctopusParameters["X"]`
    PowerShell,
    /// `get_octopusvariable "X"`
    Bash,
    /// `Octopus.Parameters["X"]` or `OctopusParameters["X"]`
    CSharp,
    /// `Octopus.findVariable "X"` and its likes
    FSharp,
    /// `get_octopusvariable("X")`
    Python,
}

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

impl Syntax {
    /// The syntax that a property such as `Octopus.Action.Script.Syntax` names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Syntax> {
        [
            ("PowerShell", Syntax::PowerShell),
            ("Bash", Syntax::Bash),
            ("CSharp", Syntax::CSharp),
            ("FSharp", Syntax::FSharp),
            ("Python", Syntax::Python),
        ]
        .into_iter()
        .find_map(|(known, syntax)| known.eq_ignore_ascii_case(name).then_some(syntax))
    }

    /// The syntax of a file by its extension, with or without what stands before: `Octopus.Action.CustomScripts.Deploy.ps1`.
    #[must_use]
    pub fn from_extension(name: &str) -> Option<Syntax> {
        let extension = name.rsplit('.').next()?;
        [
            ("ps1", Syntax::PowerShell),
            ("sh", Syntax::Bash),
            ("csx", Syntax::CSharp),
            ("fsx", Syntax::FSharp),
            ("py", Syntax::Python),
        ]
        .into_iter()
        .find_map(|(known, syntax)| known.eq_ignore_ascii_case(extension).then_some(syntax))
    }

    /// Whether a string in these quotes may hold code.
    fn computes_in(self, quote: u8) -> bool {
        quote == b'"' && matches!(self, Self::PowerShell | Self::Bash)
    }
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
