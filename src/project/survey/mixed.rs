//! Documents that came out of a merge in the shape of another version than its marker states.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::catalog::DocumentName;
use crate::engine::{DocumentOutcome, join};
use crate::git::{ObjectId, Reader, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::base::Base;
use crate::project::read::layout::{FoundProject, Layout, projects_below};
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::loaded::Loaded;
use crate::project::read::newer::above_server;
use crate::project::read::session::Session;
use crate::text::short_id;

/// A document that a merge took as it is from a parent, and with it the shape of that parent's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixedShape {
    /// The document.
    pub document: DocumentName,
    /// Its path in the repository.
    pub path: String,
    /// Where it belongs at the version of the merge, in the repository, if that is elsewhere: a step between moves it.
    pub moves_to: Option<String>,
    /// The version that the marker of the merge states.
    pub version: u32,
    /// The version of the parent that it came from.
    pub written_at: u32,
    /// That parent.
    pub parent: ObjectId,
    /// Its text at the version of the merge; or why it has none.
    pub mended: Result<Vec<u8>, String>,
    /// Whether a step removes it on the way to that version.
    pub is_removed: bool,
}

impl fmt::Display for MixedShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MixedShape {
            path,
            moves_to,
            version,
            written_at,
            parent,
            mended,
            ..
        } = self;
        write!(
            f,
            "{path}: it came as it is from {}, which is at version {written_at}, and the merge's marker states version {version}",
            short_id(parent)
        )?;
        if let Some(moves_to) = moves_to {
            write!(f, ", where it belongs at {moves_to}")?;
        }
        match mended {
            Ok(_) => Ok(()),
            Err(reason) => write!(f, "; it can't be brought there: {reason}"),
        }
    }
}

/// The documents of a merge that have the text of a parent at another version, where that version has another text.
pub(crate) fn mixed_shapes(
    project: &Project,
    tree: ObjectId,
    parents: &[ObjectId],
) -> Result<Vec<MixedShape>, LoadError> {
    let reader = project.repository().reader();
    let mut found = Vec::new();
    let Some(folder) = reader.folder(tree, project.folder())? else {
        return Ok(found);
    };
    let tips: Vec<Tip> = parents
        .iter()
        .map(|parent| reader.tip(*parent))
        .collect::<Result<_, _>>()?;
    for merged in projects_below(&reader, project.catalog(), project.folder(), folder)? {
        // What the marker says is told when the project is loaded.
        let Ok(version) = merged.version else {
            continue;
        };
        let Some(first) = tips.first() else {
            continue;
        };
        let tip = Tip {
            commit: first.commit,
            tree,
        };
        let merged_at = (&*merged.base_path, tip, version);
        let (outcome, sides) = sides_of(project, merged_at, &tips)?;
        found.extend(taken_as_they_are(&outcome, &sides, version)?);
        found.extend(left_behind(&reader, &outcome, &sides, version)?);
    }
    Ok(found)
}

/// Why projects of a merge state no version that can be read, where that isn't as a parent has it: the version is stated twice, or
/// not at all beside documents, or it is none.
pub(crate) fn without_version(
    project: &Project,
    tree: ObjectId,
    parents: &[ObjectId],
) -> Result<Vec<LoadError>, LoadError> {
    let (reader, catalog) = (project.repository().reader(), project.catalog());
    let projects = |tree: ObjectId| -> Result<Vec<FoundProject>, LoadError> {
        Ok(match reader.folder(tree, project.folder())? {
            Some(folder) => projects_below(&reader, catalog, project.folder(), folder)?,
            None => Vec::new(),
        })
    };
    let mut before: BTreeMap<String, Vec<ObjectId>> = BTreeMap::new();
    for parent in parents {
        for found in projects(reader.tree_of(*parent)?)? {
            before.entry(found.base_path).or_default().push(found.tree);
        }
    }
    let mut wrong = Vec::new();
    for found in projects(tree)? {
        let known = before.remove(&found.base_path).unwrap_or_default();
        if let Err(error) = found.version
            && !known.contains(&found.tree)
        {
            wrong.push(LoadError::Marker(error));
        }
    }
    for base_path in before.into_keys() {
        let base = Base::find(&reader, Some(tree), base_path)?;
        if let Some(above) = above_server(project, &reader, &base)? {
            wrong.push(above.into());
            continue;
        }
        match Layout::read(&reader, catalog, &base.path, base.tree) {
            Err(error @ LoadError::DocumentsWithoutMarker { .. }) => wrong.push(error),
            read => read.map(drop)?,
        }
    }
    Ok(wrong)
}

/// The mixed shapes of one base path of a commit, at its version, without what lies where another version has it.
pub(crate) fn mixed_in(
    project: &Project,
    at: (&str, Tip, u32),
    parents: &[Tip],
) -> Result<Vec<MixedShape>, LoadError> {
    let (outcome, sides) = sides_of(project, at, parents)?;
    taken_as_they_are(&outcome, &sides, at.2)
}

/// A base path of a commit, and of its parents, all at one version.
fn sides_of(
    project: &Project,
    (base_path, merged, version): (&str, Tip, u32),
    parents: &[Tip],
) -> Result<(Loaded, Vec<(ObjectId, Loaded)>), LoadError> {
    let outcome = load_at_version(project, base_path, merged, version)?;
    let mut sides = Vec::new();
    for tip in parents {
        match load_at_version(project, base_path, *tip, version) {
            Ok(loaded) => sides.push((tip.commit, loaded)),
            // A parent without this project has nothing of it.
            Err(LoadError::NoProjectAt { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((outcome, sides))
}

fn taken_as_they_are(
    outcome: &Loaded,
    sides: &[(ObjectId, Loaded)],
    version: u32,
) -> Result<Vec<MixedShape>, LoadError> {
    let mut found = Vec::new();
    for name in outcome.names() {
        found.extend(mixed(outcome, sides, name, version)?);
    }
    Ok(found)
}

/// What lies where the version of a parent has it, and a step up to the merge's version has moved: no kind claims it there.
fn left_behind(
    reader: &Reader,
    outcome: &Loaded,
    sides: &[(ObjectId, Loaded)],
    version: u32,
) -> Result<Vec<MixedShape>, LoadError> {
    let unclaimed: BTreeSet<&str> = outcome.unclaimed().iter().map(String::as_str).collect();
    let mut found: BTreeMap<String, MixedShape> = BTreeMap::new();
    let Some(Tip { tree, .. }) = outcome.tip() else {
        return Ok(Vec::new());
    };
    let others = sides
        .iter()
        .filter(|(_, side)| side.version().number() != version);
    for (parent, side) in others {
        for (name, file) in side.files() {
            let document = side.document(name.as_str())?;
            let Some(before) = document.path_before.as_deref() else {
                continue;
            };
            let path = join(outcome.base_path(), before);
            let is_known = before == document.path || found.contains_key(&path);
            if is_known || !unclaimed.contains(before) {
                continue;
            }
            let moves_to = join(outcome.base_path(), &document.path);
            let lies_there = reader.entry(tree, &path)?.map(|entry| entry.id);
            let mended = if outcome.file(name).is_some() {
                Err(format!(
                    "{moves_to} is there as well: bring what it has into that one, and remove it"
                ))
            } else if lies_there != Some(file.id) {
                Err(format!(
                    "its text isn't that of {}: move it, and write it as that version has it",
                    short_id(parent)
                ))
            } else {
                match otherwise_there(side, name)? {
                    Some(mended) => mended,
                    // Only the path is another one.
                    None => Ok(side.before(document)?.unwrap_or_default()),
                }
            };
            let mixed = MixedShape {
                document: name.clone(),
                path: path.clone(),
                moves_to: Some(moves_to),
                version,
                written_at: side.version().number(),
                parent: *parent,
                mended,
                is_removed: false,
            };
            found.insert(path, mixed);
        }
    }
    Ok(found.into_values().collect())
}

/// A base path of a commit, brought to a version, up or down.
pub(crate) fn load_at_version(
    project: &Project,
    base_path: &str,
    tip: Tip,
    version: u32,
) -> Result<Loaded, LoadError> {
    let project = project.at(base_path);
    let session = Session::new(&project);
    let tree = Some(tip.tree);
    let base = session.git(|reader| Base::find(reader, tree, base_path.to_owned()))?;
    let options = LoadOptions {
        target: Some(version),
    };
    load_base(&project, &session, At::commit(Some(tip)), &base, options)
}

fn mixed(
    outcome: &Loaded,
    sides: &[(ObjectId, Loaded)],
    name: &DocumentName,
    version: u32,
) -> Result<Option<MixedShape>, LoadError> {
    let Some(file) = outcome.file(name) else {
        return Ok(None);
    };
    let has_it = |(_, side): &&(ObjectId, Loaded)| side.file(name) == Some(file);
    let from: Vec<_> = sides.iter().filter(has_it).collect();
    // A parent at this very version has it so.
    if from
        .iter()
        .any(|(_, side)| side.version().number() == version)
    {
        return Ok(None);
    }
    let Some((parent, side)) = from.first() else {
        return Ok(None);
    };
    let Some(mended) = otherwise_there(side, name)? else {
        return Ok(None);
    };
    let path = outcome.document(name.as_str())?.path.clone();
    let there = side.document(name.as_str())?;
    Ok(Some(MixedShape {
        is_removed: matches!(there.outcome, DocumentOutcome::Removed),
        document: name.clone(),
        path: join(outcome.base_path(), &path),
        moves_to: None,
        version,
        written_at: side.version().number(),
        parent: *parent,
        mended,
    }))
}

/// The text of a document at the version that it is loaded at, or why it has none; `None` where it has the same text there.
pub(crate) fn otherwise_there(
    side: &Loaded,
    name: &DocumentName,
) -> Result<Option<Result<Vec<u8>, String>>, LoadError> {
    let document = side.document(name.as_str())?;
    let mended = match side.content(document)? {
        Some(text) if document.set_aside.is_empty() => Ok(text),
        _ => Err(document
            .failure(side.base_path())
            .unwrap_or_else(|| format!("version {} has no place for it", side.plan().target))),
    };
    let is_same = mended.as_ref().ok() == side.before(document)?.as_ref();
    Ok((!is_same).then_some(mended))
}
