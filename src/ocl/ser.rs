//! Writes values as documents through serde.

use serde::Serialize;

use super::literal::Content;
use super::raw::Dialect;
use super::write::{UNIT, WriteError, Writer};

/// Why a value isn't a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SerializeError {
    /// The value's own `Serialize` failed.
    #[error("{0}")]
    Custom(String),
    /// A document is an object (a struct or map) of attributes and blocks.
    #[error("a document is an object of attributes and blocks, not {0}")]
    NotAnObject(&'static str),
    /// A part of the value has no form in OCL.
    #[error("{0}")]
    NoForm(String),
}

impl From<WriteError> for SerializeError {
    fn from(error: WriteError) -> Self {
        Self::NoForm(error.to_string())
    }
}

/// Writes a value in the server's form: four spaces of indent, attributes in order before blocks (the document's
/// own `name` first), keys in order, texts over several lines as heredocs, no line end after the last line.
///
/// The value is taken as a plain JSON view. A list of objects becomes blocks, an object a dictionary; a block's
/// labels are the strings under `"$labels"`:
///
/// ```
/// use ocl_migrate::ocl::{self, Dialect};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Step {
///     #[serde(rename = "$labels")]
///     labels: [String; 1],
///     properties: std::collections::BTreeMap<String, String>,
/// }
/// #[derive(Serialize)]
/// struct Process {
///     step: Vec<Step>,
/// }
///
/// let properties = [("Octopus.Action.TargetRoles".into(), "web".into())].into();
/// let process = Process { step: vec![Step { labels: ["deploy".into()], properties }] };
/// assert_eq!(
///     ocl::to_string(&process, Dialect::Current)?,
///     "step \"deploy\" {\n    properties = {\n        Octopus.Action.TargetRoles = \"web\"\n    }\n}"
/// );
/// # Ok::<(), ocl::SerializeError>(())
/// ```
///
/// # Errors
/// The value isn't an object, a name isn't valid, or a number is too long.
pub fn to_string<T: Serialize + ?Sized>(
    value: &T,
    dialect: Dialect,
) -> Result<String, SerializeError> {
    let value =
        serde_json::to_value(value).map_err(|error| SerializeError::Custom(error.to_string()))?;
    let body = match Content::from(value) {
        Content::Object(body) => body,
        Content::Null => return Err(SerializeError::NotAnObject("null")),
        Content::Bool(_) => return Err(SerializeError::NotAnObject("a boolean")),
        Content::Number(_) => return Err(SerializeError::NotAnObject("a number")),
        Content::String(_) => return Err(SerializeError::NotAnObject("a string")),
        Content::List(_) => return Err(SerializeError::NotAnObject("a list")),
    };
    let writer = Writer {
        unit: UNIT.to_owned(),
        line_end: "\n",
        dialect,
        sorted: true,
    };
    let mut text = String::new();
    writer.document(&body, &mut text)?;
    Ok(text)
}
