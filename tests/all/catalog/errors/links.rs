//! Catalogs whose files lead elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use insta::assert_snapshot;
use ocl_migrate::catalog::Catalog;

use super::valid;
use crate::support::scratch;

/// The valid catalog in a folder, changed by `change`.
fn load(change: impl Fn(&Path)) -> Result<Catalog, String> {
    let folder = scratch::folder();
    valid().write(folder.path());
    change(folder.path());
    Catalog::load(folder.path()).map_err(|error| error.to_string())
}

#[test]
fn a_step_behind_a_link_is_read() {
    let catalog = load(|folder| {
        let elsewhere = folder.join(".elsewhere");
        fs::rename(folder.join("0002_import_fizz"), &elsewhere).expect("moved");
        symlink(&elsewhere, folder.join("0005_import_fizz")).expect("a link");
    });
    assert_eq!(catalog.map(|catalog| catalog.server_version()), Ok(5));
}

#[test]
fn loops_of_links_are_errors() {
    let errors = load(|folder| {
        symlink("0004_loop", folder.join("0004_loop")).expect("a link");
        symlink(".", folder.join("0003_itself")).expect("a link");
        symlink("nowhere", folder.join("0005_nowhere")).expect("a link");
    });
    assert_snapshot!(errors.expect_err("loops"), @"
    the catalog has 3 problems

    this file is missing
     --> 0003_itself/step.hcl
      = help: write it, or remove the folder

    can't be read: Too many levels of symbolic links (os error 40)
     --> 0004_loop

    can't be read: No such file or directory (os error 2)
     --> 0005_nowhere
    ");
}

#[test]
fn a_device_is_never_opened() {
    let errors = load(|folder| {
        let file = folder.join("0002_import_fizz/step.hcl");
        fs::remove_file(&file).expect("removed");
        symlink("/dev/zero", file).expect("a link");
    });
    assert_snapshot!(errors.expect_err("a device"), @"
    the catalog has a problem

    this is not a regular file
     --> 0002_import_fizz/step.hcl
    ");
}

#[test]
fn a_folder_in_place_of_a_file() {
    let errors = load(|folder| {
        fs::remove_file(folder.join("catalog.hcl")).expect("removed");
        fs::create_dir(folder.join("catalog.hcl")).expect("a folder");
    });
    assert_snapshot!(errors.expect_err("a folder"), @"
    the catalog has a problem

    this is not a regular file
     --> catalog.hcl
    ");
}

#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let result = load(|folder| {
        let file = folder.join("0002_import_fizz/step.hcl");
        fs::set_permissions(file, fs::Permissions::from_mode(0o0)).expect("set");
    });
    let Err(errors) = result else {
        crate::support::skipped("this user may read everything");
        return;
    };
    assert_snapshot!(errors, @"
    the catalog has a problem

    can't be read: Permission denied (os error 13)
     --> 0002_import_fizz/step.hcl
    ");
}
