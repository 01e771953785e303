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

use super::etag::Validator;
use super::kept::KeptAnswers;
use super::limits::{Limits, PARTS, REMOTE_WRITES};
use super::problem::Problem;
use super::question::{Form, Question};
use super::service::{LINES, Service};
use super::shares::Shares;
use super::sink::{CHUNKS, End, Part, Places, Sink, WholeAnswer};

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
    kept: Arc<KeptAnswers>,
    limits: Limits,
}

/// What came of a question.
pub(super) enum Answered {
    Whole(Arc<WholeAnswer>),
    /// The client has it already.
    Known([u8; 32]),
    /// More is to come.
    Begun {
        first: VecDeque<Bytes>,
        is_gzip: bool,
        rest: Receiver<Part>,
    },
}

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
            kept: Arc::new(KeptAnswers::new(limits.kept_bytes())),
            limits,
        }
    }

    /// Bytes of the answers that are kept.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.kept.bytes()
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
        validator: Arc<Validator>,
    ) -> Result<Answered, Problem> {
        let asked = timeout(self.limits.answer_time, self.begin(question, validator));
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
        let mut parts = self.start(question, None, places, place);
        let mut bytes = Vec::new();
        loop {
            match parts.recv().await {
                Some(Part::Data { bytes: more, .. }) => bytes.extend_from_slice(&more),
                Some(Part::Ended(end)) => {
                    drop(share);
                    return Ok((bytes, *end));
                }
                Some(Part::Known(_) | Part::Kept(_)) | None => return Err(broken_off()),
            }
        }
    }

    async fn begin(
        &self,
        question: Question,
        validator: Arc<Validator>,
    ) -> Result<Answered, Problem> {
        let places = self.places.clone();
        let place = self.place_of(places.clone()).await?;
        if question.form == Form::Events {
            return Ok(Answered::Begun {
                first: VecDeque::new(),
                is_gzip: false,
                rest: self.start(question, None, places, place),
            });
        }
        let parts = self.start(question, Some(validator.clone()), places, place);
        let answered = collect(parts).await?;
        if let Answered::Whole(answer) = &answered
            && let Some(state) = &answer.end.ended.state
        {
            self.kept.keep(validator.key(state), answer.clone());
        }
        Ok(answered)
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

    /// Begins the answer on a thread, which has a place. Without a validator it is made in any case, and not compressed.
    fn start(
        &self,
        question: Question,
        validator: Option<Arc<Validator>>,
        places: Arc<Semaphore>,
        place: OwnedSemaphorePermit,
    ) -> Receiver<Part> {
        let (sender, receiver) = channel(CHUNKS);
        let places = Places {
            all: places,
            own: Some(place),
            runtime: Handle::current(),
        };
        let has_lines = question.form == Form::Data
            && self
                .service
                .media_type(question.endpoint, &question.parameters)
                == LINES;
        let mut sink = Sink::new(
            (question.form, has_lines),
            validator.as_ref().is_some_and(|it| it.may_compress()),
            sender,
            places,
        );
        let (service, kept) = (self.service.clone(), self.kept.clone());
        tokio::task::spawn_blocking(move || {
            let begun = service.begin(&question);
            if let (Some(validator), Some(state)) = (validator, begun.state()) {
                let known = if validator.is_known(&state) {
                    Some(Part::Known(state))
                } else {
                    kept.get(&validator.key(&state)).map(Part::Kept)
                };
                if let Some(known) = known {
                    let _ = sink.send_part(known);
                    return;
                }
            }
            let (sink, ended) = begun.answer(sink);
            sink.end(ended);
        });
        receiver
    }
}

/// Takes what there is until the answer ends, or is too long to be held back.
async fn collect(mut parts: Receiver<Part>) -> Result<Answered, Problem> {
    let mut bytes: Vec<Bytes> = Vec::new();
    let mut gzip = false;
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
            Some(Part::Kept(answer)) => return Ok(Answered::Whole(answer)),
            Some(Part::Ended(end)) => {
                return Ok(Answered::Whole(Arc::new(WholeAnswer {
                    bytes: joined(bytes),
                    is_gzip: gzip,
                    end: *end,
                })));
            }
            // Its thread panicked, or broke off what can't be told apart from a complete answer.
            None => {
                return Err(broken_off());
            }
        }
    }
}

fn joined(mut parts: Vec<Bytes>) -> Bytes {
    match parts.len() {
        1 => parts.remove(0),
        _ => parts.concat().into(),
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
    use hyper::HeaderMap;
    use serde_json::Value;

    use super::*;
    use crate::serve::caller::Caller;
    use crate::serve::endpoint::Endpoint;
    use crate::serve::given_up::IsGivenUp;
    use crate::serve::page::{AfterForm, PageInfo, PageQuestion, Pages};
    use crate::serve::question::Ended;
    use crate::serve::service::{Begun, Mirrored};
    use crate::serve::tls::Tls;

    /// Begins with a question as its function says.
    struct Fake(fn() -> Box<dyn Begun>);

    /// Was seen in one state, and answers from another.
    struct Moved;

    impl Begun for Moved {
        fn state(&self) -> Option<[u8; 32]> {
            Some([1; 32])
        }
        fn answer(self: Box<Self>, mut sink: Sink) -> (Sink, Ended) {
            let _ = sink.data(b"second\n");
            let ended = Ended {
                exit_code: 0,
                problem: None,
                state: Some([2; 32]),
            };
            (sink, ended)
        }
    }

    impl Service for Fake {
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
        fn begin<'s>(&'s self, _: &'s Question) -> Box<dyn Begun + 's> {
            (self.0)()
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

    impl Pages for Fake {
        fn pages(&self) -> &'static [PageInfo] {
            &[]
        }
        fn page(&self, _: &PageQuestion, _: IsGivenUp) -> Result<String, Problem> {
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

    fn question() -> Question {
        Question {
            project: "default".into(),
            endpoint: 0,
            parameters: Vec::new(),
            form: Form::Data,
            expected: None,
        }
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(test);
    }

    #[test]
    fn an_answer_that_panics_is_a_500_and_gives_its_place_back() {
        let limits = Limits {
            answers: 1,
            ..Limits::default()
        };
        let answers = Answers::new(Arc::new(Fake(|| panic!("as a defect would"))), limits);
        let question = question();
        run(async {
            for _ in 0..3 {
                let validator = Validator::new(&question, "show", false, HeaderMap::new());
                let asked = answers.ask(question.clone(), Arc::new(validator));
                let problem = asked.await.err().unwrap();
                assert_eq!(
                    (problem.status.as_u16(), &*problem.code),
                    (500, "answer-failed")
                );
            }
            assert!(answers.place().await.is_ok());
        });
    }

    #[test]
    fn what_moves_after_the_look_is_answered_and_kept_as_what_it_is_then() {
        let answers = Answers::new(Arc::new(Fake(|| Box::new(Moved))), Limits::default());
        let question = question();
        run(async {
            for _ in 0..2 {
                let validator = Validator::new(&question, "show", false, HeaderMap::new());
                let asked = answers.ask(question.clone(), Arc::new(validator));
                let Ok(Answered::Whole(answer)) = asked.await else {
                    panic!("it is short, and nobody knows it");
                };
                assert_eq!(&*answer.bytes, b"second\n");
                assert_eq!(answer.end.digest, [2; 32]);
            }
            let validator = Validator::new(&question, "show", false, HeaderMap::new());
            assert!(answers.kept.get(&validator.key(&[1; 32])).is_none());
            assert!(answers.kept.get(&validator.key(&[2; 32])).is_some());
        });
    }
}
