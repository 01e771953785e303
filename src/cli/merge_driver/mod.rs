//! `merge-driver`: lets `git merge`, `rebase`, `cherry-pick` and `stash pop` merge documents by their values.

mod check;
mod commits;
mod drive;
mod install;
mod instead;
mod marker;
mod one_sided;
mod renamed;

use std::path::PathBuf;

use super::consent::Consent;
use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::Output;

pub(super) use check::{heads, mixed_shapes};
pub(super) use install::git;
pub(super) use marker::versions_apart;
pub(super) use one_sided::OneSided;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate merge-driver --install                    for this clone and its work trees
  ocl-migrate merge-driver --install --gitattributes    the paths in a file that is committed
  ocl-migrate merge-driver --uninstall

Exit codes, for Git: 0 merged; 1 conflicts are left between markers; 129 it can't be merged, and Git stops.")]
pub(super) struct Arguments {
    /// The files that Git gives: base, ours, theirs, and the path in the repository
    #[arg(
        value_names = ["BASE", "OURS", "THEIRS", "PATH"],
        num_args = 4,
        required_unless_present = "action"
    )]
    files: Vec<PathBuf>,
    /// What Git calls the base (`%S`)
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    base_label: String,
    /// What Git calls ours (`%X`)
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    ours_label: String,
    /// What Git calls theirs (`%Y`)
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    theirs_label: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    action: Action,
    /// With `--install`: name the paths in the file .gitattributes of the work tree, for everybody who clones it
    #[arg(long, requires = "install")]
    gitattributes: bool,
}

#[derive(Debug, clap::Args)]
#[group(id = "action", multiple = false, conflicts_with = "files")]
struct Action {
    /// Set the driver up in this repository: configuration, attributes, and the hooks that check a merge before it is committed
    #[arg(long)]
    install: bool,
    /// Take away what `--install` set up
    #[arg(long)]
    uninstall: bool,
    /// Check a merge that is about to be committed, as the hooks do: no document may be in the shape of another version than
    /// the marker's
    #[arg(long)]
    check: bool,
}

impl Arguments {
    /// Whether Git asks for a merge: then every failure has to stop it.
    pub(super) fn drives(&self) -> bool {
        !self.files.is_empty()
    }
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Action {
        install,
        uninstall,
        check,
    } = arguments.action;
    match arguments.files.as_slice() {
        [base, ours, theirs, path] if !(install || uninstall || check) => {
            let files = drive::Files {
                base,
                ours,
                theirs,
                path: &path.to_string_lossy(),
            };
            let labels = commits::Labels {
                base: &arguments.base_label,
                ours: &arguments.ours_label,
                theirs: &arguments.theirs_label,
            };
            drive::merge(global, &files, labels, &arguments.consent, output)
        }
        _ if install => {
            install::install(global, &arguments.consent, arguments.gitattributes, output)
        }
        _ if uninstall => install::uninstall(global, output),
        _ => check::check(global, output),
    }
}
