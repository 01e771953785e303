//! `status`: where every ref stands.

use std::collections::HashMap;

use ocl_migrate::git::RefScope;
use ocl_migrate::project::{Project, RefState, RefStatus};
use ocl_migrate::report::{RefMap, StatusReport};
use ocl_migrate::store;

use super::failure::{Exit, Failure};
use super::output::Output;
use super::{Format, Global, complete, html};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate status                  every branch and tag
  ocl-migrate status --all            pull requests, remotes and notes too
  ocl-migrate status main v1.0 HEAD~3")]
pub(super) struct Arguments {
    /// Branches, tags or commits; every branch and tag without
    #[arg(value_name = "REF", conflicts_with = "all", add = complete::refs())]
    revisions: Vec<String>,
    /// Every ref there is
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    html: html::PageFile,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let project = global.open()?;
    let mut table = Table::default();
    let mut versions = ProjectVersions::default();
    let mut map = RefMap::of_status(project.catalog());
    let mut visit = |status: &RefStatus<'_>| -> Result<(), Failure> {
        let version = versions.of(&project, status.base_path)?;
        if arguments.html.wanted() {
            map.add_status(status, version);
        }
        match global.format {
            Format::Json => {
                let server = project.catalog().server_version();
                output.json(&StatusReport::new(status, version, server))?;
            }
            Format::Text => table.push(status),
        }
        Ok(())
    };
    let mut refs = project.status();
    if arguments.revisions.is_empty() {
        let scope = if arguments.all {
            RefScope::All
        } else {
            RefScope::BranchesAndTags
        };
        refs.every_ref(scope, &mut visit)?;
    } else {
        for revision in &arguments.revisions {
            refs.revision(revision, &mut visit)?;
        }
    }
    table.print(project.catalog().server_version(), output)?;
    arguments
        .html
        .write(|| Ok::<_, Failure>(map.page()), output)?;
    Ok(Exit::Done)
}

/// The projects' versions in the store, each asked for once.
#[derive(Default)]
struct ProjectVersions {
    known: HashMap<String, Option<u32>>,
}

impl ProjectVersions {
    fn of(&mut self, project: &Project, base_path: &str) -> Result<Option<u32>, Failure> {
        if let Some(version) = self.known.get(base_path) {
            return Ok(*version);
        }
        let version = match project.store() {
            None => None,
            Some(store) => match store.read(&project.key(base_path)) {
                Err(store::Error::Absent { .. }) => None,
                Err(error) => return Err(Failure::Load(error.into())),
                Ok(mut read) => read
                    .version()
                    .map_err(|error| Failure::Load(error.into()))?,
            },
        };
        self.known.insert(base_path.to_owned(), version);
        Ok(version)
    }
}

/// The rows of the text form; columns are as wide as they must be.
#[derive(Default)]
struct Table {
    rows: Vec<[String; 4]>,
}

impl Table {
    fn push(&mut self, status: &RefStatus<'_>) {
        let version = status
            .state
            .version()
            .map_or("-".to_owned(), |version| version.to_string());
        let state = match status.state {
            RefState::Behind(_) | RefState::Uninitialised => {
                format!(
                    "{}, {} pending",
                    status.state.name(),
                    super::preview::plural(status.pending, "step")
                )
            }
            RefState::Invalid(message) => {
                format!("invalid: {}", message.lines().next().unwrap_or_default())
            }
            RefState::Current(_) | RefState::Ahead(_) => status.state.name().to_owned(),
        };
        let row = [
            status.ref_name.to_owned(),
            status.base_path.to_owned(),
            version,
            state,
        ];
        self.rows.push(row);
    }

    fn print(&self, server_version: u32, output: &mut Output) -> Result<(), Failure> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        output.page();
        let (refs, paths) = (width(0).max(3), width(1).max(9));
        output.heading(format_args!(
            "{:<refs$}  {:<paths$}  {:>7}  STATE (server {server_version})",
            "REF", "BASE PATH", "VERSION"
        ))?;
        for [name, path, version, state] in &self.rows {
            output.line(format_args!(
                "{name:<refs$}  {path:<paths$}  {version:>7}  {state}"
            ))?;
        }
        Ok(())
    }
}
