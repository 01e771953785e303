//! `serve`: commands over HTTP.
//!
//! A question is a command line: its parameters become the words of a command, which runs with the options of the service and
//! writes what it prints with `--format json`. So an answer is the command's, byte for byte.

mod asked;
mod begun;
mod certificate;
mod change;
mod commands;
mod config;
mod endpoints;
mod explorer;
mod media;
mod orders;
mod parsed;
mod problems;
mod projects;
mod remote_config;
mod remotes;
mod search;
mod secret_file;
mod service;
mod state;
mod status;
mod token_command;
mod tokens;
mod webhook;
mod words;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::serve::{Starting, Stopped};

use super::failure::{Exit, Failure};
use super::global::{Format, Global};
use super::output::Output;
use commands::{Commands, Reload};
use config::Config;
pub(super) use parsed::{ParseQuestion, ParsedQuestion};
use projects::{Projects, expect_sound_store};
use remotes::Remotes;
pub(super) use token_command::{Arguments as TokenArguments, run as token};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate serve                                   the repository here, at http://127.0.0.1:7878/
  ocl-migrate serve --config serve.hcl --check        many, as a file says; only look whether all is right
  ocl-migrate serve --demo                            a small repository of its own
  ocl-migrate --repo /srv/config.git serve --listen 127.0.0.1:0
  curl http://127.0.0.1:7878/v1/projects/default/status

Whoever can connect can read, so without tokens only loopback addresses are served. SIGTERM and SIGINT end it once what runs is done.")]
pub(super) struct Arguments {
    /// Where to listen; port 0 is any that is free (default: 127.0.0.1:7878)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// A file that names projects with their repositories, and limits
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    config: Option<PathBuf>,
    /// Open all that would be served, and end
    #[arg(long)]
    check: bool,
    /// Let clients commit, too (with --config: `writable = true` of a project)
    #[arg(long, conflicts_with = "config")]
    writable: bool,
    /// Serve a small repository with branches at several versions, made for this
    #[arg(long, conflicts_with = "config")]
    demo: bool,
}

impl Arguments {
    /// Whether a file names the repositories.
    pub(super) fn has_config(&self) -> bool {
        self.config.is_some()
    }
}

/// Where to listen, unless somebody says otherwise.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7878);

/// The name of a project that nothing else names.
const DEFAULT: &str = "default";

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    parse: ParseQuestion,
    output: &mut Output,
) -> Result<Exit, Failure> {
    // The folder goes when the service ends.
    let demo = arguments.demo.then(super::demo::repository).transpose()?;
    let config = match (&arguments.config, &demo) {
        (Some(file), _) => Config::read(file, expect_no_project(global)?)?,
        (None, Some(folder)) => Config::of_one(DEFAULT, of_demo(global, folder.path())),
        (None, None) => Config::of_one(DEFAULT, global.clone()),
    };
    let address = arguments.listen.or(config.listen).unwrap_or(ADDRESS);
    let fixed = config.fixed(arguments.listen);
    if arguments.check {
        return check(config, address, output);
    }
    let can_reload = arguments.config.is_some();
    let starting = Starting::new(fixed.limits.clone(), can_reload)
        .map_err(|error| Failure::Other(format!("nothing can be served: {error}")))?;
    let remotes = Remotes::default();
    let opening = remotes.clone();
    let opened = starting.after(move || Projects::open(config, address, Some(&opening)));
    let Some((starting, projects)) = opened else {
        remotes.end();
        return Ok(Exit::Done);
    };
    let mut projects = projects?;
    // Nothing is lost of what is made for this.
    if arguments.writable || arguments.demo {
        projects.writable.insert(DEFAULT.to_owned());
    }
    for warning in &projects.warnings {
        output.warning(warning);
    }
    let server = starting.listen(address, fixed.hosts.clone());
    let server = server
        .map_err(|error| Failure::Other(format!("{address} can't be listened at: {error}")))?;
    let scheme = if fixed.has_tls { "https" } else { "http" };
    let url = format!("{scheme}://{}/", server.address());
    match global.format {
        Format::Json => output.json(
            &serde_json::json!({"format_version": crate::report::FORMAT_VERSION, "address": url}),
        )?,
        Format::Text => output.line(format_args!("serving {url}"))?,
    }
    // Whoever started it waits for the address.
    output.flush()?;
    let again = arguments.config.clone().map(|file| {
        let (global, listen, mirrored) = (global.clone(), arguments.listen, remotes.clone());
        let reload: Reload = Box::new(move || {
            let config = Config::read(&file, &global)?;
            let waiting = fixed.differs(&config.fixed(listen));
            Ok((Projects::open(config, address, Some(&mirrored))?, waiting))
        });
        reload
    });
    if !projects.remotes.is_empty() || again.is_some() {
        let started = remotes.start();
        started.map_err(|error| Failure::Other(format!("nothing can be fetched: {error}")))?;
    }
    let commands = Commands::new(global.host.clone(), projects, remotes.clone(), again, parse);
    let stopped = server.run(Arc::new(commands));
    remotes.end();
    match stopped {
        Stopped::Clean => Ok(Exit::Done),
        Stopped::Hanging(connections) => Err(Failure::Other(format!(
            "{} hadn't ended when the service did",
            crate::text::count(connections, "connection")
        ))),
    }
}

/// Opens all that would be served, and says whether it can be.
fn check(config: Config, address: SocketAddr, output: &mut Output) -> Result<Exit, Failure> {
    let projects = Projects::open(config, address, None)?;
    for warning in &projects.warnings {
        output.warning(warning);
    }
    for global in projects.by_name.values() {
        expect_sound_store(global)?;
    }
    let count = crate::text::count(projects.by_name.len() + projects.unmade, "project");
    let tls = projects.tls.as_ref().map(certificate::end);
    let tls = tls.map(|end| format!(", under a certificate that ends on {end}"));
    let tls = tls.unwrap_or_default();
    output.note(format_args!("{count} can be served{tls}"));
    Ok(Exit::Done)
}

/// Refuses options about one project, where a file names them all.
fn expect_no_project(global: &Global) -> Result<&Global, Failure> {
    let said = [
        ("--base-path", global.base_path.is_some()),
        ("--store", global.store.is_some()),
        ("--project", global.project.is_some()),
        ("--tenant", global.tenant.is_some()),
    ];
    match said.into_iter().find(|(_, is_said)| *is_said) {
        Some((option, _)) => Err(Failure::Usage(format!(
            "{option} is about one project: with --config, each one's stands in the file"
        ))),
        None => Ok(global),
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
