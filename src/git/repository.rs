//! Finding and opening a repository.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Error, Result, explain};
use super::format;
use super::ownership;
use super::ref_store::RefStore;

/// Which configuration, beside the repository's own, [`Repository::discover_with`] reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DiscoverOptions {
    /// Also read the user's and the system's configuration, and what `GIT_CONFIG_COUNT` adds to it: `user.name`,
    /// `safe.directory`. `gix` finds those files by the environment (`HOME`, `XDG_CONFIG_HOME`, `GIT_CONFIG_GLOBAL`, ...), so a
    /// library leaves this off unless its caller asks.
    pub user_config: bool,
    /// The process ends soon, so that other processes can't add many packs while it runs: begins faster.
    pub short_lived: bool,
    /// Settings that come before those in files, as `user.name=Ada`: what `git -c` takes.
    pub config: Vec<String>,
    /// Read objects from this folder, and from those that its `info/alternates` names, instead of the repository's own: where a hook
    /// runs before a push is accepted, the new objects are there. Then nothing may be written.
    pub objects: Option<PathBuf>,
}

/// A repository, shared by threads; cheap to clone.
///
/// ```no_run
/// use std::path::Path;
/// use ocl_migrate::git::Repository;
/// let repository = Repository::discover(Path::new("."))?;
/// println!("main~3 is {}", repository.resolve("main~3")?);
/// # Ok::<(), ocl_migrate::git::Error>(())
/// ```
#[derive(Clone)]
pub struct Repository {
    inner: Arc<Inner>,
}

struct Inner {
    gix: gix::ThreadSafeRepository,
    refs: RefStore,
    git_dir: PathBuf,
    common_dir: PathBuf,
    is_partial_clone: bool,
    objects_read: AtomicU64,
}

impl Repository {
    /// Opens the repository that `dir` is in, as Git finds it: `dir` or a folder above it, bare or not, a linked
    /// work tree too. Neither the environment nor any configuration outside the repository is read.
    ///
    /// # Errors
    /// [`Error::RepositoryNotFound`]; [`Error::NotOwner`] if it belongs to another user, [`Error::Unsupported`] for
    /// formats that can't be read.
    pub fn discover(dir: &Path) -> Result<Repository> {
        Repository::discover_with(dir, DiscoverOptions::default())
    }

    /// Like [`discover`](Repository::discover), with a choice of the configuration that counts.
    ///
    /// # Errors
    /// As for [`discover`](Repository::discover).
    pub fn discover_with(dir: &Path, options: DiscoverOptions) -> Result<Repository> {
        let dir = std::fs::canonicalize(dir).map_err(|error| Error::io("open", dir, error))?;
        let trust_map = gix::sec::trust::Mapping {
            full: open_options(&options),
            reduced: open_options(&options),
        };
        let found = gix::ThreadSafeRepository::discover_opts(
            &dir,
            gix::discover::upwards::Options::default(),
            trust_map,
        );
        let gix = match found {
            Ok(gix) => gix,
            Err(error) => match cannot_open(&dir, &error) {
                Error::NotOwner { path }
                    if options.user_config && ownership::is_trusted(&path, &options.config)? =>
                {
                    open_trusted(&dir, &options)?
                }
                error => return Err(error),
            },
        };
        let gix = match &options.objects {
            Some(folder) => with_objects_in(gix, folder, &options)?,
            None => gix,
        };
        let is_partial_clone = format::check(gix.git_dir())?;
        let git_dir = gix.git_dir().to_owned();
        let common_dir = gix.common_dir.clone().unwrap_or_else(|| git_dir.clone());
        let common_dir = std::fs::canonicalize(&common_dir)
            .map_err(|error| Error::io("open", &common_dir, error))?;
        let refs = RefStore::new(git_dir.clone(), common_dir.clone());
        Ok(Repository {
            inner: Arc::new(Inner {
                gix,
                refs,
                git_dir,
                common_dir,
                is_partial_clone,
                objects_read: AtomicU64::new(0),
            }),
        })
    }

    /// This work tree's Git folder: `.git`, `.git/worktrees/NAME`, or the bare repository.
    pub fn git_dir(&self) -> &Path {
        &self.inner.git_dir
    }

    /// The Git folder that all work trees share.
    pub fn common_dir(&self) -> &Path {
        &self.inner.common_dir
    }

    /// The work tree's top folder; `None` if the repository is bare.
    pub fn work_dir(&self) -> Option<&Path> {
        self.inner.gix.work_dir()
    }

    /// Whether there is no work tree here.
    pub fn is_bare(&self) -> bool {
        self.work_dir().is_none()
    }

    /// How many objects, or headers of objects, all readers have looked up so far.
    pub(crate) fn objects_read(&self) -> u64 {
        self.inner.objects_read.load(Ordering::Relaxed)
    }

    pub(super) fn count_object_read(&self) {
        self.inner.objects_read.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether the history that is here may end before its beginning.
    pub(crate) fn is_shallow(&self) -> bool {
        let boundary = std::fs::metadata(self.common_dir().join("shallow"));
        boundary.is_ok_and(|file| file.len() > 0)
    }

    /// Whether objects may be left out, for Git to fetch when it needs them.
    pub(crate) fn is_partial_clone(&self) -> bool {
        self.inner.is_partial_clone
    }

    /// Whether objects are read in place of others, as `refs/replace` says.
    pub(crate) fn has_replacements(&self) -> bool {
        self.inner.gix.objects.replacements().next().is_some()
    }

    pub(super) fn refs(&self) -> &RefStore {
        &self.inner.refs
    }

    pub(super) fn to_thread_local(&self) -> gix::Repository {
        self.inner.gix.to_thread_local()
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository")
            .field("git_dir", &self.git_dir())
            .field("work_dir", &self.work_dir())
            .finish()
    }
}

/// Why `gix` could not open what `dir` is in. A format that can't be read says more than what `gix` met in it.
fn cannot_open(dir: &Path, error: &gix::Error) -> Error {
    let git_dir = match gix::discover::upwards(dir) {
        Ok((found, _trust)) => found.into_repository_and_work_tree_directories().0,
        Err(error) => {
            return Error::RepositoryNotFound {
                dir: dir.to_owned(),
                reason: match explain(&error) {
                    // What gix says of the usual case is what the message says already.
                    reason if reason.contains("or in any of its parents") => {
                        "there is no `.git`".to_owned()
                    }
                    reason => reason,
                },
            };
        }
    };
    if let Err(unsupported) = format::check(&git_dir) {
        return unsupported;
    }
    let top = git_dir.parent().filter(|_| git_dir.ends_with(".git"));
    let top = top.unwrap_or(&git_dir);
    // Its own user may be refused too: a file in it.
    let is_own = |path| gix::sec::identity::is_path_owned_by_current_user(path).unwrap_or(false);
    if error.is_permission_denied() && !(is_own(top) && is_own(&git_dir)) {
        return Error::NotOwner {
            path: top.to_owned(),
        };
    }
    Error::from_gix("open the repository", &git_dir, error)
}

/// Opens what `dir` is in, whoever it belongs to.
fn open_trusted(dir: &Path, options: &DiscoverOptions) -> Result<gix::ThreadSafeRepository> {
    let failed = |error| cannot_open(dir, &error);
    let (found, _trust) = gix::discover::upwards(dir).map_err(failed)?;
    let git_dir = found.into_repository_and_work_tree_directories().0;
    // Which other places are trusted doesn't matter then, nor what each says of the others.
    let options = open_options(options)
        .bail_if_untrusted(false)
        .filter_config_section(|_| true);
    gix::ThreadSafeRepository::open_opts(git_dir, options).map_err(failed)
}

/// The repository with the objects in a folder.
fn with_objects_in(
    mut gix: gix::ThreadSafeRepository,
    folder: &Path,
    options: &DiscoverOptions,
) -> Result<gix::ThreadSafeRepository> {
    let replacements: Vec<_> = gix.objects.replacements().collect();
    let objects = gix::odb::Store::at_opts(
        folder.to_owned(),
        gix.objects.object_hash(),
        &mut replacements.into_iter(),
        gix::odb::store::init::Options {
            slots: slots(options),
            ..Default::default()
        },
    );
    gix.objects = objects
        .map_err(|error| Error::io("read", folder, error))?
        .into();
    Ok(gix)
}

/// Other processes add packs while the repository stays open, and the number of slots is fixed. Making and dropping thousands
/// takes longer than reading a few documents.
fn slots(options: &DiscoverOptions) -> gix::odb::store::init::Slots {
    gix::odb::store::init::Slots::AsNeededByDiskState {
        multiplier: 2.0,
        minimum: if options.short_lived { 256 } else { 4096 },
    }
}

fn open_options(options: &DiscoverOptions) -> gix::open::Options {
    let mut permissions = gix::open::Permissions::isolated();
    permissions.config.includes = true;
    if options.user_config {
        permissions.config.system = true;
        permissions.config.git = true;
        permissions.config.user = true;
        permissions.config.env = true;
        // `GIT_CONFIG_GLOBAL` and `GIT_CONFIG_SYSTEM`, among others.
        permissions.env.git_prefix = gix::sec::Permission::Allow;
        permissions.env.home = gix::sec::Permission::Allow;
        permissions.env.xdg_config_home = gix::sec::Permission::Allow;
    }
    gix::open::Options::default()
        .permissions(permissions)
        .bail_if_untrusted(true)
        .cli_overrides(options.config.iter().map(String::as_str))
        .object_store_slots(slots(options))
}
