//! Catalogs that users begin themselves: without steps yet, and with the documents at the repository's top.

use crate::support::Sandbox;

/// A repository with a catalog in `c/`, and what the catalog holds beside its first line and the marker.
fn repository(base_path: &str, steps: &[(&str, &str)]) -> Sandbox {
    let repo = Sandbox::empty();
    repo.shell(&format!(
        "mkdir c && cat > c/catalog.hcl <<'END'
catalog \"t\" {{ base_path = \"{base_path}\" }}
marker {{
  path      = \"version.ocl\"
  attribute = \"version\"
}}
document \"flag\" {{ path = \"flags/*.ocl\" }}
END
         printf '/c\\n/x.ocl\\n' > .git/info/exclude
         git commit -q --allow-empty -m one && git switch -q --detach && printf 'name = \"n\"\\n' > x.ocl"
    ));
    for (folder, step) in steps {
        repo.shell(&format!(
            "mkdir c/{folder} && cat > c/{folder}/step.hcl <<'END'\n{step}\nEND"
        ));
    }
    repo
}

fn run(repo: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split(' ').collect();
    repo.run_plain(&[&["--catalog", "c"], words.as_slice()].concat())
}

#[test]
fn a_catalog_without_steps_writes_no_version() {
    let repo = repository(".t", &[]);
    for words in ["commit main --put flag/n=x.ocl -m x", "upgrade main -m x"] {
        let text = run(&repo, words);
        assert!(text.contains("the catalog has no steps yet"), "{text}");
        assert!(!text.ends_with("--- exit 0"), "{text}");
        let hint = "hint: to begin one: ocl-migrate --catalog c new modify flag first\n";
        assert!(text.contains(hint), "{text}");
    }
    assert_eq!(repo.shell("git log --oneline main | wc -l").trim(), "1");
    // What the hint says works.
    let text = run(&repo, "new modify flag first");
    assert!(text.ends_with("--- exit 0"), "{text}");
    let text = run(&repo, "commit main --put flag/n=x.ocl -m x");
    assert!(text.ends_with("--- exit 0"), "{text}");
    assert_eq!(
        repo.shell("git show main:.t/version.ocl").trim(),
        "version = 1"
    );
}

const IMPORT: (&str, &str) = (
    "0001_take",
    "description = \"Take flags\"\ndocument = \"flag\"\nimport {}",
);
const ADD: (&str, &str) = (
    "0002_add",
    "description = \"Add\"\ndocument = \"flag\"\nmodify {\n  default = { added = 1 }\n}",
);

#[test]
fn documents_at_the_top_are_imported_without_more_options() {
    let repo = repository("", &[IMPORT]);
    for words in [
        "store init",
        "store put flag/n x.ocl",
        "upgrade main -m x",
        "commit main --put flag/m=x.ocl -m y",
    ] {
        let text = run(&repo, words);
        assert!(text.ends_with("--- exit 0"), "{words}: {text}");
    }
    let files = repo.shell("git ls-tree -r --name-only main");
    assert_eq!(files, "flags/m.ocl\nflags/n.ocl\nversion.ocl\n");
    let text = run(&repo, "store status");
    assert!(text.contains("\n.: version 1\n"), "{text}");
}

#[test]
fn the_top_is_a_project_among_several() {
    let repo = repository("", &[ADD]);
    repo.shell(
        "git switch -q main && mkdir -p flags sub/flags && cp x.ocl flags/n.ocl && cp x.ocl sub/flags/s.ocl
         echo 'version = 1' | tee version.ocl > sub/version.ocl
         git add . && git commit -qm two && git switch -q --detach",
    );
    let text = run(&repo, "show main");
    assert!(
        text.contains("several projects (. and sub): choose one"),
        "{text}"
    );
    assert!(text.contains(" --base-path .\n"), "{text}");
    let text = run(&repo, "show main --base-path .");
    assert!(text.ends_with("--- exit 0"), "{text}");
    assert!(
        text.contains("flags/n.ocl") && !text.contains("/flags/"),
        "{text}"
    );
    for written in ["", "."] {
        repo.shell(&format!(
            "echo 'base_path = \"{written}\"' > .ocl-migrate.hcl"
        ));
        let text = run(&repo, "show main");
        assert!(text.ends_with("--- exit 0"), "{text}");
        repo.shell("rm .ocl-migrate.hcl");
    }
    let patch = run(&repo, "preview main --base-path .");
    assert!(patch.contains("--- a/flags/n.ocl\n"), "{patch}");
    let stat = run(&repo, "preview main --base-path . --stat");
    assert!(!stat.contains("/flags"), "{stat}");
}

/// Where a step's version is recorded, `snapshot` has nothing to do.
#[test]
fn a_step_at_a_recorded_version_says_that_it_is_frozen() {
    let repo = repository(".t", &[ADD]);
    repo.shell(
        "mkdir -p c/snapshots/arrivals/v1/flags && cp x.ocl c/snapshots/arrivals/v1/flags/n.ocl",
    );
    for words in ["new modify flag third", "snapshot"] {
        let text = run(&repo, words);
        assert!(text.ends_with("--- exit 0"), "{words}: {text}");
    }
    let text = run(&repo, "new rename flag other --version 2");
    assert!(
        text.contains("version 2 has a step for `flag` already"),
        "{text}"
    );
    let text = run(&repo, "new modify flag first --version 1");
    assert!(
        text.contains("version 1 is recorded in c/snapshots/v1, which is frozen"),
        "{text}"
    );
    assert!(!text.contains(" snapshot\n"), "{text}");
}

#[test]
fn a_folder_without_a_version_is_no_step() {
    let repo = repository(".t", &[ADD]);
    repo.shell("mkdir c/docs && echo x > c/docs/notes.md");
    let text = run(&repo, "verify");
    assert!(
        text.contains("this folder is no step") && text.contains("`0010_name`"),
        "{text}"
    );
}

const TWO_KINDS: &str =
    "echo 'document \"segment\" { path = \"segments/*.ocl\" }' >> c/catalog.hcl";

/// A frozen snapshot never gets what is added beside it later.
#[test]
fn arrivals_that_no_snapshot_has_are_told() {
    let repo = repository(".t", &[ADD]);
    repo.shell(
        "mkdir -p c/snapshots/arrivals/v1/flags && cp x.ocl c/snapshots/arrivals/v1/flags/n.ocl
         mkdir -p c/0002_add/cases/a && printf 'a = 1\n' > c/0002_add/cases/a/before.ocl
         printf 'a = 1\nadded = 1\n' > c/0002_add/cases/a/after.ocl && echo 'slug = \"a\"' > c/0002_add/cases/a/case.hcl",
    );
    let text = run(&repo, "snapshot");
    assert!(text.ends_with("--- exit 0"), "{text}");
    let text = run(&repo, "verify");
    assert!(text.contains(": sound"), "{text}");
    repo.shell("cp x.ocl c/snapshots/arrivals/v1/flags/zz.ocl");
    let text = run(&repo, "verify");
    let told =
        "error[snapshot] snapshots/arrivals/v1/flags/zz.ocl: snapshots/v1 was recorded without it";
    assert!(text.contains(told), "{text}");
    let text = run(&repo, "snapshot --replace");
    assert!(
        text.contains("flags/zz.ocl: snapshots/v1 was recorded without it"),
        "{text}"
    );
}

const ASKS: (&str, &str) = (
    "0002_add",
    "description = \"Ask\"\ndocument = \"flag\"\nmodify {\n  default = { team = lookup(\"teams\", self.name, \"none\") }\n}",
);

/// A default is no answer: it must not be frozen without a word.
#[test]
fn lookups_without_an_answer_are_told() {
    let repo = repository(".t", &[ASKS]);
    repo.shell(
        "mkdir -p c/snapshots/arrivals/v1/flags && cp x.ocl c/snapshots/arrivals/v1/flags/n.ocl
         mkdir -p c/0002_add/cases/a && cp x.ocl c/0002_add/cases/a/before.ocl
         printf 'name = \"n\"\nteam = \"blue\"\n' > c/0002_add/cases/a/after.ocl",
    );
    run(&repo, "snapshot");
    let text = run(&repo, "verify");
    assert!(
        text.contains("the lookup table \"teams\" has no key \"n\""),
        "{text}"
    );
    assert!(text.contains("under `lookups` in server.hcl"), "{text}");
    assert!(
        text.contains("0002_add/cases/a: the step looks up \"n\" in \"teams\""),
        "{text}"
    );
    // Who says that there is none is asked no more.
    repo.shell("echo 'lookups = { teams = { n = null } }' > c/snapshots/server.hcl");
    let text = run(&repo, "verify");
    assert!(!text.contains("the lookup table"), "{text}");
}

#[test]
fn what_is_wrong_in_the_files_beside_cases_and_snapshots_has_its_line() {
    let repo = repository(".t", &[ADD]);
    repo.shell(TWO_KINDS);
    repo.shell("mkdir -p c/snapshots/v1 c/0002_add/cases/a && cp x.ocl c/0002_add/cases/a/before.ocl && cp x.ocl c/0002_add/cases/a/after.ocl");
    let told = |file: &str, text: &str| {
        std::fs::write(repo.path().join("c").join(file), text).unwrap();
        let told = run(&repo, "verify");
        repo.shell(&format!("rm c/{file}"));
        told
    };
    let text = told(
        "snapshots/server.hcl",
        "# ours\nlookups = {\n  a = {}\n  b = \"x\"\n}\n",
    );
    assert!(
        text.contains("server.hcl: line 4: lookups: b: invalid type"),
        "{text}"
    );
    let text = told("snapshots/server.hcl", "exceptions = { v1 = 3 }\n");
    assert!(
        text.contains("server.hcl: line 1: exceptions: v1: invalid type"),
        "{text}"
    );
    let text = told("snapshots/server.hcl", "exceptions = { v9 = \"why\" }\n");
    assert!(text.contains("exceptions: there is no version 9"), "{text}");
    let case = "0002_add/cases/a/case.hcl";
    let text = told(case, "\nslug = [1]\n");
    assert!(text.contains("line 2: slug: invalid type"), "{text}");
    let text = told(case, "documents = { \"segmnt/b\" = \"before.ocl\" }\n");
    assert!(
        text.contains("the catalog has no kind `segmnt`: did you mean `segment`?"),
        "{text}"
    );
    let text = told(case, "documents = { segment = \"before.ocl\" }\n");
    assert!(text.contains("name one: \"segment/NAME\""), "{text}");
}

/// Git holds the document, and so does the store: neither is denied.
#[test]
fn a_document_that_both_have_is_explained() {
    let repo = repository(".t", &[]);
    repo.shell(
        "mkdir c/0002_take && printf 'description = \"Take\"\ndocument = \"flag\"\nimport {}\n' > c/0002_take/step.hcl
         git switch -q main && mkdir -p .t/flags && echo 'version = 1' > .t/version.ocl && cp x.ocl .t/flags/f.ocl
         git add . && git commit -qm two && git switch -q --detach",
    );
    for words in ["store init", "store put flag/f x.ocl --shape 2"] {
        let text = run(&repo, words);
        assert!(text.ends_with("--- exit 0"), "{words}: {text}");
    }
    let text = run(&repo, "explain main flag/f");
    assert!(!text.contains("nothing that can be read"), "{text}");
    assert!(!text.contains("not run on this one"), "{text}");
    assert!(text.contains("(blob "), "{text}");
    let command = "ocl-migrate --catalog c --base-path .t store remove flag/f";
    assert!(text.contains(command), "{text}");
    let removed = run(&repo, "--base-path .t store remove flag/f");
    assert!(removed.ends_with("--- exit 0"), "{removed}");
    let text = run(&repo, "explain main flag/f");
    assert!(text.ends_with("--- exit 0"), "{text}");
}

/// Where no branch has passed an import, there is nothing to adopt.
#[test]
fn a_new_store_says_nothing_of_adopting_where_nothing_is_imported() {
    for (step, adopts) in [(ADD, false), (IMPORT, true)] {
        let repo = repository(".t", &[step]);
        repo.shell(
            "git switch -q main && mkdir -p .t/flags && echo 'version = 1' > .t/version.ocl && cp x.ocl .t/flags/f.ocl
             git add . && git commit -qm two && git switch -q --detach",
        );
        let text = run(&repo, "store init");
        assert_eq!(text.contains("adopt"), adopts, "{text}");
    }
}

/// A branch at version 1 with a flag, and then others on top.
fn with_a_flag(steps: &[(&str, &str)], then: &str) -> Sandbox {
    let repo = repository(".t", steps);
    repo.shell(&format!(
        "git switch -q main && mkdir -p .t/flags && printf 'name = \"n\"\\n' > .t/flags/n.ocl && printf 'version = 1' > .t/version.ocl \
         && git add .t && git commit -qm flags && {then} git switch -q --detach"
    ));
    repo
}

#[test]
fn explain_tells_what_steps_did_before_one_failed() {
    let rename =
        "description = \"b\"\ndocument = \"flag\"\nmodify {\n  rename = { name = \"title\" }\n}";
    let fails = "description = \"c\"\ndocument = \"flag\"\nmodify {\n  set = { q = 1 / 0 }\n}";
    let idle = "description = \"d\"\ndocument = \"flag\"\nmodify {\n  remove = [\"nothing\"]\n}";
    let steps = [
        IMPORT,
        ("0002_title", rename),
        ("0003_idle", idle),
        ("0004_fails", fails),
        ("0005_idle", idle),
    ];
    let repo = with_a_flag(&steps, "");
    let text = run(&repo, "explain main flag/n");
    for line in [
        "2  modify   title: changed\n",
        "-name = \"n\"\n",
        "+title = \"n\"\n",
        "3  modify   idle: ran, and found nothing to change\n",
        "4  modify   fails: failed: ",
        "5  modify   idle: not reached",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn explain_tells_that_imports_and_removes_are_undone_on_the_way_down() {
    let removed =
        "description = \"b\"\ndocument = \"flag\"\nremove {}\ndown {\n  from = \"history\"\n}";
    let later = "git rm -q .t/flags/n.ocl && printf 'version = 2' > .t/version.ocl && git commit -qam gone &&";
    let repo = with_a_flag(&[IMPORT, ("0002_gone", removed)], later);
    let text = run(&repo, "explain main flag/n --to 1");
    assert!(text.contains("2  remove   gone: undone\n"), "{text}");

    let import = ("0002_take", IMPORT.1);
    let later = "printf 'version = 2' > .t/version.ocl && git commit -qam two &&";
    let repo = with_a_flag(&[import], later);
    let text = run(&repo, "explain main flag/n --to 1");
    assert!(text.contains("2  import   take: undone\n"), "{text}");
}

#[test]
fn a_step_that_reads_what_is_not_there_is_told_by_verify() {
    let team = |action: &str| format!("description = \"x\"\ndocument = \"team\"\n{action} {{}}");
    let reads = |version: u32| {
        format!(
            "description = \"x\"\ndocument = \"flag\"\nreads = [\"team\"]\nmodify {{\n  default = {{ at{version} = documents.team != null }}\n}}"
        )
    };
    let (import, remove) = (team("import"), team("remove"));
    let (early, between, late) = (reads(2), reads(4), reads(6));
    let steps = [
        IMPORT,
        ("0002_early", &*early),
        ("0003_team", &*import),
        ("0004_between", &*between),
        ("0005_gone", &*remove),
        ("0006_late", &*late),
    ];
    let repo = repository(".t", &steps);
    repo.shell("echo 'document \"team\" { path = \"teams/*.ocl\" }' >> c/catalog.hcl");
    let text = run(&repo, "verify");
    let nothing = "it reads `team`, of which there is nothing at version";
    assert_eq!(text.matches(nothing).count(), 2, "{text}");
    for told in [
        "version 2: step 3 team imports it",
        "version 6: step 5 gone removed it",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn a_name_that_an_attribute_and_a_block_share_is_not_given_to_another() {
    let rename =
        "description = \"Rename\"\ndocument = \"flag\"\nmodify {\n  rename = { x = \"z\" }\n}";
    let repo = repository(".t", &[IMPORT, ("0002_rename", rename)]);
    repo.shell(
        "git switch -q main && mkdir -p .t/flags && echo 'version = 1' > .t/version.ocl
         printf 'x = 1\\n\\nx {\\n}\\n' > .t/flags/a.ocl && git add . && git commit -qm two && git switch -q --detach",
    );
    let text = run(&repo, "preview main");
    let why = "`x` is an attribute and a block, and they can't both be called `z`: give one of them another name first";
    assert!(text.contains(why), "{text}");
    assert!(!text.contains("there is already"), "{text}");
}

#[test]
fn an_exception_for_a_version_with_a_snapshot_is_one_too_many() {
    let repo = repository(".t", &[IMPORT, ADD]);
    repo.shell(
        "cd c && mkdir -p snapshots/v1 snapshots/arrivals/v9/flags && echo 'version = 1' > snapshots/v1/version.ocl
         echo 'exceptions = { v1 = \"why\" }' > snapshots/server.hcl && cp ../x.ocl snapshots/arrivals/v9/flags/n.ocl",
    );
    let text = run(&repo, "verify");
    assert!(
        text.contains("exceptions: version 1 has a snapshot, so it needs none"),
        "{text}"
    );
    // What arrives at no version needs no snapshot of that either.
    assert!(text.contains("arrivals/v9/flags/n.ocl"), "{text}");
    assert!(!text.contains("version 9: it has no snapshot"), "{text}");
}
