//! All commands of ocl-migrate for a server's own catalog, which has a step in Rust.
//!
//! `cargo run --example own_commands -- status`

use std::process::ExitCode;

use ocl_migrate::catalog::{Catalog, CatalogParts, DocumentKind, OnExisting, PathPattern, Step};
use ocl_migrate::cli::CommandLine;

fn main() -> ExitCode {
    CommandLine::new(catalog())
        .name("flags-config")
        .version("3.1")
        .run()
}

/// Feature flags, one file each. From version 2 on every flag has an owner.
fn catalog() -> Catalog {
    let owner = Step::modify(2, "owner", "flag", |edit, _| {
        let root = edit.root();
        edit.set(root, "owner", "platform")?;
        Ok(())
    });
    let parts = CatalogParts {
        kinds: vec![DocumentKind::new(
            "flag",
            PathPattern::parse("flags/*.ocl").expect("a path"),
        )],
        steps: vec![
            Step::import(1, "flags", "flag", OnExisting::Refuse),
            owner.description("Every flag has an owner"),
        ],
        ..CatalogParts::new("flags", ".flags")
    };
    Catalog::new(parts).expect("a test has made it")
}
