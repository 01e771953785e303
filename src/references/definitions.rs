//! The things that documents define.

use std::borrow::Cow;

use super::filter::Filter;
use super::line::Lines;
use super::model::{Definition, Holder};
use super::name::Name;
use crate::catalog::things::{NameHolder, Thing, Things};
use crate::ocl::Kind;
use crate::values::Element;

/// The things that one kind of documents defines.
pub(super) struct Defining<'a, 'f> {
    things: &'a Things,
    slug: String,
    here: Vec<&'a Thing>,
    /// What is looked for, if not everything.
    filter: Option<&'f Filter>,
}

impl<'a, 'f> Defining<'a, 'f> {
    pub(super) fn new(
        things: &'a Things,
        kind: &str,
        slug: &str,
        filter: Option<&'f Filter>,
    ) -> Defining<'a, 'f> {
        let defines = |thing: &&Thing| thing.defined_in.iter().any(|known| known == kind);
        Defining {
            things,
            slug: slug.to_owned(),
            here: things.things.iter().filter(defines).collect(),
            filter,
        }
    }

    /// Whether blocks of the document define any.
    pub(super) fn is_in_blocks(&self) -> bool {
        self.here.iter().any(|thing| thing.at.is_some())
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
            let own = thing
                .names
                .iter()
                .filter_map(|holder| self.name(element, holder));
            let own: Vec<_> = own.filter(|(text, _)| !text.is_empty()).collect();
            let may_hold = |filter: &Filter| own.iter().any(|(text, _)| filter.may_hold(text));
            if !self.filter.is_none_or(may_hold) {
                continue;
            }
            let mut names: Vec<Name> = Vec::new();
            let mut holders = Vec::new();
            for (text, holder) in own {
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
