//! What the step language offers, for documentation that can't go stale.

use super::expression::FUNCTIONS;
pub use super::modify::OPERATIONS;

/// A function of the step language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionReference {
    /// As it is called: `replace(text, search, replacement)`.
    pub signature: &'static str,
    /// What it gives, in a sentence.
    pub summary: &'static str,
    /// An expression that calls it.
    pub example: &'static str,
    /// What the example gives, as JSON.
    pub result: &'static str,
}

/// Every function, in alphabetical order.
///
/// ```
/// use ocl_migrate::catalog::reference::functions;
///
/// assert!(functions().any(|function| function.signature == "unique(text)"));
/// ```
pub fn functions() -> impl Iterator<Item = FunctionReference> {
    FUNCTIONS.iter().map(|function| FunctionReference {
        signature: function.signature,
        summary: function.summary,
        example: function.example.0,
        result: function.example.1,
    })
}
