//! Where the values of a migrated document were in it before.

use std::cell::RefCell;

use super::context::Context;
use super::document::Input;
use super::run::{Extent, run};
use crate::catalog::{Catalog, Lookup, ReadDocument};
use crate::ocl::{Document, Editor, Origins};
use crate::plan::Direction;

/// Runs or undoes the steps once more, and follows every node. `None` where they fail, or don't give this text.
pub(crate) fn origins(
    catalog: &Catalog,
    (direction, steps): (Direction, &[usize]),
    (input, before): (Input<'_>, &Document),
    text: &str,
    context: &dyn Context,
) -> Option<Origins> {
    let following = Following {
        inner: context,
        seen: RefCell::new((Vec::new(), Origins::unedited(before.count()))),
    };
    let ran = run(catalog, direction, (steps, Extent::All), input, &following);
    (ran.ok()?.text.as_deref() == Some(text)).then(|| following.seen.into_inner().1)
}

struct Following<'c> {
    inner: &'c dyn Context,
    /// The steps that have run, and what came of the nodes.
    seen: RefCell<(Vec<usize>, Origins)>,
}

impl Context for Following<'_> {
    fn lookup(&self) -> &dyn Lookup {
        self.inner.lookup()
    }

    fn documents(&self, kind: &str, before_step: usize) -> Result<Vec<ReadDocument>, String> {
        self.inner.documents(kind, before_step)
    }

    fn edited(&self, step: usize, editor: &Editor) {
        let (steps, origins) = &mut *self.seen.borrow_mut();
        // A step that is undone runs again, to find what is set aside.
        if !steps.contains(&step) {
            steps.push(step);
            origins.follow(editor);
        }
    }
}
