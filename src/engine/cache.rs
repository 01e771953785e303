//! Results by content: each is computed once, even if many refs share it.
//!
//! A result depends on its key and on the answers that the steps got. If the steps ask nothing, the cache holds the result
//! under the key alone. Otherwise it holds the questions under the key, and the result under the key and the id of the answers.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::answers::{Answers, Questions};
use super::bounded::{Bounded, CacheCounts, Claim, Weigh};
use super::content::ContentId;
use super::recorded::{Outcome, Recorded, Recorder};
use crate::catalog::{Digest, DocumentName};
use crate::migrate::{Context, MigrationErrorKind};

/// What a result depends on, apart from what the steps ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) catalog: Digest,
    pub(super) content: ContentId,
    pub(super) name: DocumentName,
    pub(super) shape: u32,
    pub(super) target: u32,
    pub(super) imported: bool,
    /// The index in the catalog of the step that reads the document; `None` for the whole migration.
    pub(super) before_step: Option<usize>,
}

/// Results by content, bounded in bytes and shared between threads.
pub(crate) struct ResultCache {
    held: Bounded<CacheKey, Cached>,
}

/// The id of the answers is `None` for a key alone.
type CacheKey = (Key, Option<ContentId>);

#[derive(Clone)]
enum Cached {
    Result(Arc<Recorded>),
    Questions(Arc<Questions>),
}

/// Most documents have a few kilobytes.
const USUAL_BYTES: u64 = 4096;

impl Weigh for Cached {
    fn weight(&self) -> usize {
        match self {
            Cached::Result(result) => result.weight(),
            Cached::Questions(questions) => questions.weight(),
        }
    }
}

impl ResultCache {
    /// Holds at most about this many bytes; with 0, nothing.
    pub(crate) fn new(bytes: u64) -> ResultCache {
        ResultCache {
            held: Bounded::new(bytes, USUAL_BYTES),
        }
    }

    /// The hits, misses and size of the cache.
    pub(crate) fn counts(&self) -> CacheCounts {
        self.held.counts()
    }

    /// The result for a key and the current answers, computed only if it isn't held. Waits if another thread is computing it, so
    /// `compute` must not ask for its own key.
    pub(super) fn get(
        &self,
        key: Key,
        answers: &dyn Answers,
        compute: impl FnOnce(&dyn Context) -> Outcome,
    ) -> Arc<Recorded> {
        let plain: CacheKey = (key, None);
        let place = match self.held.claim(&plain) {
            Claim::Found(Cached::Result(result)) => return self.hit(result),
            Claim::Found(Cached::Questions(questions)) => {
                return self.get_by_answers(plain, &questions, answers, compute);
            }
            Claim::Mine(place) => Some(place),
            Claim::Missing => None,
        };
        let (result, asked) = self.compute(answers, compute);
        let value = match asked {
            None => return result,
            Some(asked) if asked.is_empty() => Cached::Result(result.clone()),
            Some(asked) => {
                let Ok(id) = asked.answers_id(answers) else {
                    return result;
                };
                // The result first: threads that wait for the questions look for it next.
                let by_answers = (plain.0.clone(), Some(id));
                self.held.insert(by_answers, Cached::Result(result.clone()));
                Cached::Questions(Arc::new(asked))
            }
        };
        match place {
            Some(place) => place.put(value),
            None => self.held.insert(plain, value),
        }
        result
    }

    /// Like [`get`](Self::get), for a key whose questions are known.
    fn get_by_answers(
        &self,
        plain: CacheKey,
        questions: &Questions,
        answers: &dyn Answers,
        compute: impl FnOnce(&dyn Context) -> Outcome,
    ) -> Arc<Recorded> {
        let Ok(id) = questions.answers_id(answers) else {
            // The steps report the failure when they ask.
            return self.compute(answers, compute).0;
        };
        let by_answers = (plain.0.clone(), Some(id));
        let place = match self.held.claim(&by_answers) {
            Claim::Found(Cached::Result(result)) => return self.hit(result),
            Claim::Mine(place) => Some(place),
            Claim::Found(Cached::Questions(_)) | Claim::Missing => None,
        };
        let (result, asked) = self.compute(answers, compute);
        let Some(asked) = asked else {
            return result;
        };
        let value = Cached::Result(result.clone());
        let all = asked.and(questions);
        if all == *questions {
            match place {
                Some(place) => place.put(value),
                None => self.held.insert(by_answers, value),
            }
        } else if let Ok(id) = all.answers_id(answers) {
            // Other answers made the steps ask more: from now on, results are kept by the answers to all of these questions.
            self.held.insert((plain.0.clone(), Some(id)), value);
            let all = Cached::Questions(Arc::new(all));
            self.held.insert(plain, all);
        }
        result
    }

    fn hit(&self, result: Arc<Recorded>) -> Arc<Recorded> {
        self.held.count(true);
        result
    }

    /// Computes a result. Returns the questions as well, or `None` if a later attempt may give another result: something couldn't
    /// be read or answered.
    fn compute(
        &self,
        answers: &dyn Answers,
        compute: impl FnOnce(&dyn Context) -> Outcome,
    ) -> (Arc<Recorded>, Option<Questions>) {
        self.held.count(false);
        let recorder = Recorder {
            inner: answers,
            asked: RefCell::default(),
            questions: RefCell::default(),
            failed: Cell::new(false),
        };
        let outcome = compute(&recorder);
        let may_change = recorder.failed.get()
            || matches!(&outcome, Err(error) if matches!(error.kind, MigrationErrorKind::Read(_)));
        let questions = (!may_change).then(|| recorder.questions.into_inner());
        let result = Recorded::new(outcome, recorder.asked.into_inner());
        (Arc::new(result), questions)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Barrier, Mutex};
    use std::time::Duration;

    use super::super::answers::{Answer, Lookups};
    use super::*;
    use crate::catalog::{Lookup, ReadDocument};
    use crate::migrate::Migrated;
    use crate::ocl::{Dialect, Document};

    type Json = serde_json::Value;

    /// A server whose answers a test changes, by key, and one document to read.
    struct Server {
        answers: Mutex<Vec<(&'static str, Result<Option<Json>, String>)>>,
        read: Mutex<&'static str>,
        computed: AtomicUsize,
    }

    impl Server {
        fn new(answers: &[(&'static str, Result<Option<Json>, String>)]) -> Server {
            Server {
                answers: Mutex::new(answers.to_vec()),
                read: Mutex::new("a = 1"),
                computed: AtomicUsize::new(0),
            }
        }

        fn answer(&self, key: &'static str, answer: Result<Option<Json>, String>) {
            let mut answers = self.answers.lock().expect("no test panics");
            answers.retain(|(known, _)| *known != key);
            answers.push((key, answer));
        }

        fn computed(&self) -> usize {
            self.computed.load(Ordering::Relaxed)
        }
    }

    impl Lookup for Server {
        fn lookup(&self, _: &str, key: &str) -> Result<Option<Json>, String> {
            let answers = self.answers.lock().expect("no test panics");
            let found = answers.iter().find(|(known, _)| *known == key);
            found.map_or(Ok(None), |(_, answer)| answer.clone())
        }
    }

    impl Context for Server {
        fn lookup(&self) -> &dyn Lookup {
            self
        }

        fn documents(&self, kind: &str, _: usize) -> Result<Vec<ReadDocument>, String> {
            let text = *self.read.lock().expect("no test panics");
            let document = Document::parse(text, Dialect::Current);
            Ok(vec![ReadDocument {
                kind: kind.to_owned(),
                slug: String::new(),
                document: Arc::new(document.expect("tests read OCL")),
            }])
        }
    }

    impl Answers for Server {
        fn answers_id(&self, lookups: &Lookups) -> Result<ContentId, String> {
            lookups.answers_id(|table, key| {
                let answer = Lookup::lookup(self, table, key)?;
                Ok(Arc::new(Answer::new(answer)))
            })
        }

        fn documents_id(&self, _: &str, _: usize) -> Result<ContentId, String> {
            let text = *self.read.lock().expect("no test panics");
            Ok(ContentId::of_text(text.as_bytes()))
        }
    }

    fn key() -> Key {
        Key {
            catalog: crate::catalog::Catalog::builtin().digest(),
            content: ContentId::of_text(b"a"),
            name: DocumentName::new("kind", ""),
            shape: 1,
            target: 2,
            imported: false,
            before_step: None,
        }
    }

    fn result(text: String) -> Outcome {
        Ok(Migrated {
            text: Some(text.into()),
            ..Migrated::default()
        })
    }

    fn text_of(recorded: &Recorded) -> String {
        let migrated = recorded.outcome.as_ref().expect("it always works");
        migrated.text.as_deref().expect("it has a text").to_owned()
    }

    /// A migration whose text is the answers that it got.
    fn text(cache: &ResultCache, server: &Server) -> String {
        let recorded = cache.get(key(), server, |context| {
            server.computed.fetch_add(1, Ordering::Relaxed);
            let answer = context.lookup().lookup("table", "key");
            let read = context.documents("other", 0).expect("it can be read");
            result(format!("{answer:?} {}", read[0].document.text()))
        });
        text_of(&recorded)
    }

    #[test]
    fn a_changed_answer_or_read_document_is_noticed_and_both_results_are_kept() {
        let cache = ResultCache::new(1 << 20);
        let server = Server::new(&[("key", Ok(Some(1.into())))]);
        assert!(text(&cache, &server).contains("Number(1)"));
        assert!(text(&cache, &server).contains("a = 1"));
        assert_eq!(server.computed(), 1);
        server.answer("key", Ok(Some(2.into())));
        assert!(text(&cache, &server).contains("Number(2)"));
        *server.read.lock().expect("no test panics") = "a = 2";
        assert!(text(&cache, &server).contains("a = 2"));
        assert_eq!(server.computed(), 3);
        server.answer("key", Ok(Some(1.into())));
        *server.read.lock().expect("no test panics") = "a = 1";
        assert!(text(&cache, &server).contains("Number(1)"));
        assert_eq!(server.computed(), 3);
        assert_eq!((cache.counts().hits, cache.counts().misses), (2, 3));
    }

    #[test]
    fn a_result_without_all_its_answers_is_computed_again() {
        let cache = ResultCache::new(1 << 20);
        let server = Server::new(&[("key", Err("the database is down".to_owned()))]);
        assert!(text(&cache, &server).contains("database is down"));
        server.answer("key", Ok(None));
        assert!(text(&cache, &server).contains("Ok(None)"));
        server.answer("key", Err("the database is down".to_owned()));
        assert!(text(&cache, &server).contains("database is down"));
    }

    #[test]
    fn a_cache_of_no_bytes_holds_nothing() {
        let cache = ResultCache::new(0);
        let server = Server::new(&[]);
        text(&cache, &server);
        text(&cache, &server);
        assert_eq!((cache.counts().hits, cache.counts().misses), (0, 2));
        assert_eq!(cache.counts().bytes, 0);
    }

    /// With one answer the steps ask a second question, with another they don't.
    #[test]
    fn results_that_depend_on_different_questions_are_kept_apart() {
        let cache = ResultCache::new(1 << 20);
        let server = Server::new(&[]);
        let ask = || {
            let recorded = cache.get(key(), &server, |context| {
                server.computed.fetch_add(1, Ordering::Relaxed);
                let lookup = |key| context.lookup().lookup("table", key).expect("it answers");
                let first = lookup("first");
                let second = first.is_some().then(|| lookup("second"));
                result(format!("{first:?} {second:?}"))
            });
            text_of(&recorded)
        };
        assert_eq!(ask(), "None None");
        server.answer("first", Ok(Some(1.into())));
        assert_eq!(ask(), "Some(Number(1)) Some(None)");
        server.answer("second", Ok(Some(2.into())));
        assert_eq!(ask(), "Some(Number(1)) Some(Some(Number(2)))");
        server.answer("first", Ok(None));
        assert_eq!(ask(), "None None");
        let computed = server.computed();
        for _ in 0..3 {
            server.answer("first", Ok(Some(1.into())));
            assert_eq!(ask(), "Some(Number(1)) Some(Some(Number(2)))");
            server.answer("first", Ok(None));
            assert_eq!(ask(), "None None");
        }
        assert_eq!(server.computed(), computed);
    }

    #[test]
    fn one_thread_computes_and_the_others_wait() {
        const THREADS: usize = 8;
        for questions in [false, true] {
            let cache = ResultCache::new(1 << 20);
            let server = Server::new(&[("key", Ok(Some(1.into())))]);
            let begin = Barrier::new(THREADS);
            std::thread::scope(|scope| {
                for _ in 0..THREADS {
                    scope.spawn(|| {
                        begin.wait();
                        let recorded = cache.get(key(), &server, |context| {
                            server.computed.fetch_add(1, Ordering::Relaxed);
                            std::thread::sleep(Duration::from_millis(50));
                            if questions {
                                let _ = context.lookup().lookup("table", "key");
                            }
                            result("done".to_owned())
                        });
                        assert_eq!(text_of(&recorded), "done");
                    });
                }
            });
            assert_eq!(server.computed(), 1, "questions: {questions}");
            assert_eq!(cache.counts().hits, THREADS as u64 - 1);
        }
    }
}
