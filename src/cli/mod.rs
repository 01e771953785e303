//! The command line: arguments, one file per command, and what the process says at its end.

mod adopt;
mod commit;
mod convert;
mod demo;
mod effect;
mod failure;
mod files;
mod new;
mod output;
mod plan;
mod preview;
mod show;
mod snapshot;
mod status;
mod store;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{DiscoverOptions, Repository};
use ocl_migrate::project::Project;
use ocl_migrate::store::{ProjectKey, SqliteStore};

use failure::{Exit, Failure};
use output::Output;

/// Migrates configuration documents kept in Git: lazily, in memory, when a ref is read
#[derive(Debug, Parser)]
#[command(name = "ocl-migrate", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Global {
    /// The repository, or a folder in it
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    repo: PathBuf,
    /// The folder of the project's documents; found by itself where a ref holds one project
    #[arg(long, value_name = "DIR", global = true)]
    base_path: Option<String>,
    /// The catalog's folder; the built-in one without
    #[arg(long, value_name = "DIR", global = true)]
    catalog: Option<PathBuf>,
    /// The store's file; without, `ocl-migrate/state.db` in the repository's Git folder
    #[arg(long, value_name = "FILE", global = true)]
    store: Option<PathBuf>,
    /// What the store calls the project; its base path without
    #[arg(long, value_name = "NAME", global = true)]
    project: Option<String>,
    /// How to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, global = true)]
    format: Format,
    /// When to colour
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, global = true)]
    color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What migrating would change: a diff per document, with the plan above it
    Preview(preview::Arguments),
    /// Which steps would run, which not, and why
    Plan(plan::Arguments),
    /// The migrated documents, as OCL or JSON
    Show(show::Arguments),
    /// Every branch and tag, every base path: its version and the steps pending
    Status(status::Arguments),
    /// Commit a user's change to a branch, with the migration
    Commit(commit::Arguments),
    /// Commit the migration alone: a person's wish
    Upgrade(commit::Upgrade),
    /// Let the store catch up with a branch that is ahead of it
    Adopt(adopt::Arguments),
    /// Look into the store, and put documents and lookups into it
    Store(store::Arguments),
    /// The catalog against its cases and snapshots: every version to the latest
    Verify(verify::Arguments),
    /// A new step: its folder, its text and a first case
    New(new::Arguments),
    /// Record what a project looks like at the newest version
    Snapshot(snapshot::Arguments),
    /// OCL files to JSON, one line per file
    Convert(convert::Arguments),
    /// Make a small repository with branches at several versions, and preview them
    Demo(demo::Arguments),
}

/// Runs the command that the process was started with.
pub(crate) fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too. A reader that has gone away needs no telling.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            }
            .into();
        }
    };
    let mut output = Output::new(arguments.global.color);
    let result = match &arguments.command {
        Command::Preview(command) => preview::run(&arguments.global, command, &mut output),
        Command::Plan(command) => plan::run(&arguments.global, command, &mut output),
        Command::Show(command) => show::run(&arguments.global, command, &mut output),
        Command::Status(command) => status::run(&arguments.global, command, &mut output),
        Command::Commit(command) => commit::run(&arguments.global, command, &mut output),
        Command::Upgrade(command) => commit::upgrade(&arguments.global, command, &mut output),
        Command::Adopt(command) => adopt::run(&arguments.global, command, &mut output),
        Command::Store(command) => store::run(&arguments.global, command, &mut output),
        Command::Verify(command) => verify::run(&arguments.global, command, &mut output),
        Command::New(command) => new::run(&arguments.global, command, &mut output),
        Command::Snapshot(command) => snapshot::run(&arguments.global, command, &mut output),
        Command::Convert(command) => convert::run(&arguments.global, command, &mut output),
        Command::Demo(command) => demo::run(&arguments.global, command, &mut output),
    };
    let result = result.and_then(|exit| output.flush().map(|()| exit));
    match result {
        Ok(exit) => exit.into(),
        Err(Failure::ClosedPipe) => Exit::Done.into(),
        Err(failure) => {
            let _ = output.flush();
            output.error(&failure);
            failure.exit().into()
        }
    }
}

impl Global {
    fn catalog(&self) -> Result<Catalog, Failure> {
        match &self.catalog {
            Some(folder) => Ok(Catalog::load(folder)?),
            None => Ok(Catalog::builtin()),
        }
    }

    /// The store's file: the one named, else in the common Git folder, the same for all work trees.
    fn store_file(&self) -> Result<PathBuf, Failure> {
        match &self.store {
            Some(file) => Ok(file.clone()),
            None => Ok(store_beside(&Repository::discover(&self.repo)?)),
        }
    }

    fn open(&self) -> Result<Project, Failure> {
        self.open_with(DiscoverOptions::default())
    }

    fn open_with(&self, options: DiscoverOptions) -> Result<Project, Failure> {
        let repository = Repository::discover_with(&self.repo, options)?;
        let store = self
            .store
            .clone()
            .unwrap_or_else(|| store_beside(&repository));
        let mut project = Project::builder(repository, Arc::new(self.catalog()?))
            .store(Arc::new(SqliteStore::new(store)));
        if let Some(base_path) = &self.base_path {
            project = project.base_path(base_path);
        }
        if let Some(name) = &self.project {
            project = project.key(ProjectKey::new(name));
        }
        Ok(project.build()?)
    }
}

fn store_beside(repository: &Repository) -> PathBuf {
    repository.common_dir().join("ocl-migrate").join("state.db")
}
