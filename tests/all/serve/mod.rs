//! The service: the same answers as the command's, over HTTP.

mod answers;
pub mod client;
mod config;
mod explorer;
mod hostile;
mod nodes;
mod process;
mod slow;
mod stores;
mod tls;
mod tokens;
mod validators;
mod writes;

use crate::support::{Sandbox, project};

/// The catalog "fizz", as an option.
fn fizz() -> [String; 2] {
    let catalog = project().join("fixtures/catalogs/fizz");
    ["--catalog".into(), catalog.to_str().unwrap().to_owned()]
}

/// A service of a sandbox with the catalog "fizz".
fn serve(sandbox: &Sandbox) -> client::Running {
    let [option, catalog] = fizz();
    client::Running::start(sandbox.path(), &[&option, &catalog], &[])
}

/// A path with a project's question.
fn path(question: &str) -> String {
    format!("/v1/projects/default/{question}")
}
