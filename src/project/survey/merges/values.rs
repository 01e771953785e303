//! Values that a merge dropped or doubled.

use std::collections::BTreeSet;

use super::finding::ValueFault;
use super::walk::{Before, State};
use crate::catalog::selector::Selector;
use crate::catalog::{DocumentName, Identity};
use crate::merge::{Conflict, Deviation, Fault, Side, audit, merge, order_of};
use crate::ocl::Document;
use crate::project::error::LoadError;
use crate::project::open::Project;
use crate::project::read::befores::Befores;
use crate::project::read::loaded::Loaded;
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

/// What a merge of two sides dropped or doubled; the base is the commit that both come from.
pub(super) fn look(
    project: &Project,
    sides: &Sides,
    result: &Option<Before>,
) -> Result<Vec<Found>, LoadError> {
    let [base, ours, theirs] = sides;
    let is =
        |one: &Option<Before>, other: &Option<Before>| state(one.as_ref()) == state(other.as_ref());
    if is(base, ours) && is(theirs, result)
        || is(base, theirs) && is(ours, result)
        || is(ours, theirs) && is(ours, result)
    {
        return Ok(Vec::new());
    }
    let four = [base, ours, theirs, result];
    let versions = four.into_iter().flatten().map(|it| it.state.version);
    let highest = versions.max().unwrap_or_default();
    let load = |side: &Option<Before>| load(project, side.as_ref(), highest);
    let four = [load(base)?, load(ours)?, load(theirs)?, load(result)?];
    let loaded = four.iter().flatten();
    let names: BTreeSet<&DocumentName> = loaded.flat_map(Loaded::names).collect();
    let mut found = Vec::new();
    for name in names {
        look_at(project, &four, name, &mut found);
    }
    Ok(found)
}

/// A further side of a merge, with what it and those before it come from.
pub(super) struct Further {
    pub(super) base: Option<Before>,
    pub(super) side: Option<Before>,
}

/// What a merge of more than two sides dropped or doubled: the sides are merged one after the other, as by Git. What is in conflict
/// between some of them may be settled in any way.
pub(super) fn look_at_many(
    project: &Project,
    first: Option<&Before>,
    further: &[Further],
    result: Option<&Before>,
) -> Result<Vec<Found>, LoadError> {
    let sides = further
        .iter()
        .flat_map(|it| [it.base.as_ref(), it.side.as_ref()]);
    let all: Vec<Option<&Before>> = sides.chain([first, result]).collect();
    let highest = all.iter().flatten().map(|it| it.state.version).max();
    let highest = highest.unwrap_or_default();
    let loaded = all.into_iter().map(|side| load(project, side, highest));
    let mut loaded: Vec<Option<Loaded>> = loaded.collect::<Result<_, _>>()?;
    let (result, first) = (loaded.pop().flatten(), loaded.pop().flatten());
    let names = loaded.iter().chain([&first, &result]).flatten();
    let names: BTreeSet<&DocumentName> = names.flat_map(Loaded::names).collect();
    let mut found = Vec::new();
    for name in names {
        let read = |loaded: &Option<Loaded>| read(loaded.as_ref(), name);
        let pairs = loaded.iter().map(read).collect::<Result<Vec<_>, _>>();
        // What can't be read is told where its ref is looked at.
        let (Ok(pairs), Ok(first), Ok(result)) = (pairs, read(&first), read(&result)) else {
            continue;
        };
        found.extend(many_of(project, name, first, &pairs, result));
    }
    Ok(found)
}

/// The same of one document; bases and sides alternate.
fn many_of(
    project: &Project,
    name: &DocumentName,
    first: Option<Document>,
    pairs: &[Option<Document>],
    result: Option<Document>,
) -> Vec<Found> {
    let identity = project.catalog().identity(name.kind());
    let sides = || std::iter::once(&first).chain(pairs.iter().skip(1).step_by(2));
    let [before @ .., base, last] = pairs else {
        return Vec::new();
    };
    let (mut merged, mut open) = (first.clone(), Vec::new());
    for pair in before.chunks_exact(2) {
        let [base, side] = pair else { continue };
        merged = match (base, merged, side) {
            (base, Some(ours), Some(theirs)) => {
                let empty = Document::parse("", ours.dialect());
                let empty = empty.expect("an empty text is a document");
                let base = base.as_ref().unwrap_or(&empty);
                let Ok(both) = merge(
                    Values::of(base, identity),
                    Values::of(&ours, identity),
                    Values::of(theirs, identity),
                ) else {
                    return Vec::new();
                };
                open.extend(both.conflicts().iter().map(Conflict::selector));
                Some(both.document().clone())
            }
            (None, ours, theirs) => ours.or_else(|| theirs.clone()),
            (Some(base), ours, theirs) => {
                let kept = ours.as_ref().or(theirs.as_ref());
                if kept.is_some_and(|kept| {
                    !difference(Values::of(base, identity), Values::of(kept, identity)).is_empty()
                }) {
                    // One changed it and another one removed it: somebody had to decide.
                    return Vec::new();
                }
                None
            }
        };
    }
    let four = [base.clone(), merged, last.clone(), result];
    let mut found = Vec::new();
    faults(identity, four, &Befores::default(), name, &mut found);
    found.retain(|(_, fault)| {
        let at = fault.selector.segments();
        let is_open = |open: &Selector| {
            let open = open.segments();
            at.starts_with(open) || !at.is_empty() && open.starts_with(at)
        };
        !open.iter().any(is_open)
    });
    for (_, fault) in &mut found {
        let wanted = fault.ours.as_ref();
        let has = |side: &Option<Document>| {
            let Some(side) = side else { return false };
            if let Fault::Order(_) = fault.fault {
                let element = Values::of(side, identity).find(&fault.selector).ok();
                return element.map(|it| order_of(&it)) == wanted.map(|side| side.text.clone());
            }
            let json = if fault.selector.is_empty() {
                Some(side.root().to_json())
            } else {
                let element = Values::of(side, identity).find(&fault.selector).ok();
                element.map(|element| element.content().to_json())
            };
            json.as_ref() == wanted.map(|side| &side.json)
        };
        fault.parent = match fault.fault {
            Fault::Dropped(Side::Theirs) | Fault::Order(Side::Theirs) => sides().count() - 1,
            _ => sides().position(has).unwrap_or(0),
        };
    }
    found
}

fn load(
    project: &Project,
    side: Option<&Before>,
    version: u32,
) -> Result<Option<Loaded>, LoadError> {
    let loaded = side.map(|side| load_at_version(project, &side.base_path, side.tip(), version));
    loaded.transpose()
}

/// A document of a side; `None` where the side lacks it, or the whole project.
fn read(loaded: Option<&Loaded>, name: &DocumentName) -> Result<Option<Document>, String> {
    let document = loaded.map_or(Ok(None), |loaded| lifted(loaded, name));
    document.map_err(|failure| failure.message)
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
    let documents = four.each_ref().map(|loaded| read(loaded.as_ref(), name));
    let [Ok(base), Ok(ours), Ok(theirs), Ok(result)] = documents else {
        return;
    };
    let identity = project.catalog().identity(name.kind());
    let [of_base, of_ours, of_theirs, _] = four.each_ref().map(Option::as_ref);
    let befores = Befores::of_loaded([of_base, of_ours, of_theirs], name);
    faults(
        identity,
        [base, ours, theirs, result],
        &befores,
        name,
        found,
    );
}

/// What is wrong with the last of four documents.
fn faults(
    identity: &Identity,
    [base, ours, theirs, result]: Four<Option<Document>>,
    befores: &Befores,
    name: &DocumentName,
    found: &mut Vec<Found>,
) {
    let says_same = |one: &Document, other: &Document| {
        difference(Values::of(one, identity), Values::of(other, identity)).is_empty()
    };
    let whole = |fault| {
        let side = |document: &Option<Document>| document.as_ref().map(whole_document);
        let fault = ValueFault {
            parent: parent_of(fault),
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
            let [base, ours, theirs] = befores.values([&base, &ours, &theirs], identity);
            let result = Values::of(result, identity);
            let deviations = audit(base, ours, theirs, result).unwrap_or_default();
            found.extend(deviations.iter().map(|it| (name.clone(), fault_of(it))));
        }
    }
}

fn fault_of(deviation: &Deviation<'_>) -> ValueFault {
    let is_order = matches!(deviation.fault, Fault::Order(_));
    let side = |element: &Option<Element<'_>>| {
        let told = |element| ConflictSide {
            text: order_of(element),
            ..told(element)
        };
        element
            .as_ref()
            .map(|it| if is_order { told(it) } else { self::told(it) })
    };
    let element = deviation.elements().next();
    ValueFault {
        fault: deviation.fault,
        parent: parent_of(deviation.fault),
        selector: element.map(Element::selector).unwrap_or_default(),
        base: side(&deviation.base),
        ours: side(&deviation.ours),
        theirs: side(&deviation.theirs),
        result: side(&deviation.result),
    }
}

/// Which of two parents has what the merge should have.
fn parent_of(fault: Fault) -> usize {
    match fault {
        Fault::Dropped(Side::Theirs) | Fault::Order(Side::Theirs) => 1,
        _ => 0,
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

pub(super) fn state(side: Option<&Before>) -> Option<State> {
    side.map(|side| side.state)
}
