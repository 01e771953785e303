//! Every option that the documentation names is one that its command takes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::support::{isolated, project};

/// The pages that are about what the commands are today.
fn pages() -> Vec<PathBuf> {
    let folders = [project().join("docs"), project().join("docs/how-to")];
    let files = folders.iter().flat_map(|it| std::fs::read_dir(it).unwrap());
    let mut pages: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|it| it == "md"));
    pages.extend([project().join("README.md"), project().join("CHANGELOG.md")]);
    pages.sort();
    pages
}

/// Code in a page: what stands between backticks, and the lines of its blocks.
fn code(text: &str) -> Vec<String> {
    let (mut code, mut prose, mut is_in_block) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_in_block = !is_in_block;
        } else if is_in_block {
            code.push(line.to_owned());
        } else {
            prose.push_str(line);
            prose.push(' ');
        }
    }
    code.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    code
}

/// What `--help` of a command says of its options, and its own name.
#[derive(Default)]
struct Help {
    texts: BTreeMap<Vec<String>, Option<String>>,
}

impl Help {
    fn of(&mut self, command: &[&str]) -> Option<&str> {
        let key: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let text = self.texts.entry(key).or_insert_with(|| {
            let mut command_line =
                isolated(env!("CARGO_BIN_EXE_ocl-migrate"), &std::env::temp_dir());
            let done = command_line.args(command).arg("--help").output().unwrap();
            (done.status.success()).then(|| String::from_utf8(done.stdout).unwrap())
        });
        text.as_deref()
    }
}

#[test]
fn every_option_in_the_documentation_is_one_of_its_command() {
    let mut help = Help::default();
    let commands: BTreeSet<String> = {
        let text = help.of(&[]).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("  "));
        let words = lines.filter_map(|line| line.split_whitespace().next());
        let words =
            words.filter(|word| word.chars().all(|it| it.is_ascii_lowercase() || it == '-'));
        words
            .filter(|word| !word.starts_with('-'))
            .map(str::to_owned)
            .collect()
    };
    assert!(commands.contains("preview"), "{commands:?}");
    let (mut seen, mut wrong) = (0, Vec::new());
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let lines = code(&text).into_iter();
        for line in lines.filter(|line| !line.starts_with("diff --git")) {
            for part in line.split(['|', ';', '(', ')', '#', '&']) {
                let mut words: Vec<&str> = part.split_whitespace().collect();
                if let Some(place) = words.iter().position(|word| *word == "ocl-migrate") {
                    words.drain(..=place);
                }
                let Some(first) = words.first().filter(|word| commands.contains(**word)) else {
                    continue;
                };
                let below = words
                    .get(1)
                    .filter(|word| word.chars().all(|it| it.is_ascii_lowercase()));
                let below = below.and_then(|second| help.of(&[first, second]).map(str::to_owned));
                let Some(text) = below.or_else(|| help.of(&[first]).map(str::to_owned)) else {
                    continue;
                };
                let options = words.iter().filter_map(|word| word.strip_prefix("--"));
                for option in
                    options.filter(|option| option.starts_with(|it: char| it.is_ascii_lowercase()))
                {
                    let end = option.find(|it: char| !it.is_ascii_lowercase() && it != '-');
                    let option = format!("--{}", &option[..end.unwrap_or(option.len())]);
                    seen += 1;
                    let mut known = text.split(|it: char| !it.is_ascii_lowercase() && it != '-');
                    if !known.any(|word| word == option) {
                        wrong.push(format!("{}: {option} in `{part}`", page.display()));
                    }
                }
            }
        }
    }
    assert!(seen > 100, "{seen} options were found in all pages");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
