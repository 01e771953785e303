//! The refs that a command line names, and how they are called in its answer.

use crate::compare::ComparedRef;
use crate::git::RefPattern;
use crate::project::Project;

use super::failure::short_name;
use super::global::{Environment, Global};

/// A word that names one ref.
pub(super) enum NamedRef<'w> {
    /// An environment, where Git knows nothing by that name.
    Environment(&'w Environment),
    /// What Git is asked for.
    Revision(&'w str),
}

/// Tells apart, among branches, tags, commits, environments and patterns of refs, those that name one ref, in their order, and
/// the patterns.
pub(super) fn named_refs<'w>(
    global: &'w Global,
    project: &Project,
    words: &'w [String],
) -> (Vec<NamedRef<'w>>, Vec<RefPattern>) {
    let (patterns, names): (Vec<&String>, Vec<&String>) =
        words.iter().partition(|word| RefPattern::is_pattern(word));
    let named = names
        .into_iter()
        .map(|word| match global.environment_for(project, word) {
            Some(environment) => NamedRef::Environment(environment),
            None => NamedRef::Revision(word),
        });
    let patterns = patterns.into_iter().map(RefPattern::new);
    (named.collect(), patterns.collect())
}

/// An environment's name, or that of a branch or tag in short.
pub(super) fn name_of(reference: &ComparedRef) -> String {
    shown_name(reference).to_owned()
}

/// The same, as a part of what it names.
pub(super) fn shown_name(reference: &ComparedRef) -> &str {
    let environment = reference.environment.as_deref();
    environment.unwrap_or_else(|| short_name(&reference.name))
}
