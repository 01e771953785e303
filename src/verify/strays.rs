//! What lies beside cases and snapshots, or is stated in their files, and is never read: probably misspelt.

use super::cases::Case;
use super::files::Files;
use super::report::{Check, Finding};
use super::snapshots::{SERVER_FILE, Snapshots};
use crate::catalog::{Catalog, StepFolder};
use crate::text::{list, nearest};

const CASES: &str = "cases";

/// Files of a catalog's folder that look like cases, or like parts of one, and aren't.
pub(super) fn of_files(files: &Files, cases: &[Case]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut passed_over = |path: String, message: String| {
        findings.push(Finding::new(Check::Case, path, message).into_warning());
    };
    for name in files.folders() {
        if StepFolder::parse(name).is_none() {
            continue;
        }
        let of_step = files.below(name);
        for folder in of_step.folders().into_iter().filter(|it| *it != CASES) {
            let below = of_step.below(folder);
            let mut names = below.iter().filter_map(|(path, _)| path.rsplit('/').next());
            if nearest(folder, [CASES]).is_some() || names.any(|name| Case::FILES.contains(&name)) {
                let message =
                    format!("it isn't read: the cases of a step are in its folder `{CASES}`");
                passed_over(format!("{name}/{folder}"), message);
            }
        }
        for (file, _) in of_step
            .below(CASES)
            .iter()
            .filter(|(path, _)| !path.contains('/'))
        {
            if Case::FILES.contains(&file) {
                let message = format!("it isn't read: a case is a folder, `{CASES}/NAME/{file}`");
                passed_over(format!("{name}/{CASES}/{file}"), message);
            }
        }
    }
    for case in cases {
        for (file, _) in files.below(&case.path).iter() {
            let is_known = Case::FILES.contains(&file) || case.names(file);
            if let Some(near) = nearest(file, Case::FILES).filter(|_| !is_known) {
                let message = format!("it isn't read: did you mean `{near}`?");
                passed_over(format!("{}/{file}", case.path), message);
            }
        }
    }
    findings
}

/// Lookup tables that cases and snapshots state, and that no step asks.
pub(super) fn tables(catalog: &Catalog, cases: &[Case], snapshots: &Snapshots) -> Vec<Finding> {
    let Some(asked) = catalog.lookup_tables() else {
        return Vec::new();
    };
    let of_cases = cases.iter().flat_map(|case| {
        let file = format!("{}/case.hcl", case.path);
        case.tables().map(move |table| (file.clone(), table))
    });
    let of_server = snapshots.lookups.keys();
    let of_server = of_server.map(|table| (format!("snapshots/{SERVER_FILE}"), table.as_str()));
    let unasked = of_cases.chain(of_server);
    let unasked = unasked.filter(|(_, table)| !asked.contains(table));
    let findings = unasked.map(|(file, table)| {
        let meant = match nearest(table, asked.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None if asked.is_empty() => "the steps look up nothing".to_owned(),
            None => format!("they ask {}", list(&asked)),
        };
        let message = format!("lookups: no step asks for the table {table:?}: {meant}");
        Finding::new(Check::Lookup, file, message).into_warning()
    });
    findings.collect()
}
