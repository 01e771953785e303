//! A document after its migration, with all there is to tell of it.

use std::fmt;
use std::sync::Arc;

use super::marker::join;
use crate::migrate::{Loss, MigrationError, MigrationErrorKind, Remembered, SetAside, StepChange};
use crate::plan::Source;

/// A document after its migration.
#[derive(Debug, Clone)]
pub struct MigratedDocument {
    /// Its name: the kind, and in a collection the slug.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its slug; empty for a single document.
    pub slug: String,
    /// Where Git holds it, below the base path; `None` if an import brought it in.
    pub path_before: Option<String>,
    /// Where it belongs at the target version, below the base path.
    pub path: String,
    /// What became of it.
    pub outcome: DocumentOutcome,
    /// Whether an import passed it over because Git holds it.
    pub kept: bool,
    /// Values that a step put something else over without reading them.
    pub losses: Vec<Loss>,
    /// On the way down: what the older shape has no place for.
    pub set_aside: Vec<SetAside>,
    pub(crate) content: Content,
    pub(crate) remembered: Option<Arc<Remembered>>,
}

/// What became of a document.
#[derive(Debug, Clone)]
pub enum DocumentOutcome {
    /// Every byte is as it was.
    Unchanged,
    /// Steps changed it, or where it lies.
    Changed,
    /// It came in from the store.
    Imported {
        /// Where it was read from.
        source: Source,
    },
    /// On the way down: a remove brought it back.
    BroughtBack {
        /// From where: the branch's history, or the step.
        source: Source,
    },
    /// A step removed it.
    Removed,
    /// The way down passes its import: below that it is the store's, and its newer edits live in the branch only.
    LeftOut,
    /// It couldn't be migrated. The other documents are not affected.
    Failed(Arc<MigrationError>),
}

/// The text of a document after its migration.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// Not touched: what Git or the store holds.
    Original,
    Text(Arc<str>),
    /// Removed, left out or failed.
    None,
}

impl MigratedDocument {
    /// The steps that changed it, in run order.
    pub fn changes(&self) -> &[StepChange] {
        match self
            .remembered
            .as_deref()
            .map(|remembered| &remembered.outcome)
        {
            Some(Ok(migrated)) => &migrated.changes,
            _ => &[],
        }
    }

    /// Why it couldn't be migrated, with the file, for people: with the line itself where the text is wrong.
    pub fn failure(&self, base_path: &str) -> Option<String> {
        let path = join(base_path, self.path_before.as_deref().unwrap_or(&self.path));
        Some(match &self.error()?.kind {
            MigrationErrorKind::Parse(error) if self.path_before.is_some() => error.render(&path),
            _ => format!("{path}: {}", self.error()?),
        })
    }

    /// The error, if it couldn't be migrated.
    pub fn error(&self) -> Option<&MigrationError> {
        match &self.outcome {
            DocumentOutcome::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl DocumentOutcome {
    /// The outcome as the JSON output calls it.
    pub fn name(&self) -> &'static str {
        match self {
            DocumentOutcome::Unchanged => "unchanged",
            DocumentOutcome::Changed => "changed",
            DocumentOutcome::Imported { .. } => "imported",
            DocumentOutcome::BroughtBack { .. } => "brought_back",
            DocumentOutcome::Removed => "removed",
            DocumentOutcome::LeftOut => "left_out",
            DocumentOutcome::Failed(_) => "failed",
        }
    }
}

/// Something about a ref that a reader should know, though it can be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Nobody knows what these versions do.
    UnknownVersions {
        /// The versions crossed.
        versions: Vec<u32>,
    },
    /// There is no store, so nobody knows what these imports bring.
    ImportsUnknown {
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// The way down passes imports: these documents are not in the result.
    LeftOut {
        /// The documents, by name.
        documents: Vec<String>,
        /// The version asked for.
        target: u32,
    },
    /// A remove brings documents back from the branch's history, and that has no commit from before it.
    NothingToBringBack {
        /// The kind.
        kind: String,
        /// The version of the remove.
        version: u32,
    },
    /// The branch is newer than this server, which reads it with the steps of a newer one, and can't write it.
    ReadDownward {
        /// The branch version.
        branch: u32,
        /// This server's version.
        server: u32,
        /// Identifies the steps, in the store.
        digest: String,
    },
    /// The store doesn't know the project.
    ProjectUnknown {
        /// What it was asked for.
        project: String,
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// Documents that no kind of the catalog claims: they are neither read nor migrated.
    Unclaimed {
        /// Their paths in the repository.
        paths: Vec<String>,
        /// Those that lie where something lay before a rename, and what.
        former: Vec<(String, String)>,
    },
    /// Documents look older than their marker: see [`Loaded::looks_older`](super::Loaded::looks_older).
    LooksOlder {
        /// Their paths in the repository.
        paths: Vec<String>,
        /// What the marker says.
        version: u32,
        /// The versions, up to that, of the steps that would still change them.
        steps: Vec<u32>,
    },
    /// A part of the base path begins or ends with a blank.
    BlankInBasePath {
        /// The base path.
        base_path: String,
    },
    /// There is nothing at the base path that was chosen, and projects lie elsewhere in the commit.
    NothingThere {
        /// The base path that was chosen.
        base_path: String,
        /// Those of the commit's projects.
        base_paths: Vec<String>,
    },
    /// There is nothing at the base path, and something at one that looks the same.
    SimilarFolder {
        /// The folder that is there.
        found: String,
        /// The base path.
        base_path: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownVersions { versions } => {
                let what = if versions.len() == 1 {
                    "version"
                } else {
                    "versions"
                };
                write!(
                    f,
                    "nobody knows what {what} {} changed: the result may be incomplete",
                    list(versions)
                )
            }
            Warning::ImportsUnknown { kinds } => {
                write!(
                    f,
                    "without a store nobody knows what the import of {} brings: nothing was imported",
                    list(kinds)
                )
            }
            Warning::Unclaimed { paths, former } => {
                write!(
                    f,
                    "no kind of the catalog claims {}: not read, not migrated",
                    short_list(paths)
                )?;
                for (path, what) in former {
                    write!(f, "; {path} is where {what} lay before it was renamed")?;
                }
                Ok(())
            }
            Warning::LooksOlder {
                paths,
                version,
                steps,
            } => {
                let (look, them) = match paths.len() {
                    1 => ("looks", "it"),
                    _ => ("look", "them"),
                };
                let what = if steps.len() == 1 { "step" } else { "steps" };
                write!(
                    f,
                    "{} {look} older than version {version}, which the marker states: the {what} of version {} would \
                     still change {them}, and won't run",
                    short_list(paths),
                    list(steps)
                )
            }
            Warning::BlankInBasePath { base_path } => {
                write!(
                    f,
                    "the base path {base_path:?} begins or ends with a blank, which is easily lost"
                )
            }
            Warning::NothingThere {
                base_path,
                base_paths,
            } => write!(
                f,
                "there is nothing at {base_path:?}: it is taken for a project that isn't in Git yet; there are {}",
                short_list(base_paths)
            ),
            Warning::SimilarFolder { found, base_path } => write!(
                f,
                "there is nothing at {base_path:?}, but there is a folder {found:?}, which looks the same"
            ),
            Warning::LeftOut { documents, target } => write!(
                f,
                "at version {target} the server keeps {} itself, so the result is without: newer edits live in this branch only",
                list(documents)
            ),
            Warning::NothingToBringBack { kind, version } => write!(
                f,
                "the branch's history has no commit from before version {version}, which removed `{kind}`: the result is without"
            ),
            Warning::ReadDownward { branch, server, .. } => write!(
                f,
                "the branch is at version {branch}, above this server's {server}: it is read with the steps that a newer \
                 server left in the store, and can't be written here"
            ),
            Warning::ProjectUnknown { project, kinds } => write!(
                f,
                "the store doesn't know the project `{project}`, so nobody knows what the import of {} brings: nothing was imported",
                list(kinds)
            ),
        }
    }
}

/// The first few, and how many there are more.
fn short_list(items: &[String]) -> String {
    const SHOWN: usize = 5;
    match items.len().checked_sub(SHOWN) {
        None | Some(0) => list(items),
        Some(more) => format!("{} and {more} more", items[..SHOWN].join(", ")),
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    let texts: Vec<String> = items.iter().map(ToString::to_string).collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
