//! What is part of the answer, in one ref and folder.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use super::model::{UseQuestion, UseRole};
use super::text::{Definition, Place, Reference, Text, Wanted};
use crate::catalog::DocumentName;
use crate::references::Certainty;
use crate::text::is_one_letter_off;

/// A place that is part of the answer.
pub(super) struct FoundPlace {
    pub(super) document: DocumentName,
    pub(super) text: Arc<Text>,
    pub(super) key: String,
    pub(super) which: Which,
    /// What was probably meant by a name that nothing defines.
    pub(super) suggestion: Option<String>,
    /// Whether what is missing may be where no document shows it.
    pub(super) is_unsure: bool,
}

/// One of a text's definitions or references, by its place among them.
#[derive(Clone, Copy)]
pub(super) enum Which {
    Definition(usize),
    Reference(usize),
}

impl FoundPlace {
    pub(super) fn parts(&self) -> (usize, UseRole, &Place) {
        match self.which {
            Which::Definition(index) => {
                let definition = &self.text.definitions[index];
                let place = definition.place.as_ref();
                let place = place.expect("what is part of the answer has its place");
                (definition.kind, UseRole::Definition, place)
            }
            Which::Reference(index) => {
                let Reference {
                    kind,
                    certainty,
                    place,
                    ..
                } = &self.text.references[index];
                (*kind, UseRole::Use(*certainty), place)
            }
        }
    }
}

/// What the documents answer. Without some of a ref's documents, nothing can be said to be unused.
pub(super) fn answers(
    read: &[(&DocumentName, Arc<Text>)],
    wanted: &Wanted<'_>,
    lacks_documents: bool,
) -> Vec<FoundPlace> {
    let folder = Folder {
        read,
        wanted,
        defined: Defined::of(read, wanted),
    };
    match wanted.question {
        UseQuestion::Thing(_) | UseQuestion::Everything => folder.uses(),
        UseQuestion::Unused => folder.unused(),
        UseQuestion::Undefined => folder.undefined(),
        UseQuestion::Unmatched => folder.unmatched(lacks_documents),
    }
}

/// The keys of what is defined, by kind.
struct Defined<'t>(Vec<BTreeSet<&'t str>>);

impl<'t> Defined<'t> {
    fn of(read: &'t [(&DocumentName, Arc<Text>)], wanted: &Wanted<'_>) -> Defined<'t> {
        let mut defined = vec![BTreeSet::new(); wanted.things.things.len()];
        for definition in read.iter().flat_map(|(_, text)| &text.definitions) {
            let keys = definition.keys.iter().map(String::as_str);
            defined[definition.kind].extend(keys);
        }
        Defined(defined)
    }

    fn has(&self, kind: usize, key: &str) -> bool {
        self.0[kind].contains(key)
    }

    /// The items of what has this key: `X[a]` and `X[b].Name` of `X`.
    fn items(&self, kind: usize, key: &str) -> impl Iterator<Item = &'t str> {
        let begin = format!("{key}[");
        let from = (Bound::Included(begin.as_str()), Bound::Unbounded);
        let from = self.0[kind].range::<str, _>(from).copied();
        from.take_while(move |key| key.starts_with(&begin))
    }

    /// The keys of what is meant; where only the server knows, what is written.
    fn meant<'r>(&self, reference: &'r Reference) -> Vec<&'r str>
    where
        't: 'r,
    {
        // What is gone through is its items, and not known by what it is called itself unless that is defined too.
        let is_known = reference.certainty != Certainty::Dynamic;
        let items_of = reference.name.items_of().filter(|_| is_known);
        let items = items_of.map(|key| self.items(reference.kind, key));
        let mut meant: Vec<&'r str> = items.into_iter().flatten().collect();
        let keys = reference.name.keys();
        let has_own = keys
            .first()
            .is_some_and(|key| self.has(reference.kind, key));
        if meant.is_empty() || has_own {
            let own = reference.name.key(|key| self.has(reference.kind, key));
            meant.push(own.unwrap_or(reference.name.text()));
        }
        meant
    }
}

/// The documents of a ref and folder.
struct Folder<'f> {
    read: &'f [(&'f DocumentName, Arc<Text>)],
    wanted: &'f Wanted<'f>,
    defined: Defined<'f>,
}

impl<'f> Folder<'f> {
    fn definitions(&self) -> impl Iterator<Item = (Found<'f>, &'f Definition)> {
        self.read.iter().flat_map(|(document, text)| {
            let definitions = text.definitions.iter().enumerate();
            definitions.map(move |(index, it)| ((*document, text, Which::Definition(index)), it))
        })
    }

    fn references(&self) -> impl Iterator<Item = (Found<'f>, &'f Reference)> {
        self.read.iter().flat_map(|(document, text)| {
            let references = text.references.iter().enumerate();
            references.map(move |(index, it)| ((*document, text, Which::Reference(index)), it))
        })
    }

    fn uses(&self) -> Vec<FoundPlace> {
        // All names of one thing count as its first.
        let mut first: HashMap<(usize, &str), &str> = HashMap::new();
        for (_, definition) in self.definitions() {
            for key in &definition.keys {
                first
                    .entry((definition.kind, key))
                    .or_insert(&definition.keys[0]);
            }
        }
        let the_first = |kind: usize, key: &str| match first.get(&(kind, key)) {
            Some(first) => (*first).to_owned(),
            None => key.to_owned(),
        };
        let wanted_keys: Vec<Option<String>> = (0..self.wanted.things.things.len())
            .map(|kind| Some(the_first(kind, self.wanted.of(kind)?.key.as_deref()?)))
            .collect();
        let mut places = Vec::new();
        let mut push = |found: Found<'_>, kind: usize, key: &str| {
            let key = the_first(kind, key);
            let wanted = wanted_keys[kind].as_ref();
            let is_wanted = match found.2 {
                Which::Reference(index) => {
                    self.wanted.is_as_written(&found.1.references[index].name)
                }
                Which::Definition(_) => false,
            };
            if is_wanted || wanted.is_none_or(|wanted| *wanted == key) {
                places.push(place(found, key));
            }
        };
        for (found, definition) in self.definitions() {
            if definition.place.is_some() {
                push(found, definition.kind, &definition.keys[0]);
            }
        }
        for (found, reference) in self.references() {
            let meant = self.defined.meant(reference);
            // Whoever asks for what is gone through means this place, whatever the items are called.
            let asked = self
                .wanted
                .of(reference.kind)
                .and_then(|kind| kind.key.as_deref());
            let items_of = reference.name.items_of();
            let is_known = reference.certainty != Certainty::Dynamic;
            let collection = items_of.filter(|key| is_known && Some(*key) == asked);
            let collection = collection.filter(|key| !meant.contains(key));
            for key in meant.into_iter().chain(collection) {
                push(found, reference.kind, key);
            }
        }
        places
    }

    fn unused(&self) -> Vec<FoundPlace> {
        let mut used: HashSet<(usize, &str)> = HashSet::new();
        let mut gone_through: HashSet<(usize, &str)> = HashSet::new();
        for (_, reference) in self.references() {
            let (kind, name) = (reference.kind, &reference.name);
            let own = name.key(|key| self.defined.has(kind, key));
            used.extend(own.map(|key| (kind, key)));
            gone_through.extend(name.items_of().map(|key| (kind, key)));
        }
        for (kind, key) in gone_through {
            let items = self.defined.items(kind, key);
            used.extend(items.map(|item| (kind, item)));
        }
        let is_unused = |definition: &Definition| {
            let mut keys = definition.keys.iter();
            !keys.any(|key| used.contains(&(definition.kind, key)))
        };
        let needs_use = |definition: &Definition| {
            let of_kind = self.wanted.of(definition.kind);
            of_kind.is_some_and(|kind| kind.needs_use)
        };
        self.definitions()
            .filter(|(_, it)| needs_use(it) && is_unused(it))
            .map(|(found, definition)| place(found, definition.keys[0].clone()))
            .collect()
    }

    fn undefined(&self) -> Vec<FoundPlace> {
        // Where no document could define a kind of things, the server holds them.
        let kinds: HashSet<&str> = self.read.iter().map(|(name, _)| name.kind()).collect();
        let things = self.wanted.things.things.iter();
        let could_be: Vec<bool> = things
            .map(|thing| thing.defined_in.iter().any(|kind| kinds.contains(&**kind)))
            .collect();
        let is_undefined = |reference: &Reference| {
            let (keys, items_of) = (reference.name.keys(), reference.name.items_of());
            let has_items = |key| self.defined.items(reference.kind, key).next().is_some();
            let built_in = self.wanted.of(reference.kind).map(|kind| &kind.built_in);
            let is_known = |key: &String| {
                self.defined.has(reference.kind, key)
                    || built_in.is_some_and(|built_in| built_in.contains(key))
            };
            could_be[reference.kind]
                && !keys.is_empty()
                && !keys.iter().any(is_known)
                && !items_of.is_some_and(has_items)
        };
        self.references()
            .filter(|(_, it)| is_undefined(it))
            .map(|(found, it)| {
                let own = it.name.keys().first();
                place(found, own.map_or(it.name.text(), String::as_str).to_owned())
            })
            .collect()
    }

    /// What is unused and what is undefined. What may be used or defined where no document shows it is marked.
    fn unmatched(&self, lacks_documents: bool) -> Vec<FoundPlace> {
        let things = &self.wanted.things.things;
        let mut may_be_used: Vec<bool> = vec![lacks_documents; things.len()];
        for (_, text) in self.read {
            text.used_elsewhere
                .iter()
                .for_each(|kind| may_be_used[*kind] = true);
        }
        let mut undefined = self.undefined();
        let mut suggestions: HashMap<(usize, String), Option<String>> = HashMap::new();
        for place in &mut undefined {
            let kind = place.parts().0;
            let known = suggestions.entry((kind, place.key.clone()));
            let suggestion = known.or_insert_with(|| self.meant_instead(kind, &place.key));
            place.suggestion.clone_from(suggestion);
            place.is_unsure = things[kind].elsewhere && suggestion.is_none();
            // What is defined elsewhere may refer to things too.
            may_be_used[kind] |= place.is_unsure;
        }
        let mut places = self.unused();
        for place in &mut places {
            place.is_unsure = may_be_used[place.parts().0];
        }
        places.append(&mut undefined);
        places
    }

    /// The name of a thing that one letter tells from this.
    fn meant_instead(&self, kind: usize, key: &str) -> Option<String> {
        let mut keys = self.defined.0[kind].iter();
        let near = *keys.find(|defined| is_one_letter_off(key, defined))?;
        let mut definitions = self.definitions().map(|(_, definition)| definition);
        let definition =
            definitions.find(|it| it.kind == kind && it.keys.iter().any(|it| it == near))?;
        definition.place.as_ref().map(|place| place.name.clone())
    }
}

/// Where something was found: the document, its text and which part of it.
type Found<'f> = (&'f DocumentName, &'f Arc<Text>, Which);

fn place((document, text, which): Found<'_>, key: String) -> FoundPlace {
    FoundPlace {
        document: document.clone(),
        text: text.clone(),
        key,
        which,
        suggestion: None,
        is_unsure: false,
    }
}
