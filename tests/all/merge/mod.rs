mod laws;
mod lifted;
mod lines;
mod marked;
mod models;
mod random;
mod real;
mod table;
mod writing;

use ocl_migrate::catalog::{Catalog, Identity};
use ocl_migrate::merge::{Conflict, MergeError, Merged, merge};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::{Element, Values, difference};

fn parse(text: &str) -> Document {
    Document::parse(text, Dialect::Current).unwrap_or_else(|error| panic!("{}", error.render(text)))
}

/// How a merge comes out: the text, or the conflicts.
fn outcome(identity: &Identity, [base, ours, theirs]: [&str; 3]) -> Result<String, Vec<String>> {
    let documents = [base, ours, theirs].map(parse);
    let merged = merged(identity, &documents).unwrap_or_else(|error| panic!("{error}"));
    if merged.conflicts().is_empty() {
        return Ok(merged.document().text().to_owned());
    }
    Err(merged.conflicts().iter().map(ToString::to_string).collect())
}

fn merged<'a>(
    identity: &'a Identity,
    documents: &'a [Document; 3],
) -> Result<Merged<'a>, MergeError> {
    let [base, ours, theirs] = documents
        .each_ref()
        .map(|document| Values::of(document, identity));
    merge(base, ours, theirs)
}

fn identity(kind: &str) -> Identity {
    Catalog::builtin().identity(kind).clone()
}

/// Whether two documents say the same, in the same order where that matters.
fn says_the_same(identity: &Identity, a: &Document, b: &Document) -> bool {
    difference(Values::of(a, identity), Values::of(b, identity)).is_empty()
}

/// A conflict, as it is if ours and theirs change places.
fn swapped(conflict: &Conflict<'_>) -> [String; 4] {
    let [kind, base, ours, theirs] = described(conflict);
    [kind, base, theirs, ours]
}

fn described(conflict: &Conflict<'_>) -> [String; 4] {
    let shown = |element: &Option<Element<'_>>| format!("{element:?}");
    [
        conflict.kind.name().to_owned(),
        shown(&conflict.base),
        shown(&conflict.ours),
        shown(&conflict.theirs),
    ]
}
