//! Data on stdout, everything else on stderr; colour only where it is wanted.
//!
//! What a command prints may come from a repository or a store, and goes through [`text::visible`] on its way to people. Only
//! what programs read leaves as it is where no terminal reads it: documents, diffs and JSON.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::rc::Rc;

use crate::report::{FORMAT_VERSION, FileDiff};
use crate::text;
use crate::verify::Severity;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::error_json::ErrorReport;
use super::failure::{Exit, Failure};
use super::global::{Colour, Format};
use super::layout;
use super::pager::Pager;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// What became of a value or a block.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    Changed,
    Added,
    Removed,
    Moved,
}

/// What messages begin with.
const LABELS: [&str; 3] = ["error", "warning", "hint"];

/// Where a command writes.
pub(super) struct Output {
    stdout: BufWriter<Box<dyn Write>>,
    stderr: Box<dyn Write>,
    is_coloured: bool,
    /// A terminal reads stdout.
    terminal: bool,
    /// Long output may go through a pager.
    may_page: bool,
    pager: Option<Pager>,
    /// Of what goes to stderr too.
    format: Format,
    /// How the command ends by what is known so far.
    known: Exit,
}

impl Output {
    pub(super) fn new(colour: Colour, may_page: bool, format: Format) -> Output {
        let choice = |own: ColorChoice| match colour {
            Colour::Auto => own,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        };
        let out = choice(AutoStream::choice(&io::stdout()));
        let err = choice(AutoStream::choice(&io::stderr()));
        let terminal = io::stdout().is_terminal();
        Output {
            stdout: stream(Box::new(io::stdout().lock())),
            stderr: Box::new(AutoStream::new(io::stderr(), err)),
            is_coloured: out != ColorChoice::Never,
            terminal,
            may_page: may_page && terminal,
            format,
            pager: None,
            known: Exit::Done,
        }
    }

    /// Keeps what a command writes as JSON, for whoever runs it for one of many repositories.
    pub(super) fn captured() -> (Output, Captured) {
        let captured = Captured::default();
        let output = Output {
            stdout: stream(Box::new(captured.stdout.clone())),
            stderr: Box::new(captured.stderr.clone()),
            is_coloured: false,
            terminal: false,
            may_page: false,
            format: Format::Json,
            pager: None,
            known: Exit::Done,
        };
        (output, captured)
    }

    /// Writes JSON to somebody else's streams.
    #[cfg(feature = "serve")]
    pub(super) fn to(stdout: Box<dyn Write>, stderr: Box<dyn Write>) -> Output {
        let (mut output, _) = Output::captured();
        output.stdout = stream(stdout);
        output.stderr = stderr;
        output
    }

    /// Says how the command will end by what is known now: it ends like that too where the reader closes the output before all of
    /// it is written. A failure stays one.
    pub(super) fn knows(&mut self, exit: Exit) -> Exit {
        if self.known != Exit::Failure {
            self.known = exit;
        }
        exit
    }

    /// How the command ends where the reader closes its output.
    pub(super) fn known(&self) -> Exit {
        self.known
    }

    /// From here on the output may be long: on a terminal, a pager shows it.
    pub(super) fn page(&mut self) {
        if !self.may_page || self.pager.is_some() {
            return;
        }
        if let Some((pager, input)) = Pager::start() {
            let _ = self.stdout.flush();
            self.stdout = stream(Box::new(input));
            self.pager = Some(pager);
        }
    }

    /// How many columns the terminal has; `None` if stdout isn't one.
    pub(super) fn width(&self) -> Option<usize> {
        if !self.terminal {
            return None;
        }
        let (terminal_size::Width(columns), _) = terminal_size::terminal_size()?;
        Some(usize::from(columns).max(40))
    }

    fn style(&self, style: Style) -> Style {
        if self.is_coloured {
            style
        } else {
            Style::new()
        }
    }

    /// Hands on what was written so far.
    #[cfg(feature = "serve")]
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }

    /// The data stream, for bytes of this program's own.
    pub(super) fn data(&mut self) -> &mut impl Write {
        &mut self.stdout
    }

    /// A line of text. What would end it is written out.
    pub(super) fn line(&mut self, text: impl fmt::Display) -> io::Result<()> {
        self.styled_line(Style::new(), text)
    }

    pub(super) fn heading(&mut self, text: impl fmt::Display) -> io::Result<()> {
        self.styled_line(BOLD, text)
    }

    pub(super) fn aside(&mut self, text: impl fmt::Display) -> io::Result<()> {
        self.styled_line(DIM, text)
    }

    fn styled_line(&mut self, style: Style, text: impl fmt::Display) -> io::Result<()> {
        let (style, text) = (self.style(style), text.to_string());
        let line = self.fitted(text::visible_line(&text));
        if style.is_plain() {
            self.stdout.write_all(line.as_bytes())?;
            return self.stdout.write_all(b"\n");
        }
        writeln!(self.stdout, "{style}{line}{style:#}")
    }

    /// What became of a value or a block, on a line that begins with its mark.
    pub(super) fn change(&mut self, mark: Mark, text: impl fmt::Display) -> io::Result<()> {
        let (style, mark) = match mark {
            Mark::Changed => (YELLOW, '~'),
            Mark::Added => (GREEN, '+'),
            Mark::Removed => (RED, '-'),
            Mark::Moved => (CYAN, '>'),
        };
        self.styled_line(style, format_args!("  {mark} {text}"))
    }

    /// Several lines of text.
    pub(super) fn lines(&mut self, text: impl fmt::Display) -> io::Result<()> {
        let text = text.to_string();
        for line in text::visible(&text).lines() {
            let line = self.fitted(line.into());
            writeln!(self.stdout, "{line}")?;
        }
        Ok(())
    }

    /// What `verify` found: lines of which the first begins with how grave it is.
    pub(super) fn finding(
        &mut self,
        severity: Severity,
        text: impl fmt::Display,
    ) -> io::Result<()> {
        let (style, word) = match severity {
            Severity::Error => (RED, "error"),
            Severity::Warning => (YELLOW, "warning"),
        };
        let (style, text) = (self.style(style), text.to_string());
        let shown = text::visible(&text);
        writeln!(self.stdout, "{style}{word}{style:#}{shown}")
    }

    /// A value as one line of JSON.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        if self.terminal {
            let json = serde_json::to_string(value)?;
            self.stdout.write_all(visible_json(&json).as_bytes())?;
        } else {
            serde_json::to_writer(&mut self.stdout, value)?;
        }
        self.stdout.write_all(b"\n")
    }

    /// Lines of JSON that were written before.
    pub(super) fn raw_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.terminal {
            let text = String::from_utf8_lossy(lines);
            return self.stdout.write_all(visible_json(&text).as_bytes());
        }
        self.stdout.write_all(lines)
    }

    /// A diff that `git apply` takes, coloured by line.
    pub(super) fn diff(&mut self, diff: &FileDiff) -> io::Result<()> {
        let text = diff.to_string();
        let shown = self.shown(&text);
        self.diff_lines(&shown, "")
    }

    /// A diff for people: without its head, and indented.
    pub(super) fn hunks(&mut self, diff: &FileDiff) -> io::Result<()> {
        let text = diff.to_string();
        let start = text.find("@@").unwrap_or(text.len());
        self.diff_lines(&text::visible(&text[start..]), "       ")
    }

    fn diff_lines(&mut self, text: &str, indent: &str) -> io::Result<()> {
        let mut in_hunk = false;
        for line in text.split_inclusive('\n') {
            in_hunk |= line.starts_with("@@");
            let style = match line.as_bytes().first() {
                Some(b'+') if in_hunk => GREEN,
                Some(b'-') if in_hunk => RED,
                Some(b'@') => CYAN,
                _ if !in_hunk => BOLD,
                _ => Style::new(),
            };
            let (text, end) = match line.strip_suffix('\n') {
                Some(text) => (text, "\n"),
                None => (line, ""),
            };
            let style = self.style(style);
            write!(self.stdout, "{indent}{style}{text}{style:#}{end}")?;
        }
        Ok(())
    }

    /// A document's bytes.
    pub(super) fn document(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.terminal {
            let text = String::from_utf8_lossy(bytes);
            write!(self.stdout, "{}", text::visible(&text))
        } else {
            self.stdout.write_all(bytes)
        }
    }

    /// What programs read, made visible on a terminal.
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.terminal {
            text::visible(text)
        } else {
            text.into()
        }
    }

    /// A line, broken where a terminal ends; what follows is indented by four more than the line itself.
    fn fitted<'t>(&self, line: Cow<'t, str>) -> Cow<'t, str> {
        match self.width() {
            Some(width) if text::columns(&line) > width => {
                let indent = line.len() - line.trim_start().len() + 4;
                layout::wrap(&line, indent, width).into()
            }
            _ => line,
        }
    }

    /// What was done beside the output.
    pub(super) fn note(&mut self, text: impl fmt::Display) {
        let text = text.to_string();
        if self.format == Format::Json {
            return self.told_json("note", &text);
        }
        let _ = self.stdout.flush();
        let _ = writeln!(self.stderr, "{}", text::visible_line(&text));
    }

    pub(super) fn warning(&mut self, text: impl fmt::Display) {
        self.tell(YELLOW, "warning", &text.to_string());
    }

    pub(super) fn problem(&mut self, text: impl fmt::Display) {
        self.knows(Exit::Failure);
        self.tell(RED, "error", &text.to_string());
    }

    /// An error after which the command goes on.
    pub(super) fn failure(&mut self, failure: &Failure) {
        self.knows(Exit::Failure);
        if self.format == Format::Json {
            return self.error_json(&ErrorReport::in_passing(failure));
        }
        self.problem(failure.message());
    }

    /// What to do next.
    pub(super) fn hint(&mut self, text: impl fmt::Display) {
        self.tell(CYAN, "hint", &text.to_string());
    }

    /// An error for scripts.
    pub(super) fn error_json(&mut self, error: &impl serde::Serialize) {
        let _ = self.stdout.flush();
        let json = serde_json::to_string(error).unwrap_or_default();
        let _ = writeln!(self.stderr, "{}", visible_json(&json));
    }

    fn told_json(&mut self, label: &str, message: &str) {
        let told = serde_json::json!({
            "format_version": FORMAT_VERSION,
            label: { "message": message },
        });
        self.error_json(&told);
    }

    fn tell(&mut self, style: Style, label: &str, text: &str) {
        if self.format == Format::Json {
            return self.told_json(label, text);
        }
        let text = message(text);
        // After stdout, so that both are in order on one terminal. A closed stderr is not an error.
        if self.pager.is_some() && io::stderr().is_terminal() {
            let style = self.style(style);
            let _ = writeln!(self.stdout, "{style}{label}{style:#}: {text}");
        } else {
            let _ = self.stdout.flush();
            let _ = writeln!(self.stderr, "{style}{label}{style:#}: {text}");
        }
    }

    /// Hands the last bytes on, and waits for a pager's end.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let flushed = self.stdout.flush();
        if let Some(pager) = self.pager.take() {
            // The pager sees the end of its input when this side is closed.
            let back = stream(Box::new(io::stdout().lock()));
            drop(std::mem::replace(&mut self.stdout, back));
            let _ = pager.wait();
        }
        Ok(flushed?)
    }
}

/// What a command wrote to both streams.
#[derive(Default)]
pub(super) struct Captured {
    stdout: Buffer,
    stderr: Buffer,
}

impl Captured {
    /// Both, once the output has ended.
    pub(super) fn take(self) -> (Vec<u8>, Vec<u8>) {
        (self.stdout.0.take(), self.stderr.0.take())
    }
}

/// Bytes that are written in one place and taken in another.
#[derive(Default, Clone)]
struct Buffer(Rc<RefCell<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn stream(to: Box<dyn Write>) -> BufWriter<Box<dyn Write>> {
    BufWriter::with_capacity(1 << 16, to)
}

/// A message of one or more lines. None after the first can pass for a message of its own.
fn message(text: &str) -> String {
    let mut message = String::with_capacity(text.len());
    for (index, line) in text::visible(text).split('\n').enumerate() {
        if index > 0 {
            message.push('\n');
            let label = LABELS.iter().find_map(|label| line.strip_prefix(label));
            if label.is_some_and(|rest| rest.starts_with(':')) {
                message.push_str("  ");
            }
        }
        message.push_str(line);
    }
    message
}

/// JSON with hidden characters as escapes, which stand for the same: they are found in strings only.
fn visible_json(json: &str) -> Cow<'_, str> {
    if !json.contains(text::is_hidden) {
        return json.into();
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if text::is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_passes_for_another_message() {
        assert_eq!(
            message("a\nerror: b\nhint : c\n --> d\x1b"),
            "a\n  error: b\nhint : c\n --> d\\u{1b}"
        );
    }

    #[test]
    fn json_on_a_terminal_is_the_same_json() {
        let value = serde_json::json!({ "a\u{202e}": "\u{7f}\u{9b}2J \u{e0041}\n\"é" });
        let json = value.to_string();
        let shown = visible_json(&json);
        assert!(!shown.contains(text::is_hidden), "{shown}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
