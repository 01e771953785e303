//! Reads the body of a `modify` block: selections and operations.

use std::ops::Range;

use hcl::edit::Span;
use hcl::edit::expr as syntax;
use hcl::edit::structure::{Attribute, Block, Body, Structure};

use super::names::{refuse_impossible, refuse_impossible_keys, refuse_same};
use crate::catalog::expression::{BinaryOperator, Compiler, Expression, ExpressionKind, Variable};
use crate::catalog::modify::{
    Destination, Entries, FIRST_OF_REVERSE, Item, OPERATIONS, Operation, OperationKind, Selection,
};
use crate::catalog::selector::Selector;
use crate::text::{either, list, nearest};

/// Reads the body of a `modify` block, which starts at the document as a whole.
pub(super) fn read_modify(block: &Block, compiler: &mut Compiler<'_>) -> Selection {
    let span = block_span(block);
    let selection = read_body(&block.body, span, whole_document(), &mut 0, compiler);
    refuse_empty(&block.body, &selection, compiler);
    selection
}

/// The same for a `down` block, which may be empty: then there is nothing to undo.
pub(super) fn read_down(block: &Block, compiler: &mut Compiler<'_>) -> Selection {
    let span = block_span(block);
    let mut next_id = FIRST_OF_REVERSE;
    read_body(&block.body, span, whole_document(), &mut next_id, compiler)
}

fn whole_document() -> Selector {
    Selector::parse("").expect("the empty path is a selector")
}

/// The span of a block's type and labels, which is what a message should point at.
pub(super) fn block_span(block: &Block) -> Range<usize> {
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
    // The first block of a body is about the document; those in it may be about a dictionary.
    let is_document = matches!(*next_id, 0 | FIRST_OF_REVERSE);
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
                if let Some(operation) = read_operation(attribute, is_document, compiler) {
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
                    "nodes inside a block are selected by `in \"path\" { ... }`".to_owned()
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

/// Reports an empty block. A block with errors isn't empty: they have been reported already.
fn refuse_empty(body: &Body, selection: &Selection, compiler: &mut Compiler<'_>) {
    let nothing_written = body
        .iter()
        .all(|structure| structure.as_attribute().is_some_and(|a| a.has_key("when")));
    if nothing_written {
        compiler.problem_with_help(
            selection.span.clone(),
            "this block changes nothing",
            format!("give it an operation: {}", either(OPERATIONS)),
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
            let place = compiler.within(text, span, within);
            compiler.problem(place, message);
            None
        }
    }
}

fn read_operation(
    attribute: &Attribute,
    is_document: bool,
    compiler: &mut Compiler<'_>,
) -> Option<Operation> {
    let span = attribute.key.span().unwrap_or_default();
    let name = attribute.key.as_str();
    compiler.value_is_known = matches!(name, "convert" | "label");
    let kind = read_operation_kind(attribute, span.clone(), is_document, compiler);
    compiler.value_is_known = false;
    Some(Operation { span, kind: kind? })
}

fn read_operation_kind(
    attribute: &Attribute,
    span: Range<usize>,
    is_document: bool,
    compiler: &mut Compiler<'_>,
) -> Option<OperationKind> {
    let name = attribute.key.as_str();
    Some(match name {
        "set" => OperationKind::Set(read_object(attribute, !is_document, compiler)?),
        "default" => OperationKind::Default(read_object(attribute, !is_document, compiler)?),
        "convert" => OperationKind::Convert(read_entries(attribute, compiler)?),
        "insert" => OperationKind::Insert(read_object(attribute, false, compiler)?),
        "rename" => {
            let mut names = Vec::new();
            for (old, new, span) in read_names(attribute, compiler)? {
                refuse_same(&old, &new, span.clone(), compiler);
                refuse_impossible(&new, !is_document, span, compiler);
                names.push((old, new));
            }
            OperationKind::Rename(names)
        }
        "move" => {
            let mut moves = Vec::new();
            for (old, new, span) in read_names(attribute, compiler)? {
                refuse_same(&old, &new, span.clone(), compiler);
                if let Some(to) = read_destination(&new, span.clone(), compiler) {
                    let stays = to.climb == 0 && to.selector.is_empty();
                    refuse_impossible(&to.name, !(is_document && stays), span, compiler);
                    moves.push((old, to));
                }
            }
            OperationKind::Move(moves)
        }
        "remove" if is_document && attribute.value.as_bool() == Some(true) => {
            let message = "`modify` can't remove the document itself";
            let help = "write a step for that, whose body is `remove {}`";
            compiler.problem_with_help(span, message, help);
            return None;
        }
        "remove" => read_remove(attribute, compiler)?,
        "label" => OperationKind::Label(compiler.expression(&attribute.value)),
        "reject" if attribute.value.as_str() == Some("") => {
            let help = "write what is wrong with the document and what to do: users read it";
            compiler.problem_with_help(span, "a `reject` with an empty message".to_owned(), help);
            return None;
        }
        "reject"
            if matches!(
                attribute.value,
                syntax::Expression::Null(_)
                    | syntax::Expression::Bool(_)
                    | syntax::Expression::Number(_)
                    | syntax::Expression::Array(_)
                    | syntax::Expression::Object(_)
            ) =>
        {
            let help = "write what is wrong with the document and what to do, in quotes";
            compiler.problem_with_help(span, "`reject` takes a message".to_owned(), help);
            return None;
        }
        "reject" => OperationKind::Reject(compiler.expression(&attribute.value)),
        _ => {
            let known = OPERATIONS.into_iter().chain(["when"]);
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the operations are {}", list(OPERATIONS)),
            };
            compiler.problem_with_help(span, format!("unknown operation `{name}`"), help);
            return None;
        }
    })
}

fn read_object(
    attribute: &Attribute,
    is_in_dictionary: bool,
    compiler: &mut Compiler<'_>,
) -> Option<Entries> {
    let value = compiler.expression(&attribute.value);
    match value.kind {
        ExpressionKind::Object(entries) => {
            refuse_twins(&entries, compiler);
            refuse_impossible_keys(&entries, is_in_dictionary, compiler);
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
            compiler.problem(key.span.clone(), format!("`{name}` occurs twice"));
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

/// The entries of an object of plain strings, each with the span of its value.
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

/// The attributes of the selected node that a condition requires to equal a constant.
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
