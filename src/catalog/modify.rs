//! The body of a declared `modify` step: selections and operations, checked when the catalog loads.

use std::ops::Range;

use hcl::edit::Span;
use hcl::edit::expr as syntax;
use hcl::edit::structure::{Attribute, Block, Body, Structure};

use super::expression::{BinaryOperator, Compiler, Expression, ExpressionKind, Variable};
use super::problem::nearest;
use super::selector::Selector;

/// What a `modify` or `in` block does to every node it selects.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    /// Its number within the step, in the order written; [`FIRST_OF_REVERSE`] and more in what undoes the step.
    pub(crate) id: usize,
    /// Where it stands in the step's file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) selector: Selector,
    pub(crate) when: Option<Expression>,
    /// The attributes whose old value `when` states: writing over them loses nothing unknown.
    pub(crate) pinned: Vec<String>,
    /// In the order written.
    pub(crate) items: Vec<Item>,
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
    Operation(Operation),
    In(Selection),
}

/// One operation on a selected node.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// Where it stands in the step's file, in bytes.
    pub(crate) span: Range<usize>,
    pub(crate) kind: OperationKind,
}

#[derive(Debug, Clone)]
pub(crate) enum OperationKind {
    /// Writes attributes or entries.
    Set(Entries),
    /// Writes those that are absent.
    Default(Entries),
    /// Renames attributes, entries or child blocks, from old to new.
    Rename(Vec<(String, String)>),
    /// Removes attributes, entries or child blocks.
    Remove(Vec<String>),
    /// Removes the selected node itself.
    RemoveItself,
    /// Rewrites attributes that are there, by an expression over `value`.
    Convert(Vec<(Expression, Expression)>),
    /// Rewrites the first label.
    Label(Expression),
    /// Moves attributes, entries or child blocks elsewhere, from the old place to the new.
    Move(Vec<(String, Destination)>),
    /// Undoes a move: takes what lies at the destination back under its old name. Derived, never written.
    MoveBack(Vec<(String, Destination)>),
    /// Adds blocks, by type, in the plain view.
    Insert(Entries),
    /// Refuses the document with a message.
    Reject(Expression),
}

/// Names with values, as `set`, `default` and `insert` take them.
#[derive(Debug, Clone)]
pub(crate) enum Entries {
    /// An object that is written out: each value is evaluated on its own.
    Written(Vec<(Expression, Expression)>),
    /// An expression that gives an object: a `for` over the entries of a dictionary, say.
    Computed(Expression),
}

/// Where `move` puts something, relative to the selected node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    /// How many enclosing nodes to climb first (`parent.parent.x`).
    pub(crate) climb: usize,
    /// The blocks or dictionaries to descend into; the one node this selects receives it.
    pub(crate) selector: Selector,
    /// The name it has there.
    pub(crate) name: String,
}

/// The number of the first block of a step's reverse: none that the step itself has.
pub(crate) const FIRST_OF_REVERSE: usize = 1 << 20;

/// The operations, as they are written in a step.
pub const OPERATIONS: [&str; 9] = [
    "set", "default", "rename", "remove", "convert", "label", "move", "insert", "reject",
];

impl Selection {
    /// Reads the body of a `modify` block: what it does to the document as a whole.
    pub(crate) fn read(block: &Block, compiler: &mut Compiler<'_>) -> Selection {
        let selection = read_body(
            &block.body,
            block_span(block),
            whole_document(),
            &mut 0,
            compiler,
        );
        refuse_empty(&block.body, &selection, compiler);
        selection
    }

    /// The same for a `down` block, which may be empty: then there is nothing to undo.
    pub(crate) fn read_down(block: &Block, compiler: &mut Compiler<'_>) -> Selection {
        let span = block_span(block);
        let mut next_id = FIRST_OF_REVERSE;
        read_body(&block.body, span, whole_document(), &mut next_id, compiler)
    }
}

fn whole_document() -> Selector {
    Selector::parse("").expect("the empty path is a selector")
}

/// The span of a block's type and labels, which is what a message should point at.
pub(crate) fn block_span(block: &Block) -> Range<usize> {
    let whole = block.span().unwrap_or_default();
    let start = block.ident.span().unwrap_or(whole.clone());
    let end = block.labels.last().and_then(|label| label.span());
    start.start..end.map_or(start.end, |label| label.end)
}

fn read_body(
    body: &Body,
    span: Range<usize>,
    selector: Selector,
    next_id: &mut usize,
    compiler: &mut Compiler<'_>,
) -> Selection {
    let mut selection = Selection {
        id: *next_id,
        span,
        selector,
        when: None,
        pinned: Vec::new(),
        items: Vec::new(),
    };
    *next_id += 1;
    for structure in body {
        match structure {
            Structure::Attribute(attribute) if attribute.has_key("when") => {
                let when = compiler.expression(&attribute.value);
                pinned_by(&when, &mut selection.pinned);
                selection.when = Some(when);
            }
            Structure::Attribute(attribute) => {
                if let Some(operation) = read_operation(attribute, compiler) {
                    selection.items.push(Item::Operation(operation));
                }
            }
            Structure::Block(block) if block.has_ident("in") => {
                if let Some(inner) = read_in(block, next_id, compiler) {
                    selection.items.push(Item::In(inner));
                }
            }
            Structure::Block(block) => {
                let name = block.ident.as_str();
                let help = if OPERATIONS.contains(&name) {
                    format!("an operation is an attribute: `{name} = ...`")
                } else {
                    "what is below a block is selected by `in \"path\" { ... }`".to_owned()
                };
                compiler.problem_with_help(
                    block_span(block),
                    format!("unknown block `{name}`"),
                    help,
                );
            }
        }
    }
    selection
}

/// Reports a block in which nothing is written. What is wrong in it has been reported already.
fn refuse_empty(body: &Body, selection: &Selection, compiler: &mut Compiler<'_>) {
    let nothing_written = body
        .iter()
        .all(|structure| structure.as_attribute().is_some_and(|a| a.has_key("when")));
    if nothing_written {
        compiler.problem_with_help(
            selection.span.clone(),
            "this block changes nothing",
            format!("give it an operation: {}", OPERATIONS.join(", ")),
        );
    }
}

fn read_in(block: &Block, next_id: &mut usize, compiler: &mut Compiler<'_>) -> Option<Selection> {
    let [label] = block.labels.as_slice() else {
        compiler.problem_with_help(
            block_span(block),
            "`in` takes one label, the path to select",
            "write `in \"step.action\" { ... }`",
        );
        return None;
    };
    let selector = read_selector(label.as_str(), label.span().unwrap_or_default(), compiler)?;
    let selection = read_body(&block.body, block_span(block), selector, next_id, compiler);
    refuse_empty(&block.body, &selection, compiler);
    Some(selection)
}

pub(super) fn read_selector(
    text: &str,
    span: Range<usize>,
    compiler: &mut Compiler<'_>,
) -> Option<Selector> {
    match Selector::parse_plain(text) {
        Ok(selector) => Some(selector),
        Err((within, message)) => {
            // The place within a quoted path is exact only as long as nothing in it is escaped.
            let source = compiler.file.text.get(span.clone()).unwrap_or_default();
            let exact = source.len() == text.len() + 2 && source[1..].starts_with(text);
            let place = if exact {
                span.start + 1 + within.start..span.start + 1 + within.end
            } else {
                span
            };
            compiler.problem(place, message);
            None
        }
    }
}

fn read_operation(attribute: &Attribute, compiler: &mut Compiler<'_>) -> Option<Operation> {
    let span = attribute.key.span().unwrap_or_default();
    let name = attribute.key.as_str();
    compiler.value_is_known = matches!(name, "convert" | "label");
    let kind = read_operation_kind(attribute, span.clone(), compiler);
    compiler.value_is_known = false;
    Some(Operation { span, kind: kind? })
}

fn read_operation_kind(
    attribute: &Attribute,
    span: Range<usize>,
    compiler: &mut Compiler<'_>,
) -> Option<OperationKind> {
    let name = attribute.key.as_str();
    Some(match name {
        "set" => OperationKind::Set(read_object(attribute, compiler)?),
        "default" => OperationKind::Default(read_object(attribute, compiler)?),
        "convert" => OperationKind::Convert(read_entries(attribute, compiler)?),
        "insert" => OperationKind::Insert(read_object(attribute, compiler)?),
        "rename" => OperationKind::Rename(
            read_names(attribute, compiler)?
                .into_iter()
                .map(|(old, new, _)| (old, new))
                .collect(),
        ),
        "move" => OperationKind::Move(
            read_names(attribute, compiler)?
                .into_iter()
                .filter_map(|(old, new, span)| Some((old, read_destination(&new, span, compiler)?)))
                .collect(),
        ),
        "remove" => read_remove(attribute, compiler)?,
        "label" => OperationKind::Label(compiler.expression(&attribute.value)),
        "reject" => OperationKind::Reject(compiler.expression(&attribute.value)),
        _ => {
            let known = OPERATIONS.into_iter().chain(["when"]);
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the operations are {}", OPERATIONS.join(", ")),
            };
            compiler.problem_with_help(span, format!("unknown operation `{name}`"), help);
            return None;
        }
    })
}

fn read_object(attribute: &Attribute, compiler: &mut Compiler<'_>) -> Option<Entries> {
    let value = compiler.expression(&attribute.value);
    match value.kind {
        ExpressionKind::Object(entries) => {
            refuse_twins(&entries, compiler);
            Some(Entries::Written(entries))
        }
        ExpressionKind::Null
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::String(_)
        | ExpressionKind::Template(_)
        | ExpressionKind::List(_) => {
            not_an_object(attribute, value.span, compiler);
            None
        }
        _ => Some(Entries::Computed(value)),
    }
}

fn read_entries(
    attribute: &Attribute,
    compiler: &mut Compiler<'_>,
) -> Option<Vec<(Expression, Expression)>> {
    let value = compiler.expression(&attribute.value);
    match value.kind {
        ExpressionKind::Object(entries) => {
            refuse_twins(&entries, compiler);
            Some(entries)
        }
        _ => {
            not_an_object(attribute, value.span, compiler);
            None
        }
    }
}

fn refuse_twins(entries: &[(Expression, Expression)], compiler: &mut Compiler<'_>) {
    for (index, (key, _)) in entries.iter().enumerate() {
        let ExpressionKind::String(name) = &key.kind else {
            continue;
        };
        let twice = entries[..index]
            .iter()
            .any(|(other, _)| matches!(&other.kind, ExpressionKind::String(text) if text == name));
        if twice {
            compiler.problem(key.span.clone(), format!("`{name}` stands here twice"));
        }
    }
}

fn not_an_object(attribute: &Attribute, span: Range<usize>, compiler: &mut Compiler<'_>) {
    let name = attribute.key.as_str();
    compiler.problem_with_help(
        span,
        format!("`{name}` takes an object"),
        format!("write `{name} = {{ attribute = value }}`"),
    );
}

/// The entries of an object of plain strings, each with the place of its value.
fn read_names(
    attribute: &Attribute,
    compiler: &mut Compiler<'_>,
) -> Option<Vec<(String, String, Range<usize>)>> {
    let mut names = Vec::new();
    for (key, value) in read_entries(attribute, compiler)? {
        match (key.kind, value.kind) {
            (ExpressionKind::String(old), ExpressionKind::String(new)) => {
                names.push((old, new, value.span))
            }
            _ => {
                let name = attribute.key.as_str();
                compiler.problem_with_help(
                    value.span,
                    format!("`{name}` takes plain names"),
                    format!("write `{name} = {{ old = \"new\" }}`"),
                );
            }
        }
    }
    Some(names)
}

fn read_remove(attribute: &Attribute, compiler: &mut Compiler<'_>) -> Option<OperationKind> {
    let wrong = |span: Range<usize>, compiler: &mut Compiler<'_>| {
        compiler.problem_with_help(
            span,
            "`remove` takes a list of names, or `true` for the selected node itself",
            "write `remove = [\"attribute\"]`",
        );
    };
    match &attribute.value {
        syntax::Expression::Bool(value) if *value.value() => Some(OperationKind::RemoveItself),
        syntax::Expression::Array(items) => {
            let mut names = Vec::new();
            for item in items {
                match item.as_str() {
                    Some(name) => names.push(name.to_owned()),
                    None => wrong(item.span().unwrap_or_default(), compiler),
                }
            }
            Some(OperationKind::Remove(names))
        }
        other => {
            wrong(other.span().unwrap_or_default(), compiler);
            None
        }
    }
}

fn read_destination(
    text: &str,
    span: Range<usize>,
    compiler: &mut Compiler<'_>,
) -> Option<Destination> {
    let mut rest = text;
    let mut climb = 0;
    while let Some(inner) = rest.strip_prefix("parent.") {
        climb += 1;
        rest = inner;
    }
    let (path, name) = rest.rsplit_once('.').unwrap_or(("", rest));
    if name.is_empty() || name.contains(['*', '[', '"']) {
        compiler.problem_with_help(
            span,
            "the last part of a destination is the new name",
            "write `move = { old = \"block.new\" }`",
        );
        return None;
    }
    Some(Destination {
        climb,
        selector: read_selector(path, span, compiler)?,
        name: name.to_owned(),
    })
}

/// The attributes of the selected node that a condition compares with a constant, each of which must hold.
fn pinned_by(when: &Expression, pinned: &mut Vec<String>) {
    match &when.kind {
        ExpressionKind::Binary(BinaryOperator::And, a, b) => {
            pinned_by(a, pinned);
            pinned_by(b, pinned);
        }
        ExpressionKind::Binary(BinaryOperator::Equal, a, b) => {
            for (side, other) in [(a, b), (b, a)] {
                if let ExpressionKind::Get(object, name) = &side.kind
                    && matches!(object.kind, ExpressionKind::Variable(Variable::Itself))
                    && is_constant(other)
                {
                    pinned.push(name.clone());
                }
            }
        }
        _ => {}
    }
}

fn is_constant(expression: &Expression) -> bool {
    let mut constant = true;
    expression.walk(&mut |part| {
        constant &= !matches!(
            part.kind,
            ExpressionKind::Variable(_) | ExpressionKind::Call { .. }
        );
    });
    constant
}
