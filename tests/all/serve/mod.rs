//! The service: the same answers as the command's, over HTTP.

mod answers;
pub mod client;
mod config;
mod explorer;
mod hostile;
mod kept;
pub mod nodes;
mod process;
mod slow;
mod stores;
mod tls;
mod tokens;
mod validators;
mod writes;

use client::Running;

use crate::support::{Sandbox, project};

/// The catalog "fizz", as an option.
fn fizz() -> [String; 2] {
    let catalog = project().join("fixtures/catalogs/fizz");
    ["--catalog".into(), catalog.to_str().unwrap().to_owned()]
}

/// A service of a sandbox with the catalog "fizz".
fn serve(sandbox: &Sandbox) -> Running {
    serve_with(sandbox, &[])
}

/// The same, which may be written to.
fn writable(sandbox: &Sandbox) -> Running {
    serve_with(sandbox, &["--writable"])
}

fn serve_with(sandbox: &Sandbox, own: &[&str]) -> Running {
    let [option, catalog] = fizz();
    Running::start(sandbox.path(), &[&option, &catalog], own)
}

/// Writes `serve.hcl` for one project with the catalog "fizz": what the service has of settings, and what the project has besides.
fn configure(sandbox: &Sandbox, settings: &str, of_project: &str) {
    let [_, catalog] = fizz();
    let text = format!(
        "{settings}project \"default\" {{\n  repository = \".\"\n  catalog = {catalog:?}\n{of_project}}}\n"
    );
    std::fs::write(sandbox.path().join("serve.hcl"), text).unwrap();
}

/// A service by that file.
fn configured(sandbox: &Sandbox) -> Running {
    Running::start(sandbox.path(), &[], &["--config", "serve.hcl"])
}

/// What is said of that file before anything is served.
fn check(sandbox: &Sandbox) -> String {
    sandbox.run_plain(&["serve", "--config", "serve.hcl", "--check"])
}

/// Makes a token for a service by that file.
fn token(sandbox: &Sandbox, name: &str, options: &[&str]) -> String {
    let words = [&["token", "--config", "serve.hcl", "new", name], options].concat();
    let done = sandbox.command(&words);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let token = String::from_utf8(done.stdout).unwrap();
    token.trim_end().to_owned()
}

/// A path with a project's question.
fn path(question: &str) -> String {
    format!("/v1/projects/default/{question}")
}
