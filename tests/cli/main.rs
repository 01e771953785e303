//! What a user of the command sees: output, errors and exit codes.

mod plan;
mod preview;
mod quiet;
mod show;
mod status;
mod support;
