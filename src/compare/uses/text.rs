//! What one text names and defines, of what is looked for.

use std::collections::BTreeSet;

use super::model::UseQuestion;
use crate::catalog::things::{Thing, Things};
use crate::compare::document::LiftedDocument;
use crate::compare::told::Doubled;
use crate::references::{Certainty, ConditionError, Filter, Name};

/// What is looked for, with the catalog's declarations.
pub(super) struct Wanted<'t> {
    pub(super) things: &'t Things,
    pub(super) question: &'t UseQuestion,
    /// Names that the thing goes by, if one was asked for.
    names: BTreeSet<String>,
    /// Finds these names, if all others can be passed over.
    filter: Option<Filter>,
    /// By kind, in the catalog's order; `None` for kinds that weren't asked for.
    kinds: Vec<Option<WantedKind>>,
}

/// A kind that was asked for.
pub(super) struct WantedKind {
    /// The key of the one thing that was asked for.
    pub(super) key: Option<String>,
    /// Whether one that nothing refers to is worth telling.
    pub(super) needs_use: bool,
    /// The keys of names that need no definition.
    pub(super) built_in: Vec<String>,
}

/// What a text names and defines. Other refs may have the same text.
pub(super) struct Text {
    pub(super) definitions: Vec<Definition>,
    pub(super) references: Vec<Reference>,
    /// How many names only the server knows.
    pub(super) computed: usize,
    /// The kinds of things that what no document shows may refer to.
    pub(super) used_elsewhere: BTreeSet<usize>,
    pub(super) doubled: Doubled,
}

pub(super) struct Definition {
    /// The place of the kind in the catalog.
    pub(super) kind: usize,
    /// The first is the one to show.
    pub(super) keys: Vec<String>,
    /// Of what was asked for by a name, all its names.
    pub(super) names: BTreeSet<String>,
    /// `None` where it can't be what was asked for.
    pub(super) place: Option<Place>,
}

pub(super) struct Reference {
    pub(super) kind: usize,
    pub(super) name: Name,
    pub(super) certainty: Certainty,
    pub(super) place: Place,
}

pub(super) struct Place {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) line: usize,
    /// From where on in the text the name is written.
    pub(super) from: usize,
}

impl<'t> Wanted<'t> {
    pub(super) fn new(
        things: &'t Things,
        question: &'t UseQuestion,
        kind: Option<&str>,
    ) -> Wanted<'t> {
        let wanted = |thing: &Thing| {
            let is_asked_for = match (kind, question) {
                (Some(kind), _) => thing.kind == kind,
                (None, UseQuestion::Unused) => !thing.defined_in.is_empty() && !thing.standalone,
                (None, UseQuestion::Undefined | UseQuestion::Unmatched) => {
                    !thing.defined_in.is_empty()
                }
                (None, _) => true,
            };
            let key = |text: &str| {
                let name = Name::whole(things, &thing.kind, text);
                name.keys().first().cloned()
            };
            is_asked_for.then(|| WantedKind {
                key: match question {
                    UseQuestion::Thing(name) => key(name),
                    _ => None,
                },
                needs_use: kind.is_some() || !thing.standalone,
                built_in: thing.built_in.iter().filter_map(|name| key(name)).collect(),
            })
        };
        let mut wanted = Wanted {
            things,
            question,
            names: BTreeSet::new(),
            filter: None,
            kinds: things.things.iter().map(wanted).collect(),
        };
        if let UseQuestion::Thing(name) = question {
            let kinds = wanted.kinds.iter().zip(&things.things);
            let kinds = kinds.filter(|(wanted, _)| wanted.is_some());
            let aliases = kinds.flat_map(|(_, thing)| things.aliases_of(&thing.kind, name));
            let names = aliases.map(str::to_owned).chain([name.clone()]).collect();
            wanted.also(names);
        }
        wanted
    }

    /// Looks for these names too. Whether any of them is new.
    pub(super) fn also(&mut self, names: BTreeSet<String>) -> bool {
        let known = self.names.len();
        self.names.extend(names);
        self.filter = Filter::new(self.names.iter().map(String::as_str));
        self.names.len() > known
    }

    /// Whether what was passed over may be about other names that were found since.
    pub(super) fn is_filtered(&self) -> bool {
        self.filter.is_some()
    }

    /// Whether a name that only the server knows is written as the one that was asked for.
    pub(super) fn is_as_written(&self, name: &Name) -> bool {
        let UseQuestion::Thing(asked) = self.question else {
            return false;
        };
        name.keys().is_empty() && name.text() == asked.trim()
    }

    fn kind(&self, name: &str) -> Option<(usize, &WantedKind)> {
        let mut things = self.things.things.iter();
        let place = things.position(|thing| thing.kind == name)?;
        Some((place, self.kinds[place].as_ref()?))
    }

    pub(super) fn of(&self, kind: usize) -> Option<&WantedKind> {
        self.kinds[kind].as_ref()
    }

    pub(super) fn thing(&self, kind: usize) -> &'t Thing {
        &self.things.things[kind]
    }
}

impl Text {
    pub(super) fn read(
        lifted: &LiftedDocument,
        doubled: Doubled,
        wanted: &Wanted<'_>,
    ) -> Result<Text, ConditionError> {
        let found = lifted.references_that_may_be(wanted.filter.as_ref())?;
        let mut text = Text {
            definitions: Vec::new(),
            references: Vec::new(),
            computed: 0,
            used_elsewhere: BTreeSet::new(),
            doubled,
        };
        for kind in found.used_elsewhere {
            text.used_elsewhere
                .extend(wanted.kind(kind).map(|(kind, _)| kind));
        }
        for definition in found.definitions {
            let Some((kind, of_kind)) = wanted.kind(definition.kind) else {
                continue;
            };
            let keys = definition.names.iter().flat_map(Name::keys);
            let keys: Vec<String> = keys.cloned().collect();
            let is_it = match (wanted.question, &of_kind.key) {
                (UseQuestion::Undefined, _) => false,
                (_, Some(key)) => keys.contains(key),
                (_, None) => true,
            };
            let place = is_it.then(|| Place {
                name: definition.names[0].text().to_owned(),
                address: definition.element.to_string(),
                line: definition.line,
                from: definition.written_at(),
            });
            let names = match (&of_kind.key, is_it) {
                (Some(_), true) => definition
                    .names
                    .iter()
                    .map(|name| name.text().to_owned())
                    .collect(),
                _ => BTreeSet::new(),
            };
            text.definitions.push(Definition {
                kind,
                keys,
                names,
                place,
            });
        }
        for reference in found.references {
            let Some((kind, of_kind)) = wanted.kind(reference.kind) else {
                continue;
            };
            let keys = reference.name.keys();
            let may_be_any = reference.certainty == Certainty::Dynamic
                && match (keys.first(), &of_kind.key) {
                    (None, _) => true,
                    (Some(_), Some(key)) => reference.name.may_become(key),
                    (Some(_), None) => false,
                };
            text.computed += usize::from(may_be_any);
            if may_be_any {
                text.used_elsewhere.insert(kind);
            }
            // What goes by several names may be referred to by another one than was asked for.
            let goes_by_one_name = wanted.thing(kind).names.len() < 2;
            if let Some(key) = &of_kind.key
                && !wanted.is_as_written(&reference.name)
                && (keys.is_empty() || goes_by_one_name && !keys.contains(key))
                && (reference.certainty == Certainty::Dynamic || !reference.name.may_become(key))
            {
                continue;
            }
            text.references.push(Reference {
                kind,
                certainty: reference.certainty,
                place: Place {
                    name: reference.name.text().to_owned(),
                    address: match wanted.question {
                        UseQuestion::Unused => String::new(),
                        _ => reference.element.to_string(),
                    },
                    line: reference.line,
                    from: reference.written_at(),
                },
                name: reference.name,
            });
        }
        Ok(text)
    }
}
