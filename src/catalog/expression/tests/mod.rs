//! A document and a server on which the tests evaluate expressions.

mod functions;
mod language;
mod spending;

use std::collections::HashSet;

use hcl::edit::parser;
use serde_json::{Value as Json, json};

use super::*;
use crate::catalog::problem::{Problem, SourceFile};
use crate::ocl::{Dialect, Document, Node};

const DOCUMENT: &str = r#"name = "Deploy"
count = 007
ratio = 1.50
big = 9007199254740993
flag = true
nothing = null
list = ["a", "b"]
nested = [["x"], ["y", "z"]]
properties = {
    Octopus.Action.Name = "n"
    other = "o"
}

step "first" {
    name = "One"
    action "inner" {
        kind = "script"
    }
}

step "second" {
    name = "Two"
}
"#;

/// A server with one table that has one key.
struct Server;

impl Lookup for Server {
    fn lookup(&self, table: &str, key: &str) -> Result<Option<Json>, String> {
        match (table, key) {
            ("environments", "Production") => Ok(Some(json!("prod"))),
            ("limits", "steps") => Ok(Some(json!(20))),
            ("down", _) => Err("the server is down".into()),
            _ => Ok(None),
        }
    }
}

/// A file with the expression in an attribute.
fn file(text: &str) -> SourceFile {
    SourceFile {
        path: "step.hcl".into(),
        text: format!("x = {text}\n").into(),
    }
}

fn checked(file: &SourceFile) -> (Expression, Vec<Problem>) {
    let text = &file.text;
    let body = parser::parse_body(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut compiler = Compiler::new(file);
    compiler.value_is_known = true;
    let attribute = body.get_attribute("x").expect("the attribute");
    let expression = compiler.expression(&attribute.value);
    (expression, compiler.problems)
}

fn compile(text: &str) -> Expression {
    let (expression, problems) = checked(&file(text));
    assert!(problems.is_empty(), "{problems:?}");
    expression
}

fn problems(text: &str) -> Vec<Problem> {
    checked(&file(text)).1
}

fn scope(node: Node<'_>) -> Scope<'_> {
    Scope {
        node,
        documents: Value::Null,
        slug: "my-slug",
        value: node.get("name"),
    }
}

/// The JSON result of an expression on the document, or its error with the text that the error points at.
fn try_evaluate(text: &str) -> Result<Json, String> {
    evaluate_over(DOCUMENT, text)
}

fn evaluate_over(document: &str, text: &str) -> Result<Json, String> {
    let document = Document::parse(document, Dialect::Current).expect("a document");
    let expression = compile(text);
    let evaluator = Evaluator::new(&Server);
    let result = evaluator.evaluate(&expression, &scope(document.root()));
    result.map(|value| value.to_json()).map_err(|error| {
        let source = format!("x = {text}");
        format!("{}: {}", &source[error.span], error.message)
    })
}

fn evaluate(text: &str) -> Json {
    try_evaluate(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn fails(text: &str) -> String {
    match try_evaluate(text) {
        Ok(value) => panic!("{text} results in {value}"),
        Err(error) => error,
    }
}

/// The leaves that an expression reads, as text.
fn reads(text: &str) -> Vec<String> {
    let document = Document::parse(DOCUMENT, Dialect::Current).expect("a document");
    let expression = compile(text);
    let evaluator = Evaluator::new(&Server);
    let result = evaluator.evaluate(&expression, &scope(document.root()));
    result.unwrap_or_else(|error| panic!("{text}: {}", error.message));
    let distinct: HashSet<_> = evaluator.take_reads(document.root()).into_iter().collect();
    let mut leaves: Vec<_> = distinct.into_iter().map(|id| document.node(id)).collect();
    leaves.sort_by_key(|leaf| leaf.id());
    leaves
        .iter()
        .map(|leaf| leaf.source().into_owned())
        .collect()
}
