//! A file of settings: attributes whose values are plain strings, at the top or in blocks.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::catalog::{OPEN_QUOTE, Problem, SourceFile, open_quote};
use crate::text;
use clap::ValueEnum;
use hcl::edit::structure::{Attribute, Block, Body};
use hcl::edit::{Span, parser};

use crate::cli::failure::Failure;

/// No file of settings is larger, in bytes.
const LARGEST: u64 = 64 << 10;

/// No file of settings nests brackets deeper, those in its strings included.
const LEVELS: usize = 8;

/// A file that was read.
pub(in crate::cli) struct SettingsFile {
    pub(super) path: PathBuf,
    source: SourceFile,
    pub(in crate::cli) body: Body,
}

/// One setting.
pub(in crate::cli) struct Setting<'f> {
    file: &'f SettingsFile,
    pub(in crate::cli) key: &'f str,
    pub(in crate::cli) value: &'f str,
    key_span: Range<usize>,
    value_span: Range<usize>,
}

impl SettingsFile {
    pub(in crate::cli) fn read(path: &Path) -> Result<SettingsFile, Failure> {
        let mut text = read_text(path)?;
        // Some editors begin a file with a byte order mark.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let source = SourceFile {
            path: Arc::from(path.to_string_lossy()),
            text: Arc::from(text),
        };
        if let Some(at) = text::nested_deeper(&source.text, LEVELS) {
            let message = format!("brackets nest deeper than {LEVELS} levels here");
            return Err(wrong(Problem::at(&source, at..at + 1, message)));
        }
        let body = parser::parse_body(&source.text).map_err(|error| {
            let (line, column) = (error.location().line(), error.location().column());
            let at = source.offset_of(line, column);
            wrong(match open_quote(&source.text) {
                Some(at) => Problem::at(&source, at..at + 1, OPEN_QUOTE),
                None => Problem::at(&source, at..at + 1, error.message()),
            })
        })?;
        Ok(SettingsFile {
            path: path.to_owned(),
            source,
            body,
        })
    }

    /// The settings of the file itself or of a block in it. `blocks` are the types of blocks that may stand there, each with what its
    /// label is in messages, if it has one.
    pub(in crate::cli) fn settings<'f>(
        &'f self,
        body: &'f Body,
        blocks: &[(&str, Option<&str>)],
    ) -> Result<Vec<Setting<'f>>, Failure> {
        let mut settings = Vec::new();
        for structure in body {
            match (structure.as_attribute(), structure.as_block()) {
                (Some(attribute), _) => settings.push(self.setting(attribute)?),
                (None, Some(block)) if blocks.iter().any(|(name, _)| block.has_ident(name)) => {}
                _ => {
                    let span = structure.span().unwrap_or_default();
                    let kinds = blocks.iter().map(|(name, label)| match label {
                        Some(label) => format!("`{name} \"{label}\" {{ ... }}`"),
                        None => format!("`{name} {{ ... }}`"),
                    });
                    let kinds: Vec<String> = kinds.collect();
                    let expected = "expected a setting";
                    return Err(match &*kinds {
                        [] => self.wrong(span, format!("{expected}: `name = \"value\"`")),
                        kinds => {
                            let kinds = text::either(kinds);
                            let expected =
                                format!("{expected}, `name = \"value\"`, or a block {kinds}");
                            self.wrong(span, expected)
                        }
                    });
                }
            }
        }
        Ok(settings)
    }

    /// The same where some settings are `true` or `false`: those that are true.
    #[cfg(feature = "serve")]
    pub(in crate::cli) fn settings_and_flags<'f>(
        &'f self,
        body: &'f Body,
        flags: &[&'static str],
        blocks: &[(&str, Option<&str>)],
    ) -> Result<(Vec<Setting<'f>>, Vec<&'static str>), Failure> {
        let (mut settings, mut said) = (Vec::new(), Vec::new());
        for structure in body {
            let is_known = |block: &Block| blocks.iter().any(|(name, _)| block.has_ident(name));
            if structure.as_block().is_some_and(is_known) {
                continue;
            }
            let Some(attribute) = structure.as_attribute() else {
                // What else stands there is refused.
                return self.settings(body, blocks).map(|settings| (settings, said));
            };
            let flag = flags.iter().find(|flag| **flag == attribute.key.as_str());
            match (flag, attribute.value.as_bool()) {
                (None, _) => settings.push(self.setting(attribute)?),
                (Some(flag), Some(true)) => said.push(*flag),
                (Some(_), Some(false)) => {}
                (Some(_), None) => {
                    let span = attribute.value.span().unwrap_or_default();
                    return Err(self.wrong(span, "the value must be `true` or `false`"));
                }
            }
        }
        Ok((settings, said))
    }

    fn setting<'f>(&'f self, attribute: &'f Attribute) -> Result<Setting<'f>, Failure> {
        let value_span = attribute.value.span().unwrap_or_default();
        let Some(value) = attribute.value.as_str() else {
            let message = "the value must be a plain string, in quotes";
            return Err(self.wrong(value_span, message));
        };
        Ok(Setting {
            file: self,
            key: attribute.key.as_str(),
            value,
            key_span: attribute.key.span().unwrap_or_default(),
            value_span,
        })
    }

    /// The settings of a block whose values are whole numbers.
    #[cfg(feature = "serve")]
    pub(in crate::cli) fn numbers<'f>(
        &'f self,
        body: &'f Body,
    ) -> Result<Vec<(Setting<'f>, u64)>, Failure> {
        let numbers = body.iter().map(|structure| {
            let attribute = structure.as_attribute();
            let number = attribute.and_then(|attribute| attribute.value.as_number()?.as_u64());
            let (Some(attribute), Some(number)) = (attribute, number) else {
                let span = structure.span().unwrap_or_default();
                return Err(self.wrong(span, "expected a whole number: `name = 7`"));
            };
            let setting = Setting {
                file: self,
                key: attribute.key.as_str(),
                value: "",
                key_span: attribute.key.span().unwrap_or_default(),
                value_span: attribute.value.span().unwrap_or_default(),
            };
            Ok((setting, number))
        });
        numbers.collect()
    }

    /// Refuses a file for what isn't in it.
    #[cfg(feature = "serve")]
    pub(in crate::cli) fn wrong_end(&self, message: &str) -> Failure {
        let end = self.source.text.len();
        self.wrong(end..end, message)
    }

    /// The one label of a block. `meant` stands for it in messages.
    pub(in crate::cli) fn label<'f>(
        &'f self,
        block: &'f Block,
        meant: &str,
    ) -> Result<&'f str, Failure> {
        match block.labels.as_slice() {
            [label] => Ok(label.as_str()),
            _ => {
                let name = block.ident.as_str();
                let span = block.ident.span().unwrap_or_default();
                let message = format!("`{name}` takes one label: `{name} \"{meant}\" {{ ... }}`");
                Err(self.wrong(span, message))
            }
        }
    }

    /// Refuses a block.
    pub(in crate::cli) fn wrong_block(&self, block: &Block, message: &str) -> Failure {
        self.wrong(block.ident.span().unwrap_or_default(), message)
    }

    /// The line on which a block begins.
    pub(super) fn line_of(&self, block: &Block) -> usize {
        Problem::at(&self.source, block.ident.span().unwrap_or_default(), "").line
    }

    fn wrong(&self, span: Range<usize>, message: impl Into<String>) -> Failure {
        wrong(Problem::at(&self.source, span, message))
    }
}

impl Setting<'_> {
    /// The value as one of those that an option takes.
    pub(super) fn choice<T: ValueEnum>(&self) -> Result<T, Failure> {
        T::from_str(self.value, false).map_err(|_| {
            let variants = T::value_variants().iter();
            let names = variants.filter_map(|variant| variant.to_possible_value());
            let names: Vec<String> = names.map(|name| name.get_name().to_owned()).collect();
            let message = format!("the value must be {}", text::either(names));
            self.file.wrong(self.value_span.clone(), message)
        })
    }

    /// Refuses a setting that may not stand here; `help` says where it may.
    pub(super) fn refused(&self, message: impl Into<String>, help: impl Into<String>) -> Failure {
        let problem = Problem::at(&self.file.source, self.key_span.clone(), message);
        wrong(problem.help(help))
    }

    /// The file and the line on which it stands.
    pub(super) fn place(&self) -> String {
        let problem = self.problem("");
        format!("{}:{}", problem.file, problem.line)
    }

    /// What is wrong with the value.
    pub(super) fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::at(&self.file.source, self.value_span.clone(), message)
    }

    /// Refuses the value, which may hold a secret, and so isn't shown.
    #[cfg(feature = "serve")]
    pub(in crate::cli) fn wrong_secret(&self, message: impl Into<String>) -> Failure {
        wrong(self.problem(message).hiding_its_line())
    }

    /// Refuses the value.
    pub(in crate::cli) fn wrong_value(&self, message: impl Into<String>) -> Failure {
        wrong(self.problem(message))
    }

    /// Refuses a setting that isn't one.
    pub(in crate::cli) fn unknown(&self, known: &[&str]) -> Failure {
        let help = match text::nearest(self.key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the settings are {}", text::list(known)),
        };
        self.refused(format!("there is no setting `{}` here", self.key), help)
    }
}

fn wrong(problem: Problem) -> Failure {
    Failure::Settings(problem)
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::File {
        path: path.display().to_string(),
        error,
    };
    let details = std::fs::metadata(path).map_err(failed)?;
    if !details.is_file() {
        return Err(failed(io::Error::other("it is not a file")));
    }
    let size = details.len();
    if size > LARGEST {
        return Err(failed(io::Error::other(format!(
            "it has {size} bytes; a file of settings has at most {LARGEST}"
        ))));
    }
    std::fs::read_to_string(path).map_err(failed)
}
