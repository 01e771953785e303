//! What a finding says.

use std::fmt;

use super::finding::{DoctorFinding, LEFT_OVER};

use crate::project::error::and_there_are;
use crate::references::DoubledPairs;
use crate::text::{folder, grouped, list, short_id, some_of, visible_line};

/// A message names at most this many documents.
const SHOWN: usize = 5;

impl fmt::Display for DoctorFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DoctorFinding::LockFile { path, age } => {
                let minutes = age.as_secs() / 60;
                let time = match minutes {
                    0 => "less than a minute".to_owned(),
                    1 => "1 minute".to_owned(),
                    _ => format!("{minutes} minutes"),
                };
                let whose = if *age < LEFT_OVER {
                    "a process may still hold it"
                } else {
                    "a Git process that died may have left it"
                };
                write!(f, "{} has been there for {time}: {whose}", path.display())
            }
            DoctorFinding::LeftOut {
                ref_name,
                also,
                paths,
                ..
            } => {
                write!(
                    f,
                    "{ref_name} can't be looked at: the partial clone left out {}",
                    some_of(paths, 3)
                )?;
                match also {
                    0 => Ok(()),
                    1 => write!(f, "; nor can another ref"),
                    more => write!(f, "; nor can {} other refs", grouped(*more)),
                }
            }
            DoctorFinding::HistoryLeftOut { git_dir, documents } => write!(
                f,
                "{} is a partial clone without older folders or markers: at which version {} can't be told, so one that a merge \
                 brought in from a lower version may go unnoticed",
                git_dir.display(),
                were_written(*documents)
            ),
            DoctorFinding::ShallowClone { git_dir, documents } => {
                write!(f, "{} is a shallow clone", git_dir.display())?;
                if *documents > 0 {
                    write!(
                        f,
                        ": at which version {} lies before its history, so one that a merge brought in from a lower \
                         version may go unnoticed",
                        were_written(*documents)
                    )?;
                }
                Ok(())
            }
            DoctorFinding::Invalid {
                ref_name,
                base_path,
                reason,
                ..
            } => write!(f, "{ref_name}, {}: {reason}", folder(base_path)),
            DoctorFinding::BrokenHead { git_dir, reason } => write!(
                f,
                "HEAD of {} is damaged, so Git takes this for no repository: {reason}",
                git_dir.display()
            ),
            DoctorFinding::EnvironmentWithoutRef { name, revision } => write!(
                f,
                "the environment `{name}` of the repository's .ocl-migrate.hcl has the ref `{revision}`, which isn't there"
            ),
            DoctorFinding::ProjectElsewhere {
                ref_name,
                also,
                base_path,
                base_paths,
            } => {
                write!(
                    f,
                    "{ref_name}: there is no project at {:?}, and what lies elsewhere wasn't looked at{}",
                    folder(base_path),
                    and_there_are(base_paths)
                )?;
                same_elsewhere(f, *also)
            }
            DoctorFinding::Ahead {
                ref_name,
                base_path,
                version,
                server,
            } => write!(
                f,
                "{ref_name}, {}: it is at version {version}, and this catalog ends at {server}",
                folder(base_path)
            ),
            DoctorFinding::Retired {
                ref_name,
                base_path,
                version,
                baseline,
                ..
            } => write!(
                f,
                "{ref_name}, {}: it is at version {version}, and this catalog begins at {baseline}",
                folder(base_path)
            ),
            DoctorFinding::Deprecated {
                ref_name,
                also,
                version,
                deprecation,
                ..
            } => {
                write!(f, "{ref_name}: its version {version} is {deprecation}")?;
                same_elsewhere(f, *also)
            }
            DoctorFinding::BrokenDocument {
                ref_name,
                also,
                path,
                reason,
                ..
            } => {
                write!(f, "{ref_name}: {path} can't be read: {reason}")?;
                on_other_refs(f, *also)
            }
            DoctorFinding::RefusedPath {
                ref_name,
                also,
                path,
                reason,
                ..
            } => {
                let path = visible_line(path);
                write!(f, "{ref_name}: {path} can't be migrated: {reason}")?;
                on_other_refs(f, *also)
            }
            DoctorFinding::SamePath {
                ref_name,
                also,
                path,
                other,
                ..
            } => {
                let (path, other) = (visible_line(path), visible_line(other));
                write!(
                    f,
                    "{ref_name}: {path} differs only in case from {other}: a work tree on macOS or Windows holds one of them"
                )?;
                on_other_refs(f, *also)
            }
            DoctorFinding::InTheWay {
                ref_name,
                also,
                obstacle,
            } => {
                write!(f, "{ref_name}: {obstacle}: nothing can be written there")?;
                on_other_refs(f, *also)
            }
            DoctorFinding::DoubledNames {
                ref_name,
                also,
                path,
                names,
                ..
            } => {
                write!(f, "{ref_name}: {path}: ")?;
                for (index, name) in names.iter().enumerate() {
                    let before = if index == 0 { "" } else { "; " };
                    write!(f, "{before}{name}")?;
                }
                on_other_refs(f, *also)
            }
            DoctorFinding::SameScope {
                ref_name,
                also,
                document,
                path,
                values,
            } => {
                let (one, other) = values.first().map_or(("", ""), |(a, b)| (&**a, &**b));
                write!(
                    f,
                    "{ref_name}: {path}: `{document} {one}` and `{other}` have the same scope: which of them applies can't be told"
                )?;
                match values.len().saturating_sub(1) {
                    0 => {}
                    1 => write!(f, "; and so have two more")?,
                    more => write!(f, "; and so have {more} more pairs")?,
                }
                on_other_refs(f, *also)
            }
            DoctorFinding::DoubledBlocks {
                ref_name,
                also,
                document,
                path,
                blocks,
            } => {
                let pairs = DoubledPairs {
                    document,
                    pairs: blocks,
                };
                write!(f, "{ref_name}: {path}: {pairs}")?;
                same_elsewhere(f, *also)
            }
            DoctorFinding::MixedShape {
                ref_name,
                also,
                path,
                version,
                written_at,
                commit,
                missed,
                ..
            } => {
                write!(
                    f,
                    "{ref_name}: {path} was last written at version {written_at} (by {}), the branch states {version}, \
                     and the steps of version {} never ran on it",
                    short_id(commit),
                    list(missed)
                )?;
                on_other_refs(f, *also)
            }
            DoctorFinding::LooksOlder {
                ref_name,
                path,
                version,
                steps,
                ..
            } => write!(
                f,
                "{ref_name}: {path}: the {} of version {} would still change it, but won't run, as the marker states version {version}",
                if steps.len() == 1 { "step" } else { "steps" },
                list(steps)
            ),
            DoctorFinding::SameBasePath {
                ref_name,
                one,
                other,
            } => write!(
                f,
                "{ref_name}: {one:?} and {other:?} are one folder on disks that don't tell upper from lower case"
            ),
            DoctorFinding::BlankInBasePath {
                ref_name,
                base_path,
            } => write!(
                f,
                "{ref_name}: a part of the base path {base_path:?} begins or ends with a blank, which is easily lost"
            ),
            DoctorFinding::StrayProject {
                project,
                version,
                base_paths,
            } => write!(
                f,
                "the store knows the project {project}, at version {version}, and no branch has a base path of that name \
                 (there are {}): two projects share a base path, or this one is gone",
                list(base_paths)
            ),
            DoctorFinding::ProjectUnknown {
                project,
                ref_name,
                version,
                ..
            } => write!(
                f,
                "{ref_name} is at version {version}, and the store doesn't know the project {project}"
            ),
            DoctorFinding::StoreBehind {
                ref_name,
                project,
                version,
                store,
                ..
            } => write!(
                f,
                "{ref_name} is at version {version}, and the store has the project {project} at {store}"
            ),
            DoctorFinding::UnsettledIntent {
                project,
                ref_name,
                commit,
                ..
            } => write!(
                f,
                "a writer of {project} died while it moved {ref_name} to {}",
                short_id(commit)
            ),
            DoctorFinding::UnusedSnapshot {
                project,
                kind,
                import_version,
                documents,
            } => write!(
                f,
                "no ref of {project} is below version {import_version} any more: only old commits could still ask for the \
                 snapshot of {kind}, {documents} in number"
            ),
            DoctorFinding::ReplacedStore { files, age } => {
                let time = match age.as_secs() / (24 * 60 * 60) {
                    0 => "less than a day".to_owned(),
                    1 => "1 day".to_owned(),
                    days => format!(
                        "{} days",
                        grouped(usize::try_from(days).unwrap_or(usize::MAX))
                    ),
                };
                let file = files.first().map(|file| file.display().to_string());
                write!(
                    f,
                    "{} is what a restore of the store replaced, written {time} ago: nothing reads it",
                    file.unwrap_or_default()
                )
            }
            DoctorFinding::StoreUnusable { reason, .. } | DoctorFinding::StoreDenied { reason } => {
                write!(
                    f,
                    "the store can't be used, so refs are read without it, and nothing can be written: {reason}"
                )
            }
            DoctorFinding::StoreDamaged { reason, .. } => write!(
                f,
                "a part of the store is damaged, so what it holds can't be relied on: {reason}"
            ),
            DoctorFinding::NeverAsked {
                project, lookups, ..
            } => {
                let lookups = lookups.iter();
                let lookups = lookups.map(|it| format!("{} {:?}", it.table, it.key));
                write!(
                    f,
                    "the store has answers for {project} that no step of this catalog asks for: {}",
                    some_of(lookups, SHOWN)
                )
            }
            DoctorFinding::NeverRead {
                project,
                documents,
                why,
                ..
            } => {
                let them = if documents.len() == 1 { "it" } else { "them" };
                write!(
                    f,
                    "the store's table has {} of {project}, and nothing will ever read {them}: {why}",
                    some_of(documents, SHOWN)
                )
            }
        }
    }
}

fn were_written(documents: usize) -> String {
    match documents {
        1 => "a document was last written".to_owned(),
        many => format!("{} documents were last written", grouped(many)),
    }
}

fn on_other_refs(f: &mut fmt::Formatter<'_>, also: usize) -> fmt::Result {
    match also {
        0 => Ok(()),
        1 => write!(f, " (the same on another ref)"),
        more => write!(f, " (the same on {} other refs)", grouped(more)),
    }
}

fn same_elsewhere(f: &mut fmt::Formatter<'_>, also: usize) -> fmt::Result {
    match also {
        0 => Ok(()),
        1 => write!(f, " (the same on another branch)"),
        more => write!(f, " (the same on {more} other branches)"),
    }
}
