//! What a user of the command sees: output, errors and exit codes.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

mod doctor;
mod explain;
mod hostile;
mod html;
mod messages;
mod plan;
mod preview;
mod quiet;
mod rehearse;
mod show;
mod status;
mod support;
mod suspicious;
mod terminal;
mod verify;
mod verify_back;
