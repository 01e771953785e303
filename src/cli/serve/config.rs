//! The file that says what is served: one, for all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hcl::edit::structure::Block;

use crate::cli::failure::Failure;
use crate::cli::global::Global;
use crate::cli::settings::{self, Setting, SettingsFile};
use crate::cli::store_place::is_address;
use crate::serve::Limits;

use super::remote_config::{
    FETCH_EVERY, FIRST_FETCH_WITHIN, GIT_WITHIN, MIRROR, REMOTE, WEBHOOK, remote,
};
use super::remotes::RemoteConfig;

const PROJECT: &str = "project";
const LIMITS: &str = "limits";
const TLS: &str = "tls";

/// The blocks, each with what its label is in messages.
const BLOCKS: [(&str, Option<&str>); 3] = [(PROJECT, Some(NAME)), (LIMITS, None), (TLS, None)];

/// What stands for a project's label in messages.
const NAME: &str = "NAME";

/// What a project may say; those from `base_path` on are options of the command line too.
const OF_PROJECT: [&str; 12] = [
    "repository",
    REMOTE,
    MIRROR,
    FETCH_EVERY,
    GIT_WITHIN,
    FIRST_FETCH_WITHIN,
    "base_path",
    "catalog",
    "store",
    "project",
    "tenant",
    WRITABLE,
];

/// Whether commits may be made through the service.
const WRITABLE: &str = "writable";

/// The files of a certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TlsFiles {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

/// What is served.
#[derive(Default)]
pub(super) struct Config {
    pub(super) listen: Option<SocketAddr>,
    /// Names under which the service is asked, beside its own.
    pub(super) hosts: Vec<String>,
    pub(super) limits: Limits,
    /// None: nothing is encrypted.
    pub(super) tls: Option<TlsFiles>,
    /// The file of tokens, without which nobody may ask. None: whoever can connect may.
    pub(super) tokens: Option<PathBuf>,
    /// The projects that may be written to.
    pub(super) writable: BTreeSet<String>,
    /// The options for each project, with what its repository says itself.
    pub(super) projects: BTreeMap<String, Global>,
    /// Of the projects whose repository lives elsewhere, where that is.
    pub(super) remotes: BTreeMap<String, RemoteConfig>,
}

impl Config {
    /// What only a new start can change. `listen` is the address that the command line names in place of the file's.
    pub(super) fn fixed(&self, listen: Option<SocketAddr>) -> Fixed {
        Fixed {
            listen: listen.or(self.listen),
            hosts: self.hosts.clone(),
            limits: self.limits.clone(),
            has_tls: self.tls.is_some(),
        }
    }

    /// One project, with these options.
    pub(super) fn of_one(name: &str, global: Global) -> Config {
        Config {
            projects: BTreeMap::from([(name.to_owned(), global)]),
            ..Config::default()
        }
    }

    /// Reads the file. Paths in it are relative to its folder.
    pub(super) fn read(path: &Path, global: &Global) -> Result<Config, Failure> {
        let file = SettingsFile::read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut config = Config::default();
        let mut mirrors: BTreeMap<PathBuf, String> = BTreeMap::new();
        for setting in file.settings(&file.body, &BLOCKS)? {
            match setting.key {
                "listen" => config.listen = Some(address(&setting)?),
                "host" => config.hosts.push(host(&setting)?),
                "tokens" => config.tokens = Some(folder.join(setting.value)),
                _ => return Err(setting.unknown(&["listen", "host", "tokens"])),
            }
        }
        for block in file.body.blocks() {
            if block.has_ident(LIMITS) {
                for (setting, number) in file.numbers(&block.body)? {
                    set_limit(&mut config.limits, &setting, number)?;
                }
                continue;
            }
            if block.has_ident(TLS) {
                if !block.labels.is_empty() {
                    return Err(file.wrong_block(block, "`tls` takes no label"));
                }
                if config.tls.is_some() {
                    return Err(file.wrong_block(block, "there is a block `tls` above"));
                }
                config.tls = Some(tls_files(&file, block, folder)?);
                continue;
            }
            let name = file.label(block, NAME)?;
            let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if !name.chars().all(is_word) || name.chars().all(|c| c == '.') {
                let why =
                    "a project's name stands in paths: it has letters, digits, `-`, `_` and `.`";
                return Err(file.wrong_block(block, why));
            }
            if config.projects.contains_key(name) {
                return Err(file.wrong_block(block, "there is a project of this name above"));
            }
            let (settings, flags) =
                file.settings_and_flags(&block.body, &[WRITABLE], &[(WEBHOOK, None)])?;
            if flags.contains(&WRITABLE) {
                config.writable.insert(name.to_owned());
            }
            let remote = remote(&file, block, &settings, folder)?;
            let is_here = settings.iter().any(|setting| setting.key == OF_PROJECT[0]);
            if is_here == remote.is_some() {
                let why = if is_here {
                    "a project has a repository here or a remote, and not both"
                } else {
                    "a project needs its repository: `repository = \"/srv/config.git\"`, or `remote` and `mirror`"
                };
                return Err(file.wrong_block(block, why));
            }
            if let Some(remote) = &remote {
                let place = whole(&remote.mirror);
                let before = mirrors.get(&place).and_then(|it| config.remotes.get(it));
                if let Some(why) = before.and_then(|before| clash(remote, before)) {
                    let why = format!("its mirror is that of {}, {why}", mirrors[&place]);
                    return Err(file.wrong_block(block, &why));
                }
                mirrors.insert(place, name.to_owned());
            }
            let mut of_project = project(&settings, folder, global)?;
            if let Some(remote) = remote {
                of_project.repo = remote.mirror.clone();
                config.remotes.insert(name.to_owned(), remote);
            }
            config.projects.insert(name.to_owned(), of_project);
        }
        for name in &config.writable {
            let is_here = !config.remotes.contains_key(name);
            let mirrored = mirrors.get(&whole(&config.projects[name].repo));
            if let Some(mirrored) = mirrored.filter(|_| is_here) {
                return Err(file.wrong_end(&format!(
                    "the repository of {name} is the mirror of {mirrored}, in which a fetch undoes what is written: name another one, or \
                     leave `{WRITABLE}` out"
                )));
            }
        }
        if config.projects.is_empty() {
            return Err(
                file.wrong_end("nothing is served: `project \"NAME\" { repository = \"DIR\" }`")
            );
        }
        Ok(config)
    }
}

/// Why a remote can't be mirrored where another one is: each mirror is of one.
fn clash(remote: &RemoteConfig, before: &RemoteConfig) -> Option<String> {
    if before.url != remote.url {
        return Some("whose remote is another: name another folder".to_owned());
    }
    let differs = before.limit != remote.limit;
    differs.then(|| format!("which says another `{GIT_WITHIN}`: say the same"))
}

/// A folder's path, by which it is known, as far as that can be followed.
fn whole(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    // What isn't there yet is where its parent is.
    let parent = whole.parent().and_then(|it| it.canonicalize().ok());
    let named = parent
        .zip(whole.file_name())
        .map(|(it, name)| it.join(name));
    whole.canonicalize().ok().or(named).unwrap_or(whole)
}

/// What a service keeps from its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fixed {
    pub(super) listen: Option<SocketAddr>,
    pub(super) hosts: Vec<String>,
    pub(super) limits: Limits,
    pub(super) has_tls: bool,
}

impl Fixed {
    /// What differs, by its names in the file.
    pub(super) fn differs(&self, other: &Fixed) -> Vec<&'static str> {
        let differs = [
            ("listen", self.listen != other.listen),
            ("host", self.hosts != other.hosts),
            (LIMITS, self.limits != other.limits),
            (TLS, self.has_tls != other.has_tls),
        ];
        let differs = differs.into_iter().filter(|(_, differs)| *differs);
        differs.map(|(name, _)| name).collect()
    }
}

fn address(setting: &Setting<'_>) -> Result<SocketAddr, Failure> {
    let address = setting.value.parse();
    address.map_err(|_| setting.wrong_value("expected an address with its port: `127.0.0.1:7878`"))
}

fn host(setting: &Setting<'_>) -> Result<String, Failure> {
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if setting.value.is_empty() || !setting.value.chars().all(is_host) {
        return Err(
            setting.wrong_value("expected a name, with a port or without: `config.example`")
        );
    }
    Ok(setting.value.to_owned())
}

fn tls_files(file: &SettingsFile, block: &Block, folder: &Path) -> Result<TlsFiles, Failure> {
    const FILES: [&str; 2] = ["certificate", "key"];
    let mut files = FILES.map(|_| None);
    for setting in file.settings(&block.body, &[])? {
        match FILES.iter().position(|name| *name == setting.key) {
            Some(place) => files[place] = Some(folder.join(setting.value)),
            None => return Err(setting.unknown(&FILES)),
        }
    }
    match files {
        [Some(certificate), Some(key)] => Ok(TlsFiles { certificate, key }),
        _ => Err(file.wrong_block(
            block,
            "`tls` names two files: `tls { certificate = \"FILE\" key = \"FILE\" }`, each on its line",
        )),
    }
}

/// The options for one project.
fn project(settings: &[Setting<'_>], folder: &Path, global: &Global) -> Result<Global, Failure> {
    let mut of_project = global.clone();
    let path = |value: &str| {
        if is_address(value) {
            PathBuf::from(value)
        } else {
            folder.join(value)
        }
    };
    for setting in settings {
        let value = setting.value;
        match setting.key {
            "repository" => of_project.repo = path(value),
            "base_path" => of_project.base_path = Some(value.to_owned()),
            "catalog" => of_project.catalog = Some(path(value)),
            "store" => of_project.store = Some(path(value)),
            "project" => of_project.project = Some(value.to_owned()),
            "tenant" => of_project.tenant = Some(value.to_owned()),
            REMOTE | MIRROR | FETCH_EVERY | GIT_WITHIN | FIRST_FETCH_WITHIN => {}
            _ => return Err(setting.unknown(&OF_PROJECT)),
        }
    }
    let said = |key: &&str| settings.iter().any(|setting| setting.key == *key);
    settings::apply_but(&mut of_project, OF_PROJECT.into_iter().filter(said))?;
    of_project.repo_is_named = true;
    Ok(of_project)
}

fn set_limit(limits: &mut Limits, setting: &Setting<'_>, number: u64) -> Result<(), Failure> {
    let count = usize::try_from(number).unwrap_or(usize::MAX);
    let time = Duration::from_secs(number);
    // As much as a semaphore of tokio's takes, and more than any machine has.
    const MOST: u64 = 100_000;
    if !(1..=MOST).contains(&number) {
        return Err(setting.wrong_value("this is no limit that can be kept"));
    }
    match setting.key {
        "connections" => limits.connections = count,
        "answers" => limits.answers = count,
        "waiting" => limits.waiting = count,
        "body_mib" => limits.body_bytes = count.saturating_mul(1 << 20),
        "cache_mib" => limits.cache_bytes = number << 20,
        "head_seconds" => limits.head_time = time,
        "answer_seconds" => limits.answer_time = time,
        "stall_seconds" => limits.stall_time = time,
        "stop_seconds" => limits.stop_time = time,
        _ => {
            return Err(setting.unknown(&[
                "connections",
                "answers",
                "waiting",
                "body_mib",
                "cache_mib",
                "head_seconds",
                "answer_seconds",
                "stall_seconds",
                "stop_seconds",
            ]));
        }
    }
    Ok(())
}
