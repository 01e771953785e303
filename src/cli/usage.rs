//! Words that can't be understood as arguments, and those that are written otherwise for clap.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Arg;
use clap::error::{ContextKind, ContextValue};

use super::command_line::CommandLine;
use super::error_json::ErrorReport;
use super::failure::Exit;
use super::global::{Colour, Format};
use super::output::Output;

/// What clap has to say. Help and version come this way too; a reader that has gone away needs no telling.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    let exit = if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    };
    exit.into()
}

/// The same as [`usage`], for scripts.
pub(super) fn usage_json(error: &clap::Error, words: &[OsString], host: &CommandLine) -> ExitCode {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let mut parts = text.split("\n\n").map(str::trim_end);
    let message = parts.next().unwrap_or_default().to_owned();
    let tip = parts.find_map(|part| part.trim_start().strip_prefix("tip: "));
    let command = subcommand(words, host);
    let help = format!("see how it is called: {} help{command}", host.called());
    let hint = tip.map_or(help, |tip| tip.replace("\n  tip:", ";"));
    let mut output = Output::new(Colour::Auto, false, Format::Json);
    output.error_json(&ErrorReport::usage(message, &hint));
    Exit::Usage.into()
}

/// The command that words name, as far as they do: ` store put`.
fn subcommand(words: &[OsString], host: &CommandLine) -> String {
    let mut definition = host.definition();
    // Subcommands are there only then.
    definition.build();
    let (mut at, mut named) = (&definition, String::new());
    let mut words = words.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if let Some(command) = at.find_subcommand(word).filter(|_| word != "help") {
            named.push(' ');
            named.push_str(command.get_name());
            at = command;
        } else if takes_value(&definition, word) {
            words.next();
        } else if !word.starts_with('-') {
            break;
        }
    }
    named
}

/// Whether the next word is the value of an option that every command takes.
fn takes_value(definition: &clap::Command, word: &str) -> bool {
    let mut arguments = definition.get_arguments();
    arguments.any(|argument| {
        let is_it = match word.strip_prefix("--") {
            Some(long) => argument.get_long() == Some(long),
            None => {
                let short = argument.get_short();
                short.is_some_and(|short| word.strip_prefix('-') == Some(&short.to_string()))
            }
        };
        is_it && argument.get_action().takes_values()
    })
}

/// Whether a command line that can't be understood asks for JSON, as far as can be told.
pub(super) fn asks_for_json(words: &[OsString], host: &CommandLine) -> bool {
    let words = || words.iter().map(|word| word.to_str().unwrap_or_default());
    let mut pairs = words().zip(words().skip(1));
    let said = words()
        .filter_map(|word| word.strip_prefix("--format="))
        .next_back()
        .or(pairs
            .rfind(|(word, _)| *word == "--format")
            .map(|(_, format)| format));
    match said {
        Some(format) => format == "json",
        None => std::env::var_os(host.variable("FORMAT")).is_some_and(|format| format == "json"),
    }
}

/// Names the environment variable where that has the wrong value, and not the option, which nobody typed.
pub(super) fn blame_variable(
    error: clap::Error,
    words: &[OsString],
    host: &CommandLine,
) -> clap::Error {
    let Some(ContextValue::String(blamed)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let mut definition = host.definition();
    // Arguments can be shown only then.
    definition.build();
    let mut arguments = definition.get_arguments();
    let argument = arguments.find(|argument| argument.to_string() == *blamed);
    let (Some(option), Some(variable)) = (
        argument.and_then(Arg::get_long),
        argument.and_then(|argument| argument.get_env()?.to_str()),
    ) else {
        return error;
    };
    let is_typed = words.iter().any(|word| {
        let rest = word.to_str().and_then(|word| word.strip_prefix("--"));
        let rest = rest.and_then(|word| word.strip_prefix(option));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    });
    if is_typed {
        return error;
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let variable = format!("the environment variable {variable}");
    clap::Error::raw(
        error.kind(),
        text.replacen(&format!("'{blamed}'"), &variable, 1),
    )
}

/// Takes away the tip to put a number below zero after `--`: no command takes one there.
pub(super) fn without_useless_tip(mut error: clap::Error) -> clap::Error {
    let is_number = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => word.parse::<i64>().is_ok_and(|number| number <= 0),
        _ => false,
    };
    if is_number {
        error.insert(ContextKind::Suggested, ContextValue::None);
    }
    error
}

/// Writes `-SKEY` as `-S=KEY`. Git takes the key only attached, since it may be left out; `clap` takes such a value only after an
/// equals sign.
pub(super) fn with_attached_keys(words: &[OsString]) -> Vec<OsString> {
    let mut words = words.to_vec();
    let options = words.iter_mut().take_while(|word| *word != "--");
    for word in options {
        let key = word.to_str().and_then(|word| word.strip_prefix("-S"));
        if let Some(key) = key.filter(|key| !key.is_empty() && !key.starts_with('=')) {
            *word = format!("-S={key}").into();
        }
    }
    words
}
