//! From a question to its answer: its turn, its thread, and what comes back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::StatusCode;
use hyper::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::limits::{Limits, PARTS, REMOTE_WRITES};
use super::problem::Problem;
use super::question::{Form, Question};
use super::service::{LINES, Service};
use super::shares::Shares;
use super::sink::{CHUNKS, End, Part, Places, Sink};

/// Where questions get their turn.
pub(super) struct Answers {
    service: Arc<dyn Service>,
    places: Arc<Semaphore>,
    /// Of those that write: one that waits for a store holds no reader up.
    writing: Arc<Semaphore>,
    /// Those that write to remotes, and how many run at once.
    to_remotes: Arc<Shares>,
    pushing: Arc<Semaphore>,
    waiting: AtomicUsize,
    limits: Limits,
}

/// What came of a question.
pub(super) enum Answered {
    Whole {
        bytes: Vec<Bytes>,
        is_gzip: bool,
        end: Box<End>,
    },
    /// The client has it already.
    Known([u8; 32]),
    /// More is to come.
    Begun {
        first: VecDeque<Bytes>,
        is_gzip: bool,
        rest: Receiver<Part>,
    },
}

/// Tells whether the client has the answer whose state this is.
pub(super) type IsKnown = Box<dyn FnOnce(&[u8; 32]) -> bool + Send>;

impl Answers {
    pub(super) fn new(service: Arc<dyn Service>, limits: Limits) -> Answers {
        Answers {
            service,
            places: Arc::new(Semaphore::new(limits.answers)),
            writing: Arc::new(Semaphore::new(limits.answers)),
            to_remotes: Shares::new(
                limits.waiting,
                (limits.waiting / PARTS).max(1),
                limits.answers.min(REMOTE_WRITES / PARTS),
            ),
            pushing: Arc::new(Semaphore::new(REMOTE_WRITES)),
            waiting: AtomicUsize::new(0),
            limits,
        }
    }

    /// How many requests wait for their turn, and how many answers are made.
    pub(super) fn counts(&self) -> (usize, usize) {
        let made = self
            .limits
            .answers
            .saturating_sub(self.places.available_permits());
        (self.waiting.load(Ordering::Relaxed), made)
    }

    /// Asks the service.
    pub(super) async fn ask(
        &self,
        question: Question,
        may_compress: bool,
        is_known: IsKnown,
    ) -> Result<Answered, Problem> {
        let asked = timeout(
            self.limits.answer_time,
            self.begin(question, may_compress, is_known),
        );
        match asked.await {
            Ok(answered) => answered,
            Err(_) => Err(Problem::new(
                StatusCode::GATEWAY_TIMEOUT,
                "answer-timed-out",
                format!(
                    "no answer was there after {} seconds",
                    self.limits.answer_time.as_secs()
                ),
            )),
        }
    }

    /// The same for an answer that is short, and wanted as a whole: however long it takes, and whoever has gone away.
    pub(super) async fn whole(&self, question: Question) -> Result<(Vec<u8>, End), Problem> {
        let (share, places, place) = match self.service.remote(&question.project) {
            None => {
                let places = self.writing.clone();
                (None, places.clone(), self.place_of(places).await?)
            }
            Some(remote) => {
                let share = self.to_remotes.take(remote).ok_or_else(busy)?;
                let places = share.places.clone();
                let place = places.clone().acquire_owned().await.map_err(|_| busy())?;
                let pushing = self.pushing.acquire().await.map_err(|_| busy())?;
                (Some((share, pushing)), places, place)
            }
        };
        let mut parts = self.start(question, false, Box::new(|_| false), places, place);
        let mut bytes = Vec::new();
        loop {
            match parts.recv().await {
                Some(Part::Data { bytes: more, .. }) => bytes.extend_from_slice(&more),
                Some(Part::Ended(end)) => {
                    drop(share);
                    return Ok((bytes, *end));
                }
                Some(Part::Known(_)) | None => return Err(broken_off()),
            }
        }
    }

    async fn begin(
        &self,
        question: Question,
        may_compress: bool,
        is_known: IsKnown,
    ) -> Result<Answered, Problem> {
        let form = question.form;
        let places = self.places.clone();
        let place = self.place_of(places.clone()).await?;
        let parts = self.start(question, may_compress, is_known, places, place);
        collect(parts, form == Form::Events).await
    }

    /// Waits for a turn.
    pub(super) async fn place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.place_of(self.places.clone()).await
    }

    async fn place_of(&self, places: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = Waiting::new(&self.waiting);
        if turn.before >= self.limits.waiting {
            return Err(busy());
        }
        let place = places.acquire_owned().await;
        place.map_err(|_| busy())
    }

    /// Begins the answer on a thread, which has a place.
    fn start(
        &self,
        question: Question,
        may_compress: bool,
        is_known: IsKnown,
        places: Arc<Semaphore>,
        place: OwnedSemaphorePermit,
    ) -> Receiver<Part> {
        let (sender, receiver) = channel(CHUNKS);
        let places = Places {
            all: places,
            own: Some(place),
            runtime: Handle::current(),
        };
        let is_events = question.form == Form::Events;
        let has_lines = question.form == Form::Data
            && self
                .service
                .media_type(question.endpoint, &question.parameters)
                == LINES;
        let mut sink = Sink::new(
            (question.form, has_lines),
            may_compress && !is_events,
            sender,
            places,
        );
        let service = self.service.clone();
        tokio::task::spawn_blocking(move || {
            let state = service.state(&question);
            if let Some(state) = state
                && is_known(&state)
            {
                let _ = sink.send_part(Part::Known(state));
                return;
            }
            let (sink, ended) = service.answer(&question, sink);
            // What changed meanwhile may be in the answer or not.
            let state = state.filter(|before| service.state(&question) == Some(*before));
            sink.end(ended, state);
        });
        receiver
    }
}

/// Takes what there is until the answer ends, or is too long to be held back.
async fn collect(mut parts: Receiver<Part>, is_events: bool) -> Result<Answered, Problem> {
    let mut bytes: Vec<Bytes> = Vec::new();
    let mut gzip = false;
    if is_events {
        return Ok(Answered::Begun {
            first: VecDeque::new(),
            is_gzip: false,
            rest: parts,
        });
    }
    loop {
        match parts.recv().await {
            Some(Part::Data {
                bytes: more,
                is_gzip,
            }) => {
                gzip = is_gzip;
                bytes.push(more);
                if bytes.len() >= CHUNKS / 2 {
                    return Ok(Answered::Begun {
                        first: bytes.into(),
                        is_gzip: gzip,
                        rest: parts,
                    });
                }
            }
            Some(Part::Known(state)) => return Ok(Answered::Known(state)),
            Some(Part::Ended(end)) => {
                return Ok(Answered::Whole {
                    bytes,
                    is_gzip: gzip,
                    end,
                });
            }
            // Its thread panicked, or broke off what can't be told apart from a complete answer.
            None => {
                return Err(broken_off());
            }
        }
    }
}

fn broken_off() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "answer-failed",
        "the answer broke off; the service's log may say why",
    )
    .with("remedy", "report_bug".into())
}

pub(super) fn busy() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "busy",
        "too many requests wait for their turn",
    )
    .with("remedy", "load_again".into())
}

/// A request that waits.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    before: usize,
}

impl Waiting<'_> {
    fn new(count: &AtomicUsize) -> Waiting<'_> {
        Waiting {
            count,
            before: count.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::serve::caller::Caller;
    use crate::serve::endpoint::Endpoint;
    use crate::serve::page::{AfterForm, PageInfo, PageQuestion, Pages};
    use crate::serve::question::Ended;
    use crate::serve::service::Mirrored;
    use crate::serve::tls::Tls;

    /// Panics while it answers.
    struct Broken;

    impl Service for Broken {
        fn projects(&self) -> Vec<String> {
            Vec::new()
        }
        fn caller(&self, _: Option<&str>) -> Result<Caller, Problem> {
            Ok(Caller::anybody())
        }
        fn endpoints(&self) -> &[Endpoint] {
            &[]
        }
        fn media_type(&self, _: usize, _: &[(String, String)]) -> &'static str {
            LINES
        }
        fn state(&self, _: &Question) -> Option<[u8; 32]> {
            None
        }
        fn answer(&self, _: &Question, _: Sink) -> (Sink, Ended) {
            panic!("as a defect would")
        }
        fn remote(&self, _: &str) -> Option<String> {
            None
        }
        fn refresh(&self, _: &str) -> Result<(), Problem> {
            Ok(())
        }
        fn mirrored(&self, _: &str) -> Option<Mirrored> {
            None
        }
        fn expects_notices(&self, _: &str) -> Result<(), Problem> {
            Ok(())
        }
        fn notice(
            &self,
            _: &str,
            _: &dyn Fn(&str) -> Option<String>,
            _: &[u8],
        ) -> Result<(), Problem> {
            Ok(())
        }
        fn ready(&self) -> Result<Vec<String>, String> {
            Ok(Vec::new())
        }
        fn gauges(&self) -> Vec<(&'static str, &'static str, u64)> {
            Vec::new()
        }
        fn is_writable(&self, _: &str) -> bool {
            true
        }
        fn audited(&self, _: &Endpoint, _: &[(String, String)]) -> Value {
            Value::Null
        }
        fn doubled_name(&self, _: &str) -> Option<String> {
            None
        }
        fn tls(&self) -> Option<Tls> {
            None
        }
        fn reload(&self) {}
        fn log(&self, _: &str) {}
    }

    impl Pages for Broken {
        fn pages(&self) -> &'static [PageInfo] {
            &[]
        }
        fn page(&self, _: &PageQuestion) -> Result<String, Problem> {
            Err(busy())
        }
        fn problem_page(&self, _: &PageQuestion, _: &Problem) -> String {
            String::new()
        }
        fn order(&self, _: &PageQuestion) -> Result<Question, Problem> {
            Err(busy())
        }
        fn after(&self, _: &PageQuestion, _: Result<&[u8], Problem>) -> AfterForm {
            AfterForm::See(String::new())
        }
    }

    #[test]
    fn an_answer_that_panics_is_a_500_and_gives_its_place_back() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let limits = Limits {
            answers: 1,
            ..Limits::default()
        };
        let answers = Answers::new(Arc::new(Broken), limits);
        let question = Question {
            project: "default".into(),
            endpoint: 0,
            parameters: Vec::new(),
            form: Form::Data,
            expected: None,
        };
        runtime.unwrap().block_on(async {
            for _ in 0..3 {
                let asked = answers.ask(question.clone(), false, Box::new(|_| false));
                let problem = asked.await.err().unwrap();
                assert_eq!(
                    (problem.status.as_u16(), &*problem.code),
                    (500, "answer-failed")
                );
            }
            assert!(answers.place().await.is_ok());
        });
    }
}
