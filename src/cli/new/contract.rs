//! `new contract`: drafts which documents of a kind are right, from those that there are.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use clap::ValueEnum;
use serde::Serialize;

use super::kind::{file_failure, known_kind};
use crate::catalog::{
    CONTRACTS_FOLDER, Catalog, ContractLanguage, DeclaredContract, DocumentName, with_block,
};
use crate::cli::failure::{Exit, Failure, quoted};
use crate::cli::files;
use crate::cli::found::load_catalog;
use crate::cli::global::{Format, Global};
use crate::cli::named_refs::{NamedRef, name_of, named_refs};
use crate::cli::output::Output;
use crate::compare::{Found, LiftedDocument, NamedCases, Told};
use crate::contract::{Contracts, Draft};
use crate::ocl::Document;
use crate::project::LoadOptions;
use crate::report::FORMAT_VERSION;
use crate::text::{self, count};
use crate::verify::{Samples, Verification, next_change};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Language {
    JsonSchema,
    Protobuf,
}

/// A contract that is to be made.
pub(super) struct Wanted<'a> {
    pub(super) kind: &'a str,
    pub(super) version: Option<u32>,
    pub(super) language: Option<Language>,
    pub(super) from: &'a [String],
}

/// The contract in JSON.
#[derive(Serialize)]
struct NewContract<'a> {
    format_version: u32,
    kind: &'a str,
    version: u32,
    path: &'a str,
    language: Language,
    documents: usize,
}

/// A document that a contract is drafted from, and where it is.
struct Sample {
    place: String,
    document: Document,
}

pub(super) fn run(
    global: &Global,
    wanted: &Wanted<'_>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let Some(folder) = &global.catalog else {
        let message =
            "the built-in catalog can't grow: name your own catalog's folder with --catalog";
        return Err(Failure::Usage(message.into()));
    };
    let catalog = global.catalog()?;
    let kind = &known_kind(&catalog, wanted.kind)?.name;
    let version = version(&catalog, kind, wanted.version)?;
    let samples = samples(global, wanted, &catalog, (kind, version), output)?;
    if samples.is_empty() {
        let more = if wanted.from.is_empty() {
            ": name refs that have some with --from"
        } else {
            ""
        };
        return Err(Failure::Other(format!(
            "no snapshot, no case and no ref that was named has a {kind} at version {version}{more}"
        )));
    }
    let mut draft = Draft::new(kind, version);
    for sample in &samples {
        draft.add(&sample.document);
    }
    let language = wanted.language.unwrap_or(Language::JsonSchema);
    let drafted = Drafted::of(&draft, &catalog, language, (kind, version))?;
    let place = folder.join(&drafted.path);
    let before = contract_before(&catalog, language, (kind, version));
    let beyond = before.and_then(|before| {
        let beyond = drafted.beyond(&draft, before, version)?;
        Some((before, beyond))
    });
    let (written, before) = match &beyond {
        Some((before, beyond)) => (beyond, Some(before)),
        None => (&drafted, None),
    };
    let mut refused = Vec::new();
    written.write(folder, kind, |catalog| {
        refused = disallowed(catalog, &samples, kind, version)?;
        match refused.first() {
            // What the contract before says more than a draft could, some case may break on purpose.
            Some(refused) if before.is_none() => Err(Failure::Other(format!(
                "what was drafted doesn't allow {}, from which it was made: {}",
                refused.place, refused.violation
            ))),
            _ => Ok(()),
        }
    })?;
    for Disallowed { place, violation } in refused {
        output.warning(format_args!(
            "like the contract before, it doesn't allow {place}: {violation}"
        ));
    }
    if global.format == Format::Json {
        let path = place.to_string_lossy();
        output.json(&NewContract {
            format_version: FORMAT_VERSION,
            kind,
            version,
            path: &path,
            language,
            documents: samples.len(),
        })?;
        return Ok(Exit::Done);
    }
    let shown = |path: &Path| quoted(&path.to_string_lossy());
    output.line(format_args!(
        "Made {} from {}, and declared it in {}. Next:",
        shown(&place),
        count(samples.len(), "document"),
        shown(&folder.join("catalog.hcl")),
    ))?;
    let program = global.host.called();
    let catalog_shown = shown(folder);
    let first = match before {
        Some(before) => format!(
            "read it: it is {} with what it doesn't allow, so take out what version {version} doesn't have any more",
            shown(&folder.join(&before.path))
        ),
        None => READ_IT.to_owned(),
    };
    let next_steps = [
        first,
        format!("check the catalog: {program} --catalog {catalog_shown} verify"),
        format!("check a repository: {program} --catalog {catalog_shown} check --all"),
    ];
    for (number, next) in next_steps.iter().enumerate() {
        output.line(format_args!("  {}. {next}", number + 1))?;
    }
    let has_next = catalog
        .contracts()
        .iter()
        .any(|it| it.kind == *kind && it.version > version);
    if let Some(change) = next_change(&catalog, kind, version).filter(|_| !has_next) {
        output.warning(format_args!(
            "version {change} changes the kind, and this contract holds there too: draft one for --version {change} as well"
        ));
    }
    Ok(Exit::Done)
}

const READ_IT: &str = "read it, and say what no document shows: which values are the only ones, which names may be missing";

/// The contract that holds until that version, if it is of the same language.
fn contract_before<'c>(
    catalog: &'c Catalog,
    language: Language,
    (kind, version): (&str, u32),
) -> Option<&'c DeclaredContract> {
    let contracts = catalog.contracts().iter();
    let before = contracts.filter(|it| it.kind == kind && it.version < version);
    let before = before.max_by_key(|it| it.version)?;
    let is_schema = matches!(before.language, ContractLanguage::JsonSchema);
    (is_schema && matches!(language, Language::JsonSchema)).then_some(before)
}

/// The version that a contract is to hold from.
fn version(catalog: &Catalog, kind: &str, typed: Option<u32>) -> Result<u32, Failure> {
    let newest = catalog.server_version();
    if newest == 0 {
        return Err(Failure::Usage(
            "the catalog has no step and so no version yet that a contract could hold from: write its first step, with `new`".into(),
        ));
    }
    let version = typed.unwrap_or(newest);
    if version == 0 || version > newest {
        return Err(Failure::Usage(format!(
            "the catalog has no version {version}; its newest is {newest}"
        )));
    }
    let mut contracts = catalog.contracts().iter();
    match contracts.find(|it| it.kind == kind && it.version == version) {
        None => Ok(version),
        Some(known) => Err(Failure::Usage(format!(
            "{kind} has a contract from version {version} on already, {:?}: name another version, or take that one out first",
            known.path
        ))),
    }
}

/// Every document that the contract is drafted from, each text once.
fn samples(
    global: &Global,
    wanted: &Wanted<'_>,
    catalog: &Catalog,
    (kind, version): (&str, u32),
    output: &mut Output,
) -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let mut add = |place: String, document: Document| {
        if known.insert(document.text().to_string()) {
            samples.push(Sample { place, document });
        }
    };
    if let Some(folder) = &global.catalog {
        let Samples {
            documents,
            left_out,
        } = Verification::of(catalog)
            .folder(folder)?
            .samples(kind, version);
        for (place, bytes) in documents {
            match Document::from_bytes(bytes, catalog.dialect_at(version)) {
                Ok(document) => add(place, document),
                Err(error) => {
                    output.warning(format_args!("left out: {}", error.render(&place)));
                }
            }
        }
        for (place, reason) in left_out {
            output.warning(format_args!("left out: {place}: {reason}"));
        }
    }
    for lifted in lifted(global, wanted, (kind, version), output)? {
        add(lifted.path().to_owned(), lifted.document().clone());
    }
    Ok(samples)
}

/// The documents of the refs that were named, at that version, in the order of their names.
fn lifted(
    global: &Global,
    wanted: &Wanted<'_>,
    (kind, version): (&str, u32),
    output: &mut Output,
) -> Result<Vec<LiftedDocument>, Failure> {
    if wanted.from.is_empty() {
        return Ok(Vec::new());
    }
    let project = global.open()?;
    let options = LoadOptions {
        target: Some(version),
    };
    let mut cases = NamedCases::new(&project, options);
    let (named, patterns) = named_refs(global, &project, wanted.from);
    for named in named {
        match named {
            NamedRef::Environment(environment) => {
                cases.add_environment(&environment.name, &environment.revision)?;
            }
            NamedRef::Revision(revision) => {
                cases.add_revision(revision)?;
            }
        }
    }
    if !patterns.is_empty() {
        cases.add_matching(&patterns)?;
    }
    let known: Mutex<HashSet<_>> = Mutex::default();
    let found = cases.look(|loaded| {
        let (mut lifted, mut failed) = (Vec::new(), Vec::new());
        let of_kind = |name: &&DocumentName| name.kind() == kind;
        for document in loaded.names().filter(of_kind) {
            let document = match loaded.document(document.as_str()) {
                Ok(document) => document,
                Err(error) => {
                    failed.push(error.to_string());
                    continue;
                }
            };
            let key = loaded.content_key(document).ok().flatten();
            let known = || known.lock().unwrap_or_else(PoisonError::into_inner);
            if key.is_some_and(|key| !known().insert((document.name.clone(), key))) {
                continue;
            }
            match LiftedDocument::of(loaded, document) {
                Ok(found) => lifted.extend(found),
                Err(error) => failed.push(error.to_string()),
            }
        }
        (lifted, failed)
    });
    let mut left_out = Told::default();
    for place in 0..cases.refs_len() {
        for looked in &found[cases.case(place)] {
            match &looked.found {
                Found::Documents((_, failed)) => {
                    for reason in failed {
                        left_out.add(reason, cases.reference(place));
                    }
                }
                Found::Failed(reason) => left_out.add(reason.to_string(), cases.reference(place)),
                Found::Nothing(_) => {}
            }
        }
    }
    for (refs, reason) in left_out.into_vec() {
        let names: Vec<String> = refs.iter().map(name_of).collect();
        output.warning(format_args!(
            "left out: {}: {reason}",
            text::some_of(names, 5)
        ));
    }
    let found = found.into_iter().flatten();
    let mut lifted: Vec<LiftedDocument> = found
        .filter_map(|looked| match looked.found {
            Found::Documents((lifted, _)) => Some(lifted),
            _ => None,
        })
        .flatten()
        .collect();
    // Which thread came first is chance.
    lifted.sort_by_cached_key(|it| (it.path().to_owned(), it.document().text().to_string()));
    Ok(lifted)
}

/// A contract's file, and how a catalog declares it.
struct Drafted {
    /// Below the catalog's folder.
    path: String,
    text: String,
    declaration: Vec<String>,
}

impl Drafted {
    fn of(
        draft: &Draft,
        catalog: &Catalog,
        language: Language,
        (kind, version): (&str, u32),
    ) -> Result<Drafted, Failure> {
        let path = |extension| format!("{CONTRACTS_FOLDER}/{kind}_{version}.{extension}");
        Ok(match language {
            Language::JsonSchema => {
                let path = path("json");
                Drafted {
                    text: format!("{:#}\n", draft.json_schema()),
                    declaration: vec![format!(
                        "contract \"{version}\" {{ json_schema = \"{path}\" }}"
                    )],
                    path,
                }
            }
            Language::Protobuf => {
                let path = path("proto");
                let drafted = draft.protobuf(catalog.name()).map_err(|error| {
                    Failure::Other(format!("{error}: draft a JSON Schema, which can say it"))
                })?;
                let mut declaration = vec![
                    format!("contract \"{version}\" {{"),
                    format!("  protobuf = \"{path}\""),
                    format!("  message  = \"{}\"", drafted.message),
                ];
                if !drafted.labels.is_empty() {
                    declaration.push("  labels = {".to_owned());
                    for (message, fields) in &drafted.labels {
                        let fields: Vec<String> =
                            fields.iter().map(|it| format!("\"{it}\"")).collect();
                        declaration.push(format!("    \"{message}\" = [{}]", fields.join(", ")));
                    }
                    declaration.push("  }".to_owned());
                }
                declaration.push("}".to_owned());
                Drafted {
                    text: drafted.text,
                    declaration,
                    path,
                }
            }
        })
    }

    /// The contract before with what the draft adds to it; `None` where that can't be read.
    fn beyond(&self, draft: &Draft, before: &DeclaredContract, version: u32) -> Option<Drafted> {
        let text = &before.file.as_ref()?.text;
        let mut schema = draft.json_schema_beyond(&serde_json::from_str(text).ok()?);
        if let Some(serde_json::Value::String(title)) = schema.get_mut("title") {
            let (old, new) = (before.version, version);
            *title = title.replace(&format!("version {old}"), &format!("version {new}"));
        }
        Some(Drafted {
            path: self.path.clone(),
            text: format!("{schema:#}\n"),
            declaration: self.declaration.clone(),
        })
    }

    /// Writes the file and its declaration. If the catalog doesn't load then, or isn't what was wanted, nothing of it stays.
    fn write(
        &self,
        folder: &Path,
        kind: &str,
        check: impl FnOnce(&Catalog) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (place, declared) = (folder.join(&self.path), folder.join("catalog.hcl"));
        if place.exists() {
            let shown = quoted(&place.to_string_lossy());
            return Err(Failure::Usage(format!(
                "{shown} is there already: move it away, or declare it in catalog.hcl"
            )));
        }
        let before =
            fs::read_to_string(&declared).map_err(|error| file_failure(&declared, error))?;
        let after = with_block(&before, kind, &self.declaration);
        let after = after.ok_or_else(|| {
            let shown = quoted(&declared.to_string_lossy());
            Failure::Other(format!("{shown} has just been changed: try again"))
        })?;
        let contracts: PathBuf = folder.join(CONTRACTS_FOLDER);
        let is_new = !contracts.exists();
        let made = fs::create_dir_all(&contracts)
            .and_then(|()| files::replace(&place, self.text.as_bytes()))
            .map_err(|error| file_failure(&place, error))
            .and_then(|()| {
                files::replace(&declared, after.as_bytes())
                    .map_err(|error| file_failure(&declared, error))
            })
            .and_then(|()| load_catalog(folder))
            .and_then(|catalog| check(&catalog));
        if made.is_err() {
            let _ = files::replace(&declared, before.as_bytes());
            let _ = fs::remove_file(&place);
            if is_new {
                let _ = fs::remove_dir(&contracts);
            }
        }
        made
    }
}

/// What a contract doesn't allow, though it was made from it.
struct Disallowed {
    place: String,
    violation: String,
}

/// Holds a contract to what it was made from.
fn disallowed(
    catalog: &Catalog,
    samples: &[Sample],
    kind: &str,
    version: u32,
) -> Result<Vec<Disallowed>, Failure> {
    let contracts = Contracts::of(catalog)?;
    let Some(contract) = contracts.at(kind, version) else {
        return Ok(Vec::new());
    };
    let wrong = samples.iter().filter_map(|Sample { place, document }| {
        let violation = match contract.check(document) {
            Ok(violations) => violations.first()?.to_string(),
            Err(error) => error.to_string(),
        };
        let place = place.clone();
        Some(Disallowed { place, violation })
    });
    Ok(wrong.collect())
}
