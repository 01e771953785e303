//! Documents that came out of a merge in the shape of another version than its marker states.

use std::fmt;

use crate::catalog::DocumentName;
use crate::engine::join;
use crate::git::{ObjectId, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::at::At;
use crate::project::read::base::Base;
use crate::project::read::layout::projects_below;
use crate::project::read::load::{LoadOptions, load_base};
use crate::project::read::loaded::Loaded;
use crate::project::read::session::Session;
use crate::text::short_id;

/// A document that a merge took as it is from a parent, and with it the shape of that parent's version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixedShape {
    /// The document.
    pub document: DocumentName,
    /// Its path in the repository.
    pub path: String,
    /// The version that the marker of the merge states.
    pub version: u32,
    /// The version of the parent that it came from.
    pub written_at: u32,
    /// That parent.
    pub parent: ObjectId,
    /// Its text at the version of the merge; or why it has none.
    pub mended: Result<Vec<u8>, String>,
}

impl fmt::Display for MixedShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MixedShape {
            path,
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
        found.extend(mixed_in(project, merged_at, &tips)?);
    }
    Ok(found)
}

/// The same for one base path of a commit, at its version.
pub(crate) fn mixed_in(
    project: &Project,
    (base_path, merged, version): (&str, Tip, u32),
    parents: &[Tip],
) -> Result<Vec<MixedShape>, LoadError> {
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
    let mut found = Vec::new();
    for name in outcome.names() {
        found.extend(mixed(&outcome, &sides, name, version)?);
    }
    Ok(found)
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
    Ok(Some(MixedShape {
        document: name.clone(),
        path: join(outcome.base_path(), &path),
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
