//! What documents refer to, and where: the things, references and templates that a catalog declares.

use std::sync::{Arc, LazyLock};

use super::expression::Expression;
use super::selector::{Qualifier, Segment, Selector};

/// Everything that a catalog declares about references, in the newest shape.
#[derive(Debug, Clone, Default)]
pub(crate) struct Things {
    pub(crate) things: Vec<Thing>,
    pub(crate) references: Vec<ReferenceRule>,
    pub(crate) templates: Vec<TemplateRule>,
}

/// The same, read when it is first asked for: most commands don't.
#[derive(Debug, Clone)]
pub(crate) struct LaterThings(Arc<LazyLock<Things, Box<dyn FnOnce() -> Things + Send>>>);

impl LaterThings {
    pub(super) fn new(read: impl FnOnce() -> Things + Send + 'static) -> LaterThings {
        LaterThings(Arc::new(LazyLock::new(Box::new(read))))
    }

    pub(super) fn get(&self) -> &Things {
        &self.0
    }
}

impl From<Things> for LaterThings {
    fn from(things: Things) -> LaterThings {
        LaterThings::new(|| things)
    }
}

/// Something that documents refer to by its name: `thing "variable" { ... }`.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    pub(crate) kind: String,
    /// The document kinds that define it; empty for what the server holds.
    pub(crate) defined_in: Vec<String>,
    /// The blocks that define it; `None` for whole documents.
    pub(crate) at: Option<NamePath>,
    /// Where its names stand: it goes by each of them.
    pub(crate) names: Vec<NameHolder>,
    pub(crate) ignore_case: bool,
    /// Other names of one thing: from the other to the one that counts.
    pub(crate) aliases: Vec<(String, String)>,
    /// Names that need no definition in documents, nor does what begins with them in a template.
    pub(crate) built_in: Vec<String>,
    /// Such a thing is of use even where nothing refers to it.
    pub(crate) standalone: bool,
    /// Others of its kind may be defined where no document shows it.
    pub(crate) elsewhere: bool,
    /// A string there brings in what no document holds, and that may refer to such things.
    pub(crate) used_by: Vec<NamePath>,
}

/// Where a thing's name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NameHolder {
    /// The first label that the block is known by: its own, or its parent's where its key says so.
    Label,
    /// The document's slug.
    Slug,
    /// An attribute: its own, or its parent's where its key says so.
    Attribute(String),
}

/// Values that name a thing: `reference "feed" { ... }`.
#[derive(Debug, Clone)]
pub(crate) struct ReferenceRule {
    pub(crate) kind: String,
    pub(crate) at: Vec<NamePath>,
    pub(crate) when: Option<Expression>,
    /// Several names stand in one string, with this between them.
    pub(crate) split: Option<String>,
    /// Only strings that begin so, and the name is what follows.
    pub(crate) prefix: Option<String>,
}

/// Strings in a language that names things: `template "octostache" { ... }`.
#[derive(Debug, Clone)]
pub(crate) struct TemplateRule {
    pub(crate) at: Vec<NamePath>,
    /// The kind of things that it names.
    pub(crate) kind: String,
    /// Which of them are bodies of scripts.
    pub(crate) scripts: Vec<NamePath>,
    /// Names behind which an index is the name of a thing, each with the kind of that.
    pub(crate) indexes: Vec<(String, String)>,
}

/// A path of names from the document on; the entry of a dictionary is a name too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamePath {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    AnyName,
    AnyDepth,
}

impl NamePath {
    /// `None` for a selector that narrows a name by more than one entry's key.
    pub(crate) fn of(selector: &Selector) -> Option<NamePath> {
        let mut parts = Vec::new();
        for segment in selector.segments() {
            match segment {
                Segment::AnyDepth => parts.push(Part::AnyDepth),
                Segment::Child { name, qualifiers } => {
                    parts.push(name.clone().map_or(Part::AnyName, Part::Name));
                    match qualifiers.as_slice() {
                        [] => {}
                        [Qualifier::Text(key)] => parts.push(Part::Name(key.clone())),
                        _ => return None,
                    }
                }
            }
        }
        Some(NamePath { parts })
    }

    /// The name that it ends with; `None` where that may be any.
    pub(crate) fn last_name(&self) -> Option<&str> {
        match self.parts.last()? {
            Part::Name(name) => Some(name),
            Part::AnyName | Part::AnyDepth => None,
        }
    }

    /// Whether it leads to what has these names, from the document on.
    pub(crate) fn leads_to(&self, names: &[impl AsRef<str>]) -> bool {
        // As for a file pattern: where the names after the last `**` don't fit, that takes one name more.
        let (mut part, mut name) = (0, 0);
        let mut retry = None;
        while name < names.len() {
            let fits = match self.parts.get(part) {
                Some(Part::AnyDepth) => {
                    retry = Some((part, name));
                    part += 1;
                    continue;
                }
                Some(Part::AnyName) => true,
                Some(Part::Name(wanted)) => wanted == names[name].as_ref(),
                None => false,
            };
            if fits {
                (part, name) = (part + 1, name + 1);
            } else if let Some((any, from)) = retry {
                retry = Some((any, from + 1));
                (part, name) = (any + 1, from + 1);
            } else {
                return false;
            }
        }
        self.parts[part..]
            .iter()
            .all(|part| *part == Part::AnyDepth)
    }
}

impl Things {
    /// The thing of this kind.
    pub(crate) fn thing(&self, kind: &str) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.kind == kind)
    }

    /// Whether templates name things of this kind.
    pub(crate) fn is_in_templates(&self, kind: &str) -> bool {
        self.templates.iter().any(|template| template.kind == kind)
    }

    /// Whether two spellings are one name of this kind, aliases aside.
    pub(crate) fn is_same_name(&self, kind: &str, one: &str, other: &str) -> bool {
        let ignores_case =
            || self.is_in_templates(kind) || self.thing(kind).is_some_and(|it| it.ignore_case);
        one == other || one.to_lowercase() == other.to_lowercase() && ignores_case()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(path: &str, names: &[&str]) -> bool {
        let selector = Selector::parse_plain(path).unwrap();
        NamePath::of(&selector).unwrap().leads_to(names)
    }

    #[test]
    fn a_path_leads_to_names_from_the_document_on() {
        assert!(leads("a.b", &["a", "b"]));
        assert!(!leads("a.b", &["a", "b", "c"]) && !leads("a.b", &["a"]));
        assert!(leads("**.b", &["b"]) && leads("**.b", &["a", "b"]));
        assert!(leads("**.b.c", &["b", "b", "c"]) && leads("**.b.c", &["b", "c", "b", "c"]));
        assert!(!leads("**.b.c", &["b", "c", "b"]));
        assert!(leads("**", &[]) && leads("**", &["a", "b"]));
        assert!(leads("a.*.c", &["a", "b", "c"]) && !leads("a.*.c", &["a", "c"]));
        assert!(leads(
            r#"**.properties["x.y"]"#,
            &["step", "properties", "x.y"]
        ));
        assert!(leads("a.**", &["a"]) && leads("a.**.c.**", &["a", "b", "c", "d"]));
    }
}
