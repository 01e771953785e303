//! Merges that were made, looked at afterwards: did they mix shapes, or drop or double values? Reads only.
//!
//! A merge is compared with what the sides made of each value, wherever each has the project. A squash, a pick, a rebase or a revert
//! leaves one parent, so only shapes can be told there: by the commit that first wrote a text, as its history and the text tell it,
//! else by what the text looks like.

mod ancestry;
pub(crate) mod finding;
mod places;
mod shapes;
mod sides;
mod values;
mod walk;

use std::collections::{HashMap, HashSet};

use crate::catalog::DocumentName;
use crate::engine::join;
use crate::git::{ObjectId, RefScope, Resolved, Tip};
use crate::merge::{Fault, Side};
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::survey::progress::SurveyProgress;
use crate::text::first_line;
use finding::{MergeFault, MergeFinding, NotAudited, ProjectFault};
use places::project_at;
use shapes::Shapes;
use sides::Looked;
use walk::{Before, Change, Walk};

/// What came of looking at merges.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuditedMerges {
    /// The number of commits that changed a project and aren't merges.
    pub commits: usize,
    /// The number of merges that did.
    pub merges: usize,
    /// What is wrong, by commits, the newest first.
    pub findings: Vec<MergeFinding>,
    /// What couldn't be looked at.
    pub not_audited: Vec<NotAudited>,
    /// How many commits lack something in a shallow or partial clone.
    pub left_out: usize,
}

impl Before {
    fn tip(&self) -> Tip {
        Tip {
            commit: self.commit,
            tree: self.tree,
        }
    }
}

pub(crate) fn audit_merges(
    project: &Project,
    revisions: &[String],
    progress: &mut dyn FnMut(SurveyProgress),
) -> Result<AuditedMerges, LoadError> {
    let asked = asked(project, revisions)?;
    let (walk, wanted) = project.read_with(|reader| -> Result<_, LoadError> {
        // A text that was picked may be known on a ref that nobody asked about.
        let mut tips: Vec<ObjectId> = asked.iter().map(|(_, tip)| tip.commit).collect();
        let wanted = reader.whole_history(tips.iter().copied())?;
        let wanted: HashSet<ObjectId> = wanted.iter().map(|past| past.commit).collect();
        reader.for_each_tip(RefScope::All, |_, tip| {
            tips.extend(tip.ok().map(|tip| tip.commit));
            Ok::<(), LoadError>(())
        })?;
        Ok((Walk::of(project, reader, &tips)?, wanted))
    })?;
    let mut audited = AuditedMerges {
        left_out: walk.left_out,
        ..AuditedMerges::default()
    };
    let mut shapes = Shapes::new(project, &walk);
    let (of, mut last) = (walk.changes.len(), None);
    for (done, change) in walk.changes.iter().enumerate() {
        progress(SurveyProgress::Trees { done: done + 1, of });
        if !wanted.contains(&change.commit) {
            continue;
        }
        // The changes of one commit follow each other.
        if last.replace(change.commit) != Some(change.commit) {
            match change.parents.len() {
                0 | 1 => audited.commits += 1,
                _ => audited.merges += 1,
            }
        }
        let mut found = Vec::new();
        match shapes.look(change) {
            Ok(of_shapes) => found.extend(of_shapes),
            Err(error) => audited.not_audited.push(not_audited(change, &error)),
        }
        let mut looked = Looked::default();
        match look_at_values(project, change, &mut found) {
            Ok(of_values) => looked = of_values,
            Err(reason) => audited.not_audited.push(not_audited(change, &reason)),
        }
        // A side may have moved the project to where none is looked for: what is wrong is told where the merge has it.
        let base_path = match &looked.result {
            Some(result) if change.state.is_none() => &result.base_path,
            _ => &change.base_path,
        };
        if found.is_empty() {
            continue;
        }
        let descendants = walk.ancestry.descendants(change.commit);
        let tips = asked.iter();
        let tips = tips.filter(|(_, tip)| descendants.contains(&tip.commit));
        let tips: Vec<&(String, Tip)> = tips.collect();
        for (document, path, fault) in found {
            let still_on = still_on(project, &tips, (change, base_path), &path, &fault)?;
            let details = project.read_with(|reader| reader.commit(change.commit))?;
            audited.findings.push(MergeFinding {
                commit: change.commit,
                parents: change.parents.clone(),
                subject: first_line(&details.message).to_owned(),
                seconds: change.time,
                path: joined(base_path, &path),
                base_path: base_path.clone(),
                document,
                fault,
                still_at: still_on.as_ref().and_then(|(_, version)| *version),
                still_on: still_on.map(|(name, _)| name),
                parent_base_paths: looked.parent_base_paths.clone(),
            });
        }
    }
    let mut counted: HashSet<ObjectId> = walk.changes.iter().map(|it| it.commit).collect();
    for not_read in walk.not_read {
        if wanted.contains(&not_read.commit) {
            audited.merges += usize::from(counted.insert(not_read.commit));
            audited.not_audited.push(not_read);
        }
    }
    Ok(audited)
}

/// The refs that are asked about, with what they lead to.
fn asked(project: &Project, revisions: &[String]) -> Result<Vec<(String, Tip)>, LoadError> {
    let mut asked = Vec::new();
    project.read_with(|reader| {
        if revisions.is_empty() {
            return reader.for_each_tip(RefScope::Branches, |name, tip| {
                // A branch that leads to no commit is a finding of its own elsewhere.
                asked.extend(tip.ok().map(|tip| (name.to_owned(), tip)));
                Ok::<(), LoadError>(())
            });
        }
        for revision in revisions {
            let Resolved {
                commit,
                tree,
                ref_name,
                ..
            } = reader.resolve(revision)?;
            let name = ref_name.unwrap_or_else(|| revision.clone());
            asked.push((name, Tip { commit, tree }));
        }
        Ok(())
    })?;
    Ok(asked)
}

/// Compares a merge with what its sides made of each value. Says where they and the merge have the project, where something is wrong.
fn look_at_values(
    project: &Project,
    change: &Change,
    found: &mut Vec<shapes::Found>,
) -> Result<Looked, String> {
    if change.parents.len() < 2 {
        return Ok(Looked::default());
    }
    let mut looked = sides::look(project, change).map_err(|error| error.to_string())??;
    let values = std::mem::take(&mut looked.found);
    let result = looked.result.as_ref().map(|result| result.state.version);
    let version = result.unwrap_or(change.version());
    let path = |name: &DocumentName| {
        let catalog = project.catalog();
        let mut kinds = catalog.kinds().iter();
        let kind = kinds.find(|kind| kind.name == name.kind());
        let pattern = kind.map(|kind| catalog.path_at(kind, version));
        let path = pattern.and_then(|pattern| pattern.path_of(name.slug()).ok());
        path.unwrap_or_else(|| name.to_string())
    };
    if let Some((_, first)) = values.first()
        && result.is_none()
    {
        let mut faults = values.iter().map(|(_, value)| value);
        let lost = faults.find(|value| value.fault == Fault::Lost);
        let told = lost.unwrap_or(first);
        let fault = ProjectFault {
            fault: told.fault,
            parent: told.parent,
            documents: values.iter().map(|(name, _)| name.clone()).collect(),
        };
        found.push((None, String::new(), MergeFault::Project(Box::new(fault))));
        return Ok(looked);
    }
    // What a document in another shape lacks follows from that, but for what the side changed that it didn't come from.
    let mixed: HashMap<_, _> = found
        .iter()
        .filter_map(|(name, _, fault)| Some((name.clone()?, origin_of(fault))))
        .collect();
    let is_told = |name: &DocumentName, fault: Fault| match (mixed.get(name), &*change.parents) {
        (None, _) => true,
        (Some(Some(origin)), [ours, theirs]) => match fault {
            Fault::Dropped(Side::Ours) => origin == theirs,
            Fault::Dropped(Side::Theirs) => origin == ours,
            _ => false,
        },
        (Some(_), _) => false,
    };
    let values = values.into_iter();
    let values = values.filter(|(name, value)| is_told(name, value.fault));
    found.extend(values.map(|(name, fault)| {
        let path = path(&name);
        (Some(name), path, MergeFault::Value(Box::new(fault)))
    }));
    Ok(looked)
}

/// The commit that a document came from as it is.
fn origin_of(fault: &MergeFault) -> Option<ObjectId> {
    match fault {
        MergeFault::MixedShape { origin, .. } => Some(*origin),
        _ => None,
    }
}

/// The base path itself where the path below is empty.
fn joined(base_path: &str, path: &str) -> String {
    match path {
        "" => base_path.to_owned(),
        path => join(base_path, path),
    }
}

fn not_audited(change: &Change, reason: &impl ToString) -> NotAudited {
    NotAudited {
        commit: change.commit,
        base_path: change.base_path.clone(),
        reason: reason.to_string(),
    }
}

/// The first of some refs that has a document as a commit left it, and the version of the project there, if it has it.
fn still_on(
    project: &Project,
    tips: &[&(String, Tip)],
    (change, base_path): (&Change, &str),
    path: &str,
    fault: &MergeFault,
) -> Result<Option<(String, Option<u32>)>, LoadError> {
    project.read_with(|reader| {
        let below = |tree: ObjectId| -> Result<_, LoadError> {
            let path = joined(base_path, path);
            Ok(reader.entry(tree, &path)?.map(|entry| entry.id))
        };
        let left = below(change.tree)?;
        for (name, tip) in tips {
            if below(tip.tree)? != left {
                continue;
            }
            let now = match project_at(project, tip.commit, base_path) {
                // That is told where the ref is read.
                Err(
                    LoadError::Marker(_)
                    | LoadError::DocumentsWithoutMarker { .. }
                    | LoadError::Plan(_),
                ) => continue,
                now => now?,
            };
            let is_right = match (&now, fault) {
                // Somebody removed the project since.
                (None, _) => !matches!(fault, MergeFault::Project(_)),
                // A marker that went back to where the text came from is right again.
                (Some(now), MergeFault::MixedShape { written_at, .. }) => {
                    now.state.version == *written_at
                }
                _ => false,
            };
            if !is_right {
                let version = now.map(|now| now.state.version);
                return Ok(Some((name.clone(), version)));
            }
        }
        Ok(None)
    })
}
