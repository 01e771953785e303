//! The catalog in the binary is the one in `steps/`, though the bodies of its steps are read only when they are needed.

use std::path::Path;

use ocl_migrate::catalog::{Catalog, Step};

/// Everything about a step: showing it reads its bodies.
fn told(step: &Step) -> String {
    format!(
        "{} {} {:?} {:?} {} {:?} {} {} {} {:?} {:?}",
        step.version(),
        step.name(),
        step.target(),
        step.action(),
        step.describe(),
        step.read_kinds(),
        step.reads_any_shape(),
        step.may_overwrite(),
        step.is_idempotent(),
        step.reverse(),
        step.reverse().body(),
    )
}

#[test]
fn every_step_is_the_same_as_when_its_folder_is_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("steps");
    let (whole, builtin) = (Catalog::load(&folder).unwrap(), Catalog::builtin());
    assert_eq!(whole.steps().len(), builtin.steps().len());
    for (whole, builtin) in whole.steps().iter().zip(builtin.steps()) {
        assert_eq!(told(whole), told(builtin));
    }
    assert_eq!(whole.digest(), builtin.digest());
}
