//! Whether a reader of one contract understands documents of another, without a step.
//!
//! Of messages, what is JSON on the wire must stay as it is, by the rules of buf's category `WIRE_JSON` but those for calls; of JSON
//! Schemas, Confluent's table of differences says what may change. Both look in one direction: the newer contract reads what the
//! older one allows.

mod incompatibility;
mod of_messages;
mod of_schemas;

pub(crate) use incompatibility::Incompatibility;
pub(super) use of_messages::compare as of_messages;
pub(super) use of_schemas::compare as of_schemas;
