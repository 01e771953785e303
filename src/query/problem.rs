//! What of refs and documents couldn't be read.

use std::collections::BTreeMap;

use indexmap::IndexSet;

/// What a query couldn't read, and in which refs. Their rows are missing, but for that in a table with a column `error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryProblem {
    /// The refs, as `refs.name` has them, in the order in which they were read.
    pub refs: Vec<String>,
    /// The document, if it is about one.
    pub document: Option<String>,
    /// Why. It names the file; if the text is wrong, it shows the line.
    pub message: String,
}

/// Problems, each once, with the refs that have it.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: BTreeMap<(String, Option<String>), IndexSet<String>>,
}

impl Problems {
    pub(super) fn add(&mut self, reference: &str, document: Option<&str>, message: &str) {
        let key = (message.to_owned(), document.map(str::to_owned));
        let refs = self.found.entry(key).or_default();
        if !refs.contains(reference) {
            refs.insert(reference.to_owned());
        }
    }

    pub(super) fn take(&mut self) -> Vec<QueryProblem> {
        let found = std::mem::take(&mut self.found).into_iter();
        let problems = found.map(|((message, document), refs)| QueryProblem {
            refs: refs.into_iter().collect(),
            document,
            message,
        });
        problems.collect()
    }
}
