//! The one element that a selector means, or what it could have meant.

use std::collections::HashSet;
use std::fmt;

use super::document::Values;
use super::element::Element;
use super::select::{select_in, step};
use crate::catalog::selector::{Qualifier, Segment, Selector};
use crate::ocl::Kind;
use crate::text::nearest;

/// So many candidates are shown.
const SHOWN: usize = 5;
/// Of a candidate, so many characters are shown.
const WIDEST: usize = 120;
/// Names are compared with so many others, to find the nearest.
const COMPARED: usize = 1000;

/// Why a selector doesn't select exactly one thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// It selects nothing.
    #[error("`{selector}` selects nothing: {missing}")]
    Nothing {
        /// The selector, as it prints.
        selector: String,
        /// From where on there is nothing, and what there is instead.
        missing: Missing,
    },
    /// It selects several things.
    #[error("`{selector}` selects {} things, and one is needed: {}", candidates.total, candidates)]
    Several {
        /// The selector, as it prints.
        selector: String,
        /// What it selects.
        candidates: Candidates,
    },
}

/// What a selector looked for where it found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The part of the selector that finds nothing: one segment.
    pub segment: String,
    /// Where it was looked for: the part before it; empty for the document.
    pub within: String,
    /// It names an attribute that is part of a block's key, or its value: the block's own address has it.
    pub is_in_address: bool,
    /// What was probably meant, as a whole selector.
    pub nearest: Option<String>,
    /// What there is, as segments.
    pub there: Candidates,
}

/// Some of several selectors, shortened where they are long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Candidates {
    /// The first ones.
    pub shown: Vec<String>,
    /// How many there are in all.
    pub total: usize,
    /// The lines of those shown that only a position tells from others; none for the others.
    pub lines: Vec<Option<usize>>,
}

impl<'a> Values<'a> {
    /// The one element that a selector selects.
    ///
    /// ```
    /// use ocl_migrate::catalog::Catalog;
    /// use ocl_migrate::ocl::{Dialect, Document};
    /// use ocl_migrate::values::Values;
    ///
    /// let document = Document::parse("step \"build\" {\n    name = \"Build\"\n}", Dialect::Current)?;
    /// let catalog = Catalog::builtin();
    /// let values = Values::of(&document, catalog.identity("deployment_process"));
    ///
    /// let name = values.find(&r#"step["build"].name"#.parse()?)?;
    /// assert_eq!(name.value().map(|value| value.to_string()).as_deref(), Some("\"Build\""));
    ///
    /// let error = values.find(&r#"step["biuld"].name"#.parse()?).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"`step["biuld"].name` selects nothing: there is no `step["biuld"]`; did you mean `step["build"].name`?"#,
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`FindError`], with what the selector could have meant.
    pub fn find(&self, selector: &Selector) -> Result<Element<'a>, FindError> {
        find_in(&self.root(), selector)
    }
}

/// The one element that a selector selects below a document's root.
pub(super) fn find_in<'a>(
    root: &Element<'a>,
    selector: &Selector,
) -> Result<Element<'a>, FindError> {
    let mut found = select_in(root, selector);
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(FindError::Nothing {
            selector: selector.to_string(),
            missing: Missing::of(root, selector),
        }),
        _ => Err(FindError::Several {
            selector: selector.to_string(),
            candidates: Candidates {
                lines: found.iter().take(SHOWN).map(line_of).collect(),
                ..Candidates::of(found.iter().map(ToString::to_string))
            },
        }),
    }
}

impl Missing {
    /// Follows a selector as far as something is there. It must be one that selects nothing.
    fn of(root: &Element<'_>, selector: &Selector) -> Missing {
        let segments = selector.segments();
        let mut found = vec![root.clone()];
        let mut at = 0;
        let (name, qualifiers) = loop {
            let next = match &segments[at] {
                Segment::Child { name, qualifiers } => {
                    let next = step(&found, &segments[at]);
                    if next.is_empty() {
                        break (name, qualifiers);
                    }
                    next
                }
                any_depth @ Segment::AnyDepth => step(&found, any_depth),
            };
            found = next;
            at += 1;
        };
        let narrowed = |count: usize| Segment::Child {
            name: name.clone(),
            qualifiers: qualifiers[..count].to_vec(),
        };
        // How many of the qualifiers still find something, with the name before them.
        let mut counts = 0..qualifiers.len();
        let last = counts.rfind(|count| !step(&found, &narrowed(*count)).is_empty());
        let (wanted, there) = match (last, name) {
            (Some(count), _) => {
                let elements = step(&found, &narrowed(count));
                (narrowed(count + 1), beside(&elements, &qualifiers[count]))
            }
            (None, Some(name)) => (named(name), names_in(&found)),
            (None, None) => (narrowed(0), Vec::new()),
        };
        let wanted = print(std::slice::from_ref(&wanted));
        let mut seen = HashSet::new();
        let mut there: Vec<String> = there.into_iter().map(|segment| print(&[segment])).collect();
        there.retain(|segment| seen.insert(segment.clone()));
        let near = nearest(&wanted, there.iter().map(String::as_str));
        let whole = near.map(|near| {
            let rest = segments.get(at + 1..).unwrap_or_default();
            let parts = [print(&segments[..at]), near.to_owned(), print(rest)];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(".")
        });
        let is_in_address = |element: &Element<'_>| {
            let name = name.as_deref().unwrap_or_default();
            element.content().get(name).is_some()
        };
        Missing {
            segment: shortened(wanted),
            within: print(&segments[..at]),
            is_in_address: last.is_none() && found.iter().any(is_in_address),
            nearest: whole,
            there: Candidates::of(there.into_iter()),
        }
    }
}

fn print(segments: &[Segment]) -> String {
    Selector::new(segments.to_vec()).to_string()
}

fn named(name: &str) -> Segment {
    Segment::Child {
        name: Some(name.to_owned()),
        qualifiers: Vec::new(),
    }
}

/// The names of what elements hold.
fn names_in(elements: &[Element<'_>]) -> Vec<Segment> {
    let members = elements.iter().take(COMPARED).flat_map(Element::members);
    let members = members.take(COMPARED);
    members
        .filter_map(|member| match member.name() {
            name if name.is_empty() => last_segment(&member),
            name => Some(named(&name)),
        })
        .collect()
}

/// What could have been written in place of a qualifier: other siblings, or other entries and items.
fn beside(elements: &[Element<'_>], wanted: &Qualifier) -> Vec<Segment> {
    let are_siblings = elements.len() > 1
        || matches!(wanted, Qualifier::NoLabel | Qualifier::Key(_))
        || elements
            .iter()
            .any(|element| element.node().kind() == Kind::Block);
    let elements = elements.iter().take(COMPARED);
    if are_siblings {
        return elements.filter_map(last_segment).collect();
    }
    let members = elements.flat_map(Element::members).take(COMPARED);
    members.filter_map(|member| last_segment(&member)).collect()
}

fn last_segment(element: &Element<'_>) -> Option<Segment> {
    element.selector().segments().last().cloned()
}

/// The line of what only a position tells from others: one that people can find.
fn line_of(element: &Element<'_>) -> Option<usize> {
    let mut parts = std::iter::successors(Some(element), |element| element.parent());
    let by_position = parts.any(|part| part.is_told_by_position());
    let position = element.node().position().filter(|_| by_position);
    position.map(|position| position.line)
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Candidates {
    /// The first one, unless it is shortened.
    pub fn first_whole(&self) -> Option<&str> {
        let first = self.shown.first()?;
        (first.chars().count() <= WIDEST).then_some(first)
    }

    fn of(texts: impl ExactSizeIterator<Item = String>) -> Candidates {
        Candidates {
            total: texts.len(),
            shown: texts.take(SHOWN).map(shortened).collect(),
            lines: Vec::new(),
        }
    }
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown.iter().enumerate().map(|(index, text)| {
            let line = self.lines.get(index).copied().flatten();
            let line = line.map_or_else(String::new, |line| format!(" (line {line})"));
            format!("`{text}`{line}")
        });
        f.write_str(&shown.collect::<Vec<_>>().join(", "))?;
        match self.total - self.shown.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no `{}`", self.segment)?;
        if !self.within.is_empty() {
            write!(f, " in `{}`", self.within)?;
        }
        if self.is_in_address {
            return write!(f, " of its own: it belongs to the address of the block");
        }
        match (&self.nearest, self.there.total) {
            (Some(nearest), _) => write!(f, "; did you mean `{nearest}`?"),
            (None, 0) => write!(f, ", which holds nothing"),
            (None, _) => write!(f, "; there are {}", self.there),
        }
    }
}
