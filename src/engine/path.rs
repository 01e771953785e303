//! Where documents may lie.

use std::collections::BTreeMap;

/// A path below a base path; the empty base path is the repository's top.
pub(crate) fn join(base_path: &str, path: &str) -> String {
    if base_path.is_empty() {
        path.to_owned()
    } else {
        format!("{base_path}/{path}")
    }
}

/// The path below the base path, unless it is taken or another project's.
///
/// # Errors
/// In words: what lies there.
pub(crate) fn check_free(
    is_taken: bool,
    nested: &[String],
    path: String,
) -> Result<String, String> {
    if is_taken {
        return Err(format!(
            "it belongs at {path} now, and something else lies there: move that away first"
        ));
    }
    let other = nested.iter().find(|folder| {
        path.strip_prefix(folder.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    });
    match other {
        Some(folder) => Err(format!(
            "it belongs at {path}, and {folder} has a marker of its own: it is another project's folder"
        )),
        None => Ok(path),
    }
}

/// The places of paths that differ in upper and lower case only, group by group: on many disks, they are one file.
pub(super) fn same_but_for_case<'p>(
    paths: impl Iterator<Item = (usize, &'p str)>,
) -> impl Iterator<Item = Vec<usize>> {
    let mut by_folded: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, path) in paths {
        by_folded
            .entry(path.to_lowercase())
            .or_default()
            .push(place);
    }
    by_folded.into_values().filter(|same| same.len() > 1)
}
