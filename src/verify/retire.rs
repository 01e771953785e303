//! What a baseline leaves of the snapshots.

use super::files::Files;
use super::snapshots::version_of;
use crate::catalog::Catalog;

/// The files of a snapshots' folder for a catalog that got a baseline; `before` is the catalog without it.
///
/// What lies below the baseline goes. Documents that arrive there are taken from the baseline's own snapshot: a server that still
/// has them has saved them again.
pub fn retired_snapshots(files: &Files, before: &Catalog, catalog: &Catalog) -> Files {
    let baseline = catalog.lowest_version();
    let at_baseline = files.below(&format!("v{baseline}"));
    let mut left = Files::default();
    for (path, bytes) in files.iter() {
        let arrival = path.strip_prefix("arrivals/").and_then(|path| {
            let (folder, path) = path.split_once('/')?;
            Some((folder, version_of(folder)?, path))
        });
        if let Some((folder, version, below)) =
            arrival.filter(|(_, version, _)| *version <= baseline)
        {
            let document = before.classify(below, version);
            let path = document.and_then(|(kind, slug)| {
                let kind = catalog.kind(&kind.name)?;
                catalog.path_at(kind, baseline).path_of(slug).ok()
            });
            if let Some(path) = path
                && let Some(bytes) = at_baseline.get(&path)
            {
                left.insert(format!("arrivals/{folder}/{path}"), bytes);
            }
            continue;
        }
        let version = path
            .split_once('/')
            .and_then(|(folder, _)| version_of(folder));
        if version.is_none_or(|version| version >= baseline) {
            left.insert(path, bytes);
        }
    }
    left
}
