//! The server of `examples/server.rs`, for a moment: while others commit and pack, every answer is as new as the last
//! commit before it, memory stays flat and no file handles leak.

#[allow(dead_code)] // its `main`
#[path = "../examples/server.rs"]
mod server;

use std::time::Duration;

#[test]
fn a_server_sees_what_others_commit_and_pack_and_does_not_grow() {
    let report = server::soak(Duration::from_secs(4), 2).unwrap();
    report.check().unwrap();
}
