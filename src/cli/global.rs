//! The options that every command takes, and what is opened by them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum, ValueHint};
use ocl_migrate::catalog::Catalog;
use ocl_migrate::git::{DiscoverOptions, Repository};
use ocl_migrate::project::Project;
use ocl_migrate::store::{ProjectKey, SqliteStore};

use super::failure::{Failure, quoted};

/// What every command takes. Each has an environment variable, and most may stand in `.ocl-migrate.hcl`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Run as if started in this folder
    #[arg(
        short = 'C', value_name = "DIR", global = true, env = "OCL_MIGRATE_DIRECTORY", hide_env_values = true,
        value_hint = ValueHint::DirPath
    )]
    pub(super) directory: Option<PathBuf>,
    /// The repository, or a folder in it
    #[arg(
        long, value_name = "DIR", default_value = ".", global = true, env = "OCL_MIGRATE_REPO", hide_env_values = true,
        value_hint = ValueHint::DirPath
    )]
    pub(super) repo: PathBuf,
    /// The folder of the project's documents; found by itself where a ref holds one project
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        env = "OCL_MIGRATE_BASE_PATH",
        hide_env_values = true
    )]
    pub(super) base_path: Option<String>,
    /// The catalog's folder; the built-in one without
    #[arg(
        long, value_name = "DIR", global = true, env = "OCL_MIGRATE_CATALOG", hide_env_values = true,
        value_hint = ValueHint::DirPath
    )]
    pub(super) catalog: Option<PathBuf>,
    /// The store's file; without, `ocl-migrate/state.db` in the repository's Git folder
    #[arg(
        long, value_name = "FILE", global = true, env = "OCL_MIGRATE_STORE", hide_env_values = true,
        value_hint = ValueHint::FilePath
    )]
    pub(super) store: Option<PathBuf>,
    /// What the store calls the project; its base path without
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        env = "OCL_MIGRATE_PROJECT",
        hide_env_values = true
    )]
    pub(super) project: Option<String>,
    /// How to print
    #[arg(
        long, value_name = "FORMAT", value_enum, default_value_t = Format::Text, global = true,
        env = "OCL_MIGRATE_FORMAT", hide_env_values = true
    )]
    pub(super) format: Format,
    /// When to colour; `NO_COLOR` is honoured
    #[arg(
        long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto, global = true,
        env = "OCL_MIGRATE_COLOR", hide_env_values = true
    )]
    pub(super) color: Colour,
    /// Print long output at once, on a terminal too; otherwise GIT_PAGER, PAGER or `less` shows it
    #[arg(
        long, global = true, env = "OCL_MIGRATE_NO_PAGER", hide_env_values = true,
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    pub(super) no_pager: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    Auto,
    Always,
    Never,
}

/// A command ends soon.
pub(super) const SHORT_LIVED: DiscoverOptions = DiscoverOptions {
    user_config: false,
    short_lived: true,
};

impl Global {
    /// The command with the options that choose repository, catalog and store, for commands to paste.
    pub(super) fn program(&self) -> String {
        let mut program = "ocl-migrate".to_owned();
        let repo = Some(&self.repo).filter(|repo| *repo != Path::new("."));
        let options = [
            ("-C", self.directory.as_ref()),
            ("--repo", repo),
            ("--catalog", self.catalog.as_ref()),
            ("--store", self.store.as_ref()),
        ];
        for (option, value) in options {
            if let Some(value) = value {
                program.push_str(&format!(" {option} {}", quoted(&value.to_string_lossy())));
            }
        }
        program
    }

    pub(super) fn catalog(&self) -> Result<Catalog, Failure> {
        match &self.catalog {
            Some(folder) => load_catalog(folder),
            None => Ok(Catalog::builtin()),
        }
    }

    /// The store's file: the one named, else in the common Git folder, the same for all work trees.
    pub(super) fn store_file(&self) -> Result<PathBuf, Failure> {
        match &self.store {
            Some(file) => Ok(file.clone()),
            None => Ok(store_beside(&Repository::discover(&self.repo)?)),
        }
    }

    pub(super) fn open(&self) -> Result<Project, Failure> {
        self.open_with(SHORT_LIVED)
    }

    pub(super) fn open_with(&self, options: DiscoverOptions) -> Result<Project, Failure> {
        let repository = Repository::discover_with(&self.repo, options)?;
        self.project_in(repository, Arc::new(self.catalog()?))
    }

    pub(super) fn project_in(
        &self,
        repository: Repository,
        catalog: Arc<Catalog>,
    ) -> Result<Project, Failure> {
        let store = self
            .store
            .clone()
            .unwrap_or_else(|| store_beside(&repository));
        let mut project =
            Project::builder(repository, catalog).store(Arc::new(SqliteStore::new(store)));
        if let Some(base_path) = &self.base_path {
            project = project.base_path(base_path);
        }
        if let Some(name) = &self.project {
            project = project.key(ProjectKey::new(name));
        }
        Ok(project.build()?)
    }
}

/// The catalog in a folder. What is wrong with it names its files as they can be opened from here.
pub(super) fn load_catalog(folder: &Path) -> Result<Catalog, Failure> {
    Catalog::load(folder).map_err(|mut error| {
        for problem in &mut error.problems {
            if Path::new(&problem.file) != folder {
                problem.file = folder.join(&problem.file).display().to_string();
            }
        }
        error.into()
    })
}

fn store_beside(repository: &Repository) -> PathBuf {
    repository.common_dir().join("ocl-migrate").join("state.db")
}
