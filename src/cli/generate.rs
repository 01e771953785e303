//! `completions` and `man`: made from the same definition as the arguments.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};
use clap_complete::env::Shells;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::Output;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  source <(ocl-migrate completions bash)              in ~/.bashrc
  source <(ocl-migrate completions zsh)               in ~/.zshrc
  ocl-migrate completions fish > ~/.config/fish/completions/ocl-migrate.fish")]
pub(super) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate man ~/.local/share/man/man1
  ocl-migrate man . && man ./ocl-migrate-preview.1")]
pub(super) struct Man {
    /// The folder to write `ocl-migrate.1` and a page for each command into; it is made if there is none
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    folder: PathBuf,
}

pub(super) fn completions(
    global: &Global,
    arguments: &Completions,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let name = match arguments.shell {
        Shell::Bash => "bash",
        Shell::Elvish => "elvish",
        Shell::Fish => "fish",
        Shell::Powershell => "powershell",
        Shell::Zsh => "zsh",
    };
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(name) else {
        return Err(Failure::Other(format!(
            "no completions can be made for {name}"
        )));
    };
    let program = global.host.called();
    if program.contains(' ') {
        return Err(Failure::Other(format!(
            "no completions can be made for {program}, which is part of a larger command"
        )));
    }
    let mut script = Vec::new();
    shell.write_registration("COMPLETE", program, program, program, &mut script)?;
    output.data().write_all(&script)?;
    Ok(Exit::Done)
}

/// Writes a page for each command of a definition.
pub(super) fn man(global: &Global, arguments: &Man, output: &mut Output) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let failed = |error| Failure::File {
        path: folder.display().to_string(),
        error,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(global.host.definition(), folder).map_err(failed)?;
    let mut definition = global.host.definition();
    definition.build();
    let mut usages = BTreeMap::new();
    collect_usages(&mut definition, &mut usages);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(&global.host.word()) && name.ends_with(".1") {
            let page = std::fs::read_to_string(&path).map_err(failed)?;
            let usage = usages.get(name.trim_end_matches(".1"));
            let page = with_synopsis(with_examples(&page), usage);
            std::fs::write(&path, page).map_err(failed)?;
        }
    }
    output.line(format_args!("the manual pages are in {}", folder.display()))?;
    Ok(Exit::Done)
}

/// How each command is called, by the name of its page.
fn collect_usages(command: &mut clap::Command, usages: &mut BTreeMap<String, String>) {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let name = name.to_owned();
    let usage = command.render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap_or(&usage);
    usages.insert(name, usage.to_owned());
    for command in command.get_subcommands_mut() {
        collect_usages(command, usages);
    }
}

/// A page whose synopsis names the values: as generated, it lists the options without them.
fn with_synopsis(page: String, usage: Option<&String>) -> String {
    const HEAD: &str = ".SH SYNOPSIS\n";
    let parts = page.split_once(HEAD).and_then(|(before, rest)| {
        let (_, after) = rest.split_once('\n')?;
        Some((before, after))
    });
    match (parts, usage) {
        (Some((before, after)), Some(usage)) => {
            let mut text = format!("{before}{HEAD}.nf\n");
            for line in usage.lines() {
                text.push_str(&line.trim_start().replace('-', "\\-"));
                text.push('\n');
            }
            text + ".fi\n" + after
        }
        _ => page,
    }
}

/// A page whose examples keep their lines: as generated, they stand in a section of their own as running text, with what
/// follows them.
fn with_examples(page: &str) -> String {
    const HEAD: &str = ".SH EXTRA\nExamples:\n";
    let Some((before, rest)) = page.split_once(HEAD) else {
        return page.to_owned();
    };
    let end = rest.find("\n.SH").map_or(rest.len(), |end| end + 1);
    let (extra, after) = rest.split_at(end);
    let (examples, notes) = extra.split_once("\n\n").unwrap_or((extra, ""));
    let mut text = format!("{before}.SH EXAMPLES\n.nf\n");
    for line in examples.lines() {
        text.push_str(line.strip_prefix("  ").unwrap_or(line));
        text.push('\n');
    }
    text.push_str(".fi\n");
    if !notes.trim().is_empty() {
        text.push_str(".SH NOTES\n");
        text.push_str(&notes.trim_end().replace("\n\n", "\n.PP\n"));
        text.push('\n');
    }
    text + after
}
