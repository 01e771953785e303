//! Values that a merge dropped or doubled.

use std::collections::BTreeSet;

use super::finding::ValueFault;
use super::walk::{Before, Change, State};
use crate::catalog::{DocumentName, Identity};
use crate::git::{EntryKind, ObjectId, Tip};
use crate::merge::{Deviation, Fault, Side, audit};
use crate::ocl::Document;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::loaded::Loaded;
use crate::project::read::marker;
use crate::project::read::merge_side::ConflictSide;
use crate::project::read::merge_sides::{have_same, lifted};
use crate::project::survey::mixed::load_at_version;
use crate::text::count;
use crate::values::{Element, Values, difference};

/// A document with what is wrong with a value of it.
pub(super) type Found = (DocumentName, ValueFault);

/// The four documents of a merge that was made, or what they are in: base, ours, theirs and the merge.
type Four<T> = [T; 4];

/// What a merge dropped or doubled, if it is one of two sides; the base is the commit that both come from.
pub(super) fn look(
    project: &Project,
    change: &Change,
    base: Before,
) -> Result<Vec<Found>, LoadError> {
    let [ours, theirs] = change.before[..] else {
        return Ok(Vec::new());
    };
    let is = |side: Before, other: Before| side.state == other.state;
    let is_result = |side: Before| side.state == change.state;
    if is(base, ours) && is_result(theirs)
        || is(base, theirs) && is_result(ours)
        || is(ours, theirs) && is_result(ours)
    {
        return Ok(Vec::new());
    }
    let versions = [base, ours, theirs].map(|it| it.state.version);
    let highest = versions.into_iter().fold(change.state.version, u32::max);
    let result = Tip {
        commit: change.commit,
        tree: change.tree,
    };
    let load = |tip: Tip| load_at_version(project, &change.base_path, tip, highest);
    let four = [
        load(base.tip())?,
        load(ours.tip())?,
        load(theirs.tip())?,
        load(result)?,
    ];
    let names: BTreeSet<&DocumentName> = four.iter().flat_map(Loaded::names).collect();
    let mut found = Vec::new();
    for name in names {
        look_at(project, &four, name, &mut found);
    }
    Ok(found)
}

fn look_at(project: &Project, four: &Four<Loaded>, name: &DocumentName, found: &mut Vec<Found>) {
    let [base, ours, theirs, result] = four;
    let same = |one, other| have_same(one, other, name);
    if same(base, ours) && same(theirs, result)
        || same(base, theirs) && same(ours, result)
        || same(ours, theirs) && same(ours, result)
    {
        return;
    }
    // What can't be read is told where its ref is looked at.
    let documents = four.each_ref().map(|loaded| lifted(loaded, name));
    let [Ok(base), Ok(ours), Ok(theirs), Ok(result)] = documents else {
        return;
    };
    let identity = project.catalog().identity(name.kind());
    let says_same = |one: &Document, other: &Document| {
        difference(Values::of(one, identity), Values::of(other, identity)).is_empty()
    };
    let whole = |fault| {
        let side = |document: &Option<Document>| document.as_ref().map(whole_document);
        let fault = ValueFault {
            fault,
            selector: Default::default(),
            base: side(&base),
            ours: side(&ours),
            theirs: side(&theirs),
            result: side(&result),
        };
        (name.clone(), fault)
    };
    // Which side had a say in whether the document is there, and whether the merge has it.
    match (&base, &ours, &theirs, &result) {
        (_, None, None, _) => {}
        (None, Some(_), _, None) => found.push(whole(Fault::Dropped(Side::Ours))),
        (None, None, Some(_), None) => found.push(whole(Fault::Dropped(Side::Theirs))),
        (Some(_), Some(_), Some(_), None) => found.push(whole(Fault::Lost)),
        // Where the side that still has it changed it, somebody had to decide.
        (Some(base), Some(ours), None, Some(_)) if says_same(base, ours) => {
            found.push(whole(Fault::Dropped(Side::Theirs)));
        }
        (Some(base), None, Some(theirs), Some(_)) if says_same(base, theirs) => {
            found.push(whole(Fault::Dropped(Side::Ours)));
        }
        (Some(_), _, None, _) | (Some(_), None, _, _) => {}
        (_, _, _, Some(result)) => {
            let empty = Document::parse("", result.dialect());
            let empty = empty.expect("an empty text is a document");
            let or_empty = |document: &Option<Document>| document.clone().unwrap_or(empty.clone());
            let [base, ours, theirs] = [&base, &ours, &theirs].map(or_empty);
            let four = [&base, &ours, &theirs, result];
            let [base, ours, theirs, result] = four.map(|document| Values::of(document, identity));
            let deviations = audit(base, ours, theirs, result).unwrap_or_default();
            found.extend(deviations.iter().map(|it| (name.clone(), fault_of(it))));
        }
    }
}

fn fault_of(deviation: &Deviation<'_>) -> ValueFault {
    let side = |element: &Option<Element<'_>>| element.as_ref().map(told);
    let element = deviation.elements().next();
    ValueFault {
        fault: deviation.fault,
        selector: element.map(Element::selector).unwrap_or_default(),
        base: side(&deviation.base),
        ours: side(&deviation.ours),
        theirs: side(&deviation.theirs),
        result: side(&deviation.result),
    }
}

fn told(element: &Element<'_>) -> ConflictSide {
    ConflictSide {
        text: match element.value() {
            Some(value) => value.to_string(),
            None => count(element.leaves().count(), "value"),
        },
        json: element.content().to_json(),
    }
}

fn whole_document(document: &Document) -> ConflictSide {
    let leaves = Values::of(document, &Identity::none()).leaves().count();
    ConflictSide {
        text: count(leaves, "value"),
        json: document.root().to_json(),
    }
}

/// A project at a commit; `None` where the commit doesn't have it.
pub(super) fn project_at(
    project: &Project,
    commit: ObjectId,
    base_path: &str,
) -> Result<Option<Before>, LoadError> {
    project.read_with(|reader| {
        let tree = reader.tree_of(commit)?;
        let entry = reader.entry(tree, base_path)?;
        let Some(folder) = entry.filter(|entry| entry.kind == EntryKind::Tree) else {
            return Ok(None);
        };
        let marker = marker::find(reader, project.catalog(), base_path, folder.id)?;
        let version = marker.ok().flatten().map(|marker| marker.version);
        Ok(version.map(|version| Before {
            commit,
            tree,
            state: State {
                folder: folder.id,
                version,
            },
        }))
    })
}
