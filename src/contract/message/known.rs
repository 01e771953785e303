//! What a field is in a document; Google's own messages that stand for values.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// What such a message is in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Known {
    /// A scalar that may be absent.
    Wrapped(Kind),
    /// A point in time, as RFC 3339 writes it.
    Timestamp,
    /// Seconds: `1.5s`.
    Duration,
    /// A dictionary of anything.
    Dictionary,
    /// A list of anything.
    List,
    /// Any value.
    Anything,
}

/// Whether it is one of the messages that come with protobuf.
pub(super) fn is_google(message: &MessageDescriptor) -> bool {
    is_google_name(message.package_name())
}

/// Whether a package is that of the files that come with protobuf.
pub(in super::super) fn is_google_name(package: &str) -> bool {
    package == "google.protobuf" || package.starts_with("google.protobuf.")
}

impl Known {
    pub(in super::super) fn of(message: &MessageDescriptor) -> Option<Known> {
        let name = message.full_name().strip_prefix("google.protobuf.")?;
        Some(match name {
            "Timestamp" => Known::Timestamp,
            "Duration" => Known::Duration,
            "Struct" => Known::Dictionary,
            "ListValue" => Known::List,
            "Value" => Known::Anything,
            "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value"
            | "UInt32Value" | "BoolValue" | "StringValue" | "BytesValue" => {
                Known::Wrapped(message.get_field(1)?.kind())
            }
            _ => return None,
        })
    }
}

/// The field itself, or of a map the field of its values.
pub(in super::super) fn value_of(field: &FieldDescriptor) -> FieldDescriptor {
    match field.kind() {
        Kind::Message(entry) if field.is_map() => entry.map_entry_value_field(),
        _ => field.clone(),
    }
}

/// Whether a field is a block, or several, where there can be any.
pub(in super::super) fn is_block(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(message) => !field.is_map() && Known::of(&message).is_none(),
        _ => false,
    }
}
