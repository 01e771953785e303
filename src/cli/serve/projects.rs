//! The projects that are served, opened.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use super::certificate;
use super::config::Config;
use super::remotes::{Remote, Remotes};
use super::tokens::TokenFile;
use crate::cli::failure::Failure;
use crate::cli::global::{Colour, Format, Global};
use crate::cli::opened::{RemoteBranches, Served};
use crate::cli::store_place;
use crate::git::{self, DiscoverOptions};
use crate::project::SharedCache;
use crate::serve::Tls;
use crate::store::{self, ProjectKey};

/// A process that lives long, and may write commits.
const LONG_LIVED: DiscoverOptions = DiscoverOptions {
    user_config: true,
    short_lived: false,
    config: Vec::new(),
    objects: None,
};

/// What is served, by whom it may be asked, and what of it may be written to.
pub(super) struct Projects {
    /// The options for each.
    pub(super) by_name: BTreeMap<String, Global>,
    pub(super) writable: BTreeSet<String>,
    /// Who may ask; none: everybody.
    pub(super) tokens: Option<TokenFile>,
    pub(super) tls: Option<Tls>,
    /// Of the projects whose repository lives elsewhere, where that is.
    pub(super) remotes: BTreeMap<String, Remote>,
    /// What all of them share.
    pub(super) cache: SharedCache,
    /// Projects that could be served, but for their mirrors, which aren't made yet: only where all is looked at.
    pub(super) unmade: usize,
    /// What whoever runs the service should know.
    pub(super) warnings: Vec<String>,
}

impl Projects {
    /// Opens all that a configuration names, to be served at an address. Without `remotes` nothing is made or fetched.
    pub(super) fn open(
        config: Config,
        address: SocketAddr,
        remotes: Option<&Remotes>,
    ) -> Result<Projects, Failure> {
        expect_closed(address, &config)?;
        let tls = config.tls.as_ref().map(certificate::read).transpose()?;
        let mut warnings = Vec::new();
        warnings.extend(config.tls.as_ref().and_then(certificate::open_key));
        if let Some(tls) = &tls {
            warnings.extend(certificate::warnings(tls, &config.hosts));
        } else if !address.ip().is_loopback() {
            warnings.push(
                "tokens and answers can be read on their way: give the service a certificate with `tls`, or let a proxy with TLS \
                 stand before it"
                    .to_owned(),
            );
        }
        let (mut by_name, mut opened_remotes, mut unmade) = (BTreeMap::new(), BTreeMap::new(), 0);
        let cache = cache(&config);
        for (name, mut global) in config.projects {
            let as_named = global.clone();
            let open = || {
                if let Some(remote) = config.remotes.get(&name) {
                    let is_mirrored = remote.is_mirrored()?;
                    if let Some(remotes) = remotes {
                        let remote = remotes.open(remote.clone())?;
                        global.remote_refs = Some(RemoteBranches(remote.refs()));
                        opened_remotes.insert(name.clone(), remote);
                    } else if !is_mirrored {
                        expect_store_there(&global)?;
                        global.catalog()?;
                        return Ok(None);
                    }
                }
                global.cache = Some(cache.clone());
                opened(global).map(Some)
            };
            match open() {
                Ok(Some(opened)) => drop(by_name.insert(name, opened)),
                Ok(None) => unmade += 1,
                Err(failure) => {
                    let slot = as_named.not_opened.clone();
                    slot.note(as_named);
                    return Err(failure);
                }
            }
        }
        let mut projects = Projects {
            by_name,
            remotes: opened_remotes,
            cache,
            unmade,
            writable: config.writable,
            tokens: config.tokens.map(TokenFile::new),
            tls,
            warnings,
        };
        if !projects.has_tokens()? {
            projects.warnings.push(
                "there are no tokens yet, so that nobody can ask: make one with the command `token`"
                    .to_owned(),
            );
        }
        Ok(projects)
    }

    /// Whether anybody can ask; an error where the file of tokens can't be used.
    pub(super) fn has_tokens(&self) -> Result<bool, Failure> {
        match &self.tokens {
            Some(file) => Ok(!file.tokens()?.is_empty()),
            None => Ok(true),
        }
    }
}

/// What all projects cache together; where documents lie in its trees, each keeps for itself, all of them a few parts in sixteen.
fn cache(config: &Config) -> SharedCache {
    let bytes = config.limits.document_bytes();
    let of_trees = bytes / 16 * 3;
    let projects = config.projects.len().max(1) as u64;
    SharedCache::new(bytes - of_trees).own_bytes(of_trees / projects)
}

/// Refuses to let everybody in from everywhere.
fn expect_closed(address: SocketAddr, config: &Config) -> Result<(), Failure> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let port = address.port();
    if config.tokens.is_none() {
        return Err(Failure::Usage(format!(
            "{address} can't be listened at: whoever can connect can read, so only loopback addresses are served without tokens, such \
             as 127.0.0.1:{port}"
        )));
    }
    if address.ip().is_unspecified() && config.hosts.is_empty() {
        return Err(Failure::Usage(format!(
            "{address} is every address of this machine and no name: say by which the service is called, `host = \"config.example\"`"
        )));
    }
    Ok(())
}

fn expect_store_there(global: &Global) -> Result<(), Failure> {
    match &global.store {
        Some(store) if store_place::is_missing(store) => {
            Err(Failure::Store(store::Error::Absent {
                store: store_place::location(store),
            }))
        }
        _ => Ok(()),
    }
}

/// The options for questions about a project, with the project opened.
fn opened(mut global: Global) -> Result<Global, Failure> {
    expect_store_there(&global)?;
    global.store_must_stay = global.store.is_some();
    let project = global.open_with(LONG_LIVED)?;
    global.format = Format::Json;
    global.color = Colour::Never;
    global.served = Some(Served {
        project,
        progress: None,
        page: Arc::default(),
        sent: None,
        loaded: Arc::default(),
    });
    Ok(global)
}

/// Fails if the repository that was opened at the start isn't there now.
pub(super) fn expect_repository(global: &Global) -> Result<(), Failure> {
    let project = global.served.as_ref().map(|served| &served.project);
    let git_dir = project.map(|project| project.repository().git_dir());
    match git_dir {
        // Where HEAD is a link, it may lead to a branch without commits.
        Some(folder) if folder.join("HEAD").symlink_metadata().is_err() => {
            Err(Failure::from(git::Error::RepositoryNotFound {
                dir: folder.to_owned(),
                reason: "it was there when the service started".to_owned(),
            }))
        }
        _ => Ok(()),
    }
}

/// Fails if the store that was named can't be read now.
pub(super) fn expect_store(global: &Global) -> Result<(), Failure> {
    let Some(served) = global.served.as_ref().filter(|_| global.store.is_some()) else {
        return Ok(());
    };
    match served.project.store() {
        // No project has an empty name: it costs a look.
        Some(store) => Ok(store.read(&ProjectKey::new("")).map(drop)?),
        None => Ok(()),
    }
}

/// Looks through all of a project's store for damage.
pub(super) fn expect_sound_store(global: &Global) -> Result<(), Failure> {
    let served = global.served.as_ref();
    let store = served.and_then(|served| served.project.store());
    match store.map(|store| store.check()) {
        // None was named, and there need not be one.
        None | Some(Ok(()) | Err(store::Error::Absent { .. })) => Ok(()),
        Some(Err(error)) => Err(Failure::Store(error)),
    }
}
