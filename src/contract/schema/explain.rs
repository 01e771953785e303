//! What the validator found, in the words of documents.

use jsonschema::JsonType;
use jsonschema::error::{TypeKind, ValidationError, ValidationErrorKind};
use serde_json::Value;

use super::super::pointer;
use super::super::subject::{article, choices, shortened, subject};
use super::super::violation::{Rule, Violation};
use super::reference::resolve;
use crate::ocl::{Document, Kind, LABELS, Node};
use crate::text::{either, nearest};

/// How many forms of one thing are looked through.
const MOST_FORMS: usize = 64;

/// Adds what is wrong with a document: one violation, or as many as the error is about.
pub(super) fn explain(
    schema: &Value,
    document: &Document,
    error: &ValidationError<'_>,
    violations: &mut Vec<Violation>,
) {
    let pointer = error.instance_path().to_string();
    let keyword = error.schema_path().to_string();
    let holder = keyword.rsplit_once('/').map_or("", |(holder, _)| holder);
    let explained = Explained {
        schema,
        at: schema.pointer(holder).unwrap_or(&Value::Null),
        node: pointer::node(document.root(), &pointer),
        instance: error.instance(),
        pointer,
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                violations.push(explained.unknown_name(name));
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            match best_form(context) {
                Some(form) => {
                    for error in form {
                        explain(schema, document, error, violations);
                    }
                }
                None => violations.push(explained.no_form(context)),
            }
        }
        kind => violations.push(explained.violation(kind, error)),
    }
}

/// The form that was probably meant: the one whose mistakes lie deepest, and of those the one with the fewest. None where
/// every form is already wrong about the type of the whole.
fn best_form<'e>(
    forms: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e [ValidationError<'static>]> {
    let depth =
        |error: &ValidationError<'_>| error.instance_path().to_string().matches('/').count();
    let whole_type = |form: &[ValidationError<'_>], least: usize| {
        form.iter().any(|error| {
            depth(error) == least && matches!(error.kind(), ValidationErrorKind::Type { .. })
        })
    };
    let least = forms.iter().flatten().map(depth).min()?;
    let form = forms
        .iter()
        .take(MOST_FORMS)
        .filter(|form| !whole_type(form, least))
        .min_by_key(|form| {
            (
                usize::MAX - form.iter().map(depth).min().unwrap_or(0),
                form.len(),
            )
        })?;
    Some(form)
}

/// What an error is about.
struct Explained<'s, 'e> {
    schema: &'s Value,
    /// The schema whose keyword is broken.
    at: &'s Value,
    node: Node<'e>,
    instance: &'e Value,
    pointer: String,
}

impl<'e> Explained<'_, 'e> {
    fn make(&self, node: Node<'e>, rule: Rule, message: String) -> Violation {
        Violation {
            node: node.id(),
            rule,
            message,
            suggestion: None,
        }
    }

    fn unknown_name(&self, name: &str) -> Violation {
        let holder = subject(self.node);
        if name == LABELS {
            let label = self.node.labels().next().unwrap_or(self.node);
            let message = format!("{holder} takes no label");
            return self.make(label, Rule::UnknownName, message);
        }
        let member = pointer::member(self.node, name).unwrap_or(self.node);
        let what = match member.kind() {
            Kind::Block => "block",
            Kind::Entry => "entry",
            _ => "attribute",
        };
        let message = format!("{holder} has no {what} `{}`", shortened(name));
        let mut violation = self.make(member, Rule::UnknownName, message);
        violation.suggestion =
            nearest(name, self.known_names().iter().map(String::as_str)).map(str::to_owned);
        violation
    }

    /// The names that the broken schema knows, those of the schemas it is put together from included.
    fn known_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut open = vec![self.at];
        let mut seen = 0;
        while let Some(schema) = open.pop() {
            seen += 1;
            if seen > MOST_FORMS {
                break;
            }
            if let Some(Value::Object(properties)) = schema.get("properties") {
                names.extend(properties.keys().filter(|name| *name != LABELS).cloned());
            }
            open.extend(resolve(self.schema, schema));
            for list in ["allOf", "anyOf", "oneOf"] {
                open.extend(
                    schema
                        .get(list)
                        .and_then(Value::as_array)
                        .into_iter()
                        .flatten(),
                );
            }
            open.extend(["then", "else"].iter().filter_map(|name| schema.get(*name)));
        }
        names
    }

    fn no_form(&self, forms: &[Vec<ValidationError<'static>>]) -> Violation {
        let mut wanted: Vec<String> = Vec::new();
        for error in forms.iter().flatten() {
            if let ValidationErrorKind::Type { kind } = error.kind() {
                wanted.extend(types_of(kind).iter().map(|wanted| self.type_noun(*wanted)));
            }
        }
        wanted.sort();
        wanted.dedup();
        let it = subject(self.node);
        let message = if wanted.is_empty() {
            format!("{it} has none of the forms that it may have")
        } else {
            format!("{it} must be {}, not {}", either(&wanted), self.found())
        };
        self.make(self.node, Rule::WrongType, message)
    }

    /// What stands there, in the words of documents.
    fn found(&self) -> &'static str {
        article(self.node)
    }

    /// What a JSON type is in a document: whether a list is one, or blocks, the schema's items tell.
    fn type_noun(&self, wanted: JsonType) -> String {
        let noun = match wanted {
            JsonType::Null => "null",
            JsonType::Boolean => "a boolean",
            JsonType::Integer => "a whole number",
            JsonType::Number => "a number",
            JsonType::String => "a string",
            // All blocks of a type are a list.
            JsonType::Object if self.is_block() && !self.instance.is_array() => "a block",
            JsonType::Object => "a dictionary",
            JsonType::Array if self.wants_blocks() => "a block",
            JsonType::Array => "a list",
        };
        noun.to_owned()
    }

    fn is_block(&self) -> bool {
        matches!(self.node.kind(), Kind::Document | Kind::Block)
    }

    fn wants_blocks(&self) -> bool {
        let items = self.at.get("items").unwrap_or(&Value::Null);
        let items = resolve(self.schema, items).unwrap_or(items);
        is_block(items)
    }

    fn violation(&self, kind: &ValidationErrorKind, error: &ValidationError<'_>) -> Violation {
        use ValidationErrorKind as Wrong;
        let it = subject(self.node);
        let value = || {
            shortened(
                &self
                    .instance
                    .as_str()
                    .map_or_else(|| self.instance.to_string(), str::to_owned),
            )
        };
        let (rule, message) = match kind {
            Wrong::Required { property } => {
                return self.missing(property.as_str().unwrap_or_default());
            }
            Wrong::Enum { options } => {
                return self.unknown_value(options.as_array().map_or(&[], Vec::as_slice));
            }
            Wrong::Constant { expected_value } => {
                return self.unknown_value(std::slice::from_ref(&**expected_value));
            }
            Wrong::Type { kind } => (Rule::WrongType, self.wrong_type(kind)),
            Wrong::Pattern { pattern } => (
                Rule::WrongText,
                format!("{it} is `{}`, which doesn't match `{pattern}`", value()),
            ),
            Wrong::Format { format } => (
                Rule::WrongText,
                format!("{it} is `{}`, which is no {format}", value()),
            ),
            Wrong::MinLength { limit: 1 } => (Rule::WrongCount, format!("{it} must not be empty")),
            Wrong::MinLength { limit } => (
                Rule::WrongCount,
                format!("{it} must have at least {limit} characters"),
            ),
            Wrong::MaxLength { limit } => (
                Rule::WrongCount,
                format!("{it} may have no more than {limit} characters"),
            ),
            Wrong::MinItems { limit } => (Rule::WrongCount, self.count("at least", *limit)),
            Wrong::MaxItems { limit } => (Rule::WrongCount, self.count("at most", *limit)),
            Wrong::AdditionalItems { limit } => {
                (Rule::WrongCount, self.count("at most", *limit as u64))
            }
            Wrong::MinProperties { limit } => {
                (Rule::WrongCount, format!("{it} must hold at least {limit}"))
            }
            Wrong::MaxProperties { limit } => (
                Rule::WrongCount,
                format!("{it} may hold no more than {limit}"),
            ),
            Wrong::UniqueItems => (Rule::NotUnique, format!("{it} holds the same item twice")),
            Wrong::Minimum { limit } => (
                Rule::WrongNumber,
                format!("{it} is {}; it must be at least {limit}", value()),
            ),
            Wrong::Maximum { limit } => (
                Rule::WrongNumber,
                format!("{it} is {}; it may be at most {limit}", value()),
            ),
            Wrong::ExclusiveMinimum { limit } => (
                Rule::WrongNumber,
                format!("{it} is {}; it must be more than {limit}", value()),
            ),
            Wrong::ExclusiveMaximum { limit } => (
                Rule::WrongNumber,
                format!("{it} is {}; it must be less than {limit}", value()),
            ),
            Wrong::MultipleOf { multiple_of } => (
                Rule::WrongNumber,
                format!(
                    "{it} is {}; it must be a multiple of {multiple_of}",
                    value()
                ),
            ),
            Wrong::FalseSchema => (Rule::NotAllowed, format!("{it} is not allowed here")),
            Wrong::Not { .. } => (Rule::NotAllowed, format!("{it} must not be so")),
            Wrong::OneOfMultipleValid { .. } => (
                Rule::NotAllowed,
                format!("{it} fits more than one of the forms that it may have"),
            ),
            Wrong::Contains => (
                Rule::Missing,
                format!("{it} lacks an item that must be there"),
            ),
            Wrong::PropertyNames { error } => {
                let name = error.instance().as_str().unwrap_or_default();
                let node = pointer::member(self.node, name).unwrap_or(self.node);
                let message = format!("`{}` can't be a name in {it}", shortened(name));
                return self.make(node, Rule::UnknownName, message);
            }
            _ => (Rule::NotAllowed, format!("{it}: {error}")),
        };
        self.make(self.node, rule, message)
    }

    fn wrong_type(&self, kind: &TypeKind) -> String {
        let wanted = types_of(kind);
        let nouns: Vec<String> = wanted
            .iter()
            .map(|wanted| self.type_noun(*wanted))
            .collect();
        let nouns = either(nouns);
        match (self.node.kind(), self.instance) {
            // One of several blocks, where a list of something else should be.
            (Kind::Block, Value::Object(_)) => {
                format!("`{}` must be an attribute, not a block", self.node.name())
            }
            (Kind::Block, _) => format!("`{}` must be {nouns}, not a block", self.node.name()),
            (_, Value::Number(number)) if wanted.contains(&JsonType::Integer) => {
                format!("{} must be {nouns}, not {number}", subject(self.node))
            }
            _ => format!(
                "{} must be {nouns}, not {}",
                subject(self.node),
                self.found()
            ),
        }
    }

    /// How many there must be: of labels, of blocks, of items.
    fn count(&self, bound: &str, limit: u64) -> String {
        let plural = |noun: &str| {
            if limit == 1 {
                noun.to_owned()
            } else {
                format!("{noun}s")
            }
        };
        if self.pointer.ends_with(LABELS) {
            let block = self.node.parent().unwrap_or(self.node);
            return format!(
                "{} must have {bound} {limit} {}",
                subject(block),
                plural("label")
            );
        }
        match self.node.kind() {
            Kind::Block => {
                let holder = self.node.parent().unwrap_or(self.node);
                let (block, name) = (plural("block"), self.node.name());
                format!(
                    "{} must have {bound} {limit} {block} `{name}`",
                    subject(holder)
                )
            }
            _ => format!(
                "{} must have {bound} {limit} {}",
                subject(self.node),
                plural("item")
            ),
        }
    }

    fn missing(&self, name: &str) -> Violation {
        let it = subject(self.node);
        if name == LABELS {
            return self.make(self.node, Rule::Missing, format!("{it} needs a label"));
        }
        let wanted = self
            .at
            .get("properties")
            .and_then(|properties| properties.get(name));
        let wanted = wanted.map(|wanted| resolve(self.schema, wanted).unwrap_or(wanted));
        let items = wanted.and_then(|wanted| wanted.get("items"));
        let items = items.map(|items| resolve(self.schema, items).unwrap_or(items));
        let what = match (self.node.kind(), items) {
            (Kind::Dictionary, _) => "entry",
            (_, Some(items)) if is_block(items) => "block",
            _ => "attribute",
        };
        self.make(
            self.node,
            Rule::Missing,
            format!("{it} needs the {what} `{name}`"),
        )
    }

    fn unknown_value(&self, options: &[Value]) -> Violation {
        let written = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), |text| format!("`{text}`"))
        };
        let found = match self.instance {
            Value::String(text) => format!("`{}`", shortened(text)),
            Value::Array(_) | Value::Object(_) => self.found().to_owned(),
            other => other.to_string(),
        };
        let message = format!(
            "{} is {found}; it may be {}",
            subject(self.node),
            choices(options.iter().map(written))
        );
        let mut violation = self.make(self.node, Rule::UnknownValue, message);
        if let Some(text) = self.instance.as_str() {
            violation.suggestion =
                nearest(text, options.iter().filter_map(Value::as_str)).map(str::to_owned);
        }
        violation
    }
}

fn is_block(items: &Value) -> bool {
    items.get("type").is_some_and(|of| of == "object") || items.get("properties").is_some()
}

fn types_of(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(one) => vec![*one],
        TypeKind::Multiple(several) => several.iter().collect(),
    }
}
