//! What scripts are written in.

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
    pub(super) fn computes_in(self, quote: u8) -> bool {
        quote == b'"' && matches!(self, Self::PowerShell | Self::Bash)
    }
}
