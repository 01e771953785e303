//! What the server itself migrated, migrated again.

#[path = "../../../examples/replay.rs"]
#[allow(dead_code)] // its `main`
mod example;

use example::Replay;

use crate::support::corpus;

#[test]
fn documents_get_the_values_that_the_server_gave_them() {
    let Some(corpus) = corpus() else { return };
    let replay = Replay::run(&corpus).expect("the corpus can be replayed");
    assert!(replay.len() >= 78, "only {} migrations", replay.len());
    assert!(replay.agrees(), "{replay}");
}
