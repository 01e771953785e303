//! Whose command line it is: what the command is called, and its own catalog and store.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Arg;
use clap::builder::Resettable;

use crate::catalog::Catalog;
use crate::store::Store;
use crate::verify::{Files, FilesError, snapshots_folder};

/// What this package's own command is called.
pub(super) const NAME: &str = "ocl-migrate";

/// The command line for a catalog: all commands, under a name of its own.
///
/// It is for a server with steps in Rust, which no catalog folder can hold. Without an own catalog
/// ([`CommandLine::default`]) it is the command `ocl-migrate`.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use ocl_migrate::catalog::Catalog;
/// use ocl_migrate::cli::CommandLine;
///
/// fn main() -> ExitCode {
///     let catalog = Catalog::builtin(); // in its place the server's own
///     CommandLine::new(catalog).name("shop-config").version("3.1").run()
/// }
/// ```
#[derive(Clone)]
#[must_use]
pub struct CommandLine {
    name: String,
    version: Option<String>,
    own: Option<Own>,
    store: Option<Arc<dyn Store>>,
}

/// A catalog that isn't the shipped one, with what `verify` checks it against.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) catalog: Arc<Catalog>,
    pub(super) cases: Files,
    pub(super) snapshots: Files,
    /// Where they were read, or would be.
    pub(super) snapshots_folder: Option<PathBuf>,
}

impl Default for CommandLine {
    fn default() -> CommandLine {
        CommandLine {
            name: NAME.into(),
            version: None,
            own: None,
            store: None,
        }
    }
}

impl fmt::Debug for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("CommandLine");
        shown.field("name", &self.name).finish_non_exhaustive()
    }
}

impl CommandLine {
    /// The command line for a catalog. It is called as the program that runs, unless [`CommandLine::name`] says otherwise.
    pub fn new(catalog: impl Into<Arc<Catalog>>) -> CommandLine {
        let program = std::env::args_os().next();
        let name = program.as_deref().and_then(|program| {
            let stem = Path::new(program).file_stem()?.to_str()?;
            Some(stem.to_owned()).filter(|stem| !stem.is_empty())
        });
        CommandLine {
            name: name.unwrap_or_else(|| NAME.into()),
            own: Some(Own {
                catalog: catalog.into(),
                cases: Files::default(),
                snapshots: Files::default(),
                snapshots_folder: None,
            }),
            ..CommandLine::default()
        }
    }

    /// What people type to call it, which help, hints and manual pages repeat: `shop-config`, or `shop config` where it is
    /// part of a larger command. Environment variables begin with it (`SHOP_CONFIG_STORE`), and the user's settings are in a
    /// folder of that name.
    pub fn name(self, name: impl Into<String>) -> CommandLine {
        CommandLine {
            name: name.into(),
            ..self
        }
    }

    /// The server's version, which `--version` prints beside this package's.
    pub fn version(self, version: impl Into<String>) -> CommandLine {
        CommandLine {
            version: Some(version.into()),
            ..self
        }
    }

    /// The server's own store. `--store FILE` still names a file in its place, and the command `store` takes files only.
    ///
    /// As a store that others share, it is asked about no project but the one that the user names (or else the one that has
    /// the name of the catalog's base path): a repository can't get at another one's documents by having a folder of that name.
    pub fn store(self, store: Arc<dyn Store>) -> CommandLine {
        CommandLine {
            store: Some(store),
            ..self
        }
    }

    /// What `verify` checks the catalog against: the steps' cases (`0015_owner/cases/first/before.ocl`), and the snapshots
    /// (`v15/...`).
    pub fn verified_by(mut self, cases: Files, snapshots: Files) -> CommandLine {
        if let Some(own) = &mut self.own {
            (own.cases, own.snapshots) = (cases, snapshots);
        }
        self
    }

    /// The same with the files of a folder: the cases in it, and the snapshots in `snapshots`, in it or beside it. They are
    /// read now: see [`Verification::folder`](crate::verify::Verification::folder).
    ///
    /// # Errors
    /// If a file can't be read.
    pub fn verified_by_folder(self, folder: impl AsRef<Path>) -> Result<CommandLine, FilesError> {
        let folder = folder.as_ref();
        let snapshots = match snapshots_folder(folder) {
            Some(snapshots) => Files::read(&snapshots)?,
            None => Files::default(),
        };
        let mut verified = self.verified_by(Files::read(folder)?, snapshots);
        if let Some(own) = &mut verified.own {
            let found = snapshots_folder(folder);
            own.snapshots_folder = Some(found.unwrap_or_else(|| folder.join("snapshots")));
        }
        Ok(verified)
    }

    /// What people type to call it.
    pub(super) fn called(&self) -> &str {
        &self.name
    }

    /// Its name as one word, for files.
    pub(super) fn word(&self) -> String {
        self.name.split_whitespace().collect::<Vec<_>>().join("-")
    }

    /// An environment variable of its own: `OCL_MIGRATE_STORE`.
    pub(super) fn variable(&self, of: &str) -> String {
        let upper = self.name.to_ascii_uppercase();
        let letters = upper.chars();
        let prefix: String = letters
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        format!("{prefix}_{of}")
    }

    /// Its own catalog; `None` where that is the shipped one.
    pub(super) fn own(&self) -> Option<&Own> {
        self.own.as_ref()
    }

    pub(super) fn own_store(&self) -> Option<&Arc<dyn Store>> {
        self.store.as_ref()
    }

    /// The definition of the arguments, in this command's own words.
    pub(super) fn adapt(&self, command: clap::Command) -> clap::Command {
        let command = command.mut_args(|argument| self.with_variable(argument));
        if self.own.is_none() {
            return command;
        }
        let ours = env!("CARGO_PKG_VERSION");
        let version = match &self.version {
            Some(version) => format!("{version} ({NAME} {ours})"),
            None => format!("({NAME} {ours})"),
        };
        let mut command = command
            .name(self.word())
            .bin_name(self.name.clone())
            .version(version)
            // It is about the shipped catalog.
            .mut_subcommand("demo", |demo| demo.hide(true));
        // Subcommands are defined in full only then, and their texts name the command.
        command.build();
        self.renamed(command)
    }

    /// An argument with this command's own variable. An empty one counts as unset.
    fn with_variable(&self, argument: Arg) -> Arg {
        let variable = argument.get_env().and_then(|name| name.to_str());
        let Some(of) = variable.and_then(|name| name.strip_prefix("OCL_MIGRATE_")) else {
            return argument;
        };
        let variable = self.variable(of);
        if std::env::var_os(&variable).is_some_and(|value| value.is_empty()) {
            argument.env(Resettable::Reset)
        } else {
            argument.env(OsString::from(variable))
        }
    }

    /// The definition with the command's own name in all its texts.
    fn renamed(&self, mut command: clap::Command) -> clap::Command {
        let own = |text: &clap::builder::StyledStr| text.to_string().replace(NAME, &self.name);
        if let Some(text) = command.get_after_long_help().map(own) {
            command = command.after_long_help(text);
        }
        command
            .mut_args(|argument| match argument.get_help().map(own) {
                Some(text) => argument.help(text),
                None => argument,
            })
            .mut_subcommands(|command| self.renamed(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_verified_by_a_folder_knows_where_snapshots_are_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let command = CommandLine::new(Catalog::builtin());
        let verified = command.verified_by_folder(folder.path()).unwrap();
        let recorded = verified.own().unwrap().snapshots_folder.as_deref();
        assert_eq!(recorded, Some(&*folder.path().join("snapshots")));
    }
}
