//! `contract`: which documents of a kind are right, from a version on.

use hcl::edit::Span;
use hcl::edit::expr::{Expression, ObjectKey};
use hcl::edit::structure::{Block, Body};

use super::modify::block_span;
use super::{Reader, value_span};
use crate::catalog::blocks::CONTRACT;
use crate::catalog::check_relative_path;
use crate::catalog::contracts::{
    CONTRACTS_FOLDER, Compatibility, ContractLanguage, DeclaredContract, ProtobufRoot,
};
use crate::catalog::problem::Problem;
use crate::text::{list, nearest};

impl Reader<'_> {
    /// The contracts of all kinds, in order.
    pub(super) fn contracts(&mut self, body: &Body) -> Vec<DeclaredContract> {
        let mut all = Vec::new();
        for kind in body.blocks().filter(|block| block.has_ident("document")) {
            // That it lacks a name is said elsewhere.
            let [name] = kind.labels.as_slice() else {
                continue;
            };
            let mut of_kind: Vec<DeclaredContract> = Vec::new();
            for block in kind.body.get_blocks("contract") {
                let Some(contract) = self.contract(block, name.as_str()) else {
                    continue;
                };
                let is_known = |known: &DeclaredContract| known.version == contract.version;
                if of_kind.iter().any(is_known) {
                    let message = format!("a second contract for version {}", contract.version);
                    self.compiler.problem(block_span(block), message);
                    continue;
                }
                of_kind.push(contract);
            }
            of_kind.sort_by_key(|contract| contract.version);
            all.extend(of_kind);
        }
        all
    }

    fn contract(&mut self, block: &Block, kind: &str) -> Option<DeclaredContract> {
        self.known(block, &CONTRACT);
        let version = self.label(block, "the first version that it holds for")?;
        let (name, language, extension) = self.contract_language(block)?;
        let path = self.required_string(block, name)?;
        let number = version.parse().ok().filter(|version| *version > 0);
        let Some(version) = number else {
            let label = block.labels.first().and_then(|label| label.span());
            let message =
                format!("{version:?} is no version: a version is a positive whole number");
            self.compiler.problem(label.unwrap_or_default(), message);
            return None;
        };
        let span = value_span(&block.body, name);
        let is_below = path
            .strip_prefix(CONTRACTS_FOLDER)
            .is_some_and(|rest| rest.starts_with('/'));
        if let Err(message) = check_relative_path(&path) {
            self.compiler.problem(span, message);
            return None;
        }
        if !is_below {
            let help =
                format!("write `{name} = \"{CONTRACTS_FOLDER}/{kind}_{version}.{extension}\"`");
            let message =
                format!("a contract lies in the folder `{CONTRACTS_FOLDER}` of the catalog");
            self.compiler.problem_with_help(span, message, help);
            return None;
        }
        Some(DeclaredContract {
            kind: kind.to_owned(),
            version,
            declaration: Problem::at(self.compiler.file, span, ""),
            path,
            language,
            compatibility: self.compatibility(&block.body),
            file: None,
            beside: [].into(),
        })
    }

    fn compatibility(&mut self, body: &Body) -> Compatibility {
        let Some(attribute) = body.get_attribute("compatibility") else {
            return Compatibility::None;
        };
        let Some(name) = self.string(attribute) else {
            return Compatibility::None;
        };
        let all = Compatibility::ALL;
        if let Some(found) = all.into_iter().find(|level| level.name() == name) {
            return found;
        }
        let span = attribute.value.span().unwrap_or_default();
        let message = format!("there is no compatibility `{name}`");
        let help = match nearest(&name, all.map(Compatibility::name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", list(all.map(Compatibility::name))),
        };
        self.compiler.problem_with_help(span, message, help);
        Compatibility::None
    }

    /// The attribute that names the contract's file, what that is written in, and the usual end of its name.
    fn contract_language(
        &mut self,
        block: &Block,
    ) -> Option<(&'static str, ContractLanguage, &'static str)> {
        let body = &block.body;
        let has = |name| body.has_attribute(name);
        match (has("json_schema"), has("protobuf")) {
            (true, false) => {
                for name in ["message", "labels"] {
                    if let Some(attribute) = body.get_attribute(name) {
                        let span = attribute.key.span().unwrap_or_default();
                        let message = format!("`{name}` is for a contract in protobuf");
                        self.compiler.problem(span, message);
                    }
                }
                Some(("json_schema", ContractLanguage::JsonSchema, "json"))
            }
            (false, true) => {
                let message = self.required_string(block, "message")?;
                let labels = self.lists_of_names(body, "labels");
                let place = |name| Problem::at(self.compiler.file, value_span(body, name), "");
                let root = ProtobufRoot {
                    message,
                    labels,
                    message_place: place("message"),
                    labels_place: place("labels"),
                };
                Some((
                    "protobuf",
                    ContractLanguage::Protobuf(Box::new(root)),
                    "proto",
                ))
            }
            _ => {
                self.compiler.problem_with_help(
                    block_span(block),
                    "a contract has one file, in one of two languages",
                    "write `json_schema = \"...\"`, or `protobuf = \"...\"` with `message = \"...\"`",
                );
                None
            }
        }
    }

    /// An object of names, each with a name or a list of them.
    fn lists_of_names(&mut self, body: &Body, name: &str) -> Vec<(String, Vec<String>)> {
        let Some(attribute) = body.get_attribute(name) else {
            return Vec::new();
        };
        let names = |value: &Expression| match value {
            Expression::Array(items) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect(),
            value => value.as_str().map(|name| vec![name.to_owned()]),
        };
        let entries: Option<Vec<_>> = attribute.value.as_object().and_then(|object| {
            let entries = object.iter().map(|(key, value)| {
                let key = match key {
                    ObjectKey::Ident(ident) => ident.as_str(),
                    ObjectKey::Expression(key) => key.as_str()?,
                };
                Some((key.to_owned(), names(value.expr())?))
            });
            entries.collect()
        });
        if entries.is_none() {
            self.compiler.problem_with_help(
                attribute.value.span().unwrap_or_default(),
                format!("`{name}` is an object of names"),
                format!("write `{name} = {{ Rule = [\"name\"] }}`"),
            );
        }
        entries.unwrap_or_default()
    }
}
