//! Where a contract has something.

use prost_reflect::{FieldDescriptor, FileDescriptor};

/// Where a contract has something; its line is looked for when it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A pointer into a schema.
    Pointer(String),
    /// A file of protobuf by its name in imports, and a descriptor's path in it.
    Path(String, Vec<i32>),
}

impl Place {
    pub(super) fn of(file: &FileDescriptor, path: &[i32]) -> Place {
        Place::Path(file.name().to_owned(), path.to_vec())
    }

    pub(super) fn of_field(field: &FieldDescriptor) -> Place {
        Place::of(&field.parent_message().parent_file(), field.path())
    }
}
