//! Real documents and repositories, if there is a corpus.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> Option<PathBuf> {
    let folder = match std::env::var_os("OCL_CORPUS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
    };
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        println!("| skipped: there is no corpus; OCL_CORPUS names its folder | | | | | |");
    }
    found
}

/// The text of every document of the corpus.
pub(crate) fn documents() -> Option<Vec<String>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder()?.join("documents"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ocl"))
        .collect();
    paths.sort();
    let texts = paths
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    Some(texts.collect())
}

/// A mirror of each bundle, made once, with its name.
pub(crate) fn repositories() -> Option<Vec<(String, PathBuf)>> {
    let mut bundles: Vec<PathBuf> = fs::read_dir(folder()?.join("repositories"))
        .unwrap()
        .map(|entry| entry.unwrap().path().canonicalize().unwrap())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "bundle")
        })
        .collect();
    bundles.sort();
    let mirrors = bundles.into_iter().map(|bundle| {
        let name = bundle.file_stem().unwrap().to_string_lossy().into_owned();
        let mirror = super::generate::folder().join(format!("{name}.git"));
        if !mirror.join("packed-refs").exists() {
            let _ = fs::remove_dir_all(&mirror);
            fs::create_dir_all(mirror.parent().unwrap()).unwrap();
            let done = Command::new("git")
                .args([
                    "-c",
                    "advice.defaultBranchName=false",
                    "clone",
                    "--quiet",
                    "--mirror",
                ])
                .args([&bundle, &mirror])
                .status();
            assert!(done.unwrap().success(), "git clone {}", bundle.display());
        }
        (name, mirror)
    });
    Some(mirrors.collect())
}
