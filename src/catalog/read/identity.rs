//! `key` and `set`: what tells the parts of documents apart.

use std::ops::Range;
use std::sync::Arc;

use hcl::edit::Span;
use hcl::edit::expr::Expression;
use hcl::edit::structure::{Attribute, Block, Body};

use super::modify::{block_span, read_selector};
use super::{Reader, value_span};
use crate::catalog::blocks::{KEY, SET};
use crate::catalog::identity::{By, Clash, Holder, Identities, KeyRule, Otherwise, Rule, SetRule};
use crate::catalog::problem::{CatalogError, SourceFile};
use crate::catalog::selector::Selector;
use crate::catalog::{Identity, expression::Compiler};
use crate::text::nearest;

/// The blocks that this file reads, at the top of a catalog or in a `document` block.
pub(super) const DECLARATIONS: [&str; 2] = ["key", "set"];

/// The word for a block's labels.
const LABEL: &str = "label";
/// The word for the block that a block stands in.
const PARENT: &str = "parent";

/// As many attributes can be ranked.
const MOST_RANKS: usize = 64;

impl Identity {
    /// Reads declarations, as they stand in a catalog's `document` block.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once, each with its place.
    pub fn parse(text: &str) -> Result<Identity, CatalogError> {
        let file = SourceFile {
            path: "identity".into(),
            text: text.into(),
        };
        let mut reader = Reader {
            compiler: Compiler::new(&file),
        };
        let mut identity = None;
        if let Some(body) = reader.parse() {
            for structure in &body {
                let known = structure.as_block().map(|block| block.ident.as_str());
                if !known.is_some_and(|name| DECLARATIONS.contains(&name)) {
                    let span = structure.span().unwrap_or_default();
                    let message = "expected `key` or `set`";
                    reader.compiler.problem(span, message);
                }
            }
            let declared = reader.declarations(&body);
            identity = reader.assembled(&declared, &Declared::default());
        }
        let mut problems = reader.compiler.problems;
        problems.sort_by_key(|problem| (problem.line, problem.column));
        match identity {
            Some(identity) if problems.is_empty() => Ok(identity),
            _ => Err(CatalogError { problems }),
        }
    }
}

/// What one place declares, and where.
#[derive(Default)]
struct Declared {
    rules: Vec<Rule>,
    spans: Vec<Range<usize>>,
}

/// A word of the language, or a string.
enum Word {
    Bare(String),
    Text(String),
}

impl Reader<'_> {
    /// The identities of all kinds of a catalog.
    pub(super) fn identities(&mut self, body: &Body) -> Identities {
        let shared = self.declarations(body);
        // Whether the shared ones fit together is said once, not for every kind.
        let of_all = self.assembled(&Declared::default(), &shared).map(Arc::new);
        let mut kinds = Vec::new();
        for block in body.blocks().filter(|block| block.has_ident("document")) {
            let own = self.declarations(&block.body);
            let identity = match &of_all {
                Some(of_all) if own.rules.is_empty() => Some(of_all.clone()),
                Some(_) => self.assembled(&own, &shared).map(Arc::new),
                None => {
                    let alone = self.assembled(&own, &Declared::default());
                    alone.map(Arc::new)
                }
            };
            if let ([name], Some(identity)) = (block.labels.as_slice(), identity) {
                kinds.push((name.as_str().to_owned(), identity));
            }
        }
        Identities::new(kinds)
    }

    /// Puts declarations together; what doesn't fit goes to the problems.
    fn assembled(&mut self, own: &Declared, shared: &Declared) -> Option<Identity> {
        let clashes = match Identity::new(&own.rules, &shared.rules) {
            Ok(identity) => return Some(identity),
            Err(clashes) => clashes,
        };
        let rules: Vec<&Rule> = own.rules.iter().chain(&shared.rules).collect();
        let spans: Vec<&Range<usize>> = own.spans.iter().chain(&shared.spans).collect();
        for clash in clashes {
            match clash {
                Clash::Overlap(first, second) => {
                    let first = rules[first].selector();
                    let message = if first == rules[second].selector() {
                        format!("`{first}` is declared a second time")
                    } else {
                        let second = rules[second].selector();
                        format!("`{second}` may select the same as `{first}`, declared above")
                    };
                    let help = "say it once, or make the paths differ";
                    self.compiler
                        .problem_with_help(spans[second].clone(), message, help);
                }
                Clash::TooMany => {
                    let span = spans.first().map_or(0..0, |span| (*span).clone());
                    let message = "these declarations are too many, or their paths too entangled";
                    let help = "use fewer `**`: write the paths out";
                    self.compiler.problem_with_help(span, message, help);
                }
            }
        }
        None
    }

    /// The declarations that stand in a body, among other things.
    fn declarations(&mut self, body: &Body) -> Declared {
        let mut declared = Declared::default();
        for block in body.blocks() {
            let rule = match block.ident.as_str() {
                "key" => self.key(block).map(Rule::Key),
                "set" => self.set(block).map(Rule::Set),
                _ => continue,
            };
            if let Some(rule) = rule {
                declared.rules.push(rule);
                declared.spans.push(block_span(block));
            }
        }
        declared
    }

    fn set(&mut self, block: &Block) -> Option<SetRule> {
        self.known(block, &SET);
        let ignore_case = self.flag(&block.body, "ignore_case", false);
        Some(SetRule {
            selector: self.declared_path(block, "the path of lists")?,
            ignore_case,
        })
    }

    fn key(&mut self, block: &Block) -> Option<KeyRule> {
        self.known(block, &KEY);
        let body = &block.body;
        let selector = self.declared_path(block, "the path of blocks");
        let by = self.by(block);
        let otherwise = self.otherwise(body);
        let value = self.value(body);
        let by = by?;
        let by_label = by == By::Label;
        let names: &[String] = match &by {
            By::Attributes(names) => names,
            By::Label => &[],
        };
        let precedence = self.precedence(body, names);
        let as_set = self.flag(body, "as_set", false);
        let mut misplaced = |name: &str, message: &str| {
            self.compiler.problem(value_span(body, name), message);
        };
        if otherwise.is_some() && !by_label {
            let message = "only labels may be absent: `else` goes with `by = label`";
            misplaced("else", message);
        }
        if as_set && by_label {
            misplaced(
                "as_set",
                "labels are no lists: `as_set` goes with attributes",
            );
        }
        let twice = value.iter().any(|holder| match holder {
            Holder::Label => by_label,
            Holder::Attribute(name) => names.contains(name),
        });
        if twice {
            let message = "what a block is known by can't be its value as well";
            misplaced("value", message);
        }
        Some(KeyRule {
            selector: selector?,
            by,
            otherwise,
            as_set,
            ignore_case: self.flag(body, "ignore_case", false),
            ordered: self.flag(body, "ordered", false),
            value,
            precedence,
        })
    }

    /// The path that a declaration is about.
    fn declared_path(&mut self, block: &Block, what: &str) -> Option<Selector> {
        let path = self.label(block, what)?;
        let span = block.labels.first().and_then(|label| label.span());
        let span = span.unwrap_or_default();
        let selector = read_selector(&path, span.clone(), &mut self.compiler)?;
        let wrong = if selector.is_empty() {
            "the document itself has no siblings"
        } else if selector.goes_by_label() {
            "a declaration is about all blocks of a path: it takes no labels"
        } else {
            return Some(selector);
        };
        self.compiler.problem(span, wrong);
        None
    }

    fn by(&mut self, block: &Block) -> Option<By> {
        let help = "write `by = label`, `by = \"name\"` or `by = [\"a\", \"b\"]`";
        let Some(attribute) = block.body.get_attribute("by") else {
            let message = "this key doesn't say by what the blocks are known";
            self.compiler
                .problem_with_help(block_span(block), message, help);
            return None;
        };
        let words = self.words(attribute, help)?;
        if words.is_empty() {
            let span = value_span(&block.body, "by");
            self.compiler
                .problem_with_help(span, "a key of nothing", help);
            return None;
        }
        if let [(Word::Bare(word), _)] = &words[..]
            && word == LABEL
        {
            return Some(By::Label);
        }
        let names = self.distinct(words, |word| match word {
            Word::Text(name) => Ok(name),
            Word::Bare(word) if word == LABEL => {
                Err("labels and attributes don't make a key together".to_owned())
            }
            Word::Bare(word) => Err(format!("unknown word `{word}`: {help}")),
        });
        (!names.is_empty()).then_some(By::Attributes(names))
    }

    fn otherwise(&mut self, body: &Body) -> Option<Otherwise> {
        let attribute = body.get_attribute("else")?;
        let help = "write `else = \"name\"` or `else = parent`";
        let mut words = self.words(attribute, help)?.into_iter();
        match (words.next(), words.next()) {
            (Some((Word::Text(name), _)), None) => Some(Otherwise::Attribute(name)),
            (Some((Word::Bare(word), _)), None) if word == PARENT => Some(Otherwise::Parent),
            _ => {
                let message = "`else` is one attribute, or the parent";
                self.compiler
                    .problem_with_help(value_span(body, "else"), message, help);
                None
            }
        }
    }

    fn value(&mut self, body: &Body) -> Vec<Holder> {
        let help = "write `value = label`, or `value = [label, \"value\"]`";
        let words = body
            .get_attribute("value")
            .and_then(|attribute| self.words(attribute, help));
        self.distinct(words.unwrap_or_default(), |word| match word {
            Word::Text(name) => Ok(Holder::Attribute(name)),
            Word::Bare(word) if word == LABEL => Ok(Holder::Label),
            Word::Bare(word) => Err(format!("unknown word `{word}`: {help}")),
        })
    }

    /// Which attributes decide first, as positions among the key's. It must name them all.
    fn precedence(&mut self, body: &Body, names: &[String]) -> Vec<usize> {
        let help = "write `precedence = [\"most specific\", .., \"least specific\"]`";
        let Some(attribute) = body.get_attribute("precedence") else {
            return Vec::new();
        };
        let Some(words) = self.words(attribute, help) else {
            return Vec::new();
        };
        let count = words.len();
        let ranks = self.distinct(words, |word| {
            let (Word::Text(name) | Word::Bare(name)) = word;
            let position = names.iter().position(|known| *known == name);
            position.ok_or_else(|| match nearest(&name, names.iter().map(String::as_str)) {
                Some(near) => format!("`{name}` is not part of the key; did you mean `{near}`?"),
                None => format!("`{name}` is not part of the key"),
            })
        });
        let missing = (0..names.len()).find(|index| !ranks.contains(index));
        // What is misspelt is not also missing.
        if let Some(missing) = missing.filter(|_| ranks.len() == count) {
            let message = format!("`precedence` doesn't say where `{}` stands", names[missing]);
            self.compiler
                .problem_with_help(value_span(body, "precedence"), message, help);
        }
        if names.len() > MOST_RANKS {
            let message = format!("at most {MOST_RANKS} attributes can be ranked");
            self.compiler
                .problem(value_span(body, "precedence"), message);
        }
        ranks
    }

    /// What words stand for, each once; what is wrong goes to the problems.
    fn distinct<T: PartialEq>(
        &mut self,
        words: Vec<(Word, Range<usize>)>,
        meaning: impl Fn(Word) -> Result<T, String>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for (word, span) in words {
            match meaning(word) {
                Ok(meant) if found.contains(&meant) => {
                    self.compiler.problem(span, "this stands here twice");
                }
                Ok(meant) => found.push(meant),
                Err(message) => self.compiler.problem(span, message),
            }
        }
        found
    }

    /// The words and strings of an attribute: one, or a list.
    fn words(&mut self, attribute: &Attribute, help: &str) -> Option<Vec<(Word, Range<usize>)>> {
        let word = |expression: &Expression| {
            let text = expression.as_str().map(|text| Word::Text(text.to_owned()));
            let bare = || {
                let word = expression.as_variable()?;
                Some(Word::Bare(word.as_str().to_owned()))
            };
            Some((text.or_else(bare)?, expression.span().unwrap_or_default()))
        };
        let words: Option<Vec<_>> = match attribute.value.as_array() {
            Some(items) => items.iter().map(word).collect(),
            None => word(&attribute.value).map(|word| vec![word]),
        };
        if words.is_none() {
            let message = format!("`{}` can't be read", attribute.key.as_str());
            let span = attribute.value.span().unwrap_or_default();
            self.compiler.problem_with_help(span, message, help);
        }
        words
    }
}
