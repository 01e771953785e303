//! Where tests put what they make.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// What all tests of a run need at most is half of it.
const ROOM: u64 = 2 << 30;

/// An empty folder, removed with the value.
pub fn folder() -> TempDir {
    TempDir::new_in(place()).unwrap()
}

/// The folder for temporary folders: in memory where there is room, unless `TMPDIR` names another. Tests make and remove files by
/// the hundred thousand, and ext4 searches longer for a place after each.
pub fn place() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let is_named = std::env::var_os("TMPDIR").is_some();
        if !is_named && may_run_programs(memory) && free(memory).is_some_and(|free| free >= ROOM) {
            return memory.to_owned();
        }
        std::env::temp_dir()
    })
}

/// Whether a disk of its own is mounted at a folder, and programs there may be run: tests write hooks.
fn may_run_programs(folder: &Path) -> bool {
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    // DEVICE FOLDER TYPE OPTIONS ..
    let mut mounts = mounts.lines().map(|line| line.split(' ').skip(1));
    mounts.any(|mut mount| {
        mount.next().map(Path::new) == Some(folder)
            && mount
                .nth(1)
                .is_some_and(|options| options.split(',').all(|it| it != "noexec"))
    })
}

/// The free bytes of a folder's disk.
fn free(folder: &Path) -> Option<u64> {
    let told = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    // A heading, and DEVICE SIZE USED FREE ..
    let free = told.lines().nth(1)?.split_whitespace().nth(3)?;
    Some(free.parse::<u64>().ok()? << 10)
}
