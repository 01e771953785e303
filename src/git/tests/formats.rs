//! Formats that can't be read are refused with the reason, before anything is read wrongly.

use crate::git::{Error, ErrorKind, Repository};

use super::script::Sandbox;

fn refusal(script: &str) -> String {
    let sandbox = Sandbox::empty();
    sandbox.run(script);
    let error = Repository::discover(&sandbox.path("repo")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    error.to_string()
}

#[test]
fn reftable_is_refused() {
    let message = refusal(
        "git init -q --ref-format=reftable repo; cd repo; git commit -q --allow-empty -m one",
    );
    assert!(message.contains("the ref storage 'reftable'"), "{message}");
    assert!(
        message.contains("git refs migrate --ref-format=files"),
        "{message}"
    );
}

#[test]
fn sha256_is_refused() {
    let message = refusal(
        "git init -q --object-format=sha256 repo; cd repo; git commit -q --allow-empty -m one",
    );
    assert!(message.contains("sha256 object names"), "{message}");
}

#[test]
fn unknown_extensions_and_versions_are_refused_and_known_ones_are_not() {
    let start = "git init -q repo; cd repo; git config core.repositoryFormatVersion";
    let message = refusal(&format!(
        "{start} 1; echo '[extensions] futureThing = true' >> .git/config"
    ));
    assert!(message.contains("the extension 'futureThing'"), "{message}");
    let message = refusal(&format!("{start} 7"));
    assert!(message.contains("repository format version 7"), "{message}");

    let sandbox = Sandbox::new(
        "commit one; git config core.repositoryFormatVersion 1; git config extensions.worktreeConfig true",
    );
    sandbox.reader().resolve("main").unwrap();
}

#[test]
fn what_a_partial_clone_left_out_is_an_error_of_its_own() {
    let sandbox = Sandbox::new(
        "git config uploadpack.allowFilter true; git config uploadpack.allowAnySHA1InWant true; commit one a=1; cd ..
         git clone -q --bare --filter=blob:none file://$PWD/repo partial",
    );
    let reader = Repository::discover(&sandbox.path("partial"))
        .unwrap()
        .reader();
    let resolved = reader.resolve("main").unwrap();
    let blob = reader.entry(resolved.tree, "a").unwrap().unwrap();
    match reader.blob(blob.id).unwrap_err() {
        error @ Error::LeftOutOfPartialClone { .. } => {
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let command = error.to_string();
            let command = command.split_once("fetch it with: ").unwrap().1;
            sandbox.run(command);
        }
        other => panic!("{other}"),
    }
    assert_eq!(reader.blob(blob.id).unwrap(), b"1");
}
