//! `--repos`: one command over many repositories, in parts, and gone on with after a kill.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::support::{Sandbox, isolated, project};

/// Repositories with the same branches, one of them bare, and a folder that is none.
fn fleet() -> Sandbox {
    let repo = Sandbox::new("versions");
    repo.shell(
        "set -e; git checkout -q main; mkdir repos; git clone -q --bare . repos/a.git
        for name in b c; do git init -q repos/$name; git -C repos/$name fetch -q ../a.git 'refs/heads/feature/*:refs/heads/*' v1:refs/tags/v1; done
        mkdir repos/none",
    );
    repo
}

fn lines(repo: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let catalog = project().join("fixtures/catalogs/fizz");
    let global = ["--catalog", catalog.to_str().unwrap(), "--format", "json"];
    let done = repo.command(&[&global, arguments].concat());
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(
        !text.is_empty(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    text.lines().map(str::to_owned).collect()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// Lines in an order of their own: blocks come as they are ready.
fn sorted(lines: &[String]) -> Vec<&str> {
    let mut lines: Vec<&str> = lines.iter().map(|line| &**line).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn every_repository_is_a_row_and_one_that_cant_be_read_too() {
    let repo = fleet();
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos/*"]), @"
    --- stdout
    REPOSITORY   CURRENT   BEHIND  UNINITIALISED    AHEAD  INVALID
    repos/a.git        3        5              1        1        2
    repos/b            0        2              0        0        0
    repos/c            0        2              0        0        0
    repos/none   can't be read: no Git repository at repos/none or in a folder above it: it is only a folder in the repository at REPO; give the path of a repository

    4 repositories: 3 current, 9 behind, 1 uninitialised, 1 ahead, 2 invalid
    1 of them can't be read
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["rehearse", "--repos", "repos/?", "--repos", "repos/*.git"]), @"
    --- stdout
    REPOSITORY    FAILED  CHANGED  UNCHANGED
    repos/a.git        4        4          4
    repos/b            0        2          0
    repos/c            0        2          0

    3 repositories: 4 failed, 8 changed, 4 unchanged
    --- exit 1
    ");
}

#[test]
fn what_is_counted_has_its_plural() {
    let repo = fleet();
    for (repos, sum) in [
        ("repos/[bc]", "2 repositories: 2 rows"),
        ("repos/[b]", "1 repository: 1 row"),
    ] {
        let table = repo.run(&["query", "SELECT count(*) FROM refs", "--repos", repos]);
        assert!(table.lines().any(|line| line == sum), "{table}");
    }
}

#[test]
fn every_command_names_the_repository_in_each_line() {
    let repo = fleet();
    for command in [
        &["status"][..],
        &["rehearse"],
        &["doctor"],
        &["check", "--all"],
        &["uses", "--kind", "team", "--all"],
        &["query", "SELECT name FROM refs"],
    ] {
        let lines = lines(&repo, &[command, &["--repos", "repos/[abc]*"]].concat());
        let head = &json(&lines[0])["fleet"];
        assert_eq!(
            (&head["command"], &head["repositories"]),
            (&command[0].into(), &3.into())
        );
        let mut done = BTreeSet::new();
        for line in &lines[1..] {
            let line = json(line);
            assert_eq!(line["format_version"], 1, "{line}");
            let name = line["repository"]
                .as_str()
                .unwrap_or_else(|| panic!("{line}"));
            // A block is whole, and nothing comes after its end.
            assert!(!done.contains(name), "{line}");
            if line.get("done").is_some() {
                done.insert(name.to_owned());
            }
        }
        assert_eq!(
            done.into_iter().collect::<Vec<_>>(),
            ["repos/a.git", "repos/b", "repos/c"]
        );
    }
}

#[test]
fn a_repository_has_the_same_lines_in_a_fleet_as_alone() {
    let repo = fleet();
    for command in ["status", "doctor"] {
        let alone = lines(&repo, &["--repo", "repos/b", command]);
        let fleet = lines(&repo, &[command, "--repos", "repos/*"]);
        let of_b = fleet
            .iter()
            .filter(|line| line.contains("\"repository\":\"repos/b\""));
        let of_b: Vec<String> = of_b
            .map(|line| line.replace("\"repository\":\"repos/b\",", ""))
            .collect();
        let (last, of_b) = of_b.split_last().unwrap();
        assert!(last.contains("\"done\""), "{last}");
        let own = |line: &String| line.replace("--repo repos/b ", "");
        assert_eq!(
            of_b.iter().map(own).collect::<Vec<_>>(),
            alone.iter().map(own).collect::<Vec<_>>()
        );
    }
}

#[test]
fn parts_are_put_together_into_what_the_whole_is() {
    let repo = fleet();
    for n in 0..6 {
        repo.shell(&format!("cp -r repos/b repos/more-{n}"));
    }
    let all = lines(&repo, &["status", "--repos", "repos/*"]);
    fs::write(repo.path().join("all.jsonl"), all.join("\n") + "\n").unwrap();
    let mut together = Vec::new();
    for index in 1..=3 {
        let part = lines(
            &repo,
            &[
                "status",
                "--repos",
                "repos/*",
                "--shard",
                &format!("{index}/3"),
            ],
        );
        assert!(part.len() > 1, "every part has some");
        fs::write(
            repo.path().join(format!("{index}.jsonl")),
            part.join("\n") + "\n",
        )
        .unwrap();
        together.extend(part.into_iter().skip(1));
    }
    assert_eq!(sorted(&together), sorted(&all[1..]));
    let of_parts = repo.run(&["report", "1.jsonl", "2.jsonl", "3.jsonl"]);
    assert_eq!(of_parts, repo.run(&["report", "all.jsonl"]));
    assert_eq!(of_parts, repo.run(&["status", "--repos", "repos/*"]));
    insta::assert_snapshot!(repo.run(&["report", "1.jsonl", "3.jsonl"]), @"
    --- stdout
    REPOSITORY    CURRENT   BEHIND  UNINITIALISED    AHEAD  INVALID
    repos/a.git         3        5              1        1        2
    repos/c             0        2              0        0        0
    repos/more-0        0        2              0        0        0
    repos/more-2        0        2              0        0        0
    repos/more-3        0        2              0        0        0
    repos/more-5        0        2              0        0        0

    6 repositories: 3 current, 15 behind, 1 uninitialised, 1 ahead, 2 invalid
    --- stderr
    warning: part 2/3 is not there
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["report", "1.jsonl", "1.jsonl"]), @"
    --- stderr
    error: 1.jsonl:1: this is part 1/3, which doesn't belong to the parts before it
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["report", "1.jsonl", "all.jsonl"]), @"
    --- stderr
    error: all.jsonl:1: this is part 1/1, which doesn't belong to the parts before it
    --- exit 1
    ");
    // The list has grown since the other parts were made, or names the same folders in another way.
    repo.shell("cp -r repos/b later");
    let absolute = repo.path().join("repos/*");
    for (file, patterns) in [
        ("grown.jsonl", &["repos/*", "late[r]"][..]),
        ("absolute.jsonl", &[absolute.to_str().unwrap()]),
    ] {
        let patterns = patterns.iter().flat_map(|pattern| ["--repos", pattern]);
        let arguments: Vec<&str> = ["status", "--shard", "2/3"]
            .into_iter()
            .chain(patterns)
            .collect();
        let part = lines(&repo, &arguments);
        fs::write(repo.path().join(file), part.join("\n") + "\n").unwrap();
    }
    insta::assert_snapshot!(repo.run(&["report", "1.jsonl", "grown.jsonl", "3.jsonl"]), @"
    --- stderr
    error: grown.jsonl:1: part 2/3 was made from another list of repositories than the parts before it (10 there, 11 here): make every part from the same list, with the same names
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["report", "1.jsonl", "absolute.jsonl", "3.jsonl"]), @"
    --- stderr
    error: absolute.jsonl:1: part 2/3 was made from another list of repositories than the parts before it (10 there, 10 here): make every part from the same list, with the same names
    --- exit 1
    ");
    // The part goes on only with its own list.
    insta::assert_snapshot!(repo.run(&["status", "--shard", "2/3", "--repos", "repos/*", "--resume", "grown.jsonl"]), @"
    --- stderr
    error: --resume grown.jsonl:1: its list of repositories was another one (11 then, 10 now): begin another file, or ask what it was begun with
    --- exit 1
    ");
    // A repository of another part, and a part that doesn't say of which list it is.
    let read = |file: &str| fs::read_to_string(repo.path().join(file)).unwrap();
    let (first, second) = (read("1.jsonl"), read("2.jsonl"));
    let last = first.lines().last().unwrap();
    fs::write(repo.path().join("both.jsonl"), format!("{second}{last}\n")).unwrap();
    let both = repo.run(&["report", "1.jsonl", "both.jsonl", "3.jsonl"]);
    let name = json(last)["repository"].as_str().unwrap().to_owned();
    assert!(
        both.contains(&format!(
            "the repository {name} came before: each may come once"
        )),
        "{both}"
    );
    let (head, rest) = second.split_once('\n').unwrap();
    let (head, _) = head.split_once(",\"whole\"").unwrap();
    fs::write(repo.path().join("old.jsonl"), format!("{head}}}}}\n{rest}")).unwrap();
    insta::assert_snapshot!(repo.run(&["report", "old.jsonl"]), @"
    --- stderr
    error: old.jsonl:1: part 2/3 doesn't say which list it is a part of: make it again
    --- exit 1
    ");
    // The page holds all of it.
    assert!(
        repo.run(&[
            "report",
            "1.jsonl",
            "2.jsonl",
            "3.jsonl",
            "--html",
            "page.html"
        ])
        .contains("the page is in")
    );
    let page = fs::read_to_string(repo.path().join("page.html")).unwrap();
    for name in [
        "repos/a.git",
        "repos/more-5",
        "repos/none",
        "can&#39;t be read",
    ] {
        assert!(page.contains(name), "{name}");
    }
    insta::assert_snapshot!(repo.pretty(&["report", "1.jsonl", "2.jsonl", "3.jsonl"]).lines().rev().take(22).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n"), @r#"
      "format_version": 1,
      "repository": "repos/none",
      "exit_code": 1,
      "counts": {},
      "error": "no Git repository at repos/none or in a folder above it: it is only a folder in the repository at REPO; give the path of a repository"
    }
    {
      "format_version": 1,
      "summary": {
        "command": "status",
        "repositories": 10,
        "unread": 1,
        "counts": {
          "ahead": 1,
          "behind": 21,
          "current": 3,
          "invalid": 2,
          "uninitialised": 1
        },
        "missing": []
      }
    }
    "#);
}

#[test]
fn what_is_done_is_not_done_again_wherever_the_process_was_killed() {
    let repo = fleet();
    let arguments = ["status", "--repos", "repos/*", "--resume", "lines.jsonl"];
    let file = repo.path().join("lines.jsonl");
    let whole = lines(&repo, &arguments);
    let bytes = fs::read(&file).unwrap();
    assert_eq!(bytes, (whole.join("\n") + "\n").into_bytes());
    for cut in (0..bytes.len()).step_by(211).chain([bytes.len() - 1]) {
        fs::write(&file, &bytes[..cut]).unwrap();
        let again = lines(&repo, &arguments);
        // One that couldn't be read is tried again.
        let unique: BTreeSet<&str> = again.iter().map(|line| &**line).collect();
        assert_eq!(
            unique,
            whole.iter().map(|line| &**line).collect(),
            "cut at {cut}"
        );
        assert!(again.len() <= whole.len() + 1, "cut at {cut}");
        assert_eq!(
            fs::read(&file).unwrap(),
            (again.join("\n") + "\n").into_bytes()
        );
    }
    // What is done isn't even opened, and what was mended is read.
    repo.shell("rm -rf repos/b/.git; mkdir repos/b/.git; git init -q repos/none");
    insta::assert_snapshot!(repo.run(&arguments), @"
    --- stdout
    REPOSITORY   CURRENT   BEHIND  UNINITIALISED    AHEAD  INVALID
    repos/a.git        3        5              1        1        2
    repos/b            0        2              0        0        0
    repos/c            0        2              0        0        0
    repos/none         0        0              0        0        0

    4 repositories: 3 current, 9 behind, 1 uninitialised, 1 ahead, 2 invalid
    --- exit 0
    ");
    insta::assert_snapshot!(repo.run(&["report", "lines.jsonl"]), @"
    --- stdout
    REPOSITORY   CURRENT   BEHIND  UNINITIALISED    AHEAD  INVALID
    repos/a.git        3        5              1        1        2
    repos/b            0        2              0        0        0
    repos/c            0        2              0        0        0
    repos/none         0        0              0        0        0

    4 repositories: 3 current, 9 behind, 1 uninitialised, 1 ahead, 2 invalid
    --- exit 0
    ");
    // Other questions have other files.
    insta::assert_snapshot!(repo.run(&["status", "--all", "--repos", "repos/*", "--resume", "lines.jsonl"]), @"
    --- stderr
    error: --resume lines.jsonl:1: it was begun by `status` with other options or another catalog: begin another file, or ask what it was begun with
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos/?", "--resume", "lines.jsonl"]), @"
    --- stderr
    error: --resume lines.jsonl:1: its list of repositories was another one (4 then, 2 now): begin another file, or ask what it was begun with
    --- exit 1
    ");
    fs::write(repo.path().join("notes.txt"), "mine\n").unwrap();
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos/*", "--resume", "notes.txt"]), @"
    --- stderr
    error: --resume notes.txt:1: this file isn't one that --resume has begun
    --- exit 1
    ");
    assert_eq!(fs::read(repo.path().join("notes.txt")).unwrap(), b"mine\n");
}

#[test]
fn a_file_of_others_without_a_line_end_stays_as_it_is() {
    let repo = fleet();
    let file = repo.path().join("notes.txt");
    let arguments = ["status", "--repos", "repos/*", "--resume", "notes.txt"];
    let head = lines(&repo, &["status", "--all", "--repos", "repos/*"])[0].clone();
    // The last one is the head of another question, cut off.
    for text in [&b"version = 10"[..], b"\xff\xfe", b" ", head.as_bytes()] {
        fs::write(&file, text).unwrap();
        insta::allow_duplicates! {
            insta::assert_snapshot!(repo.run(&arguments), @"
            --- stderr
            error: --resume notes.txt:1: this file isn't one that --resume has begun for this command: give another file, or delete this one
            --- exit 1
            ");
        }
        assert_eq!(fs::read(&file).unwrap(), text);
    }
}

#[test]
fn a_list_names_repositories_and_their_projects_in_a_shared_store() {
    let repo = fleet();
    let list = "# ours\nrepos/b\n\n{\"repository\":\"repos/c\",\"name\":\"shop\",\"project\":\"Projects-7\",\"base_path\":\".config\"}\n";
    fs::write(repo.path().join("list"), list).unwrap();
    insta::assert_snapshot!(repo.run(&["status", "--repos", "list"]), @"
    --- stdout
    REPOSITORY   BEHIND
    repos/b           2
    shop              2

    2 repositories: 4 behind
    --- exit 0
    ");
    let store = ["--store", "server.db", "--project", "Projects-7"];
    repo.run(&[&store[..], &["store", "init"]].concat());
    let of_c = ["--repo", "repos/c", "--base-path", ".config"];
    let adopted = repo.run(&[&store[..], &of_c, &["adopt", "teams"]].concat());
    assert!(adopted.ends_with("exit 0"), "{adopted}");
    insta::assert_snapshot!(repo.run(&["--store", "server.db", "status", "--repos", "list"]), @r#"
    --- stderr
    error: the store is one for all repositories, and the project of repos/b isn't named: each one's stands in the list, as `{"repository": "DIR", "project": "NAME"}`
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    "#);
    let named = list.replace(
        "repos/b\n",
        "{\"repository\":\"repos/b\",\"project\":\"Projects-1\"}\n",
    );
    fs::write(repo.path().join("list"), named).unwrap();
    let lines = lines(
        &repo,
        &["--store", "server.db", "status", "--repos", "list"],
    );
    let versions = lines
        .iter()
        .map(|line| json(line))
        .filter(|line| line.get("ref").is_some());
    for line in versions {
        let known = line["repository"] == "shop";
        assert_eq!(line["project_version"].is_null(), !known, "{line}");
    }
}

#[test]
fn what_names_no_fleet_is_refused() {
    let repo = fleet();
    let list = repo.path().join("list");
    fs::write(&list, "repos/b\nrepos/b\n").unwrap();
    insta::assert_snapshot!(repo.run(&["status", "--repos", "list"]), @"
    --- stderr
    error: --repos names repos/b twice: each repository may come once
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    ");
    fs::write(&list, "{\"repository\":\"a\",\"colour\":1}\n").unwrap();
    insta::assert_snapshot!(repo.run(&["status", "--repos", "list"]), @"
    --- stderr
    error: list:1: unknown field `colour`, expected one of `repository`, `name`, `project`, `base_path` at line 1 column 26
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos"]), @"
    --- stderr
    error: --repos repos: this is a folder; give a file that lists repositories, or a pattern in quotes: --repos 'repos/*'
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos/b"]), @"
    --- stderr
    error: --repos repos/b: this is one repository: name it with --repo instead; for several give a file that lists them, or a pattern in quotes
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "none-*"]), @"
    --- stderr
    error: --repos none-*: no folder fits this pattern
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos/**/x"]), @"
    --- stderr
    error: --repos repos/**/x: `**` isn't known; `*` fits the names in one folder
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "absent"]), @"
    --- stderr
    error: absent: No such file or directory (os error 2)
    hint: see what is there: ls -la .
    --- exit 1
    ");
    insta::assert_snapshot!(repo.run(&["--project", "x", "status", "--repos", "repos/*"]), @r#"
    --- stderr
    error: --project names one repository's project: with --repos, each one's stands in the list, as `{"repository": "DIR", "project": "NAME"}`
    hint: see how it is called: ocl-migrate help status
    --- exit 2
    "#);
    insta::assert_snapshot!(repo.run(&["status", "--shard", "1/2"]), @"
    --- stderr
    error: the following required arguments were not provided:
      --repos <FILE|GLOB>

    Usage: ocl-migrate status --repos <FILE|GLOB> --shard <I/N> [REF]...

    For more information, try '--help'.
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["status", "--repos", "repos/*", "--shard", "3/2"]), @"
    --- stderr
    error: invalid value '3/2' for '--shard <I/N>': a part is I/N, with I from 1 to N, and N at most 100000: 2/10

    For more information, try '--help'.
    --- exit 2
    ");
    insta::assert_snapshot!(repo.run(&["report", "list"]), @"
    --- stderr
    error: list:1: this isn't the output of a command with --repos and --format json
    --- exit 1
    ");
}

#[cfg(unix)]
#[test]
fn open_files_dont_grow_with_the_fleet() {
    let repo = fleet();
    repo.shell("for n in $(seq 100); do cp -r repos/b repos/r$n; done");
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let catalog = project().join("fixtures/catalogs/fizz");
    let done = isolated("bash", repo.path())
        .args([
            "-c",
            "ulimit -n 64; exec \"$0\" \"$@\"",
            program,
            "--catalog",
            catalog.to_str().unwrap(),
        ])
        .args(["rehearse", "--repos", "repos/r*"])
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    assert!(
        text.contains("100 repositories: 200 changed"),
        "{text}{}",
        String::from_utf8_lossy(&done.stderr)
    );
}
