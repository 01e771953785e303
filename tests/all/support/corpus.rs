//! Where the corpus of real documents and repositories lies.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The corpus' folder. `None` where it isn't there: then the test is skipped, and says so.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("OCL_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    if folder.join("documents.tsv").exists() {
        return Some(folder.canonicalize().unwrap_or(folder));
    }
    skipped("there is no corpus; OCL_CORPUS names its folder");
    None
}

/// Says that the running test is skipped: past the harness, which shows what a passing test prints to nobody.
pub fn skipped(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(std::io::stderr(), "skipped {test}: {why}");
}
