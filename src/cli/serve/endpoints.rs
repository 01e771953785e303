//! The endpoints, told with the texts of the command line's definition.

use clap::{Arg, ArgAction};

use super::asked::{ASKED, FORM, SIDES, SINCE_FORK};
use super::media::media_types;
use super::orders::schema;
use crate::serve::{Endpoint, FRESH, Parameter, ParameterKind};

/// What a client may ask a query for at most: its own options' values, without the 0 that means any.
const MOST: [(&str, u32); 3] = [("timeout", 60), ("max_rows", 1_000_000), ("memory", 1_024)];

/// The endpoints, with the texts of the command line's definition.
pub(super) fn endpoints(mut definition: clap::Command) -> Vec<Endpoint> {
    definition.build();
    let endpoints = ASKED.iter().map(|asked| {
        let command = definition
            .find_subcommand(asked.command)
            .expect("each is a command, by a test");
        let parameters = asked.parameters().map(|(name, id)| {
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
