//! The command line that a question stands for.

use std::ffi::OsString;

use clap::{Arg, ArgAction};

use super::asked::{Asked, SIDES, SINCE_FORK};

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
        for (name, id) in self.parameters() {
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
