//! What a user of the command sees: output, errors and exit codes.

#![allow(clippy::unwrap_used)] // a test that cannot go on says where

mod plan;
mod preview;
mod quiet;
mod show;
mod status;
mod support;
mod verify;
