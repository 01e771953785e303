//! What stands above what is told of a loaded ref.

use super::lanes::Versions;
use super::page::Head;
use crate::catalog::Catalog;
use crate::project::Loaded;
use crate::text::folder;

/// The head of a page about a ref.
pub(super) fn head_of(command: &'static str, loaded: &Loaded) -> Head {
    let commit = loaded.commit().to_string();
    let mut facts = vec![
        ("commit", commit.clone()),
        ("base path", folder(loaded.base_path()).to_owned()),
    ];
    facts.extend(self::facts(
        loaded.project().catalog(),
        &Versions::of(loaded.plan()),
    ));
    let (marker_before, marker_after) = loaded.marker_paths();
    if let Some(before) = marker_before.filter(|before| *before != marker_after) {
        facts.push(("marker", format!("{before} becomes {marker_after}")));
    }
    let mut warnings: Vec<String> = Vec::new();
    for other in loaded.also_named() {
        let taken = loaded.ref_name().unwrap_or_default();
        warnings.push(format!("the name also fits {other}; {taken} was taken"));
    }
    warnings.extend(loaded.warnings().iter().map(ToString::to_string));
    Head {
        command,
        title: loaded.ref_name().map_or(commit, str::to_owned),
        is_name: true,
        facts,
        warnings,
        diffs: false,
        forms: false,
    }
}

/// What a plan is about.
pub(super) fn facts(catalog: &Catalog, versions: &Versions) -> Vec<(&'static str, String)> {
    let branch = match versions.branch {
        Some(version) => version.to_string(),
        None => "uninitialised".to_owned(),
    };
    let target = versions.target;
    let version = if versions.branch == Some(target) {
        format!("{branch}, up to date")
    } else {
        format!("{branch} \u{2192} {target}")
    };
    let mut facts = vec![("version", version)];
    facts.extend(
        versions
            .project
            .map(|project| ("project version", project.to_string())),
    );
    facts.push(("server version", versions.server.to_string()));
    facts.push(("catalog", catalog.name().to_owned()));
    facts
}
