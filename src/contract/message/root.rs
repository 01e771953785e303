//! The message that a document is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use prost_reflect::{Cardinality, FieldDescriptor, Kind, MessageDescriptor};

use super::known::{self, Known, value_of};
use super::read;
use crate::catalog::{DeclaredContract, Problem, ProtobufRoot, SourceFile};
use crate::text::{grouped, nearest};

/// The most fields that the messages of a contract may have together.
const MOST_FIELDS: usize = 20_000;

/// A message that can be used.
#[derive(Debug)]
pub(in super::super) struct Message {
    root: MessageDescriptor,
    /// By their full names, what is to be known of messages beside their fields.
    parts: HashMap<String, Part>,
    files: Arc<[SourceFile]>,
}

#[derive(Debug, Default)]
pub(super) struct Part {
    /// The fields that a block's labels are.
    pub(super) labels: Vec<FieldDescriptor>,
    pub(super) required: Vec<FieldDescriptor>,
}

impl Message {
    pub(in super::super) fn read(
        declared: &DeclaredContract,
        file: &SourceFile,
        root: &ProtobufRoot,
    ) -> Result<Message, Problem> {
        let pool = read::pool(file, &declared.beside)?;
        let Some(message) = pool.get_message_by_name(&root.message) else {
            let own = pool.all_messages().filter(|it| !known::is_google(it));
            let names: Vec<String> = own.map(|it| it.full_name().to_owned()).collect();
            let mut problem = root.message_place.clone();
            problem.message = format!(
                "there is no message `{}` in {:?}",
                root.message, declared.path
            );
            return Err(with_nearest(problem, &root.message, &names));
        };
        if known::is_google(&message) || message.is_map_entry() {
            let mut problem = root.message_place.clone();
            problem.message = format!("`{}` can't be a document", root.message);
            return Err(problem);
        }
        let mut read = Message {
            root: message,
            parts: HashMap::new(),
            files: declared.beside.clone(),
        };
        let messages = read.messages()?;
        for message in &messages {
            let required = message
                .fields()
                .filter(|it| it.cardinality() == Cardinality::Required);
            let part = Part {
                required: required.collect(),
                labels: Vec::new(),
            };
            read.parts.insert(message.full_name().to_owned(), part);
        }
        for (name, fields) in &root.labels {
            let (message, fields) = read.labels_of(root, &messages, name, fields)?;
            read.parts.entry(message).or_default().labels = fields;
        }
        Ok(read)
    }

    /// Every message that a document can hold, the document's own first.
    fn messages(&self) -> Result<Vec<MessageDescriptor>, Problem> {
        let mut all = vec![self.root.clone()];
        let mut names = HashSet::from([self.root.full_name().to_owned()]);
        let (mut next, mut fields) = (0, 0);
        while let Some(message) = all.get(next).cloned() {
            next += 1;
            for field in message.fields() {
                fields += 1;
                let Kind::Message(inner) = value_of(&field).kind() else {
                    continue;
                };
                if known::is_google(&inner) {
                    if Known::of(&inner).is_none() {
                        let message = format!("documents hold no `{}`", inner.full_name());
                        return Err(self.problem(&field, message));
                    }
                } else if names.insert(inner.full_name().to_owned()) {
                    all.push(inner);
                }
            }
            if fields > MOST_FIELDS {
                let message = format!(
                    "the contract is too large: its messages have more than {} fields",
                    grouped(MOST_FIELDS)
                );
                let place = (self.root.parent_file(), self.root.path());
                return Err(read::problem_at(&self.files, &place.0, place.1, message));
            }
        }
        Ok(all)
    }

    /// The full name of a message, and those of its fields that are labels.
    fn labels_of(
        &self,
        root: &ProtobufRoot,
        messages: &[MessageDescriptor],
        name: &str,
        fields: &[String],
    ) -> Result<(String, Vec<FieldDescriptor>), Problem> {
        let wrong = |message: String| {
            let mut problem = root.labels_place.clone();
            problem.message = message;
            problem
        };
        let package = self.root.package_name();
        let within = |it: &MessageDescriptor| {
            let full = it.full_name();
            let rest = full.strip_prefix(package).unwrap_or(full);
            rest.trim_start_matches('.').to_owned()
        };
        let is_it = |it: &&MessageDescriptor| it.full_name() == name || within(it) == name;
        let Some(message) = messages.iter().find(is_it) else {
            let names: Vec<String> = messages.iter().map(within).collect();
            let problem = wrong(format!("no document holds a message `{name}`"));
            return Err(with_nearest(problem, name, &names));
        };
        let mut of_labels: Vec<FieldDescriptor> = Vec::new();
        for field in fields {
            let Some(found) = message.get_field_by_name(field) else {
                let names: Vec<String> = message.fields().map(|it| it.name().to_owned()).collect();
                let problem = wrong(format!("`{name}` has no field `{field}`"));
                return Err(with_nearest(problem, field, &names));
            };
            let is_text = matches!(found.kind(), Kind::String | Kind::Enum(_)) && !found.is_list();
            if !is_text {
                let message = format!("`{field}` of `{name}` can't be a label: it isn't one text");
                return Err(wrong(message));
            }
            if of_labels.contains(&found) {
                return Err(wrong(format!("`{field}` of `{name}` is two labels")));
            }
            of_labels.push(found);
        }
        Ok((message.full_name().to_owned(), of_labels))
    }

    pub(super) fn part(&self, message: &MessageDescriptor) -> &Part {
        let part = self.parts.get(message.full_name());
        part.expect("every message that a document can hold is known")
    }

    /// The message that a document is.
    pub(in super::super) fn root(&self) -> &MessageDescriptor {
        &self.root
    }

    /// Which label of its block a field is, if it is one.
    pub(in super::super) fn label_index(
        &self,
        message: &MessageDescriptor,
        field: &FieldDescriptor,
    ) -> Option<usize> {
        let labels = &self.part(message).labels;
        labels.iter().position(|label| label == field)
    }

    /// Where what a descriptor's path leads to is written: `file:line:column`.
    pub(in super::super) fn place(&self, file: &str, path: &[i32]) -> String {
        match self.root.parent_pool().get_file_by_name(file) {
            Some(file) => read::problem_at(&self.files, &file, path, "").place(),
            None => file.to_owned(),
        }
    }

    /// A problem with a field, at its place.
    fn problem(&self, field: &FieldDescriptor, message: impl Into<String>) -> Problem {
        let file = field.parent_message().parent_file();
        read::problem_at(&self.files, &file, field.path(), message)
    }
}

fn with_nearest(problem: Problem, name: &str, known: &[String]) -> Problem {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }
}
