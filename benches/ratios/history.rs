//! `log` and `blame` of values, against Git's own of lines.

use std::path::Path;

use crate::generate;
use crate::process::{Taken, shell};
use crate::rows::{Row, ours, row};

pub(crate) const ALL: &[Row] = &[
    ("history-log", log_of_a_value),
    ("history-document", log_of_a_document),
    ("history-blame", blame),
    ("history-growth", growth),
];

const COMMITS: usize = 20_000;
const ROUNDS: usize = 5;
const VARIABLES: &str = ".octopus/variables.ocl";
const VALUE: &str = "log main variables 'variable[\"Var050\"]'";

fn theirs(repository: &Path, command: &str) -> Taken {
    shell(repository, &format!("{command} >/dev/null"), ROUNDS)
}

fn log_of_a_value() {
    let repository = generate::variables(COMMITS);
    let ours = ours(&repository, VALUE);
    let work = format!(
        "`log` of one value of 200, {COMMITS} commits, peak {} kB",
        ours.peak >> 10
    );
    let lines = theirs(&repository, &format!("git log -p main -- {VARIABLES}"));
    row(
        &work,
        ours.time,
        "`git log -p` of its file",
        lines.time,
        0.5,
    );
    let command = format!("git log -L '/variable \"Var050\"/,+2:{VARIABLES}' main");
    let lines = theirs(&repository, &command);
    row(
        &work,
        ours.time,
        "`git log -L` of its lines",
        lines.time,
        1.0,
    );
}

fn log_of_a_document() {
    let repository = generate::variables(COMMITS);
    let ours = ours(&repository, "log main variables");
    let work = format!("`log` of all 200 values, {COMMITS} commits");
    let lines = theirs(&repository, &format!("git log -p main -- {VARIABLES}"));
    row(
        &work,
        ours.time,
        "`git log -p` of the file",
        lines.time,
        None,
    );
}

fn blame() {
    let repository = generate::variables(COMMITS);
    let ours = ours(&repository, "blame main variables");
    let work = format!("`blame` of 200 values, {COMMITS} commits");
    let lines = theirs(&repository, &format!("git blame main -- {VARIABLES}"));
    row(&work, ours.time, "`git blame` of the file", lines.time, 1.0);
}

fn growth() {
    let (many, few) = (
        generate::variables(COMMITS),
        generate::variables(COMMITS / 10),
    );
    let (many, few) = (ours(&many, VALUE), ours(&few, VALUE));
    let work = format!("`log` of one value, {COMMITS} commits");
    row(&work, many.time, "a tenth of the commits", few.time, 12.0);
    println!(
        "| the same: peak memory | {} kB | a tenth: {} kB | | | |",
        many.peak >> 10,
        few.peak >> 10
    );
}
