//! What a reader of a ref should know.

use std::fmt;

use crate::catalog::{Deprecation, DocumentName};
use crate::project::error::and_there_are;
use crate::text::{folder, list, some_of, visible_line};

/// A message names at most this many paths.
const SHOWN: usize = 5;

/// Something about a ref that a reader should know, though it can be migrated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The migration crosses versions whose changes the catalog doesn't know.
    UnknownVersions {
        /// The versions crossed.
        versions: Vec<u32>,
    },
    /// The branch is at a version that is deprecated.
    Deprecated {
        /// What its marker says.
        version: u32,
        /// Until when, and why.
        deprecation: Deprecation,
    },
    /// There is no store, so nothing was imported.
    ImportsUnknown {
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// The store can't be used, so this is the result without one.
    StoreUnusable {
        /// Why not.
        reason: String,
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// Imports were undone: the result is without these documents.
    LeftOut {
        /// The documents.
        documents: Vec<DocumentName>,
        /// The version asked for.
        target: u32,
    },
    /// Imports were undone of a kind of which the branch has no document, and going up again might bring some in: the result can't
    /// be written.
    ComesInAgain {
        /// The kind.
        kind: String,
        /// The import's version.
        import: u32,
        /// The version asked for.
        target: u32,
        /// What the import would do: bring in which documents, or fail.
        what: String,
    },
    /// A remove brings documents back from the branch's history, which has no commit from before it.
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
    /// The store doesn't know the project, so nothing was imported.
    ProjectUnknown {
        /// What it was asked for.
        project: String,
        /// The kinds to import.
        kinds: Vec<String>,
    },
    /// Files that look like documents and belong to no kind of the catalog: they are neither read nor migrated.
    Unclaimed {
        /// Their paths in the repository.
        paths: Vec<String>,
        /// Those at paths that renames have left, each with what was there before.
        former: Vec<(String, String)>,
    },
    /// Documents of a kind that a step up to the branch's version removed: nothing migrates them any more, and nobody reads them
    /// at that version. A merge by Git brings them from older branches.
    OfRemovedKind {
        /// The documents.
        documents: Vec<DocumentName>,
        /// The branch's version.
        version: u32,
        /// The version of the step that removed the kind.
        removed_at: u32,
    },
    /// Folders in documents' places, and files in those of folders: nothing can be written there.
    InTheWay {
        /// What is there.
        obstacles: Vec<Obstacle>,
    },
    /// Steps that the marker counts as done would still change documents: see
    /// [`Loaded::looks_older`](crate::project::Loaded::looks_older).
    LooksOlder {
        /// Their paths in the repository.
        paths: Vec<String>,
        /// What the marker says.
        version: u32,
        /// The versions, up to that, of the steps that would still change them.
        steps: Vec<u32>,
    },
    /// References that led to a thing before the migration lead nowhere after it: see
    /// [`Loaded::dangling`](crate::project::Loaded::dangling).
    LeadsNowhere {
        /// The documents, each with the line at the target version.
        places: Vec<String>,
        /// The kind of the thing, as the catalog calls it.
        kind: String,
        /// What it was called where it was defined.
        name: String,
        /// What is referred to instead, where a step changed that.
        now: Option<String>,
        /// The step that did it, with its version.
        step: Option<String>,
    },
    /// A part of the base path begins or ends with a space.
    BlankInBasePath {
        /// The base path.
        base_path: String,
    },
    /// There is no project at the base path, and there are some elsewhere in the commit.
    NothingThere {
        /// The base path.
        base_path: String,
        /// Those of the commit's projects: every folder with a marker, but for ones far down, and the first twenty of many.
        base_paths: Vec<String>,
    },
    /// There is nothing at the base path, and a folder with a similar name.
    SimilarFolder {
        /// The folder that is there.
        found: String,
        /// The base path.
        base_path: String,
    },
}

/// What lies where something else belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Obstacle {
    /// Its path in the repository.
    pub path: String,
    /// What it is: `folder`, `file`, `symbolic link` or `submodule`.
    pub found: &'static str,
    /// What belongs there, in words.
    pub needed: String,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Obstacle {
            path,
            found,
            needed,
        } = self;
        write!(f, "{} is a {found}, where {needed}", visible_line(path))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownVersions { versions } => {
                let what = match versions.len() {
                    1 => "version",
                    _ => "versions",
                };
                let are = if versions.len() == 1 { "is" } else { "are" };
                write!(
                    f,
                    "the result may be incomplete: {what} {} {are} not in this catalog",
                    list(versions)
                )
            }
            Warning::Deprecated {
                version,
                deprecation,
            } => write!(f, "version {version} is {deprecation}"),
            Warning::ImportsUnknown { kinds } => {
                write!(
                    f,
                    "nothing was imported: there is no store to import {} from",
                    list(kinds)
                )
            }
            Warning::StoreUnusable { reason, kinds } => {
                write!(
                    f,
                    "the store can't be used, so this was read without it, and nothing can be written"
                )?;
                if !kinds.is_empty() {
                    write!(f, "; nothing was imported for {}", list(kinds))?;
                }
                write!(f, ": {reason}")
            }
            Warning::Unclaimed { paths, former } => {
                let (belong, are) = match paths.len() {
                    1 => ("belongs", "it is"),
                    _ => ("belong", "they are"),
                };
                write!(
                    f,
                    "{} {belong} to no kind of the catalog, so {are} not migrated",
                    some_of(paths, SHOWN)
                )?;
                for (path, what) in former {
                    write!(f, "; before a rename, {path} was the place of {what}")?;
                }
                Ok(())
            }
            Warning::OfRemovedKind {
                documents,
                version,
                removed_at,
            } => {
                let (are, them) = match documents.len() {
                    1 => ("is", "it"),
                    _ => ("are", "them"),
                };
                let names = documents.iter().map(|name| visible_line(name.as_str()));
                write!(
                    f,
                    "{} {are} in Git, though version {removed_at} removed the kind: at version {version} there is no place for {them}, \
                     so no step runs on {them}; remove {them} with a commit",
                    some_of(names.collect::<Vec<_>>(), SHOWN)
                )
            }
            Warning::InTheWay { obstacles } => {
                let shown = obstacles.iter().take(SHOWN);
                let shown: Vec<String> = shown.map(ToString::to_string).collect();
                write!(f, "{}", shown.join("; "))?;
                if let more @ 1.. = obstacles.len() - shown.len() {
                    write!(f, "; and {more} more such")?;
                }
                write!(f, ": nothing can be written there until that is moved away")
            }
            Warning::LooksOlder {
                paths,
                version,
                steps,
            } => {
                let them = if paths.len() == 1 { "it" } else { "them" };
                let what = if steps.len() == 1 { "step" } else { "steps" };
                write!(
                    f,
                    "{}: the {what} of version {} would still change {them}, but won't run, as the marker states version {version}",
                    some_of(paths, SHOWN),
                    list(steps)
                )
            }
            Warning::LeadsNowhere {
                places,
                kind,
                name,
                now,
                step,
            } => {
                match step {
                    Some(step) => write!(f, "after the step {step}, ")?,
                    None => write!(f, "after the migration, ")?,
                }
                match now {
                    None => write!(f, "no document defines the {kind} `{name}` any more")?,
                    Some(now) => write!(
                        f,
                        "`{now}` is referred to instead of the {kind} `{name}`, and no document defines it"
                    )?,
                }
                write!(f, ": see {}", some_of(places, SHOWN))
            }
            Warning::BlankInBasePath { base_path } => {
                write!(
                    f,
                    "a part of the base path {base_path:?} begins or ends with a space, which is easily lost"
                )
            }
            Warning::NothingThere {
                base_path,
                base_paths,
            } => write!(
                f,
                "there is no project at {:?}, so this is treated as one that isn't in Git yet{}",
                folder(base_path),
                and_there_are(base_paths)
            ),
            Warning::SimilarFolder { found, base_path } => write!(
                f,
                "there is nothing at {base_path:?}, but there is a folder with a similar name, {found:?}"
            ),
            Warning::LeftOut { documents, target } => write!(
                f,
                "the result is without {}: at version {target} the server keeps {} itself, and edits since then are in this \
                 branch only",
                some_of(documents, SHOWN),
                if documents.len() == 1 { "it" } else { "them" }
            ),
            Warning::ComesInAgain {
                kind,
                import,
                target,
                what,
            } => write!(
                f,
                "version {target} can be shown, but not written: the branch has no `{kind}`, and migrating up again would not give \
                 the same, as the import at version {import} {what}"
            ),
            Warning::NothingToBringBack { kind, version } => write!(
                f,
                "the result is without `{kind}`: version {version} removed it, and the branch's history has no commit from \
                 before that"
            ),
            Warning::ReadDownward { branch, server, .. } => write!(
                f,
                "the branch is at version {branch}, above this server's {server}: it is read with the steps that a newer \
                 server left in the store, and can't be written here"
            ),
            Warning::ProjectUnknown { project, kinds } => write!(
                f,
                "nothing was imported: {} should come from the store, which doesn't know the project `{project}`",
                list(kinds)
            ),
        }
    }
}
