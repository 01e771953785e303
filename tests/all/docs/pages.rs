//! What the documentation shows is what the command prints. `UPDATE_DOCS=1 cargo test --test all docs` writes it anew.

use std::path::{Path, PathBuf};

use crate::support::{Sandbox, isolated, project, scratch};

fn docs() -> PathBuf {
    project().join("docs")
}

/// Compares a file with what it should be, or writes that.
pub(super) fn pin(path: &Path, wanted: &str) {
    let found = std::fs::read_to_string(path).unwrap_or_default();
    if std::env::var_os("UPDATE_DOCS").is_some() && found != wanted {
        std::fs::write(path, wanted).unwrap();
        return;
    }
    assert!(
        found == wanted,
        "{} is out of date: UPDATE_DOCS=1 cargo test --test all docs",
        path.display()
    );
}

/// Rewrites each block of a language that a comment `<!-- NAME: ARGUMENT -->` stands before.
pub(super) fn rewrite(
    text: &str,
    name: &str,
    fence: &str,
    mut block: impl FnMut(&str, &str) -> String,
) -> String {
    let (open, start) = (format!("<!-- {name}"), format!("```{fence}\n"));
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(&open) {
        let (argument, after) = after.split_once("-->\n").unwrap();
        let after = after.strip_prefix(&start).unwrap();
        let (old, after) = after.split_once("```").unwrap();
        let new = block(argument.trim_start_matches(':').trim(), old);
        written.push_str(&format!("{before}{open}{argument}-->\n{start}{new}```"));
        rest = after;
    }
    written + rest
}

/// Runs a shell command in a folder: both streams in order, and the exit code if it isn't 0.
pub(super) fn shell(folder: &Path, top: &Path, command: &str) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_ocl-migrate"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let done = isolated("bash", folder)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("HOME", top)
        .args([
            "-c",
            &format!(
                "{{ {command}\n}} 2>&1; code=$?; pwd > '{}/.folder'; exit $code",
                top.display()
            ),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let text = text.replace(&top.display().to_string(), "~");
    match done.status.code().unwrap() {
        0 => text,
        code => format!("{text}[exit code {code}]\n"),
    }
}

#[test]
fn the_tutorial_prints_what_it_shows() {
    played(&docs().join("tutorial.md"));
}

#[test]
fn rolling_back_prints_what_it_shows() {
    played(&docs().join("how-to/roll-back.md"));
}

#[test]
fn exporting_prints_what_it_shows() {
    played(&docs().join("how-to/export.md"));
}

#[test]
fn the_conversion_of_a_project_prints_what_it_shows() {
    played(&docs().join("how-to/convert.md"));
}

#[test]
fn looking_at_many_repositories_prints_what_it_shows() {
    played(&docs().join("how-to/fleets.md"));
}

#[test]
fn letting_git_merge_prints_what_it_shows() {
    played(&docs().join("how-to/git-merge.md"));
}

#[test]
fn leaving_a_database_prints_what_it_shows() {
    played(&docs().join("how-to/from-a-database.md"));
}

/// Every version of the shipped catalog stands in the table of what can be undone, as what it is.
#[test]
fn what_can_be_undone_is_what_the_page_says() {
    use ocl_migrate::catalog::Catalog;
    let text = std::fs::read_to_string(docs().join("how-to/roll-back.md")).unwrap();
    let catalog = Catalog::builtin();
    let rows: Vec<String> = catalog
        .steps()
        .iter()
        .map(|step| {
            let (version, target, how) = (step.version(), step.target(), step.reverse().name());
            format!("| {version} | `{target}` | {how} | ")
        })
        .collect();
    let written: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ") && line[2..].starts_with(char::is_numeric))
        .filter(|line| !line.contains("| unknown |"))
        .collect();
    assert_eq!(written.len(), rows.len());
    for (row, line) in rows.iter().zip(written) {
        assert!(line.starts_with(row), "{row} in {line}");
    }
    let unknown: Vec<String> = catalog
        .unknown_versions()
        .iter()
        .map(u32::to_string)
        .collect();
    assert!(text.contains(&format!("| {} | | unknown |", unknown.join(", "))));
}

/// Runs the commands of a page, and compares what they print.
fn played(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let top = scratch::folder();
    let mut folder = top.path().to_owned();
    let written = rewrite(&text, "run", "console", |_, old| {
        let mut block = String::new();
        for command in old.lines().filter_map(|line| line.strip_prefix("$ ")) {
            block.push_str(&format!(
                "$ {command}\n{}",
                shell(&folder, top.path(), command)
            ));
            folder = std::fs::read_to_string(top.path().join(".folder"))
                .unwrap()
                .trim()
                .into();
        }
        block
    });
    pin(path, &written);
}

#[test]
fn the_json_contract_shows_real_documents() {
    let path = docs().join("json.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let repo = Sandbox::new("versions");
    repo.shell(
        "printf 'color = \"blue\"\\n' > blue.ocl; printf 'a = \"b\\n' > bad.ocl
        printf 'name = \"Gold\"\\nmembers = [\"ann\"]\\n' > gold.ocl; git switch -q --detach main",
    );
    repo.run(&["store", "init"]);
    repo.run(&["store", "put", "team/gold", "gold.ocl", "--shape", "5"]);
    let written = rewrite(&text, "json", "json", |arguments, _| {
        let words: Vec<String> = arguments
            .split_whitespace()
            .map(|word| word.replace("%20", " "))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let values = repo.pretty(&words);
        // The reader's own folders stand for the test's.
        let values = values
            .replace("PROJECT/fixtures/catalogs/fizz", "fizz")
            .replace("REPO", "~");
        format!("{values}\n")
    });
    let written = rewrite(&written, "error", "json", |arguments, _| {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        let done = repo.command(&[&["--format", "json"][..], &words].concat());
        let said = String::from_utf8(done.stderr).unwrap();
        let value: serde_json::Value = serde_json::from_str(&said).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let home = repo.path().display().to_string();
        format!("{}\n", pretty.replace(&home, "~"))
    });
    pin(&path, &written);
}

/// The commands that a help text lists.
fn commands_in(help: &str) -> Vec<String> {
    let (_, list) = help.split_once("Commands:\n").unwrap_or_default();
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn describe(repo: &Sandbox, words: &[String], page: &mut String) {
    let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    arguments.push("--help");
    let done = repo.command(&arguments);
    let help = String::from_utf8(done.stdout).unwrap();
    // The global options are the same everywhere, and stand once at the top.
    let shown = match help.split_once("Global options:\n") {
        Some((own, rest)) if !words.is_empty() => {
            let examples = rest
                .split_once("\n\nExamples:")
                .or(rest.split_once("\n\nReads only."));
            let start = examples.map(|(options, _)| options.len());
            let tail = start.map_or("", |at| &rest[at..]);
            format!("{}\n{}", own.trim_end(), tail.trim_end())
        }
        _ => help.clone(),
    };
    if commands_in(&help).is_empty() && words.len() == 1 {
        assert!(help.contains("Examples:"), "{words:?} has no examples");
    }
    let level = "#".repeat(words.len().min(2) + 1);
    let name = [&["ocl-migrate".to_owned()], words].concat().join(" ");
    let title = if words.is_empty() {
        "Command line".to_owned()
    } else {
        format!("`{name}`")
    };
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    page.push_str(&format!(
        "{level} {title}\n\n```text\n{}\n```\n\n",
        lines.join("\n").trim_end()
    ));
    for command in commands_in(&help) {
        describe(repo, &[words, &[command]].concat(), page);
    }
}

#[test]
fn the_reference_of_the_command_line_is_what_help_says() {
    let repo = Sandbox::empty();
    let mut page = String::new();
    describe(&repo, &[], &mut page);
    pin(&docs().join("cli.md"), &format!("{}\n", page.trim_end()));
}

#[test]
fn the_picture_in_the_readme_shows_what_the_command_prints() {
    let top = scratch::folder();
    shell(
        top.path(),
        top.path(),
        "ocl-migrate demo shop > /dev/null 2>&1",
    );
    let command = "preview feature/backups";
    let text = shell(
        top.path(),
        top.path(),
        &format!("ocl-migrate -C shop --color always {command} 2> /dev/null"),
    );
    let picture = super::picture::draw(&format!("ocl-migrate {command}"), &text);
    pin(&docs().join("preview.svg"), &picture);
}

#[test]
fn every_link_leads_somewhere() {
    let mut pending = vec![docs(), project().join("README.md")];
    let mut wrong = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(
                std::fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        if path.extension().is_none_or(|end| end != "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap().split('#').next().unwrap();
            if !target.is_empty()
                && !target.contains("://")
                && !path.parent().unwrap().join(target).exists()
            {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
