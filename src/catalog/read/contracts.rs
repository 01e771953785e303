//! `contract`: which documents of a kind are right, from a version on.

use hcl::edit::Span;
use hcl::edit::structure::{Block, Body};

use super::modify::block_span;
use super::{Reader, value_span};
use crate::catalog::blocks::CONTRACT;
use crate::catalog::check_relative_path;
use crate::catalog::contracts::{CONTRACTS_FOLDER, DeclaredContract};
use crate::catalog::problem::Problem;

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
        let path = self.required_string(block, "json_schema")?;
        let number = version.parse().ok().filter(|version| *version > 0);
        let Some(version) = number else {
            let label = block.labels.first().and_then(|label| label.span());
            let message =
                format!("{version:?} is no version: a version is a positive whole number");
            self.compiler.problem(label.unwrap_or_default(), message);
            return None;
        };
        let span = value_span(&block.body, "json_schema");
        let is_below = path
            .strip_prefix(CONTRACTS_FOLDER)
            .is_some_and(|rest| rest.starts_with('/'));
        if let Err(message) = check_relative_path(&path) {
            self.compiler.problem(span, message);
            return None;
        }
        if !is_below {
            let help =
                format!("write `json_schema = \"{CONTRACTS_FOLDER}/{kind}_{version}.json\"`");
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
            file: None,
        })
    }
}
