//! Real repositories.

use crate::git::{EntryKind, RefScope, RefTarget, Repository, Visit, WalkLimits};

use super::refs::{from_git, from_reader};
use super::script::Sandbox;
use super::support::corpus;

/// Clones a bundle of the corpus into `repo`; `None`, with a note, if the corpus isn't there.
fn clone(name: &str) -> Option<Sandbox> {
    let bundle = corpus()?.join(format!("repositories/{name}.bundle"));
    let sandbox = Sandbox::empty();
    sandbox.run(&format!(
        "git clone -q --mirror '{}' repo",
        bundle.display()
    ));
    Some(sandbox)
}

fn compare(name: &str) {
    let Some(sandbox) = clone(name) else { return };
    let reader = Repository::discover(&sandbox.path("repo"))
        .unwrap()
        .reader();
    let refs = reader.refs(RefScope::All).unwrap();
    assert_eq!(from_reader(&refs), from_git(&sandbox, ""));

    for found in refs.iter().step_by((refs.len() / 50).max(1)) {
        let RefTarget::Commit(commit) = found.target else {
            panic!("{found:?}");
        };
        let resolved = reader.resolve(&found.name).unwrap();
        assert_eq!(
            (resolved.commit, resolved.ref_name.as_deref()),
            (commit, Some(found.name.as_str()))
        );
        assert_eq!(
            resolved.tree,
            sandbox.id(&format!("{}^{{tree}}", found.name))
        );
        let mut lines = Vec::new();
        reader
            .walk(resolved.tree, WalkLimits::default(), |entry| {
                if entry.kind != EntryKind::Tree {
                    lines.push(format!(
                        "{} {}\t{}",
                        entry.id,
                        reader.blob_size(entry.id)?,
                        entry.path
                    ));
                }
                Ok::<_, crate::git::Error>(Visit::Continue)
            })
            .unwrap();
        let expected = sandbox.git(&format!(
            "ls-tree -r --format='%(objectname) %(objectsize)%x09%(path)' {commit}"
        ));
        assert_eq!(lines.join("\n"), expected, "{}", found.name);
    }
}

#[test]
fn cli_is_read_as_git_reads_it() {
    compare("cli");
}

#[test]
fn worker_tools_is_read_as_git_reads_it() {
    compare("worker-tools");
}

#[test]
fn pitstop_is_read_as_git_reads_it() {
    compare("pitstop");
}
