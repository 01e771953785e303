//! Breaks every shipped step in one place at a time, and checks that `verify` notices.
//!
//! `cargo run --release --example mutants [-- STEP [BODY]]`, `BODY` being `modify` or `down`, changes a text, a number, a name or an operator, or takes out an
//! operation, a `when` or an `in` block. Exits with 1 if a broken catalog passes that isn't known to do the same as before.

#![allow(clippy::print_stdout)] // an example prints

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;

use hcl::edit::Span;
use hcl::edit::parser::parse_body;
use hcl::edit::structure::Body;
use ocl_migrate::catalog::Catalog;
use ocl_migrate::verify::{Files, Report, Severity, Verification};
use regex::Regex;

/// Changes without an effect, by the text of their line, each with the reason.
const EQUIVALENT: [(&str, &str, &str); 6] = [
    (
        "\"-\"",
        "coalesce(",
        "it stands for a name that is absent, and no real one is spelt so",
    ),
    (
        "false",
        "try(startswith(",
        "text that isn't a string holds no feed either, which the next condition asks",
    ),
    (
        "\"\"",
        "strcontains(try(",
        "what has no feed has left at the condition before",
    ),
    (
        "\"Octopus.Action.RunOnServer\"",
        "== null",
        "`default` looks for it too",
    ),
    ("\"\"", "if value != \"\"", "no action has an empty name"),
    (
        "\"\"",
        "[value], [\"\"])...",
        "it stands in for a value that is there",
    ),
];

/// A place in a step, and its replacement.
struct Mutant {
    place: Range<usize>,
    text: String,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let only = std::env::args().nth(1).unwrap_or_default();
    let only_body = std::env::args().nth(2);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = Files::read(&root.join("steps"))?;
    let snapshots = Files::read(&root.join("snapshots"))?;
    let sandbox = tempfile::tempdir()?;
    let steps: Vec<(&str, &[u8])> = files
        .iter()
        .filter(|(path, _)| path.ends_with("step.hcl") || *path == "catalog.hcl")
        .collect();
    for (path, text) in &steps {
        let path = sandbox.path().join(path);
        fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        fs::write(path, text)?;
    }
    let sound = Catalog::load(sandbox.path())?;
    let before = (
        errors(&Verification::of(&sound).cases(&files).run()),
        errors(
            &Verification::of(&sound)
                .cases(&files)
                .snapshots(&snapshots)
                .run(),
        ),
    );
    let (mut killed, mut equivalent, mut survived) = (0, 0, Vec::new());
    for (path, bytes) in &steps {
        if !path.ends_with("step.hcl") || !path.contains(&only) {
            continue;
        }
        let text = std::str::from_utf8(bytes)?;
        let place = sandbox.path().join(path);
        for mutant in mutants(text, only_body.as_deref())? {
            let Mutant {
                place: at,
                text: put,
            } = &mutant;
            let broken = [&text[..at.start], put, &text[at.end..]].concat();
            fs::write(&place, broken)?;
            // A catalog that doesn't load counts as noticed.
            let Ok(catalog) = Catalog::load(sandbox.path()) else {
                continue;
            };
            let cases = Verification::of(&catalog).cases(&files);
            let noticed = errors(&cases.run()) != before.0
                || errors(&cases.snapshots(&snapshots).run()) != before.1;
            if noticed {
                killed += 1;
            } else {
                let line = text[..at.start].matches('\n').count() + 1;
                let was = text[at.clone()].replace('\n', " ");
                let whole = text.lines().nth(line - 1).unwrap_or_default();
                let same =
                    |(part, near, _): &&(&str, &str, &str)| was == *part && whole.contains(near);
                if let Some((.., why)) = EQUIVALENT.iter().find(same) {
                    println!("the same: {path}:{line}: {was} -> {put}: {why}");
                    equivalent += 1;
                    continue;
                }
                survived.push(format!("{path}:{line}: {was:.70} -> {put:?}"));
            }
        }
        fs::write(&place, bytes)?;
    }
    for mutant in &survived {
        println!("passes: {mutant}");
    }
    println!(
        "{killed} of {} broken catalogs are noticed, {equivalent} do the same as before",
        killed + survived.len()
    );
    Ok(ExitCode::from(u8::from(!survived.is_empty())))
}

fn errors(report: &Report) -> BTreeSet<String> {
    let errors = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| format!("{finding}")).collect()
}

fn mutants(text: &str, only_body: Option<&str>) -> Result<Vec<Mutant>, Box<dyn Error>> {
    let body = parse_body(text)?;
    let mut mutants = Vec::new();
    let is_meant = |name: &str| only_body.is_none_or(|only| only == name);
    for block in body.blocks().filter(|block| is_meant(&block.ident)) {
        take_out(&block.body, &mut mutants);
        let Some(span) = block.span() else { continue };
        replace_parts(text, span, &mut mutants)?;
    }
    Ok(mutants)
}

/// Without each operation, each `when` and each `in` block.
fn take_out(body: &Body, mutants: &mut Vec<Mutant>) {
    for structure in body {
        mutants.extend(structure.span().map(|place| Mutant {
            place,
            text: String::new(),
        }));
        if let Some(block) = structure.as_block() {
            take_out(&block.body, mutants);
        }
    }
}

/// With each text, number, key and operator replaced by another.
fn replace_parts(
    text: &str,
    span: Range<usize>,
    mutants: &mut Vec<Mutant>,
) -> Result<(), Box<dyn Error>> {
    let tokens = Regex::new(
        r#"(?m)#.*$|"(?:[^"\\]|\\.)*"|\b\d+\b|==|!=|&&|\|\||\btrue\b|\bfalse\b|\b[a-z_]+(?:\s*=[^=])"#,
    )?;
    for token in tokens.find_iter(&text[span.clone()]) {
        let at = span.start + token.start()..span.start + token.end();
        let (mut place, found) = (at, token.as_str());
        let put = match found {
            "==" => "!=".to_owned(),
            "!=" => "==".to_owned(),
            "&&" => "||".to_owned(),
            "||" => "&&".to_owned(),
            "true" => "false".to_owned(),
            "false" => "true".to_owned(),
            _ if found.starts_with('#') => continue,
            _ if found.starts_with('"') => "\"mutant\"".to_owned(),
            _ if found.starts_with(|c: char| c.is_ascii_digit()) => {
                (found.parse::<u64>()? + 1).to_string()
            }
            key => {
                let name = key.split(['=', ' ']).next().unwrap_or_default();
                place.end = place.start + name.len();
                format!("mutant_{name}")
            }
        };
        mutants.push(Mutant { place, text: put });
    }
    Ok(())
}
