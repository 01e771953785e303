//! The options that every command takes, and what is opened by them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::{Catalog, Problem};
use crate::git::{DiscoverOptions, GitProgram, LocalRefs, MoveRef, Repository};
use crate::project::{Project, SharedCache};
use crate::store::{Options, ProjectKey, Store};
use crate::text::folder;
use clap::{ArgMatches, Args, ValueEnum, ValueHint};

use super::command_line::CommandLine;
use super::discover::discover;
use super::failure::{Failure, quoted};
use super::found::{expect_top, load_catalog, own_store, own_store_to_read, refuse_embedded};
use super::git_environment;
use super::opened::{MemberOfFleet, RemoteBranches, Served};
use super::sent::Sent;
use super::shared_store::{Noted, SharedStore};
use super::store_place::{NamedStore, without_password};

/// What every command takes. Each has an environment variable, and most may stand in a file of settings.
#[derive(Debug, Clone, Args)]
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
    /// The folder of the project's documents (default: found, if the ref holds one project)
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        env = "OCL_MIGRATE_BASE_PATH",
        hide_env_values = true,
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    pub(super) base_path: Option<String>,
    /// The catalog's folder (default: the built-in catalog)
    #[arg(
        long, value_name = "DIR", global = true, env = "OCL_MIGRATE_CATALOG", hide_env_values = true,
        value_hint = ValueHint::DirPath
    )]
    pub(super) catalog: Option<PathBuf>,
    /// The store: a file, or `postgres://USER@HOST/DATABASE`, or `mysql://..` (default: `ocl-migrate/state.db` in the repository's Git folder)
    #[arg(
        long, value_name = "STORE", global = true, env = "OCL_MIGRATE_STORE", hide_env_values = true,
        value_hint = ValueHint::FilePath
    )]
    pub(super) store: Option<PathBuf>,
    /// The project's name in the store (default: its base path)
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        env = "OCL_MIGRATE_PROJECT",
        hide_env_values = true,
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    pub(super) project: Option<String>,
    /// The tenant whose project it is, in a store that several share (default: the tenant without a name)
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        env = "OCL_MIGRATE_TENANT",
        hide_env_values = true
    )]
    pub(super) tenant: Option<String>,
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
    /// Print long output directly; otherwise, on a terminal, GIT_PAGER, PAGER or `less` shows it
    #[arg(
        long, global = true, env = "OCL_MIGRATE_NO_PAGER", hide_env_values = true,
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    pub(super) no_pager: bool,
    /// Whether somebody named the repository, by `--repo` or `-C`: otherwise it is the one that the current folder is in.
    #[arg(skip)]
    pub(super) repo_is_named: bool,
    /// Whether the base path comes from the repository's own file of settings.
    #[arg(skip)]
    pub(super) repository_chose_base_path: bool,
    /// The file and line of settings that say the base path.
    #[arg(skip)]
    pub(super) base_path_place: Option<String>,
    /// Names for refs, from the repository's own file of settings.
    #[arg(skip)]
    pub(super) environments: Vec<Environment>,
    /// The ref whose values are everybody's defaults, from the repository's own file of settings.
    #[arg(skip)]
    pub(super) defaults: Option<Defaults>,
    /// Whose command line it is.
    #[arg(skip)]
    pub(super) host: Arc<CommandLine>,
    /// The projects that a shared store was not asked about.
    #[arg(skip)]
    pub(super) withheld: Noted,
    /// The environments that were read as the refs of their names.
    #[arg(skip)]
    pub(super) shadowed: Noted,
    /// The last revision that couldn't be loaded: not always the first that a command names.
    #[arg(skip)]
    pub(super) not_loaded: NotLoaded,
    /// What the command line and the environment say.
    #[arg(skip)]
    pub(super) matches: ArgMatches,
    /// What the repository shares with the others of a fleet.
    #[arg(skip)]
    pub(super) fleet: Option<MemberOfFleet>,
    /// What other projects' documents are cached in too.
    #[arg(skip)]
    pub(super) cache: Option<SharedCache>,
    /// Whether a store that was named is there when the process begins, and must be as long as it runs.
    #[arg(skip)]
    pub(super) store_must_stay: bool,
    /// What moves branches, where that isn't this machine's repository.
    #[arg(skip)]
    pub(super) remote_refs: Option<RemoteBranches>,
    /// What a service that answers has opened.
    #[arg(skip)]
    pub(super) served: Option<Served>,
    /// Of many projects that a file names, the one that couldn't be opened.
    #[arg(skip)]
    pub(super) not_opened: NotOpened,
}

/// The options of a project that couldn't be opened. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct NotOpened(Arc<Mutex<Option<Box<Global>>>>);

impl NotOpened {
    #[cfg(feature = "serve")]
    pub(super) fn note(&self, mut global: Global) {
        // Not itself, in a circle.
        global.not_opened = NotOpened::default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(global));
    }

    pub(super) fn take(&self) -> Option<Box<Global>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A revision that couldn't be loaded. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct NotLoaded(Arc<Mutex<Option<String>>>);

impl NotLoaded {
    pub(super) fn note(&self, revision: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(revision.to_owned());
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A name for a ref. It comes with the repository, and stands for the ref where that is read only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment {
    pub(super) name: String,
    pub(super) revision: String,
}

/// The ref whose values are everybody's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Defaults {
    pub(super) revision: String,
    /// What to say where Git doesn't know it; it shows the place that names it.
    pub(super) missing: Option<Problem>,
}

impl Defaults {
    /// Those that were named on the command line, or else in the repository.
    pub(super) fn chosen(global: &Global, named: Option<&String>) -> Option<Defaults> {
        match named {
            Some(revision) => Some(Defaults {
                revision: revision.clone(),
                missing: None,
            }),
            None => global.defaults.clone(),
        }
    }

    /// The revision in a project.
    pub(super) fn revision<'w>(
        &'w self,
        global: &'w Global,
        project: &Project,
    ) -> Result<&'w str, Failure> {
        let revision = global.revision(project, &self.revision);
        match &self.missing {
            Some(missing) if !global.is_revision(project, revision) => {
                Err(Failure::Settings(missing.clone()))
            }
            _ => Ok(revision),
        }
    }
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

/// A command runs once and ends.
pub(super) const SHORT_LIVED: DiscoverOptions = DiscoverOptions {
    user_config: false,
    short_lived: true,
    config: Vec::new(),
    objects: None,
};

impl Global {
    /// The command with the options that choose repository, catalog and store, for commands to paste.
    pub(super) fn program(&self) -> String {
        self.program_in(&self.repo)
    }

    /// Git in the same repository, for commands to paste.
    pub(super) fn git(&self) -> String {
        let repo = Some(&*self.repo).filter(|repo| *repo != Path::new("."));
        let folders = [self.directory.as_deref(), repo].into_iter().flatten();
        let folders = folders.map(|folder| format!(" -C {}", quoted(&folder.to_string_lossy())));
        format!("git{}", folders.collect::<String>())
    }

    /// The options that choose a repository, its project and its store, by their ids.
    pub(super) fn chosen(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| without_password(&path.to_string_lossy());
        let chosen = [
            ("directory", self.directory.as_deref().map(text)),
            (
                "repo",
                (self.repo != Path::new(".")).then(|| text(&self.repo)),
            ),
            (
                "base_path",
                self.base_path.as_deref().map(folder).map(str::to_owned),
            ),
            ("catalog", self.catalog.as_deref().map(text)),
            ("store", self.store.as_deref().map(text)),
            ("project", self.project.clone()),
            ("tenant", self.tenant.clone()),
        ];
        let chosen = chosen.into_iter();
        chosen
            .filter_map(|(id, value)| Some((id, value?)))
            .collect()
    }

    /// The same for another repository.
    pub(super) fn program_in(&self, repo: &Path) -> String {
        let mut program = self.host.called().to_owned();
        let options = [
            ("-C", self.directory.as_deref()),
            ("--repo", Some(repo).filter(|repo| *repo != Path::new("."))),
            ("--catalog", self.catalog.as_deref()),
            ("--store", self.store.as_deref()),
        ];
        for (option, value) in options {
            if let Some(value) = value {
                let value = without_password(&value.to_string_lossy());
                program.push_str(&format!(" {option} {}", quoted(&value)));
            }
        }
        if let Some(tenant) = &self.tenant {
            program.push_str(&format!(" --tenant {}", quoted(tenant)));
        }
        program
    }

    /// The same with the base path that was chosen, if one was.
    pub(super) fn program_there(&self) -> String {
        self.program_at(self.base_path.as_deref().unwrap_or_default())
    }

    /// The same with all that chooses the project in the store.
    pub(super) fn program_of_store(&self) -> String {
        let mut program = self.program_there();
        if let Some(project) = &self.project {
            program.push_str(&format!(" --project {}", quoted(project)));
        }
        program
    }

    /// The same with the base path, where one was chosen.
    pub(super) fn program_at(&self, base_path: &str) -> String {
        match &self.base_path {
            Some(_) => format!(
                "{} --base-path {}",
                self.program(),
                quoted(folder(base_path))
            ),
            None => self.program(),
        }
    }

    /// Whether the store is one that the command `store` takes: otherwise it is the server's own.
    pub(super) fn store_is_file(&self) -> bool {
        self.store.is_some() || self.host.own_store().is_none()
    }

    pub(super) fn catalog(&self) -> Result<Arc<Catalog>, Failure> {
        if let Some(served) = &self.served {
            return Ok(served.project.catalog().clone());
        }
        let Some(fleet) = &self.fleet else {
            return self.load_catalog();
        };
        let mut catalogs = fleet
            .catalogs
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(catalog) = catalogs.get(&self.catalog) {
            return Ok(catalog.clone());
        }
        let catalog = self.load_catalog()?;
        catalogs.insert(self.catalog.clone(), catalog.clone());
        Ok(catalog)
    }

    fn load_catalog(&self) -> Result<Arc<Catalog>, Failure> {
        Ok(match (&self.catalog, self.host.own()) {
            (Some(folder), _) => Arc::new(load_catalog(folder)?),
            (None, Some(own)) => own.catalog.clone(),
            (None, None) => Arc::new(Catalog::builtin()),
        })
    }

    /// What a client of the service has sent to be written.
    pub(super) fn sent(&self) -> Option<&Sent> {
        self.served.as_ref()?.sent.as_deref()
    }

    /// The repository that the current folder is in, or the one named.
    pub(super) fn repository(&self, options: DiscoverOptions) -> Result<Repository, Failure> {
        let repository = discover(&self.repo, options)?;
        if !self.repo_is_named {
            refuse_embedded(&repository, &self.repo)?;
        }
        Ok(repository)
    }

    /// The store: the one named, else a file in the common Git folder, the same for all work trees.
    pub(super) fn named_store(&self) -> Result<NamedStore, Failure> {
        match &self.store {
            Some(named) => NamedStore::of(named, Options::default()),
            None if self.host.own_store().is_some() => Err(Failure::Usage(
                "the server keeps its documents itself, and this command is about another store: name one with --store STORE"
                    .into(),
            )),
            None => {
                let file = own_store(&self.repository(DiscoverOptions::default())?)?;
                NamedStore::of(&file, Options::default())
            }
        }
    }

    /// What the store calls the project, for commands about the store alone.
    pub(super) fn store_key(&self, catalog: &Catalog) -> Result<ProjectKey, Failure> {
        if self.project.is_none() && self.store.is_some() && self.repository_chose_base_path {
            let base_path = self.base_path.as_deref().unwrap_or_default();
            return Err(Failure::Usage(format!(
                "the project `{base_path}` is named by the repository's settings only, which can't choose a project in your \
                 store: name it with --base-path or --project"
            )));
        }
        let base_path = self.base_path.as_deref().unwrap_or(catalog.base_path());
        Ok(self.key_of(self.project.as_deref().unwrap_or(base_path)))
    }

    /// The project, to be read.
    pub(super) fn open(&self) -> Result<Project, Failure> {
        if let Some(served) = &self.served {
            return Ok(served.project.clone());
        }
        self.project_in(self.repository(SHORT_LIVED)?, self.catalog()?)
    }

    /// The project, to be written to by a person.
    pub(super) fn open_to_write(&self) -> Result<Project, Failure> {
        git_environment::refuse_writing(|| self.repository(SHORT_LIVED))?;
        self.open_with(DiscoverOptions {
            user_config: true,
            config: git_environment::config(),
            ..SHORT_LIVED
        })
    }

    /// The project, to be written to.
    pub(super) fn open_with(&self, options: DiscoverOptions) -> Result<Project, Failure> {
        if let Some(served) = &self.served {
            return Ok(served.project.clone());
        }
        let repository = self.repository(options)?;
        if !self.shares_store() {
            own_store(&repository)?;
        }
        self.project_in(repository, self.catalog()?)
    }

    pub(super) fn project_in(
        &self,
        repository: Repository,
        catalog: Arc<Catalog>,
    ) -> Result<Project, Failure> {
        if self.fleet.is_some() {
            expect_top(&repository, &self.repo)?;
        }
        let shared: Option<Arc<dyn Store>> = match &self.store {
            Some(named) => Some(NamedStore::of(named, Options::default())?.shared()),
            None => self.host.own_store().cloned(),
        };
        let store: Arc<dyn Store> = match shared {
            Some(store) => {
                let key = self.key_in_shared_store(&catalog);
                let store = SharedStore::new(store, key, self.withheld.clone());
                Arc::new(store.must_stay(self.store_must_stay))
            }
            None => Arc::new(own_store_to_read(&repository)),
        };
        let refs: Arc<dyn MoveRef> = match &self.remote_refs {
            Some(RemoteBranches(refs)) => refs.clone(),
            None => {
                let refs = LocalRefs::new(repository.clone());
                Arc::new(refs.with_work_trees(Arc::new(GitProgram::default())))
            }
        };
        let mut project = Project::builder(repository, catalog)
            .store(store)
            .refs(refs);
        if let Some(base_path) = &self.base_path {
            project = project.base_path(base_path);
        }
        if let Some(name) = &self.project {
            project = project.key(self.key_of(name));
        }
        if let Some(tenant) = &self.tenant {
            project = project.tenant(tenant);
        }
        if let Some(cache) = &self.cache {
            project = project.shared_cache(cache);
        }
        Ok(project.build()?)
    }

    /// Whether the store is one that other repositories may share.
    pub(super) fn shares_store(&self) -> bool {
        self.store.is_some() || self.host.own_store().is_some()
    }

    /// The one project of a store of the user's choice that a repository's documents can be: nothing that comes with the
    /// repository has a say in it.
    pub(super) fn key_in_shared_store(&self, catalog: &Catalog) -> ProjectKey {
        let base_path = self.base_path.as_deref();
        let chosen = base_path.filter(|_| !self.repository_chose_base_path);
        let name = self.project.as_deref().or(chosen);
        self.key_of(name.unwrap_or(catalog.base_path()))
    }

    /// A project of the tenant that was chosen, by its name in the store or its base path.
    pub(super) fn key_of(&self, name: &str) -> ProjectKey {
        ProjectKey::of_tenant(self.tenant.as_deref().unwrap_or_default(), folder(name))
    }
}
