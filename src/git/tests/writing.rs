//! Objects that Git accepts, and trees edited as `git update-index` edits them.

use std::fs;
use std::time::{Duration, SystemTime};

use crate::git::{CommitDraft, EntryKind, Error, ErrorKind, ObjectId, Signature, Writer};

use super::script::Sandbox;

pub(crate) fn ada(seconds: i64) -> Signature {
    Signature {
        name: "Ada Łovelace".to_owned(),
        email: "ada@example.com".to_owned(),
        seconds,
        offset_minutes: -210,
    }
}

/// A path, and what to put there.
type Change<'a> = (&'a str, Option<(ObjectId, EntryKind)>);

fn draft(tree: ObjectId, parents: Vec<ObjectId>) -> CommitDraft {
    CommitDraft {
        tree,
        parents,
        author: ada(1_700_000_000),
        committer: ada(1_700_000_060),
        message: "A change\n\nwith a body".to_owned(),
    }
}

fn loose_files(sandbox: &Sandbox) -> usize {
    sandbox
        .run("find repo/.git/objects -path '*/??/*' -type f | wc -l")
        .trim()
        .parse()
        .unwrap()
}

#[test]
fn a_commit_passes_fsck_and_has_what_was_written() {
    let sandbox = Sandbox::new("commit one a=1 dir/b=2");
    let writer = sandbox.repository().writer();
    let base = sandbox.id("main^{tree}");
    let blob = writer.blob(b"new\n").unwrap();
    let changes = [
        ("dir/c.ocl", Some((blob, EntryKind::Blob))),
        ("run.sh", Some((blob, EntryKind::Executable))),
    ];
    let tree = writer.tree(Some(base), &changes).unwrap();
    let commit = writer
        .commit(&draft(tree, vec![sandbox.id("main")]), None)
        .unwrap();
    writer.flush().unwrap();

    sandbox.git(&format!("update-ref refs/heads/new {commit}"));
    assert_eq!(sandbox.git("fsck --strict --no-dangling"), "");
    assert_eq!(
        sandbox.git("ls-tree -r --format='%(objectmode) %(path)' new"),
        "100644 a\n100644 dir/b\n100644 dir/c.ocl\n100755 run.sh"
    );
    assert_eq!(sandbox.git("cat-file blob new:dir/c.ocl"), "new");
    assert_eq!(
        sandbox.git("log -1 --format='%an|%ae|%ad|%cd|%P|%B' --date=raw new"),
        format!(
            "Ada Łovelace|ada@example.com|1700000000 -0330|1700000060 -0330|{}|A change\n\nwith a body",
            sandbox.id("main")
        )
    );
    let read = sandbox.reader().commit(commit).unwrap();
    assert_eq!(
        (read.author, read.message.as_str()),
        (ada(1_700_000_000), "A change\n\nwith a body\n")
    );
}

/// The tree that Git's index makes of the same changes.
fn by_git(sandbox: &Sandbox, base: &str, commands: &str) -> ObjectId {
    sandbox
        .run(&format!(
            "cd repo; export GIT_INDEX_FILE=$SANDBOX/index; rm -f $GIT_INDEX_FILE; git read-tree {base}; {commands}; git write-tree"
        ))
        .parse()
        .unwrap()
}

#[test]
fn trees_are_what_gits_index_makes_of_the_same_changes() {
    let sandbox = Sandbox::new(
        "ln -s a link; printf x > run; chmod +x run; mkdir deep; cp run deep/run
         commit one a=1 dir/b=2 dir/sub/c=3 dir-x=4 dir.y=5 dir/sub2/d=6
         git update-index --add --cacheinfo 160000,$(printf '1%.0s' $(seq 40)),module; git commit -qm module",
    );
    let writer = sandbox.repository().writer();
    let base = sandbox.id("main^{tree}");
    let (blob, kind) = (writer.blob(b"n").unwrap(), EntryKind::Blob);
    let put = Some((blob, kind));
    let cases: [(&[Change], String); 8] = [
        (&[], String::new()),
        (
            &[("dir/b", put)],
            format!("git update-index --cacheinfo 100644,{blob},dir/b"),
        ),
        (
            &[
                ("dir/sub/c", None),
                ("absent", None),
                ("no/such", None),
                ("a/x", None),
            ],
            "git rm -q --cached dir/sub/c".to_owned(),
        ),
        (
            &[("dir/b", None), ("dir/sub/c", None), ("dir/sub2/d", None)],
            "git rm -qr --cached dir".to_owned(),
        ),
        (
            &[
                ("dir", put),
                ("dir/b", None),
                ("dir/sub/c", None),
                ("dir/sub2/d", None),
            ],
            format!(
                "git rm -qr --cached dir; git update-index --add --cacheinfo 100644,{blob},dir"
            ),
        ),
        (
            &[("a", None), ("a/b/c", put)],
            format!("git rm -q --cached a; git update-index --add --cacheinfo 100644,{blob},a/b/c"),
        ),
        (&[("dir/sub", None), ("x", put)], String::new()),
        (
            &[
                ("z/y/x", put),
                ("dir/sub.a", put),
                ("dir/sub/0", put),
                ("run", Some((blob, EntryKind::Executable))),
            ],
            format!(
                "for f in 644,{blob},z/y/x 644,{blob},dir/sub.a 644,{blob},dir/sub/0 755,{blob},run; do git update-index --add --cacheinfo 100$f; done"
            ),
        ),
    ];
    for (changes, commands) in cases {
        if changes.first().is_some_and(|(path, _)| *path == "dir/sub") {
            let error = writer.tree(Some(base), changes).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("it is a folder; take away the files in it"),
                "{error}"
            );
            continue;
        }
        let tree = writer.tree(Some(base), changes).unwrap();
        assert_eq!(
            tree,
            by_git(
                &sandbox,
                "main",
                if commands.is_empty() { ":" } else { &commands }
            ),
            "{changes:?}"
        );
    }
    let everything = sandbox.git("ls-tree -r --name-only main");
    let changes: Vec<_> = everything.lines().map(|path| (path, None)).collect();
    let empty = writer.tree(Some(base), &changes).unwrap();
    assert_eq!(
        empty.to_string(),
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    );
    assert_eq!(writer.tree::<&str>(None, &[]).unwrap(), empty);
    assert_eq!(
        writer.tree(None, &[("one", put)]).unwrap(),
        by_git(
            &sandbox,
            "--empty",
            &format!("git update-index --add --cacheinfo 100644,{blob},one")
        )
    );
}

#[test]
fn names_that_are_not_utf_8_and_old_modes_stay_as_they_are() {
    let sandbox = Sandbox::new("commit one a=1");
    let blob = sandbox.git("rev-parse main:a");
    // A mode of Git's first year, and a Latin-1 name.
    let base = sandbox.run(&format!(
        "cd repo; id=$(printf {blob} | sed 's/../\\\\x&/g'); printf \"100664 a\\0${{id}}100644 caf\\xe9\\0$id\" | git hash-object -t tree -w --literally --stdin"
    ));
    let writer = sandbox.repository().writer();
    let tree = writer
        .tree(
            Some(base.parse().unwrap()),
            &[("z", Some((blob.parse().unwrap(), EntryKind::Blob)))],
        )
        .unwrap();
    let raw = sandbox.run(&format!(
        "git -C repo cat-file tree {tree} | od -An -c -v | tr -d ' \\n'"
    ));
    assert!(raw.starts_with("100664a\\0"), "{raw}");
    assert!(raw.contains("100644caf351\\0"), "{raw}");
}

#[test]
fn what_no_tree_can_hold_is_refused() {
    let sandbox = Sandbox::new("commit one a=1 dir/b=2");
    let writer = sandbox.repository().writer();
    let (base, blob) = (sandbox.id("main^{tree}"), sandbox.id("main:a"));
    let put = Some((blob, EntryKind::Blob));
    let refused = |changes: &[Change]| writer.tree(Some(base), changes).unwrap_err();
    for path in [
        "",
        "/a",
        "a/",
        "x//y",
        ".",
        "..",
        "x/../y",
        "x/./y",
        ".git",
        ".GIT/config",
        "x/.Git",
        "git~1",
        ".git ",
        ".git.",
        ".g\u{200c}it",
        "a\0b",
    ] {
        let error = refused(&[(path, put)]);
        assert!(
            matches!(error, Error::InvalidPath { .. }),
            "{path:?}: {error}"
        );
    }
    assert!(matches!(
        refused(&[(".gitmodules", Some((blob, EntryKind::Symlink)))]),
        Error::InvalidPath { .. }
    ));
    assert!(matches!(
        refused(&[("x/".repeat(3000).trim_end_matches('/'), put)]),
        Error::InvalidPath { .. }
    ));
    for (changes, reason) in [
        (
            vec![("a/x", put)],
            "'a' into the tree: it is a file, and a folder",
        ),
        (vec![("dir", put)], "'dir' into the tree: it is a folder"),
        (vec![("dir", None)], "take away the files in it"),
        (
            vec![("x", put), ("x/y", put)],
            "a file can't take its place",
        ),
        (vec![("x", put), ("x", None)], "two changes"),
        (
            vec![("x", Some((base, EntryKind::Blob)))],
            "is a tree, not a blob",
        ),
        (
            vec![("x", Some((blob, EntryKind::Tree)))],
            "is a blob, not a tree",
        ),
        (
            vec![(
                "x",
                Some(("1".repeat(40).parse().unwrap(), EntryKind::Blob)),
            )],
            "there is no object",
        ),
    ] {
        let error = refused(&changes);
        assert!(matches!(error, Error::TreeClash { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn what_no_commit_can_hold_is_refused() {
    let sandbox = Sandbox::new("commit one a=1");
    let writer = sandbox.repository().writer();
    let (tree, parent) = (sandbox.id("main^{tree}"), sandbox.id("main"));
    let good = draft(tree, vec![parent]);
    let with = |author: Signature| CommitDraft {
        author,
        ..good.clone()
    };
    for (bad, part) in [
        (
            with(Signature {
                name: "a<b".to_owned(),
                ..ada(1)
            }),
            "name 'a<b'",
        ),
        (
            with(Signature {
                email: "a\nb".to_owned(),
                ..ada(1)
            }),
            "email 'a\\nb'",
        ),
        (with(ada(-1)), "before 1970"),
        (
            with(Signature {
                offset_minutes: 1440,
                ..ada(1)
            }),
            "a day or more",
        ),
        (
            CommitDraft {
                message: "a\0b".to_owned(),
                ..good.clone()
            },
            "NUL",
        ),
        (
            CommitDraft {
                tree: parent,
                ..good.clone()
            },
            "is a commit, not a tree",
        ),
        (
            CommitDraft {
                parents: vec![tree],
                ..good.clone()
            },
            "is a tree, not a commit",
        ),
        (
            CommitDraft {
                parents: vec!["1".repeat(40).parse().unwrap()],
                ..good.clone()
            },
            "is missing",
        ),
    ] {
        let error = writer.commit(&bad, None).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
    writer.commit(&good, None).unwrap();
}

#[test]
fn objects_that_are_there_are_not_written_again_but_renewed() {
    let sandbox =
        Sandbox::new("commit one a=packed; git gc -q; printf loose | git hash-object -w --stdin");
    let old = SystemTime::now() - Duration::from_secs(90 * 86400);
    let loose: ObjectId = sandbox
        .run("printf loose | git hash-object --stdin")
        .parse()
        .unwrap();
    let loose = sandbox.path(&format!(
        "repo/.git/objects/{}/{}",
        &loose.to_string()[..2],
        &loose.to_string()[2..]
    ));
    let pack = sandbox.path(&sandbox.run("ls repo/.git/objects/pack/*.pack"));
    for path in [&loose, &pack] {
        fs::File::open(path).unwrap().set_modified(old).unwrap();
    }
    let before = loose_files(&sandbox);
    let writer = sandbox.repository().writer();
    assert_eq!(writer.blob(b"packed").unwrap(), sandbox.id("main:a"));
    writer.blob(b"loose").unwrap();
    writer.flush().unwrap();
    assert_eq!(loose_files(&sandbox), before);
    for path in [&loose, &pack] {
        let age = SystemTime::now().duration_since(fs::metadata(path).unwrap().modified().unwrap());
        assert!(
            age.unwrap_or_default() < Duration::from_secs(3600),
            "{}",
            path.display()
        );
    }
    writer.blob(b"new").unwrap();
    assert_eq!(loose_files(&sandbox), before + 1);
}

#[test]
fn a_loose_object_that_a_power_cut_has_emptied_is_written_again() {
    let sandbox = Sandbox::new("commit one; printf lost | git hash-object -w --stdin");
    let id = sandbox.run("printf lost | git hash-object --stdin");
    sandbox.run(&format!(
        "cd repo/.git/objects/{}; chmod u+w {1}; : > {1}",
        &id[..2],
        &id[2..]
    ));
    let writer = sandbox.repository().writer();
    assert_eq!(writer.blob(b"lost").unwrap().to_string(), id);
    writer.flush().unwrap();
    assert_eq!(sandbox.git(&format!("cat-file blob {id}")), "lost");
}

#[test]
fn the_first_commit_of_an_empty_bare_repository() {
    let sandbox = Sandbox::empty();
    sandbox.run("git init -q --bare -b main repo");
    let writer: Writer = sandbox.repository().writer();
    let blob = writer.blob(b"1").unwrap();
    let tree = writer
        .tree(None, &[("deep/er/file", Some((blob, EntryKind::Blob)))])
        .unwrap();
    let commit = writer.commit(&draft(tree, Vec::new()), None).unwrap();
    writer.flush().unwrap();
    sandbox.git(&format!("update-ref refs/heads/main {commit}"));
    assert_eq!(sandbox.git("fsck --strict"), "");
    assert_eq!(sandbox.git("cat-file blob main:deep/er/file"), "1");
    assert_eq!(
        writer
            .tree(Some(commit), &[("x", None)])
            .unwrap_err()
            .kind(),
        ErrorKind::Invalid
    );
}
