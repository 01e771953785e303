//! A draft as a message of protobuf.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::seen::{Holder, Member, Scalar, Value};

/// What no message can say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoMessage {
    /// A name that can't be that of a field.
    #[error("`{0}` can't be the name of a field of protobuf")]
    Name(String),
    /// Blocks and an attribute have one name.
    #[error(
        "`{0}` is a block in one place and an attribute in another, which a field of protobuf can't be"
    )]
    Mixed(String),
    /// Blocks nest deeper than messages can.
    #[error("blocks nest more than {DEEPEST} deep, and messages of protobuf can't")]
    TooDeep,
}

/// How deep blocks may nest: protobuf's own compiler takes 31 messages in each other.
const DEEPEST: usize = 30;

/// A message as a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftedMessage {
    /// The protobuf file.
    pub text: String,
    /// The message's full name.
    pub message: String,
    /// Messages by name, each with the fields that a block's labels are.
    pub labels: Vec<(String, Vec<String>)>,
}

/// Stands for anything; names from the outermost scope on, so that no field or message gets in between.
const ANYTHING: &str = ".google.protobuf.Value";

pub(super) fn message(
    root: &Holder,
    kind: &str,
    package: &str,
    description: &str,
) -> Result<DraftedMessage, NoMessage> {
    let name = message_name(kind);
    let mut writer = Writer::default();
    writer.message(root, &name, &name, 0)?;
    let import = if writer.has_structs {
        "import \"google/protobuf/struct.proto\";\n\n"
    } else {
        ""
    };
    Ok(DraftedMessage {
        text: format!(
            "// {description}\nsyntax = \"proto2\";\n\npackage {package};\n\n{import}{}",
            writer.text
        ),
        message: format!("{package}.{name}"),
        labels: writer.labels,
    })
}

#[derive(Default)]
struct Writer {
    text: String,
    labels: Vec<(String, Vec<String>)>,
    has_structs: bool,
}

impl Writer {
    /// `path` is its name within the package.
    fn message(
        &mut self,
        holder: &Holder,
        name: &str,
        path: &str,
        depth: usize,
    ) -> Result<(), NoMessage> {
        if depth > DEEPEST {
            return Err(NoMessage::TooDeep);
        }
        let indent = "  ".repeat(depth);
        let mut taken: HashSet<String> = holder.members.keys().cloned().collect();
        let labels = label_fields(holder.labels.1, &mut taken);
        let _ = writeln!(self.text, "{indent}message {name} {{");
        let mut number = 0;
        for (index, label) in labels.iter().enumerate() {
            number += 1;
            let rule = rule(index < holder.labels.0);
            let _ = writeln!(self.text, "{indent}  {rule} string {label} = {number};");
        }
        // A message and a field of one name would be one name for two things.
        let mut inner = Vec::new();
        for (field, member) in &holder.members {
            if !is_field(field) {
                return Err(NoMessage::Name(field.clone()));
            }
            number += 1;
            let kind = match (&member.blocks, &member.value) {
                (Some(_), Some(_)) => return Err(NoMessage::Mixed(field.clone())),
                (Some(blocks), None) => {
                    let mut name = message_name(field);
                    while !taken.insert(name.clone()) {
                        name.push_str("Block");
                    }
                    inner.push((name.clone(), blocks));
                    format!("repeated {name}")
                }
                (None, _) => self.field(member, member.filled == holder.count),
            };
            let _ = writeln!(self.text, "{indent}  {kind} {field} = {number};");
        }
        for (name, blocks) in inner {
            self.text.push('\n');
            self.message(blocks, &name, &format!("{path}.{name}"), depth + 1)?;
        }
        let _ = writeln!(self.text, "{indent}}}");
        if !labels.is_empty() {
            self.labels.push((path.to_owned(), labels));
        }
        Ok(())
    }

    /// The rule and type of an attribute.
    fn field(&mut self, member: &Member, is_required: bool) -> String {
        // What is null is absent.
        let value = &member.value_without_null();
        let is_whole = value.scalars.is_empty() && !value.is_anything;
        match (&value.list, &value.dictionary) {
            (Some(items), None) if is_whole => format!("repeated {}", self.value(items)),
            (None, Some(dictionary)) if is_whole => {
                format!("map<string, {}>", self.value(&dictionary.values()))
            }
            _ => format!("{} {}", rule(is_required), self.value(value)),
        }
    }

    /// The type of an item of a list, or of an attribute or entry that is neither a list nor a dictionary everywhere.
    fn value(&mut self, value: &Value) -> &'static str {
        let kind = kind_of(value);
        self.has_structs |= kind.starts_with('.');
        kind
    }
}

fn kind_of(value: &Value) -> &'static str {
    let scalars: Vec<Scalar> = value.scalars.iter().copied().collect();
    match (&scalars[..], &value.list, &value.dictionary) {
        _ if value.is_anything => ANYTHING,
        ([Scalar::Bool], None, None) => "bool",
        ([Scalar::Integer], None, None) => "int64",
        ([Scalar::Number] | [Scalar::Integer, Scalar::Number], None, None) => "double",
        ([Scalar::String], None, None) => "string",
        ([], Some(_), None) => ".google.protobuf.ListValue",
        ([], None, Some(_)) => ".google.protobuf.Struct",
        _ => ANYTHING,
    }
}

fn rule(is_required: bool) -> &'static str {
    if is_required { "required" } else { "optional" }
}

/// The fields that labels are: `name`, or what is free.
fn label_fields(count: usize, taken: &mut HashSet<String>) -> Vec<String> {
    let mut names = ["name", "label"].map(str::to_owned).into_iter();
    let mut numbered = (2..).map(|number| format!("label_{number}"));
    let mut fields = Vec::new();
    while fields.len() < count {
        let name = names.next().or_else(|| numbered.next());
        fields.extend(name.filter(|name| taken.insert(name.clone())));
    }
    fields
}

fn is_field(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `deployment_process` is a `DeploymentProcess`.
fn message_name(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    let name: String = words
        .flat_map(|word| {
            let (first, rest) = word.split_at(1);
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name
    } else {
        format!("Message{name}")
    }
}

/// A package of a catalog's name.
pub(super) fn package(catalog: &str, version: u32) -> String {
    let plain = catalog.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    let plain = plain.trim_matches('_').to_ascii_lowercase();
    if plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        format!("{plain}.v{version}")
    } else {
        format!("catalog_{plain}.v{version}")
    }
}
