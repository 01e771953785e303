//! Documents that can't be read, and documents in another shape than their branch states.
//!
//! Refs share most of what they hold, so each folder is loaded once, each text is looked at once, and one search through
//! history serves all of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use super::finding::DoctorFinding;
use super::report::{RefToRead, Report};
use super::text::{Text, Texts};
use crate::catalog::DocumentName;
use crate::engine::join;
use crate::git::{self, LastChange, ObjectId, Tip};
use crate::ocl::DoubledName;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::base::Base;
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::loaded::Loaded;
use crate::project::read::parallel;
use crate::project::read::session::Session;
use crate::project::read::warning::{Obstacle, Warning};
use crate::project::survey::last_write::version_at;
use crate::project::survey::progress::SurveyProgress;

/// Looks at every document of every ref that this catalog can read, at each distinct folder once.
pub(super) fn look_at_documents(
    project: &Project,
    report: &mut Report,
    progress: &mut dyn FnMut(SurveyProgress),
) -> Result<(), LoadError> {
    let mut refs = std::mem::take(&mut report.to_read);
    refs.sort_by_key(RefToRead::rank);
    let (folders, folder_of) = folders(project, &refs)?;
    let (session, texts) = (Session::new(project), Texts::default());
    let of = folders.len();
    parallel::for_each_telling(
        of,
        None,
        &mut |done| progress(SurveyProgress::Trees { done, of }),
        |index| {
            let folder = &folders[index];
            folder.held.get_or_init(|| {
                if project.is_given_up() {
                    return Err(Project::GIVEN_UP.to_owned());
                }
                load(project, &session, &texts, folder).map_err(|error| error.to_string())
            });
        },
    );
    drop(session);
    if project.is_given_up() {
        return Ok(());
    }
    find_last_writes(project, &folders)?;
    parallel::for_each(of, |index| {
        for (document, text) in folders[index].texts().iter().enumerate() {
            if let Some(written) = folders[index].written(document) {
                text.compare_shape(project, written.older_than(text.version));
            }
        }
    });
    let mut findings = Findings {
        report,
        folders: HashMap::new(),
        problems: HashMap::new(),
        obstacles: HashMap::new(),
    };
    for (named, folder) in refs.iter().zip(folder_of) {
        if let Some(index) = folder {
            findings.add_ref(named, index, &folders[index]);
        }
    }
    Ok(())
}

/// A folder of documents, which any number of refs have.
struct Folder {
    base_path: String,
    /// That of the first of its refs, whose history counts.
    tip: Tip,
    /// Whether a branch has it: only of those the last writes are looked for.
    is_of_branch: bool,
    /// Its documents; or why it can't be loaded.
    held: OnceLock<Result<Held, String>>,
    /// The documents' last writes.
    written: OnceLock<Vec<Option<Written>>>,
}

/// What a folder holds.
struct Held {
    texts: Vec<Arc<Text>>,
    /// Documents whose path is refused, with the path below the base path.
    refused: Vec<(DocumentName, String, String)>,
    /// Documents at a path that differs from another one's only in case, with both paths.
    same_paths: Vec<(DocumentName, String, String)>,
    /// What lies where documents or their folders belong.
    obstacles: Vec<Obstacle>,
}

/// When a document was last written.
#[derive(Clone, Copy)]
enum Written {
    /// By a commit, at the version that its marker states, if it states one.
    By(ObjectId, Option<u32>),
    /// History ends before.
    Unknown,
}

impl Written {
    /// The version at which it was written, if that is below another.
    fn older_than(self, version: u32) -> Option<u32> {
        match self {
            Written::By(_, Some(written_at)) if written_at < version => Some(written_at),
            Written::By(..) | Written::Unknown => None,
        }
    }
}

impl Folder {
    fn texts(&self) -> &[Arc<Text>] {
        match self.held.get() {
            Some(Ok(held)) => &held.texts,
            Some(Err(_)) | None => &[],
        }
    }

    /// The last write of the document at a place, if it can be read.
    fn written(&self, document: usize) -> Option<Written> {
        self.written.get()?.get(document).copied().flatten()
    }
}

/// The distinct folders, and the place of each ref's among them, if it has one.
fn folders(
    project: &Project,
    refs: &[RefToRead],
) -> Result<(Vec<Folder>, Vec<Option<usize>>), LoadError> {
    let mut folders = Vec::new();
    let mut known = HashMap::new();
    let places = project.read_with(|reader| {
        let places = refs.iter().map(|named| {
            let (base_path, commit) = (&named.base_path, named.commit);
            let tree = reader.tree_of(commit)?;
            let entry = reader.entry(tree, base_path)?;
            Ok(entry.map(|entry| {
                *known.entry((base_path, entry.id)).or_insert_with(|| {
                    folders.push(Folder {
                        base_path: base_path.clone(),
                        tip: Tip { commit, tree },
                        is_of_branch: named.is_branch(),
                        held: OnceLock::new(),
                        written: OnceLock::new(),
                    });
                    folders.len() - 1
                })
            }))
        });
        places.collect::<Result<_, LoadError>>()
    })?;
    Ok((folders, places))
}

/// The documents that Git holds.
fn load(
    project: &Project,
    session: &Session,
    texts: &Texts,
    folder: &Folder,
) -> Result<Held, LoadError> {
    let tree = Some(folder.tip.tree);
    let base = session.git(|reader| Base::find(reader, tree, folder.base_path.clone()))?;
    let at = At::commit(Some(folder.tip));
    let loaded = load_base(project, session, at, &base, LoadOptions::default())?;
    Ok(Held {
        texts: texts.of(&loaded),
        refused: refused_paths(&loaded),
        same_paths: same_paths(&loaded),
        obstacles: obstacles(&loaded),
    })
}

fn obstacles(loaded: &Loaded) -> Vec<Obstacle> {
    let obstacles = loaded
        .warnings()
        .iter()
        .filter_map(|warning| match warning {
            Warning::InTheWay { obstacles } => Some(obstacles),
            _ => None,
        });
    obstacles.flatten().cloned().collect()
}

/// The documents that some file systems can't hold beside another one.
fn same_paths(loaded: &Loaded) -> Vec<(DocumentName, String, String)> {
    let mut by_folded: HashMap<String, &str> = HashMap::new();
    let held = loaded
        .paths()
        .filter_map(|(name, before, _)| Some((name, before?)));
    let same = held.filter_map(|(name, path)| {
        let other = by_folded.insert(path.to_lowercase(), path)?;
        Some((name.clone(), path.to_owned(), other.to_owned()))
    });
    same.collect()
}

/// The documents that Git holds and that can't be migrated for their path's sake.
fn refused_paths(loaded: &Loaded) -> Vec<(DocumentName, String, String)> {
    let lift = loaded.lift();
    let entries = lift.entries().iter().filter(|entry| !entry.left_out);
    let refused = entries.filter_map(|entry| {
        let (reason, path) = (entry.path.as_ref().err()?, lift.path_before(entry)?);
        Some((entry.name.clone(), path.to_owned(), reason.to_string()))
    });
    refused.collect()
}

/// Finds the last writes of all documents of branches that can be read: of each base path in one search.
fn find_last_writes(project: &Project, folders: &[Folder]) -> Result<(), LoadError> {
    let mut by_base_path: BTreeMap<&str, Vec<&Folder>> = BTreeMap::new();
    for folder in folders.iter().filter(|folder| folder.is_of_branch) {
        by_base_path
            .entry(&folder.base_path)
            .or_default()
            .push(folder);
    }
    let catalog = project.catalog();
    project.read_with(|reader| {
        for (base_path, folders) in by_base_path {
            let mut search = reader.last_changes(base_path)?;
            for folder in &folders {
                let texts = folder.texts().iter();
                let readable = texts.filter(|text| text.reading.is_ok());
                search.ask(folder.tip.commit, readable.map(|text| &*text.path))?;
            }
            let mut answers = search.answers()?.into_iter();
            let mut versions = HashMap::new();
            let mut written = |change| {
                Ok::<_, LoadError>(match change {
                    LastChange::Unknown(_) => Written::Unknown,
                    LastChange::In(commit) => {
                        let version = match versions.get(&commit) {
                            Some(version) => *version,
                            None => {
                                let version = match version_at(reader, catalog, commit, base_path) {
                                    Err(git::Error::LeftOutOfPartialClone { .. }) => None,
                                    version => Some(version?),
                                };
                                *versions.entry(commit).or_insert(version)
                            }
                        };
                        version.map_or(Written::Unknown, |version| Written::By(commit, version))
                    }
                })
            };
            for folder in folders {
                let texts = folder.texts().iter();
                let last_writes = texts.map(|text| match text.reading {
                    Ok(_) => answers.next().map(&mut written).transpose(),
                    Err(_) => Ok(None),
                });
                let last_writes = last_writes.collect::<Result<Vec<_>, _>>()?;
                folder.written.get_or_init(|| last_writes);
            }
        }
        Ok(())
    })
}

struct Findings<'r> {
    report: &'r mut Report,
    /// The findings by folder, by their places: other refs with the same folder share them.
    folders: HashMap<usize, Vec<usize>>,
    /// The findings about problems of documents, by path.
    problems: HashMap<(String, Problem), usize>,
    obstacles: HashMap<Obstacle, usize>,
}

/// What is wrong with a document, on however many refs.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Problem {
    /// It can't be read, for a reason.
    Broken(String),
    /// Its path is refused, for a reason.
    RefusedPath(String),
    /// Its path differs from another one only in case.
    SamePath(String),
    /// Names stand more than once.
    Doubled(Vec<DoubledName>),
    /// Values of one scope, by their addresses.
    SameScope(Vec<(String, String)>),
    /// Blocks that can't be told from each other, by their addresses.
    DoubledBlocks(Vec<(String, String)>),
}

impl Findings<'_> {
    fn add_ref(&mut self, named: &RefToRead, index: usize, folder: &Folder) {
        let written = folder.written.get().into_iter().flatten();
        let unknown = written.filter(|written| matches!(written, Some(Written::Unknown)));
        self.report.of_unknown_age += unknown.count();
        if let Some(findings) = self.folders.get(&index).cloned() {
            for index in findings {
                self.once_more(index);
            }
            return;
        }
        let mut found = Vec::new();
        match folder.held.get() {
            Some(Err(reason)) => found.push(self.add(DoctorFinding::Invalid {
                ref_name: named.ref_name.clone(),
                base_path: named.base_path.clone(),
                reason: reason.clone(),
                leads_nowhere: false,
            })),
            Some(Ok(held)) => {
                let refused = held.refused.iter().map(|(name, path, reason)| {
                    self.problem(named, (name, path), Problem::RefusedPath(reason.clone()))
                });
                found.extend(refused);
                let same = held.same_paths.iter().map(|(name, path, other)| {
                    self.problem(named, (name, path), Problem::SamePath(other.clone()))
                });
                found.extend(same);
                let obstacles = held.obstacles.iter();
                found.extend(obstacles.map(|obstacle| self.obstacle(named, obstacle)));
            }
            None => {}
        }
        for (document, text) in folder.texts().iter().enumerate() {
            let place = (&text.name, &*text.path);
            let mut problem = |problem| found.push(self.problem(named, place, problem));
            if !text.same_scopes.is_empty() {
                problem(Problem::SameScope(text.same_scopes.clone()));
            }
            if !text.doubled_blocks.is_empty() {
                problem(Problem::DoubledBlocks(text.doubled_blocks.clone()));
            }
            match &text.reading {
                Ok(names) if names.is_empty() => {}
                Ok(names) => problem(Problem::Doubled(names.clone())),
                Err(reason) => problem(Problem::Broken(reason.clone())),
            }
            if let Some(written) = folder.written(document) {
                let finding = shape(named, text, written);
                found.extend(finding.map(|finding| self.add(finding)));
            }
        }
        self.folders.insert(index, found);
    }

    /// Adds what is wrong with a document, which has a name and a path below the base path, unless another ref has it at the
    /// same path.
    fn problem(
        &mut self,
        named: &RefToRead,
        (name, path): (&DocumentName, &str),
        problem: Problem,
    ) -> usize {
        let path = join(&named.base_path, path);
        let key = (path.clone(), problem);
        if let Some(&index) = self.problems.get(&key) {
            self.once_more(index);
            return index;
        }
        let (ref_name, also) = (named.ref_name.clone(), 0);
        let document = name.clone();
        let index = self.add(match key.1.clone() {
            Problem::Broken(reason) => DoctorFinding::BrokenDocument {
                ref_name,
                also,
                document,
                path,
                reason,
            },
            Problem::RefusedPath(reason) => DoctorFinding::RefusedPath {
                ref_name,
                also,
                document,
                path,
                reason,
            },
            Problem::SamePath(other) => DoctorFinding::SamePath {
                ref_name,
                also,
                document,
                path,
                other,
            },
            Problem::Doubled(names) => DoctorFinding::DoubledNames {
                ref_name,
                also,
                document,
                path,
                names,
            },
            Problem::SameScope(values) => DoctorFinding::SameScope {
                ref_name,
                also,
                document,
                path,
                values,
            },
            Problem::DoubledBlocks(blocks) => DoctorFinding::DoubledBlocks {
                ref_name,
                also,
                document,
                path,
                blocks,
            },
        });
        self.problems.insert(key, index);
        index
    }

    /// Adds what lies in the way, unless another ref has it too.
    fn obstacle(&mut self, named: &RefToRead, obstacle: &Obstacle) -> usize {
        if let Some(&index) = self.obstacles.get(obstacle) {
            self.once_more(index);
            return index;
        }
        let index = self.add(DoctorFinding::InTheWay {
            ref_name: named.ref_name.clone(),
            also: 0,
            obstacle: obstacle.clone(),
        });
        self.obstacles.insert(obstacle.clone(), index);
        index
    }

    fn add(&mut self, finding: DoctorFinding) -> usize {
        self.report.findings.push(finding);
        self.report.findings.len() - 1
    }

    /// Notes that another ref has what was found.
    fn once_more(&mut self, index: usize) {
        if let DoctorFinding::MixedShape { also, .. }
        | DoctorFinding::BrokenDocument { also, .. }
        | DoctorFinding::RefusedPath { also, .. }
        | DoctorFinding::SamePath { also, .. }
        | DoctorFinding::InTheWay { also, .. }
        | DoctorFinding::DoubledNames { also, .. }
        | DoctorFinding::SameScope { also, .. }
        | DoctorFinding::DoubledBlocks { also, .. } = &mut self.report.findings[index]
        {
            *also += 1;
        }
    }
}

/// Whether a document has the shape that its branch states.
fn shape(named: &RefToRead, text: &Text, written: Written) -> Option<DoctorFinding> {
    let written_at = written.older_than(text.version);
    let steps = text.shape_compared(written_at)?;
    if steps.is_empty() {
        return None;
    }
    let path = join(&named.base_path, &text.path);
    let (ref_name, document, version) = (named.ref_name.clone(), text.name.clone(), text.version);
    Some(match (written, written_at) {
        (Written::By(commit, _), Some(written_at)) => DoctorFinding::MixedShape {
            ref_name,
            also: 0,
            base_path: named.base_path.clone(),
            document,
            path,
            version,
            written_at,
            commit,
            missed: steps.to_vec(),
        },
        _ => DoctorFinding::LooksOlder {
            ref_name,
            base_path: named.base_path.clone(),
            path,
            document,
            version,
            steps: steps.to_vec(),
        },
    })
}
