//! Looks at every string of a document once.

use std::borrow::Cow;

use memchr::memmem;

use super::definitions::Defining;
use super::filter::Filter;
use super::line::{Lines, lines_below};
use super::model::{ConditionError, Reference, References};
use super::name::{Certainty, Name};
use crate::catalog::things::{NamePath, ReferenceRule, TemplateRule, Things};
use crate::catalog::{DocumentName, Evaluator, Lookup, Scope, Value};
use crate::ocl::{Kind, Node};
use crate::template::script::{self, Syntax};
use crate::template::{Path, Reading, Role, Template};
use crate::values::{Element, Values};

pub(super) fn walk<'a>(
    values: Values<'a>,
    document: &DocumentName,
    things: &'a Things,
    filter: Option<&Filter>,
) -> Result<References<'a>, ConditionError> {
    let slug = document.slug();
    let hidden_users = things.things.iter().flat_map(|thing| {
        let places = thing.used_by.iter();
        places.map(|at| (thing.kind.as_str(), at))
    });
    let mut walk = Walk {
        things,
        hidden_users: hidden_users.collect(),
        filter,
        slug,
        lines: Lines::new(values.document().text()),
        names: Vec::new(),
        found: References::default(),
    };
    let defining = Defining::new(things, document.kind(), slug, filter);
    // Not by calls: a document may be deep. The number is how many names lead to what an element stands in.
    let mut open = vec![(values.root(), 0)];
    while let Some((element, depth)) = open.pop() {
        walk.names.truncate(depth);
        if element.parent().is_some() && !element.name().is_empty() {
            walk.names.push(element.name());
        }
        let depth = walk.names.len();
        let definitions = &mut walk.found.definitions;
        defining.look(&element, &walk.names, &mut walk.lines, definitions);
        let (own, members) = element.leaf_and_members();
        let own = own.map(|leaf| leaf.node());
        if let Some(own) = own {
            walk.string(&element, element.node(), own)?;
        }
        walk.key(&element, &members, own)?;
        open.extend(members.into_iter().rev().map(|member| (member, depth)));
    }
    walk.found
        .references
        .sort_by_key(|reference| reference.line);
    walk.found
        .definitions
        .sort_by_key(|definition| definition.line);
    Ok(walk.found)
}

struct Walk<'a, 'd> {
    things: &'a Things,
    /// By kind of things, what brings in others that may refer to them.
    hidden_users: Vec<(&'a str, &'a NamePath)>,
    /// What is looked for, if not everything.
    filter: Option<&'d Filter>,
    slug: &'d str,
    lines: Lines<'a>,
    /// Those that lead to the element that is looked at.
    names: Vec<Cow<'a, str>>,
    found: References<'a>,
}

impl<'a> Walk<'a, '_> {
    /// The attributes that a block is known by: they are no elements of their own.
    fn key(
        &mut self,
        element: &Element<'a>,
        members: &[Element<'a>],
        own: Option<Node<'a>>,
    ) -> Result<(), ConditionError> {
        let node = element.node();
        if node.kind() != Kind::Block {
            return Ok(());
        }
        let mut members = members.iter().map(Element::node).peekable();
        for child in node.children() {
            // Spare labels come before the others.
            while members
                .next_if(|member| member.kind() == Kind::Label)
                .is_some()
            {}
            if members.next_if(|member| *member == child).is_some() {
                continue;
            }
            let Some(content) = child.value().filter(|content| Some(*content) != own) else {
                continue;
            };
            self.names.push(child.name());
            let items: Vec<Node<'a>> = match content.kind() {
                Kind::List => content.children().collect(),
                _ => vec![content],
            };
            for item in items {
                self.string(element, child, item)?;
            }
            self.names.pop();
        }
        Ok(())
    }

    /// A string in an element. `holder` is what a path selects: the attribute, entry, item or block.
    fn string(
        &mut self,
        element: &Element<'a>,
        holder: Node<'a>,
        node: Node<'a>,
    ) -> Result<(), ConditionError> {
        let is_string = matches!(node.kind(), Kind::String | Kind::Heredoc | Kind::Label);
        let Some(text) = node.as_str().filter(|text| is_string && !text.is_empty()) else {
            return Ok(());
        };
        for (kind, at) in &self.hidden_users {
            if self.leads_here(at) {
                self.found.used_elsewhere.insert(kind);
            }
        }
        let may_be_it = self.may_hold(&text);
        // What is computed is told whatever is looked for.
        let is_template = memmem::find(text.as_bytes(), b"#{").is_some();
        let references = &self.things.references[..];
        let references = if may_be_it || is_template {
            references
        } else {
            &[]
        };
        for rule in references {
            if rule.at.iter().any(|at| self.leads_here(at))
                && self.applies(rule, element, holder)?
            {
                self.named(rule, element, node, &text);
            }
        }
        for rule in &self.things.templates {
            if rule.at.iter().any(|at| at.leads_to(&self.names)) {
                let is_template = is_template && (may_be_it || has_computed_index(&text));
                self.templated(rule, element, (node, &text), is_template);
            }
        }
        Ok(())
    }

    fn may_hold(&self, text: &str) -> bool {
        self.filter.is_none_or(|filter| filter.may_hold(text))
    }

    /// Whether a path leads to the names. Most don't, by their last name.
    fn leads_here(&self, path: &NamePath) -> bool {
        let ends_alike = match (path.last_name(), self.names.last()) {
            (Some(wanted), Some(last)) => wanted == last,
            (Some(_), None) => false,
            (None, _) => true,
        };
        ends_alike && path.leads_to(&self.names)
    }

    fn applies(
        &self,
        rule: &ReferenceRule,
        element: &Element<'a>,
        holder: Node<'a>,
    ) -> Result<bool, ConditionError> {
        let Some(when) = &rule.when else {
            return Ok(true);
        };
        let scope = Scope {
            node: holder,
            documents: Value::Null,
            slug: self.slug,
            value: None,
        };
        let condition = Evaluator::new(&NoServer).condition(when, &scope);
        condition.map_err(|error| ConditionError {
            address: element.to_string(),
            kind: rule.kind.clone(),
            message: error.message,
        })
    }

    /// A string that names things as a whole.
    fn named(
        &mut self,
        rule: &'a ReferenceRule,
        element: &Element<'a>,
        node: Node<'a>,
        text: &str,
    ) {
        let mut at = 0;
        let pieces: Vec<&str> = match &rule.split {
            Some(between) => text.split(between.as_str()).collect(),
            None => vec![text],
        };
        let between = rule.split.as_ref().map_or(0, String::len);
        for piece in pieces {
            let end = at + piece.len();
            at = end + between;
            // Blanks at the ends of a name don't count where there are several.
            let whole = match rule.split {
                Some(_) => piece.trim_start(),
                None => piece,
            };
            let piece = match &rule.prefix {
                None => whole,
                Some(prefix) => match whole.strip_prefix(prefix.as_str()) {
                    Some(name) => name,
                    None => continue,
                },
            };
            let place = end - piece.trim_start().len();
            if piece.trim().is_empty() {
                continue;
            }
            let is_plain =
                !piece.contains("#{") || Template::read(piece, Reading::Value).is_plain();
            let (name, certainty) = if is_plain {
                let name = Name::whole(self.things, &rule.kind, piece);
                (name, Certainty::Exact)
            } else {
                let unknown = match rule.split {
                    Some(_) => Name::unknown_of_list(piece.trim()),
                    None => Name::unknown(piece.trim()),
                };
                (unknown, Certainty::Dynamic)
            };
            self.push(&rule.kind, name, certainty, element, (node, text, place));
        }
    }

    /// A string in a language that names things, which may be the body of a script too.
    fn templated(
        &mut self,
        rule: &'a TemplateRule,
        element: &Element<'a>,
        (node, text): (Node<'a>, &str),
        is_template: bool,
    ) {
        let is_script = rule.scripts.iter().any(|at| self.leads_here(at));
        if is_template {
            let reading = if is_script {
                Reading::Script
            } else {
                Reading::Value
            };
            let template = Template::read(text, reading);
            for name in template.names().iter().filter(|name| name.local.is_none()) {
                let how = (Certainty::Template, name.role == Role::Collection);
                self.path(rule, &name.path, how, element, (node, text, 0));
            }
        }
        if !is_script {
            return;
        }
        let last = self.names.last();
        let syntax = last.and_then(|name| Syntax::from_extension(name));
        for name in script::names(text, syntax) {
            let at = (node, text, name.place.start);
            if !name.computed && !self.may_hold(name.name) {
                continue;
            }
            match Path::read(name.name).filter(|_| !name.computed) {
                Some(path) => self.path(rule, &path, (Certainty::Script, false), element, at),
                None => {
                    let name = Name::unknown(name.name);
                    self.push(&rule.kind, name, Certainty::Dynamic, element, at);
                }
            }
        }
    }

    /// A name in a template or script, and what its indexes name. The path is of the text from that place on. Whether it is
    /// gone through as a collection stands beside its certainty.
    fn path(
        &mut self,
        rule: &'a TemplateRule,
        path: &Path<'_>,
        (certainty, is_collection): (Certainty, bool),
        element: &Element<'a>,
        (node, text, from): (Node<'a>, &str, usize),
    ) {
        let known = |is_known| {
            if is_known {
                certainty
            } else {
                Certainty::Dynamic
            }
        };
        let place = path.place();
        let start = from + place.start;
        if !path.is_computed() && !self.may_hold(&text[start..from + place.end]) {
            return;
        }
        let name = Name::of_path(path, &text[start..from + place.end], is_collection);
        let certainty = known(!path.is_computed());
        self.push(&rule.kind, name, certainty, element, (node, text, start));
        for (begin, kind) in &rule.indexes {
            let Some((index, place)) = path.index_after(begin) else {
                continue;
            };
            let is_known = index.is_some();
            let place = from + place.start..from + place.end;
            let written = &text[place.clone()];
            let name = if is_known {
                Name::whole(self.things, kind, written)
            } else {
                Name::unknown(written)
            };
            let at = (node, text, place.start);
            self.push(kind, name, known(is_known), element, at);
        }
    }

    fn push(
        &mut self,
        kind: &'a str,
        name: Name,
        certainty: Certainty,
        element: &Element<'a>,
        (node, text, place): (Node<'a>, &str, usize),
    ) {
        let line = self.lines.of(node) + lines_below(node, text, place);
        let place = place..place + name.text().len();
        self.found.references.push(Reference {
            kind,
            name,
            certainty,
            element: element.clone(),
            node,
            place,
            line,
        });
    }
}

/// Whether an index of a name may be a template itself: `X[#{Y}]`.
fn has_computed_index(text: &str) -> bool {
    let mut templates = memmem::find_iter(text.as_bytes(), b"#{");
    templates.any(|at| text[..at].trim_end().ends_with('['))
}

/// The conditions of a catalog's declarations have nobody to ask.
struct NoServer;

impl Lookup for NoServer {
    fn lookup(&self, _: &str, _: &str) -> Result<Option<serde_json::Value>, String> {
        Err("a declaration can't ask the server".to_owned())
    }
}
