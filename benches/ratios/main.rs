//! Measures this crate against other programs doing the same work, in one run on one machine. Its ratios can be compared
//! between machines. `cargo bench --bench ratios`, or with the names of rows. See `docs/performance.md`.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a measurement that fails stops

mod compare;
mod corpus;
mod edits;
mod generate;
mod history;
mod merge;
mod process;
mod query;
mod rows;
mod serve;
mod sessions;
mod store;
mod uses;
mod values;
mod writing;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [run, command] = arguments.as_slice()
        && run == process::RUN
    {
        process::run_and_tell(command);
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
        .chain(serve::ALL)
    {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(&***wanted)) {
            row();
        }
    }
}
