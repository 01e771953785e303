//! What the library can say, in a row, with what the command adds: those errors too that no command can be made to provoke
//! at will. Read them together (`docs/messages.md` says how they are worded).

mod commit;
mod document;
mod git;
mod load;
mod merge;
mod store;
mod told;

use std::fmt::{Debug, Display, Write as _};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::git::ObjectId;
use crate::ocl::{Dialect, Document, DoubledName, ParseError};
use clap::CommandFactory as _;

use super::arguments::Arguments;
use super::error_json;
use super::failure::Failure;
use super::hint::hint;
use super::invocation::Invocation;

/// Names that stand twice, in a small document.
fn doubled() -> Vec<DoubledName> {
    let text = "policy {\n    keep = 5\n    keep = 100\n}\n";
    let document = Document::parse(text, Dialect::Current);
    document.expect("it is OCL").doubled_names()
}

/// Messages of one enum after the other. Each enum must say something of every variant.
struct Messages {
    called: Invocation,
    text: String,
    variants: Vec<String>,
}

impl Messages {
    /// As if a command was called that meets the errors.
    fn new(line: &str) -> Messages {
        Messages {
            called: called(line),
            text: format!("$ ocl-migrate {line}\n"),
            variants: Vec::new(),
        }
    }

    /// Errors that only another command meets.
    fn of_another(&mut self, line: &str, say: impl FnOnce(&mut Messages)) {
        let first = std::mem::replace(&mut self.called, called(line));
        writeln!(self.text, "\n$ ocl-migrate {line}").unwrap();
        say(self);
        self.called = first;
    }

    /// A message that no command ends with.
    fn says(&mut self, message: &(impl Debug + Display)) {
        let variant = self.variant(message);
        writeln!(self.text, "\n{variant}\n{message}").unwrap();
    }

    /// An error that a command ends with.
    fn fails(&mut self, error: impl Debug + Into<Failure>) {
        let variant = self.variant(&error);
        let failure = error.into();
        let (message, remedy) = (failure.message(), failure.remedy().name());
        let code = failure.exit();
        assert_documented(error_json::code(&failure));
        writeln!(self.text, "\n{variant} ({remedy})\nerror: {message}").unwrap();
        if let Some(hint) = hint(&failure, &self.called) {
            writeln!(self.text, "hint: {hint}").unwrap();
            commands_in(&hint).iter().for_each(|line| understood(line));
            hint.lines().for_each(ends_with_its_commands);
        }
        writeln!(self.text, "[{}]", number(code.into())).unwrap();
    }

    fn variant(&mut self, message: &impl Debug) -> String {
        let debug = format!("{message:?}");
        let variant = debug.split([' ', '(', '{']).next().unwrap().to_owned();
        self.variants.push(variant.clone());
        variant
    }

    /// Fails where the enum in a source file has a variant of which nothing was said since the last call.
    fn covers(&mut self, file: &str, name: &str) {
        let said = std::mem::take(&mut self.variants);
        let all = variants_of(file, name);
        assert!(all.len() > 1, "{name} has no variants");
        let missing: Vec<&String> = all.iter().filter(|one| !said.contains(one)).collect();
        assert!(
            missing.is_empty(),
            "{name} says nothing of {missing:?} here"
        );
    }

    /// Compares with what was read before, in the folder of all messages.
    fn show(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, self.text));
    }
}

fn called(line: &str) -> Invocation {
    let words = ["ocl-migrate"].into_iter().chain(line.split(' '));
    let words: Vec<_> = words.map(Into::into).collect();
    let matches = Arguments::command().try_get_matches_from(&words).unwrap();
    Invocation::new(&words, &matches, &Default::default())
}

/// The commands that a hint prints, as they can be pasted.
fn commands_in(hint: &str) -> Vec<&str> {
    let starts = hint.match_indices("ocl-migrate ").map(|(start, _)| start);
    let alone = starts.filter(|start| {
        let before = &hint[..*start];
        [": ", "&& ", "| ", "? ", "    ", "on "]
            .iter()
            .any(|end| before.ends_with(end))
    });
    let commands = alone.map(|start| {
        let rest = &hint[start..];
        let ends = ["; ", " && ", " | ", "\n", ", and "];
        let ends = ends.iter().filter_map(|end| rest.find(end));
        &rest[..ends.min().unwrap_or(rest.len())]
    });
    commands.collect()
}

/// Fails where something follows the commands of a line, so that they can't be pasted with it.
fn ends_with_its_commands(line: &str) {
    let starts = ["ocl-migrate ", "git "].map(|program| line.find(&format!(": {program}")));
    let Some(start) = starts.into_iter().flatten().min() else {
        return;
    };
    // What is in quotes is the user's.
    let outside = line[start + 2..].split('\'').step_by(2);
    let outside: Vec<&str> = outside.collect();
    for follows in ["; ", ", and ", ", then ", " or "] {
        let is_there = outside.iter().any(|part| part.contains(follows));
        assert!(!is_there, "something follows the command: {line}");
    }
}

/// Fails where the command line doesn't understand a command that a hint prints.
fn understood(line: &str) {
    let (mut words, mut is_quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    // What the user fills in.
    let words = words.into_iter().map(|word| match &*word {
        "N" => "1".to_owned(),
        _ => word,
    });
    if let Err(error) = Arguments::command().try_get_matches_from(words)
        && error.use_stderr()
    {
        panic!("a hint prints {line}\n{error}");
    }
}

/// The contract of the JSON names every code.
fn assert_documented(code: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(
        page.contains(&format!("\n| `{code}` | ")),
        "docs/json.md has no `{code}`"
    );
}

fn number(code: ExitCode) -> String {
    let shown = format!("{code:?}");
    shown.chars().filter(char::is_ascii_digit).collect()
}

/// The variants of an enum, as its source has them.
fn variants_of(file: &str, name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(path).unwrap();
    let (_, body) = source.split_once(&format!("pub enum {name} {{\n")).unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let lines = body
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     "));
    let names = lines.filter_map(|line| line.trim().split([' ', '(', '{', ',']).next());
    names
        .filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(str::to_owned)
        .collect()
}

fn id(digit: u8) -> ObjectId {
    ObjectId::from_bytes([digit; 20])
}

fn git_dir() -> PathBuf {
    "/srv/shop/.git".into()
}

fn refused() -> io::Error {
    io::Error::from(io::ErrorKind::PermissionDenied)
}

fn not_ocl() -> ParseError {
    Document::parse("name = \"Back\n", Dialect::Current).unwrap_err()
}
