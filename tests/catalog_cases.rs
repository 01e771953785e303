//! Every step of the shipped catalog does what its cases say.

use std::path::Path;

use ocl_migrate::catalog::{Action, Catalog};
use ocl_migrate::report::FileDiff;
use ocl_migrate::verify::cases::{self, CaseFailure};

fn steps() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/steps"))
}

#[test]
fn every_case_of_the_shipped_catalog_holds() {
    let catalog = Catalog::load(steps()).unwrap_or_else(|error| panic!("{error}"));
    let cases = cases::read(steps(), &catalog).unwrap_or_else(|error| panic!("{error}"));
    let mut failures = String::new();
    for case in &cases {
        if let Err(failure) = case.run(&catalog) {
            failures += &format!("{}: {failure}\n", case.path);
            if let CaseFailure::Differs { expected, found } = failure {
                failures += &difference(&expected, &found.unwrap_or_default());
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");

    let without: Vec<_> = catalog
        .steps()
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step.action(), Action::Modify(_) | Action::Dialect))
        .filter(|(index, _)| !cases.iter().any(|case| case.step == *index))
        .map(|(_, step)| step.name())
        .collect();
    assert!(without.is_empty(), "no case for {without:?}");
}

fn difference(expected: &[u8], found: &[u8]) -> String {
    FileDiff::new(Some(("after.ocl", expected)), Some(("result", found))).to_string()
}
