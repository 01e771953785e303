//! References from one part of a schema to another.

use serde_json::Value;

/// What a subschema refers to by a pointer within the schema.
pub(in super::super) fn resolve<'s>(root: &'s Value, schema: &'s Value) -> Option<&'s Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    // An anchor is no pointer; references to them are for the validator alone.
    let is_pointer = pointer.is_empty() || pointer.starts_with('/');
    is_pointer.then(|| root.pointer(pointer)).flatten()
}
