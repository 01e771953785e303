//! Data on stdout, everything else on stderr; colour only where it is wanted.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use ocl_migrate::report::FileDiff;
use ocl_migrate::verify::Severity;

use super::Colour;
use super::failure::Failure;
use super::layout;
use super::pager::Pager;
use super::visible::visible;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Where a command writes.
pub(super) struct Output {
    /// Bytes go out as they are: a document may hold escape sequences of its own.
    stdout: BufWriter<Box<dyn Write>>,
    stderr: AutoStream<io::Stderr>,
    is_coloured: bool,
    /// Text from repositories is shown to a person, not handed on.
    terminal: bool,
    /// Long output may go through a pager.
    may_page: bool,
    pager: Option<Pager>,
}

impl Output {
    pub(super) fn new(colour: Colour, may_page: bool) -> Output {
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
            stderr: AutoStream::new(io::stderr(), err),
            is_coloured: out != ColorChoice::Never,
            terminal,
            may_page: may_page && terminal,
            pager: None,
        }
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

    /// How many columns there are, where a person looks at a terminal.
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

    /// The data stream, for bytes as they are.
    pub(super) fn data(&mut self) -> &mut impl Write {
        &mut self.stdout
    }

    pub(super) fn line(&mut self, text: impl fmt::Display) -> io::Result<()> {
        let text = self.fitted(text);
        writeln!(self.stdout, "{text}")
    }

    pub(super) fn heading(&mut self, text: impl fmt::Display) -> io::Result<()> {
        let (text, style) = (self.fitted(text), self.style(BOLD));
        writeln!(self.stdout, "{style}{text}{style:#}")
    }

    pub(super) fn aside(&mut self, text: impl fmt::Display) -> io::Result<()> {
        let (text, style) = (self.fitted(text), self.style(DIM));
        writeln!(self.stdout, "{style}{text}{style:#}")
    }

    /// What verifying found: a line that begins with how grave it is.
    pub(super) fn finding(
        &mut self,
        severity: Severity,
        text: impl fmt::Display,
    ) -> io::Result<()> {
        let (style, word) = match severity {
            Severity::Error => (RED, "error"),
            Severity::Warning => (YELLOW, "warning"),
        };
        let style = self.style(style);
        writeln!(self.stdout, "{style}{word}{style:#}{text}")
    }

    /// A value as one line of JSON.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.stdout, value)?;
        self.stdout.write_all(b"\n")
    }

    /// A diff, coloured by line.
    pub(super) fn diff(&mut self, diff: &FileDiff) -> io::Result<()> {
        self.diff_lines(&diff.to_string(), "")
    }

    /// A diff without its head, indented.
    pub(super) fn hunks(&mut self, diff: &FileDiff) -> io::Result<()> {
        let text = diff.to_string();
        let start = text.find("@@").unwrap_or(text.len());
        self.diff_lines(&text[start..], "       ")
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
            let (shown, style) = (self.shown(text), self.style(style));
            write!(self.stdout, "{indent}{style}{shown}{style:#}{end}")?;
        }
        Ok(())
    }

    /// A document's bytes: as they are for a program, and harmless on a terminal.
    pub(super) fn document(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.terminal {
            let text = String::from_utf8_lossy(bytes);
            write!(self.stdout, "{}", visible(&text))
        } else {
            self.stdout.write_all(bytes)
        }
    }

    /// Text from a repository: on a terminal, what would control it is made visible.
    fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.terminal {
            visible(text)
        } else {
            text.into()
        }
    }

    /// A line, broken where a terminal ends; what follows is indented by two more than the line itself.
    fn fitted(&self, text: impl fmt::Display) -> String {
        let text = text.to_string();
        let text = self.shown(&text);
        match self.width() {
            Some(width) if !text.contains('\n') && text.chars().count() > width => {
                let indent = text.len() - text.trim_start().len() + 4;
                layout::wrap(&text, indent, width)
            }
            _ => text.into_owned(),
        }
    }

    /// What was done beside the output.
    pub(super) fn note(&mut self, text: impl fmt::Display) {
        let _ = self.stdout.flush();
        let _ = writeln!(self.stderr, "{text}");
    }

    pub(super) fn warning(&mut self, text: impl fmt::Display) {
        self.tell(YELLOW, "warning", &text.to_string());
    }

    pub(super) fn problem(&mut self, text: impl fmt::Display) {
        self.tell(RED, "error", &text.to_string());
    }

    /// What to do next.
    pub(super) fn hint(&mut self, text: impl fmt::Display) {
        self.tell(CYAN, "hint", &text.to_string());
    }

    fn tell(&mut self, style: Style, label: &str, text: &str) {
        let text = visible(text);
        // In order with what stdout shows on the same terminal; nothing is lost if nobody listens on stderr.
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

fn stream(to: Box<dyn Write>) -> BufWriter<Box<dyn Write>> {
    BufWriter::with_capacity(1 << 16, to)
}
