//! What can be asked, and the command line that a question stands for.

use std::ffi::OsString;

use clap::{Arg, ArgAction};

use super::media::media_types;
use super::orders::schema;
use crate::serve::{Endpoint, FRESH, Parameter, ParameterKind};

/// A command that can be asked for.
pub(super) struct Asked {
    pub(super) command: &'static str,
    /// Names of parameters, each with that of the argument that it becomes; those without an option in their order.
    parameters: &'static [(&'static str, &'static str)],
    pub(super) is_document: bool,
    has_page: bool,
    pub(super) writes: bool,
}

const REF: (&str, &str) = ("ref", "revision");
const REFS: (&str, &str) = ("ref", "refs");
const ALL: (&str, &str) = ("all", "all");
const TO: (&str, &str) = ("to", "to");
const DOCUMENT: (&str, &str) = ("document", "document");
const SELECTOR: (&str, &str) = ("selector", "selector");
const DEFAULTS: (&str, &str) = ("defaults", "defaults");
const FIRST_PARENT: (&str, &str) = ("first_parent", "first_parent");
const FORM: (&str, &str) = ("as", "form");

const BRANCH: (&str, &str) = ("ref", "branch");
const MESSAGE: (&str, &str) = ("message", "message");
const UNKNOWN: (&str, &str) = ("accept_unknown", "accept_unknown");
const LOOKUP: (&str, &str) = ("accept_missing_lookup", "accept_missing_lookup");
const DRY_RUN: (&str, &str) = ("dry_run", "dry_run");

/// Both sides of a diff stand in one word.
const SIDES: [&str; 2] = ["old", "new"];

/// Whether a diff is one from where the new side left the old one.
const SINCE_FORK: &str = "since_fork";

/// The commands. What takes a file, changes only the text for people, or asks for another exit code isn't among their
/// parameters.
pub(super) const ASKED: [Asked; 22] = [
    list("status", true, &[("ref", "revisions"), ALL]),
    document(
        "plan",
        true,
        &[
            REF,
            TO,
            ("branch_version", "branch_version"),
            ("project_version", "project_version"),
        ],
    ),
    document("preview", true, &[REF, TO]),
    document(
        "show",
        false,
        &[REF, ("document", "documents"), ("raw", "raw"), TO],
    ),
    list("rehearse", true, &[("ref", "revisions"), ALL, TO]),
    list(
        "diff",
        true,
        &[
            ("document", "third"),
            ("selector", "fourth"),
            TO,
            ("text", "text"),
        ],
    ),
    list(
        "compare",
        true,
        &[
            DOCUMENT,
            SELECTOR,
            REFS,
            ALL,
            TO,
            DEFAULTS,
            ("overrides", "overrides"),
        ],
    ),
    list(
        "log",
        true,
        &[
            REF,
            DOCUMENT,
            SELECTOR,
            ("limit", "max_count"),
            ("since", "since"),
            ("until", "until"),
            ("migrations", "migrations"),
            FIRST_PARENT,
            TO,
        ],
    ),
    list("blame", true, &[REF, DOCUMENT, FIRST_PARENT, TO]),
    list(
        "applies",
        false,
        &[REF, DOCUMENT, SELECTOR, ("for", "scopes"), TO],
    ),
    list(
        "export",
        false,
        &[
            REF,
            DOCUMENT,
            SELECTOR,
            FORM,
            ("effective", "effective"),
            DEFAULTS,
            TO,
        ],
    ),
    list(
        "uses",
        true,
        &[
            ("thing", "thing"),
            ("kind", "kind"),
            ("unused", "unused"),
            ("undefined", "undefined"),
            REFS,
            ALL,
            TO,
        ],
    ),
    list("check", false, &[REFS, ALL, ("base", "base"), TO, FORM]),
    list(
        "query",
        false,
        &[
            ("sql", "sql"),
            REFS,
            ALL,
            TO,
            DEFAULTS,
            ("csv", "csv"),
            ("explain", "explain"),
            ("tables", "tables"),
            ("timeout", "timeout"),
            ("max_rows", "max_rows"),
            ("memory", "memory"),
        ],
    ),
    document("doctor", false, &[]),
    document("explain", false, &[REF, DOCUMENT, TO]),
    writing(
        "commit",
        &[
            BRANCH,
            MESSAGE,
            ("put", "put"),
            ("remove", "remove"),
            ("set", "set_json"),
            ("unset", "unset"),
            ("migration_message", "migration_message"),
            ("new", "new"),
            ("from", "from"),
            ("orphan", "orphan"),
            TO,
            UNKNOWN,
            LOOKUP,
            DRY_RUN,
        ],
    ),
    writing(
        "upgrade",
        &[
            BRANCH,
            MESSAGE,
            ("new", "new"),
            ("from", "from"),
            ("orphan", "orphan"),
            TO,
            UNKNOWN,
            LOOKUP,
            DRY_RUN,
        ],
    ),
    writing(
        "downgrade",
        &[BRANCH, MESSAGE, TO, UNKNOWN, LOOKUP, DRY_RUN],
    ),
    writing(
        "restore",
        &[
            BRANCH,
            MESSAGE,
            ("from", "from"),
            ("document", "documents"),
            UNKNOWN,
            LOOKUP,
        ],
    ),
    writing(
        "merge",
        &[
            BRANCH,
            MESSAGE,
            ("from", "theirs"),
            ("ours", "ours"),
            ("theirs", "theirs_at"),
            ("follow_renames", "follow_renames"),
            ("no_ff", "no_ff"),
            TO,
            UNKNOWN,
            LOOKUP,
            DRY_RUN,
        ],
    ),
    writing(
        "rename-thing",
        &[
            BRANCH,
            MESSAGE,
            ("kind", "kind"),
            ("old", "old"),
            ("new", "new"),
            UNKNOWN,
            LOOKUP,
            DRY_RUN,
        ],
    ),
];

const fn list(
    command: &'static str,
    has_page: bool,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        command,
        parameters,
        is_document: false,
        has_page,
        writes: false,
    }
}

const fn writing(
    command: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        writes: true,
        ..document(command, false, parameters)
    }
}

const fn document(
    command: &'static str,
    has_page: bool,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        command,
        parameters,
        is_document: true,
        has_page,
        writes: false,
    }
}

/// What a client may ask a query for at most: its own options' values, without the 0 that means any.
const MOST: [(&str, u32); 3] = [("timeout", 60), ("max_rows", 1_000_000), ("memory", 1_024)];

/// The endpoints, with the texts of the command line's definition.
pub(super) fn endpoints(mut definition: clap::Command) -> Vec<Endpoint> {
    definition.build();
    let endpoints = ASKED.iter().map(|asked| {
        let command = definition
            .find_subcommand(asked.command)
            .expect("each is a command, by a test");
        let parameters = asked.parameters.iter().map(|(name, id)| {
            let argument = command.get_arguments().find(|it| it.get_id() == id);
            let parameter = parameter(name, argument.expect("each is an argument, by a test"));
            match schema(name).filter(|_| asked.writes) {
                Some(schema) => Parameter {
                    kind: ParameterKind::Json(schema),
                    repeated: false,
                    ..parameter
                },
                None => parameter,
            }
        });
        let mut parameters: Vec<Parameter> = parameters.collect();
        if asked.command == "diff" {
            parameters.splice(0..0, sides());
        }
        parameters.push(if asked.writes { author() } else { fresh() });
        Endpoint {
            name: asked.command,
            writes: asked.writes,
            summary: command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default(),
            media_types: media_types(asked.command, asked.is_document, forms(&parameters)),
            parameters,
            has_page: asked.has_page,
        }
    });
    endpoints.collect()
}

/// What is there now, of a project that lives elsewhere. No command line fetches.
fn fresh() -> Parameter {
    Parameter {
        name: FRESH,
        help: "Fetch first, where the project's repository is the mirror of a remote".into(),
        kind: ParameterKind::Flag,
        required: false,
        repeated: false,
    }
}

/// Whoever made the change: on a command line that is whoever runs it.
fn author() -> Parameter {
    const NAME: &str = "author";
    Parameter {
        name: NAME,
        help:
            "The commit's author (default: the service's own identity, which commits in any case)"
                .into(),
        kind: ParameterKind::Json(schema(NAME).unwrap_or_default()),
        required: false,
        repeated: false,
    }
}

/// What the parameter `as` may ask for.
fn forms(parameters: &[Parameter]) -> impl Iterator<Item = &str> {
    let forms = parameters.iter().find(|it| it.name == FORM.0);
    let forms = forms.and_then(|forms| match &forms.kind {
        ParameterKind::OneOf(forms) => Some(forms),
        _ => None,
    });
    forms.into_iter().flatten().map(String::as_str)
}

fn sides() -> [Parameter; 3] {
    let side = |name, help: &str| Parameter {
        name,
        help: help.to_owned(),
        kind: ParameterKind::Text,
        required: name == SIDES[0],
        repeated: false,
    };
    [
        side(SIDES[0], "A branch, a tag or a commit"),
        side(SIDES[1], "The other side (default: HEAD)"),
        Parameter {
            kind: ParameterKind::Flag,
            ..side(
                SINCE_FORK,
                "Compare from where the new side left the old one",
            )
        },
    ]
}

fn parameter(name: &'static str, argument: &Arg) -> Parameter {
    let values = argument.get_possible_values();
    let value_name = argument.get_value_names().and_then(|names| names.first());
    let kind = match value_name.map(|name| name.as_str()) {
        _ if matches!(argument.get_action(), ArgAction::SetTrue) => ParameterKind::Flag,
        _ if !values.is_empty() => {
            let values = values.iter().map(|value| value.get_name().to_owned());
            ParameterKind::OneOf(values.collect())
        }
        Some("N" | "B" | "P" | "SECONDS" | "MIB") => {
            let limit = MOST.iter().find(|(known, _)| *known == name);
            limit.map_or(ParameterKind::Number(0, u32::MAX), |(_, most)| {
                ParameterKind::Number(1, *most)
            })
        }
        _ => ParameterKind::Text,
    };
    Parameter {
        name,
        help: help(argument),
        kind,
        required: argument.is_required_set(),
        repeated: matches!(argument.get_action(), ArgAction::Append),
    }
}

/// What the command line says of an argument, without what holds there alone.
fn help(argument: &Arg) -> String {
    let help = argument.get_help().map(ToString::to_string);
    let help = help.unwrap_or_default();
    let ends = ["; 0 for ", "; `-` reads "];
    let end = ends.iter().filter_map(|end| help.find(end)).min();
    help[..end.unwrap_or(help.len())].to_owned()
}

impl Asked {
    /// The words of the command line, without the global options.
    pub(super) fn words(
        &self,
        program: &str,
        given: &[(String, String)],
        wants_page: bool,
        definition: &clap::Command,
    ) -> Result<Vec<OsString>, String> {
        let values = |name: &str| {
            let given = given.iter().filter(move |(known, _)| known == name);
            given.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
        };
        let command = definition
            .find_subcommand(self.command)
            .expect("each is a command, by a test");
        let mut words = vec![program.to_owned(), self.command.to_owned()];
        let mut positional = Vec::new();
        if self.command == "diff" {
            positional.push(range(
                &values(SIDES[0]),
                &values(SIDES[1]),
                &values(SINCE_FORK),
            )?);
        }
        let mut absent = None;
        for (name, id) in self.parameters {
            let argument = command.get_arguments().find(|it| it.get_id() == id);
            let argument = argument.expect("each is an argument, by a test");
            let values = values(name);
            if let Some(long) = argument.get_long() {
                for value in values {
                    words.extend(option(long, argument, value));
                }
            } else if values.is_empty() {
                absent = Some(*name);
            } else if let Some(absent) = absent {
                return Err(format!("`{name}` goes with `{absent}`, which isn't given"));
            } else {
                positional.extend(values.into_iter().map(str::to_owned));
            }
        }
        // On the command line this is the standard input.
        if self.command == "query" && positional.iter().any(|sql| sql == "-") {
            return Err("`sql` must be a query".into());
        }
        if wants_page {
            // No file is written: the page goes to who asks.
            words.extend(["--html=page".to_owned(), "--force".to_owned()]);
        }
        words.push("--".into());
        words.extend(positional);
        Ok(words.into_iter().map(OsString::from).collect())
    }
}

fn option(long: &str, argument: &Arg, value: &str) -> Option<String> {
    if matches!(argument.get_action(), ArgAction::SetTrue) {
        return (value != "false").then(|| format!("--{long}"));
    }
    Some(format!("--{long}={value}"))
}

/// Both sides of a diff, as one word that is nothing else.
fn range(old: &[&str], new: &[&str], since_fork: &[&str]) -> Result<String, String> {
    let side = |name: &str, values: &[&str]| match values {
        [] => Ok("HEAD".to_owned()),
        [value, ..] if value.is_empty() || value.contains("..") => {
            Err(format!("`{name}` must be one branch, tag or commit"))
        }
        [value, ..] => Ok((*value).to_owned()),
    };
    let dots = match since_fork {
        [] | ["false", ..] => "..",
        _ => "...",
    };
    Ok(format!(
        "{}{dots}{}",
        side(SIDES[0], old)?,
        side(SIDES[1], new)?
    ))
}
