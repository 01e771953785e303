//! Which names are to change, and what is in the way.

use std::collections::HashSet;

use super::model::{Refused, RenameRefusal};
use super::named::Named;
use crate::catalog::things::{Thing, Things};
use crate::ocl::NodeId;
use crate::references::model::{Holder, Reference};
use crate::references::name::{Certainty, Name};
use crate::references::place::ThingPlace;
use crate::template::Path;
use crate::text::nearest;

/// Which names are to change.
pub(super) struct Plan<'a> {
    /// What was asked for, first; then what has its name in the same place.
    pub(super) renames: Vec<Rename<'a>>,
    old: &'a str,
    new: &'a str,
    /// Whether names of the kind stand in templates.
    is_in_templates: bool,
    /// Other names that mean the same as the old one or the new one.
    spellings: Vec<&'a str>,
    /// What holds the name where the thing is defined, by document.
    holders: Vec<(usize, Place)>,
    definition: Option<ThingPlace>,
}

/// A kind of things of which one gets another name.
pub(super) struct Rename<'a> {
    pub(super) kind: &'a str,
    pub(super) old: String,
    pub(super) new: String,
}

/// What holds a name, in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Slug,
    Node(NodeId),
}

/// What is to be written anew.
pub(super) struct Changes {
    /// By document: what holds the name of a definition.
    pub(super) holders: Vec<(usize, Place, ThingPlace)>,
    /// By document, the place of the reference in it, and how many bytes of it are the name.
    pub(super) references: Vec<(usize, usize, usize)>,
    definition: Option<ThingPlace>,
}

impl From<Holder<'_>> for Place {
    fn from(holder: Holder<'_>) -> Place {
        match holder {
            Holder::Slug => Place::Slug,
            Holder::Text(node) => Place::Node(node.id()),
        }
    }
}

fn key_of(things: &Things, kind: &str, name: &str) -> String {
    let name = Name::whole(things, kind, name);
    name.keys().first().cloned().unwrap_or_default()
}

impl<'a> Plan<'a> {
    pub(super) fn of(
        before: &Named<'a>,
        things: &'a Things,
        thing: &'a Thing,
        old: &'a str,
        new: &'a str,
    ) -> Result<Plan<'a>, Refused> {
        let kind = &*thing.kind;
        let key = key_of(things, kind, old);
        let new_key = key_of(things, kind, new);
        let aliases = thing.aliases.iter();
        let aliases = aliases.filter(|(_, name)| {
            let meant = key_of(things, kind, name);
            meant == key || meant == new_key
        });
        let spellings = aliases.flat_map(|(alias, name)| [alias.as_str(), name.as_str()]);
        let spellings = spellings.collect();
        let mut plan = Plan {
            renames: vec![Rename {
                kind,
                old: key,
                new: new_key,
            }],
            old,
            new,
            is_in_templates: things.is_in_templates(kind),
            spellings,
            holders: Vec::new(),
            definition: None,
        };
        plan.find_definition(before, thing)?;
        plan.find_others(before, things)?;
        Ok(plan)
    }

    /// What defines the thing.
    fn find_definition(&mut self, before: &Named<'a>, thing: &Thing) -> Result<(), Refused> {
        let asked = &self.renames[0];
        let definitions = before.definitions();
        let mut definitions = definitions
            .filter(|(_, definition)| definition.kind == asked.kind)
            .filter_map(|(at, definition)| {
                Some((at, definition, definition.name_with(&asked.old)?))
            });
        let first = definitions.next();
        let others: Vec<_> = definitions.collect();
        let Some((document, definition, name)) = first else {
            return self.refuse_unknown(before, thing);
        };
        if !others.is_empty() {
            let all = std::iter::once((document, definition, name)).chain(others);
            let places = all
                .map(|(at, definition, name)| before.place_of_definition((at, definition), name));
            return Refused::unless_empty(RenameRefusal::Several, places.collect());
        }
        let holders = definition.holders.iter();
        self.holders = holders
            .filter(|(held, _)| *held == name)
            .map(|(_, holder)| (document, Place::from(*holder)))
            .collect();
        self.definition = Some(before.place_of_definition((document, definition), name));
        Ok(())
    }

    /// A thing of the server is one that is referred to.
    fn refuse_unknown(&self, before: &Named<'a>, thing: &Thing) -> Result<(), Refused> {
        let asked = &self.renames[0];
        let of_kind = || before.references().filter(|(_, it)| it.kind == asked.kind);
        let named = of_kind().filter(|(_, it)| before.meant(it) == Some(&*asked.old));
        let places: Vec<ThingPlace> = named.map(|it| before.place_of(it)).collect();
        if !places.is_empty() {
            return if thing.defined_in.is_empty() {
                Ok(())
            } else {
                Refused::unless_empty(RenameRefusal::NotDefined, places)
            };
        }
        let as_written = of_kind().filter(|(_, it)| {
            it.certainty == Certainty::Dynamic && it.name.text() == self.old.trim()
        });
        let computed = as_written.map(|it| before.place_of(it)).collect();
        Refused::unless_empty(RenameRefusal::Computed, computed)?;
        let defined = before.definitions();
        let defined = defined.filter(|(_, it)| it.kind == asked.kind);
        let defined = defined.flat_map(|(_, it)| it.names.iter().map(Name::text));
        let referred_to = of_kind().map(|(_, it)| it.name.text());
        let near = nearest(self.old, defined.chain(referred_to));
        Err(RenameRefusal::NotFound(near.map(str::to_owned)).into())
    }

    /// What else has its name in the same place.
    fn find_others(&mut self, before: &Named<'a>, things: &Things) -> Result<(), Refused> {
        let held: HashSet<(usize, Place)> = self.holders.iter().copied().collect();
        let mut others: Vec<Rename<'a>> = Vec::new();
        for (document, definition) in before.definitions() {
            if definition.kind == self.renames[0].kind {
                continue;
            }
            for (place, name) in definition.names.iter().enumerate() {
                let holders = definition.holders.iter();
                let mut holders = holders.filter(|(of, _)| *of == place);
                // What keeps the name in another place goes by it still.
                let is_renamed =
                    holders.all(|(_, holder)| held.contains(&(document, Place::from(*holder))));
                let (true, Some(old)) = (is_renamed, name.keys().first()) else {
                    continue;
                };
                let kind = definition.kind;
                let new = key_of(things, kind, self.new);
                refuse_several(before, kind, old)?;
                others.push(Rename {
                    kind,
                    old: old.clone(),
                    new,
                });
            }
        }
        self.renames.extend(others);
        Ok(())
    }

    /// The kinds of what has its name in the same place.
    pub(super) fn also(&self) -> Vec<String> {
        let others = self.renames[1..].iter();
        let mut kinds: Vec<String> = others.map(|other| other.kind.to_owned()).collect();
        kinds.dedup();
        kinds
    }

    /// Which of the names a reference has, if it means one that is to change.
    pub(super) fn rename_of(
        &self,
        before: &Named<'_>,
        reference: &Reference<'_>,
    ) -> Option<&Rename<'a>> {
        let meant = before.meant(reference)?;
        let mut renames = self.renames.iter();
        renames.find(|rename| rename.kind == reference.kind && rename.old == meant)
    }

    pub(super) fn refuse_taken(&self, before: &Named<'_>, things: &Things) -> Result<(), Refused> {
        let mut places = Vec::new();
        for Rename { kind, old, new } in &self.renames {
            if old == new {
                continue;
            }
            for (document, definition) in before.definitions() {
                if let Some(name) = definition
                    .name_with(new)
                    .filter(|_| definition.kind == *kind)
                {
                    places.push(before.place_of_definition((document, definition), name));
                }
            }
            let references = before.references().filter(|(_, it)| it.kind == *kind);
            let taken = references.filter(|(_, it)| before.meant(it) == Some(new));
            places.extend(taken.map(|it| before.place_of(it)));
            let built_in = things.thing(kind).map_or(&[][..], |thing| &thing.built_in);
            let is_built_in = |key: &String| {
                let mut built_in = built_in.iter();
                built_in.any(|name| key_of(things, kind, name) == *key)
            };
            let path = Path::read(self.new).filter(|_| things.is_in_templates(kind));
            let keys = path.map(|path| path.prefixes().map(|prefix| prefix.key).collect());
            let keys: Vec<String> = keys.unwrap_or_else(|| vec![new.clone()]);
            if keys.iter().any(is_built_in) {
                return Err(RenameRefusal::BuiltIn.into());
            }
        }
        Refused::unless_empty(RenameRefusal::Taken, places)
    }

    /// Names that are known only when the server runs, and may be the old name or the new one.
    pub(super) fn refuse_computed(&self, before: &Named<'_>) -> Result<(), Refused> {
        let may_be_it = |reference: &Reference<'_>| {
            let mut renames = self.renames.iter();
            renames.any(|rename| {
                rename.kind == reference.kind
                    && (self.may_be(before, reference, &rename.old, self.old)
                        || self.may_be(before, reference, &rename.new, self.new))
            })
        };
        let computed = before
            .references()
            .filter(|(_, reference)| reference.certainty == Certainty::Dynamic)
            .filter(|(_, reference)| may_be_it(reference));
        let places = computed.map(|it| before.place_of(it)).collect();
        Refused::unless_empty(RenameRefusal::Computed, places)
    }

    /// Names that mean every item of something: a new name would make a thing another's item, or no longer one.
    pub(super) fn refuse_other_items(&self, before: &Named<'_>) -> Result<(), Refused> {
        let differs = |reference: &Reference<'_>| {
            let name = &reference.name;
            let mut renames = self.renames.iter().filter(|it| it.kind == reference.kind);
            renames.any(|Rename { kind, old, new }| {
                name.may_become(old) != name.may_become(new)
                    || old != new && name.items_of() == Some(old) && before.has_items(kind, old)
            })
        };
        let references = before.references();
        let known = references.filter(|(_, it)| it.certainty != Certainty::Dynamic);
        let places = known.filter(|(_, it)| differs(it));
        let places = places.map(|it| before.place_of(it)).collect();
        Refused::unless_empty(RenameRefusal::OtherMeaning, places)
    }

    fn may_be(&self, before: &Named<'_>, reference: &Reference<'_>, key: &str, text: &str) -> bool {
        let name = &reference.name;
        match name.keys().first() {
            // `X[#{Y}]` is about an item of `X`; where none is known, about `X`, which is no secret.
            Some(begin) if begin == key => before.has_items(reference.kind, key),
            Some(_) => name.may_become(key),
            None => std::iter::once(text)
                .chain(self.spellings.iter().copied())
                .any(|text| name.may_be_written(text, self.is_in_templates)),
        }
    }

    /// What is to be written anew.
    pub(super) fn changes(&self, before: &Named<'_>) -> Result<Changes, Refused> {
        let mut changes = Changes {
            holders: Vec::new(),
            references: Vec::new(),
            definition: self.definition.clone(),
        };
        if let Some(place) = &self.definition {
            let holders = self.holders.iter();
            let holders = holders.map(|(document, holder)| (*document, *holder, place.clone()));
            changes.holders = holders.collect();
        }
        let mut unwritable = Vec::new();
        for (document, named) in before.documents.iter().enumerate() {
            for (index, reference) in named.found.references.iter().enumerate() {
                let Some(rename) = self.rename_of(before, reference) else {
                    continue;
                };
                let Some(length) = reference.name.length_of(&rename.old) else {
                    continue;
                };
                // What such a script would make of it depends on its language and its quotes.
                let is_script = reference.certainty == Certainty::Script;
                if is_script && self.new.contains(['"', '\'', '`', '$', '\\']) {
                    unwritable.push(before.place_of((document, reference)));
                }
                changes.references.push((document, index, length));
            }
        }
        Refused::unless_empty(RenameRefusal::NotWritable, unwritable)?;
        Ok(changes)
    }
}

impl Changes {
    /// Where the thing is defined and referred to.
    pub(super) fn places(&self, before: &Named<'_>) -> Vec<ThingPlace> {
        let references = self.references.iter().map(|(document, reference, _)| {
            let references = &before.documents[*document].found.references;
            before.place_of((*document, &references[*reference]))
        });
        self.definition.iter().cloned().chain(references).collect()
    }
}

/// Refuses another name for one of several things, if anything refers to them by it.
fn refuse_several(before: &Named<'_>, kind: &str, key: &str) -> Result<(), Refused> {
    let is_named = before
        .references()
        .any(|(_, it)| it.kind == kind && before.meant(it) == Some(key));
    let definitions = before.definitions();
    let definitions = definitions
        .filter(|(_, definition)| definition.kind == kind)
        .filter_map(|(at, definition)| {
            let name = definition.name_with(key)?;
            Some(before.place_of_definition((at, definition), name))
        });
    let definitions: Vec<ThingPlace> = definitions.collect();
    if is_named && definitions.len() > 1 {
        return Refused::unless_empty(RenameRefusal::Several, definitions);
    }
    Ok(())
}
