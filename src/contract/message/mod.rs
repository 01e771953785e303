//! Messages of protobuf files, as contracts.
//!
//! A field is the attribute or block of its name. A message is a block, and within a dictionary, where no block can be, a
//! dictionary. A repeated message is as many blocks, any other repeated field a list, and a map a dictionary. The labels of a block
//! are the fields that the catalog names. Documents are walked beside the descriptors: a dynamic message would take `"100"` for a
//! number and `camelCase` names, and refuse numbers with many digits.

mod check;
mod known;
mod read;
mod root;
mod scalar;

pub(super) use check::check;
pub(super) use known::{Known, is_block, is_google_name, value_of};
pub(super) use root::Message;
