//! The things that documents define.

use std::borrow::Cow;

use super::line::Lines;
use super::model::Definition;
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
            let own = thing
                .names
                .iter()
                .filter_map(|holder| self.name(element, holder));
            let mut all: Vec<Name> = Vec::new();
            for text in own.filter(|text| !text.is_empty()) {
                let name = Name::whole(self.things, &thing.kind, &text);
                if !all.contains(&name) {
                    all.push(name);
                }
            }
            if !all.is_empty() {
                found.push(Definition {
                    kind: &thing.kind,
                    names: all,
                    element: element.clone(),
                    line: lines.of(element.node()),
                });
            }
        }
    }

    fn name(&self, element: &Element<'a>, holder: &NameHolder) -> Option<String> {
        let node = element.node();
        match holder {
            NameHolder::Slug => Some(self.slug.clone()),
            NameHolder::Label => {
                let label = element.key_labels().next()?;
                Some(label.into_owned())
            }
            NameHolder::Attribute(name) => Some(node.get(name)?.as_str()?.into_owned()),
        }
    }
}
