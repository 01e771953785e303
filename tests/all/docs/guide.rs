//! `docs/writing-steps.md`, tried as a new user would: its files are written, its commands run, and what they print is
//! what the page says. `UPDATE_GUIDE=1` writes what they print into the page.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn the_guide_says_what_happens() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/writing-steps.md");
    let text = fs::read_to_string(&page).expect("the guide");
    let folder = tempfile::tempdir().expect("a temporary folder");
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

/// The commands of a block, each with what it prints.
fn run(folder: &Path, block: &[&str]) -> String {
    let mut played = String::new();
    for line in block {
        let Some(command) = line.strip_prefix("$ ") else {
            continue;
        };
        let rest = command
            .strip_prefix("ocl-migrate ")
            .expect("our own command");
        let done = Command::new(env!("CARGO_BIN_EXE_ocl-migrate"))
            .args(rest.split(' '))
            .current_dir(folder)
            .env_clear()
            .output()
            .expect("it runs");
        let out = [done.stdout, done.stderr].concat();
        played += &format!("$ {command}\n{}", String::from_utf8_lossy(&out));
    }
    played
}

fn similar(old: &str, new: &str) -> String {
    let (old, new) = (old.as_bytes(), new.as_bytes());
    ocl_migrate::report::FileDiff::new(Some(("page", old)), Some(("played", new))).to_string()
}
