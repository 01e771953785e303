//! `snapshot`: records what a project looks like at the newest version.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::LookupKey;
use crate::report::FORMAT_VERSION;
use crate::verify::{Files, NewSnapshot, SERVER_FILE, Snapshots, snapshots_folder};
use serde::Serialize;

use super::failure::{Exit, Failure, Refusal, quoted};
use super::global::{Format, Global};
use super::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate --catalog steps snapshot               the newest, and those that are missing
  ocl-migrate --catalog steps snapshot 15 --replace  after its step was changed, before its release")]
pub(super) struct Arguments {
    /// The version to record (default: the newest, and every other that is missing)
    #[arg(value_name = "N")]
    version: Option<u32>,
    /// The snapshots' folder (default: `snapshots` in the catalog's folder or beside it)
    #[arg(long, value_name = "DIR")]
    snapshots: Option<PathBuf>,
    /// Record the newest again if it differs; older ones are never changed
    #[arg(long)]
    replace: bool,
}

/// Where a catalog's snapshots are, or are to be.
pub(super) fn snapshots_beside(catalog: &Path) -> PathBuf {
    snapshots_folder(catalog).unwrap_or_else(|| catalog.join("snapshots"))
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let named = arguments.snapshots.clone();
    let folder = match (&global.catalog, global.host.own()) {
        (Some(catalog), _) => named.unwrap_or_else(|| snapshots_beside(catalog)),
        (None, Some(_)) => named.ok_or_else(|| {
            let message =
                "the catalog is built in: name the folder of its snapshots with --snapshots";
            Failure::Usage(message.into())
        })?,
        (None, None) => {
            let message = "the built-in catalog's snapshots are frozen: name another catalog's folder with --catalog";
            return Err(Failure::Usage(message.into()));
        }
    };
    let catalog = global.catalog()?;
    let files = if folder.exists() {
        Files::read(&folder)?
    } else {
        Files::default()
    };
    let (snapshots, findings) = Snapshots::of_files(&files);
    if let Some(finding) = findings.first() {
        let message = format!("{}: {}", finding.subject, finding.message);
        return Err(Failure::Refused(Refusal::Snapshots, message));
    }
    let made = snapshots
        .record(&catalog, arguments.version)
        .map_err(|error| Failure::Refused(Refusal::Snapshots, error.to_string()))?;
    let server = catalog.server_version();
    let of_server = format!("snapshots/arrivals/v{server}/");
    for finding in snapshots.unseen_arrivals(&catalog) {
        // Those of the newest are in what is recorded now.
        if !finding.subject.starts_with(&of_server) {
            output.warning(format_args!("{}: {}", finding.subject, finding.message));
        }
    }
    if catalog.server_version() == 0 && global.format == Format::Text {
        let name = catalog.name();
        output.line(format_args!(
            "{name} has no steps yet, so there is nothing to record"
        ))?;
    }
    for snapshot in made {
        let NewSnapshot { version, from, .. } = snapshot;
        let place = folder.join(format!("v{version}"));
        let path = place.to_string_lossy();
        for LookupKey { table, key } in &snapshot.missing_lookups {
            output.warning(format_args!(
                "v{version}: the lookup table {table:?} has no key {key:?}, so the step used its own default: put the right value \
                 under `lookups` in {SERVER_FILE}"
            ));
        }
        if snapshot.is_empty(&catalog) {
            output.warning(format_args!(
                "v{version} has no document, so that it shows nothing of any step: put those that arrive under {}, and record it again",
                quoted(&folder.join(format!("arrivals/v{version}")).to_string_lossy())
            ));
        }
        let as_json = global.format == Format::Json;
        let report = |outcome| SnapshotReport {
            format_version: FORMAT_VERSION,
            version,
            from,
            outcome,
            path: &path,
            missing_lookups: &snapshot.missing_lookups,
        };
        match &snapshot.replaces {
            Some(diffs) if diffs.is_empty() && as_json => {
                output.json(&report("unchanged"))?;
                continue;
            }
            Some(diffs) if diffs.is_empty() => {
                output.line(format_args!("v{version} is there, and as it should be"))?;
                continue;
            }
            Some(diffs) if !arguments.replace => {
                if !as_json {
                    output.heading(format_args!("v{version} would become"))?;
                    for diff in diffs {
                        output.diff(diff)?;
                    }
                }
                let message = format!(
                    "the snapshot of version {version} exists and differs: --replace records it again, but keep it if the version was released"
                );
                return Err(Failure::Refused(Refusal::SnapshotDiffers, message));
            }
            _ => {}
        }
        if as_json {
            write(&place, &snapshot.files)?;
            output.json(&report("written"))?;
            continue;
        }
        let from = match from {
            0 => "nothing".to_owned(),
            from => format!("v{from}"),
        };
        output.heading(format_args!("v{version}, made from {from}"))?;
        for diff in &snapshot.diffs {
            output.diff(diff)?;
        }
        write(&place, &snapshot.files)?;
        let shown = quoted(&path);
        output.line(format_args!("written to {shown}"))?;
    }
    Ok(Exit::Done)
}

/// A snapshot in JSON.
#[derive(Serialize)]
struct SnapshotReport<'a> {
    format_version: u32,
    version: u32,
    from: u32,
    outcome: &'static str,
    path: &'a str,
    missing_lookups: &'a BTreeSet<LookupKey>,
}

/// Writes the folder elsewhere first, so that a half-written one is never in its place.
fn write(place: &Path, files: &Files) -> Result<(), Failure> {
    let file_error = |path: &Path| {
        let path = path.display().to_string();
        move |error| Failure::File { path, error }
    };
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(file_error(folder))?;
    let scratch = tempfile::Builder::new()
        .prefix(".snapshot-")
        .tempdir_in(folder);
    let scratch = scratch.map_err(file_error(folder))?;
    let (new, old) = (scratch.path().join("new"), scratch.path().join("old"));
    for (path, bytes) in files.iter() {
        let path = new.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(file_error(parent))?;
        }
        fs::write(&path, bytes).map_err(file_error(&path))?;
    }
    let replaces = place.exists();
    if replaces {
        fs::rename(place, &old).map_err(file_error(place))?;
    }
    if let Err(error) = fs::rename(&new, place) {
        if replaces {
            // The first error is the one to report.
            let _ = fs::rename(&old, place);
        }
        return Err(file_error(place)(error));
    }
    scratch.close().map_err(file_error(folder))
}
