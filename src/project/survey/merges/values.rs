//! Values that a merge dropped or doubled.

use std::collections::BTreeSet;

use super::finding::ValueFault;
use super::walk::{Before, Change, State};
use crate::catalog::{DocumentName, Identity};
use crate::git::{EntryKind, ObjectId};
use crate::merge::{Deviation, Fault, Side, audit};
use crate::ocl::Document;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::layout::Layout;
use crate::project::read::loaded::Loaded;
use crate::project::read::marker;
use crate::project::read::merge_side::ConflictSide;
use crate::project::read::merge_sides::{have_same, lifted};
use crate::project::survey::mixed::load_at_version;
use crate::text::count;
use crate::values::{Element, Values, difference};

/// A document with what is wrong with a value of it.
pub(super) type Found = (DocumentName, ValueFault);

/// The project in what both sides come from, in ours and in theirs; `None` where it isn't there.
pub(super) type Sides = [Option<Before>; 3];

/// The four documents of a merge that was made, or what they are in: base, ours, theirs and the merge.
type Four<T> = [T; 4];

/// What a merge dropped or doubled, if it is one of two sides; the base is the commit that both come from.
pub(super) fn look(
    project: &Project,
    change: &Change,
    sides: Sides,
) -> Result<Vec<Found>, LoadError> {
    let result = change.state.map(|state| Before {
        commit: change.commit,
        tree: change.tree,
        state,
    });
    let [base, ours, theirs] = sides;
    let is = |one: Option<Before>, other: Option<Before>| state(one) == state(other);
    if is(base, ours) && is(theirs, result)
        || is(base, theirs) && is(ours, result)
        || is(ours, theirs) && is(ours, result)
    {
        return Ok(Vec::new());
    }
    let four = [base, ours, theirs, result];
    let versions = four.iter().flatten().map(|it| it.state.version);
    let highest = versions.max().unwrap_or_default();
    let load = |side: Option<Before>| {
        let loaded =
            side.map(|side| load_at_version(project, &change.base_path, side.tip(), highest));
        loaded.transpose()
    };
    let four = [load(base)?, load(ours)?, load(theirs)?, load(result)?];
    let loaded = four.iter().flatten();
    let names: BTreeSet<&DocumentName> = loaded.flat_map(Loaded::names).collect();
    let mut found = Vec::new();
    for name in names {
        look_at(project, &four, name, &mut found);
    }
    Ok(found)
}

fn look_at(
    project: &Project,
    four: &Four<Option<Loaded>>,
    name: &DocumentName,
    found: &mut Vec<Found>,
) {
    let [base, ours, theirs, result] = four;
    let is_in = |loaded: &Loaded| loaded.document(name.as_str()).is_ok();
    let same = |one: &Option<Loaded>, other: &Option<Loaded>| match (one, other) {
        (Some(one), Some(other)) => have_same(one, other, name),
        (Some(one), None) | (None, Some(one)) => !is_in(one),
        (None, None) => true,
    };
    if same(base, ours) && same(theirs, result)
        || same(base, theirs) && same(ours, result)
        || same(ours, theirs) && same(ours, result)
    {
        return;
    }
    // What can't be read is told where its ref is looked at.
    let documents = four.each_ref().map(|loaded| match loaded {
        Some(loaded) => lifted(loaded, name),
        None => Ok(None),
    });
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

pub(super) fn state(side: Option<Before>) -> Option<State> {
    side.map(|side| side.state)
}

/// A project at a commit; `None` where the commit doesn't have it.
///
/// # Errors
/// Where its version can't be told as well.
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
        let catalog = project.catalog();
        let Some(marker) = marker::find(reader, catalog, base_path, folder.id)?? else {
            // Documents without a marker are an error.
            Layout::read(reader, catalog, base_path, Some(folder.id))?;
            return Ok(None);
        };
        Ok(Some(Before {
            commit,
            tree,
            state: State {
                folder: folder.id,
                version: marker.version,
            },
        }))
    })
}

/// Where a side that has a project at a new base path had another before, which it has no more.
pub(super) fn moved_from(
    project: &Project,
    base: ObjectId,
    side: Before,
) -> Result<Vec<String>, LoadError> {
    project.read_with(|reader| {
        let base = reader.tree_of(base)?;
        let differences = reader.differences(Some(base), Some(side.tree))?;
        let removed = differences.iter().filter(|it| it.to.is_none());
        let paths = removed.filter_map(|it| it.path.as_str());
        let bases = paths.filter_map(|path| {
            let mut markers = project.catalog().marker_paths();
            markers.find_map(|marker| {
                let base_path = path.strip_suffix(marker)?;
                let is_whole = base_path.is_empty() || base_path.ends_with('/');
                is_whole.then(|| base_path.trim_end_matches('/').to_owned())
            })
        });
        Ok(bases.collect())
    })
}
