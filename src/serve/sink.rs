//! Where an answer goes while it is made, on its own thread.

use std::io::{self, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::Bytes;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Sender, WeakSender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::given_up::IsGivenUp;
use super::question::{Ended, Form};

/// A part of an answer on its way has about so many bytes.
pub(super) const CHUNK: usize = 32 << 10;

/// So many parts may wait for the client.
pub(super) const CHUNKS: usize = 64;

/// Shorter answers aren't worth compressing, in bytes.
const WORTH_COMPRESSING: usize = 1 << 10;

/// What is told beside an answer is kept up to here, in bytes.
const TOLD: usize = 8 << 10;

/// A part of an answer.
pub(super) enum Part {
    Data {
        bytes: Bytes,
        is_gzip: bool,
    },
    /// The client has the answer already.
    Known([u8; 32]),
    /// The answer was made before, of the same state.
    Kept(Arc<WholeAnswer>),
    Ended(Box<End>),
}

/// An answer that was held back until it was whole.
pub(super) struct WholeAnswer {
    pub(super) bytes: Bytes,
    pub(super) is_gzip: bool,
    pub(super) end: End,
}

/// The end of an answer.
pub(super) struct End {
    pub(super) ended: Ended,
    /// Warnings and notes: lines of JSON.
    pub(super) told: Vec<u8>,
    /// Of all data, as it was before compression, with what goes into headers; or of all that the answer depends on.
    pub(super) digest: [u8; 32],
    /// Whether what was sent is only a part, and doesn't say so itself.
    pub(super) is_cut: bool,
}

/// Where an answer goes. Writing fails with `BrokenPipe` where the client is gone or too slow, and once the service stops.
pub(crate) struct Sink {
    form: Form,
    /// Whether the data is a line of JSON for each item, of which a problem can be the last.
    has_lines: bool,
    parts: Sender<Part>,
    places: Places,
    /// What isn't sent yet, as it was written.
    pending: Vec<u8>,
    /// There once something was compressed.
    gzip: Option<GzEncoder<Vec<u8>>>,
    may_compress: bool,
    has_sent: bool,
    is_broken: bool,
    digest: Sha256,
    told: Vec<u8>,
}

/// The places of answers that are made at once, of which a thread has one.
pub(super) struct Places {
    pub(super) all: Arc<Semaphore>,
    pub(super) own: Option<OwnedSemaphorePermit>,
    pub(super) runtime: Handle,
}

/// Tells how far a long answer is. Forgets what the client isn't quick enough for.
#[derive(Clone)]
pub(crate) struct ProgressEvents(WeakSender<Part>);

impl ProgressEvents {
    pub(crate) fn tell(&self, progress: &serde_json::Value) {
        if let Some(parts) = self.0.upgrade() {
            let _ = parts.try_send(Part::Data {
                bytes: event("progress", progress.to_string().as_bytes()).into(),
                is_gzip: false,
            });
        }
    }
}

impl Sink {
    pub(super) fn new(
        (form, has_lines): (Form, bool),
        may_compress: bool,
        parts: Sender<Part>,
        places: Places,
    ) -> Sink {
        Sink {
            form,
            has_lines,
            parts,
            places,
            pending: Vec::new(),
            gzip: None,
            may_compress,
            has_sent: false,
            is_broken: false,
            digest: Sha256::new(),
            told: Vec::new(),
        }
    }

    /// Where progress is told, if the client asked for it.
    pub(crate) fn progress(&self) -> Option<ProgressEvents> {
        (self.form == Form::Events).then(|| ProgressEvents(self.parts.downgrade()))
    }

    /// Tells, from any thread, whether whoever asked has gone.
    pub(crate) fn is_given_up(&self) -> IsGivenUp {
        let parts = self.parts.downgrade();
        Arc::new(move || parts.upgrade().is_none_or(|parts| parts.is_closed()))
    }

    /// Whether a page is wanted, which takes the place of the data.
    pub(crate) fn wants_page(&self) -> bool {
        self.form == Form::Page
    }

    /// The answer's data, as the command line prints it.
    pub(crate) fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.form {
            Form::Data => self.push(bytes),
            Form::Page => self.fail_if_broken(),
            Form::Events => {
                self.pending.extend_from_slice(bytes);
                while let Some(end) = memchr::memchr(b'\n', &self.pending) {
                    let line: Vec<u8> = self.pending.drain(..=end).collect();
                    self.send(event("line", &line[..end]), false)?;
                }
                Ok(())
            }
        }
    }

    /// The page.
    pub(crate) fn page(&mut self, page: &str) -> io::Result<()> {
        self.push(page.as_bytes())
    }

    /// Warnings and notes, as lines of JSON.
    pub(crate) fn told(&mut self, lines: &[u8]) {
        if self.form == Form::Events {
            for line in lines
                .split(|byte| *byte == b'\n')
                .filter(|it| !it.is_empty())
            {
                let _ = self.send(event("told", line), false);
            }
        } else if self.told.len() + lines.len() <= TOLD {
            self.told.extend_from_slice(lines);
        }
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.fail_if_broken()?;
        self.digest.update(bytes);
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= CHUNK {
            self.forward()?;
        }
        Ok(())
    }

    /// Sends what is pending on its way, compressed or not.
    fn forward(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        if !self.may_compress {
            return self.send(pending, false);
        }
        let gzip = self
            .gzip
            .get_or_insert_with(|| GzEncoder::new(Vec::new(), Compression::fast()));
        gzip.write_all(&pending)?;
        if gzip.get_ref().len() >= CHUNK {
            let compressed = std::mem::take(gzip.get_mut());
            return self.send(compressed, true);
        }
        Ok(())
    }

    fn send(&mut self, bytes: Vec<u8>, is_gzip: bool) -> io::Result<()> {
        self.has_sent = true;
        let bytes = bytes.into();
        self.send_part(Part::Data { bytes, is_gzip })
    }

    pub(super) fn send_part(&mut self, part: Part) -> io::Result<()> {
        self.fail_if_broken()?;
        let part = match self.parts.try_send(part) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Full(part)) => part,
            Err(TrySendError::Closed(_)) => {
                self.is_broken = true;
                return self.fail_if_broken();
            }
        };
        // Others may use the place while the client is waited for.
        self.places.own = None;
        let Places { all, runtime, .. } = &self.places;
        // Its connection knows when it takes nothing, and ends the answer then.
        let sent = runtime.block_on(self.parts.send(part));
        self.is_broken = sent.is_err();
        self.fail_if_broken()?;
        let place = runtime.block_on(all.clone().acquire_owned());
        self.places.own = place.ok();
        Ok(())
    }

    fn fail_if_broken(&self) -> io::Result<()> {
        if self.is_broken || self.parts.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    }

    /// Ends the answer.
    pub(super) fn end(mut self, ended: Ended) {
        // Whoever asked is gone; what was sent is left without its end.
        let _ = self.try_end(ended);
    }

    fn try_end(&mut self, ended: Ended) -> io::Result<()> {
        let mut is_cut = false;
        if self.form == Form::Events {
            let last = match &ended.problem {
                Some(problem) => event("problem", problem.to_json().as_bytes()),
                None => event(
                    "end",
                    format!("{{\"exit_code\":{}}}", ended.exit_code).as_bytes(),
                ),
            };
            self.send(last, false)?;
        } else if let Some(problem) = &ended.problem
            && self.has_sent
        {
            // Nothing else tells a list that broke off from one that is complete.
            is_cut = !self.has_lines;
            if self.has_lines {
                let line = problem.to_json() + "\n";
                self.push(line.as_bytes())?;
            }
        }
        self.flush(ended.problem.is_some())?;
        // The answer is made: whoever waits for its place may have it.
        self.places.own = None;
        let told = std::mem::take(&mut self.told);
        let digest = ended
            .state
            .unwrap_or_else(|| self.digest_with(&told, ended.exit_code));
        self.send_part(Part::Ended(Box::new(End {
            ended,
            told,
            digest,
            is_cut,
        })))
    }

    /// That of the data and of what goes into headers.
    fn digest_with(&self, told: &[u8], exit_code: u8) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.digest.clone().finalize());
        digest.update([exit_code]);
        digest.update(told);
        digest.finalize().into()
    }

    /// Sends the rest. What was held back of an answer that failed isn't sent.
    fn flush(&mut self, has_failed: bool) -> io::Result<()> {
        if has_failed && !self.has_sent && self.gzip.is_none() {
            return Ok(());
        }
        if self.gzip.is_some() || self.pending.len() > WORTH_COMPRESSING {
            self.forward()?;
        }
        let rest = match self.gzip.take() {
            Some(gzip) => (gzip.finish()?, true),
            None => (std::mem::take(&mut self.pending), false),
        };
        if rest.0.is_empty() {
            return Ok(());
        }
        self.send(rest.0, rest.1)
    }
}

/// A server-sent event. JSON has no line breaks of its own.
fn event(name: &str, data: &[u8]) -> Vec<u8> {
    let mut event = format!("event: {name}\ndata: ").into_bytes();
    event.extend_from_slice(data);
    event.extend_from_slice(b"\n\n");
    event
}
