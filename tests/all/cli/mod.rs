//! What a user of the command sees: output, errors and exit codes.

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
mod suspicious;
mod terminal;
mod trust;
mod uncertain;
mod verify;
mod verify_back;
