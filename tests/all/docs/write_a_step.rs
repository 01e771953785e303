//! `docs/how-to/write-a-step.md`, done in its order in a copy of the shipped catalog, ends with a sound one.

use std::fs;
use std::path::Path;

use crate::support::{Sandbox, project};

enum Block<'p> {
    Commands(&'p str),
    /// A file's text, or more of it.
    Text {
        file: &'p str,
        text: &'p str,
        is_more: bool,
    },
}

/// The fenced blocks that a reader acts on.
fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut comment = "";
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("```") {
        let comment_line = before.lines().last().unwrap_or_default();
        if comment_line.starts_with("<!--") {
            comment = comment_line;
        }
        let (language, after) = after.split_once('\n').unwrap();
        let (text, after) = after.split_once("```").unwrap();
        let named = |word| {
            let named = comment.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
            named.strip_prefix(word)
        };
        match language {
            "sh" => blocks.push(Block::Commands(text)),
            "hcl" => {
                let (file, is_more) = match named("more: ") {
                    Some(file) => (file, true),
                    None => (named("file: ").expect("each text has a file"), false),
                };
                blocks.push(Block::Text {
                    file,
                    text,
                    is_more,
                });
            }
            _ => {}
        }
        rest = after;
    }
    blocks
}

#[test]
fn the_page_done_in_its_order_ends_sound() {
    let page = fs::read_to_string(project().join("docs/how-to/write-a-step.md")).unwrap();
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir -p .octopus/runbooks && cd .octopus && echo 'version = 14' > schema_version.ocl
         printf 'name = \"A\"\\n' > runbooks/a.ocl && git add . && git commit -qm one",
    );
    let from = project().display().to_string();
    repo.shell(&format!("cp -R '{from}/steps' '{from}/snapshots' ."));
    let mut last = String::new();
    for block in blocks(&page) {
        match block {
            Block::Text {
                file,
                text,
                is_more,
            } => {
                let path = repo.path().join(Path::new(file));
                let old = fs::read_to_string(&path).unwrap();
                let old = if is_more { old } else { String::new() };
                fs::write(&path, old + text).unwrap();
            }
            Block::Commands(commands) => {
                for command in commands.lines() {
                    let Some(arguments) = command.strip_prefix("ocl-migrate ") else {
                        repo.shell(command);
                        continue;
                    };
                    let words: Vec<&str> = arguments.split(' ').collect();
                    last = repo.run_plain(&words);
                    assert!(last.ends_with("--- exit 0"), "{command}: {last}");
                }
            }
        }
    }
    assert!(last.contains(": sound"), "{last}");
    assert!(!last.contains("warning"), "{last}");
}
