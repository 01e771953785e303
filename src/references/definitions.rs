//! The things that documents define.

use std::borrow::Cow;

use super::line::Lines;
use super::model::{Definition, Holder};
use super::name::Name;
use crate::catalog::things::{NameHolder, Thing, Things};
use crate::ocl::Kind;
use crate::values::Element;

/// The things that one kind of documents defines.
pub(super) struct Defining<'a> {
    things: &'a Things,
    slug: String,
    here: Vec<&'a Thing>,
}

impl<'a> Defining<'a> {
    pub(super) fn new(things: &'a Things, kind: &str, slug: &str) -> Defining<'a> {
        let defines = |thing: &&Thing| thing.defined_in.iter().any(|known| known == kind);
        Defining {
            things,
            slug: slug.to_owned(),
            here: things.things.iter().filter(defines).collect(),
        }
    }

    /// What an element defines.
    pub(super) fn look(
        &self,
        element: &Element<'a>,
        names: &[Cow<'a, str>],
        lines: &mut Lines<'_>,
        found: &mut Vec<Definition<'a>>,
    ) {
        let kind = element.node().kind();
        if !matches!(kind, Kind::Block | Kind::Document) {
            return;
        }
        for thing in &self.here {
            let is_one = match &thing.at {
                None => kind == Kind::Document,
                Some(at) => kind == Kind::Block && at.leads_to(names),
            };
            if !is_one {
                continue;
            }
            let mut names: Vec<Name> = Vec::new();
            let mut holders = Vec::new();
            for holder in &thing.names {
                let Some((text, holder)) = self.name(element, holder) else {
                    continue;
                };
                if text.is_empty() {
                    continue;
                }
                let name = Name::whole(self.things, &thing.kind, &text);
                let known = names.iter().position(|known| *known == name);
                let place = known.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                });
                holders.push((place, holder));
            }
            if !names.is_empty() {
                found.push(Definition {
                    kind: &thing.kind,
                    names,
                    element: element.clone(),
                    holders,
                    line: lines.of(element.node()),
                });
            }
        }
    }

    fn name(
        &self,
        element: &Element<'a>,
        holder: &NameHolder,
    ) -> Option<(Cow<'a, str>, Holder<'a>)> {
        let node = match holder {
            NameHolder::Slug => return Some((self.slug.clone().into(), Holder::Slug)),
            NameHolder::Label => element.key_label_nodes().next()?,
            NameHolder::Attribute(name) => {
                let inherited = || element.known_by()?.get(name);
                element.node().get(name).or_else(inherited)?
            }
        };
        Some((node.as_str()?, Holder::Text(node)))
    }
}
