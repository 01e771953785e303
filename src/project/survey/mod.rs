//! Looking at many refs, or closely at one document. Reads only.

pub(crate) mod base_path;
pub(crate) mod cases;
pub(crate) mod dangling;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod folders;
pub(crate) mod last_write;
pub(crate) mod merges;
pub(crate) mod mixed;
pub(crate) mod progress;
pub(crate) mod ref_list;
pub(crate) mod rehearse;
pub(crate) mod retired;
pub(crate) mod status;
pub(crate) mod story;
