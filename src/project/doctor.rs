//! What is wrong with a repository, its store and its catalog. Reads only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::document::MigratedDocument;
use super::loaded::{At, LoadOptions, Loaded};
use super::marker::join;
use super::memory::Base;
use super::shape::{last_write, steps_it_looks_older_than, steps_not_applied};
use super::status::RefState;
use super::{LoadError, Project};
use crate::git::{ObjectId, RefScope};
use crate::migrate::Input;
use crate::store::{self, ProjectKey};

/// A lock file younger than this belongs to somebody at work.
const LEFT_OVER: Duration = Duration::from_secs(600);

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnosis {
    /// The number of refs looked at.
    pub refs: usize,
    /// The findings: repository, branches, store.
    pub findings: Vec<Finding>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing has to be done.
    Note,
    /// Something is wrong.
    Problem,
}

/// Something that was found. Its `Display` says what is wrong, not what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A lock file that nobody took away.
    LockFile {
        /// The file.
        path: PathBuf,
        /// How long it has been there.
        age: Duration,
    },
    /// A ref whose version can't be told.
    Invalid {
        /// The full name.
        ref_name: String,
        /// The base path.
        base_path: String,
        /// Why.
        reason: String,
    },
    /// A ref above the catalog's newest version.
    Ahead {
        /// The full name.
        ref_name: String,
        /// The base path.
        base_path: String,
        /// Its version.
        version: u32,
        /// The catalog's.
        server: u32,
    },
    /// A document is in an older shape than its branch states: it came in from a branch at a lower version.
    MixedShape {
        /// The branch, by its full name.
        ref_name: String,
        /// Further branches with the same folder.
        also: usize,
        /// The base path.
        base_path: String,
        /// The document.
        document: String,
        /// Its path in the repository.
        path: String,
        /// The branch's version.
        version: u32,
        /// The version at the commit that last wrote the document.
        written_at: u32,
        /// That commit.
        commit: ObjectId,
        /// The versions of the steps that it has missed.
        missed: Vec<u32>,
    },
    /// A document was written at its branch's version, and steps up to that would still change values of it.
    LooksOlder {
        /// The branch, by its full name.
        ref_name: String,
        /// Its path in the repository.
        path: String,
        /// The document.
        document: String,
        /// The branch's version.
        version: u32,
        /// The versions of those steps.
        steps: Vec<u32>,
    },
    /// Two base paths of one ref differ in upper and lower case or in blanks only: on many disks they are one folder.
    SameBasePath {
        /// The ref.
        ref_name: String,
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// A part of a base path begins or ends with a blank.
    BlankInBasePath {
        /// The ref.
        ref_name: String,
        /// The base path.
        base_path: String,
    },
    /// The store has two projects where the repository has one base path.
    StrayProject {
        /// The project that no base path has the name of.
        project: String,
        /// Its version.
        version: u32,
        /// The base paths of the repository.
        base_paths: Vec<String>,
    },
    /// Branches have passed imports, and the store doesn't know the project.
    ProjectUnknown {
        /// What the store would call it.
        project: String,
        /// The branch with the highest version.
        ref_name: String,
        /// That version.
        version: u32,
    },
    /// A branch is at a higher version than the store knows of.
    StoreBehind {
        /// The branch with the highest version.
        ref_name: String,
        /// The project, as the store calls it.
        project: String,
        /// The branch's version.
        version: u32,
        /// The store's.
        store: u32,
    },
    /// A writer died; the next one finishes its work or drops it.
    UnsettledIntent {
        /// The project.
        project: String,
        /// The branch that was about to move.
        ref_name: String,
        /// The commit it was about to move to.
        commit: String,
    },
    /// No ref is below the import any more: only old commits could still read the snapshot.
    UnusedSnapshot {
        /// The project.
        project: String,
        /// The kind.
        kind: String,
        /// The version of the import.
        import_version: u32,
        /// How many documents it holds.
        documents: u32,
    },
}

impl Finding {
    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            Finding::UnusedSnapshot { .. }
            | Finding::BlankInBasePath { .. }
            | Finding::LooksOlder { .. } => Severity::Note,
            _ => Severity::Problem,
        }
    }

    /// The name of the check that found it, for scripts.
    pub fn check(&self) -> &'static str {
        match self {
            Finding::LockFile { .. } => "lock_file",
            Finding::Invalid { .. } => "invalid",
            Finding::Ahead { .. } => "ahead",
            Finding::MixedShape { .. } => "mixed_shape",
            Finding::LooksOlder { .. } => "looks_older",
            Finding::SameBasePath { .. } => "same_base_path",
            Finding::BlankInBasePath { .. } => "blank_in_base_path",
            Finding::StrayProject { .. } => "stray_project",
            Finding::ProjectUnknown { .. } => "project_unknown",
            Finding::StoreBehind { .. } => "store_behind",
            Finding::UnsettledIntent { .. } => "unsettled_intent",
            Finding::UnusedSnapshot { .. } => "unused_snapshot",
        }
    }
}

/// What the refs say together.
#[derive(Default)]
struct Survey {
    refs: BTreeSet<String>,
    findings: Vec<Finding>,
    /// By base path: the lowest version of any ref (0 where one is uninitialised), and the branch with the highest one.
    lowest: BTreeMap<String, u32>,
    highest: BTreeMap<String, (u32, String)>,
    /// The base paths with a marker, by ref.
    marked: BTreeMap<String, Vec<String>>,
}

impl Project {
    /// Looks over repository and store, under the catalog.
    ///
    /// # Errors
    /// Where the repository or the store can't be read at all.
    pub fn diagnose(&self) -> Result<Diagnosis, LoadError> {
        let mut survey = Survey::default();
        for lock in self.repository().lock_files()? {
            if lock.age >= LEFT_OVER {
                survey.findings.push(Finding::LockFile {
                    path: lock.path,
                    age: lock.age,
                });
            }
        }
        self.survey_refs(&mut survey)?;
        self.look_for_mixed_shapes(&mut survey)?;
        self.look_into_store(&mut survey)?;
        Ok(Diagnosis {
            refs: survey.refs.len(),
            findings: survey.findings,
        })
    }

    fn survey_refs(&self, survey: &mut Survey) -> Result<(), LoadError> {
        let server = self.catalog().server_version();
        self.status().every_ref(RefScope::All, |status| {
            let (ref_name, base_path) = (status.ref_name.to_owned(), status.base_path.to_owned());
            survey.refs.insert(ref_name.clone());
            match status.state {
                RefState::Invalid(reason) => survey.findings.push(Finding::Invalid {
                    ref_name: ref_name.clone(),
                    base_path: base_path.clone(),
                    reason: reason.to_owned(),
                }),
                RefState::Ahead(version) => survey.findings.push(Finding::Ahead {
                    ref_name: ref_name.clone(),
                    base_path: base_path.clone(),
                    version,
                    server,
                }),
                _ => {}
            }
            let version = status.state.version();
            let lowest = survey.lowest.entry(base_path.clone()).or_insert(u32::MAX);
            *lowest = (*lowest).min(version.unwrap_or(0));
            if let Some(version) = version {
                let marked = survey.marked.entry(ref_name.clone()).or_default();
                marked.push(base_path.clone());
                // One that this catalog can't read can't be caught up with either.
                if ref_name.starts_with("refs/heads/") && version <= server {
                    let highest = survey.highest.entry(base_path).or_default();
                    if version > highest.0 {
                        *highest = (version, ref_name);
                    }
                }
            }
            Ok::<(), LoadError>(())
        })?;
        let mut told = BTreeSet::new();
        for (ref_name, base_paths) in &survey.marked {
            let mut by_folded: BTreeMap<String, &String> = BTreeMap::new();
            for base_path in base_paths {
                let has_blank = base_path.split('/').any(|part| part.trim() != part);
                if has_blank && told.insert((base_path, base_path)) {
                    survey.findings.push(Finding::BlankInBasePath {
                        ref_name: ref_name.clone(),
                        base_path: base_path.clone(),
                    });
                }
                let parts = base_path.split('/').map(|part| part.trim().to_lowercase());
                let folded = parts.collect::<Vec<_>>().join("/");
                match by_folded.insert(folded, base_path) {
                    Some(other) if told.insert((other, base_path)) => {
                        survey.findings.push(Finding::SameBasePath {
                            ref_name: ref_name.clone(),
                            one: other.clone(),
                            other: base_path.clone(),
                        });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Looks at every document of every branch, at each distinct folder once.
    fn look_for_mixed_shapes(&self, survey: &mut Survey) -> Result<(), LoadError> {
        let reader = self.repository().reader();
        let mut seen: HashMap<(String, ObjectId), Vec<usize>> = HashMap::new();
        let server = self.catalog().server_version();
        let mut branches = Vec::new();
        self.status().every_ref(RefScope::Branches, |status| {
            if let (Some(commit), Some(version)) = (status.commit, status.state.version())
                && version <= server
            {
                branches.push((
                    status.ref_name.to_owned(),
                    status.base_path.to_owned(),
                    commit,
                ));
            }
            Ok::<(), LoadError>(())
        })?;
        for (ref_name, base_path, commit) in branches {
            let tree = reader.tree_of(commit)?;
            let Some(folder) = reader.entry(tree, &base_path)? else {
                continue;
            };
            if let Some(findings) = seen.get(&(base_path.clone(), folder.id)) {
                for index in findings {
                    if let Finding::MixedShape { also, .. } = &mut survey.findings[*index] {
                        *also += 1;
                    }
                }
                continue;
            }
            let first = survey.findings.len();
            let at = At {
                commit: Some((commit, tree)),
                ref_name: None,
                also_named: Vec::new(),
            };
            let loaded = Base::find(&reader, Some(tree), base_path.clone())
                .and_then(|base| Loaded::at_base(self, &reader, at, &base, LoadOptions::default()));
            // What keeps a branch from being loaded is told by its state, or by the store below.
            if let Ok(loaded) = loaded {
                for document in loaded.documents() {
                    let finding = self.mixed_shape(&reader, &loaded, document, &ref_name)?;
                    survey.findings.extend(finding);
                }
            }
            let indices = (first..survey.findings.len()).collect();
            seen.insert((base_path, folder.id), indices);
        }
        Ok(())
    }

    fn mixed_shape(
        &self,
        reader: &crate::git::Reader,
        loaded: &Loaded,
        document: &MigratedDocument,
        ref_name: &str,
    ) -> Result<Option<Finding>, LoadError> {
        let Some(below) = &document.path_before else {
            return Ok(None);
        };
        let (catalog, base_path) = (self.catalog(), loaded.base_path());
        let path = join(base_path, below);
        let written = last_write(reader, catalog, loaded.commit(), base_path, &path)?;
        let version = loaded.plan().branch_version;
        let Some(bytes) = loaded.before(document)? else {
            return Ok(None);
        };
        let mut input = Input {
            kind: &document.kind,
            slug: &document.slug,
            shape: version,
            bytes: &bytes,
        };
        let Some((written, written_at)) = written
            .and_then(|written| written.version.map(|at| (written, at)))
            .filter(|(_, at)| *at < version)
        else {
            let steps = steps_it_looks_older_than(catalog, &input, version);
            return Ok((!steps.is_empty()).then(|| Finding::LooksOlder {
                ref_name: ref_name.to_owned(),
                path,
                document: document.name.clone(),
                version,
                steps,
            }));
        };
        input.shape = written_at;
        let missed = steps_not_applied(catalog, &input, version);
        Ok((!missed.is_empty()).then(|| Finding::MixedShape {
            ref_name: ref_name.to_owned(),
            also: 0,
            base_path: base_path.to_owned(),
            document: document.name.clone(),
            path,
            version,
            written_at,
            commit: written.commit,
            missed,
        }))
    }

    fn look_into_store(&self, survey: &mut Survey) -> Result<(), LoadError> {
        let Some(store) = self.store() else {
            return Ok(());
        };
        let known = match store.projects() {
            Err(store::Error::Absent { .. }) => return Ok(()),
            other => other?,
        };
        let base_paths: Vec<String> = survey.highest.keys().cloned().collect();
        for project in &known {
            let named =
                |path: &String| *path == project.project.name || self.key(path) == project.project;
            if !base_paths.is_empty() && !base_paths.iter().any(named) {
                survey.findings.push(Finding::StrayProject {
                    project: project.project.to_string(),
                    version: project.version,
                    base_paths: base_paths.clone(),
                });
            }
        }
        for base_path in &base_paths {
            let key = self.key(base_path);
            let (version, ref_name) = survey.highest[base_path].clone();
            match known.iter().find(|project| project.project == key) {
                None => survey.findings.push(Finding::ProjectUnknown {
                    project: key.to_string(),
                    ref_name,
                    version,
                }),
                Some(project) => {
                    if project.version < version {
                        survey.findings.push(Finding::StoreBehind {
                            ref_name,
                            project: key.to_string(),
                            version,
                            store: project.version,
                        });
                    }
                    self.look_into_project(&key, base_path, survey)?;
                }
            }
        }
        Ok(())
    }

    fn look_into_project(
        &self,
        key: &ProjectKey,
        base_path: &str,
        survey: &mut Survey,
    ) -> Result<(), LoadError> {
        let Some(store) = self.store() else {
            return Ok(());
        };
        let mut read = store.read(key)?;
        for (_, intent) in read.intents()? {
            survey.findings.push(Finding::UnsettledIntent {
                project: key.to_string(),
                ref_name: intent.ref_name,
                commit: intent.new,
            });
        }
        let lowest = survey.lowest.get(base_path).copied().unwrap_or(0);
        for import in read.recorded_imports()? {
            if import.import_version <= lowest && import.documents > 0 {
                survey.findings.push(Finding::UnusedSnapshot {
                    project: key.to_string(),
                    kind: import.kind,
                    import_version: import.import_version,
                    documents: import.documents,
                });
            }
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::LockFile { path, age } => write!(
                f,
                "{} has been there for {} minutes: a Git process that died may have left it",
                path.display(),
                age.as_secs() / 60
            ),
            Finding::Invalid {
                ref_name,
                base_path,
                reason,
            } => write!(f, "{ref_name}, {base_path}: {reason}"),
            Finding::Ahead {
                ref_name,
                base_path,
                version,
                server,
            } => write!(
                f,
                "{ref_name}, {base_path}: it is at version {version}, and this catalog ends at {server}"
            ),
            Finding::MixedShape {
                ref_name,
                also,
                path,
                version,
                written_at,
                commit,
                missed,
                ..
            } => {
                let commit: String = commit.to_string().chars().take(10).collect();
                write!(
                    f,
                    "{ref_name}: {path} was last written at version {written_at} (by {commit}), the branch states {version}, \
                     and the steps of version {} never ran on it",
                    numbers(missed)
                )?;
                match also {
                    0 => Ok(()),
                    1 => write!(f, " (the same on another branch)"),
                    more => write!(f, " (the same on {more} other branches)"),
                }
            }
            Finding::LooksOlder {
                ref_name,
                path,
                version,
                steps,
                ..
            } => write!(
                f,
                "{ref_name}: {path} was written at version {version}, and looks older: the steps of version {} would still \
                 change it",
                numbers(steps)
            ),
            Finding::SameBasePath {
                ref_name,
                one,
                other,
            } => write!(
                f,
                "{ref_name}: {one:?} and {other:?} are one folder on disks that don't tell upper from lower case"
            ),
            Finding::BlankInBasePath {
                ref_name,
                base_path,
            } => write!(
                f,
                "{ref_name}: a part of the base path {base_path:?} begins or ends with a blank, which is easily lost"
            ),
            Finding::StrayProject {
                project,
                version,
                base_paths,
            } => write!(
                f,
                "the store knows the project {project}, at version {version}, and no branch has a base path of that name \
                 (there are {}): two projects share a base path, or this one is gone",
                base_paths.join(", ")
            ),
            Finding::ProjectUnknown {
                project,
                ref_name,
                version,
            } => write!(
                f,
                "{ref_name} is at version {version}, and the store doesn't know the project {project}"
            ),
            Finding::StoreBehind {
                ref_name,
                project,
                version,
                store,
            } => write!(
                f,
                "{ref_name} is at version {version}, and the store has the project {project} at {store}"
            ),
            Finding::UnsettledIntent {
                project,
                ref_name,
                commit,
            } => {
                let short: String = commit.chars().take(10).collect();
                write!(
                    f,
                    "a writer of {project} died while it moved {ref_name} to {short}"
                )
            }
            Finding::UnusedSnapshot {
                project,
                kind,
                import_version,
                documents,
            } => write!(
                f,
                "no ref of {project} is below version {import_version} any more: only old commits could still ask for the \
                 snapshot of {kind}, {documents} in number"
            ),
        }
    }
}

fn numbers(versions: &[u32]) -> String {
    let texts: Vec<String> = versions.iter().map(u32::to_string).collect();
    texts.join(", ")
}
