//! What a user of the command sees: output, errors and exit codes.

mod base_path;
mod clones;
mod diff;
mod doctor;
mod error_json;
mod explain;
mod hostile;
mod html;
mod messages;
mod own_commands;
mod plan;
mod preview;
mod quiet;
mod rehearse;
mod show;
mod signing;
mod status;
mod store;
mod suspicious;
mod terminal;
mod trust;
mod uncertain;
mod unusable_store;
mod verify;
mod verify_back;
mod writing;
