//! Measures this crate against other programs doing the same work, in one run on one machine. Its ratios can be compared
//! between machines. `cargo bench --bench ratios`, or with the names of rows. See `docs/performance.md`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement that fails stops

#[path = "../../tests/all/support/cockroach.rs"]
#[allow(dead_code, unreachable_pub)]
mod cockroach;
mod compare;
mod corpus;
mod edits;
mod generate;
mod history;
/// The tests' own servers.
#[path = "../../tests/all/support/mariadb.rs"]
#[allow(dead_code, unreachable_pub)]
mod mariadb;
mod merge;
#[path = "../../tests/all/support/postgres.rs"]
#[allow(dead_code, unreachable_pub, unused_imports)]
mod postgres;
mod process;
mod query;
mod rows;
mod serve;
#[path = "../../tests/all/support/servers.rs"]
#[allow(dead_code, unreachable_pub)]
mod servers;
mod sessions;
mod store;
mod stores;
mod uses;
mod values;
mod writing;

/// Where servers keep their data: on a disk, as that is what is measured.
mod scratch {
    pub(super) fn place() -> std::path::PathBuf {
        std::env::temp_dir()
    }
}

/// What the tests say where something they need isn't there.
fn skipped(why: &str) {
    println!("skipped: {why}");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, command] = arguments.as_slice()
        && run == process::RUN
    {
        process::run_and_tell(command);
        return;
    }
    if let [commit, arguments @ ..] = arguments.as_slice()
        && commit == stores::COMMIT
    {
        stores::one_of_several(arguments);
        return;
    }
    if arguments
        .first()
        .is_some_and(|first| first == edits::MEASURE)
    {
        edits::measure();
        return;
    }
    // `cargo bench` adds `--bench`.
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|text| !text.starts_with('-'))
        .collect();
    println!("| work | ours | against | ratio | reach | |");
    println!("|---|---|---|---|---|---|");
    for (name, row) in rows::ALL
        .iter()
        .chain(sessions::ALL)
        .chain(edits::ALL)
        .chain(values::ALL)
        .chain(compare::ALL)
        .chain(uses::ALL)
        .chain(merge::ALL)
        .chain(history::ALL)
        .chain(writing::ALL)
        .chain(query::ALL)
        .chain(store::ALL)
        .chain(stores::ALL)
        .chain(serve::ALL)
    {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(&***wanted)) {
            row();
        }
    }
}
