//! Trees, blobs and commits.

use crate::git::path::GitPath;
use crate::git::{
    Entry, EntryKind, Error, ErrorKind, ObjectId, Reader, Signature, Visit, WalkLimits,
};

use super::script::Sandbox;

/// All files, links and submodules below a folder, with their paths from the top.
pub(super) fn files_below(reader: &Reader, tree: ObjectId, folder: &str) -> Vec<Entry> {
    let mut files = Vec::new();
    let Some(found) = reader.entry(tree, folder).unwrap() else {
        return files;
    };
    let prefix = GitPath::from(folder);
    let visit = |entry: &Entry| {
        if entry.kind != EntryKind::Tree {
            let path = prefix.join(&entry.path);
            files.push(Entry {
                path,
                ..entry.clone()
            });
        }
        Ok::<Visit, Error>(Visit::Continue)
    };
    reader.walk(found.id, WalkLimits::default(), visit).unwrap();
    files
}

fn files() -> Sandbox {
    Sandbox::new(
        "mkdir -p .octopus/runbooks; chmod +x .; printf x > run.sh; chmod +x run.sh; ln -s .octopus link
         printf 'caf' > $'caf\\xe9'; git update-index --add --cacheinfo 160000,$(printf '1%.0s' $(seq 40)),sub
         git add -A; printf '' > .octopus/empty
         commit one .octopus/a.ocl=A .octopus/runbooks/b.ocl=B .octopus-more/c=C top=T
         git update-index --add --cacheinfo 160000,$(printf '1%.0s' $(seq 40)),sub; tick; git commit -qm sub",
    )
}

#[test]
fn lists_and_finds_entries_as_git_ls_tree_does() {
    let sandbox = files();
    let reader = sandbox.reader();
    let tree = reader.resolve("main").unwrap().tree;
    let mode = |kind| match kind {
        EntryKind::Tree => "040000 tree",
        EntryKind::Blob => "100644 blob",
        EntryKind::Executable => "100755 blob",
        EntryKind::Symlink => "120000 blob",
        EntryKind::Submodule => "160000 commit",
    };
    let shown = |entries: Vec<crate::git::Entry>| -> Vec<String> {
        let line = |entry: &crate::git::Entry| {
            format!("{} {}\t{}", mode(entry.kind), entry.id, entry.path)
        };
        entries.iter().map(line).collect()
    };
    let from_git = |arguments: &str| -> Vec<String> {
        let text = sandbox.git(&format!("-c core.quotePath=false ls-tree {arguments}"));
        text.lines()
            .map(|line| line.trim_matches('"').to_owned())
            .collect()
    };
    assert_eq!(shown(reader.list(tree).unwrap()), from_git("main"));
    assert_eq!(shown(files_below(&reader, tree, "")), from_git("-r main"));
    assert_eq!(
        shown(files_below(&reader, tree, ".octopus")),
        from_git("-r main .octopus/")
    );

    let blob = reader
        .entry(tree, ".octopus/runbooks/b.ocl")
        .unwrap()
        .unwrap();
    assert_eq!((blob.kind, blob.path), (EntryKind::Blob, "b.ocl".into()));
    assert_eq!(reader.blob(blob.id).unwrap(), b"B");
    assert_eq!(reader.entry(tree, "").unwrap().unwrap().id, tree);
    assert_eq!(
        reader.entry(tree, ".octopus").unwrap().unwrap().kind,
        EntryKind::Tree
    );
    for absent in ["x", ".octopus/x", "top/x", "link/a.ocl", "TOP", "sub/x"] {
        assert_eq!(reader.entry(tree, absent).unwrap(), None, "{absent}");
    }
    for bad in ["/top", "top/", ".octopus//a.ocl"] {
        assert_eq!(
            reader.entry(tree, bad).unwrap_err().kind(),
            ErrorKind::Invalid,
            "{bad}"
        );
    }
    let link = reader.entry(tree, "link").unwrap().unwrap();
    assert_eq!(
        (link.kind, reader.blob(link.id).unwrap().as_slice()),
        (EntryKind::Symlink, b".octopus".as_slice())
    );
}

#[test]
fn a_name_that_is_not_utf_8_keeps_its_bytes() {
    let sandbox = files();
    let reader = sandbox.reader();
    let entries = reader.list(reader.resolve("main").unwrap().tree).unwrap();
    let strange = entries
        .iter()
        .find(|entry| entry.path.as_str().is_none())
        .unwrap();
    assert_eq!(strange.path.to_string(), "caf\u{fffd}");
    assert_eq!(reader.blob(strange.id).unwrap(), b"caf");
}

#[test]
fn walks_leave_out_what_they_are_told_and_refuse_too_much() {
    let sandbox = files();
    let reader = sandbox.reader();
    let tree = reader.resolve("main").unwrap().tree;
    let mut seen = Vec::new();
    let result: Result<(), Error> = reader.walk(tree, WalkLimits::default(), |entry| {
        seen.push(entry.path.to_string());
        Ok(match entry.path.as_str() {
            Some(".octopus") => Visit::SkipTree,
            _ => Visit::Continue,
        })
    });
    result.unwrap();
    assert_eq!(
        seen,
        [
            ".octopus-more",
            ".octopus-more/c",
            ".octopus",
            "caf\u{fffd}",
            "link",
            "run.sh",
            "sub",
            "top"
        ]
    );

    for (limits, what) in [
        (
            WalkLimits {
                levels: 2,
                ..WalkLimits::default()
            },
            "2 levels",
        ),
        (
            WalkLimits {
                entries: 4,
                ..WalkLimits::default()
            },
            "4 entries",
        ),
    ] {
        let error = reader
            .walk(tree, limits, |_| Ok::<_, Error>(Visit::Continue))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains(what), "{error}");
        // The files beside the folders count.
        let error = reader
            .walk_folders(tree, limits, |_| Ok::<_, Error>(()))
            .unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }

    let mut folders = Vec::new();
    let result: Result<(), Error> = reader.walk_folders(tree, WalkLimits::default(), |entry| {
        folders.push(entry.path.to_string());
        Ok(())
    });
    result.unwrap();
    assert_eq!(folders, [".octopus-more", ".octopus", ".octopus/runbooks"]);
}

#[test]
fn what_changed_between_two_folders() {
    let sandbox = Sandbox::new(
        "commit one a=1 b=1 c/d=1 e=1 f=1; git rm -q e; git mv f g; commit two b=2 c/d=2 h=1",
    );
    let reader = sandbox.reader();
    let tree = |revision: &str| reader.resolve(revision).unwrap().tree;
    let changed = |tree, other| {
        let entries = reader.changed_entries(tree, other).unwrap();
        let paths = entries.iter().map(|entry| entry.path.to_string());
        paths.collect::<Vec<_>>()
    };
    let (one, two) = (tree("main~1"), tree("main"));
    assert_eq!(changed(two, Some(one)), ["b", "c", "g", "h"]);
    assert_eq!(changed(one, Some(two)), ["b", "c", "e", "f"]);
    assert_eq!(changed(one, Some(one)), [""; 0]);
    assert_eq!(changed(one, None), ["a", "b", "c", "e", "f"]);
}

#[test]
fn a_blob_above_the_limit_is_refused_before_it_is_read() {
    let sandbox = Sandbox::new("head -c 100000 /dev/zero > big; commit one small=abc; git gc -q");
    let reader = sandbox.reader();
    let (big, small) = (sandbox.id("main:big"), sandbox.id("main:small"));
    assert_eq!(reader.blob_size(big).unwrap(), 100_000);
    let mut bytes = b"old".to_vec();
    let error = reader.blob_into(big, 99_999, &mut bytes).unwrap_err();
    assert!(matches!(
        error,
        Error::BlobTooLarge {
            size: 100_000,
            limit: 99_999,
            ..
        }
    ));
    reader.blob_into(big, 100_000, &mut bytes).unwrap();
    assert_eq!(bytes, vec![0; 100_000]);
    reader.blob_into(small, 3, &mut bytes).unwrap();
    assert_eq!(bytes, b"abc");
    let error = reader.blob(sandbox.id("main")).unwrap_err();
    assert!(
        error.to_string().contains("is a commit, not a blob"),
        "{error}"
    );
}

#[test]
fn commits_have_their_parents_signatures_and_message() {
    let sandbox = Sandbox::new(
        "commit one; git checkout -qb b; commit two; git checkout -q main; commit three; tick
         GIT_AUTHOR_NAME='Grace H' GIT_AUTHOR_EMAIL=g@x GIT_AUTHOR_DATE='1600000000 -0430' git merge -q -m $'subject\\n\\nbody' b",
    );
    let reader = sandbox.reader();
    let commit = reader.commit(sandbox.id("main")).unwrap();
    assert_eq!(commit.parents, [sandbox.id("main^1"), sandbox.id("main^2")]);
    assert_eq!(commit.tree, sandbox.id("main^{tree}"));
    assert_eq!(commit.message, "subject\n\nbody\n");
    assert_eq!(
        commit.author,
        Signature {
            name: "Grace H".to_owned(),
            email: "g@x".to_owned(),
            seconds: 1_600_000_000,
            offset_minutes: -270,
        }
    );
    assert_eq!(
        (
            commit.committer.name.as_str(),
            commit.committer.offset_minutes
        ),
        ("Ada", 60)
    );
    assert_eq!(
        reader.tree_of(sandbox.id("main~1")).unwrap(),
        sandbox.id("main~1^{tree}")
    );
    assert_eq!(
        reader.tree_of(commit.tree).unwrap_err().kind(),
        ErrorKind::Invalid
    );
}

#[test]
fn a_damaged_object_is_named() {
    let sandbox = Sandbox::new("commit one a=1 b=2");
    let id = sandbox.git("rev-parse main:a");
    sandbox.run(&format!(
        "cd repo/.git/objects/{}; chmod u+w {1}; echo broken > {1}",
        &id[..2],
        &id[2..]
    ));
    let error = sandbox.reader().blob(id.parse().unwrap()).unwrap_err();
    assert!(error.to_string().contains(&id), "{error}");
    let tree = sandbox
        .run("cd repo; printf '100644 a\\0short' | git hash-object -t tree -w --literally --stdin");
    let error = sandbox.reader().list(tree.parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
}
