//! `report`: the outputs of a fleet's command, put together.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::report::{FORMAT_VERSION, Fleet, FleetRow, HtmlPage};
use crate::text::{self, count, grouped};

use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::html;
use super::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate status --repos '/srv/repos/*.git' --format json > all.jsonl && ocl-migrate report all.jsonl
  ocl-migrate report shard-*.jsonl                          the parts of `--shard I/N`, as one table
  ocl-migrate report shard-*.jsonl --html report.html       and as one page

Exit code 1 if a repository couldn't be read or has something wrong, or if a part is missing or not done.")]
pub(super) struct Arguments {
    /// Files with the lines that a command with --repos printed or kept
    #[arg(value_name = "FILE", required = true, value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    html: html::PageFile,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.html.check()?;
    let mut fleet = Fleet::default();
    for file in &arguments.files {
        read(file, &mut fleet)?;
    }
    let missing = fleet.missing();
    let is_whole = fleet.is_well() && missing.is_empty();
    let exit = output.knows(if is_whole { Exit::Done } else { Exit::Failure });
    match global.format {
        Format::Json => print_json(&fleet, &missing, output)?,
        Format::Text => print_table(&fleet, output)?,
    }
    for what in &missing {
        output.warning(what);
    }
    let page = || Ok::<_, Failure>(HtmlPage::fleet(&fleet));
    arguments.html.write(global, page, output)?;
    Ok(exit)
}

/// Reads a file. What a killed process wrote last may be half a line, which counts as not there.
fn read(path: &Path, fleet: &mut Fleet) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::File {
        path: path.display().to_string(),
        error,
    };
    let wrong = |line: usize, why: String| {
        let path = path.display().to_string();
        Failure::FleetOutput {
            shown: path.clone(),
            path,
            line,
            why,
        }
    };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let mut line = String::new();
    for number in 1.. {
        line.clear();
        reader.read_line(&mut line).map_err(failed)?;
        if !line.ends_with('\n') {
            if number == 1 {
                return Err(wrong(1, "this file holds no line".into()));
            }
            break;
        }
        if number == 1 && !line.contains("\"fleet\":{") {
            return Err(wrong(
                1,
                "this isn't the output of a command with --repos and --format json".into(),
            ));
        }
        fleet
            .add_line(&line)
            .map_err(|error| wrong(number, error.to_string()))?;
    }
    Ok(())
}

fn print_json(fleet: &Fleet, missing: &[String], output: &mut Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct RowReport<'r> {
        format_version: u32,
        repository: &'r str,
        exit_code: u8,
        counts: &'r BTreeMap<String, usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'r str>,
    }
    #[derive(Serialize)]
    struct Summary<'s> {
        command: &'s str,
        repositories: usize,
        unread: usize,
        counts: BTreeMap<&'s str, usize>,
        missing: &'s [String],
    }
    #[derive(Serialize)]
    struct SummaryReport<'s> {
        format_version: u32,
        summary: Summary<'s>,
    }
    for (repository, row) in fleet.rows() {
        output.json(&RowReport {
            format_version: FORMAT_VERSION,
            repository,
            exit_code: row.exit_code,
            counts: &row.counts,
            error: row.error.as_deref(),
        })?;
    }
    Ok(output.json(&SummaryReport {
        format_version: FORMAT_VERSION,
        summary: Summary {
            command: fleet.head().map_or("", |head| &head.command),
            repositories: fleet.rows().len(),
            unread: fleet.unread(),
            counts: fleet.totals(),
            missing,
        },
    })?)
}

/// A row for each repository, and the sum of all.
pub(super) fn print_table(fleet: &Fleet, output: &mut Output) -> Result<(), Failure> {
    let totals = fleet.totals();
    // What is nowhere needs no column.
    let columns = fleet
        .columns()
        .iter()
        .filter(|word| totals.contains_key(**word));
    let columns: Vec<&str> = columns.copied().collect();
    output.page();
    if fleet.rows().len() > 0 {
        let names = fleet.rows().map(|(name, _)| text::columns(name));
        let width = names.max().unwrap_or(0).max("REPOSITORY".len());
        let heads = columns
            .iter()
            .map(|word| format!("  {:>w$}", word.to_uppercase(), w = width_of(word)));
        output.heading(format_args!(
            "{:<width$}{}",
            "REPOSITORY",
            heads.collect::<String>()
        ))?;
        for (name, row) in fleet.rows() {
            let padding = text::padding(name, width);
            output.line(format_args!("{name}{padding}{}", cells(row, &columns)))?;
        }
        output.line("")?;
    }
    let sums = columns.iter().map(|word| sum(totals[word], word));
    let sums = sums.collect::<Vec<_>>().join(", ");
    let repositories = count(fleet.rows().len(), "repository");
    let separator = if sums.is_empty() { "" } else { ": " };
    output.line(format_args!("{repositories}{separator}{sums}"))?;
    if let unread @ 1.. = fleet.unread() {
        output.line(format_args!("{} of them can't be read", grouped(unread)))?;
    }
    Ok(())
}

/// A number with its word. Nouns take a plural, and adjectives (`behind`) don't.
fn sum(number: usize, word: &str) -> String {
    match word {
        "problem" | "note" | "error" | "warning" | "definition" | "use" | "row" => {
            count(number, word)
        }
        _ => format!("{} {word}", grouped(number)),
    }
}

/// Numbers of up to six digits fit below every word.
fn width_of(word: &str) -> usize {
    word.len().max(7)
}

fn cells(row: &FleetRow, columns: &[&str]) -> String {
    if let Some(error) = &row.error {
        return format!("  can't be read: {}", text::first_line(error));
    }
    let cells = columns.iter().map(|word| {
        let number = row.counts.get(*word).copied().unwrap_or_default();
        format!("  {:>w$}", grouped(number), w = width_of(word))
    });
    cells.collect()
}
