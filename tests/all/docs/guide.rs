//! `docs/writing-steps.md`, tried as a new user would: its files are written, its commands run, and what they print is
//! what the page says. `UPDATE_GUIDE=1` writes what they print into the page.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::scratch;

#[test]
fn the_guide_says_what_happens() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-steps.md");
    let text = fs::read_to_string(&page).expect("the guide");
    let folder = scratch::folder();
    let mut played = String::new();
    let mut file: Option<String> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        played += &format!("{line}\n");
        if let Some(named) = line
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix("`:"))
        {
            file = Some(named.to_owned());
        }
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let block = match (language, file.take()) {
            ("console", _) => run(folder.path(), &block),
            (_, Some(file)) => {
                let path = folder.path().join(file);
                let content = block.iter().map(|line| format!("{line}\n"));
                let content: String = content.collect();
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                fs::write(path, &content).expect("a file");
                content
            }
            _ => block.iter().map(|line| format!("{line}\n")).collect(),
        };
        played += &format!("{block}```\n");
    }
    if played != text && std::env::var_os("UPDATE_GUIDE").is_some() {
        fs::write(&page, &played).expect("the guide can be written");
        return;
    }
    let difference = similar(&text, &played);
    assert!(
        played == text,
        "docs/writing-steps.md is out of date: run UPDATE_GUIDE=1 cargo test --test all guide\n{difference}"
    );
}

/// Who has documents of their own has an empty folder.
#[test]
fn readme_and_tutorial_lead_to_the_guide_which_begins_in_an_empty_folder() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (page, link) in [
        ("README.md", "[a catalog of its own]("),
        ("docs/tutorial.md", "[a catalog of your own]("),
    ] {
        let page = project.join(page);
        let text = fs::read_to_string(&page).expect("the page");
        let (_, target) = text.split_once(link).expect(link);
        let (target, _) = target.split_once(')').expect("the link's end");
        let guide = page.parent().expect("a folder").join(target);
        let guide = fs::canonicalize(guide).expect("the guide");
        assert_eq!(guide, project.join("docs/writing-steps.md"));
    }
    // The test above plays the guide. Whoever pastes its commands without its files is told how to begin.
    let folder = scratch::folder();
    let new = "ocl-migrate --catalog bellhop new import job jobs";
    let said = run(folder.path(), &[&format!("$ {new}")]);
    let (_, hint) = said.split_once("with a kind of your own: ").expect(&said);
    let (hint, _) = hint.split_once("[exit code").expect(&said);
    let done = Command::new("sh")
        .args(["-c", hint])
        .current_dir(&folder)
        .status();
    assert!(done.expect("it runs").success(), "{hint}");
    let said = run(folder.path(), &[&format!("$ {new}")]);
    assert!(said.contains("Made bellhop/0001_jobs."), "{said}");
}

/// The commands of a block, each with what it prints.
fn run(folder: &Path, block: &[&str]) -> String {
    let mut played = String::new();
    for line in block {
        let Some(command) = line.strip_prefix("$ ") else {
            continue;
        };
        let mut words = command.split(' ');
        let program = match words.next() {
            Some("ocl-migrate") => env!("CARGO_BIN_EXE_ocl-migrate"),
            program => program.expect("a program"),
        };
        let done = Command::new(program)
            .args(words)
            .current_dir(folder)
            .env_clear()
            .output()
            .expect("it runs");
        let out = [done.stdout, done.stderr].concat();
        played += &format!("$ {command}\n{}", String::from_utf8_lossy(&out));
        if let Some(code) = done.status.code().filter(|code| *code != 0) {
            played += &format!("[exit code {code}]\n");
        }
    }
    played
}

fn similar(old: &str, new: &str) -> String {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    ocl_migrate::report::FileDiff::new(Some(("page", old)), Some(("played", new))).to_string()
}
