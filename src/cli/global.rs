//! The options that every command takes, and what is opened by them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::catalog::{Catalog, DocumentName, Problem};
use crate::git::{self, DiscoverOptions, ErrorKind, GitProgram, LocalRefs, Repository};
use crate::project::{
    LoadError, LoadOptions, Loaded, Project, Session, SharedCache, SurveyProgress,
};
use crate::store::{Options, ProjectKey, SqliteStore, Store};
use clap::{ArgMatches, Args, ValueEnum, ValueHint};

use super::command_line::CommandLine;
use super::discover::discover;
use super::failure::{Failure, Refusal, quoted};
use super::git_environment;
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
        hide_env_values = true
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
        hide_env_values = true
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
    /// Whether a store that was named is there when the process begins, and must be as long as it runs.
    #[arg(skip)]
    pub(super) store_must_stay: bool,
    /// What a service that answers has opened.
    #[arg(skip)]
    pub(super) served: Option<Served>,
}

/// A project that a service has open, and where an answer goes beside its output.
#[derive(Clone)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nothing serves"))]
pub(super) struct Served {
    pub(super) project: Project,
    /// Takes the progress of a long answer.
    pub(super) progress: Option<Arc<dyn Fn(SurveyProgress) + Send + Sync>>,
    /// Takes the page, where one is asked for.
    pub(super) page: Arc<Mutex<Option<String>>>,
    /// What is sent to be written.
    pub(super) sent: Option<Arc<Sent>>,
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

/// A repository of a fleet: its name, and what all of them share.
#[derive(Clone)]
pub(super) struct MemberOfFleet {
    pub(super) name: String,
    /// By the folder that was chosen.
    pub(super) catalogs: Arc<Mutex<BTreeMap<Option<PathBuf>, Arc<Catalog>>>>,
    pub(super) cache: SharedCache,
}

impl fmt::Debug for MemberOfFleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemberOfFleet").field(&self.name).finish()
    }
}

/// A revision that couldn't be loaded. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct NotLoaded(Arc<Mutex<Option<String>>>);

impl NotLoaded {
    fn note(&self, revision: &str) {
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

    /// The same with the base path, where one was chosen.
    pub(super) fn program_at(&self, base_path: &str) -> String {
        match &self.base_path {
            Some(_) => format!("{} --base-path {}", self.program(), quoted(base_path)),
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

    pub(super) fn open(&self) -> Result<Project, Failure> {
        self.open_with(SHORT_LIVED)
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

    pub(super) fn open_with(&self, options: DiscoverOptions) -> Result<Project, Failure> {
        if let Some(served) = &self.served {
            return Ok(served.project.clone());
        }
        let repository = self.repository(options)?;
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
            None => {
                // Nobody named it: its owner may keep it from others who read the repository.
                let options = Options::default().needed(false);
                Arc::new(SqliteStore::with_options(own_store(&repository)?, options))
            }
        };
        let refs = LocalRefs::new(repository.clone());
        let refs = refs.with_work_trees(Arc::new(GitProgram::default()));
        let mut project = Project::builder(repository, catalog)
            .store(store)
            .refs(Arc::new(refs));
        if let Some(base_path) = &self.base_path {
            project = project.base_path(base_path);
        }
        if let Some(name) = &self.project {
            project = project.key(self.key_of(name));
        }
        if let Some(tenant) = &self.tenant {
            project = project.tenant(tenant);
        }
        if let Some(fleet) = &self.fleet {
            project = project.shared_cache(&fleet.cache);
        }
        Ok(project.build()?)
    }

    /// Refuses to write through an environment: their names come with the repository, and are for reading.
    pub(super) fn expect_branch(&self, project: &Project, branch: &str) -> Result<(), Failure> {
        match self.environment_for(project, branch) {
            Some(Environment { name, revision }) => Err(Failure::Environment {
                name: name.clone(),
                revision: revision.clone(),
            }),
            None => Ok(()),
        }
    }

    /// The documents of a branch that is written to.
    pub(super) fn load_branch(
        &self,
        project: &Project,
        branch: &str,
        options: LoadOptions,
    ) -> Result<Loaded, Failure> {
        self.expect_branch(project, branch)?;
        let loaded = project.load(branch, options)?;
        self.check_loaded(project, loaded)
    }

    /// The documents of a ref, for reading. An environment's name stands for its ref.
    pub(super) fn load(
        &self,
        project: &Project,
        revision: &str,
        options: LoadOptions,
    ) -> Result<Loaded, Failure> {
        self.load_in(&project.session(), revision, options)
    }

    /// The same for single documents, which a word or a path names: nothing else has to be there. Their names are told too.
    pub(super) fn load_documents(
        &self,
        project: &Project,
        revision: &str,
        wanted: &[String],
        options: LoadOptions,
    ) -> Result<(Loaded, Vec<String>), Failure> {
        let revision = self.revision(project, revision);
        let loaded = project.session().load_partly(revision, options)?;
        let loaded = self.check_loaded(project, loaded)?;
        let known: Vec<Option<&DocumentName>> =
            wanted.iter().map(|word| loaded.name_of(word)).collect();
        loaded.refuse_left_out(known.iter().copied().flatten())?;
        let names = wanted.iter().zip(known);
        let names = names.map(|(word, known)| known.map_or(word.clone(), ToString::to_string));
        let names = names.collect();
        Ok((loaded, names))
    }

    /// The same for one.
    pub(super) fn load_document(
        &self,
        project: &Project,
        revision: &str,
        wanted: &str,
        options: LoadOptions,
    ) -> Result<(Loaded, String), Failure> {
        let wanted = [wanted.to_owned()];
        let (loaded, names) = self.load_documents(project, revision, &wanted, options)?;
        Ok((loaded, names.concat()))
    }

    /// The same in a session, for commands that look at several refs.
    pub(super) fn load_in(
        &self,
        session: &Session,
        revision: &str,
        options: LoadOptions,
    ) -> Result<Loaded, Failure> {
        let revision = self.revision(session.project(), revision);
        let loaded = session.load(revision, options);
        let loaded = loaded.inspect_err(|_| self.not_loaded.note(revision))?;
        self.check_loaded(session.project(), loaded)
    }

    fn check_loaded(&self, project: &Project, loaded: Loaded) -> Result<Loaded, Failure> {
        if loaded.plan().branch_version == 0 {
            self.check_base_path(project, &[])?;
        }
        Ok(loaded)
    }

    /// The revision that a word stands for: what Git knows by that name, else an environment's.
    pub(super) fn revision<'w>(&'w self, project: &Project, word: &'w str) -> &'w str {
        self.environment_for(project, word)
            .map_or(word, |environment| &environment.revision)
    }

    /// The environment that a word stands for: where Git knows nothing by that name.
    pub(super) fn environment_for(&self, project: &Project, word: &str) -> Option<&Environment> {
        let environment = self.environment(word)?;
        if !self.is_revision(project, word) {
            return Some(environment);
        }
        let commit = |revision| project.repository().resolve(revision).ok();
        if commit(word) != commit(&environment.revision) {
            self.shadowed.add(word);
        }
        None
    }

    /// Every environment with the revision that its name stands for, as that of a word on the command line does.
    pub(super) fn environments_in<'g>(
        &'g self,
        project: &Project,
    ) -> impl Iterator<Item = (&'g str, &'g str)> {
        let environments = self.environments.iter();
        environments.map(|it| (&*it.name, self.revision(project, &it.name)))
    }

    /// The environment of a name.
    pub(super) fn environment(&self, name: &str) -> Option<&Environment> {
        let mut environments = self.environments.iter();
        environments.find(|environment| environment.name == name)
    }

    /// Whether Git knows a word as a name of a commit.
    pub(super) fn is_revision(&self, project: &Project, word: &str) -> bool {
        match project.repository().resolve(word) {
            Ok(_) => true,
            // What is wrong with it is told when it is loaded.
            Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Invalid),
        }
    }

    /// Refuses a base path that somebody mistyped: that neither these revisions have, if they are named, nor any ref. The
    /// repository's own settings may name one before any project is there.
    pub(super) fn check_base_path(
        &self,
        project: &Project,
        revisions: &[String],
    ) -> Result<(), Failure> {
        if self.base_path.is_none() {
            return Ok(());
        }
        let has_it = |revision: &String| {
            let loaded = project.load_migrated(revision);
            loaded.is_ok_and(|loaded| loaded.plan().branch_version > 0)
        };
        if revisions.iter().any(has_it) {
            return Ok(());
        }
        match project.check_base_path() {
            Err(LoadError::NoProjectAt { base_paths, .. })
                if base_paths.is_empty() && self.repository_chose_base_path =>
            {
                Ok(())
            }
            checked => Ok(checked?),
        }
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

    /// A project of the tenant that was chosen.
    fn key_of(&self, name: &str) -> ProjectKey {
        ProjectKey::of_tenant(self.tenant.as_deref().unwrap_or_default(), name)
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

/// The repository's own store: a file in its common Git folder.
fn own_store(repository: &Repository) -> Result<PathBuf, Failure> {
    let common = repository.common_dir();
    let file = common.join("ocl-migrate").join("state.db");
    // A whole repository may have come from somebody else, as an archive say: its store must not lead to another one.
    let leads_out = |path: &Path| {
        path.is_symlink() && !std::fs::canonicalize(path).is_ok_and(|to| to.starts_with(common))
    };
    if leads_out(&file) || file.parent().is_some_and(leads_out) {
        let message = format!(
            "{} leads out of the repository: to use the store there, name it with --store FILE",
            file.display()
        );
        return Err(Failure::Refused(Refusal::StoreElsewhere, message));
    }
    Ok(file)
}

/// Refuses a repository whose own files are documents of another one's work tree, unless somebody named it: all of it is
/// what others committed there, its configuration too.
fn refuse_embedded(repository: &Repository, start: &Path) -> Result<(), Failure> {
    let (Ok(start), Ok(git_dir)) = (
        std::fs::canonicalize(start),
        std::fs::canonicalize(repository.git_dir()),
    ) else {
        return Ok(());
    };
    // Found because the folder looks like a repository, not by a `.git`.
    if !start.starts_with(&git_dir) || git_dir.components().any(|part| part.as_os_str() == ".git") {
        return Ok(());
    }
    let mut above = git_dir.ancestors().skip(1);
    match above.find(|folder| folder.join(".git").symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(outer) => {
            let message = format!(
                "{} is a repository among the files of the one in {}: to use it, name it with --repo DIR",
                git_dir.display(),
                outer.display()
            );
            Err(Failure::Refused(Refusal::EmbeddedRepository, message))
        }
    }
}

/// Refuses a folder that is only somewhere in a repository: the list means a repository of its own.
fn expect_top(repository: &Repository, folder: &Path) -> Result<(), Failure> {
    let whole = |path: &Path| std::fs::canonicalize(path).ok();
    let named = whole(folder);
    let tops = [repository.work_dir(), Some(repository.git_dir())];
    if tops.into_iter().flatten().any(|top| whole(top) == named) {
        return Ok(());
    }
    let top = repository.work_dir().unwrap_or(repository.git_dir());
    Err(git::Error::RepositoryNotFound {
        dir: folder.to_owned(),
        reason: format!("it is only a folder in the repository at {}", top.display()),
    }
    .into())
}
