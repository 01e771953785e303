//! `thing`, `reference` and `template`: what documents refer to, and where.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::Range;

use hcl::edit::Span;
use hcl::edit::expr::{Expression, ObjectKey};
use hcl::edit::structure::{Attribute, Block, Body};

use super::modify::{block_span, read_selector};
use super::{Reader, value_span};
use crate::catalog::blocks::{REFERENCE, TEMPLATE, THING};
use crate::catalog::problem::Problem;
use crate::catalog::things::{NameHolder, NamePath, ReferenceRule, TemplateRule, Thing, Things};
use crate::text::nearest;

/// The blocks that this file reads, at the top of a catalog.
pub(super) const OF_THINGS: [&str; 3] = ["thing", "reference", "template"];

/// The languages of templates that can be read.
const LANGUAGES: [&str; 1] = ["octostache"];

impl Reader<'_> {
    /// What a catalog declares of things and of references to them.
    pub(super) fn things(&mut self, body: &Body) -> Things {
        let mut things = Things::default();
        let blocks = |name: &'static str| body.blocks().filter(move |block| block.has_ident(name));
        let documents: Vec<&str> = blocks("document")
            .filter_map(|block| Some(block.labels.first()?.as_str()))
            .collect();
        for block in blocks("thing") {
            let Some(thing) = self.thing(block, &documents) else {
                continue;
            };
            if things.thing(&thing.kind).is_some() {
                let message = format!("a second thing `{}`", thing.kind);
                self.compiler.problem(block_span(block), message);
            }
            things.things.push(thing);
        }
        let kinds: Vec<&str> = blocks("thing")
            .filter_map(|block| Some(block.labels.first()?.as_str()))
            .collect();
        for block in blocks("reference") {
            let rule = self.reference(block, &kinds);
            things.references.extend(rule);
        }
        for block in blocks("template") {
            let rule = self.template(block, &kinds);
            things.templates.extend(rule);
        }
        for block in blocks("thing") {
            self.distinct_aliases(block, &things);
        }
        things
    }

    /// Refuses aliases that are one name, as case doesn't count in it.
    fn distinct_aliases(&mut self, block: &Block, things: &Things) {
        let ([kind], Some(attribute)) =
            (block.labels.as_slice(), block.body.get_attribute("aliases"))
        else {
            return;
        };
        let Some(aliases) = attribute.value.as_object() else {
            return;
        };
        let mut first: HashMap<String, (String, Range<usize>)> = HashMap::new();
        for (key, _) in aliases.iter() {
            let Some(name) = text_of_key(key) else {
                continue;
            };
            let span = key.span().unwrap_or_default();
            match first.entry(name.to_lowercase()) {
                Entry::Vacant(place) => drop(place.insert((name, span))),
                Entry::Occupied(place) => {
                    let (other, at) = place.get();
                    if things.is_same_name(kind.as_str(), &name, other) {
                        let other_place = Problem::at(self.compiler.file, at.clone(), "").place();
                        let message = format!(
                            "`{name}` and `{other}` ({other_place}) are one name here: case doesn't count in the names of `{}`",
                            kind.as_str()
                        );
                        let help = "keep one of them";
                        self.compiler.problem_with_help(span, message, help);
                    }
                }
            }
        }
    }

    fn thing(&mut self, block: &Block, documents: &[&str]) -> Option<Thing> {
        self.known(block, &THING);
        let body = &block.body;
        let kind = self.label(block, "the kind of things");
        let defined_in = self.one_or_several(body, "defined_in");
        for (name, span) in &defined_in {
            if !documents.contains(&&**name) {
                self.unknown_kind(name, span.clone(), "document kind", documents);
            }
        }
        let defined_in: Vec<String> = defined_in.into_iter().map(|(name, _)| name).collect();
        let at = body.get_attribute("at").and_then(|at| {
            let text = self.string(at)?;
            self.name_path(&text, at.value.span().unwrap_or_default())
        });
        for name in [
            "at",
            "name",
            "built_in",
            "standalone",
            "elsewhere",
            "used_by",
        ] {
            if body.has_attribute(name) && defined_in.is_empty() {
                let message = match name {
                    "built_in" => {
                        "`built_in` adds to what documents define: `defined_in` is missing"
                            .to_owned()
                    }
                    _ => format!("`{name}` says how documents define it: `defined_in` is missing"),
                };
                self.compiler.problem(value_span(body, name), message);
            }
        }
        let built_in = self.one_or_several(body, "built_in");
        Some(Thing {
            kind: kind?,
            defined_in,
            names: self.name_holders(body, at.is_some()),
            at,
            ignore_case: self.flag(body, "ignore_case", false),
            aliases: self.names_to_names(body, "aliases"),
            built_in: built_in.into_iter().map(|(name, _)| name).collect(),
            standalone: self.flag(body, "standalone", false),
            elsewhere: self.flag(body, "elsewhere", false),
            used_by: self.name_paths(block, "used_by", false),
        })
    }

    fn reference(&mut self, block: &Block, kinds: &[&str]) -> Option<ReferenceRule> {
        self.known(block, &REFERENCE);
        let body = &block.body;
        let kind = self.label(block, "the kind of things that is referred to");
        if let (Some(kind), Some(label)) = (&kind, block.labels.first())
            && !kinds.contains(&&**kind)
        {
            self.unknown_kind(kind, label.span().unwrap_or_default(), "thing", kinds);
        }
        let at = self.name_paths(block, "at", true);
        let when = body.get_attribute("when").map(|when| {
            let value = &when.value;
            let is_constant = matches!(
                value,
                Expression::Array(_)
                    | Expression::Object(_)
                    | Expression::String(_)
                    | Expression::Number(_)
                    | Expression::Null(_)
            );
            if is_constant {
                let span = value.span().unwrap_or_default();
                self.compiler.problem(span, "`when` is a condition");
            }
            self.compiler.expression(value)
        });
        Some(ReferenceRule {
            kind: kind?,
            at,
            when,
            split: self.full_string(body, "split"),
            prefix: self.full_string(body, "prefix"),
        })
    }

    fn template(&mut self, block: &Block, kinds: &[&str]) -> Option<TemplateRule> {
        self.known(block, &TEMPLATE);
        let language = self.label(block, "the language");
        if let (Some(language), Some(label)) = (&language, block.labels.first())
            && !LANGUAGES.contains(&&**language)
        {
            let span = label.span().unwrap_or_default();
            self.unknown_kind(language, span, "template language", &LANGUAGES);
        }
        let kind = self.required_string(block, "refers_to");
        if let Some(kind) = &kind
            && !kinds.contains(&&**kind)
        {
            let span = value_span(&block.body, "refers_to");
            self.unknown_kind(kind, span, "thing", kinds);
        }
        let at = self.name_paths(block, "at", true);
        let scripts = self.name_paths(block, "scripts", false);
        let indexes = self.names_to_names(&block.body, "indexes");
        for (_, kind) in &indexes {
            if !kinds.contains(&&**kind) {
                let span = value_span(&block.body, "indexes");
                self.unknown_kind(kind, span, "thing", kinds);
            }
        }
        Some(TemplateRule {
            at,
            kind: kind?,
            scripts,
            indexes,
        })
    }

    fn unknown_kind(&mut self, name: &str, span: Range<usize>, what: &str, known: &[&str]) {
        let message = format!("there is no {what} `{name}`");
        match nearest(name, known.iter().copied()) {
            Some(near) => {
                let help = format!("did you mean `{near}`?");
                self.compiler.problem_with_help(span, message, help);
            }
            None => self.compiler.problem(span, message),
        }
    }

    /// The strings of an attribute that is one or a list of them.
    fn one_or_several(&mut self, body: &Body, name: &str) -> Vec<(String, Range<usize>)> {
        match body.get_attribute(name) {
            None => Vec::new(),
            Some(attribute) if attribute.value.is_array() => self.strings(attribute),
            Some(attribute) => {
                let span = attribute.value.span().unwrap_or_default();
                self.string(attribute)
                    .map(|text| (text, span))
                    .into_iter()
                    .collect()
            }
        }
    }

    fn full_string(&mut self, body: &Body, name: &str) -> Option<String> {
        let text = self.string(body.get_attribute(name)?)?;
        if text.is_empty() {
            let message = format!("`{name}` is empty: leave it out");
            self.compiler.problem(value_span(body, name), message);
            return None;
        }
        Some(text)
    }

    fn name_paths(&mut self, block: &Block, name: &str, is_required: bool) -> Vec<NamePath> {
        let texts = self.one_or_several(&block.body, name);
        if is_required && texts.is_empty() {
            let message = format!(
                "`{}` doesn't say where: `{name}` is missing",
                block.ident.as_str()
            );
            let help = format!("write `{name} = [\"path\"]`");
            self.compiler
                .problem_with_help(block_span(block), message, help);
        }
        let paths = texts.into_iter();
        paths
            .filter_map(|(text, span)| self.name_path(&text, span))
            .collect()
    }

    fn name_path(&mut self, text: &str, span: Range<usize>) -> Option<NamePath> {
        let selector = read_selector(text, span.clone(), &mut self.compiler)?;
        let path = NamePath::of(&selector);
        if path.is_none() {
            let message = "after a name stands the key of one entry at most: `properties[\"key\"]`";
            self.compiler.problem(span, message);
        }
        path
    }

    fn name_holders(&mut self, body: &Body, is_block: bool) -> Vec<NameHolder> {
        let Some(attribute) = body.get_attribute("name") else {
            return vec![if is_block {
                NameHolder::Label
            } else {
                NameHolder::Slug
            }];
        };
        let holder = |expression: &Expression| {
            if let Some(name) = expression.as_str() {
                return Some(NameHolder::Attribute(name.to_owned()));
            }
            match expression.as_variable()?.as_str() {
                "label" if is_block => Some(NameHolder::Label),
                "slug" if !is_block => Some(NameHolder::Slug),
                _ => None,
            }
        };
        let holders: Option<Vec<NameHolder>> = match attribute.value.as_array() {
            Some(items) => items.iter().map(holder).collect(),
            None => holder(&attribute.value).map(|holder| vec![holder]),
        };
        holders
            .filter(|holders| !holders.is_empty())
            .unwrap_or_else(|| {
                let own = if is_block { "label" } else { "slug" };
                let help =
                    format!("write `name = {own}`, `name = \"attribute\"` or a list of them");
                let message = "where the name stands can't be read";
                let span = attribute.value.span().unwrap_or_default();
                self.compiler.problem_with_help(span, message, help);
                Vec::new()
            })
    }

    /// An object of strings.
    fn names_to_names(&mut self, body: &Body, name: &str) -> Vec<(String, String)> {
        let Some(attribute) = body.get_attribute(name) else {
            return Vec::new();
        };
        let pairs = pairs_of(attribute);
        if pairs.is_none() {
            let span = attribute.value.span().unwrap_or_default();
            let help = format!("write `{name} = {{ \"other name\" = \"name\" }}`");
            let message = format!("`{name}` leads from strings to strings");
            self.compiler.problem_with_help(span, message, help);
        }
        pairs.unwrap_or_default()
    }
}

fn pairs_of(attribute: &Attribute) -> Option<Vec<(String, String)>> {
    let entries = attribute.value.as_object()?.iter();
    let alias = |(key, value): (&ObjectKey, &hcl::edit::expr::ObjectValue)| {
        let key = text_of_key(key)?;
        Some((key, value.expr().as_str()?.to_owned()))
    };
    entries.map(alias).collect()
}

fn text_of_key(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(key) => Some(key.as_str()?.to_owned()),
    }
}
