//! Pages to look at: a plan with everything in it, text that attacks, and thousands of refs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use ocl_migrate::catalog::{Catalog, CatalogParts, DocumentKind, OnExisting, PathPattern, Step};
use ocl_migrate::compare::{UseQuestion, diff};
use ocl_migrate::git::RefScope;
use ocl_migrate::history::{BlameOptions, HistoryOptions};
use ocl_migrate::project::{
    LoadError, LoadOptions, MergeOptions, Project, RefStatus, RehearsalGroups,
};
use ocl_migrate::report::{DiffPage, HtmlPage, LogPage, RefMap};
use ocl_migrate::values::Selector;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Sandbox, World, request, scratch};

/// Ends what it stands in, and leaves a trace if it runs.
pub(crate) const ATTACK: &str =
    "\"'></code></script><script>window.ran=1</script><img src=x onerror=window.ran=1>";
pub(crate) const REFS: usize = 5_000;
pub(crate) const VALUES: usize = 2_000;
pub(crate) const THINGS: usize = 1_500;
pub(crate) const RUNBOOKS: usize = 500;

/// A page in a file of its own.
pub(crate) struct Page {
    folder: TempDir,
    name: &'static str,
}

impl Page {
    fn new(name: &'static str, page: &HtmlPage) -> Page {
        let written = Page {
            folder: scratch::folder(),
            name,
        };
        std::fs::write(written.file(), page.to_string()).unwrap();
        written
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join(format!("{}.html", self.name))
    }
}

/// Every decision and every outcome: imports from the table, passed over and skipped; removes, renames, failures.
fn world() -> World {
    let world = World::new(
        "process: 4 rename, 5 modify; fizz: 3 import, 4 modify, 6 modify; buzz: 2 modify, 5 remove; \
         gone: 3 import, 5 remove; runbook[]: 4 import keep, 5 modify, 6 reject, 8 lookup; unknown: 7",
    );
    let long: String = (1..=40)
        .map(|line| format!("line_{line} = {line}\n"))
        .collect();
    let windows = "name = \"Windows\"\r\nkeep = 20\r\n";
    world.branch(
        "release/2023",
        1,
        &[
            ("process-4.ocl", &long),
            ("buzz.ocl", "name = \"Buzz\"\n"),
            ("runbook/backup.ocl", windows),
            ("runbook/broken.ocl", "broken = true\n"),
            ("runbook/unclosed.ocl", "name = \"it never ends\n"),
        ],
    );
    world.branch("main", 2, &[("process-4.ocl", "name = \"main\"\n")]);
    world.row("fizz", "name = \"Fizz\"\nsize = 3\n", 4);
    world.row("runbook/restore", "name = \"Restore\"\n", 8);
    world
}

pub(crate) fn preview() -> Page {
    Page::new(
        "preview",
        &HtmlPage::preview(&world().load("release/2023")).unwrap(),
    )
}

/// A merge of two branches that both changed `a`; all of its values attack.
pub(crate) fn merge() -> Page {
    let world = World::new("fizz: 2 modify");
    let attack = ATTACK.replace('"', "\\\"");
    let text = |a: u32, b: u32| format!("a = \"{a}{attack}\"\nb = \"{b}{attack}\"\nc = 1\n");
    world.branch("main", 2, &[("fizz.ocl", &text(1, 1))]);
    world.repo.git(&["branch", "feature", "main"]);
    for (branch, text) in [("main", text(2, 1)), ("feature", text(3, 2))] {
        world
            .repo
            .commit(branch, None, &[(".octopus/fizz.ocl", Some(&text))]);
    }
    let options = MergeOptions {
        rows: true,
        ..MergeOptions::default()
    };
    let merging = world.project().merge("main", "feature", &options);
    Page::new(
        "merge",
        &HtmlPage::merge("feature", "main", &merging.unwrap()),
    )
}

pub(crate) fn plan() -> Page {
    Page::new("plan", &HtmlPage::plan(&world().load("release/2023")))
}

/// The same ref after another branch has taken the rows: what was in the table is in a snapshot.
pub(crate) fn from_snapshots() -> Page {
    let world = world();
    let mut draft = world.edit("main");
    draft.put("process", "name = \"changed\"\n").unwrap();
    let mut request = request("change");
    request.accept_unknown_versions.insert(7);
    let _ = draft.commit(request).unwrap();
    Page::new(
        "snapshots",
        &HtmlPage::preview(&world.load("release/2023")).unwrap(),
    )
}

/// A document whose every line changes, and there are thousands.
pub(crate) fn large() -> Page {
    let world = World::new("fizz: 3 import, 4 modify");
    let before: String = (0..20_000)
        .map(|line| format!("line_{line} = \"{line}\"\n"))
        .collect();
    world.row("fizz", &before, 3);
    world.branch("main", 2, &[]);
    Page::new("large", &HtmlPage::preview(&world.load("main")).unwrap())
}

fn attacking_catalog() -> Arc<Catalog> {
    let path = |text: &str| PathPattern::parse(text).unwrap();
    let kind = |name: &str, pattern: &str| DocumentKind::new(name, path(pattern));
    let refuse = Step::modify(4, "refuse", "runbook", |edit, _| {
        match edit.document().get("refuse") {
            Some(_) => Err(ATTACK.into()),
            None => Ok(()),
        }
    });
    let change = Step::modify(3, "change", "fizz", |edit, _| {
        let root = edit.root();
        edit.set(root, "name", json!(format!("{ATTACK} again")))?;
        Ok(())
    });
    let parts = CatalogParts {
        kinds: vec![kind("fizz", "fizz.ocl"), kind("runbook", "runbooks/*.ocl")],
        steps: vec![
            change.description(ATTACK),
            refuse.description(ATTACK),
            Step::import(2, "bring", "runbook", OnExisting::Keep).description(ATTACK),
        ],
        ..CatalogParts::new(ATTACK, ".octopus")
    };
    Arc::new(Catalog::new(parts).unwrap())
}

/// A repository in which everything that can be is an attack: the branch, the paths, the contents, the catalog.
fn attacking_world() -> World {
    let mut world = World::new("fizz: 3 modify");
    world.catalog = attacking_catalog();
    // Git takes no blanks in the names of refs.
    let branch = ATTACK.replace(' ', "/");
    let text = |key: &str| format!("{key} = \"{}\"\n", ATTACK.replace('"', "\\\""));
    let files = [
        (
            ".octopus/schema_version.ocl".to_owned(),
            "version = 1\n".to_owned(),
        ),
        (".octopus/fizz.ocl".to_owned(), text("name")),
        (
            format!(".octopus/runbooks/{}.ocl", ATTACK.replace('/', "")),
            text("refuse"),
        ),
        (
            ".octopus/runbooks/unclosed.ocl".to_owned(),
            format!("name = \"{ATTACK}\n"),
        ),
    ];
    let marker = format!("version = \"{}\"\n", ATTACK.replace('"', "\\\""));
    let mut stream = commit(&format!("refs/heads/{branch}"), &files);
    stream.push_str(&commit(
        &format!("refs/heads/invalid/{branch}"),
        &[(".octopus/schema_version.ocl".to_owned(), marker)],
    ));
    import(world.repo.path(), &stream);
    world
}

pub(crate) fn attacked() -> Vec<Page> {
    let world = attacking_world();
    let branch = format!("refs/heads/{}", ATTACK.replace(' ', "/"));
    let loaded = world.load(&branch);
    vec![
        Page::new("attacked-preview", &HtmlPage::preview(&loaded).unwrap()),
        Page::new("attacked-plan", &HtmlPage::plan(&loaded)),
        status(&world, "attacked-status"),
        rehearsal(&world, "attacked-rehearsal"),
    ]
}

/// Many values on a few branches, what differs between two of them, a history and who gave what; of attacks, too.
pub(crate) fn of_values() -> Vec<Page> {
    let world = World::new("fizz: 2 modify; process: 3 rename");
    let text = |factor: usize| -> String {
        let line = |line: usize| format!("line_{line} = \"{}\"\n", line * factor);
        (0..VALUES).map(line).collect()
    };
    let script =
        |word: &str| format!("script = <<-EOT\n        one\n        {word}\n        EOT\n");
    let attack = format!("attack = \"{}\"\n", ATTACK.replace('"', "\\\""));
    for (branch, factor, word) in [
        ("main", 1, "two"),
        ("staging", 1, "due"),
        ("production", 2, "dos"),
    ] {
        let fizz = format!("{}{}", text(factor), script(word));
        let fizz = if branch == "main" {
            fizz
        } else {
            fizz + &attack
        };
        world.branch(branch, 3, &[("fizz.ocl", &fizz)]);
    }
    for (version, word) in [(1, "a"), (1, "b"), (3, "b"), (3, "c")] {
        world.branch(
            "story",
            version,
            &[("fizz.ocl", &format!("{}{attack}", script(word)))],
        );
    }
    let project = world.project();
    let mut comparison = project.comparison(LoadOptions::default());
    for branch in ["main", "staging", "production"] {
        comparison.add_revision(branch).unwrap();
    }
    let table = comparison.run();
    let (old, new) = (world.load("main"), world.load("production"));
    let mut differing = DiffPage::new(&old, &new);
    for document in diff(&old, &new).unwrap() {
        let document = document.unwrap();
        differing.add(&document, &document.difference());
    }
    let options = HistoryOptions {
        migrations: true,
        ..HistoryOptions::default()
    };
    let mut history = project.history("story", "fizz", options).unwrap();
    let mut log = LogPage::new(&history, &Selector::default());
    for change in history.by_ref() {
        log.add(&change.unwrap());
    }
    let blame = project.blame("story", "fizz", BlameOptions::default());
    vec![
        Page::new(
            "compare",
            &HtmlPage::comparison(&table, &Selector::default()),
        ),
        Page::new("diff", &differing.page()),
        Page::new("log", &log.page()),
        Page::new("blame", &HtmlPage::blame(&blame.unwrap())),
    ]
}

/// Who refers to what in a small project at two versions, and in one of 2,000 things and documents, with attacks.
pub(crate) fn of_uses() -> [Page; 2] {
    let small = Sandbox::new("uses");
    let large = Sandbox::new("uses");
    let attack = ATTACK.replace('"', "\\\"");
    let mut variables =
        format!("variable \"{attack}\" {{\n    value \"#{{Item[#{{Any}}]}}\" {{}}\n}}\n");
    for index in 0..THINGS {
        let host = index / 2;
        let value = format!("#{{Name{host}}} #{{each it in Item}}#{{it}}#{{/each}}");
        write!(
            variables,
            "\nvariable \"Name{index}\" {{\n    value \"{value}\" {{}}\n}}\n"
        )
        .unwrap();
    }
    variables.push_str("\nvariable \"Item[a]\" {\n    value \"1\" {}\n}\n");
    let folder = large.path().join(".octopus");
    std::fs::write(folder.join("variables.ocl"), variables).unwrap();
    for index in 0..RUNBOOKS {
        let uses: String = (0..4)
            .map(|of| format!("#{{Name{}}} ", (index * 7 + of * 311) % THINGS))
            .collect();
        let properties = format!("Octopus.Action.Script.ScriptBody = \"{uses}\"");
        let action = format!(
            "action {{\n            properties = {{\n                {properties}\n            }}\n        }}"
        );
        let text = format!("process {{\n    step \"run\" {{\n        {action}\n    }}\n}}\n");
        std::fs::write(folder.join(format!("runbooks/number-{index}.ocl")), text).unwrap();
    }
    large.shell("git add -A && git commit -q -m Many");
    let page = |repo: &Sandbox, name, refs: &[&str], kind| {
        let project = Project::open(repo.path()).unwrap();
        let question = UseQuestion::Everything;
        let search = project.uses(question.clone(), kind, LoadOptions::default());
        let mut search = search.unwrap();
        for name in refs {
            search.add_revision(name).unwrap();
        }
        Page::new(name, &HtmlPage::uses(&search.run(), &question))
    };
    [
        page(&small, "uses", &["main", "old"], None),
        page(&large, "uses-many", &["main"], Some("variable")),
    ]
}

fn status(world: &World, name: &'static str) -> Page {
    let project = world.project();
    let mut map = RefMap::of_status(project.catalog());
    let visit = |status: &RefStatus<'_>| -> Result<(), LoadError> {
        map.add_status(status, Some(4));
        Ok(())
    };
    project.status().every_ref(RefScope::All, visit).unwrap();
    Page::new(name, &map.page())
}

fn rehearsal(world: &World, name: &'static str) -> Page {
    let project = world.project();
    let mut rehearsal = project.rehearsal(LoadOptions::default());
    rehearsal.add_scope(RefScope::All).unwrap();
    let rehearsed = [rehearsal.run()];
    let groups = RehearsalGroups::of(&rehearsed);
    let names = ["repository".to_owned()];
    let map = RefMap::of_rehearsal(project.catalog(), &names, &rehearsed, &groups);
    Page::new(name, &map.page())
}

/// Thousands of refs at several versions, some of them broken.
pub(crate) fn many_refs() -> [Page; 2] {
    let world = World::new(
        "fizz: 2 modify, 3 modify, 4 modify, 5 modify, 6 reject; runbook[]: 3 modify, 5 modify",
    );
    let mut stream = String::new();
    for shape in 0..12_usize {
        let version = 1 + shape % 6;
        let marker = match shape {
            7 => "version = \"six\"\n".to_owned(),
            _ => format!("version = {version}\n"),
        };
        let fizz = match shape {
            5 => "name = \"unclosed\n".to_owned(),
            3 => "broken = true\n".to_owned(),
            _ => format!("name = \"{shape}\"\n"),
        };
        let files = [
            (".octopus/schema_version.ocl".to_owned(), marker),
            (".octopus/fizz.ocl".to_owned(), fizz),
        ];
        stream.push_str(&commit(&format!("refs/heads/shape-{shape}"), &files));
    }
    for index in 12..REFS {
        // Most refs are at a few versions, as they are in life.
        let shape = (index * index + index / 7) % 12;
        writeln!(
            stream,
            "reset refs/heads/team-{}/feature-{index}\nfrom refs/heads/shape-{shape}\n",
            index % 40
        )
        .unwrap();
    }
    import(world.repo.path(), &stream);
    [status(&world, "status"), rehearsal(&world, "rehearsal")]
}

/// A commit in the language of `git fast-import`.
fn commit(name: &str, files: &[(String, String)]) -> String {
    let mut stream =
        format!("commit {name}\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 1\nm\n");
    for (path, text) in files {
        let quoted = path.replace('\\', "\\\\").replace('"', "\\\"");
        write!(
            stream,
            "M 100644 inline \"{quoted}\"\ndata {}\n{text}\n",
            text.len()
        )
        .unwrap();
    }
    stream
}

fn import(repository: &Path, stream: &str) {
    let mut git = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    git.stdin
        .take()
        .unwrap()
        .write_all(stream.as_bytes())
        .unwrap();
    assert!(git.wait().unwrap().success());
}
