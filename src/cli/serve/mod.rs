//! `serve`: the reading commands over HTTP.
//!
//! A question is a command line: its parameters become the words of a command, which runs with the options of the service and
//! writes what it prints with `--format json`. So an answer is the command's, byte for byte.

mod answer;
mod endpoints;
mod parsed;
mod state;
mod status;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crate::git::DiscoverOptions;
use crate::serve::{Limits, Server, Stopped};

use super::failure::{Exit, Failure};
use super::global::{Colour, Format, Global, Served};
use super::output::Output;
use answer::Commands;
pub(super) use parsed::{ParseQuestion, ParsedQuestion};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate serve                                   the repository here, at http://127.0.0.1:7878/
  ocl-migrate serve --demo                            a small repository of its own
  ocl-migrate --repo /srv/config.git serve --listen 127.0.0.1:0
  curl http://127.0.0.1:7878/v1/projects/default/status

Whoever can connect can read, so only loopback addresses are served. SIGTERM and SIGINT end it once what runs is done.")]
pub(super) struct Arguments {
    /// Where to listen; port 0 is any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// Serve a small repository with branches at several versions, made for this
    #[arg(long)]
    demo: bool,
}

/// The name of a project that nothing else names.
const DEFAULT: &str = "default";

/// A process that lives long, and may write commits.
const LONG_LIVED: DiscoverOptions = DiscoverOptions {
    user_config: true,
    short_lived: false,
};

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    parse: ParseQuestion,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let address = arguments.listen;
    if !address.ip().is_loopback() {
        return Err(Failure::Usage(format!(
            "--listen {address}: whoever can connect can read, so only loopback addresses are served, such as 127.0.0.1:{}",
            address.port()
        )));
    }
    // The folder goes when the service ends.
    let demo = arguments.demo.then(super::demo::repository).transpose()?;
    let opened = match &demo {
        Some(folder) => opened(&of_demo(global, folder.path()))?,
        None => opened(global)?,
    };
    let projects = BTreeMap::from([(DEFAULT.to_owned(), opened)]);
    let server = Server::bind(address, Vec::new(), Limits::default())
        .map_err(|error| Failure::Other(format!("{address} can't be listened at: {error}")))?;
    let url = format!("http://{}/", server.address());
    match global.format {
        Format::Json => output.json(
            &serde_json::json!({"format_version": crate::report::FORMAT_VERSION, "address": url}),
        )?,
        Format::Text => output.line(format_args!("serving {url}"))?,
    }
    // Whoever started it waits for the address.
    output.flush()?;
    let commands = Commands::new(global.host.clone(), projects, parse);
    let stopped = server
        .run(Arc::new(commands))
        .map_err(|error| Failure::Other(format!("the service ended: {error}")))?;
    match stopped {
        Stopped::Clean => Ok(Exit::Done),
        Stopped::Hanging(connections) => Err(Failure::Other(format!(
            "{} hadn't ended when the service did",
            crate::text::count(connections, "connection")
        ))),
    }
}

/// The options for the demo's repository. What the environment and settings say is about other ones.
fn of_demo(global: &Global, repo: &Path) -> Global {
    Global {
        repo: repo.to_owned(),
        repo_is_named: true,
        base_path: None,
        store: None,
        project: None,
        environments: Vec::new(),
        defaults: None,
        ..global.clone()
    }
}

/// The options for questions about a project, with the project opened.
fn opened(global: &Global) -> Result<Global, Failure> {
    let mut global = global.clone();
    if let Some(store) = &global.store
        && super::store_place::is_missing(store)
    {
        return Err(Failure::Store(crate::store::Error::Absent {
            store: super::store_place::location(store),
        }));
    }
    let project = global.open_with(LONG_LIVED)?;
    global.format = Format::Json;
    global.color = Colour::Never;
    global.served = Some(Served {
        project,
        progress: None,
        page: Arc::default(),
    });
    Ok(global)
}
