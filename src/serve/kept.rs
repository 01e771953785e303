//! Answers kept by all that they depend on: what stands where it stood isn't made again.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::sink::WholeAnswer;

/// About so many bytes has one, before the cache has seen how many.
const EXPECTED: usize = 4 << 10;

/// What one takes beside its bytes.
const OVERHEAD: u64 = 512;

#[derive(Clone)]
struct ByBytes;

impl Weighter<[u8; 32], Arc<WholeAnswer>> for ByBytes {
    fn weight(&self, _: &[u8; 32], answer: &Arc<WholeAnswer>) -> u64 {
        (answer.bytes.len() + answer.end.told.len()) as u64 + OVERHEAD
    }
}

/// The answers, by question and state.
pub(super) struct KeptAnswers(Cache<[u8; 32], Arc<WholeAnswer>, ByBytes>);

impl KeptAnswers {
    /// They have so many bytes together.
    pub(super) fn new(bytes: u64) -> KeptAnswers {
        let expected = usize::try_from(bytes).unwrap_or(usize::MAX) / EXPECTED;
        KeptAnswers(Cache::with_weighter(expected, bytes, ByBytes))
    }

    /// What they take now.
    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(super) fn get(&self, key: &[u8; 32]) -> Option<Arc<WholeAnswer>> {
        self.0.get(key)
    }

    /// Keeps an answer whose state is known. A problem may be over by the next time.
    pub(super) fn keep(&self, key: [u8; 32], answer: Arc<WholeAnswer>) {
        if answer.end.ended.problem.is_none() {
            self.0.insert(key, answer);
        }
    }
}
