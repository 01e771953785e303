//! Hints lead to where a mistake is, and what they print can be pasted.

use crate::support::Sandbox;

/// A project at version 14 with a runbook.
fn repository() -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && cd .octopus && echo 'version = 14' > schema_version.ocl
         printf 'name = \"A\"\\n' > runbooks/a.ocl && git add . && git commit -qm one && git switch -q --detach",
    );
    repo
}

const DOUBLED: &str = "printf 'name = \"A\"\\n\\ndescription = \"x\"\\ndescription = \"y\"\\n'";

/// The hint, and the places of the same error.
fn told(repo: &Sandbox, arguments: &[&str]) -> (String, serde_json::Value) {
    let text = repo.run_plain(arguments);
    let hint = text.split_once("hint: ").map(|(_, hint)| hint);
    let hint = hint.unwrap_or_else(|| panic!("{text}"));
    let hint = hint.split("\n---").next().unwrap().to_owned();
    let json = repo.command(&[&["--format", "json"], arguments].concat());
    let json = String::from_utf8(json.stderr).unwrap();
    let error: serde_json::Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    (hint, error["error"]["places"].clone())
}

#[test]
fn a_name_that_stands_twice_in_a_text_at_hand() {
    let repo = repository();
    repo.shell(&format!("{DOUBLED} > a.ocl"));
    let (hint, places) = told(
        &repo,
        &["commit", "main", "-m", "x", "--put", "runbook/a=a.ocl"],
    );
    assert_eq!(
        hint,
        "mend it there, then: ocl-migrate commit main -m x --put runbook/a=a.ocl"
    );
    let expected =
        serde_json::json!([{"document": "runbook/a", "file": "a.ocl", "line": 3, "column": 1}]);
    assert_eq!(places, expected);
}

#[test]
fn a_name_that_stands_twice_in_an_old_commit_or_on_another_branch() {
    let repo = repository();
    repo.shell(&format!(
        "git switch -q main && {DOUBLED} > .octopus/runbooks/a.ocl && git commit -qam two
         git branch theirs && git commit -q --allow-empty -m three && git switch -qc ours main~2
         echo 'name = \"B\"' > .octopus/runbooks/b.ocl && git add . && git commit -qm four && git switch -q --detach"
    ));
    let old = repo.shell("git rev-parse theirs");
    let (id, old) = (&old[..10], old.trim());
    let (hint, places) = told(
        &repo,
        &[
            "restore",
            "ours",
            "--from",
            "theirs",
            "runbook/a",
            "-m",
            "x",
        ],
    );
    let show = format!("see it: ocl-migrate show {id} runbook/a");
    assert_eq!(
        hint,
        format!(
            "{show}\n    to restore it mended: ocl-migrate commit ours -m TEXT --put runbook/a=FILE"
        )
    );
    let expected = serde_json::json!([
        {"ref": old, "document": "runbook/a", "file": ".octopus/runbooks/a.ocl", "line": 3, "column": 1}
    ]);
    assert_eq!(places, expected);
    let (hint, places) = told(&repo, &["merge", "theirs", "--into", "ours", "-m", "x"]);
    assert_eq!(
        hint,
        format!(
            "{show}\n    to mend it there first: ocl-migrate commit theirs -m TEXT --put runbook/a=FILE"
        )
    );
    assert_eq!(places, expected);
    // On the branch itself it is as it was.
    let (hint, places) = told(
        &repo,
        &["commit", "main", "-m", "x", "--unset", "runbook/a name"],
    );
    assert_eq!(
        hint,
        "mend it in the same commit; see it: ocl-migrate show main runbook/a"
    );
    assert_eq!(places[0]["ref"], "main");
    // The new name is the branch's only once it is written.
    let rename = "rename-thing runbook a c --into main -m x";
    let (hint, _) = told(&repo, &rename.split(' ').collect::<Vec<_>>());
    let (show, put) = hint.split_once("\n    to mend it first: ").unwrap();
    let show = show.strip_prefix("see it: ocl-migrate ").unwrap();
    let put = put.strip_prefix("ocl-migrate ").unwrap();
    let shown = repo.run_plain(&show.split(' ').collect::<Vec<_>>());
    let shown = shown.strip_prefix("--- stdout\n").unwrap();
    let mended = shown
        .lines()
        .find(|line| line.starts_with("name ="))
        .unwrap();
    std::fs::write(repo.path().join("FILE"), format!("{mended}\n")).unwrap();
    for command in [put, rename] {
        let done = repo.run_plain(&command.split(' ').collect::<Vec<_>>());
        assert!(done.ends_with("--- exit 0"), "{command}: {done}");
    }
}

#[test]
fn documents_with_a_blank_in_their_names() {
    let repo = repository();
    repo.shell("git switch -q main && cp .octopus/runbooks/a.ocl '.octopus/runbooks/back up.ocl' && git add . && git commit -qm two");
    for command in [
        "log main",
        "export main --as json",
        "compare",
        "diff main~ main",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let done = repo.run_plain(&[&words[..], &["runbook/back up"]].concat());
        assert!(done.ends_with("--- exit 0"), "{command}: {done}");
        let (hint, _) = told(&repo, &[&words[..], &["runbook/backup"]].concat());
        assert!(hint.ends_with(" 'runbook/back up'"), "{hint}");
    }
    let (hint, _) = told(
        &repo,
        &[
            "commit",
            "main",
            "-m",
            "x",
            "--unset",
            "runbook/backup name",
        ],
    );
    assert!(
        hint.ends_with(" --unset '\"runbook/back up\" name'"),
        "{hint}"
    );
}

#[test]
fn a_work_tree_that_is_gone_and_locked() {
    let repo = repository();
    repo.shell("git worktree add -q gone main && git worktree lock gone && rm -r gone");
    let commit = ["commit", "main", "-m", "x", "--set", "runbook/a name=B"];
    let (hint, _) = told(&repo, &commit);
    let commands = hint.split_once(": ").unwrap().1;
    let program = format!("'{}'", env!("CARGO_BIN_EXE_ocl-migrate"));
    let commands = commands
        .replace("ocl-migrate", &program)
        .replace("REPO", repo.path().to_str().unwrap());
    repo.shell(&commands);
    assert_eq!(repo.shell("git log -1 --format=%s main"), "x\n");
}

#[test]
fn a_plan_on_paper_says_which_versions_are_unknown() {
    let repo = Sandbox::empty();
    let plan = repo.pretty_plain(&["plan", "--branch-version", "12", "--to", "10"]);
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let expected = "the result may be incomplete: versions 12 and 11 are not in this catalog";
    assert_eq!(plan["warnings"], serde_json::json!([expected]));
}

#[test]
fn an_environment_whose_ref_is_not_there() {
    let repo = repository();
    repo.shell("git switch -q main && echo 'environment \"staging\" { ref = \"nowhere\" }' > .ocl-migrate.hcl && git add . && git commit -qm s");
    for command in [
        &["show", "staging"][..],
        &["uses", "X", "--refs", "staging"],
        &["check", "staging"],
    ] {
        let (hint, _) = told(&repo, command);
        let expected = "the environment `staging` of the repository's .ocl-migrate.hcl names it";
        assert!(hint.starts_with(expected), "{hint}");
    }
    let (hint, _) = told(&repo, &["show", "nowhere"]);
    assert!(hint.starts_with("see what there is"), "{hint}");
}

#[test]
fn files_that_begin_with_a_byte_order_mark() {
    let repo = repository();
    repo.shell(
        "printf '\\xef\\xbb\\xbfenvironment \"staging\" { ref = \"main\" }\\n' > .ocl-migrate.hcl
         printf '\\xef\\xbb\\xbf{\"environments\": {\"A\": \"a\"}}' > answers.json",
    );
    assert!(repo.run_plain(&["store", "init"]).ends_with("exit 0"));
    let done = repo.run_plain(&["store", "lookup", "load", "answers.json"]);
    assert!(done.ends_with("exit 0"), "{done}");
}

#[test]
fn a_folder_that_is_named_as_a_store_and_a_dot_as_a_base_path() {
    let repo = repository();
    repo.shell("mkdir folder");
    let done = repo.run_plain(&["--store", "folder", "store", "status"]);
    assert!(done.contains("it is a folder"), "{done}");
    assert!(
        done.contains("hint: name a file in it: --store folder/store.db"),
        "{done}"
    );
    let done = repo.run_plain(&["--base-path", "./.octopus", "status"]);
    assert!(done.contains("leave it out"), "{done}");
}

#[test]
fn two_blocks_about_one_repository() {
    let repo = repository();
    let path = repo.path().display();
    std::fs::create_dir_all(repo.path().join(".config/ocl-migrate")).unwrap();
    let block = format!("repository \"{path}\" {{ project = \"a\" }}\n");
    let file = repo.path().join(".config/ocl-migrate/config.hcl");
    std::fs::write(&file, block.repeat(2)).unwrap();
    let done = repo.run_plain(&["status"]);
    assert!(
        done.contains("config.hcl:2:1") && done.contains("at line 1"),
        "{done}"
    );
}

#[test]
fn documents_whose_paths_differ_only_in_case() {
    let repo = repository();
    repo.shell("cd .octopus/runbooks && git switch -q main && cp a.ocl A.ocl && git add . && git commit -qm two && git clone -q --bare ../.. ../../bare");
    let done = repo.run_plain(&["doctor"]);
    assert!(
        done.contains("differs only in case from runbooks/A.ocl"),
        "{done}"
    );
    let done = repo.run_plain(&["-C", "bare", "doctor"]);
    assert!(
        done.contains("in a clone that has a work tree: give it another name"),
        "{done}"
    );
}

#[test]
fn a_step_of_a_kind_that_a_new_catalog_does_not_have() {
    let repo = repository();
    repo.shell("mkdir mine && printf 'catalog \"mine\" { base_path = \".mine\" }\\nmarker {\\n  path = \"v.ocl\"\\n  attribute = \"version\"\\n}\\n' > mine/catalog.hcl");
    let done = repo.run_plain(&["--catalog", "mine", "new", "modify", "job", "first"]);
    assert!(
        done.contains("it has none yet: declare it in its catalog.hcl first, as `document \"job\" { path = \"..\" }`"),
        "{done}"
    );
}

/// What only the second of the refs has is known, too.
#[test]
fn a_mistyped_document_that_only_another_ref_has() {
    let repo = repository();
    repo.shell("git switch -q main; git switch -qc more; cp .octopus/runbooks/a.ocl .octopus/runbooks/backup.ocl; git add .; git commit -qm two");
    let (hint, _) = told(
        &repo,
        &["compare", "runbook/bakcup", "--refs", "main", "more"],
    );
    let command = "ocl-migrate compare runbook/backup --refs main more";
    assert_eq!(hint, format!("did you mean runbook/backup? {command}"));
    let (hint, _) = told(&repo, &["compare", "variables"]);
    let (_, command) = hint.split_once(": ").unwrap();
    assert_eq!(
        command,
        "ocl-migrate query 'SELECT ref, document FROM documents'"
    );
    let done = repo.run_plain(&["query", "SELECT ref, document FROM documents"]);
    assert!(done.contains("more  runbook/backup"), "{done}");
}

/// A branch that is yet to begin has no files.
#[test]
fn a_path_that_can_not_be_placed_on_a_new_branch() {
    let repo = repository();
    let commit = [
        "commit",
        "new",
        "--new",
        "--from",
        "main",
        "-m",
        "x",
        "--put",
        "runbook/../x=/dev/null",
    ];
    repo.shell("echo 'name = \"X\"' > x.ocl");
    let commit = commit.map(|word| {
        if word.ends_with("null") {
            "runbook/../x=x.ocl"
        } else {
            word
        }
    });
    let (hint, _) = told(&repo, &commit);
    assert!(hint.ends_with("git ls-tree -r --name-only main"), "{hint}");
}

/// The name that the path stands for isn't in the command.
#[test]
fn a_path_that_is_not_there_leads_to_those_that_are() {
    let repo = repository();
    let set = [
        "commit",
        "main",
        "-m",
        "x",
        "--set",
        ".octopus/runbooks/x.ocl name=Z",
    ];
    let (hint, _) = told(&repo, &set);
    assert_eq!(
        hint,
        "did you mean runbook/a?\n    see what there is: ocl-migrate preview --stat main"
    );
}
