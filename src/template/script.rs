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

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

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
    // Most scripts name no variable so, and searching for a word is many times faster.
    let bytes = script.as_bytes();
    let named = ["ctopus", "CTOPUS"]
        .iter()
        .any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some());
    if !named {
        return Vec::new();
    }
    let mut found: Vec<ScriptName<'_>> = Vec::new();
    for (taken_by, pattern) in patterns() {
        if syntax.is_some_and(|syntax| !taken_by.contains(&syntax)) {
            continue;
        }
        for captures in pattern.captures_iter(script) {
            let Some(name) = captures.iter().skip(1).flatten().next() else {
                continue;
            };
            let quote = name.start().checked_sub(1).map_or(b' ', |at| bytes[at]);
            let computes = match syntax {
                Some(syntax) => syntax.computes_in(quote),
                None => taken_by.iter().any(|syntax| syntax.computes_in(quote)),
            };
            found.push(ScriptName {
                name: name.as_str(),
                place: name.range(),
                computed: computes && name.as_str().contains(['$', '`']),
            });
        }
    }
    found.sort_by_key(|name| name.place.start);
    found.dedup_by_key(|name| name.place.start);
    found
}

/// How each syntax names a variable. The name is what the first group that takes part has matched.
fn patterns() -> &'static [(&'static [Syntax], Regex)] {
    use Syntax::{Bash, CSharp, FSharp, PowerShell, Python};
    static PATTERNS: OnceLock<Vec<(&[Syntax], Regex)>> = OnceLock::new();
    const QUOTED: &str = r#"(?:"([^"\r\n]+)"|'([^'\r\n]+)')"#;
    PATTERNS.get_or_init(|| {
        let pattern = |text: String| Regex::new(&text).expect("a test uses every pattern");
        vec![
            (
                &[PowerShell, CSharp, FSharp, Python][..],
                // PowerShell doesn't mind case; `ContainsKey` asks for the same name.
                pattern(format!(
                    r"(?i:\bOctopus\.?Parameters)\s*(?:\.?\[|(?i:\.(?:Contains(?:Key)?|(?:get_)?Item|Get)\s*\())\s*{QUOTED}"
                )),
            ),
            (
                &[Bash, Python],
                pattern(format!(
                    r"\bget_octopusvariable(?:[ \t]+|\s*\(\s*){QUOTED}"
                )),
            ),
            // A word without quotes. A dollar sign before it would make it a variable of the script.
            (
                &[Bash],
                pattern(r"\bget_octopusvariable[ \t]+([\w:/~@-]+(?:\.[\w:/~@-]+)*)".into()),
            ),
            (
                &[FSharp],
                pattern(format!(
                    r"\bOctopus\.(?:tryFindVariable|findVariable|findVariableOrDefault\s+(?:\([^()\r\n]*\)|{ARGUMENT}))\s+{QUOTED}",
                    ARGUMENT = r#""[^"\r\n]*"|[\w.]+"#
                )),
            ),
        ]
    })
}
