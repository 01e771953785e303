//! Data on stdout, everything else on stderr; colour only where it is wanted.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use ocl_migrate::report::FileDiff;
use ocl_migrate::verify::Severity;

use super::Colour;
use super::failure::Failure;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GREEN: Style = AnsiColor::Green.on_default();
const RED: Style = AnsiColor::Red.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// Where a command writes.
pub(super) struct Output {
    stdout: BufWriter<AutoStream<io::StdoutLock<'static>>>,
    stderr: AutoStream<io::Stderr>,
    /// Text from repositories is shown to a person, not handed on.
    terminal: bool,
}

impl Output {
    pub(super) fn new(colour: Colour) -> Output {
        let choice = |stream: &dyn anstream::stream::RawStream| match colour {
            Colour::Auto if stream.is_terminal() => anstream::AutoStream::choice(&io::stdout()),
            Colour::Auto | Colour::Never => ColorChoice::Never,
            Colour::Always => ColorChoice::Always,
        };
        let (out, err) = (choice(&io::stdout()), choice(&io::stderr()));
        Output {
            terminal: io::stdout().is_terminal(),
            stdout: BufWriter::with_capacity(1 << 16, AutoStream::new(io::stdout().lock(), out)),
            stderr: AutoStream::new(io::stderr(), err),
        }
    }

    /// The data stream, for bytes as they are.
    pub(super) fn data(&mut self) -> &mut impl Write {
        &mut self.stdout
    }

    pub(super) fn line(&mut self, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.stdout, "{text}")
    }

    pub(super) fn heading(&mut self, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.stdout, "{BOLD}{text}{BOLD:#}")
    }

    pub(super) fn aside(&mut self, text: impl fmt::Display) -> io::Result<()> {
        writeln!(self.stdout, "{DIM}{text}{DIM:#}")
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
        writeln!(self.stdout, "{style}{word}{style:#}{text}")
    }

    /// A value as one line of JSON.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.stdout, value)?;
        self.stdout.write_all(b"\n")
    }

    /// A diff, coloured by line.
    pub(super) fn diff(&mut self, diff: &FileDiff) -> io::Result<()> {
        let mut in_hunk = false;
        for line in diff.to_string().split_inclusive('\n') {
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
            let shown = self.shown(text);
            write!(self.stdout, "{style}{shown}{style:#}{end}")?;
        }
        Ok(())
    }

    /// Text from a repository: on a terminal, what would control it is made visible.
    fn shown<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        let controls = |c: char| c.is_control() && c != '\t' && c != '\n';
        if !self.terminal || !text.contains(controls) {
            return text.into();
        }
        let visible = text.chars().map(|c| match c {
            '\r' => "^M".to_owned(),
            c if controls(c) => c.escape_unicode().to_string(),
            c => c.to_string(),
        });
        visible.collect::<String>().into()
    }

    pub(super) fn warning(&mut self, text: impl fmt::Display) {
        // Nothing is lost if nobody listens on stderr.
        let _ = writeln!(self.stderr, "{YELLOW}warning{YELLOW:#}: {text}");
    }

    pub(super) fn problem(&mut self, text: impl fmt::Display) {
        // In order with what stdout shows on the same terminal.
        let _ = self.stdout.flush();
        let _ = writeln!(self.stderr, "{RED}error{RED:#}: {text}");
    }

    pub(super) fn error(&mut self, failure: &Failure) {
        self.problem(failure.message());
        if let Some(hint) = failure.hint() {
            let _ = writeln!(self.stderr, "{CYAN}hint{CYAN:#}: {hint}");
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.stdout.flush()?)
    }
}
