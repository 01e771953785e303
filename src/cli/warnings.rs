//! What a reader of refs and documents should know, though they can be read: every command that reads tells the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::compare::ComparedRef;
use crate::git::ObjectId;
use crate::project::{DocumentWarning, Loaded, MigratedDocument};
use crate::text::{count, folder, short_id, some_of, visible_line};

use super::failure::quoted;
use super::named_refs::name_of;
use super::output::Output;

/// Of many refs, at most this many things are told, unless all are asked for.
const MOST: usize = 10;

/// How many refs are named.
pub(super) const NAMED: usize = 5;

/// Tells each thing once.
pub(super) struct Warnings<'o> {
    told: BTreeSet<String>,
    output: &'o mut Output,
}

impl Warnings<'_> {
    pub(super) fn new(output: &mut Output) -> Warnings<'_> {
        Warnings {
            told: BTreeSet::new(),
            output,
        }
    }

    pub(super) fn tell(&mut self, message: String) {
        if !self.told.contains(&message) {
            self.output.warning(&message);
            self.told.insert(message);
        }
    }

    /// What is told of a ref, without its documents, with what helps.
    pub(super) fn of_ref(&mut self, loaded: &Loaded) {
        self.of_load(loaded);
        hint_elsewhere(loaded, self.output);
    }

    fn of_load(&mut self, loaded: &Loaded) {
        for other in loaded.also_named() {
            let taken = loaded.ref_name().unwrap_or_default();
            self.tell(format!("the name also fits {other}; {taken} was taken"));
        }
        for warning in loaded.warnings() {
            self.tell(warning.to_string());
        }
    }

    /// What is told of a document in older commits, unless the ref's own has told it: each with a commit.
    pub(super) fn of_older(&mut self, name: &str, told: &BTreeMap<String, ObjectId>) {
        let name = visible_line(name);
        let told = told
            .iter()
            .map(|(text, commit)| (format!("{name}: {text}"), commit));
        let older: Vec<_> = told
            .filter(|(message, _)| !self.told.contains(message))
            .collect();
        let older = older.iter();
        let older = older.map(|(message, commit)| format!("in {}: {message}", short_id(commit)));
        tell_some(older, " in older commits", self.output);
    }

    /// What is told of a document's values.
    pub(super) fn of_document(&mut self, loaded: &Loaded, document: &MigratedDocument) {
        let name = visible_line(document.name.as_str());
        for text in loaded.told_of(document).iter() {
            self.tell(format!("{name}: {text}"));
        }
    }

    /// What is told of the document of this name, if the ref has it.
    pub(super) fn of_named(&mut self, loaded: &Loaded, name: &str) {
        if let Ok(document) = loaded.document(name) {
            self.of_document(loaded, document);
        }
    }
}

/// How to read the project that lies elsewhere, where nobody chose a base path.
fn hint_elsewhere(loaded: &Loaded, output: &mut Output) {
    if loaded.project().base_path().is_none()
        && let Some(base_path) = loaded.projects_elsewhere().first()
    {
        let base_path = quoted(folder(base_path));
        output.hint(format_args!(
            "to choose the project there: --base-path {base_path}"
        ));
    }
}

/// What is told of a ref, without its documents.
pub(super) fn tell_ref(loaded: &Loaded, output: &mut Output) {
    Warnings::new(output).of_ref(loaded);
}

/// What is told of the projects of one ref, without their documents: each thing once.
pub(super) fn tell_projects(projects: &[&Loaded], output: &mut Output) {
    if let [loaded] = projects {
        // What is refused has a hint of its own.
        return Warnings::new(output).of_load(loaded);
    }
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for loaded in projects {
        for warning in loaded.warnings() {
            let warning = warning.to_string();
            match told.iter_mut().find(|(known, _)| *known == warning) {
                Some((_, base_paths)) => base_paths.push(loaded.base_path()),
                None => told.push((warning, vec![loaded.base_path()])),
            }
        }
    }
    for (warning, base_paths) in told {
        let base_paths = base_paths.into_iter().map(folder).map(visible_line);
        output.warning(format_args!("{}: {warning}", some_of(base_paths, NAMED)));
    }
}

/// What is told of a document, also where it isn't read.
pub(super) fn tell_document(loaded: &Loaded, document: &MigratedDocument, output: &mut Output) {
    let mut warnings = Warnings::new(output);
    warnings.of_document(loaded, document);
    let name = visible_line(document.name.as_str());
    for warning in loaded.document_warnings(document) {
        if let DocumentWarning::NotParsed { .. } = warning {
            warnings.tell(format!("{name}: {warning}"));
        }
    }
}

/// What is told of many refs. `most` refs are named of each; where those are all, everything is told.
pub(super) fn tell_refs(told: &[(Vec<ComparedRef>, String)], most: usize, output: &mut Output) {
    let in_words = |(refs, warning): &(Vec<ComparedRef>, String)| {
        let names = some_of(refs.iter().map(name_of).collect::<Vec<_>>(), most);
        format!("{names}: {warning}")
    };
    if most == usize::MAX {
        told.iter().for_each(|it| output.warning(in_words(it)));
    } else {
        tell_some(told.iter().map(in_words), ": --list tells all", output);
    }
}

/// The first of these, and how many more there are.
pub(super) fn tell_some(
    mut told: impl ExactSizeIterator<Item = String>,
    rest: &str,
    output: &mut Output,
) {
    for message in told.by_ref().take(MOST) {
        output.warning(message);
    }
    if let more @ 1.. = told.len() {
        output.warning(format_args!("{}{rest}", count(more, "more warning")));
    }
}
